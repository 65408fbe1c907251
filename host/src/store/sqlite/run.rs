//! Runs: beginning, leases, streams, ends.
//!
//! A lease is three columns of the run: owner, epoch, until. Every write on behalf of a run passes [`fence`], in the
//! same transaction; a host that was taken for dead and wakes up again writes nothing.

use std::time::Duration;

use probity_core::id::{ConnectionId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::run::{Mode, RunState};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::SqliteStore;
use super::row::{Reading, json, word};
use super::write::{Attempt as _, Writing, unwritable};
use crate::store::{
    Bookmark, Keyset, Lease, NewRun, Run, RunFilter, StoreError, StreamEnd, StreamPlan, StreamProgress,
};

/// What is read of a run; its streams come after.
const RUN: &str =
    "SELECT run.id, c.id AS connection, c.name AS connection_name, run.component, run.started_by,
        run.config, run.seed, run.state, run.started, run.ended, run.epoch, run.owner, run.lease_until
    FROM run JOIN connection AS c ON c.key = run.connection";

impl SqliteStore {
    pub(super) async fn begin_run(&self, run: NewRun) -> Result<Run, StoreError> {
        self.write("begin a run", move |writing| {
            Box::pin(async move {
                refuse_busy(writing, &run.connection).await?;
                insert_run(writing, &run).await?;
                for (ordinal, plan) in run.streams.iter().enumerate() {
                    insert_stream(writing, &run.id, ordinal, plan).await?;
                }
                must_get(writing.connection(), &run.id).await
            })
        })
        .await
    }

    /// `owner_is_dead` is asked outside the transaction, so the lease it judged must still be there when it is taken.
    pub(super) async fn claim_run(
        &self,
        run: &RunId,
        owner: &str,
        lease: Duration,
        owner_is_dead: &(dyn for<'a> Fn(&'a str) -> bool + Send + Sync),
    ) -> Result<Option<Run>, StoreError> {
        let Some(held) = self.get_run(run).await?.and_then(|run| run.lease) else { return Ok(None) };
        let dead = owner_is_dead(&held.owner);
        let (run, owner) = (run.clone(), owner.to_owned());
        self.write("claim a run", move |writing| {
            Box::pin(async move {
                let now = writing.now().await?;
                let taken = sqlx::query(
                    "UPDATE run SET epoch = epoch + 1, owner = ?, lease_until = ?
                     WHERE id = ? AND epoch = ? AND state = 'running' AND (? OR lease_until <= ?)",
                )
                .bind(owner)
                .bind(until(now, lease))
                .bind(run.as_str())
                .bind(held.epoch.cast_signed())
                .bind(dead)
                .bind(now.as_micros())
                .execute(writing.connection())
                .await
                .attempt("claim a run")?
                .rows_affected();
                if taken == 0 { Ok(None) } else { must_get(writing.connection(), &run).await.map(Some) }
            })
        })
        .await
    }

    pub(super) async fn beat_run(&self, run: RunId, epoch: u64, lease: Duration) -> Result<(), StoreError> {
        const ATTEMPT: &str = "prolong a run's lease";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                fence(writing, &run, epoch).await?;
                let now = writing.now().await?;
                sqlx::query("UPDATE run SET lease_until = ? WHERE id = ?")
                    .bind(until(now, lease))
                    .bind(run.as_str())
                    .execute(writing.connection())
                    .await
                    .attempt(ATTEMPT)?;
                Ok(())
            })
        })
        .await
    }

    pub(super) async fn open_runs(&self) -> Result<Vec<Run>, StoreError> {
        let mut query = QueryBuilder::new(RUN);
        query.push(" WHERE run.state = 'running' ORDER BY run.id");
        self.read_runs(query).await
    }

    pub(super) async fn get_run(&self, run: &RunId) -> Result<Option<Run>, StoreError> {
        let mut query = QueryBuilder::new(RUN);
        query.push(" WHERE run.id = ").push_bind(run.as_str().to_owned());
        Ok(self.read_runs(query).await?.pop())
    }

    pub(super) async fn list_runs(
        &self,
        filter: &RunFilter,
        keyset: &Keyset,
    ) -> Result<Vec<Run>, StoreError> {
        let mut query = QueryBuilder::new(RUN);
        query.push(" WHERE TRUE");
        if let Some(name) = &filter.connection {
            query.push(" AND c.name = ").push_bind(name.as_str().to_owned());
        }
        if let Some(state) = &filter.state {
            query.push(" AND run.state = ").push_bind(word(state)?);
        }
        if let Some(after) = &keyset.after {
            query.push(" AND run.id < ").push_bind(after.clone());
        }
        query.push(" ORDER BY run.id DESC LIMIT ").push_bind(i64::from(keyset.limit.clamp(1, 1000)));
        self.read_runs(query).await
    }

    /// Runs and their streams out of one snapshot.
    async fn read_runs(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<Run>, StoreError> {
        const ATTEMPT: &str = "read runs";
        let mut snapshot = self.readers.begin().await.attempt(ATTEMPT)?;
        let rows = query.build().fetch_all(&mut *snapshot).await.attempt(ATTEMPT)?;
        let mut runs = Vec::with_capacity(rows.len());
        for row in &rows {
            runs.push(with_streams(&mut snapshot, row).await?);
        }
        Ok(runs)
    }

    pub(super) async fn end_stream(
        &self,
        run: RunId,
        epoch: u64,
        stream: StreamId,
        end: StreamEnd,
    ) -> Result<(), StoreError> {
        self.write("end a stream", move |writing| {
            Box::pin(async move {
                fence(writing, &run, epoch).await?;
                end_stream(writing, &run, &stream, &end).await
            })
        })
        .await
    }

    pub(super) async fn end_run(&self, run: RunId, epoch: u64, state: RunState) -> Result<Run, StoreError> {
        const ATTEMPT: &str = "end a run";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                fence(writing, &run, epoch).await?;
                let ended = writing.tick().await?;
                sqlx::query(
                    "UPDATE run SET state = ?, ended = ?, owner = NULL, lease_until = NULL WHERE id = ?",
                )
                .bind(word(&state)?)
                .bind(ended.as_micros())
                .bind(run.as_str())
                .execute(writing.connection())
                .await
                .attempt(ATTEMPT)?;
                must_get(writing.connection(), &run).await
            })
        })
        .await
    }

    pub(super) async fn bookmark(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
    ) -> Result<Option<Bookmark>, StoreError> {
        let row = sqlx::query(
            "SELECT done.run, s.bookmark,
                    (SELECT run.started FROM stream_complete AS sweep JOIN run ON run.id = sweep.run
                     WHERE sweep.connection = done.connection AND sweep.stream = done.stream AND sweep.mode = 'full'
                     ORDER BY sweep.ended DESC LIMIT 1) AS last_full_sweep
             FROM connection AS c
             JOIN stream_complete AS done ON done.connection = c.key AND done.stream = ?2
             JOIN run_stream AS s ON s.run = done.run AND s.stream = done.stream
             WHERE c.id = ?1 ORDER BY done.ended DESC LIMIT 1",
        )
        .bind(connection.as_str())
        .bind(stream.as_str())
        .fetch_optional(&self.readers)
        .await
        .attempt("read a stream's bookmark")?;
        let Some(row) = row else { return Ok(None) };
        let row = Reading::of(&row, "run_stream", "run");
        let Some(cursor) = row.optional_text("bookmark")? else { return Ok(None) };
        let last_full_sweep = row.optional_instant("last_full_sweep")?;
        Ok(Some(Bookmark { cursor, run: row.name("run")?, last_full_sweep }))
    }
}

