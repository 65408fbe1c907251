//! Who is known, and by which token.
//!
//! Configuration and store hold the SHA-256 of a bearer token, never the token: who reads them cannot
//! call. Tokens are random and long, so a plain hash is enough; it is compared in constant time, and with
//! every principal, so that the time taken tells nothing.
//!
//! A principal is configured, or added while the host runs ([`Principals::with`]). Whoever was added once counts for ever in one respect:
//! a host that began to ask who calls does not stop asking because the last one was revoked.

use std::fmt;
use std::str::FromStr;

use probity_core::canonical::Digest;
use probity_core::decide::HOST;
use probity_core::id::PrincipalId;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::{Caller, LOCAL, PrincipalKind, Role};

/// The SHA-256 of a bearer token. Written as 64 hexadecimal digits, as `sha256sum` prints them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash([u8; 32]);

/// The text is not the hash of a token. It is not repeated: it might be the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a token's hash is 64 lower-case hexadecimal digits: the output of `printf %s \"$TOKEN\" | sha256sum`; \
     what is configured is not shown here, as it might be the token itself"
)]
pub struct NotATokenHash;

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &str) -> Self {
        Self(*Digest::of(token.as_bytes()).as_bytes())
    }
}

impl From<Digest> for TokenHash {
    fn from(digest: Digest) -> Self {
        Self(*digest.as_bytes())
    }
}

impl FromStr for TokenHash {
    type Err = NotATokenHash;

    fn from_str(text: &str) -> Result<Self, NotATokenHash> {
        let hex = text.strip_prefix("sha256:").unwrap_or(text);
        format!("sha256:{hex}")
            .parse::<Digest>()
            .map(|digest| Self(*digest.as_bytes()))
            .map_err(|_| NotATokenHash)
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

impl<'de> serde::Deserialize<'de> for TokenHash {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Names that nobody can have: entries of the host itself and of the local operator stand under them.
pub const RESERVED: [&str; 2] = [HOST, LOCAL];

/// One who may call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Principal {
    /// A name for the record of who did what.
    pub id: String,
    pub kind: PrincipalKind,
    pub role: Role,
    pub token_sha256: TokenHash,
}

/// The principals cannot be told apart, or one would have what its kind may not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPrincipal {
    #[error("principal `{0}`: an id is 1 to 63 of a-z, 0-9, `-`, `.`, `_` and `@`; give it such an `id`")]
    Id(String),
    #[error("principal `{0}`: the host's own entries stand under that name; give it another `id`")]
    Reserved(String),
    #[error("two principals are called `{0}`; give each its own `id`")]
    TwoOfOneName(String),
    #[error("principals `{0}` and `{1}` have the same `token-sha256`; give each its own token")]
    TwoOfOneToken(String, String),
    #[error(
        "principal `{id}` is of kind {kind:?} and cannot have the role `{role}`: an agent is an agent, a human is never one, \
         and a service is an operator or a monitor; change its `kind` or its `role`",
        role = .role.as_str()
    )]
    RoleOfKind { id: String, kind: PrincipalKind, role: Role },
}

/// Why a caller is nobody we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unidentified {
    #[error("no bearer token was sent")]
    Missing,
    #[error("the bearer token is not that of any principal")]
    Unknown,
}

/// One who was added while the host ran, with a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    pub principal: Principal,
    /// The token counts no more.
    pub revoked: bool,
}

/// Everybody who may call. While nobody ever had a token, whoever reaches the loopback address is the local operator.
#[derive(Debug, Clone, Default)]
pub struct Principals {
    known: Vec<Principal>,
    asking: bool,
}

impl Principals {
    /// Nobody.
    pub const fn none() -> Self {
        Self { known: Vec::new(), asking: false }
    }

    /// Takes the configured ones, if they can be told apart and each has a role of its kind.
    pub fn new(principals: Vec<Principal>) -> Result<Self, BadPrincipal> {
        for (at, principal) in principals.iter().enumerate() {
            principal.check()?;
            for other in &principals[..at] {
                if other.id == principal.id {
                    return Err(BadPrincipal::TwoOfOneName(principal.id.clone()));
                }
                if other.token_sha256 == principal.token_sha256 {
                    return Err(BadPrincipal::TwoOfOneToken(other.id.clone(), principal.id.clone()));
                }
            }
        }
        Ok(Self { asking: !principals.is_empty(), known: principals })
    }

