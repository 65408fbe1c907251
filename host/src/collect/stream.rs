//! One stream of a run: page after page, the next one fetched while the last is being committed.

use std::collections::HashSet;

use probity_core::canonical::Digest;
use probity_core::connector::{Failure, FailureKind};
use probity_core::page::Next;
use probity_core::run::{RunState, StreamRead, conclude_stream};
use tokio::task::JoinHandle;

use super::Progress;
use super::page::{self, Attempted, Prepared};
use super::run::Work;
use crate::store::{Committed, StoreError, StreamProgress};

/// How a sweep of a stream came out.
pub(super) enum Swept {
    Ended {
        state: RunState,
        failure: Option<Failure>,
    },
    /// The run was taken over, or this host shuts down.
    Interrupted,
}

/// A commit under way, and what to tell when it is done.
struct Pending {
    task: JoinHandle<Result<Committed, StoreError>>,
    number: u32,
    items: usize,
    gaps: u64,
}

/// Reads a stream from where the run stands to its end.
pub(super) async fn sweep(work: &Work<'_>, progress: &StreamProgress) -> Result<Swept, StoreError> {
    let mut sweep = Sweep {
        work,
        progress,
        number: progress.pages,
        gaps: progress.gaps,
        cursor: progress.cursor.clone(),
        cursors: HashSet::new(),
        pending: None,
    };
    // The last page was committed, and only the end of the stream was not: nothing is left to read.
    let read_to_the_end = progress.pages > 0 && progress.cursor.is_none();
    let failure = if read_to_the_end { None } else { sweep.pages().await? };
    sweep.settle().await?;
    if work.halt.is_cancelled() && failure.is_none() && !sweep.at_end() {
        return Ok(Swept::Interrupted);
    }
    let state =
        conclude_stream(StreamRead { to_its_end: failure.is_none(), pages: sweep.number, gaps: sweep.gaps });
    Ok(Swept::Ended { state, failure })
}

struct Sweep<'a> {
    work: &'a Work<'a>,
    progress: &'a StreamProgress,
    /// The last page committed or on its way.
    number: u32,
    gaps: u64,
    /// Where the next page starts; none before the first page and after the last.
    cursor: Option<String>,
    /// Digests of the cursors this process has seen: a source that goes round in circles is found out.
    cursors: HashSet<Digest>,
    pending: Option<Pending>,
}

impl Sweep<'_> {
    fn at_end(&self) -> bool {
        self.number > 0 && self.cursor.is_none()
    }

    /// Page after page, until the end, an interruption, or a failure that ends the stream.
    async fn pages(&mut self) -> Result<Option<Failure>, StoreError> {
        loop {
            let number = self.number + 1;
            if let Some(failure) = self.circling(number) {
                return Ok(Some(failure));
            }
            let attempted = page::prepare(self.work, self.progress, self.cursor.as_deref(), number).await;
            // Page N+1 counts only if page N is committed: a failed commit ends here and drops it.
            self.settle().await?;
            match attempted {
                Attempted::Prepared(prepared) => self.commit(*prepared, number),
                Attempted::Failed(failure) => return Ok(Some(failure)),
                Attempted::Interrupted => return Ok(None),
            }
            if self.cursor.is_none() {
                return Ok(None);
            }
        }
    }

    /// Starts a commit in a task of its own, so that nothing that happens to this future can cut it.
    fn commit(&mut self, prepared: Prepared, number: u32) {
        let parts = &self.work.collector.inner.parts;
        let (store, blobs) = (parts.store.clone(), parts.blobs.clone());
        self.number = number;
        self.cursor = match &prepared.commit.page.next {
            Next::More { cursor } => Some(cursor.clone()),
            Next::Done { .. } => None,
        };
        let items = prepared.commit.page.items.len();
        let gaps = prepared.commit.page.gaps.len() as u64;
        let task = tokio::spawn(async move {
            blobs.put_all(prepared.captures.into_iter().map(|capture| capture.bytes)).await?;
            store.page_commit(&prepared.commit).await
        });
        self.pending = Some(Pending { task, number, items, gaps });
    }

    /// Waits for the commit under way, if any.
    async fn settle(&mut self) -> Result<(), StoreError> {
        let Some(pending) = self.pending.take() else { return Ok(()) };
        let committed = pending.task.await.map_err(|error| StoreError::Open {
            place: format!("page {} of stream {}", pending.number, self.progress.stream),
            rule: format!("its commit must end: {error}"),
        })??;
        self.gaps += pending.gaps;
        self.work.collector.inner.parts.reporter.tell(Progress::PageCommitted {
            run: self.work.run.id.clone(),
            connection: self.work.bound.record.name.clone(),
            stream: self.progress.stream.clone(),
            page: pending.number,
            items: pending.items,
            new_revisions: committed.new_evidence + committed.new_revisions,
        });
        Ok(())
    }

    /// A failure when the cursor was seen before in this run, or the pages never end.
    fn circling(&mut self, number: u32) -> Option<Failure> {
        let max = self.work.collector.inner.parts.settings.max_pages;
        if number > max {
            return Some(Failure::new(
                FailureKind::TooLarge,
                format!("the stream was read for {max} pages without an end; narrow the connection's config"),
            ));
        }
        let cursor = self.cursor.as_deref()?;
        if self.cursors.insert(Digest::of(cursor.as_bytes())) {
            return None;
        }
        Some(Failure::new(
            FailureKind::Internal,
            format!(
                "guest.cursor-loop: page {number} starts at a cursor that an earlier page of this run started at; the connector, or the source's paging, goes round in circles"
            ),
        ))
    }
}
