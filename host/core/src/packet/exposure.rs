//! Why a packet is frozen: immediate exposure, detected by the host in evidence or declared by a person.

use serde::Serialize;

use crate::id::{CauseId, EvidenceId, PrincipalId};
use crate::instant::Instant;

/// One cause. It is open until a human resumes the loop and names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cause {
    pub id: CauseId,
    pub at: Instant,
    pub reason: String,
    pub source: CauseSource,
    pub cleared: Option<Cleared>,
}

/// Who saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum CauseSource {
    /// The host, in a revision of evidence.
    Detected {
        evidence: EvidenceId,
        revision: u32,
    },
    Declared {
        by: PrincipalId,
        evidence: Option<EvidenceId>,
    },
}

/// How a cause ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cleared {
    pub by: PrincipalId,
    pub at: Instant,
    /// Where the incident is kept.
    pub incident: String,
    pub outcome: String,
}

impl Cause {
    /// Whether it freezes the loop.
    pub const fn is_open(&self) -> bool {
        self.cleared.is_none()
    }

    /// Whether this is the cause of that evidence.
    pub fn is_of(&self, id: &EvidenceId) -> bool {
        matches!(&self.source, CauseSource::Detected { evidence, .. } if evidence == id)
    }
}
