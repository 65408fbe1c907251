//! The key registry: who holds which key, since when and until when.
//!
//! An append-only list whose entries are chained by hash, kept beside the ledgers for the same reason: who could sign at an
//! instant must be answerable years later, offline, by somebody who does not believe the host. A key belongs to
//! one principal for ever and is never revived, so that an old signature means one person.
//!
//! [`Registry::next`] holds the rules; [`Registry::apply`] takes whatever was recorded, so that old registries stay readable
//! when rules tighten. A recorded entry that breaks a rule changes nothing and is listed in [`Registry::ignored`].
//!
//! Deliberately absent: who may enrol keys (the host's table says), and principals themselves.

mod holder;
mod verify;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, Digest};
use crate::chain::Head;
use crate::instant::Instant;
use crate::signature::{self, BadSignature, Fingerprint, PublicKey, Signature, Verified};
use crate::text::is_plain_line;

pub use holder::{NotAHolder, may_hold};
pub use verify::{Break, BrokenChain};

/// The version of entries written today.
pub const VERSION: u32 = 1;

/// The longest principal, comment or reason, in bytes.
const MAX_TEXT: usize = 500;

/// One change of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RegistryEntry {
    pub v: u32,
    /// Its place, counted from 1.
    pub seq: u32,
    pub at: Instant,
    /// The principal who made the change.
    pub by: String,
    pub change: KeyChange,
    /// The digest of the entry before; none for the first.
    pub prev: Option<Digest>,
}

/// What happened to a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyChange {
    Enrolled { principal: String, key: PublicKey, comment: String },
    Revoked { fingerprint: Fingerprint, reason: String },
}

/// All keys that ever were enrolled.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    keys: Vec<EnrolledKey>,
    ignored: Vec<(u32, KeyRefusal)>,
    head: Option<Head>,
    last: Option<Instant>,
}

/// A key, whose it is, and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EnrolledKey {
    pub principal: String,
    pub fingerprint: Fingerprint,
    pub key: PublicKey,
    pub comment: String,
    pub enrolled: Mark,
    pub revoked: Option<Revocation>,
}

/// The entry that did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mark {
    pub seq: u32,
    pub at: Instant,
    pub by: String,
}

/// The end of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Revocation {
    #[serde(flatten)]
    pub mark: Mark,
    pub reason: String,
}

/// Why a key is not enrolled, or not revoked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    #[error("{0} is enrolled already")]
    AlreadyEnrolled(Fingerprint),
    #[error("{0} is another principal's key, and a key belongs to one principal for ever: make a new key")]
    BelongsToAnother(Fingerprint),
    #[error("{0} was revoked, and a revoked key is never enrolled again: make a new key")]
    Revoked(Fingerprint),
    #[error("{0} is not in the registry: look at the list of keys for its fingerprint")]
    Unknown(Fingerprint),
    #[error("{0} is revoked already")]
    AlreadyRevoked(Fingerprint),
    #[error("the {0} must be one line of 1 to 500 bytes without hidden characters")]
    Text(&'static str),
    #[error("the registry is full")]
    Full,
}

/// Why a signature is not this principal's at that instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    #[error(transparent)]
    Signature(#[from] BadSignature),
    #[error("{0} is nobody's: enrol it before signing with it")]
    NotEnrolled(String),
    #[error("{signer} is not a key of {principal}: sign with a key enrolled for {principal}")]
    BelongsToAnother { signer: String, principal: String },
    #[error("{signer} was enrolled at {enrolled}, after the signature at {at}")]
    NotYetEnrolled { signer: String, enrolled: Instant, at: Instant },
    #[error("{signer} was revoked at {revoked}: sign with another key")]
    Revoked { signer: String, revoked: Instant },
}

