//! A run as it is shown: what was read, what was not, and who was seen.

use probity_core::canonical::Digest;
use probity_core::connector::{Failure, FailureKind};
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::page::Gap;
use probity_core::run::{Mode, RunState, Trigger};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    CitedView, ConnectionIdText, ConnectionNameText, DigestText, EvidenceIdText, InstantText, ModeText,
    RunIdText, RunStateText, StreamIdText, TriggerText, U64Text,
};
use crate::store::{PageRecord, Run, StreamProgress};

/// One pass over a connection's streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Run)]
pub struct RunView {
    #[schema(value_type = RunIdText)]
    pub id: RunId,
    #[schema(value_type = ConnectionNameText)]
    pub connection: ConnectionName,
    #[schema(value_type = ConnectionIdText)]
    pub connection_id: ConnectionId,
    /// The component that ran.
    #[schema(value_type = DigestText)]
    pub connector: Digest,
    #[schema(value_type = TriggerText)]
    pub trigger: Trigger,
    #[schema(value_type = RunStateText)]
    pub state: RunState,
    #[schema(value_type = InstantText)]
    pub started: Instant,
    /// Null while it runs.
    #[schema(value_type = Option<InstantText>)]
    pub ended: Option<Instant>,
    pub streams: Vec<ProgressView>,
}

/// How far a run came with one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Progress)]
pub struct ProgressView {
    #[schema(value_type = StreamIdText)]
    pub stream: StreamId,
    #[schema(value_type = ModeText)]
    pub mode: Mode,
    #[schema(value_type = RunStateText)]
    pub state: RunState,
    pub pages: u32,
    /// Items seen.
    #[serde(with = "probity_core::canonical::u64_string")]
    #[schema(value_type = U64Text)]
    pub items: u64,
    /// How many of them were seen for the first time.
    #[serde(with = "probity_core::canonical::u64_string")]
    #[schema(value_type = U64Text)]
    pub new_evidence: u64,
    /// How many of them were known and said something new.
    #[serde(with = "probity_core::canonical::u64_string")]
    #[schema(value_type = U64Text)]
    pub new_revisions: u64,
    /// How often something could not be read.
    #[serde(with = "probity_core::canonical::u64_string")]
    #[schema(value_type = U64Text)]
    pub gaps: u64,
    /// Why it failed; null when it did not.
    pub failure: Option<FailureView>,
}

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Failure)]
pub struct FailureView {
    /// The kind's stable code.
    #[schema(value_type = String, example = "unavailable")]
    pub kind: &'static str,
    /// When the source asked to be left alone: for how many seconds.
    pub retry_after: Option<u32>,
    /// For a person: what was attempted, the rule, what to change.
    pub message: String,
}

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Gap)]
pub struct GapView {
    /// What it concerns; null when it may concern anything.
    #[schema(example = "service:payments-bridge")]
    pub subject: Option<String>,
    pub reason: FailureView,
}

/// A gap, and where in the run it was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RunGap)]
pub struct RunGapView {
    #[schema(value_type = StreamIdText)]
    pub stream: StreamId,
    pub page: u32,
    pub gap: GapView,
}

/// One committed page of a run: when it was made, how, and who was seen in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ManifestPage)]
pub struct ManifestPageView {
    #[schema(value_type = StreamIdText)]
    pub stream: StreamId,
    /// 1 for the run's first page of the stream.
    pub page: u32,
    /// The page's instant: the collected time of its items.
    #[schema(value_type = InstantText)]
    pub collected: Instant,
    /// When the host committed it, on the database's clock.
    #[schema(value_type = InstantText)]
    pub recorded: Instant,
    /// Digest of the page journal, from which the page can be replayed.
    #[schema(value_type = DigestText)]
    pub journal: Digest,
    /// Who was seen, in order.
    pub seen: Vec<SightedView>,
    pub gaps: Vec<GapView>,
}

/// One piece of evidence, seen in a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Sighted)]
pub struct SightedView {
    #[schema(value_type = EvidenceIdText)]
    pub evidence: EvidenceId,
    pub revision: u32,
    /// Where it was seen this time.
    pub cited: Vec<CitedView>,
}

impl From<&Run> for RunView {
    fn from(run: &Run) -> Self {
        Self {
            id: run.id.clone(),
            connection: run.connection_name.clone(),
            connection_id: run.connection.clone(),
            connector: run.component,
            trigger: run.trigger,
            state: run.state,
            started: run.started,
            ended: run.ended,
            streams: run.streams.iter().map(ProgressView::from).collect(),
        }
    }
}

impl From<&StreamProgress> for ProgressView {
    fn from(progress: &StreamProgress) -> Self {
        Self {
            stream: progress.stream.clone(),
            mode: progress.mode,
            state: progress.state,
            pages: progress.pages,
            items: progress.items,
            new_evidence: progress.new_evidence,
            new_revisions: progress.new_revisions,
            gaps: progress.gaps,
            failure: progress.failure.as_ref().map(FailureView::from),
        }
    }
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> Self {
        let retry_after = match failure.kind {
            FailureKind::RateLimited { retry_after } => retry_after,
            _ => None,
        };
        Self { kind: failure.kind.code(), retry_after, message: failure.message.clone() }
    }
}

impl From<&Gap> for GapView {
    fn from(gap: &Gap) -> Self {
        Self { subject: gap.subject.clone(), reason: (&gap.reason).into() }
    }
}

impl ManifestPageView {
    /// A page, with the digest of its journal.
    pub fn new(page: &PageRecord, journal: Digest) -> Self {
        Self {
            stream: page.stream.clone(),
            page: page.number,
            collected: page.instant,
            recorded: page.recorded,
            journal,
            seen: page
                .manifest
                .iter()
                .map(|seen| SightedView {
                    evidence: seen.evidence.clone(),
                    revision: seen.revision,
                    cited: seen.cited.iter().map(CitedView::from).collect(),
                })
                .collect(),
            gaps: page.gaps.iter().map(GapView::from).collect(),
        }
    }
}
