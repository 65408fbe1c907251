//! Objections: dissent with two exits. Its raiser withdraws it, or the owner accepts the residual risk.
//!
//! No transition removes an objection; a withdrawn one stays with its fate. An accepted risk ends with its date, and the
//! objection stands open again.

use serde::{Deserialize, Serialize};

use crate::claim::Citation;
use crate::event::Topic;
use crate::evidence::Severity;
use crate::id::{ObjectionId, PacketId, PrincipalId, RemarkId};
use crate::instant::Instant;

/// A reviewer's dissent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Objection {
    pub id: ObjectionId,
    pub by: PrincipalId,
    pub at: Instant,
    pub topic: Topic,
    pub severity: Severity,
    pub issue: String,
    pub target: Option<String>,
    pub rationale: String,
    pub removes: String,
    pub remark: Option<RemarkId>,
    /// Where it was raised first, when it came along from an earlier packet.
    pub carried_from: Option<Carried>,
    /// In the order they were given.
    pub answers: Vec<Answer>,
    pub fate: Fate,
}

/// The first place of a carried objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Carried {
    pub packet: PacketId,
    pub objection: ObjectionId,
}

/// What was said to an objection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    /// The entry it was given in.
    pub seq: u32,
    pub by: PrincipalId,
    pub at: Instant,
    pub text: String,
    pub citations: Vec<Citation>,
    /// An agent's answer is a draft: it is shown as one, and is no answer of the author.
    pub draft: bool,
}

/// What became of an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Fate {
    Open,
    /// By its raiser.
    Withdrawn {
        at: Instant,
        reason: String,
        seq: u32,
    },
    /// By a named human, until then. Renewals replace it.
    RiskAccepted {
        by: PrincipalId,
        at: Instant,
        rationale: String,
        expires: Instant,
        seq: u32,
    },
}

/// The word for a fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FateWord {
    Open,
    Withdrawn,
    RiskAccepted,
}

impl FateWord {
    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Withdrawn => "withdrawn",
            Self::RiskAccepted => "risk-accepted",
        }
    }
}

impl Objection {
    /// The word for its fate, as the ledger has it: whether an accepted risk is still in date is a question of the instant.
    pub const fn word(&self) -> FateWord {
        match self.fate {
            Fate::Open => FateWord::Open,
            Fate::Withdrawn { .. } => FateWord::Withdrawn,
            Fate::RiskAccepted { .. } => FateWord::RiskAccepted,
        }
    }

    /// Whether the author has answered it.
    pub fn is_answered(&self) -> bool {
        self.answers.iter().any(|answer| !answer.draft)
    }
}

impl Fate {
    /// Withdrawing ends an open objection, and one whose risk was accepted; a withdrawn one is at its end.
    pub(super) fn withdraw(self, at: Instant, reason: String, seq: u32) -> Result<Self, Self> {
        match self {
            Self::Open | Self::RiskAccepted { .. } => Ok(Self::Withdrawn { at, reason, seq }),
            ended @ Self::Withdrawn { .. } => Err(ended),
        }
    }

    /// Accepting the risk is for open objections, and renews an acceptance.
    pub(super) fn accept_risk(
        self,
        by: PrincipalId,
        at: Instant,
        rationale: String,
        expires: Instant,
        seq: u32,
    ) -> Result<Self, Self> {
        match self {
            Self::Open | Self::RiskAccepted { .. } => {
                Ok(Self::RiskAccepted { by, at, rationale, expires, seq })
            }
            ended @ Self::Withdrawn { .. } => Err(ended),
        }
    }

    /// A new owner carries no risk that another accepted: what was accepted is open again.
    pub(super) fn reopen(self) -> Self {
        match self {
            Self::RiskAccepted { .. } => Self::Open,
            other => other,
        }
    }
}
