//! What each event says. Shapes only; each is checked by [`crate::decide`] before it is appended.

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::claim::ClaimText;
use crate::evidence::Severity;
use crate::id::{
    CauseId, ClaimId, Discipline, EvidenceId, FollowUpId, HoldId, ObjectionId, PacketId, PassageId,
    PrincipalId, RemarkId, Subject,
};
use crate::instant::Instant;

macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type,)* }
    };
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$case_doc])* #[serde(rename = $word)] $case,)* }

        impl $name {
            /// Every case, in order.
            pub const ALL: &'static [Self] = &[$(Self::$case),*];

            /// As it is written everywhere.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text).ok_or_else(|| {
                    let all: Vec<_> = Self::ALL.iter().map(|word| word.as_str()).collect();
                    format!("`{}` is not one of {}", crate::text::excerpt(text, 40), all.join(", "))
                })
            }
        }
    };
}

pub(crate) use words;

words! {
    /// The parts of a packet's text.
    Section {
        Summary = "summary",
        ResidualRisk = "residual-risk",
        CompensatingControls = "compensating-controls",
        Rollback = "rollback",
        MigrationPlan = "migration-plan",
        Expiry = "expiry",
        Monitoring = "monitoring",
        OpenObjections = "open-objections",
    }
}

words! {
    /// Where a passage's words come from. It keeps this for ever, whoever accepts it.
    Origin {
        /// Quoted from evidence of a findings tracker or another source.
        Finding = "finding",
        /// Quoted from a requirement.
        Policy = "policy",
        Objection = "objection",
        Agent = "agent",
        Human = "human",
    }
}

words! {
    /// Why words were turned down.
    DeclineReason {
        Overstated = "overstated",
        Minimized = "minimized",
        Premature = "premature",
        Other = "other",
    }
}

words! {
    /// What an objection is about.
    Topic {
        Expiration = "expiration",
        BlastRadius = "blast-radius",
        Monitoring = "monitoring",
        Rollback = "rollback",
        CompensatingControl = "compensating-control",
        ResidualRisk = "residual-risk",
        EvidenceQuality = "evidence-quality",
        Other = "other",
    }
}

payload! {
    /// What is asked for.
    Terms {
        /// The system the exception is for: `service:payments-bridge`.
        system: Subject,
        /// The credential it is about, if it is about one.
        credential: Option<Subject>,
        /// When the exception ends. There is none without an end.
        expires: Instant,
    }
}

payload! {
    PacketOpened {
        title: String,
        /// What sort of exception it is: `shared-credential`.
        exception: String,
        terms: Terms,
        /// The approval owner: a person, and not the author.
        owner: PrincipalId,
        /// The board that receives it, as its policy calls itself.
        board: String,
        /// Digest of the board policy it is held to.
        policy: Digest,
        /// Digest of the subject map.
        subjects: Digest,
        /// The packet of a granted exception that this one goes on from.
        renews: Option<Renewal>,
    }
}

payload! {
    /// Where a renewed packet comes from, and the dissent that comes along.
    Renewal {
        packet: PacketId,
        /// The entry of that packet up to which it was read.
        seq: u32,
        hash: Digest,
        /// Every objection of that packet that was not withdrawn. Here all are open again.
        carried: Vec<CarriedObjection>,
    }
}

payload! {
    /// An objection of an earlier packet.
    CarriedObjection {
        /// What it was called there.
        objection: ObjectionId,
        raised_by: PrincipalId,
        topic: Topic,
        severity: Severity,
        issue: String,
        rationale: String,
        removes: String,
    }
}

payload! { TermsRevised { terms: Terms, } }
payload! { PacketWithdrawn { reason: String, } }
payload! { AuthorChanged { author: PrincipalId, } }

/// Words for a section, not yet packet language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PassageProposed<C> {
    pub section: Section,
    pub text: String,
    pub origin: Origin,
    /// What is quoted, for words of a finding or a policy: the text is exactly the value cited.
    pub quotes: Option<C>,
    /// The objection the words are of, for that origin.
    pub objection: Option<ObjectionId>,
    /// The claims the words lean on.
    pub leans_on: Vec<ClaimId>,
    /// The accepted passage it is to replace.
    pub replaces: Option<PassageId>,
}

payload! {
    PassageAccepted {
        passage: PassageId,
        /// The words as edited, or none when they are accepted as they are.
        text: Option<String>,
        /// The claims the accepted words lean on.
        leans_on: Vec<ClaimId>,
        /// The words carry no material statement, by the word of who accepts them. Every export shows it.
        narrative: bool,
    }
}

payload! { PassageDeclined { passage: PassageId, reason: DeclineReason, note: String, } }

/// A readiness statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClaimMade<C> {
    pub claim: ClaimText<C>,
    /// The claim it is to take the place of.
    pub replaces: Option<ClaimId>,
}

payload! { ClaimRetracted { claim: ClaimId, reason: String, } }
payload! { ClaimAccepted { claim: ClaimId, } }