impl Registry {
    /// The registry that these entries make, in their order.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a RegistryEntry>) -> Self {
        entries.into_iter().fold(Self::default(), |mut registry, entry| {
            registry.apply(entry);
            registry
        })
    }

    /// The entry that would make a change, or why it may not be made. Entries are in order of time: an instant before
    /// the last entry's (clocks differ between hosts) becomes the last entry's.
    pub fn next(&self, at: Instant, by: &str, change: KeyChange) -> Result<RegistryEntry, KeyRefusal> {
        check_text("principal who makes the change", by)?;
        self.judge(&change)?;
        let seq = self.head.map_or(0, |head| head.seq).checked_add(1).ok_or(KeyRefusal::Full)?;
        Ok(RegistryEntry {
            v: VERSION,
            seq,
            at: self.last.map_or(at, |last| at.max(last)),
            by: by.to_owned(),
            change,
            prev: self.head.map(|head| head.digest),
        })
    }

    /// Takes a recorded entry in.
    pub fn apply(&mut self, entry: &RegistryEntry) {
        self.head = Some(Head { seq: entry.seq, digest: entry.digest() });
        self.last = Some(entry.at);
        let mark = Mark { seq: entry.seq, at: entry.at, by: entry.by.clone() };
        match (self.judge(&entry.change), &entry.change) {
            (Err(refusal), _) => self.ignored.push((entry.seq, refusal)),
            (Ok(()), KeyChange::Enrolled { principal, key, comment }) => self.keys.push(EnrolledKey {
                principal: principal.clone(),
                fingerprint: key.fingerprint(),
                key: key.clone(),
                comment: comment.clone(),
                enrolled: mark,
                revoked: None,
            }),
            (Ok(()), KeyChange::Revoked { fingerprint, reason }) => {
                for key in self.keys.iter_mut().filter(|key| key.fingerprint == *fingerprint) {
                    key.revoked = Some(Revocation { mark: mark.clone(), reason: reason.clone() });
                }
            }
        }
    }

    /// Verifies a signature and that its key was this principal's at that instant.
    pub fn accept(
        &self,
        principal: &str,
        at: Instant,
        statement: &[u8],
        signature: &Signature,
    ) -> Result<Verified, Unproven> {
        let claimed = signature.signer()?;
        let signer = claimed.to_string();
        let Some(key) = self.keys.iter().find(|enrolled| claimed.is(&enrolled.key)) else {
            return Err(Unproven::NotEnrolled(signer));
        };
        if key.principal != principal {
            return Err(Unproven::BelongsToAnother { signer, principal: principal.to_owned() });
        }
        if at < key.enrolled.at {
            return Err(Unproven::NotYetEnrolled { signer, enrolled: key.enrolled.at, at });
        }
        if let Some(revocation) = key.revoked.as_ref().filter(|_| !key.is_valid_at(at)) {
            return Err(Unproven::Revoked { signer, revoked: revocation.mark.at });
        }
        Ok(signature::verify(statement, signature, &key.key)?)
    }

    /// A principal's keys that were valid at an instant.
    pub fn key_of(&self, principal: &str, at: Instant) -> Vec<&EnrolledKey> {
        self.keys.iter().filter(|key| key.principal == principal && key.is_valid_at(at)).collect()
    }

    /// The key of this fingerprint, if it was valid at an instant.
    pub fn find(&self, fingerprint: &Fingerprint, at: Instant) -> Option<&EnrolledKey> {
        self.get(fingerprint).filter(|key| key.is_valid_at(at))
    }

    /// The key of this fingerprint, valid or not.
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<&EnrolledKey> {
        self.keys.iter().find(|key| key.fingerprint == *fingerprint)
    }

    /// All keys, in order of enrolment.
    pub fn keys(&self) -> &[EnrolledKey] {
        &self.keys
    }

    /// Recorded entries that changed nothing because they break a rule, and which.
    pub fn ignored(&self) -> &[(u32, KeyRefusal)] {
        &self.ignored
    }

    /// The last entry; none while nothing was enrolled.
    pub const fn head(&self) -> Option<Head> {
        self.head
    }

    fn judge(&self, change: &KeyChange) -> Result<(), KeyRefusal> {
        match change {
            KeyChange::Enrolled { principal, key, comment } => {
                check_text("principal", principal)?;
                if !comment.is_empty() {
                    check_text("comment", comment)?;
                }
                let fingerprint = key.fingerprint();
                match self.keys.iter().find(|enrolled| is_same_key(&enrolled.key, key)) {
                    None => Ok(()),
                    Some(enrolled) if enrolled.principal != *principal => {
                        Err(KeyRefusal::BelongsToAnother(fingerprint))
                    }
                    Some(enrolled) if enrolled.revoked.is_some() => Err(KeyRefusal::Revoked(fingerprint)),
                    Some(_) => Err(KeyRefusal::AlreadyEnrolled(fingerprint)),
                }
            }
            KeyChange::Revoked { fingerprint, reason } => {
                check_text("reason", reason)?;
                match self.get(fingerprint) {
                    None => Err(KeyRefusal::Unknown(fingerprint.clone())),
                    Some(key) if key.revoked.is_some() => {
                        Err(KeyRefusal::AlreadyRevoked(fingerprint.clone()))
                    }
                    Some(_) => Ok(()),
                }
            }
        }
    }
}

impl RegistryEntry {
    /// Its canonical JSON: what is kept, exported and hashed.
    pub fn bytes(&self) -> Vec<u8> {
        // Texts, digests and integers of 32 bits all have canonical bytes.
        canonical::bytes(self).expect("a registry entry holds nothing without canonical bytes")
    }

    /// The SHA-256 of its canonical JSON.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes())
    }
}

impl EnrolledKey {
    /// Whether a signature at this instant counts: enrolled at or before it, and not revoked at or before it.
    pub fn is_valid_at(&self, at: Instant) -> bool {
        self.enrolled.at <= at && self.revoked.as_ref().is_none_or(|revocation| at < revocation.mark.at)
    }
}

/// The same secret in another wrapping would let a revoked key return; the same credential would make it unclear which
/// passkey an assertion means.
fn is_same_key(one: &PublicKey, other: &PublicKey) -> bool {
    let credential = |key: &PublicKey| key.as_passkey().map(|passkey| passkey.credential_id.clone());
    one.is_same_secret(other) || credential(one).is_some_and(|id| credential(other) == Some(id))
}

fn check_text(what: &'static str, text: &str) -> Result<(), KeyRefusal> {
    let plain = (1..=MAX_TEXT).contains(&text.len()) && text.trim() == text && is_plain_line(text);
    if plain { Ok(()) } else { Err(KeyRefusal::Text(what)) }
}

impl KeyRefusal {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyEnrolled(_) => "key.already-enrolled",
            Self::BelongsToAnother(_) => "key.belongs-to-another",
            Self::Revoked(_) => "key.revoked",
            Self::Unknown(_) => "key.unknown",
            Self::AlreadyRevoked(_) => "key.already-revoked",
            Self::Text(_) => "key.text",
            Self::Full => "key.registry-full",
        }
    }
}

impl Unproven {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Signature(bad) => bad.code(),
            Self::NotEnrolled(_) => "key.not-enrolled",
            Self::BelongsToAnother { .. } => "key.belongs-to-another",
            Self::NotYetEnrolled { .. } => "key.not-yet-enrolled",
            Self::Revoked { .. } => "key.revoked",
        }
    }
}
