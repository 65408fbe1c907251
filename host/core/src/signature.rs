//! Signatures by keys that people hold: one statement, two kinds of key.
//!
//! A signature is over the canonical bytes of the statement a person was shown. It is either an SSH signature
//! (`ssh-keygen -Y sign -n probity`), so that a key, agent or security key someone already has will do, or a
//! passkey's assertion whose challenge is the statement's SHA-256. Both are verified here, offline and without asking
//! anybody, by the same code in the host, the command line and the offline verifier.
//!
//! A signature proves that a key was used. Whose key it is, and whether it counted then, is for
//! [`registry`](crate::registry) and [`trust`](crate::trust) to say. The bytes of a signature name nothing: an ECDSA signature
//! can be turned into another one over the same statement, so nothing may be looked up by them.
//!
//! Deliberately absent: RSA (its one implementation leaks through timing), certificates (who may sign is a list of keys,
//! not of issuers), signing, and the attestation of authenticators, which happens at enrolment.

mod bad;
mod key;
mod passkey;
mod point;
mod sshsig;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vectors;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::excerpt;

pub use bad::{BadKey, BadSignature};
pub use key::{Algorithm, Fingerprint, Passkey, PublicKey};

/// The namespace of every SSH signature Probity takes, so that a signature made for something else (a commit, a
/// file) cannot be presented as a decision.
pub const NAMESPACE: &str = "probity";

/// The longest armored SSH signature that is read.
pub const MAX_ARMORED: usize = 8 * 1024;

/// A signature as it is sent, recorded and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Signature {
    /// The text `ssh-keygen -Y sign -n probity` writes.
    Ssh { armored: String },
    /// A WebAuthn assertion; every member is base64url without padding, as browsers hand it out.
    #[serde(rename_all = "kebab-case")]
    Passkey { credential_id: String, authenticator_data: String, client_data_json: String, signature: String },
}

/// What a good signature proves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Verified {
    pub fingerprint: Fingerprint,
    pub algorithm: Algorithm,
    /// The key is kept by hardware, as enrolled, and is not one that is synced between devices.
    pub hardware: bool,
    /// Someone touched the authenticator for this very signature.
    pub user_present: bool,
    /// The authenticator checked who that was, by PIN or biometrics.
    pub user_verified: bool,
    /// The authenticator's count of its signatures; many authenticators always say 0.
    pub counter: Option<u32>,
}

/// Whether this key made this signature over this statement.
pub fn verify(statement: &[u8], signature: &Signature, key: &PublicKey) -> Result<Verified, BadSignature> {
    match signature {
        Signature::Ssh { armored } => sshsig::verify(statement, armored, key),
        Signature::Passkey { credential_id, authenticator_data, client_data_json, signature } => {
            passkey::verify(
                statement,
                &passkey::Assertion { credential_id, authenticator_data, client_data_json, signature },
                key,
            )
        }
    }
}

impl Signature {
    /// How a signature names its key. Nothing is proven by it: it finds the key to verify with.
    pub fn signer(&self) -> Result<Signer, BadSignature> {
        match self {
            Self::Ssh { armored } => sshsig::signer(armored).map(|key| Signer::Key(Box::new(key))),
            Self::Passkey { credential_id, .. } => Ok(Signer::Credential(credential_id.clone())),
        }
    }
}

/// Who a signature says made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    Key(Box<PublicKey>),
    /// A passkey's credential id, in base64url.
    Credential(String),
}

impl Signer {
    /// Whether this is the key that is meant.
    pub fn is(&self, key: &PublicKey) -> bool {
        match self {
            Self::Key(signer) => **signer == *key,
            Self::Credential(id) => key.as_passkey().is_some_and(|passkey| passkey.credential_id == *id),
        }
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "the key {}", key.fingerprint()),
            Self::Credential(id) => write!(f, "the passkey {}", excerpt(id, 64)),
        }
    }
}
