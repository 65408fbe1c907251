//! Packets as listings show them, what an append did, and submissions in the queue.

use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::ledger::{Entry, Head};
use probity_core::readiness::Verdict;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    DigestText, EntrySchema, HeadSchema, InstantText, PacketIdText, PrincipalIdText, QueueStateText,
    SubjectText, VerdictText,
};
use crate::casework::{Appended, CaseworkError, Summary};
use crate::store::StoreError;
use crate::store::handoff::{QueueItem, QueueState};
use crate::store::ledger::PacketRow;

/// A packet in a listing, as it stood at its last entry. What evidence did since is in the readiness report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = PacketRow)]
pub struct PacketRowView {
    #[schema(value_type = PacketIdText)]
    pub id: PacketId,
    pub title: String,
    /// The verdict at the last entry.
    #[schema(value_type = VerdictText)]
    pub state: Verdict,
    #[schema(value_type = PrincipalIdText)]
    pub author: String,
    /// The approval owner.
    #[schema(value_type = PrincipalIdText)]
    pub owner: String,
    #[schema(value_type = SubjectText)]
    pub system: String,
    /// When the exception ends.
    #[schema(value_type = Option<InstantText>)]
    pub expires: Option<Instant>,
    #[schema(value_type = InstantText)]
    pub opened: Instant,
    /// When the last entry was made.
    #[schema(value_type = InstantText)]
    pub changed: Instant,
    #[schema(value_type = HeadSchema)]
    pub head: Head,
    /// Lines of the report that stood in the way.
    pub blockers: usize,
    /// Objections that are not withdrawn.
    pub objections: usize,
    /// Drafts nobody decided about.
    pub drafts: usize,
    /// Until when a signature was good.
    #[schema(value_type = Option<InstantText>)]
    pub good_until: Option<Instant>,
    /// When the packet first awaited signatures.
    #[schema(value_type = Option<InstantText>)]
    pub first_awaiting: Option<Instant>,
}

impl TryFrom<PacketRow> for PacketRowView {
    type Error = CaseworkError;

    fn try_from(row: PacketRow) -> Result<Self, CaseworkError> {
        let summary: Summary = serde_json::from_str(&row.projection.summary).map_err(|error| {
            CaseworkError::Store(StoreError::Corrupt {
                table: "packet",
                column: "summary",
                row: row.id.to_string(),
                problem: error.to_string(),
            })
        })?;
        Ok(Self {
            id: row.id,
            title: row.projection.title,
            state: summary.verdict,
            author: row.projection.author,
            owner: row.projection.owner,
            system: row.projection.system,
            expires: row.projection.expires,
            opened: row.opened,
            changed: summary.changed,
            head: row.head,
            blockers: summary.blockers,
            objections: summary.objections,
            drafts: summary.drafts,
            good_until: summary.good_until,
            first_awaiting: summary.first_awaiting,
        })
    }
}

/// What an append did.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Appended)]
pub struct AppendedView {
    /// The entry that was made.
    #[schema(value_type = EntrySchema)]
    pub entry: Entry,
    /// The entry as the packet's head: what the next command names.
    #[schema(value_type = HeadSchema)]
    pub head: Head,
    /// The verdict right after.
    #[schema(value_type = VerdictText)]
    pub verdict: Verdict,
}

impl From<Appended> for AppendedView {
    fn from(appended: Appended) -> Self {
        Self { entry: appended.entry, head: appended.head, verdict: appended.report.verdict }
    }
}

/// A package in the board's intake queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Submission)]
pub struct SubmissionView {
    /// Packet id, a colon, and the number of the entry that handed it off.
    #[schema(example = "019aab3c-6a10-7bb0-8000-1f4be5d0c004:42")]
    pub submission: String,
    #[schema(value_type = PacketIdText)]
    pub packet: PacketId,
    /// The entry that handed it off.
    pub seq: u32,
    pub title: String,
    /// Digest of the package.
    #[schema(value_type = DigestText)]
    pub package: Digest,
    #[schema(value_type = InstantText)]
    pub received: Instant,
    #[schema(value_type = QueueStateText)]
    pub state: QueueState,
    /// Why it was bounced.
    pub reasons: Vec<String>,
    pub decision: Option<String>,
    /// Who changed its state last.
    #[schema(value_type = Option<PrincipalIdText>)]
    pub by: Option<String>,
    #[schema(value_type = InstantText)]
    pub changed: Instant,
}

impl From<QueueItem> for SubmissionView {
    fn from(item: QueueItem) -> Self {
        Self {
            submission: item.submission,
            packet: item.packet,
            seq: item.seq,
            title: item.title,
            package: item.package,
            received: item.received,
            state: item.state,
            reasons: item.reasons,
            decision: item.decision,
            by: item.by,
            changed: item.changed,
        }
    }
}
