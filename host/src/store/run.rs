//! Runs as they are kept: who works on them, what they are to do, how far they are.

use std::time::Duration;

use probity_core::canonical::Digest;
use probity_core::connector::Failure;
use probity_core::id::{ConnectionId, ConnectionName, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::run::{Mode, RunState, Trigger};

/// Who works on a run, and until when nobody else may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The host process.
    pub owner: String,
    /// Raised by each take-over; every write of a run names it.
    pub epoch: u64,
    pub until: Instant,
}

/// What a run is to do with one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamPlan {
    pub stream: StreamId,
    pub mode: Mode,
    /// Where to start: `None` for a full sweep, the bookmark for an incremental one.
    pub cursor: Option<String>,
}

/// A run about to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    pub id: RunId,
    pub connection: ConnectionId,
    pub component: Digest,
    pub trigger: Trigger,
    /// The connection's configuration as JSON text, the same for all pages of the run.
    pub config: String,
    pub seed: u64,
    pub started: Instant,
    pub streams: Vec<StreamPlan>,
    /// The host process, and how long it may be silent.
    pub owner: String,
    pub lease: Duration,
}

/// How far a run is with one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamProgress {
    pub stream: StreamId,
    pub mode: Mode,
    pub state: RunState,
    /// Where the next page starts; after the end, nothing.
    pub cursor: Option<String>,
    /// From where the next incremental run may start.
    pub bookmark: Option<String>,
    pub pages: u32,
    /// Items seen, and how many of them were new evidence, new revisions of known evidence, or unchanged.
    pub items: u64,
    pub new_evidence: u64,
    pub new_revisions: u64,
    pub gaps: u64,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub id: RunId,
    pub connection: ConnectionId,
    pub connection_name: ConnectionName,
    pub component: Digest,
    pub trigger: Trigger,
    pub config: String,
    pub seed: u64,
    pub state: RunState,
    pub started: Instant,
    pub ended: Option<Instant>,
    pub lease: Option<Lease>,
    pub streams: Vec<StreamProgress>,
}

/// How a stream of a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEnd {
    pub state: RunState,
    pub failure: Option<Failure>,
}

/// From where an incremental run of a stream may start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    pub cursor: String,
    /// The run that left it.
    pub run: RunId,
    /// When the last complete full sweep of the stream began.
    pub last_full_sweep: Option<Instant>,
}

/// Which runs to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunFilter {
    pub connection: Option<ConnectionName>,
    pub state: Option<RunState>,
}

/// How one stream fared in one run: what counting over its evidence rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSweep {
    pub run: RunId,
    pub mode: Mode,
    /// As it stood at the instant asked about.
    pub state: RunState,
    /// When the run began and the stream ended, on database time.
    pub began: Instant,
    pub ended: Option<Instant>,
    /// Items returned, and gaps told, by that instant.
    pub examined: u64,
    pub gaps: u64,
}
