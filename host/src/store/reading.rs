//! How connections were read, as far as was known at an instant: what a book and a bundle are made of, beside evidence itself.
//!
//! The words of what these mean together are in `probity_core::book::rebuild`; a test holds what is found here to that.
//!
//! Deliberately absent: journals and captured bytes, and any rule about what a reading proves.

use async_trait::async_trait;
use probity_core::book::{MissingRevision, Named};
use probity_core::canonical::Digest;
use probity_core::id::{ConnectionId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::page::Gap;
use probity_core::run::{Mode, RunState};

use super::StoreError;

/// One stream of one run. All instants are database time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRun {
    pub run: RunId,
    pub component: Digest,
    pub began: Instant,
    pub stream: StreamId,
    pub mode: Mode,
    /// As they stand today: who asks for an earlier instant compares `ended` with it.
    pub state: RunState,
    pub ended: Option<Instant>,
    /// Items it returned, by its own count.
    pub items: u64,
}

/// How connections were read.
#[async_trait]
pub trait ReadingStore: Send + Sync {
    /// Every name a connection had, the oldest first.
    async fn connection_names(&self, connection: &ConnectionId) -> Result<Vec<Named>, StoreError>;
    /// Every stream of every run of a connection that had begun by an instant, in the order in which they began.
    async fn stream_runs(&self, connection: &ConnectionId, at: Instant)
    -> Result<Vec<StreamRun>, StoreError>;
    /// What pages of a stream, recorded by an instant, could not read, in the order of the pages.
    async fn stream_gaps(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
        at: Instant,
    ) -> Result<Vec<(RunId, Gap)>, StoreError>;
    /// Rows of page manifests whose revision is not there, of pages recorded from `since` (none: from the first) to `at`.
    async fn stream_missing(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
        since: Option<Instant>,
        at: Instant,
    ) -> Result<Vec<MissingRevision>, StoreError>;
    /// How many rows the manifests of a run's pages of a stream have, of pages recorded by an instant.
    async fn stream_listed(&self, run: &RunId, stream: &StreamId, at: Instant) -> Result<u32, StoreError>;
}
