//! Writing what a page adds: one statement a table, whatever the number of items.
//!
//! Deliberately absent: any decision. What is new was settled in [`items`](super::items).

use probity_core::id::StreamId;
use probity_core::instant::Instant;

use super::items::{Additions, Place, Revision};
use super::row::{Packer, json};
use super::write::{Attempt as _, Writing};
use crate::store::StoreError;

pub(super) async fn write(
    writing: &mut Writing,
    add: &Additions<'_>,
    place: Place,
    stream: &StreamId,
) -> Result<(), StoreError> {
    if !add.evidence.is_empty() {
        insert_evidence(writing, add, place, stream).await?;
    }
    if !add.seen.is_empty() {
        note_seen(writing, add, place).await?;
    }
    if !add.revisions.is_empty() {
        insert_revisions(writing, &add.revisions, place).await?;
        insert_subjects(writing, add).await?;
        insert_words(writing, add).await?;
    }
    insert_sightings(writing, add, place).await
}

async fn insert_evidence(
    writing: &mut Writing,
    add: &Additions<'_>,
    place: Place,
    stream: &StreamId,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO evidence (key, id, kind, item_id, latest, connection, stream, last_page)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, ?, ?, ? FROM json_each(?)",
    )
    .bind(place.connection)
    .bind(stream.as_str())
    .bind(place.page)
    .bind(json(&add.evidence)?)
    .execute(writing.connection())
    .await
    .attempt("keep new evidence")?;
    Ok(())
}

/// Moves the caches of known evidence: the last page that contained it, and its latest revision.
async fn note_seen(writing: &mut Writing, add: &Additions<'_>, place: Place) -> Result<(), StoreError> {
    const ATTEMPT: &str = "note that evidence was seen";
    sqlx::query("UPDATE evidence SET last_page = ? WHERE key IN (SELECT value FROM json_each(?))")
        .bind(place.page)
        .bind(json(&add.seen)?)
        .execute(writing.connection())
        .await
        .attempt(ATTEMPT)?;
    if add.revised.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE evidence SET latest = revised.value ->> 1 FROM json_each(?) AS revised
         WHERE evidence.key = revised.value ->> 0",
    )
    .bind(json(&add.revised)?)
    .execute(writing.connection())
    .await
    .attempt(ATTEMPT)?;
    Ok(())
}

/// The items go in end to end as one value, each row cutting out its own: bytes have no place in JSON, and binding
/// every column of every row costs more than the rows.
async fn insert_revisions(
    writing: &mut Writing,
    revisions: &[Revision<'_>],
    place: Place,
) -> Result<(), StoreError> {
    let mut packer = Packer::new()?;
    let mut items = Vec::new();
    let mut rows = Vec::with_capacity(revisions.len());
    for revision in revisions {
        let item = packer.pack(&revision.admitted.item)?;
        // substr counts from 1.
        rows.push(row(revision, items.len() + 1, item.len()));
        items.extend(item);
    }
    sqlx::query(
        "INSERT INTO revision (key, evidence, number, content, state, source_time, expires, cited, exposure, item,
                               page)
         SELECT value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, value ->> 6,
                value ->> 7, value ->> 8, substr(?, value ->> 9, value ->> 10), ? FROM json_each(?)",
    )
    .bind(items)
    .bind(place.page)
    .bind(json(&rows)?)
    .execute(writing.connection())
    .await
    .attempt("keep new revisions")?;
    Ok(())
}

/// Key, evidence, number, content, state, source time, expires, citations, whether it is an exposure, start and
/// length of the item.
type Row<'p> =
    (i64, i64, i64, String, Option<&'static str>, Option<i64>, Option<i64>, &'p str, u8, usize, usize);

fn row<'p>(revision: &'p Revision<'_>, start: usize, length: usize) -> Row<'p> {
    let item = &revision.admitted.item;
    (
        revision.key,
        revision.evidence,
        revision.number,
        revision.admitted.content.hex(),
        item.body.state(),
        item.source_time.map(Instant::as_micros),
        item.expires.map(Instant::as_micros),
        &revision.cited,
        u8::from(item.exposure.is_some()),
        start,
        length,
    )
}

async fn insert_subjects(writing: &mut Writing, add: &Additions<'_>) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO revision_subject (subject, revision)
         SELECT value ->> 0, value ->> 1 FROM json_each(?)",
    )
    .bind(json(&add.subjects)?)
    .execute(writing.connection())
    .await
    .attempt("note what new revisions are about")?;
    Ok(())
}

async fn insert_words(writing: &mut Writing, add: &Additions<'_>) -> Result<(), StoreError> {
    let words: Vec<_> = add
        .revisions
        .iter()
        .map(|revision| {
            let item = &revision.admitted.item;
            (revision.key, &item.title, &item.summary, &item.id)
        })
        .collect();
    sqlx::query(
        "INSERT INTO revision_text (rowid, title, summary, item_id)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)",
    )
    .bind(json(&words)?)
    .execute(writing.connection())
    .await
    .attempt("note the words of new revisions")?;
    Ok(())
}

async fn insert_sightings(
    writing: &mut Writing,
    add: &Additions<'_>,
    place: Place,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sighting (page, ordinal, evidence, revision, item, cited)
         SELECT ?, value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4 FROM json_each(?)",
    )
    .bind(place.page)
    .bind(json(&add.sightings)?)
    .execute(writing.connection())
    .await
    .attempt("keep a page's manifest")?;
    Ok(())
}
