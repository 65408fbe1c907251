//! People and keys: who is known, who calls, and who signs with what.
//!
//! Principals stand in the configuration or were added to the store. The store is read on each call, so that whoever was added or revoked
//! by another process is known or refused at once.
//!
//! Deliberately absent: rules. Which role goes with which kind is `authz`'s, which key can be enrolled is core's.

mod error;
mod keys;
mod known;

use probity_core::actor::{ActorKind, Role};

use super::view::{KeyView, PrincipalSource, PrincipalView};
use super::{Casework, CaseworkError};
use crate::authz::{self, Authorized, Caller, ManagePeople, NewToken, Principals, ReadPeople};
use crate::store::people::{NewPrincipal, PrincipalRecord};
use crate::store::{Store, StoreError};

pub use error::{IdentifyError, PeopleError};
pub use known::clash;

/// Everybody who may call now: those who are configured, and those in the store.
pub async fn who_may_call(configured: &Principals, store: &dyn Store) -> Result<Principals, StoreError> {
    let mut added = Vec::new();
    for record in store.principal_list().await? {
        added.extend(known::addition(&record)?);
    }
    Ok(configured.with(added))
}

impl Casework {
    /// Everybody who may call now.
    pub async fn who_may_call(&self) -> Result<Principals, StoreError> {
        who_may_call(&self.principals, &*self.store).await
    }

    /// Who sent this token.
    pub async fn identify(&self, token: Option<&str>) -> Result<Caller, IdentifyError> {
        Ok(self.who_may_call().await?.identify(token)?)
    }

    /// Adds somebody. Its token, if it gets one, is handed over here and nowhere else.
    pub async fn principal_add(
        &self,
        _: &Authorized<ManagePeople>,
        id: &str,
        kind: ActorKind,
        role: Role,
        with_token: bool,
    ) -> Result<(PrincipalView, Option<NewToken>), CaseworkError> {
        authz::check_principal(id, kind, role).map_err(PeopleError::Principal)?;
        if self.principals.known().iter().any(|principal| principal.id == id) {
            return Err(PeopleError::Configured(id.to_owned()).into());
        }
        let token = with_token.then(|| NewToken::of(&self.clock.bytes()));
        let new = NewPrincipal {
            id: id.to_owned(),
            kind: kind.as_str().to_owned(),
            role: role.as_str().to_owned(),
            token_sha256: token.as_ref().map(NewToken::digest),
        };
        let record = self.store.principal_add(&new).await.map_err(|error| match error {
            StoreError::Conflict { rule, .. } => CaseworkError::from(PeopleError::Taken(rule)),
            error => error.into(),
        })?;
        Ok((shown(&record)?, token))
    }

    /// Everybody, revoked ones too: those who are configured, then those who were added, in that order.
    pub async fn principal_list(
        &self,
        _: &Authorized<ReadPeople>,
    ) -> Result<Vec<PrincipalView>, CaseworkError> {
        let configured = self.principals.known().iter().map(|principal| PrincipalView {
            id: principal.id.clone(),
            kind: principal.kind,
            role: principal.role,
            source: PrincipalSource::Configured,
            has_token: true,
            added: None,
            revoked: None,
        });
        let mut all: Vec<_> = configured.collect();
        for record in self.store.principal_list().await? {
            all.push(shown(&record)?);
        }
        Ok(all)
    }

    /// Revokes somebody: the token counts no more, from this instant on and for ever, and every key they hold ends. Gives the keys that
    /// ended by it.
    ///
    /// The token goes first, since without it nothing can be asked for, signed or not. Keys end by entries of the registry, one each;
    /// where that breaks off, revoking once more ends those that are left.
    pub async fn principal_revoke(
        &self,
        permit: &Authorized<ManagePeople>,
        id: &str,
    ) -> Result<(PrincipalView, Vec<KeyView>), CaseworkError> {
        if self.principals.known().iter().any(|principal| principal.id == id) {
            return Err(PeopleError::InFile(id.to_owned()).into());
        }
        match self.store.principal_revoke(id).await? {
            Some(record) => Ok((shown(&record)?, self.keys_end(permit, id).await?)),
            None => Err(PeopleError::Unknown(id.chars().take(80).collect()).into()),
        }
    }
}

fn shown(record: &PrincipalRecord) -> Result<PrincipalView, StoreError> {
    let (kind, role) = known::words(record)?;
    Ok(PrincipalView {
        id: record.id.clone(),
        kind,
        role,
        source: PrincipalSource::Added,
        has_token: record.token_sha256.is_some(),
        added: Some(record.added),
        revoked: record.revoked,
    })
}
