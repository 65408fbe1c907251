//! Rows of the store as people who are known.

use probity_core::actor::{ActorKind, Role};
use probity_core::decide::{People, Person};

use crate::authz::{self, Addition, Principal, Principals, TokenHash};
use crate::casework::{Casework, CaseworkError};
use crate::store::StoreError;
use crate::store::people::PrincipalRecord;

impl Casework {
    /// Who is known, by name: those who are configured, and those who were added and are not revoked.
    pub(crate) async fn people(&self) -> Result<People, CaseworkError> {
        let mut people = People::new();
        for record in self.store.principal_list().await? {
            let (kind, role) = words(&record)?;
            if record.revoked.is_none() && authz::check_principal(&record.id, kind, role).is_ok() {
                people.extend(record.id.parse().map(|id| (id, Person { kind, role })));
            }
        }
        // The configuration goes last: whose name it gives to somebody is that somebody.
        for principal in self.principals.known() {
            let person = Person { kind: principal.kind, role: principal.role };
            people.extend(principal.id.parse().map(|id| (id, person)));
        }
        Ok(people)
    }
}

/// Kind and role of a row.
pub(super) fn words(record: &PrincipalRecord) -> Result<(ActorKind, Role), StoreError> {
    let corrupt = |column, word: &str| StoreError::Corrupt {
        table: "principal",
        column,
        row: record.id.clone(),
        problem: format!("`{word}` is none there is"),
    };
    let kind = ActorKind::ALL.iter().find(|kind| kind.as_str() == record.kind);
    let role = Role::ALL.iter().find(|role| role.as_str() == record.role);
    Ok((
        *kind.ok_or_else(|| corrupt("kind", &record.kind))?,
        *role.ok_or_else(|| corrupt("role", &record.role))?,
    ))
}

/// A row that has a token, as one who may call, or might once.
pub(super) fn addition(record: &PrincipalRecord) -> Result<Option<Addition>, StoreError> {
    let (kind, role) = words(record)?;
    Ok(record.token_sha256.map(|token| Addition {
        principal: Principal { id: record.id.clone(), kind, role, token_sha256: TokenHash::from(token) },
        revoked: record.revoked.is_some(),
    }))
}

/// What is wrong when a configured principal has the name or the token of one who was added, or was revoked: a name is one
/// person's for ever.
pub fn clash(configured: &Principals, records: &[PrincipalRecord]) -> Option<String> {
    let was = |record: &PrincipalRecord| if record.revoked.is_some() { "revoked" } else { "added" };
    configured.known().iter().find_map(|principal| {
        let hash = |record: &PrincipalRecord| record.token_sha256.map(TokenHash::from);
        let same_name = records.iter().find(|record| record.id == principal.id);
        let same_token = records.iter().find(|record| hash(record) == Some(principal.token_sha256));
        match (same_name, same_token) {
            (Some(record), _) => Some(format!(
                "`{}` was {} by `probity principal`, and a name is one principal's for ever",
                principal.id,
                was(record)
            )),
            (None, Some(record)) => Some(format!(
                "`{}` has the token of `{}`, who was {} by `probity principal`",
                principal.id,
                record.id,
                was(record)
            )),
            (None, None) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use probity_core::canonical::Digest;

    use super::{addition, clash};
    use crate::authz::{Principal, PrincipalKind, Principals, Role, TokenHash};
    use crate::store::people::PrincipalRecord;

    fn record(id: &str, role: &str, token: Option<&str>) -> PrincipalRecord {
        PrincipalRecord {
            id: id.to_owned(),
            kind: "human".to_owned(),
            role: role.to_owned(),
            token_sha256: token.map(|token| Digest::of(token.as_bytes())),
            added: "2026-11-22T12:00:00Z".parse().unwrap(),
            revoked: None,
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_is_an_error_and_not_nobody() {
        assert!(addition(&record("ada", "author", None)).unwrap().is_none());
        assert_eq!(addition(&record("ada", "author", Some("t"))).unwrap().unwrap().principal.id, "ada");
        assert!(addition(&record("ada", "queen", Some("t"))).is_err());
    }

    #[test]
    fn nobody_is_configured_under_the_name_or_token_of_one_who_was_added() {
        let ada = Principal {
            id: "ada".to_owned(),
            kind: PrincipalKind::Human,
            role: Role::Author,
            token_sha256: TokenHash::of("one"),
        };
        let configured = Principals::new(vec![ada]).unwrap();
        assert_eq!(clash(&configured, &[record("ben", "author", Some("two"))]), None);
        assert!(
            clash(&configured, &[record("ada", "author", None)])
                .unwrap()
                .contains("one principal's for ever")
        );
        assert!(
            clash(&configured, &[record("ben", "author", Some("one"))])
                .unwrap()
                .contains("the token of `ben`")
        );
        let revoked = PrincipalRecord {
            revoked: Some("2026-11-22T13:00:00Z".parse().unwrap()),
            ..record("ada", "author", Some("two"))
        };
        assert!(clash(&configured, &[revoked]).unwrap().contains("was revoked"));
    }
}
