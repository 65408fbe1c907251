//! Reviews, and acceptances of readiness: what humans signed, with what it was bound to.

use serde::Serialize;

use crate::canonical::Digest;
use crate::event::ReviewVerdict;
use crate::id::{Discipline, PrincipalId};
use crate::instant::Instant;

/// A reviewer's word on a text. It counts for exactly that text, while nothing changed the text since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Review {
    pub seq: u32,
    pub by: PrincipalId,
    pub at: Instant,
    pub discipline: Discipline,
    pub verdict: ReviewVerdict,
    pub note: String,
    /// The text digest it was given for, and the entry the reviewer had last seen.
    pub text: Digest,
    pub seen: u32,
}

/// Somebody accepted that the packet is ready. It counts for exactly that approval digest, while nothing changed it
/// since, and before `good_until`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Acceptance {
    pub seq: u32,
    pub by: PrincipalId,
    pub at: Instant,
    /// The approval digest, and the entry the signer had last seen.
    pub approval: Digest,
    pub seen: u32,
    pub good_until: Option<Instant>,
    /// Digest of the statement.
    pub statement: Digest,
}
