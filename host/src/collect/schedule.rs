//! Schedules: each connection with `every` is collected when that long has passed since its last run began.
//!
//! The store, not this process, remembers when that was, so a restart neither forgets nor repeats. Due times
//! are spread by up to a tenth of the interval, so that many connections do not ask at the same second.

use std::time::Duration;

use probity_core::run::Trigger;
use tokio_util::sync::CancellationToken;

use super::{Bound, CollectError, Collector};
use crate::casework::RunRequest;
use crate::store::{Keyset, RunFilter};

/// How often due connections and abandoned runs are looked for.
const LOOK: Duration = Duration::from_secs(5);

pub(super) async fn keep(collector: &Collector, stop: CancellationToken) {
    loop {
        if let Err(error) = look(collector).await {
            tracing::warn!(error = %error, "The schedule could not be kept this time: {error}");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn look(collector: &Collector) -> Result<(), CollectError> {
    collector.resume().await?;
    for bound in collector.inner.connections.values() {
        if is_due(collector, bound).await? {
            match collector.start(bound.record.name.as_str(), &RunRequest::default(), Trigger::Schedule).await
            {
                Ok(_) | Err(CollectError::Busy { .. }) => {}
                Err(error) => return Err(error),
            }
        }
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