/// The author saw the newer evidence and stands by the claim.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClaimReaffirmed<C> {
    pub claim: ClaimId,
    /// The claim's citations on the newest revisions, in their order.
    pub citations: Vec<C>,
    /// What it addresses, on the newest revisions, in the same order.
    pub addresses: Vec<C>,
}

payload! { ReviewerNamed { reviewer: PrincipalId, discipline: Discipline, } }
payload! { ReviewerReleased { reviewer: PrincipalId, discipline: Discipline, reason: String, } }

payload! {
    RemarkMade {
        text: String,
        /// What it is about: `claim-7`, `passage-3`, `rollback`, or the packet.
        target: Option<String>,
    }
}

payload! {
    /// Dissent, in the words the W3C Process asks of a Formal Objection: the issue, why, and what would remove it.
    ObjectionRaised {
        topic: Topic,
        severity: Severity,
        issue: String,
        /// What it is against: `claim-7`, `passage-3`, `rollback`, or the packet.
        target: Option<String>,
        rationale: String,
        /// What would remove it.
        removes: String,
        /// The remark it was before.
        remark: Option<RemarkId>,
    }
}

/// What is said to an objection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ObjectionAnswered<C> {
    pub objection: ObjectionId,
    pub text: String,
    pub citations: Vec<C>,
}

payload! { HoldPlaced { reason: String, } }
payload! { HoldReleased { hold: HoldId, reason: String, } }

payload! {
    /// The cause is the evidence and the reason, as its source gives it.
    ExposureDetected { evidence: EvidenceId, revision: u32, reason: String, }
}

payload! { ExposureDeclared { reason: String, evidence: Option<EvidenceId>, } }

payload! {
    ConditionStated {
        /// The exact condition for handing over.
        text: String,
        /// The claims that carry it.
        claims: Vec<ClaimId>,
    }
}

payload! { PolicyAdopted { policy: Digest, subjects: Digest, } }

payload! {
    IntakeRecorded {
        /// Packet id and the seq of its `packet-handed-off` entry: `019a…:42`.
        submission: String,
        outcome: IntakeOutcome,
    }
}

/// What the board's intake did with a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum IntakeOutcome {
    /// It is in the queue.
    Received {
        /// The queue's own name for it.
        reference: String,
        url: Option<String>,
    },
    /// The board takes it up.
    Accepted,
    /// It comes back.
    Bounced { reasons: Vec<BounceReason> },
    /// The board decided.
    Decided { decision: String, granted: bool },
    /// It is not known whether it was filed, and a person has to find out.
    Unclear { problem: String },
}

payload! {
    /// Why the board sent a packet back.
    BounceReason {
        /// The readiness rule it maps to, if it maps to one.
        rule: Option<crate::readiness::Rule>,
        text: String,
    }
}

payload! {
    FollowUpScheduled {
        what: String,
        owner: PrincipalId,
        due: Instant,
        /// The follow-up of the board policy that this is, if it is one of those.
        required: Option<String>,
    }
}

payload! { FollowUpDone { follow_up: FollowUpId, note: String, } }

impl<C> PassageProposed<C> {
    pub(super) fn try_map<D, E>(
        self,
        cite: &mut impl FnMut(C) -> Result<D, E>,
    ) -> Result<PassageProposed<D>, E> {
        Ok(PassageProposed {
            section: self.section,
            text: self.text,
            origin: self.origin,
            quotes: self.quotes.map(cite).transpose()?,
            objection: self.objection,
            leans_on: self.leans_on,
            replaces: self.replaces,
        })
    }
}

impl<C> ClaimMade<C> {
    pub(super) fn try_map<D, E>(self, cite: &mut impl FnMut(C) -> Result<D, E>) -> Result<ClaimMade<D>, E> {
        let ClaimText { text, reasoning, citations, test, addresses } = self.claim;
        let citations = citations.into_iter().map(&mut *cite).collect::<Result<_, _>>()?;
        let addresses = addresses.into_iter().map(cite).collect::<Result<_, _>>()?;
        let claim = ClaimText { text, reasoning, citations, test, addresses };
        Ok(ClaimMade { claim, replaces: self.replaces })
    }
}

impl<C> ClaimReaffirmed<C> {
    pub(super) fn try_map<D, E>(
        self,
        cite: &mut impl FnMut(C) -> Result<D, E>,
    ) -> Result<ClaimReaffirmed<D>, E> {
        let citations = self.citations.into_iter().map(&mut *cite).collect::<Result<_, _>>()?;
        let addresses = self.addresses.into_iter().map(cite).collect::<Result<_, _>>()?;
        Ok(ClaimReaffirmed { claim: self.claim, citations, addresses })
    }
}

impl<C> ObjectionAnswered<C> {
    pub(super) fn try_map<D, E>(
        self,
        cite: &mut impl FnMut(C) -> Result<D, E>,
    ) -> Result<ObjectionAnswered<D>, E> {
        let citations = self.citations.into_iter().map(cite).collect::<Result<_, _>>()?;
        Ok(ObjectionAnswered { objection: self.objection, text: self.text, citations })
    }
}

/// The causes a decision clears, named in [`super::Decision::LoopResumed`].
pub type Causes = Vec<CauseId>;
