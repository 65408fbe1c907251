//! What a human signs: a statement that says what is decided and exactly what was shown.
//!
//! Its canonical JSON (RFC 8785) is what `ssh-keygen -Y sign -n probity` signs, and its SHA-256 is the challenge a passkey answers.
//! The statement stands in the ledger whole, so that who verifies later needs nothing but the ledger to know what was on
//! the screen.
//!
//! Deliberately absent: rendering. Every edge shows the same values in its own way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, Digest, NotCanonical};
use crate::claim::Citation;
use crate::event::Decision;
use crate::id::{EvidenceId, ObjectionId, PacketId, PrincipalId};
use crate::instant::Instant;
use crate::ledger::Head;
use crate::packet::{FateWord, Packet};

/// The version of the form.
pub const VERSION: u32 = 1;

/// What is decided, by whom, and what they were shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Statement {
    pub v: u32,
    pub packet: PacketId,
    pub signer: PrincipalId,
    pub decides: Decision,
    /// The packet's text: terms, accepted passages, accepted claims. Reviews bind to it.
    pub text: Digest,
    /// Everything an approval stands on. Signatures bind to it.
    pub approval: Digest,
    /// The entry last seen.
    pub head: Head,
    /// Evidence that accepted claims cite.
    pub evidence: Vec<ShownEvidence>,
    /// Objections that are not withdrawn.
    pub objections: Vec<ShownObjection>,
    /// Digests of the board policy and the subject map.
    pub policy: Digest,
    pub subjects: Digest,
    pub instant: Instant,
    /// The earliest bound among the evidence shown: an approval ends here. None when nothing bounds it.
    pub good_until: Option<Instant>,
}

/// A revision of evidence that was shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShownEvidence {
    pub evidence: EvidenceId,
    pub revision: u32,
    pub content: Digest,
}

/// An objection that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ShownObjection {
    pub objection: ObjectionId,
    pub fate: FateWord,
}

impl From<&Citation> for ShownEvidence {
    fn from(citation: &Citation) -> Self {
        Self { evidence: citation.evidence.clone(), revision: citation.revision, content: citation.content }
    }
}

impl Statement {
    /// What `signer` is shown, and signs, to decide this about a packet as it stands.
    pub fn of(
        packet: &Packet,
        signer: PrincipalId,
        decides: Decision,
        instant: Instant,
        good_until: Option<Instant>,
    ) -> Result<Self, NotCanonical> {
        let text = packet.text_digest()?;
        let evidence: BTreeSet<ShownEvidence> = packet.citations().map(ShownEvidence::from).collect();
        let objections = packet
            .standing_objections()
            .map(|objection| ShownObjection { objection: objection.id, fate: objection.word() });
        Ok(Self {
            v: VERSION,
            packet: packet.id.clone(),
            signer,
            decides,
            text,
            approval: packet.approval_digest_over(text)?,
            head: packet.head,
            evidence: evidence.into_iter().collect(),
            objections: objections.collect(),
            policy: packet.policy,
            subjects: packet.subjects,
            instant,
            good_until,
        })
    }

    /// The bytes that are signed.
    pub fn bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        canonical::bytes(self)
    }

    /// Digest of those bytes: what a passkey's challenge is, and the statement's name.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        self.bytes().map(|bytes| Digest::of(&bytes))
    }
}
