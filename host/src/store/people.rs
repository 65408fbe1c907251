//! People and programs: who may call, and the registry of the keys humans sign with.
//!
//! The registry is a hash chain like a packet's ledger. A principal is added and revoked, never changed: an id or a
//! token that was once somebody's is nobody else's afterwards.
//!
//! Deliberately absent: what a role may do, and what makes an enrolment good.

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::instant::Instant;

use super::StoreError;
use super::ledger::{AppendError, Appended, Head};

/// A principal about to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPrincipal {
    pub id: String,
    pub kind: String,
    pub role: String,
    /// The SHA-256 of its bearer token, if it has one.
    pub token_sha256: Option<Digest>,
}

/// A principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalRecord {
    pub id: String,
    pub kind: String,
    pub role: String,
    pub token_sha256: Option<Digest>,
    /// Both on database time.
    pub added: Instant,
    pub revoked: Option<Instant>,
}

/// An entry of the key registry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryEntry {
    /// 1 for the first.
    pub seq: u32,
    /// The SHA-256 of `bytes`.
    pub hash: Digest,
    /// The hash of the entry before; none for the first.
    pub prev: Option<Digest>,
    /// Database time of the append.
    pub recorded: Instant,
    pub bytes: Vec<u8>,
}

/// Principals and keys.
#[async_trait]
pub trait PeopleStore: Send + Sync {
    /// [`StoreError::Conflict`] when the id or the token is or was somebody's.
    async fn principal_add(&self, principal: &NewPrincipal) -> Result<PrincipalRecord, StoreError>;
    /// Everybody, revoked ones too, in the order they were added.
    async fn principal_list(&self) -> Result<Vec<PrincipalRecord>, StoreError>;
    /// Revokes; one who is revoked already stays so since then. `None` when nobody has that id.
    async fn principal_revoke(&self, id: &str) -> Result<Option<PrincipalRecord>, StoreError>;

    /// Appends to the registry after exactly `expected_head` (`None`: it must be empty), else
    /// [`AppendError::Moved`] and nothing is written.
    async fn registry_append(
        &self,
        bytes: &[u8],
        hash: Digest,
        expected_head: Option<Head>,
    ) -> Result<Appended, AppendError>;
    /// The whole registry, oldest first.
    async fn registry_entries(&self) -> Result<Vec<RegistryEntry>, StoreError>;
}
