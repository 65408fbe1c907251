//! Who can be given a key: a person who is known.
//!
//! A key decides, and only people decide. Who is revoked later holds no key any more, but not by this: the host ends their keys, each by
//! an entry of its own, so that a registry read offline says the same without knowing who was revoked.

use crate::decide::People;
use crate::id::PrincipalId;

/// Why somebody cannot be given a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAHolder {
    #[error("nobody is known as `{0}`")]
    Unknown(PrincipalId),
    #[error("`{0}` is {1}, and only people hold keys")]
    NotHuman(PrincipalId, &'static str),
}

impl NotAHolder {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "key.holder-unknown",
            Self::NotHuman(..) => "key.holder-not-human",
        }
    }
}

/// Whether this principal can be given a key.
pub fn may_hold(people: &People, principal: &PrincipalId) -> Result<(), NotAHolder> {
    use crate::actor::ActorKind;
    match people.get(principal).map(|person| person.kind) {
        None => Err(NotAHolder::Unknown(principal.clone())),
        Some(ActorKind::Human) => Ok(()),
        Some(ActorKind::Agent) => Err(NotAHolder::NotHuman(principal.clone(), "an agent")),
        Some(ActorKind::Service) => Err(NotAHolder::NotHuman(principal.clone(), "a service")),
    }
}

#[cfg(test)]
mod tests {
    use super::{NotAHolder, may_hold};
    use crate::actor::{ActorKind, Role};
    use crate::decide::{People, Person};

    #[test]
    fn only_people_who_are_known_hold_keys() {
        let person = |id: &str, kind, role| (id.parse().unwrap(), Person { kind, role });
        let people = People::from([
            person("ada", ActorKind::Human, Role::Author),
            person("bot", ActorKind::Agent, Role::Agent),
            person("cron", ActorKind::Service, Role::Operator),
        ]);
        let ask = |id: &str| may_hold(&people, &id.parse().unwrap());
        assert_eq!(ask("ada"), Ok(()));
        assert!(matches!(ask("ben"), Err(NotAHolder::Unknown(_))));
        for id in ["bot", "cron"] {
            assert!(matches!(ask(id), Err(NotAHolder::NotHuman(..))), "{id}");
        }
    }
}
