//! Writing what a page adds: one statement a table, whatever the number of items.
//!
//! Deliberately absent: any decision. What is new was settled in [`items`](super::items).

use probity_core::evidence::Body;
use probity_core::id::StreamId;
use sqlx::query_builder::Separated;
use sqlx::{QueryBuilder, Sqlite};

use super::items::{Additions, Place, Revision};
use super::row::{Packed, Packer, json, word};
use super::write::{Attempt as _, Writing};
use crate::store::StoreError;

/// Rows of one INSERT with bound values; SQLite takes 32,766 values a statement, a revision has ten.
const ROWS: usize = 500;

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

async fn insert_revisions(
    writing: &mut Writing,
    revisions: &[Revision<'_>],
    place: Place,
) -> Result<(), StoreError> {
    let mut packer = Packer::new()?;
    for chunk in revisions.chunks(ROWS) {
        let rows = chunk
            .iter()
            .map(|revision| Ok((revision, packer.pack(&revision.admitted.item)?, state(revision)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let mut query = QueryBuilder::new(
            "INSERT INTO revision (key, evidence, number, page, content, state, source_time, expires, cited, item) ",
        );
        query.push_values(rows, |row, values| push_revision(row, values, place));
        query.build().execute(writing.connection()).await.attempt("keep new revisions")?;
    }
    Ok(())
}

fn push_revision(
    mut row: Separated<'_, Sqlite, &'static str>,
    (revision, item, state): (&Revision<'_>, Packed, Option<String>),
    place: Place,
) {
    let admitted = revision.admitted;
    row.push_bind(revision.key)
        .push_bind(revision.evidence)
        .push_bind(revision.number)
        .push_bind(place.page)
        .push_bind(admitted.content.as_bytes().to_vec())
        .push_bind(state)
        .push_bind(admitted.item.source_time.map(|time| time.as_micros()))
        .push_bind(admitted.item.expires.map(|time| time.as_micros()))
        .push_bind(revision.cited.clone());
    match item {
        Packed::Text(text) => row.push_bind(text),
        Packed::Zstd(bytes) => row.push_bind(bytes),
    };
}

/// The body's own word for where it stands.
fn state(revision: &Revision<'_>) -> Result<Option<String>, StoreError> {
    match &revision.admitted.item.body {
        Body::Finding(body) => word(&body.state),
        Body::Exception(body) => word(&body.state),
        Body::ControlReview(body) => word(&body.outcome),
        Body::PipelineRun(body) => word(&body.outcome),
        Body::Deployment(body) => word(&body.outcome),
        Body::RollbackTest(body) => word(&body.outcome),
        Body::Milestone(body) => word(&body.state),
        Body::AccessReview(body) => word(&body.decision),
        Body::Monitoring(body) => word(&body.state),
        Body::Disposition(body) => word(&body.state),
        Body::Requirement(_)
        | Body::Ownership(_)
        | Body::Dependency(_)
        | Body::Secret(_)
        | Body::AccessGrant(_) => return Ok(None),
    }
    .map(Some)
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
