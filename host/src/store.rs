//! The Store contract: what Probity keeps, whichever database keeps it.
//!
//! One trait, written natively for each database (`store/sqlite`, later `store/postgres`), held to the same
//! conformance suite. Collection's part of it is here; what the readiness loop keeps has a trait a concern
//! ([`ledger`], [`people`], [`handoff`], [`notices`], [`changes`]), and [`Store`] has them all.
//! Values come in and go out as core types; rows, SQL and pools stay inside. Large bytes
//! (captures, components) are not here but in [`blobs`], content-addressed; a page's blobs are written and
//! synced before the one transaction that refers to them.
//!
//! Deliberately absent: any rule about evidence or of the loop. The store compares hashes, heads and epochs; what a
//! record or an entry may say was decided before it came here.

pub mod blobs;
pub mod changes;
pub mod handoff;
pub mod ledger;
pub mod notices;
pub mod people;
pub mod reading;
mod run;
pub mod sqlite;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::connector::Manifest;
use probity_core::evidence::{Item, Kind};
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::journal::Journal;
use probity_core::page::{AdmittedPage, CitedPlace, Gap};
use probity_core::run::RunState;
use serde::Serialize;

use changes::ChangeStore;
use handoff::HandoffStore;
use ledger::LedgerStore;
use notices::NoticeStore;
use people::PeopleStore;
use reading::ReadingStore;

pub use run::{Bookmark, Lease, NewRun, Run, RunFilter, StreamEnd, StreamPlan, StreamProgress, StreamSweep};

/// What time it is, for databases and blob folders that have no server to ask. The host passes its own clock.
pub type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// What the store can fail with. Each variant names what was attempted.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot open the store at {place}: {rule}")]
    Open { place: String, rule: String },
    #[error("cannot {attempt}")]
    Database {
        attempt: &'static str,
        #[source]
        source: sqlx::Error,
    },
    #[error("a kept value cannot be read back: {table}.{column} of {row}: {problem}")]
    Corrupt { table: &'static str, column: &'static str, row: String, problem: String },
    #[error("blob {digest}: {problem}")]
    Blob { digest: Digest, problem: String },
    /// The run's lease went to somebody else; nothing was written.
    #[error("run {run} is no longer ours (epoch {epoch}); nothing was written")]
    Fenced { run: RunId, epoch: u64 },
    /// The page does not follow the last one committed; nothing was written.
    #[error("page {number} of stream {stream} does not follow what run {run} committed; nothing was written")]
    OutOfOrder { run: RunId, stream: StreamId, number: u32 },
    /// Somebody else took the filing's lease; nothing was written.
    #[error("filing {submission} is no longer ours (epoch {epoch}); nothing was written")]
    FilingFenced { submission: String, epoch: u64 },
    /// What is kept already does not go with it.
    #[error("cannot {attempt}: {rule}; nothing was written")]
    Conflict { attempt: &'static str, rule: String },
    /// The connection already has an open run.
    #[error("connection {connection} is being collected by run {run}")]
    Busy { connection: ConnectionId, run: RunId },
}

/// A component that has been loaded once.
#[derive(Debug, Clone, PartialEq)]
pub struct ComponentRecord {
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
    pub manifest: Manifest,
    pub recorded: Instant,
}

/// A connection's identity. Its configuration is the operator's file, not the store's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionRecord {
    pub id: ConnectionId,
    pub name: ConnectionName,
    pub recorded: Instant,
}

/// Everything one page adds, committed together or not at all.
#[derive(Debug, Clone)]
pub struct PageCommit {
    pub run: RunId,
    /// The epoch of the lease under which the page was made.
    pub epoch: u64,
    pub stream: StreamId,
    /// 1 for the run's first page of the stream; must be one more than the last committed.
    pub number: u32,
    pub page: AdmittedPage,
    pub journal: Journal,
    /// What the page captured; the bytes are already in the blob store.
    pub captures: Vec<CaptureRecord>,
    /// Ids for evidence seen for the first time, one for each item, used in order as needed.
    pub fresh_ids: Vec<EvidenceId>,
}

/// A capture's description. Its bytes are a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureRecord {
    pub digest: Digest,
    /// In bytes, uncompressed.
    pub size: u64,
    pub media_type: Option<String>,
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Database time of the commit.
    pub recorded: Instant,
    pub new_evidence: u64,
    pub new_revisions: u64,
    pub unchanged: u64,
}

