//! What only a human-held key can bring about, and its envelope.

use serde::{Deserialize, Serialize};

use super::payload::{Causes, words};
use crate::canonical::Digest;
use crate::id::{Discipline, ObjectionId, PrincipalId};
use crate::instant::Instant;
use crate::signature::Signature;
use crate::statement::Statement;

words! {
    /// What a reviewer says of a text.
    ReviewVerdict {
        Approve = "approve",
        Abstain = "abstain",
    }
}

macro_rules! decisions {
    ($($(#[doc = $doc:literal])* $name:ident $({ $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)* })? = $word:literal,)*) => {
        /// A decision that a human signs.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all_fields = "kebab-case", deny_unknown_fields)]
        pub enum Decision {
            $($(#[doc = $doc])* #[serde(rename = $word)] $name $({ $($(#[doc = $field_doc])* $field: $type,)* })?,)*
        }

        impl Decision {
            /// The word of each.
            pub const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The word for it.
            pub const fn word(&self) -> &'static str {
                match self { $(Self::$name $({ $($field: _,)* })? => $word,)* }
            }
        }
    };
}

decisions! {
    /// The owner offers the approval to somebody.
    OwnershipOffered {
        to: PrincipalId,
    } = "ownership-offered",
    /// Who was named or offered takes it.
    OwnershipAccepted = "ownership-accepted",
    /// A board principal replaces an owner who cannot act.
    OwnerReplaced {
        owner: PrincipalId,
        reason: String,
    } = "owner-replaced",
    /// A reviewer's word on a text.
    ReviewRecorded {
        discipline: Discipline,
        verdict: ReviewVerdict,
        note: String,
    } = "review-recorded",
    /// Its raiser takes it back.
    ObjectionWithdrawn {
        objection: ObjectionId,
        reason: String,
    } = "objection-withdrawn",
    /// The owner carries the residual risk, until `expires`.
    RiskAccepted {
        objection: ObjectionId,
        rationale: String,
        expires: Instant,
    } = "risk-accepted",
    /// The owner lets the loop go on after an incident.
    LoopResumed {
        causes: Causes,
        /// Where the incident is kept.
        incident: String,
        outcome: String,
    } = "loop-resumed",
    /// The author, then the owner, say that it is ready.
    ReadinessAccepted = "readiness-accepted",
    /// The owner hands it to the board's intake.
    PacketHandedOff {
        /// Digest of the readiness report at the statement's instant.
        report: Digest,
        /// The condition as it was stated, attested to hold.
        condition: String,
    } = "packet-handed-off",
}

/// What was decided, exactly as it was shown, with the signature over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Decided {
    pub statement: Statement,
    pub signature: Signature,
}
