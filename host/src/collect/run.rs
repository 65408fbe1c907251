//! Working on one run: its streams one after the other, its lease kept, its end recorded.

use std::sync::Arc;

use probity_core::run::{RunState, conclude};
use tokio_util::sync::CancellationToken;

use super::stream::{self, Swept};
use super::{Bound, Collector, Progress, lease};
use crate::store::{Run, StoreError, StreamEnd};

/// What a page of this run needs to know.
pub(super) struct Work<'a> {
    pub(super) collector: &'a Collector,
    pub(super) bound: &'a Arc<Bound>,
    pub(super) run: &'a Run,
    pub(super) epoch: u64,
    /// Cancelled when the run is no longer ours, or this host shuts down.
    pub(super) halt: CancellationToken,
}

/// Works on a run that this host holds until it ends, is lost to another host, or this host shuts down. In the
/// last two cases it stays open, for whoever takes it over.
pub(super) async fn work(collector: &Collector, bound: &Arc<Bound>, run: Run) {
    let Some(epoch) = run.lease.as_ref().map(|lease| lease.epoch) else { return };
    let _working = collector.inner.host.working(&run.id);
    let halt = collector.inner.stop.child_token();
    let done = CancellationToken::new();
    let beat =
        tokio::spawn(lease::beat(collector.clone(), run.id.clone(), epoch, done.clone(), halt.clone()));
    let work = Work { collector, bound, run: &run, epoch, halt };
    let outcome = sweep_all(&work).await;
    done.cancel();
    // The beat only waits and updates; a panic in it has nothing to tell that the outcome does not.
    let _ = beat.await;
    match outcome {
        Ok(Some(state)) => {
            tracing::info!(run = %run.id, connection = %bound.record.name, state = ?state, "Run {} ended", run.id);
            collector.inner.parts.reporter.tell(Progress::RunEnded { run: run.id.clone(), state });
        }
        Ok(None) => tracing::info!(run = %run.id, "Run {} stays open; it can be taken over", run.id),
        Err(error) => {
            tracing::error!(run = %run.id, error = %error, "Run {} stopped: {error}; it stays open", run.id);
        }
    }
}

/// Sweeps what is left of the run. `None` when it was interrupted.
async fn sweep_all(work: &Work<'_>) -> Result<Option<RunState>, StoreError> {
    let store = &work.collector.inner.parts.store;
    let mut ends: Vec<RunState> = Vec::new();
    for progress in &work.run.streams {
        if progress.state != RunState::Running {
            ends.push(progress.state);
            continue;
        }
        let (state, failure) = match stream::sweep(work, progress).await? {
            Swept::Ended { state, failure } => (state, failure),
            Swept::Interrupted => return Ok(None),
        };
        let end = StreamEnd { state, failure };
        store.stream_end(&work.run.id, work.epoch, &progress.stream, &end).await?;
        work.collector.inner.parts.reporter.tell(Progress::StreamEnded {
            run: work.run.id.clone(),
            stream: progress.stream.clone(),
            state,
        });
        ends.push(state);
    }
    let state = conclude(&ends);
    store.run_end(&work.run.id, work.epoch, state).await?;
    Ok(Some(state))
}
