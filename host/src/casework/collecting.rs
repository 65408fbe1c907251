//! What the use cases ask of collection.
//!
//! Collection brings the sandbox, egress and schedules with it; the edges only need to see connections, check
//! one, and begin a run. This is that much of it, so that the edges can be tested without running components.

use async_trait::async_trait;
use probity_core::connector::Failure;
use probity_core::id::{ConnectionName, RunId, StreamId};
use probity_core::run::Mode;

use super::view::ConnectionView;
use crate::store::StoreError;

/// A run that somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunRequest {
    /// Which streams; none named means all that the connection collects.
    pub streams: Vec<StreamId>,
    /// Full or incremental; `None` leaves it to the streams' bookmarks.
    pub mode: Option<Mode>,
}

/// Why no run began.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No connection of that name is configured.
    #[error("no such connection is configured")]
    Unknown,
    #[error("run {0} is collecting it")]
    Busy(RunId),
    #[error("it has no stream `{stream}`")]
    Stream { stream: StreamId, known: Vec<StreamId> },
    /// The connection, as configured, cannot be collected.
    #[error("{}", .0.message)]
    Unusable(Failure),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Collection, as far as the edges see it.
#[async_trait]
pub trait Collecting: Send + Sync {
    /// Every configured connection, by name. `last_run` is filled in by the caller.
    fn connections(&self) -> Vec<ConnectionView>;
    /// The connection of that name.
    fn connection(&self, name: &ConnectionName) -> Option<ConnectionView>;
    /// Asks the source, with the connection's credential, whether the connection works; in words what does, or
    /// what does not. `None` when no such connection is configured.
    async fn check(&self, name: &ConnectionName) -> Option<Result<Vec<String>, Failure>>;
    /// Begins a run and returns once it is recorded; collecting goes on in the background.
    async fn start(&self, name: &ConnectionName, request: RunRequest) -> Result<RunId, StartError>;
}
