//! Passages: spans of packet text, each with its origin for ever.
//!
//! Proposed words are drafts. A human author accepts them, as they are or edited, or declines them with a reason; accepted words
//! may be replaced by other accepted ones. What was accepted keeps its origin beside who accepted it.

use serde::Serialize;

use crate::claim::Citation;
use crate::event::{DeclineReason, Origin, Section};
use crate::id::{ClaimId, ObjectionId, PassageId, PrincipalId};
use crate::instant::Instant;

/// A span of packet text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Passage {
    pub id: PassageId,
    pub section: Section,
    pub origin: Origin,
    /// The words as they were proposed.
    pub text: String,
    pub quotes: Option<Citation>,
    pub objection: Option<ObjectionId>,
    pub leans_on: Vec<ClaimId>,
    pub replaces: Option<PassageId>,
    pub by: PrincipalId,
    /// Whether an agent wrote it, whatever origin it claims.
    pub by_agent: bool,
    pub at: Instant,
    pub state: PassageState,
}

/// Where a passage stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PassageState {
    Proposed,
    Accepted(AcceptedText),
    Declined {
        reason: DeclineReason,
        note: String,
        by: PrincipalId,
        at: Instant,
    },
    /// It was packet language until another passage took its place.
    Replaced {
        by: PassageId,
        was: AcceptedText,
    },
}

/// Packet language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AcceptedText {
    pub text: String,
    /// Whether the words differ from those proposed.
    pub edited: bool,
    pub leans_on: Vec<ClaimId>,
    pub narrative: bool,
    pub accepted_by: PrincipalId,
    pub at: Instant,
}

impl Passage {
    /// The packet language it is, if it is.
    pub const fn accepted(&self) -> Option<&AcceptedText> {
        match &self.state {
            PassageState::Accepted(accepted) => Some(accepted),
            _ => None,
        }
    }

    /// Whether nobody has decided about it yet.
    pub const fn is_proposed(&self) -> bool {
        matches!(self.state, PassageState::Proposed)
    }
}

impl PassageState {
    /// Proposed words become packet language; nothing else does.
    pub(super) fn accept(self, accepted: AcceptedText) -> Result<Self, Self> {
        match self {
            Self::Proposed => Ok(Self::Accepted(accepted)),
            other => Err(other),
        }
    }

    /// Proposed words are turned down; accepted ones are replaced, not declined.
    pub(super) fn decline(
        self,
        reason: DeclineReason,
        note: String,
        by: PrincipalId,
        at: Instant,
    ) -> Result<Self, Self> {
        match self {
            Self::Proposed => Ok(Self::Declined { reason, note, by, at }),
            other => Err(other),
        }
    }

    /// Packet language gives way to another passage.
    pub(super) fn replace(self, by: PassageId) -> Result<Self, Self> {
        match self {
            Self::Accepted(was) => Ok(Self::Replaced { by, was }),
            other => Err(other),
        }
    }
}
