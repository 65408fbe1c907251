//! The Store contract on SQLite: nothing to install, one file, one host.
//!
//! One connection writes, a few read. Each write is one `BEGIN IMMEDIATE` transaction on database time
//! ([`time`]), run to its end in a task of its own ([`write`]). SQL stands beside the method that runs it;
//! rows become core values in [`row`] and nowhere else.
//!
//! A page's rows are written with one statement a table: the page's values go in as one JSON array and
//! `json_each` unfolds them. A statement costs a trip to SQLite's thread, which is dearer than the row.
//!
//! Deliberately absent: any sharing of SQL with another database, and a pool of writers. SQLite has one writer;
//! queueing for it inside the process is cheaper and fairer than its busy loop.

mod additions;
mod append;
mod catalog;
mod changes;
mod check;
mod commit;
mod evidence;
mod exposure;
mod filing;
mod filter;
mod handoff;
mod items;
mod ledger;
mod notices;
mod open;
mod packet;
mod page;
mod people;
mod queue;
mod reading;
mod row;
mod run;
mod sweeps;
mod time;
mod write;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::page::Gap;
use probity_core::run::RunState;
use sqlx::SqlitePool;

use super::{
    Bookmark, CaptureRecord, Clock, Committed, ComponentRecord, ConnectionRecord, Evidence, EvidenceFilter,
    Keyset, NewRun, PageCommit, PageRecord, Run, RunFilter, Seen, Store, StoreError, StreamEnd, StreamSweep,
};

/// What Probity keeps, in one SQLite file. Clones share the same connections.
#[derive(Clone)]
pub struct SqliteStore {
    /// Exactly one connection.
    writer: SqlitePool,
    /// Connections that cannot write (`PRAGMA query_only`).
    readers: SqlitePool,
    time: time::DatabaseTime,
}

impl SqliteStore {
    /// Opens the database file at `path`, making it and the folder around it when they are not there, and brings its
    /// schema up to date. Database time is the engine's own clock, to the millisecond.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        open::open(path, time::DatabaseTime::of_engine()).await
    }

    /// The same with database time read from `clock`: the host passes its own clock, a test one it can turn.
    pub async fn open_with_clock(path: &Path, clock: Clock) -> Result<Self, StoreError> {
        open::open(path, time::DatabaseTime::of_host(clock)).await
    }

    /// Waits for writes under way and closes the file. Dropping the store does the same without waiting.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn now(&self) -> Result<Instant, StoreError> {
        self.time_now().await
    }

    async fn component_put(&self, component: &ComponentRecord) -> Result<(), StoreError> {
        self.put_component(component.clone()).await
    }

    async fn component_get(&self, digest: &Digest) -> Result<Option<ComponentRecord>, StoreError> {
        Ok(self.components(Some(digest)).await?.pop())
    }

    async fn component_list(&self) -> Result<Vec<ComponentRecord>, StoreError> {
        self.components(None).await
    }

    async fn connection_register(
        &self,
        name: &ConnectionName,
        renamed_from: Option<&ConnectionName>,
        id: ConnectionId,
    ) -> Result<ConnectionRecord, StoreError> {
        self.register_connection(name.clone(), renamed_from.cloned(), id).await
    }

    async fn connection_list(&self) -> Result<Vec<ConnectionRecord>, StoreError> {
        self.connections().await
    }

    async fn run_begin(&self, run: &NewRun) -> Result<Run, StoreError> {
        self.begin_run(run.clone()).await
    }

    async fn run_claim(
        &self,
        run: &RunId,
        owner: &str,
        lease: Duration,
        owner_is_dead: &(dyn for<'a> Fn(&'a str) -> bool + Send + Sync),
    ) -> Result<Option<Run>, StoreError> {
        self.claim_run(run, owner, lease, owner_is_dead).await
    }

    async fn run_beat(&self, run: &RunId, epoch: u64, lease: Duration) -> Result<(), StoreError> {
        self.beat_run(run.clone(), epoch, lease).await
    }

    async fn run_open(&self) -> Result<Vec<Run>, StoreError> {
        self.open_runs().await
    }

    async fn run_get(&self, run: &RunId) -> Result<Option<Run>, StoreError> {
        self.get_run(run).await
    }

    async fn run_list(&self, filter: &RunFilter, keyset: &Keyset) -> Result<Vec<Run>, StoreError> {
        self.list_runs(filter, keyset).await
    }

    async fn stream_end(
        &self,
        run: &RunId,
        epoch: u64,
        stream: &StreamId,
        end: &StreamEnd,
    ) -> Result<(), StoreError> {
        self.end_stream(run.clone(), epoch, stream.clone(), end.clone()).await
    }

    async fn run_end(&self, run: &RunId, epoch: u64, state: RunState) -> Result<Run, StoreError> {
        self.end_run(run.clone(), epoch, state).await
    }

    async fn stream_bookmark(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
    ) -> Result<Option<Bookmark>, StoreError> {
        self.bookmark(connection, stream).await
    }

    async fn sweeps(
        &self,
        connection: &ConnectionName,
        stream: &StreamId,
        at: Option<Instant>,
    ) -> Result<Vec<StreamSweep>, StoreError> {
        self.list_sweeps(connection, stream, at).await
    }

    async fn page_commit(&self, commit: &PageCommit) -> Result<Committed, StoreError> {
        self.commit_page(commit.clone()).await
    }

    async fn page_get(
        &self,
        run: &RunId,
        stream: &StreamId,
        number: u32,
    ) -> Result<Option<PageRecord>, StoreError> {
        self.get_page(run, stream, number).await
    }

    async fn page_list(&self, run: &RunId) -> Result<Vec<(StreamId, u32)>, StoreError> {
        self.list_pages(run).await
    }

    async fn gap_list(&self, run: &RunId) -> Result<Vec<(StreamId, u32, Gap)>, StoreError> {
        self.list_gaps(run).await
    }

    async fn evidence_list(
        &self,
        filter: &EvidenceFilter,
        keyset: &Keyset,
    ) -> Result<Vec<Evidence>, StoreError> {
        self.list_evidence(filter, keyset).await
    }

    async fn evidence_get(
        &self,
        id: &EvidenceId,
        at: Option<Instant>,
    ) -> Result<Option<Evidence>, StoreError> {
        self.get_evidence(id, at).await
    }

    async fn evidence_of(
        &self,
        ids: &[EvidenceId],
        at: Option<Instant>,
    ) -> Result<Vec<Evidence>, StoreError> {
        self.get_all_evidence(ids, at).await
    }

    async fn evidence_revisions(&self, id: &EvidenceId) -> Result<Vec<Evidence>, StoreError> {
        self.revisions(id).await
    }

    async fn evidence_seen(
        &self,
        id: &EvidenceId,
        revision: u32,
        limit: u32,
    ) -> Result<Vec<Seen>, StoreError> {
        self.seen(id, revision, limit).await
    }

    async fn capture_get(&self, digest: &Digest) -> Result<Option<CaptureRecord>, StoreError> {
        self.capture(digest).await
    }

    async fn blob_references(&self) -> Result<Vec<Digest>, StoreError> {
        self.references().await
    }

    async fn check(&self) -> Result<Vec<String>, StoreError> {
        self.check_all().await
    }
}
