//! Handoffs: from the owner's signature through the board's intake to what the board did.

use serde::Serialize;

use crate::canonical::Digest;
use crate::event::BounceReason;
use crate::id::{PacketId, PrincipalId};
use crate::instant::Instant;

/// One submission of the package to the board's intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Handoff {
    /// The entry that handed it off.
    pub seq: u32,
    /// Packet id and that entry's number: what the intake searches for before it files.
    pub submission: String,
    pub by: PrincipalId,
    pub at: Instant,
    /// Digest of the readiness report it was handed off on.
    pub report: Digest,
    pub state: HandoffState,
}

/// Where a handoff stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum HandoffState {
    /// Signed, not yet known to be in the queue.
    Filing,
    /// Nobody knows whether it was filed; a person has to find out.
    Unclear {
        problem: String,
    },
    Received {
        at: Instant,
        reference: String,
        url: Option<String>,
    },
    Accepted {
        at: Instant,
    },
    Bounced {
        at: Instant,
        reasons: Vec<BounceReason>,
    },
    Decided {
        at: Instant,
        decision: String,
        granted: bool,
    },
}

impl Handoff {
    /// The submission's name.
    pub fn submission_of(packet: &PacketId, seq: u32) -> String {
        format!("{packet}:{seq}")
    }

    /// Whether it keeps the packet out of the loop: anything but a bounce does.
    pub const fn stands(&self) -> bool {
        !matches!(self.state, HandoffState::Bounced { .. })
    }

    /// Whether the intake is known to have it.
    pub const fn is_received(&self) -> bool {
        !matches!(
            self.state,
            HandoffState::Filing | HandoffState::Unclear { .. } | HandoffState::Bounced { .. }
        )
    }
}

impl HandoffState {
    /// What may follow what: filing → received → accepted → decided, with a bounce from anywhere before the decision,
    /// and straight to a later state when an earlier one was missed.
    pub(super) fn advance(self, next: Self) -> Result<Self, Self> {
        let rank = |state: &Self| match state {
            Self::Filing => 0,
            Self::Unclear { .. } => 1,
            Self::Received { .. } => 2,
            Self::Accepted { .. } => 3,
            Self::Bounced { .. } | Self::Decided { .. } => 4,
        };
        if rank(&self) < rank(&next) { Ok(next) } else { Err(self) }
    }
}
