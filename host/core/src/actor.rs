//! Who acts on a packet, as the ledger records it.
//!
//! The host finds out who calls (`authz`); what that somebody may do to a packet is decided here in core, from
//! these values alone. The role stands in each entry as it was at that time.
//!
//! Deliberately absent: tokens, keys and sessions.

use serde::{Deserialize, Serialize};

use crate::id::PrincipalId;

/// What sort of actor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    Human,
    /// Software that proposes. It can only have the role of an agent.
    Agent,
    /// Software that operates: the host itself, a scheduler, a monitor.
    Service,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Human, Self::Agent, Self::Service];

    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
            Self::Service => "service",
        }
    }
}

/// What a principal is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Runs the host.
    Operator,
    /// Prepares packets.
    Author,
    /// Challenges them.
    Reviewer,
    /// Decides readiness.
    ApprovalOwner,
    /// Sits on the review board.
    Board,
    /// Software that drafts, refreshes and summarizes.
    Agent,
    /// Watches that the host is well, and sees nothing else.
    Monitor,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[
        Self::Operator,
        Self::Author,
        Self::Reviewer,
        Self::ApprovalOwner,
        Self::Board,
        Self::Agent,
        Self::Monitor,
    ];

    /// As it is configured: `approval-owner`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Author => "author",
            Self::Reviewer => "reviewer",
            Self::ApprovalOwner => "approval-owner",
            Self::Board => "board",
            Self::Agent => "agent",
            Self::Monitor => "monitor",
        }
    }
}

/// One who acts, as it stands in an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Actor {
    pub id: PrincipalId,
    pub kind: ActorKind,
    pub role: Role,
}

impl Actor {
    /// Whether it is a person.
    pub fn is_human(&self) -> bool {
        self.kind == ActorKind::Human
    }
}