/// Goes on only for the holder of the run's lease, and keeps it from changing hands until the transaction ends.
pub(super) async fn fence(writing: &mut Writing, run: &RunId, epoch: u64) -> Result<(), StoreError> {
    let ours = sqlx::query("UPDATE run SET epoch = epoch WHERE id = ? AND epoch = ? AND state = 'running'")
        .bind(run.as_str())
        .bind(epoch.cast_signed())
        .execute(writing.connection())
        .await
        .attempt("check a run's lease")?
        .rows_affected();
    if ours == 1 { Ok(()) } else { Err(StoreError::Fenced { run: run.clone(), epoch }) }
}

async fn refuse_busy(writing: &mut Writing, connection: &ConnectionId) -> Result<(), StoreError> {
    let row = sqlx::query(
        "SELECT run.id FROM run JOIN connection AS c ON c.key = run.connection
         WHERE c.id = ? AND run.state = 'running'",
    )
    .bind(connection.as_str())
    .fetch_optional(writing.connection())
    .await
    .attempt("look for an open run")?;
    match row {
        None => Ok(()),
        Some(row) => {
            let run = Reading::of(&row, "run", "id").name("id")?;
            Err(StoreError::Busy { connection: connection.clone(), run })
        }
    }
}

async fn insert_run(writing: &mut Writing, run: &NewRun) -> Result<(), StoreError> {
    let began = writing.tick().await?;
    sqlx::query(
        "INSERT INTO run (id, connection, component, started_by, config, seed, state, started, began, epoch,
                          owner, lease_until)
         VALUES (?, (SELECT key FROM connection WHERE id = ?), ?, ?, ?, ?, 'running', ?, ?, 1, ?, ?)",
    )
    .bind(run.id.as_str())
    .bind(run.connection.as_str())
    .bind(run.component.as_bytes().as_slice())
    .bind(word(&run.trigger)?)
    .bind(&run.config)
    .bind(run.seed.cast_signed())
    .bind(run.started.as_micros())
    .bind(began.as_micros())
    .bind(&run.owner)
    .bind(until(began, run.lease))
    .execute(writing.connection())
    .await
    .attempt("begin a run of a registered connection and component")?;
    Ok(())
}

