//! How connections were read.

use async_trait::async_trait;
use probity_core::book::{MissingRevision, Named};
use probity_core::id::{ConnectionId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::page::Gap;

use super::SqliteStore;
use super::row::Reading;
use super::write::Attempt as _;
use crate::store::StoreError;
use crate::store::reading::{ReadingStore, StreamRun};

#[async_trait]
impl ReadingStore for SqliteStore {
    async fn connection_names(&self, connection: &ConnectionId) -> Result<Vec<Named>, StoreError> {
        let rows = sqlx::query(
            "SELECT n.since AS since, n.name AS name FROM connection_name AS n
             JOIN connection AS c ON c.key = n.connection WHERE c.id = ? ORDER BY n.since",
        )
        .bind(connection.as_str())
        .fetch_all(&self.readers)
        .await
        .attempt("read a connection's names")?;
        let named = rows.iter().map(|row| {
            let row = Reading::of(row, "connection_name", "name");
            Ok(Named { since: row.instant("since")?, name: row.name("name")? })
        });
        named.collect()
    }

    async fn stream_runs(
        &self,
        connection: &ConnectionId,
        at: Instant,
    ) -> Result<Vec<StreamRun>, StoreError> {
        let rows = sqlx::query(
            "SELECT run.id AS id, run.component AS component, run.began AS began, s.stream AS stream, s.mode AS mode,
                    s.state AS state, s.ended AS ended, s.items AS items
             FROM run JOIN run_stream AS s ON s.run = run.id
             WHERE run.connection = (SELECT key FROM connection WHERE id = ?) AND run.began <= ?
             ORDER BY run.began, run.id, s.ordinal",
        )
        .bind(connection.as_str())
        .bind(at.as_micros())
        .fetch_all(&self.readers)
        .await
        .attempt("read a connection's runs")?;
        let runs = rows.iter().map(|row| {
            let row = Reading::of(row, "run_stream", "id");
            Ok(StreamRun {
                run: row.name("id")?,
                component: row.digest("component")?,
                began: row.instant("began")?,
                stream: row.name("stream")?,
                mode: row.word("mode")?,
                state: row.word("state")?,
                ended: row.optional_instant("ended")?,
                items: row.count("items")?,
            })
        });
        runs.collect()
    }

    async fn stream_gaps(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
        at: Instant,
    ) -> Result<Vec<(RunId, Gap)>, StoreError> {
        let rows = sqlx::query(
            "SELECT page.run AS run, gap.gap AS gap
             FROM run JOIN page ON page.run = run.id JOIN gap ON gap.page = page.key
             WHERE run.connection = (SELECT key FROM connection WHERE id = ?) AND page.stream = ? AND page.recorded <= ?
             ORDER BY page.recorded, gap.ordinal",
        )
        .bind(connection.as_str())
        .bind(stream.as_str())
        .bind(at.as_micros())
        .fetch_all(&self.readers)
        .await
        .attempt("read a stream's gaps")?;
        let gaps = rows.iter().map(|row| {
            let row = Reading::of(row, "gap", "run");
            Ok((row.name("run")?, row.json("gap")?))
        });
        gaps.collect()
    }

    /// Rows of manifests outlive what they name only when somebody took it away behind the store's back.
    async fn stream_missing(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
        since: Option<Instant>,
        at: Instant,
    ) -> Result<Vec<MissingRevision>, StoreError> {
        let rows = sqlx::query(
            "SELECT DISTINCT page.run AS run, s.revision AS revision,
                    coalesce(e.id, '00000000-0000-0000-0000-000000000000') AS id
             FROM run JOIN page ON page.run = run.id JOIN sighting AS s ON s.page = page.key
             LEFT JOIN evidence AS e ON e.key = s.evidence
             LEFT JOIN revision AS r ON r.evidence = s.evidence AND r.number = s.revision
             WHERE run.connection = (SELECT key FROM connection WHERE id = ?) AND page.stream = ?
               AND page.recorded >= ? AND page.recorded <= ? AND (r.key IS NULL OR e.key IS NULL)",
        )
        .bind(connection.as_str())
        .bind(stream.as_str())
        .bind(since.map_or(i64::MIN, Instant::as_micros))
        .bind(at.as_micros())
        .fetch_all(&self.readers)
        .await
        .attempt("look for what was seen and is gone")?;
        let missing = rows.iter().map(|row| {
            let row = Reading::of(row, "sighting", "id");
            let (evidence, revision) = (row.name("id")?, row.count("revision")?);
            Ok(MissingRevision { evidence, revision, run: row.name("run")? })
        });
        let mut missing = missing.collect::<Result<Vec<_>, StoreError>>()?;
        missing.sort();
        Ok(missing)
    }

    async fn stream_listed(&self, run: &RunId, stream: &StreamId, at: Instant) -> Result<u32, StoreError> {
        let listed: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM page JOIN sighting ON sighting.page = page.key
             WHERE page.run = ? AND page.stream = ? AND page.recorded <= ?",
        )
        .bind(run.as_str())
        .bind(stream.as_str())
        .bind(at.as_micros())
        .fetch_one(&self.readers)
        .await
        .attempt("count what a sweep saw")?;
        Ok(u32::try_from(listed).unwrap_or(u32::MAX))
    }
}
