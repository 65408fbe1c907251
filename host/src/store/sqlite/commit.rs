//! Committing a page: everything it adds, in one transaction, or nothing.
//!
//! The order is that of the questions: is the run still ours, does the page follow the last one, what is it called;
//! then its captures, evidence and manifest ([`items`]), gaps, and the stream's new cursor and counts.

use probity_core::page::{Gap, Next};

use super::items::{self, Place};
use super::row::{Packer, Reading, json};
use super::run::fence;
use super::write::{Attempt as _, Writing, unwritable};
use super::{SqliteStore, row};
use crate::store::{Committed, PageCommit, StoreError};

impl SqliteStore {
    pub(super) async fn commit_page(&self, commit: PageCommit) -> Result<Committed, StoreError> {
        self.write("commit a page", move |writing| {
            Box::pin(async move {
                fence(writing, &commit.run, commit.epoch).await?;
                let connection = follow(writing, &commit).await?;
                let recorded = writing.tick().await?;
                insert_captures(writing, &commit).await?;
                let page = insert_page(writing, &commit, recorded.as_micros()).await?;
                let counts = items::record(writing, &commit, Place { connection, page }).await?;
                insert_gaps(writing, page, &commit.page.gaps).await?;
                advance(writing, &commit, counts).await?;
                let unchanged = commit.page.items.len() as u64 - counts.new_evidence - counts.new_revisions;
                Ok(Committed {
                    recorded,
                    new_evidence: counts.new_evidence,
                    new_revisions: counts.new_revisions,
                    unchanged,
                })
            })
        })
        .await
    }
}

/// Goes on only when the page begins where the last one ended. Gives the connection's key.
///
/// The number alone would let a page pass that was made from another cursor, so the journal's cursor is compared
/// too. After the last page of a stream nothing follows.
async fn follow(writing: &mut Writing, commit: &PageCommit) -> Result<i64, StoreError> {
    let row = sqlx::query(
        "SELECT s.stream, s.pages, s.cursor, s.state, run.connection
         FROM run_stream AS s JOIN run ON run.id = s.run WHERE s.run = ? AND s.stream = ?",
    )
    .bind(commit.run.as_str())
    .bind(commit.stream.as_str())
    .fetch_optional(writing.connection())
    .await
    .attempt("read how far a stream is")?;
    let out_of_order = || StoreError::OutOfOrder {
        run: commit.run.clone(),
        stream: commit.stream.clone(),
        number: commit.number,
    };
    let row = row.ok_or_else(out_of_order)?;
    let row = Reading::of(&row, "run_stream", "stream");
    let (pages, cursor): (u32, _) = (row.count("pages")?, row.optional_text("cursor")?);
    let at_end = pages > 0 && cursor.is_none();
    let follows = row.text("state")? == "running"
        && pages.checked_add(1) == Some(commit.number)
        && !at_end
        && cursor == commit.journal.cursor;
    if follows { row.integer("connection") } else { Err(out_of_order()) }
}

async fn insert_captures(writing: &mut Writing, commit: &PageCommit) -> Result<(), StoreError> {
    let captures: Vec<_> = commit
        .captures
        .iter()
        .map(|capture| (capture.digest.hex(), capture.size, &capture.media_type))
        .collect();
    sqlx::query(
        "INSERT INTO capture (digest, size, media_type)
         SELECT unhex(value ->> 0), value ->> 1, value ->> 2 FROM json_each(?) WHERE TRUE
         ON CONFLICT (digest) DO NOTHING",
    )
    .bind(json(&captures)?)
    .execute(writing.connection())
    .await
    .attempt("note a page's captures")?;
    Ok(())
}

async fn insert_page(writing: &mut Writing, commit: &PageCommit, recorded: i64) -> Result<i64, StoreError> {
    const ATTEMPT: &str = "keep a page's journal";
    let digest = commit.journal.digest().map_err(|error| unwritable(ATTEMPT, error))?;
    let (cursor, bookmark) = next(&commit.page.next);
    sqlx::query_scalar(
        "INSERT INTO page (run, stream, number, instant, recorded, next_cursor, bookmark, journal_digest, journal)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
    )
    .bind(commit.run.as_str())
    .bind(commit.stream.as_str())
    .bind(commit.number)
    .bind(commit.journal.instant.as_micros())
    .bind(recorded)
    .bind(cursor)
    .bind(bookmark)
    .bind(digest.as_bytes().as_slice())
    .bind(Packer::new()?.pack(&commit.journal)?)
    .fetch_one(writing.connection())
    .await
    .attempt(ATTEMPT)
}

async fn insert_gaps(writing: &mut Writing, page: i64, gaps: &[Gap]) -> Result<(), StoreError> {
    if gaps.is_empty() {
        return Ok(());
    }
    let gaps: Vec<String> = gaps.iter().map(row::json).collect::<Result<_, _>>()?;
    sqlx::query("INSERT INTO gap (page, ordinal, gap) SELECT ?, key, value FROM json_each(?)")
        .bind(page)
        .bind(json(&gaps)?)
        .execute(writing.connection())
        .await
        .attempt("note a page's gaps")?;
    Ok(())
}

async fn advance(
    writing: &mut Writing,
    commit: &PageCommit,
    counts: items::Counts,
) -> Result<(), StoreError> {
    const ATTEMPT: &str = "move a stream's cursor";
    let number = |count: u64| i64::try_from(count).map_err(|error| unwritable(ATTEMPT, error));
    let (cursor, bookmark) = next(&commit.page.next);
    sqlx::query(
        "UPDATE run_stream SET cursor = ?, bookmark = ?, pages = pages + 1, items = items + ?,
                new_evidence = new_evidence + ?, new_revisions = new_revisions + ?, gaps = gaps + ?
         WHERE run = ? AND stream = ?",
    )
    .bind(cursor)
    .bind(bookmark)
    .bind(number(commit.page.items.len() as u64)?)
    .bind(number(counts.new_evidence)?)
    .bind(number(counts.new_revisions)?)
    .bind(number(commit.page.gaps.len() as u64)?)
    .bind(commit.run.as_str())
    .bind(commit.stream.as_str())
    .execute(writing.connection())
    .await
    .attempt(ATTEMPT)?;
    Ok(())
}

/// The cursor of the next page, and the bookmark left at the end.
fn next(next: &Next) -> (Option<&str>, Option<&str>) {
    match next {
        Next::More { cursor } => (Some(cursor), None),
        Next::Done { bookmark } => (None, bookmark.as_deref()),
    }
}
