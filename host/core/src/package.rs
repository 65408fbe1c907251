//! The package: what the board gets.
//!
//! One value, built from the ledger through its head (or through the entry that handed the packet off), the fold of it, the
//! readiness report, the evidence and the board policy. Every export renders this value and nothing else, so what one
//! of them shows, all of them show: accepted language with the provenance of each span, claims with their evidence, every
//! objection with its answers and its fate, the handoff ledger, the signatures, the follow-ups.
//!
//! Drafts are listed, so that nobody is surprised by them, but their words are not in this value: no export can print as packet
//! language what no human accepted.
//!
//! Deliberately absent: options. Nothing can be left out of a package, least of all dissent.

mod claims;
mod dissent;
mod handoff;
mod language;
mod signed;
mod sources;

use serde::Serialize;

use crate::board::Board;
use crate::book::Book;
use crate::canonical::{self, Digest, NotCanonical};
use crate::event::{Renewal, Terms};
use crate::id::PacketId;
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::{FollowUp, NotOpened, Packet};
use crate::readiness::{Report, Verdict};

pub use claims::{ClaimRow, Ground};
pub use dissent::{AnswerRow, FateRow, Happening, ObjectionRow};
pub use handoff::{HandoffLedger, NextStep, Receiving, ReviewRow, ReviewerRow};
pub use language::{Draft, DraftKind, SectionLanguage, Span};
pub use signed::{Counting, Signed};
pub use sources::{CitedPlace, Found, InBook, Source, Sources};

/// The version of the package's form.
pub const VERSION: u32 = 1;

/// What the board gets.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Package {
    pub v: u32,
    pub packet: PacketId,
    /// The submission to the board's intake, once the packet was handed off.
    pub submission: Option<String>,
    pub title: String,
    pub exception: String,
    pub terms: Terms,
    /// The instant the report speaks of: every "supported", "in date" and "blocks" here is of this instant.
    pub instant: Instant,
    pub verdict: Verdict,
    /// Digest of the readiness report.
    pub report: Digest,
    pub text: Digest,
    pub approval: Digest,
    pub policy: Digest,
    pub subjects: Digest,
    /// Every section that has accepted language, or needs it.
    pub language: Vec<SectionLanguage>,
    /// What nobody accepted yet: listed without its words.
    pub drafts: Vec<Draft>,
    /// Accepted claims.
    pub claims: Vec<ClaimRow>,
    /// Every objection that was ever raised, whatever became of it.
    pub objections: Vec<ObjectionRow>,
    /// Every revision of evidence that anything here cites.
    pub sources: Vec<Source>,
    pub ledger: HandoffLedger,
    /// Everything that was signed, in order.
    pub signatures: Vec<Signed>,
    pub follow_ups: Vec<FollowUp>,
    /// The packet this one renews, with the dissent that came along.
    pub renews: Option<Renewal>,
}

/// Why there is no package of these values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPackaged {
    #[error(
        "the packet stands at entry {packet}, the ledger given ends at entry {ledger}: give the ledger the packet was folded from"
    )]
    Ledger { packet: u32, ledger: u32 },
    #[error("the readiness report is not of this ledger: it was made at entry {report} of packet {packet}")]
    Report { packet: PacketId, report: u32 },
    #[error("the packet is held to the board policy {adopted}, the policy given is {given}")]
    Policy { adopted: Digest, given: Digest },
    #[error("the package has no digests: {0}")]
    NotCanonical(#[from] NotCanonical),
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
}

impl NotPackaged {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ledger { .. } | Self::NotOpened(_) => "package.ledger",
            Self::Report { .. } => "package.report",
            Self::Policy { .. } => "package.policy",
            Self::NotCanonical(_) => "package.not-canonical",
        }
    }
}

impl Package {
    /// The package of a packet that was folded from exactly these entries.
    ///
    /// For a handoff, give the entries through `packet-handed-off`, their fold and the report at that entry's
    /// instant: whoever builds it again later gets the same bytes.
    pub fn of(
        entries: &[(Entry, Head)],
        packet: &Packet,
        report: &Report,
        book: &Book,
        board: &Board,
    ) -> Result<Self, NotPackaged> {
        fit_together(entries, packet, report, board)?;
        let mut sources = Sources::new(book, board, report.instant);
        let language = language::of(packet, board, &mut sources);
        let claims = claims::of(packet, report, &mut sources);
        let objections = dissent::of(entries, packet, report, &mut sources)?;
        Ok(Self {
            v: VERSION,
            packet: packet.id.clone(),
            submission: packet.handoff().map(|handoff| handoff.submission.clone()),
            title: packet.title.clone(),
            exception: packet.exception.clone(),
            terms: packet.terms.clone(),
            instant: report.instant,
            verdict: report.verdict,
            report: report.digest()?,
            text: report.text,
            approval: report.approval,
            policy: packet.policy,
            subjects: packet.subjects,
            language,
            drafts: language::drafts(packet),
            claims,
            objections,
            sources: sources.listed(),
            ledger: handoff::of(packet, report, board),
            signatures: signed::of(entries, packet, report)?,
            follow_ups: packet.follow_ups.values().cloned().collect(),
            renews: packet.renews.clone(),
        })
    }

    /// The package's canonical JSON.
    pub fn bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::bytes(self)
    }

    /// Its digest.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        self.bytes().map(|bytes| Digest::of(&bytes))
    }
}

/// Refuses values that are not of one another: a package of mixed ones would state what never was.
fn fit_together(
    entries: &[(Entry, Head)],
    packet: &Packet,
    report: &Report,
    board: &Board,
) -> Result<(), NotPackaged> {
    let last = entries.last();
    if last.is_none_or(|(entry, head)| *head != packet.head || entry.packet != packet.id) {
        let ledger = last.map_or(0, |(_, head)| head.seq);
        return Err(NotPackaged::Ledger { packet: packet.head.seq, ledger });
    }
    let known = entries.iter().any(|(_, head)| *head == report.head);
    if report.packet != packet.id || !known {
        return Err(NotPackaged::Report { packet: report.packet.clone(), report: report.head.seq });
    }
    if board.digest != packet.policy {
        return Err(NotPackaged::Policy { adopted: packet.policy, given: board.digest });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
