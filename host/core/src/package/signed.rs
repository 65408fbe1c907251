//! Everything that was signed: by whom, over which statement, with which key, and whether it counts.

use serde::Serialize;

use crate::actor::Role;
use crate::canonical::{Digest, NotCanonical};
use crate::event::{Decided, Decision, Event};
use crate::id::PrincipalId;
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::{Acceptance, Packet};
use crate::readiness::Report;

/// A signed entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Signed {
    pub seq: u32,
    pub at: Instant,
    pub by: PrincipalId,
    pub role: Role,
    /// What was decided, exactly as it was shown.
    pub decides: Decision,
    /// Digest of the statement that was signed.
    pub statement: Digest,
    /// How the signature names its key: a fingerprint or a credential. It proves nothing until it is verified.
    pub key: Option<String>,
    /// The digests it binds to.
    pub text: Digest,
    pub approval: Digest,
    pub good_until: Option<Instant>,
    pub counting: Counting,
}

/// Whether a signature counts at the package's instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    /// For this text, or for this approval digest.
    Counts,
    /// It was for another text or approval digest, is past its date, or was given again later.
    Ended,
    /// It did something once; whether it still holds is said where that is shown.
    Happened,
}

impl Counting {
    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Ended => "ended",
            Self::Happened => "happened",
        }
    }
}

pub(super) fn of(
    entries: &[(Entry, Head)],
    packet: &Packet,
    report: &Report,
) -> Result<Vec<Signed>, NotCanonical> {
    let signed = entries.iter().filter_map(|(entry, _)| match &entry.event {
        Event::Decided(decided) => Some(row(entry, decided, packet, report)),
        _ => None,
    });
    signed.collect()
}

fn row(entry: &Entry, decided: &Decided, packet: &Packet, report: &Report) -> Result<Signed, NotCanonical> {
    let statement = &decided.statement;
    Ok(Signed {
        seq: entry.seq,
        at: entry.at,
        by: entry.actor.id.clone(),
        role: entry.actor.role,
        decides: statement.decides.clone(),
        statement: statement.digest()?,
        key: decided.signature.signer().ok().map(|signer| signer.to_string()),
        text: statement.text,
        approval: statement.approval,
        good_until: statement.good_until,
        counting: counting(entry.seq, decided, packet, report),
    })
}

fn counting(seq: u32, decided: &Decided, packet: &Packet, report: &Report) -> Counting {
    let counts = match &decided.statement.decides {
        Decision::ReviewRecorded { discipline, .. } => {
            review_counts(seq, packet, report) && is_named(packet, discipline, decided)
        }
        Decision::ReadinessAccepted => {
            let acceptances = packet.author_acceptance.iter().chain(&packet.owner_acceptance);
            acceptances
                .filter(|acceptance| acceptance.seq == seq)
                .any(|acceptance| acceptance_counts(acceptance, packet, report))
        }
        _ => return Counting::Happened,
    };
    if counts { Counting::Counts } else { Counting::Ended }
}

/// Whether a review is of this text, which nothing changed since the reviewer looked, and is the reviewer's last word on it.
pub(super) fn review_counts(seq: u32, packet: &Packet, report: &Report) -> bool {
    let Some(review) = packet.reviews.iter().find(|review| review.seq == seq) else { return false };
    let again = packet
        .reviews
        .iter()
        .any(|later| later.seq > seq && later.by == review.by && later.discipline == review.discipline);
    review.text == report.text && review.seen >= packet.text_since && !again
}

fn is_named(packet: &Packet, discipline: &crate::id::Discipline, decided: &Decided) -> bool {
    packet.reviewers.get(discipline).is_some_and(|named| named.contains_key(&decided.statement.signer))
}

fn acceptance_counts(acceptance: &Acceptance, packet: &Packet, report: &Report) -> bool {
    acceptance.approval == report.approval
        && acceptance.seen >= packet.approval_since
        && acceptance.good_until.is_none_or(|until| report.instant < until)
}
