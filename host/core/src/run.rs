//! How runs end, and what absence means.
//!
//! A run is one pass over a connection's streams. It ends *complete* (every stream read to its end, no gap),
//! *incomplete* (something was not read, and the run says what) or *failed* (a stream could not be read at
//! all). Only complete full sweeps say anything about what is not there.

use serde::{Deserialize, Serialize};

/// What a run does with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// From the start, everything.
    Full,
    /// From the last bookmark, what changed.
    Incremental,
}

/// Where a run, or one stream of it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    Running,
    Complete,
    Incomplete,
    Failed,
}

/// Who began a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    Manual,
    Schedule,
}