    /// These and those who were added. Who could not have been added (a name that is taken, a role that is not of
    /// the kind) is left out, for the store may be older than the configuration, or tampered with.
    #[must_use]
    pub fn with(&self, added: impl IntoIterator<Item = Addition>) -> Self {
        let mut all = self.clone();
        for Addition { principal, revoked } in added {
            all.asking = true;
            // Those who were added differ among themselves: the store sees to it.
            let is_taken = self.known.iter().any(|known| {
                known.id == principal.id || bool::from(known.token_sha256.0.ct_eq(&principal.token_sha256.0))
            });
            if !revoked && !is_taken && principal.check().is_ok() {
                all.known.push(principal);
            }
        }
        all
    }

    /// All that are known.
    pub fn known(&self) -> &[Principal] {
        &self.known
    }

    /// Whether a caller must say who it is: somebody has, or had, a token.
    pub const fn ask_who_calls(&self) -> bool {
        self.asking
    }

    /// Who sent this token.
    pub fn identify(&self, token: Option<&str>) -> Result<Caller, Unidentified> {
        if !self.asking {
            return Ok(Caller::local());
        }
        let hash = TokenHash::of(token.ok_or(Unidentified::Missing)?);
        // Every principal is compared and the match selected without a branch: see the module's words.
        let mut found = 0_u64;
        let mut any = Choice::from(0);
        for (at, principal) in (0_u64..).zip(&self.known) {
            let equal = principal.token_sha256.0.ct_eq(&hash.0);
            found.conditional_assign(&at, equal);
            any |= equal;
        }
        let principal = usize::try_from(found).ok().and_then(|found| self.known.get(found));
        match principal {
            Some(principal) if bool::from(any) => {
                Ok(Caller { id: principal.id.as_str().into(), kind: principal.kind, role: principal.role })
            }
            _ => Err(Unidentified::Unknown),
        }
    }
}

impl Principal {
    fn check(&self) -> Result<(), BadPrincipal> {
        check_principal(&self.id, self.kind, self.role)
    }
}

/// Whether somebody may be known by this name, as this kind, in this role.
pub fn check_principal(id: &str, kind: PrincipalKind, role: Role) -> Result<(), BadPrincipal> {
    if id.parse::<PrincipalId>().is_err() {
        return Err(BadPrincipal::Id(id.chars().take(80).collect()));
    }
    if RESERVED.contains(&id) {
        return Err(BadPrincipal::Reserved(id.to_owned()));
    }
    let fits = match kind {
        PrincipalKind::Agent => role == Role::Agent,
        PrincipalKind::Human => role != Role::Agent,
        PrincipalKind::Service => matches!(role, Role::Operator | Role::Monitor),
    };
    if fits { Ok(()) } else { Err(BadPrincipal::RoleOfKind { id: id.to_owned(), kind, role }) }
}

#[cfg(test)]
mod tests {
    use super::{Addition, BadPrincipal, Principal, PrincipalKind, Principals, TokenHash, Unidentified};
    use crate::authz::Role;

    fn principal(id: &str, kind: PrincipalKind, role: Role, token: &str) -> Principal {
        Principal { id: id.to_owned(), kind, role, token_sha256: TokenHash::of(token) }
    }

    #[test]
    fn a_caller_is_known_by_the_hash_of_the_token() {
        let known = Principals::new(vec![
            principal("ada", PrincipalKind::Human, Role::Reviewer, "one"),
            principal("bot", PrincipalKind::Agent, Role::Agent, "two"),
        ])
        .unwrap();
        assert_eq!(known.identify(Some("one")).unwrap().id(), "ada");
        assert_eq!(known.identify(Some("two")).unwrap().role(), Role::Agent);
        assert_eq!(known.identify(Some("")), Err(Unidentified::Unknown));
        assert_eq!(known.identify(Some("one ")), Err(Unidentified::Unknown));
        assert_eq!(known.identify(None), Err(Unidentified::Missing));
        let printed = format!("{:x?}", TokenHash::of("one"));
        assert_eq!(printed, "TokenHash(…)");
    }

