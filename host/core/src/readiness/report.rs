//! The report's shape.

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::canonical::{self, Digest, NotCanonical};
use crate::claim::Support;
use crate::event::words;
use crate::id::{ClaimId, EvidenceId, PacketId};
use crate::instant::Instant;
use crate::ledger::Head;

/// The version of the report's form.
pub const VERSION: u32 = 1;

words! {
    /// The ten rules, in order.
    Rule {
        /// 1. No exposure is open.
        Exposure = "exposure",
        /// 2. No hold is placed.
        Hold = "hold",
        /// 3. Each required section has human-accepted language.
        Sections = "sections",
        /// 4. There is at least one accepted claim and each is supported.
        Claims = "claims",
        /// 5. Each applicable requirement is addressed by a supported claim.
        Requirements = "requirements",
        /// 6. Each discipline has one approving review of this text.
        Reviews = "reviews",
        /// 7. Each objection is withdrawn, or its risk accepted in date.
        Objections = "objections",
        /// 8. The owner has accepted ownership; the condition is stated and supported; follow-ups are scheduled.
        Ownership = "ownership",
        /// 9. The exception expires, within the longest allowed.
        Expiry = "expiry",
        /// 10. Author and owner accepted readiness for this approval digest.
        Signatures = "signatures",
    }
}

impl Rule {
    /// 1 to 10.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|rule| *rule == self).map_or(0, |at| at + 1)
    }
}

words! {
    /// How a line stands.
    Score {
        Satisfied = "satisfied",
        Unsatisfied = "unsatisfied",
        NotApplicable = "not-applicable",
        /// It could not be judged, which blocks.
        Error = "error",
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Line {
    pub rule: Rule,
    pub score: Score,
    /// What it is about: `claim-7`, `objection-12`, `security`; none for the rule as a whole.
    pub subject: Option<String>,
    /// A stable code: `claim.stale`.
    pub code: String,
    /// The same for a person.
    pub reason: String,
    /// The evidence in question.
    pub evidence: Option<EvidenceId>,
    /// Since when it stands so, where that is known.
    pub since: Option<Instant>,
    /// Until when it stands so if nothing else happens, where that is known.
    pub until: Option<Instant>,
    /// Who can clear it, and how. Nobody for what is satisfied.
    pub clear: Vec<Clearing>,
}

/// Somebody who can clear a line, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Clearing {
    /// A principal's name, or a role where nobody is named.
    pub who: String,
    pub how: String,
}

/// A claim's standing, whether or not it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClaimReport {
    pub claim: ClaimId,
    pub accepted: bool,
    pub support: Support,
}

/// A packet's readiness at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Report {
    pub v: u32,
    pub packet: PacketId,
    /// The last entry that had been made by the instant.
    pub head: Head,
    pub instant: Instant,
    pub policy: Digest,
    pub subjects: Digest,
    pub text: Digest,
    pub approval: Digest,
    /// The last entry that changed what an approval stands on.
    pub approval_since: u32,
    pub verdict: Verdict,
    /// Whether rules 1 to 9 hold: the packet may be signed.
    pub may_be_signed: bool,
    pub lines: Vec<Line>,
    pub claims: Vec<ClaimReport>,
    /// Proposed passages and drafted claims and answers: listed, never packet language, never blocking.
    pub drafts: Vec<String>,
    /// The earliest bound of what readiness rests on, while it holds: a signature is good until then.
    pub good_until: Option<Instant>,
}

impl Report {
    /// The report's canonical JSON.
    pub fn bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::bytes(self)
    }

    /// The digest that a handoff names.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        self.bytes().map(|bytes| Digest::of(&bytes))
    }

    /// The lines that stand in the way, in order.
    pub fn blockers(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| matches!(line.score, Score::Unsatisfied | Score::Error))
    }
}
