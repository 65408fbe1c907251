//! One page: executed in the sandbox, tried again where that can help, admitted, made ready to commit.

use std::time::Duration;

use probity_core::connector::{Capture, Failure, FailureKind};
use probity_core::page::{Admission, Limits, admit};
use probity_core::run::{Wait, page_seed};

use super::run::Work;
use super::{Progress, doors};
use crate::binding::whole;
use crate::sandbox::{Execution, PageCall};
use crate::store::{CaptureRecord, PageCommit, StreamProgress};

/// A page that only waits to be written.
pub(super) struct Prepared {
    pub(super) commit: PageCommit,
    pub(super) captures: Vec<Capture>,
}

/// What became of a page.
pub(super) enum Attempted {
    Prepared(Box<Prepared>),
    /// It cannot be had, also not by trying again.
    Failed(Failure),
    Interrupted,
}

/// Executes a page, as often as the backoff allows.
pub(super) async fn prepare(
    work: &Work<'_>,
    progress: &StreamProgress,
    cursor: Option<&str>,
    number: u32,
) -> Attempted {
    let parts = &work.collector.inner.parts;
    let mut attempt = 0;
    loop {
        if work.halt.is_cancelled() {
            return Attempted::Interrupted;
        }
        attempt += 1;
        let failure = match once(work, progress, cursor, number).await {
            Ok(prepared) => return Attempted::Prepared(Box::new(prepared)),
            Err(failure) => failure,
        };
        let Some(wait) = wait_before_retry(work, &failure, attempt) else {
            tracing::warn!(run = %work.run.id, stream = %progress.stream, page = number, "Page {number} of {} failed: {failure}", progress.stream);
            return Attempted::Failed(failure);
        };
        parts.reporter.tell(Progress::Retrying {
            run: work.run.id.clone(),
            stream: progress.stream.clone(),
            attempt,
            wait: wait.time,
            failure: explain(failure, &wait),
        });
        tokio::select! {
            () = work.halt.cancelled() => return Attempted::Interrupted,
            () = tokio::time::sleep(wait.time) => {}
        }
    }
}

/// A source that asked for longer than it is given is told so.
fn explain(mut failure: Failure, wait: &Wait) -> Failure {
    if let Some(asked) = wait.cut_from {
        failure.message.push_str(&format!(" (it asked to wait {asked:.0?}; cut to {:.0?})", wait.time));
    }
    failure
}

/// How long to wait before the next attempt; none when there is to be none.
fn wait_before_retry(work: &Work<'_>, failure: &Failure, attempt: u32) -> Option<Wait> {
    if !failure.kind.is_transient() {
        return None;
    }
    let asked = match failure.kind {
        FailureKind::RateLimited { retry_after } => {
            retry_after.map(|seconds| Duration::from_secs(seconds.into()))
        }
        _ => None,
    };
    let parts = &work.collector.inner.parts;
    parts.settings.backoff.delay(attempt, parts.clock.jitter(Duration::from_secs(1)).as_secs_f64(), asked)
}

async fn once(
    work: &Work<'_>,
    progress: &StreamProgress,
    cursor: Option<&str>,
    number: u32,
) -> Result<Prepared, Failure> {
    let clock = &work.collector.inner.parts.clock;
    let call = PageCall {
        stream: progress.stream.to_string(),
        cursor: cursor.map(str::to_owned),
        config: work.run.config.clone(),
        instant: clock.now(),
        seed: page_seed(&work.run.id, work.run.seed, &progress.stream, number),
    };
    let doors = doors::LiveDoors::open(work.bound);
    let execution =
        work.bound.connector.collect(&call, Box::new(doors)).await.map_err(|error| error.to_failure())?;
    ready(work, progress, number, execution)
}

/// Admits what the connector returned, as core says.
fn ready(
    work: &Work<'_>,
    progress: &StreamProgress,
    number: u32,
    execution: Execution,
) -> Result<Prepared, Failure> {
    let Execution { page, journal, captures, usage } = execution;
    tracing::debug!(run = %work.run.id, stream = %progress.stream, page = number, ?usage, "A page was executed");
    let stream = work.bound.connector.manifest().stream(progress.stream.as_str()).ok_or_else(|| {
        Failure::new(
            FailureKind::Config,
            format!("the connector no longer has the stream `{}`; begin a new run", progress.stream),
        )
    })?;
    let cursor = journal.cursor.clone();
    let context =
        Admission { stream, captures: &captures, cursor: cursor.as_deref(), limits: Limits::default() };
    let admitted = admit(page, context).map_err(|breach| {
        Failure::new(FailureKind::Internal, format!("{}: {}", breach.code(), whole(&breach)))
    })?;
    let clock = &work.collector.inner.parts.clock;
    let fresh_ids = admitted.items.iter().map(|_| clock.evidence_id()).collect();
    let records = captures
        .iter()
        .map(|capture| CaptureRecord {
            digest: capture.digest,
            size: capture.bytes.len() as u64,
            media_type: capture.media_type.clone(),
        })
        .collect();
    let commit = PageCommit {
        run: work.run.id.clone(),
        epoch: work.epoch,
        stream: progress.stream.clone(),
        number,
        page: admitted,
        journal,
        captures: records,
        fresh_ids,
    };
    Ok(Prepared { commit, captures })
}
