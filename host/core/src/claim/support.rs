//! Support: how a claim stands at an instant.
use super::ClaimText;
use crate::board::Board;
use crate::book::Book;
use crate::event::words;
use crate::id::EvidenceId;
use crate::instant::Instant;
use crate::subject::SubjectMap;
use serde::{Deserialize, Serialize};

words! {
    /// A claim's standing, the worst first.
    Standing {
        Contradicted = "contradicted",
        Unsupported = "unsupported",
        Stale = "stale",
        Supported = "supported",
    }
}

/// How a claim stands, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Support {
    pub standing: Standing,
    /// One for each citation and the test, in order.
    pub grounds: Vec<Why>,
    /// While it is supported: the earliest instant at which it no longer is, if nothing else happens.
    pub until: Option<Instant>,
}

/// One thing a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Why {
    pub standing: Standing,
    /// A stable code: `claim.stale`.
    pub code: String,
    pub reason: String,
    pub evidence: Option<EvidenceId>,
    /// Since when it stands so, where known; the bound that was passed, for what is stale.
    pub since: Option<Instant>,
    /// While it is supported: its bound.
    pub until: Option<Instant>,
    /// What would clear it; empty for what is supported.
    pub clear: String,
}

/// How a claim stands at an instant.
pub fn support(
    _claim: &ClaimText,
    _book: &Book,
    _board: &Board,
    _subjects: &SubjectMap,
    _at: Instant,
) -> Support {
    Support { standing: Standing::Unsupported, grounds: Vec::new(), until: None }
}
