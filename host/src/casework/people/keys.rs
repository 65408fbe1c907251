//! The registry of keys: reading it, and the two entries that change it.

use probity_core::id::PrincipalId;
use probity_core::registry::{KeyChange, KeyRefusal, Registry, may_hold};
use probity_core::signature::{Fingerprint, PublicKey};

use super::PeopleError;
use crate::authz::{Authorized, ManagePeople, ReadPeople};
use crate::casework::view::KeyView;
use crate::casework::{Casework, CaseworkError};
use crate::store::StoreError;
use crate::store::ledger::AppendError;

/// Why a key ended whose holder was revoked, for the record.
const HOLDER_REVOKED: &str = "its holder was revoked";

/// How often an entry is made anew because another process appended first.
const ATTEMPTS: u32 = 100;

impl Casework {
    /// Enrols a person's key: one line as in `id_ed25519.pub`. Without a comment of its own it keeps that of the line.
    pub async fn key_enrol(
        &self,
        permit: &Authorized<ManagePeople>,
        principal: &str,
        line: &str,
        comment: Option<String>,
    ) -> Result<KeyView, CaseworkError> {
        let id: PrincipalId = principal.parse().map_err(PeopleError::Name)?;
        let (key, written) = PublicKey::parse_with_comment(line).map_err(PeopleError::Key)?;
        let fingerprint = key.fingerprint();
        let change =
            KeyChange::Enrolled { principal: id.to_string(), key, comment: comment.unwrap_or(written) };
        may_hold(&self.people().await?, &id).map_err(PeopleError::Holder)?;
        self.registry_change(permit.caller().id(), change, &fingerprint).await
    }

    /// Every key that ever was enrolled, in that order.
    pub async fn key_list(&self, _: &Authorized<ReadPeople>) -> Result<Vec<KeyView>, CaseworkError> {
        Ok(self.registry().await?.keys().iter().map(KeyView::from).collect())
    }

    /// Ends a key: signatures by it from now on do not count.
    pub async fn key_revoke(
        &self,
        permit: &Authorized<ManagePeople>,
        fingerprint: &Fingerprint,
        reason: String,
    ) -> Result<KeyView, CaseworkError> {
        let change = KeyChange::Revoked { fingerprint: fingerprint.clone(), reason };
        self.registry_change(permit.caller().id(), change, fingerprint).await
    }

    /// Ends every key that somebody still holds, because they were revoked.
    pub(super) async fn keys_end(
        &self,
        permit: &Authorized<ManagePeople>,
        principal: &str,
    ) -> Result<Vec<KeyView>, CaseworkError> {
        let registry = self.registry().await?;
        let held = registry.keys().iter().filter(|key| key.principal == principal && key.revoked.is_none());
        let mut ended = Vec::new();
        for key in held {
            match self.key_revoke(permit, &key.fingerprint, HOLDER_REVOKED.to_owned()).await {
                Ok(key) => ended.push(key),
                // Somebody else ended it meanwhile.
                Err(CaseworkError::People(PeopleError::Registry(KeyRefusal::AlreadyRevoked(_)))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }

    /// The key registry, its chain checked while it is read.
    pub(crate) async fn registry(&self) -> Result<Registry, CaseworkError> {
        let lines: Vec<Vec<u8>> =
            self.store.registry_entries().await?.into_iter().map(|entry| entry.bytes).collect();
        Registry::verify_chain(&lines, None).map_err(|broken| corrupt(broken.to_string()))
    }

    /// Appends the entry that makes a change, decided anew when somebody else appended first.
    async fn registry_change(
        &self,
        by: &str,
        change: KeyChange,
        fingerprint: &Fingerprint,
    ) -> Result<KeyView, CaseworkError> {
        for _ in 0..ATTEMPTS {
            let mut registry = self.registry().await?;
            let at = self.store.now().await?;
            let entry = registry.next(at, by, change.clone()).map_err(PeopleError::Registry)?;
            match self.store.registry_append(&entry.bytes(), entry.digest(), registry.head()).await {
                Ok(_) => {
                    registry.apply(&entry);
                    let key = registry.get(fingerprint);
                    return key.map(KeyView::from).ok_or_else(|| corrupt("a key is not in it".to_owned()));
                }
                Err(AppendError::Moved { .. }) => {}
                Err(AppendError::Store(error)) => return Err(error.into()),
                Err(other) => return Err(corrupt(other.to_string())),
            }
        }
        Err(PeopleError::Crowded.into())
    }
}

fn corrupt(problem: String) -> CaseworkError {
    StoreError::Corrupt { table: "registry", column: "bytes", row: "registry".to_owned(), problem }.into()
}
