//! People and keys as they are shown. No token, and no hash of one, is among it.

use probity_core::actor::{ActorKind, Role};
use probity_core::instant::Instant;
use probity_core::registry::{EnrolledKey, Mark};
use serde::Serialize;
use utoipa::ToSchema;

use super::InstantText;

/// Where a principal is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PrincipalSource {
    /// It stands in the configuration file.
    Configured,
    /// It was added, and is in the store.
    Added,
}

/// One who is, or was, known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Principal)]
pub struct PrincipalView {
    pub id: String,
    #[schema(value_type = String)]
    pub kind: ActorKind,
    #[schema(value_type = String)]
    pub role: Role,
    pub source: PrincipalSource,
    /// Whether it has a bearer token, so that it can call.
    pub has_token: bool,
    /// Null when it is configured.
    #[schema(value_type = Option<InstantText>)]
    pub added: Option<Instant>,
    #[schema(value_type = Option<InstantText>)]
    pub revoked: Option<Instant>,
}

/// A key, whose it is, and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Key)]
pub struct KeyView {
    pub principal: String,
    /// As `ssh-keygen -l` prints it.
    pub fingerprint: String,
    /// `ssh-ed25519`, `passkey-es256`.
    pub algorithm: String,
    /// Whether the key says it lives in hardware.
    pub hardware: bool,
    /// The public key as a line of OpenSSH's, for a list of signers: a passkey as the plain key that has its point.
    pub key: String,
    pub comment: String,
    pub enrolled: KeyChangeView,
    pub revoked: Option<KeyRevocationView>,
}

/// The entry of the key registry that did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = KeyChange)]
pub struct KeyChangeView {
    /// Its place in the registry.
    pub seq: u32,
    #[schema(value_type = InstantText)]
    pub at: Instant,
    pub by: String,
}

/// The end of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = KeyRevocation)]
pub struct KeyRevocationView {
    pub seq: u32,
    #[schema(value_type = InstantText)]
    pub at: Instant,
    pub by: String,
    pub reason: String,
}

impl From<&Mark> for KeyChangeView {
    fn from(Mark { seq, at, by }: &Mark) -> Self {
        Self { seq: *seq, at: *at, by: by.clone() }
    }
}

impl From<&EnrolledKey> for KeyView {
    fn from(key: &EnrolledKey) -> Self {
        Self {
            principal: key.principal.clone(),
            fingerprint: key.fingerprint.to_string(),
            algorithm: key.key.algorithm().as_str().to_owned(),
            hardware: key.key.is_hardware(),
            key: key.key.line(),
            comment: key.comment.clone(),
            enrolled: (&key.enrolled).into(),
            revoked: key.revoked.as_ref().map(|revocation| {
                let Mark { seq, at, by } = revocation.mark.clone();
                KeyRevocationView { seq, at, by, reason: revocation.reason.clone() }
            }),
        }
    }
}
