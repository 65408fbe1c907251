//! Runs: what was read, what was not, and who was seen.

use probity_core::canonical::{Digest, NotCanonical};
use probity_core::id::{ConnectionName, RunId, StreamId};
use probity_core::run::RunState;

use super::evidence::check_place;
use super::view::{GapView, ManifestPageView, RunGapView, RunView};
use super::{Casework, CaseworkError, Listing, Slice};
use crate::authz::{Authorized, ReadRuns};
use crate::store::{PageRecord, RunFilter, StoreError};

/// Which runs to list. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    pub connection: Option<ConnectionName>,
    pub state: Option<RunState>,
}

/// A run with its gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDetail {
    pub run: RunView,
    /// In the order they were told, at most [`RunDetail::MAX_GAPS`].
    pub gaps: Vec<RunGapView>,
}

impl RunDetail {
    /// Gaps shown with a run. The manifest has them all, page by page.
    pub const MAX_GAPS: usize = 200;
}

impl Casework {
    /// A page of runs, newest first.
    pub async fn run_list(
        &self,
        _: &Authorized<ReadRuns>,
        query: RunQuery,
        slice: &Slice,
    ) -> Result<Listing<RunView>, CaseworkError> {
        check_place::<RunId>(slice)?;
        let filter = RunFilter { connection: query.connection, state: query.state };
        let runs = self.store.run_list(&filter, &slice.probe()).await?;
        let Listing { items, next } = slice.cut(runs, |run| run.id.to_string());
        Ok(Listing { items: items.iter().map(RunView::from).collect(), next })
    }

    /// One run, with what could not be read.
    pub async fn run_get(&self, _: &Authorized<ReadRuns>, id: &RunId) -> Result<RunDetail, CaseworkError> {
        let run = self.store.run_get(id).await?.ok_or_else(|| CaseworkError::UnknownRun(id.clone()))?;
        let gaps = self.store.gap_list(id).await?;
        let gaps = gaps.iter().take(RunDetail::MAX_GAPS).map(|(stream, page, gap)| RunGapView {
            stream: stream.clone(),
            page: *page,
            gap: GapView::from(gap),
        });
        Ok(RunDetail { run: RunView::from(&run), gaps: gaps.collect() })
    }

    /// The page manifests of a run: who was seen, page by page in the order of their commits.
    pub async fn run_manifest(
        &self,
        _: &Authorized<ReadRuns>,
        id: &RunId,
        slice: &Slice,
    ) -> Result<Listing<ManifestPageView>, CaseworkError> {
        if self.store.run_get(id).await?.is_none() {
            return Err(CaseworkError::UnknownRun(id.clone()));
        }
        let pages = self.store.page_list(id).await?;
        let start = match &slice.after {
            None => 0,
            Some(after) => {
                let at = pages.iter().position(|(stream, page)| place(stream, *page) == *after);
                at.ok_or_else(|| CaseworkError::NotAPlace(after.chars().take(80).collect()))? + 1
            }
        };
        let probe = slice.probe().limit as usize;
        let wanted: Vec<_> = pages.into_iter().skip(start).take(probe).collect();
        let listing = slice.cut(wanted, |(stream, page)| place(stream, *page));
        let mut items = Vec::with_capacity(listing.items.len());
        for (stream, number) in &listing.items {
            if let Some(page) = self.store.page_get(id, stream, *number).await? {
                items.push(ManifestPageView::new(&page, journal_digest(&page)?));
            }
        }
        Ok(Listing { items, next: listing.next })
    }

    /// How many runs are under way.
    pub async fn runs_open(&self, _: &Authorized<crate::authz::ReadMetrics>) -> Result<usize, CaseworkError> {
        Ok(self.store.run_open().await?.len())
    }

    /// Whether the store answers.
    pub async fn is_ready(&self) -> Result<(), CaseworkError> {
        self.store.now().await?;
        Ok(())
    }
}

/// Where a page is in its run: `findings:3`.
fn place(stream: &StreamId, page: u32) -> String {
    format!("{stream}:{page}")
}

fn journal_digest(page: &PageRecord) -> Result<Digest, CaseworkError> {
    page.journal.digest().map_err(|error: NotCanonical| {
        CaseworkError::Store(StoreError::Corrupt {
            table: "page",
            column: "journal",
            row: format!("{}/{}/{}", page.run, page.stream, page.number),
            problem: error.to_string(),
        })
    })
}
