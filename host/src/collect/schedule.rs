//! Schedules: each connection with `every` is collected when that long has passed since its last run began.
//!
//! The store, not this process, remembers when that was, so a restart neither forgets nor repeats. Due times
//! are spread by up to a tenth of the interval, so that many connections do not ask at the same second.
//!
//! The same clockwork sweeps blobs that no transaction refers to: what a host had written when it was killed
//! before its commit.

use std::time::Duration;

use probity_core::id::RunId;
use probity_core::run::Trigger;
use tokio_util::sync::CancellationToken;

use super::{Bound, CollectError, Collector};
use crate::casework::RunRequest;
use crate::store::{Keyset, RunFilter};

/// How often due connections and abandoned runs are looked for.
const LOOK: Duration = Duration::from_secs(5);

/// After how many looks orphaned blobs are swept: about every six hours, and once at the start.
const SWEEP_EVERY: u64 = 6 * 3_600 / LOOK.as_secs();

/// How long a blob nothing refers to is left alone: far longer than a page takes from its first blob to its commit.
const GRACE: Duration = Duration::from_hours(24);

pub(super) async fn keep(collector: &Collector, stop: CancellationToken) {
    for looked in 0_u64.. {
        if let Err(error) = look(collector).await {
            tracing::warn!(error = %error, "The schedule could not be kept this time: {error}");
        }
        if looked % SWEEP_EVERY == 0
            && let Err(error) = sweep_orphans(collector).await
        {
            tracing::warn!(error = %error, "Orphaned blobs could not be swept this time: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Takes over abandoned runs and begins those that are due. Returns the ones begun.
pub(super) async fn look(collector: &Collector) -> Result<Vec<RunId>, CollectError> {
    collector.resume().await?;
    let mut begun = Vec::new();
    for bound in collector.inner.connections.values() {
        if !is_due(collector, bound).await? {
            continue;
        }
        let name = bound.record.name.as_str();
        match collector.start(name, &RunRequest::default(), Trigger::Schedule).await {
            Ok(run) => begun.push(run),
            Err(CollectError::Busy { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(begun)
}

async fn sweep_orphans(collector: &Collector) -> Result<(), CollectError> {
    let parts = &collector.inner.parts;
    let referenced = parts.store.blob_references().await?.into_iter().collect();
    let swept = parts.blobs.sweep(&referenced, GRACE, parts.clock.now()).await?;
    if !swept.is_empty() {
        tracing::info!(blobs = swept.len(), "{} orphaned blobs were swept", swept.len());
    }
    Ok(())
}

/// Whether a connection's next run is due.
pub(super) async fn is_due(collector: &Collector, bound: &Bound) -> Result<bool, CollectError> {
    let Some(every) = bound.every else { return Ok(false) };
    let filter = RunFilter { connection: Some(bound.record.name.clone()), state: None };
    let last = collector.inner.parts.store.run_list(&filter, &Keyset { after: None, limit: 1 }).await?;
    let Some(last) = last.first() else { return Ok(true) };
    if last.ended.is_none() {
        return Ok(false);
    }
    Ok(collector.inner.parts.clock.now().since(last.started) >= every + spread(bound, every))
}

/// A share of a tenth of the interval, always the same for one connection.
fn spread(bound: &Bound, every: Duration) -> Duration {
    let digest = probity_core::canonical::Digest::of(bound.record.id.as_str().as_bytes());
    every / 10 * u32::from(digest.as_bytes()[0]) / 256
}