    #[test]
    fn an_agent_cannot_be_given_a_humans_role() {
        for (kind, role) in [
            (PrincipalKind::Agent, Role::Operator),
            (PrincipalKind::Agent, Role::ApprovalOwner),
            (PrincipalKind::Service, Role::Reviewer),
            (PrincipalKind::Human, Role::Agent),
        ] {
            let refused = Principals::new(vec![principal("x", kind, role, "t")]);
            assert!(matches!(refused, Err(BadPrincipal::RoleOfKind { .. })), "{kind:?} {role:?}");
        }
    }

    #[test]
    fn principals_must_differ() {
        let twin = |id, token| principal(id, PrincipalKind::Human, Role::Author, token);
        assert!(matches!(
            Principals::new(vec![twin("a", "1"), twin("a", "2")]),
            Err(BadPrincipal::TwoOfOneName(_))
        ));
        assert!(matches!(
            Principals::new(vec![twin("a", "1"), twin("b", "1")]),
            Err(BadPrincipal::TwoOfOneToken(..))
        ));
        assert!(matches!(Principals::new(vec![twin("A b", "1")]), Err(BadPrincipal::Id(_))));
        for reserved in ["probity", "local"] {
            let refused = Principals::new(vec![twin(reserved, "1")]);
            assert!(matches!(refused, Err(BadPrincipal::Reserved(_))), "{reserved}");
        }
    }

    fn added(id: &str, token: &str, revoked: bool) -> Addition {
        Addition { principal: principal(id, PrincipalKind::Human, Role::Author, token), revoked }
    }

    #[test]
    fn those_who_were_added_are_known_until_they_are_revoked() {
        let configured =
            Principals::new(vec![principal("ada", PrincipalKind::Human, Role::Reviewer, "one")]).unwrap();
        let all = configured.with([added("ben", "two", false), added("cleo", "three", true)]);
        assert_eq!(all.identify(Some("one")).unwrap().id(), "ada");
        assert_eq!(all.identify(Some("two")).unwrap().id(), "ben");
        assert_eq!(all.identify(Some("three")), Err(Unidentified::Unknown));
        assert_eq!(configured.identify(Some("two")), Err(Unidentified::Unknown));
    }

    #[test]
    fn a_host_that_began_to_ask_does_not_stop_when_the_last_one_is_revoked() {
        assert_eq!(Principals::none().with([]).identify(None).unwrap().id(), "local");
        let nobody_left = Principals::none().with([added("ben", "two", true)]);
        assert_eq!(nobody_left.identify(None), Err(Unidentified::Missing));
        assert_eq!(nobody_left.identify(Some("two")), Err(Unidentified::Unknown));
    }

    #[test]
    fn who_was_added_takes_no_configured_name_no_token_and_no_role_of_another_kind() {
        let configured =
            Principals::new(vec![principal("ada", PrincipalKind::Human, Role::Reviewer, "one")]).unwrap();
        let mut agent = added("bot", "five", false);
        agent.principal.kind = PrincipalKind::Agent;
        let all = configured.with([
            added("ada", "two", false),
            added("ben", "one", false),
            added("local", "four", false),
            agent,
        ]);
        assert_eq!(all.identify(Some("one")).unwrap().id(), "ada");
        for token in ["two", "four", "five"] {
            assert_eq!(all.identify(Some(token)), Err(Unidentified::Unknown), "{token}");
        }
    }

    #[test]
    fn a_token_in_place_of_its_hash_is_refused_and_not_repeated() {
        let error = "hunter2-hunter2".parse::<TokenHash>().unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(error.contains("sha256sum"));
        let hash = probity_core::canonical::Digest::of(b"one").hex();
        assert_eq!(hash.parse::<TokenHash>().unwrap(), TokenHash::of("one"));
    }
}
