//! The packet: the fold of its ledger.
//!
//! [`Packet::open`] makes a packet of the first entry, [`Packet::apply`] takes each later one. Applying is total: an entry that was
//! recorded is part of history, however the rules have tightened since; what no longer makes sense (a reference to
//! nothing) is kept as an [`Oddity`] and changes nothing else. Who may do what is asked before an entry is made, in
//! [`crate::decide`], never here.
//!
//! Each part has its states as an enum, and its transitions consume the state before: [`passage`], [`objection`],
//! [`review`], [`exposure`], [`handoff`].
//!
//! Deliberately absent: support, freshness and the verdict, which depend on evidence and on the instant
//! ([`mod@crate::readiness`]), and anything that is not in the ledger.

mod apply;
pub mod digest;
pub mod exposure;
pub mod handoff;
pub mod objection;
pub mod passage;
pub mod review;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::claim::{Citation, ClaimText};
use crate::event::{CarriedObjection, Renewal, Terms};
use crate::id::{
    CauseId, ClaimId, Discipline, FollowUpId, HoldId, ObjectionId, PacketId, PassageId, PrincipalId, RemarkId,
};
use crate::instant::Instant;
use crate::ledger::Head;

pub use apply::NotOpened;
pub use exposure::Cause;
pub use handoff::{Handoff, HandoffState};
pub use objection::{Answer, Fate, FateWord, Objection};
pub use passage::{Passage, PassageState};
pub use review::{Acceptance, Review};

/// Everything the ledger says about a packet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Packet {
    pub id: PacketId,
    pub title: String,
    pub exception: String,
    pub terms: Terms,
    pub board: String,
    pub policy: Digest,
    pub subjects: Digest,
    pub renews: Option<Renewal>,
    pub opened: Instant,
    pub author: PrincipalId,
    pub owner: Owner,
    pub passages: BTreeMap<PassageId, Passage>,
    pub claims: BTreeMap<ClaimId, Claim>,
    pub objections: BTreeMap<ObjectionId, Objection>,
    pub remarks: BTreeMap<RemarkId, Remark>,
    /// Who was named for which discipline, and when.
    pub reviewers: BTreeMap<Discipline, BTreeMap<PrincipalId, Instant>>,
    /// In the order they were recorded.
    pub reviews: Vec<Review>,
    pub holds: BTreeMap<HoldId, Hold>,
    pub causes: BTreeMap<CauseId, Cause>,
    pub condition: Option<Condition>,
    pub follow_ups: BTreeMap<FollowUpId, FollowUp>,
    /// The last acceptance of readiness by the author and by the owner.
    pub author_acceptance: Option<Acceptance>,
    pub owner_acceptance: Option<Acceptance>,
    /// Every handoff, the last one last.
    pub handoffs: Vec<Handoff>,
    pub withdrawn: Option<Withdrawn>,
    pub head: Head,
    /// When the last entry was made.
    pub changed: Instant,
    /// The last entry that changed the text, and the last that changed what an approval stands on.
    pub text_since: u32,
    pub approval_since: u32,
    /// Every entry that changed what an approval stands on, so that a signature that ended can say why.
    pub approval_changes: Vec<Changed>,
    /// Entries that meant nothing when they were applied.
    pub oddities: Vec<Oddity>,
}

/// The approval owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Owner {
    pub id: PrincipalId,
    pub since: Instant,
    /// When they accepted the ownership.
    pub accepted: Option<Instant>,
    /// To whom they offered it.
    pub offered: Option<PrincipalId>,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Claim {
    pub id: ClaimId,
    pub claim: ClaimText,
    pub by: PrincipalId,
    pub made: Instant,
    /// The claim it is to take the place of when it is accepted.
    pub replaces: Option<ClaimId>,
    pub state: ClaimState,
}

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ClaimState {
    /// An agent's proposal.
    Draft,
    /// A human author's statement, since then.
    Accepted {
        at: Instant,
    },
    Retracted {
        at: Instant,
    },
    /// Another one took its place.
    Replaced {
        by: ClaimId,
    },
}

impl Claim {
    /// Whether it is part of the packet.
    pub const fn is_accepted(&self) -> bool {
        matches!(self.state, ClaimState::Accepted { .. })
    }
}

impl ClaimState {
    /// A draft becomes the author's; nothing else does.
    fn accept(self, at: Instant) -> Result<Self, Self> {
        match self {
            Self::Draft => Ok(Self::Accepted { at }),
            other => Err(other),
        }
    }

