//! Who is known, and by which token.
//!
//! Configuration holds the SHA-256 of a bearer token, never the token: who reads the configuration cannot
//! call. Tokens are random and long, so a plain hash is enough; it is compared in constant time, and with
//! every principal, so that the time taken tells nothing.

use std::fmt;
use std::str::FromStr;

use probity_core::canonical::Digest;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};

use super::{Caller, PrincipalKind, Role};

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

/// One who may call, as configured.
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
    #[error("the bearer token is not that of any configured principal")]
    Unknown,
}

/// Everybody who may call. Empty: whoever reaches the loopback address is the local operator.
#[derive(Debug, Clone, Default)]
pub struct Principals(Vec<Principal>);

impl Principals {
    /// Nobody configured.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Takes the configured ones, if they can be told apart and each has a role of its kind.
    pub fn new(principals: Vec<Principal>) -> Result<Self, BadPrincipal> {
        for (at, principal) in principals.iter().enumerate() {
            check(principal)?;
            for other in &principals[..at] {
                if other.id == principal.id {
                    return Err(BadPrincipal::TwoOfOneName(principal.id.clone()));
                }
                if other.token_sha256 == principal.token_sha256 {
                    return Err(BadPrincipal::TwoOfOneToken(other.id.clone(), principal.id.clone()));
                }
            }
        }
        Ok(Self(principals))
    }

    /// All that are configured.
    pub fn configured(&self) -> &[Principal] {
        &self.0
    }

    /// Whether nobody is configured.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Who sent this token.
    pub fn identify(&self, token: Option<&str>) -> Result<Caller, Unidentified> {
        if self.is_empty() {
            return Ok(Caller::local());
        }
        let hash = TokenHash::of(token.ok_or(Unidentified::Missing)?);
        // Every principal is compared and the match selected without a branch: see the module's words.
        let mut found = 0_u64;
        let mut any = Choice::from(0);
        for (at, principal) in (0_u64..).zip(&self.0) {
            let equal = principal.token_sha256.0.ct_eq(&hash.0);
            found.conditional_assign(&at, equal);
            any |= equal;
        }
        let principal = usize::try_from(found).ok().and_then(|found| self.0.get(found));
        match principal {
            Some(principal) if bool::from(any) => {
                Ok(Caller { id: principal.id.as_str().into(), kind: principal.kind, role: principal.role })
            }
            _ => Err(Unidentified::Unknown),
        }
    }
}

fn check(principal: &Principal) -> Result<(), BadPrincipal> {
    let Principal { id, kind, role, .. } = principal;
    let is_name = (1..=63).contains(&id.len())
        && id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'@'));
    if !is_name {
        return Err(BadPrincipal::Id(id.chars().take(80).collect()));
    }
    let fits = match kind {
        PrincipalKind::Agent => *role == Role::Agent,
        PrincipalKind::Human => *role != Role::Agent,
        PrincipalKind::Service => matches!(role, Role::Operator | Role::Monitor),
    };
    if fits { Ok(()) } else { Err(BadPrincipal::RoleOfKind { id: id.clone(), kind: *kind, role: *role }) }
}

#[cfg(test)]
mod tests {
    use super::{BadPrincipal, Principal, PrincipalKind, Principals, TokenHash, Unidentified};
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