/// A committed page, as the run shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRecord {
    pub run: RunId,
    pub stream: StreamId,
    pub number: u32,
    /// The page's instant: what its clock said, and the collected time of its items.
    pub instant: Instant,
    /// Database time of its commit.
    pub recorded: Instant,
    pub journal: Journal,
    /// The page manifest: who was seen, in order.
    pub manifest: Vec<Sighting>,
    pub gaps: Vec<Gap>,
}

/// One row of a page manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sighting {
    pub evidence: EvidenceId,
    pub revision: u32,
    /// Digest of the item as it was returned, for replay.
    pub item: Digest,
    /// Where it was seen this time.
    pub cited: Vec<CitedPlace>,
}

/// One piece of evidence in one revision, as it stood at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub id: EvidenceId,
    pub connection: ConnectionId,
    pub connection_name: ConnectionName,
    pub stream: StreamId,
    /// 1 for the first.
    pub revision: u32,
    pub content: Digest,
    pub item: Item,
    /// Where this revision was first seen.
    pub cited: Vec<CitedPlace>,
    /// When the host got the bytes of this revision first, and when it committed them.
    pub collected: Instant,
    pub recorded: Instant,
    /// Instant of the last page that contained it (whichever revision).
    pub last_seen: Instant,
    /// Missing from two consecutive complete sweeps.
    pub absent: bool,
    pub run: RunId,
    pub component: Digest,
}

/// A place where a revision was seen: the way back from evidence to bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub run: RunId,
    pub stream: StreamId,
    pub page: u32,
    pub instant: Instant,
    pub recorded: Instant,
    pub component: Digest,
    pub journal: Digest,
    pub cited: Vec<CitedPlace>,
}

/// What to list. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EvidenceFilter {
    pub kind: Option<Kind>,
    pub subject: Option<String>,
    pub connection: Option<ConnectionName>,
    pub stream: Option<StreamId>,
    /// The body's own word for where it stands ([`probity_core::evidence::Body::state`]).
    pub state: Option<String>,
    /// Words that all occur in title, summary or item id, whatever their case.
    pub text: Option<String>,
    /// Whether its source marks it as an immediate exposure.
    pub exposed: Option<bool>,
    /// Whether it counts at `as_of`, by these maximum ages.
    pub fresh: Option<FreshFilter>,
    /// Include what is absent. Without it only what is present is listed.
    pub absent: bool,
    /// As it stood at this instant, on database time; `None` for now.
    pub at: Option<Instant>,
}

/// Fresh or not at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct FreshFilter {
    pub fresh: bool,
    pub as_of: Instant,
    pub max_age: BTreeMap<Kind, Duration>,
}

/// A page of a listing: in a fixed order, after a given place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyset {
    /// The last id of the page before.
    pub after: Option<String>,
    /// At most so many; 1 to 1,000.
    pub limit: u32,
}