    /// A draft or an accepted claim is taken back.
    fn retract(self, at: Instant) -> Result<Self, Self> {
        match self {
            Self::Draft | Self::Accepted { .. } => Ok(Self::Retracted { at }),
            other => Err(other),
        }
    }

    /// An accepted claim gives way to another.
    fn replace(self, by: ClaimId) -> Result<Self, Self> {
        match self {
            Self::Accepted { .. } => Ok(Self::Replaced { by }),
            other => Err(other),
        }
    }
}

/// A comment that does not block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Remark {
    pub id: RemarkId,
    pub by: PrincipalId,
    pub at: Instant,
    pub text: String,
    pub target: Option<String>,
    /// The objection it was raised to.
    pub raised_as: Option<ObjectionId>,
}

/// A pause for more evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Hold {
    pub id: HoldId,
    pub by: PrincipalId,
    pub at: Instant,
    pub reason: String,
    pub released: Option<Released>,
}

/// The end of a hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Released {
    pub by: PrincipalId,
    pub at: Instant,
    pub reason: String,
}

/// The exact condition for handing over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Condition {
    pub text: String,
    pub claims: Vec<ClaimId>,
    pub by: PrincipalId,
    pub at: Instant,
}

/// Something that must happen after the handoff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FollowUp {
    pub id: FollowUpId,
    pub what: String,
    pub owner: PrincipalId,
    pub due: Instant,
    pub required: Option<String>,
    pub by: PrincipalId,
    pub at: Instant,
    pub done: Option<Instant>,
}

/// The author took the packet back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Withdrawn {
    pub at: Instant,
    pub reason: String,
}

/// An entry that changed what an approval stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Changed {
    pub seq: u32,
    pub at: Instant,
    /// The entry's word.
    pub word: &'static str,
}

/// An entry that meant nothing when it was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Oddity {
    pub seq: u32,
    pub what: String,
}

impl Packet {
    /// Claims that are part of the packet.
    pub fn accepted_claims(&self) -> impl Iterator<Item = &Claim> {
        self.claims.values().filter(|claim| claim.is_accepted())
    }

    /// Passages that are packet language.
    pub fn accepted_passages(&self) -> impl Iterator<Item = (&Passage, &passage::AcceptedText)> {
        self.passages.values().filter_map(|passage| passage.accepted().map(|accepted| (passage, accepted)))
    }

    /// Objections that are not withdrawn.
    pub fn standing_objections(&self) -> impl Iterator<Item = &Objection> {
        self.objections.values().filter(|objection| objection.word() != FateWord::Withdrawn)
    }

    /// Why the loop is frozen; nothing when it is not.
    pub fn open_causes(&self) -> impl Iterator<Item = &Cause> {
        self.causes.values().filter(|cause| cause.is_open())
    }

    /// Whether the loop is frozen.
    pub fn is_frozen(&self) -> bool {
        self.open_causes().next().is_some()
    }

    /// Holds that are not released.
    pub fn open_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(|hold| hold.released.is_none())
    }

    /// Whether somebody is a named reviewer, in whichever discipline.
    pub fn is_reviewer(&self, id: &PrincipalId) -> bool {
        self.reviewers.values().any(|named| named.contains_key(id))
    }

    /// When an entry changed what an approval stands on, if it did.
    pub fn changed_at(&self, seq: u32) -> Option<Instant> {
        self.approval_changes.iter().find(|changed| changed.seq == seq).map(|changed| changed.at)
    }

    /// The handoff that stands, if one does.
    pub fn handoff(&self) -> Option<&Handoff> {
        self.handoffs.last().filter(|handoff| handoff.stands())
    }

    /// Citations of accepted claims, what they address included.
    pub fn citations(&self) -> impl Iterator<Item = &Citation> {
        self.accepted_claims().flat_map(|claim| claim.claim.citations.iter().chain(&claim.claim.addresses))
    }

    /// The dissent that a packet renewing this one must carry.
    pub fn carried(&self) -> Vec<CarriedObjection> {
        self.standing_objections()
            .map(|objection| CarriedObjection {
                objection: objection.id,
                raised_by: objection.by.clone(),
                topic: objection.topic,
                severity: objection.severity,
                issue: objection.issue.clone(),
                rationale: objection.rationale.clone(),
                removes: objection.removes.clone(),
            })
            .collect()
    }
}
