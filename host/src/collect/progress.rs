//! What happens in runs, as it happens: for progress bars, logs and live pages. Never the truth: the store is.

use probity_core::connector::Failure;
use probity_core::id::{ConnectionName, RunId, StreamId};
use probity_core::run::RunState;
use tokio::sync::broadcast;

/// Something that happened in a run.
#[derive(Debug, Clone)]
pub enum Progress {
    PageCommitted {
        run: RunId,
        connection: ConnectionName,
        stream: StreamId,
        page: u32,
        items: usize,
        new_revisions: u64,
    },
    Retrying {
        run: RunId,
        stream: StreamId,
        attempt: u32,
        wait: std::time::Duration,
        failure: Failure,
    },
    StreamEnded {
        run: RunId,
        stream: StreamId,
        state: RunState,
    },
    RunEnded {
        run: RunId,
        state: RunState,
    },
}

/// Hands progress to whoever listens. Nobody has to; a slow listener loses the oldest.
#[derive(Debug, Clone)]
pub struct Reporter(broadcast::Sender<Progress>);

impl Default for Reporter {
    fn default() -> Self {
        Self(broadcast::channel(1_024).0)
    }
}

impl Reporter {
    pub fn subscribe(&self) -> broadcast::Receiver<Progress> {
        self.0.subscribe()
    }

    pub(super) fn tell(&self, progress: Progress) {
        // An error only says that nobody listens.
        let _ = self.0.send(progress);
    }
}