/// What Probity keeps. Listings are ordered by id: oldest first for evidence, newest first for runs.
#[async_trait]
pub trait Store:
    LedgerStore + PeopleStore + HandoffStore + NoticeStore + ChangeStore + ReadingStore + Send + Sync
{
    /// The database's own time: the only one leases and `recorded` times are counted on.
    async fn now(&self) -> Result<Instant, StoreError>;

    /// Notes a component; the same one again changes nothing.
    async fn component_put(&self, component: &ComponentRecord) -> Result<(), StoreError>;
    async fn component_get(&self, digest: &Digest) -> Result<Option<ComponentRecord>, StoreError>;
    async fn component_list(&self) -> Result<Vec<ComponentRecord>, StoreError>;

    /// The connection of that name, made with `id` if there is none. With `renamed_from`, a connection of
    /// that old name is given the new one and keeps its id.
    async fn connection_register(
        &self,
        name: &ConnectionName,
        renamed_from: Option<&ConnectionName>,
        id: ConnectionId,
    ) -> Result<ConnectionRecord, StoreError>;
    async fn connection_list(&self) -> Result<Vec<ConnectionRecord>, StoreError>;

    /// Begins a run with epoch 1. [`StoreError::Busy`] when the connection has an open one.
    async fn run_begin(&self, run: &NewRun) -> Result<Run, StoreError>;
    /// Takes over an open run: when its lease has lapsed on database time, or when `owner_is_dead` says that
    /// its owner is gone. Raises the epoch. `None` when it is held or ended.
    async fn run_claim(
        &self,
        run: &RunId,
        owner: &str,
        lease: Duration,
        owner_is_dead: &(dyn for<'a> Fn(&'a str) -> bool + Send + Sync),
    ) -> Result<Option<Run>, StoreError>;
    /// Prolongs the lease. [`StoreError::Fenced`] when it is no longer ours.
    async fn run_beat(&self, run: &RunId, epoch: u64, lease: Duration) -> Result<(), StoreError>;
    /// Runs that are not ended.
    async fn run_open(&self) -> Result<Vec<Run>, StoreError>;
    async fn run_get(&self, run: &RunId) -> Result<Option<Run>, StoreError>;
    async fn run_list(&self, filter: &RunFilter, keyset: &Keyset) -> Result<Vec<Run>, StoreError>;
    /// Ends one stream of a run.
    async fn stream_end(
        &self,
        run: &RunId,
        epoch: u64,
        stream: &StreamId,
        end: &StreamEnd,
    ) -> Result<(), StoreError>;
    /// Ends the run and gives back its lease.
    async fn run_end(&self, run: &RunId, epoch: u64, state: RunState) -> Result<Run, StoreError>;
    /// The bookmark of the stream's last complete run, if it left one.
    async fn stream_bookmark(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
    ) -> Result<Option<Bookmark>, StoreError>;

    /// What there is to say about a stream at an instant (`None`: now), on database time: its two latest complete
    /// full sweeps, its latest complete incremental pass, and its latest run whatever became of it. Newest first.
    async fn sweeps(
        &self,
        connection: &ConnectionName,
        stream: &StreamId,
        at: Option<Instant>,
    ) -> Result<Vec<StreamSweep>, StoreError>;

    /// Commits a page: captures, evidence, revisions, page manifest, journal, gaps, cursor and counts in one
    /// transaction fenced by the epoch. A page with `Next::Done` leaves the stream running: [`Store::stream_end`] ends it.
    async fn page_commit(&self, commit: &PageCommit) -> Result<Committed, StoreError>;
    async fn page_get(
        &self,
        run: &RunId,
        stream: &StreamId,
        number: u32,
    ) -> Result<Option<PageRecord>, StoreError>;
    /// (stream, number) of all pages of a run, in the order of their commits.
    async fn page_list(&self, run: &RunId) -> Result<Vec<(StreamId, u32)>, StoreError>;
    /// A run's gaps in the order they were told: stream, page, gap.
    async fn gap_list(&self, run: &RunId) -> Result<Vec<(StreamId, u32, Gap)>, StoreError>;

    async fn evidence_list(
        &self,
        filter: &EvidenceFilter,
        keyset: &Keyset,
    ) -> Result<Vec<Evidence>, StoreError>;
    /// As it stood at an instant; `None` for now.
    async fn evidence_get(
        &self,
        id: &EvidenceId,
        at: Option<Instant>,
    ) -> Result<Option<Evidence>, StoreError>;
    /// All of these that there are, absent ones too, in one snapshot and by id.
    async fn evidence_of(&self, ids: &[EvidenceId], at: Option<Instant>)
    -> Result<Vec<Evidence>, StoreError>;
    /// All revisions, oldest first.
    async fn evidence_revisions(&self, id: &EvidenceId) -> Result<Vec<Evidence>, StoreError>;
    /// Where a revision was seen, latest first, at most `limit`.
    async fn evidence_seen(
        &self,
        id: &EvidenceId,
        revision: u32,
        limit: u32,
    ) -> Result<Vec<Seen>, StoreError>;
    async fn capture_get(&self, digest: &Digest) -> Result<Option<CaptureRecord>, StoreError>;
    /// Every blob the database refers to (captures, components, documents, packages), for sweeping orphans.
    async fn blob_references(&self) -> Result<Vec<Digest>, StoreError>;
    /// Whether the database holds together: its own integrity check and every reference between tables.
    /// Returns what is wrong, one line each.
    async fn check(&self) -> Result<Vec<String>, StoreError>;
}
