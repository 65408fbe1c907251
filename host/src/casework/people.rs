//! People and keys, as packets know them.

use probity_core::actor::{ActorKind, Role};
use probity_core::decide::{People, Person};
use probity_core::registry::Registry;

use super::{Casework, CaseworkError};
use crate::store::StoreError;

impl Casework {
    /// Who is known, by name: those the operator added or configured, and who are not revoked.
    pub(crate) async fn people(&self) -> Result<People, CaseworkError> {
        let mut people = People::new();
        for principal in self.principals.configured() {
            if let Ok(id) = principal.id.parse() {
                people.insert(id, Person { kind: principal.kind, role: principal.role });
            }
        }
        for record in self.store.principal_list().await?.into_iter().filter(|record| record.revoked.is_none())
        {
            let kind = ActorKind::ALL.iter().find(|kind| kind.as_str() == record.kind);
            let role = Role::ALL.iter().find(|role| role.as_str() == record.role);
            if let (Ok(id), Some(kind), Some(role)) = (record.id.parse(), kind, role) {
                people.insert(id, Person { kind: *kind, role: *role });
            }
        }
        Ok(people)
    }

    /// The key registry, its chain checked while it is read.
    pub(crate) async fn registry(&self) -> Result<Registry, CaseworkError> {
        let lines: Vec<Vec<u8>> =
            self.store.registry_entries().await?.into_iter().map(|entry| entry.bytes).collect();
        Registry::verify_chain(&lines, None).map_err(|broken| {
            CaseworkError::Store(StoreError::Corrupt {
                table: "registry",
                column: "bytes",
                row: "registry".to_owned(),
                problem: broken.to_string(),
            })
        })
    }
}
