//! What a run is to do: which streams, each from the start or from its bookmark.

use std::sync::Arc;
use std::time::Duration;

use probity_core::connector::SyncMode;
use probity_core::freshness::full_sweep_due;
use probity_core::id::StreamId;
use probity_core::instant::Instant;
use probity_core::run::{Mode, Trigger};

use super::{Bound, CollectError, Collector};
use crate::casework::RunRequest;
use crate::store::{NewRun, Run, StoreError, StreamPlan};

/// Plans a run and begins it in the store.
pub(super) async fn begin(
    collector: &Collector,
    bound: &Arc<Bound>,
    request: &RunRequest,
    trigger: Trigger,
) -> Result<Run, CollectError> {
    let parts = &collector.inner.parts;
    let started = parts.clock.now();
    let mut streams = Vec::new();
    for stream in chosen(bound, request)? {
        streams.push(plan(collector, bound, &stream, request.mode, started).await?);
    }
    let new = NewRun {
        id: parts.clock.run_id(),
        connection: bound.record.id.clone(),
        component: bound.connector.digest(),
        trigger,
        config: bound.config.clone(),
        seed: parts.clock.seed(),
        started,
        streams,
        owner: collector.inner.host.name.clone(),
        lease: parts.settings.lease,
    };
    parts.store.run_begin(&new).await.map_err(|error| match error {
        StoreError::Busy { run, .. } => CollectError::Busy { connection: bound.record.name.clone(), run },
        other => other.into(),
    })
}

fn chosen(bound: &Bound, request: &RunRequest) -> Result<Vec<StreamId>, CollectError> {
    let known = bound.streams();
    let unknown = request.streams.iter().find(|stream| !known.contains(stream));
    match unknown {
        Some(stream) => Err(CollectError::UnknownStream {
            connection: bound.record.name.clone(),
            stream: stream.clone(),
            known: known.to_vec(),
        }),
        None if request.streams.is_empty() => Ok(known.to_vec()),
        None => Ok(request.streams.clone()),
    }
}

/// Incremental only when the stream can, a bookmark exists, and no full sweep is due.
async fn plan(
    collector: &Collector,
    bound: &Bound,
    stream: &StreamId,
    asked: Option<Mode>,
    now: Instant,
) -> Result<StreamPlan, CollectError> {
    let full = StreamPlan { stream: stream.clone(), mode: Mode::Full, cursor: None };
    let declared = bound.connector.manifest().stream(stream.as_str());
    let can = declared.is_some_and(|declared| declared.sync == SyncMode::Incremental);
    if !can || asked == Some(Mode::Full) {
        return Ok(full);
    }
    let Some(bookmark) = collector.inner.parts.store.stream_bookmark(&bound.record.id, stream).await? else {
        return Ok(full);
    };
    let shortest: Option<Duration> = declared
        .into_iter()
        .flat_map(|declared| &declared.kinds)
        .filter_map(|kind| collector.inner.max_age.get(kind).copied())
        .min();
    let due = full_sweep_due(bookmark.last_full_sweep, shortest, now);
    if asked.is_none() && due {
        return Ok(full);
    }
    Ok(StreamPlan { cursor: Some(bookmark.cursor), mode: Mode::Incremental, ..full })
}
