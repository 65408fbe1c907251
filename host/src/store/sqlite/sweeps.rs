//! How a stream fared lately: what a count over its evidence, or the lack of some, rests on.

use probity_core::id::{ConnectionName, StreamId};
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::Reading;
use super::write::Attempt as _;
use crate::store::{StoreError, StreamSweep};

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
