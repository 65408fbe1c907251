//! The feed of changes: pages, ends of runs and entries, merged by database time.

use async_trait::async_trait;
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::Reading;
use super::write::Attempt as _;
use crate::store::StoreError;
use crate::store::changes::{Change, ChangeStore, Changed};

#[async_trait]
impl ChangeStore for SqliteStore {
    /// Each part is cut to the limit in the order of its index before they are merged, so that what a call costs
    /// does not grow with what is kept.
    async fn changes(&self, after: Option<Instant>, limit: u32) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM (
                SELECT page.recorded, 'page' AS what, c.name AS connection, run.id AS run, page.stream,
                       page.number, NULL AS state, NULL AS packet, NULL AS hash
                FROM page JOIN run ON run.id = page.run JOIN connection AS c ON c.key = run.connection
                WHERE page.recorded > ?1 ORDER BY page.recorded LIMIT ?2)
             UNION ALL
             SELECT * FROM (
                SELECT run.ended, 'run', c.name, run.id, NULL, NULL, run.state, NULL, NULL
                FROM run JOIN connection AS c ON c.key = run.connection
                WHERE run.ended > ?1 ORDER BY run.ended LIMIT ?2)
             UNION ALL
             SELECT * FROM (
                SELECT entry.recorded, 'entry', NULL, NULL, NULL, entry.seq, NULL, entry.packet, entry.hash
                FROM entry WHERE entry.recorded > ?1 ORDER BY entry.recorded LIMIT ?2)
             ORDER BY recorded LIMIT ?2",
        )
        .bind(after.map_or(i64::MIN, Instant::as_micros))
        .bind(limit.clamp(1, 1000))
        .fetch_all(&self.readers)
        .await
        .attempt("read what changed")?;
        rows.iter().map(change).collect()
    }
}

fn change(row: &SqliteRow) -> Result<Change, StoreError> {
    let row = Reading::of(row, "change", "recorded");
    let what = match row.text("what")?.as_str() {
        "page" => Changed::PageCommitted {
            connection: row.name("connection")?,
            run: row.name("run")?,
            stream: row.name("stream")?,
            number: row.count("number")?,
        },
        "run" => Changed::RunEnded {
            connection: row.name("connection")?,
            run: row.name("run")?,
            state: row.word("state")?,
        },
        _ => Changed::EntryAppended {
            packet: row.name("packet")?,
            seq: row.count("number")?,
            hash: row.digest("hash")?,
        },
    };
    Ok(Change { recorded: row.instant("recorded")?, what })
}