async fn insert_stream(
    writing: &mut Writing,
    run: &RunId,
    ordinal: usize,
    plan: &StreamPlan,
) -> Result<(), StoreError> {
    const ATTEMPT: &str = "begin a run's stream";
    sqlx::query(
        "INSERT INTO run_stream (run, stream, ordinal, mode, state, cursor)
         VALUES (?, ?, ?, ?, 'running', ?)",
    )
    .bind(run.as_str())
    .bind(plan.stream.as_str())
    .bind(i64::try_from(ordinal).map_err(|error| unwritable(ATTEMPT, error))?)
    .bind(word(&plan.mode)?)
    .bind(&plan.cursor)
    .execute(writing.connection())
    .await
    .attempt(ATTEMPT)?;
    Ok(())
}

/// Ends a running stream; ending one that has ended changes nothing.
async fn end_stream(
    writing: &mut Writing,
    run: &RunId,
    stream: &StreamId,
    end: &StreamEnd,
) -> Result<(), StoreError> {
    const ATTEMPT: &str = "end a stream that the run was begun with";
    let row = sqlx::query("SELECT stream, state, mode FROM run_stream WHERE run = ? AND stream = ?")
        .bind(run.as_str())
        .bind(stream.as_str())
        .fetch_one(writing.connection())
        .await
        .attempt(ATTEMPT)?;
    let row = Reading::of(&row, "run_stream", "stream");
    if row.word::<RunState>("state")? != RunState::Running || end.state == RunState::Running {
        return Ok(());
    }
    let mode: Mode = row.word("mode")?;
    let ended = writing.tick().await?;
    let failure = end.failure.as_ref().map(json).transpose()?;
    sqlx::query("UPDATE run_stream SET state = ?, failure = ?, ended = ? WHERE run = ? AND stream = ?")
        .bind(word(&end.state)?)
        .bind(failure)
        .bind(ended.as_micros())
        .bind(run.as_str())
        .bind(stream.as_str())
        .execute(writing.connection())
        .await
        .attempt(ATTEMPT)?;
    if end.state == RunState::Complete {
        note_complete(writing, run, stream, (mode, ended)).await?;
    }
    Ok(())
}

async fn note_complete(
    writing: &mut Writing,
    run: &RunId,
    stream: &StreamId,
    (mode, ended): (Mode, Instant),
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO stream_complete (connection, stream, mode, ended, began, examined, run)
         SELECT run.connection, s.stream, ?, ?, run.began, s.items, run.id
         FROM run JOIN run_stream AS s ON s.run = run.id WHERE run.id = ? AND s.stream = ?",
    )
    .bind(word(&mode)?)
    .bind(ended.as_micros())
    .bind(run.as_str())
    .bind(stream.as_str())
    .execute(writing.connection())
    .await
    .attempt("note a stream read to its end")?;
    Ok(())
}

/// The end of a lease; one that would go beyond the calendar ends in a century.
pub(super) fn until(now: Instant, lease: Duration) -> i64 {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);
    now.plus(lease.min(CENTURY)).unwrap_or(now).as_micros()
}

async fn must_get(connection: &mut SqliteConnection, run: &RunId) -> Result<Run, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(RUN);
    query.push(" WHERE run.id = ").push_bind(run.as_str());
    let row = query.build().fetch_one(&mut *connection).await.attempt("read a run")?;
    with_streams(connection, &row).await
}

async fn with_streams(connection: &mut SqliteConnection, row: &SqliteRow) -> Result<Run, StoreError> {
    let mut run = run(row)?;
    let rows = sqlx::query(
        "SELECT stream, mode, state, cursor, bookmark, pages, items, new_evidence, new_revisions, gaps, failure
         FROM run_stream WHERE run = ? ORDER BY ordinal",
    )
    .bind(run.id.as_str())
    .fetch_all(connection)
    .await
    .attempt("read a run's streams")?;
    run.streams = rows.iter().map(progress).collect::<Result<_, _>>()?;
    Ok(run)
}

fn run(row: &SqliteRow) -> Result<Run, StoreError> {
    let row = Reading::of(row, "run", "id");
    let lease = match row.optional_text("owner")? {
        None => None,
        Some(owner) => Some(Lease { owner, epoch: row.count("epoch")?, until: row.instant("lease_until")? }),
    };
    Ok(Run {
        id: row.name("id")?,
        connection: row.name("connection")?,
        connection_name: row.name("connection_name")?,
        component: row.digest("component")?,
        trigger: row.word("started_by")?,
        config: row.text("config")?,
        seed: row.integer("seed")?.cast_unsigned(),
        state: row.word("state")?,
        started: row.instant("started")?,
        ended: row.optional_instant("ended")?,
        lease,
        streams: Vec::new(),
    })
}

fn progress(row: &SqliteRow) -> Result<StreamProgress, StoreError> {
    let row = Reading::of(row, "run_stream", "stream");
    let failure = match row.optional_text("failure")? {
        None => None,
        Some(_) => Some(row.json("failure")?),
    };
    Ok(StreamProgress {
        stream: row.name("stream")?,
        mode: row.word("mode")?,
        state: row.word("state")?,
        cursor: row.optional_text("cursor")?,
        bookmark: row.optional_text("bookmark")?,
        pages: row.count("pages")?,
        items: row.count("items")?,
        new_evidence: row.count("new_evidence")?,
        new_revisions: row.count("new_revisions")?,
        gaps: row.count("gaps")?,
        failure,
    })
}
