//! How secrets are presented.
//!
//! Only this module and the scrubber read a [`Secret`]. Copies inside hyper's write buffers and the scrubber's
//! automaton are not wiped: they live as long as the connection does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::error::PolicyError;
use crate::secret::Secret;

/// The shortest secret that can be told from other text in an answer. A shorter one would either be missed or
/// take half the answer with it.
pub(super) const SHORTEST: usize = 8;

/// How an origin's secret is presented.
#[derive(Debug, Clone)]
pub enum Credential {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer(Secret),
    /// `Authorization: Basic …` (RFC 7617).
    Basic { user: String, secret: Secret },
    /// A header of its own: `X-Vault-Token: …`, `Authorization: Token …` with the prefix `Token `.
    Header { name: String, prefix: String, secret: Secret },
}

impl Credential {
    /// The secret itself.
    pub(super) const fn secret(&self) -> &Secret {
        match self {
            Self::Bearer(secret) | Self::Basic { secret, .. } | Self::Header { secret, .. } => secret,
        }
    }

    /// The user and the secret as basic authentication joins them.
    pub(super) fn pair(&self) -> Option<Zeroizing<String>> {
        match self {
            Self::Basic { user, secret } => Some(Zeroizing::new(format!("{user}:{}", secret.expose()))),
            Self::Bearer(_) | Self::Header { .. } => None,
        }
    }

    /// The header to attach, marked so that nothing below prints it.
    pub(super) fn header(&self, slot: &str) -> Result<(HeaderName, HeaderValue), PolicyError> {
        let fault =
            |problem: &str| PolicyError::Credential { slot: slot.to_owned(), problem: problem.to_owned() };
        if self.secret().expose().len() < SHORTEST {
            return Err(fault("its secret has fewer than 8 characters and could not be kept out of answers"));
        }
        let (name, value) = match self {
            Self::Bearer(secret) => (AUTHORIZATION, Zeroizing::new(format!("Bearer {}", secret.expose()))),
            Self::Basic { user, .. } => {
                if user.contains(':') {
                    return Err(fault("a user name for basic authentication has no `:` (RFC 7617)"));
                }
                let pair = self.pair().unwrap_or_default();
                (AUTHORIZATION, Zeroizing::new(format!("Basic {}", *Zeroizing::new(STANDARD.encode(&*pair)))))
            }
            Self::Header { name, prefix, secret } => {
                probity_core::header::check_credential_name(name)
                    .map_err(|problem| fault(&format!("the header `{name}` {problem}")))?;
                let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes())
                    .map_err(|_| fault("its header name is not one (RFC 9110)"))?;
                (name, Zeroizing::new(format!("{prefix}{}", secret.expose())))
            }
        };
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(fault("its secret has line breaks or characters other than printable ASCII"));
        }
        let mut value = HeaderValue::from_str(&value).map_err(|_| fault("it does not fit into a header"))?;
        value.set_sensitive(true);
        Ok((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::{Credential, Secret};

    #[test]
    fn a_secret_does_not_show_itself() {
        let credential = Credential::Basic { user: "ada".into(), secret: Secret::new("correct horse\n") };
        assert!(!format!("{credential:?}").contains("horse"));
        let (_, value) = credential.header("api").unwrap();
        assert_eq!(value, "Basic YWRhOmNvcnJlY3QgaG9yc2U=");
        assert_eq!(format!("{value:?}"), "Sensitive");
    }

    #[test]
    fn credentials_that_cannot_be_attached_or_scrubbed_are_refused() {
        let header = |name: &str, secret: &str| Credential::Header {
            name: name.into(),
            prefix: String::new(),
            secret: Secret::new(secret),
        };
        for bad in [
            Credential::Bearer(Secret::new("short")),
            Credential::Bearer(Secret::new("line\nbreak inside")),
            Credential::Basic { user: "a:b".into(), secret: Secret::new("long enough") },
            header("host", "long enough"),
            header("not a name", "long enough"),
        ] {
            assert!(bad.header("api").is_err(), "{bad:?}");
        }
        assert!(header("X-Vault-Token", "long enough").header("api").is_ok());
    }
}
