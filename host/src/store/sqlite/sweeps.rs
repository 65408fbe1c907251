//! How a stream fared lately: what a count over its evidence, or the lack of some, rests on.

use probity_core::book::MissingRevision;
use probity_core::id::{ConnectionName, RunId, StreamId};
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::Reading;
use super::write::Attempt as _;
use crate::store::{StoreError, StreamSweep, SweepManifest};

impl SqliteStore {
    /// Now is the end of time: everything has happened before it. A stream that ended after the instant was running
    /// then, and had examined what the pages up to then hold.
    pub(super) async fn list_sweeps(
        &self,
        connection: &ConnectionName,
        stream: &StreamId,
        at: Option<Instant>,
    ) -> Result<Vec<StreamSweep>, StoreError> {
        let rows = sqlx::query(
            "WITH source(key) AS (
                SELECT c.key FROM connection AS c WHERE ?1 =
                    (SELECT n.name FROM connection_name AS n WHERE n.connection = c.key AND n.since <= ?3
                     ORDER BY n.since DESC LIMIT 1)),
             chosen(run) AS (
                SELECT run FROM (SELECT run FROM stream_complete
                    WHERE connection = (SELECT key FROM source) AND stream = ?2 AND mode = 'full'
                      AND ended <= ?3 ORDER BY ended DESC LIMIT 2)
                UNION
                SELECT run FROM (SELECT run FROM stream_complete
                    WHERE connection = (SELECT key FROM source) AND stream = ?2 AND mode = 'incremental'
                      AND ended <= ?3 ORDER BY ended DESC LIMIT 1)
                UNION
                SELECT id FROM (SELECT run.id FROM run JOIN run_stream AS s ON s.run = run.id AND s.stream = ?2
                    WHERE run.connection = (SELECT key FROM source) AND run.began <= ?3
                    ORDER BY run.began DESC LIMIT 1))
             SELECT run.id, s.mode, run.began,
                    iif(s.ended <= ?3, s.state, 'running') AS state,
                    iif(s.ended <= ?3, s.ended, NULL) AS ended,
                    iif(s.ended <= ?3, s.items,
                        (SELECT count(*) FROM page JOIN sighting ON sighting.page = page.key
                         WHERE page.run = s.run AND page.stream = s.stream AND page.recorded <= ?3)) AS examined,
                    iif(s.ended <= ?3, s.gaps,
                        (SELECT count(*) FROM page JOIN gap ON gap.page = page.key
                         WHERE page.run = s.run AND page.stream = s.stream AND page.recorded <= ?3)) AS gaps
             FROM chosen JOIN run ON run.id = chosen.run
             JOIN run_stream AS s ON s.run = run.id AND s.stream = ?2
             ORDER BY run.began DESC",
        )
        .bind(connection.as_str())
        .bind(stream.as_str())
        .bind(at.map_or(i64::MAX, Instant::as_micros))
        .fetch_all(&self.readers)
        .await
        .attempt("read how a stream fared")?;
        rows.iter().map(sweep).collect()
    }
}

impl SqliteStore {
    /// Rows of manifests outlive what they name only when somebody took it away behind the store's back.
    pub(super) async fn manifest_of_sweep(
        &self,
        run: &RunId,
        stream: &StreamId,
    ) -> Result<SweepManifest, StoreError> {
        let listed: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM page JOIN sighting ON sighting.page = page.key
             WHERE page.run = ?1 AND page.stream = ?2",
        )
        .bind(run.as_str())
        .bind(stream.as_str())
        .fetch_one(&self.readers)
        .await
        .attempt("count what a sweep saw")?;
        let rows = sqlx::query(
            "SELECT coalesce(e.id, '00000000-0000-0000-0000-000000000000') AS id, s.revision AS revision
             FROM page JOIN sighting AS s ON s.page = page.key
             LEFT JOIN evidence AS e ON e.key = s.evidence
             LEFT JOIN revision AS r ON r.evidence = s.evidence AND r.number = s.revision
             WHERE page.run = ?1 AND page.stream = ?2 AND (r.key IS NULL OR e.key IS NULL)
             ORDER BY page.key, s.ordinal",
        )
        .bind(run.as_str())
        .bind(stream.as_str())
        .fetch_all(&self.readers)
        .await
        .attempt("look for what a sweep saw and is gone")?;
        let missing = rows.iter().map(|row| {
            let row = Reading::of(row, "sighting", "id");
            Ok(MissingRevision {
                evidence: row.name("id")?,
                revision: row.count("revision")?,
                run: run.clone(),
            })
        });
        Ok(SweepManifest {
            listed: u32::try_from(listed).unwrap_or(u32::MAX),
            missing: missing.collect::<Result<_, StoreError>>()?,
        })
    }
}

fn sweep(row: &SqliteRow) -> Result<StreamSweep, StoreError> {
    let row = Reading::of(row, "run_stream", "id");
    Ok(StreamSweep {
        run: row.name("id")?,
        mode: row.word("mode")?,
        state: row.word("state")?,
        began: row.instant("began")?,
        ended: row.optional_instant("ended")?,
        examined: row.count("examined")?,
        gaps: row.count("gaps")?,
    })
}
