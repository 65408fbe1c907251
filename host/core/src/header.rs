//! Which headers of a request belong to the host.
//!
//! A connector may add headers, but those that say who asks, how the message is framed, where it goes or
//! which method is meant would undo the host's rules: a forged `X-HTTP-Method-Override` turns a granted GET
//! into a DELETE. They are refused by name, in declared fixed parts and in every request.
//!
//! Names that only look like credentials (`…-token`, `…-api-key`) are refused too: the host attaches the one
//! credential, and a connector has no business carrying another.

use crate::text::is_control;

/// The longest header value, in bytes; servers commonly refuse more than 8 KiB for all headers together.
pub const MAX_VALUE: usize = 4 * 1024;

/// The longest header name, in bytes.
pub const MAX_NAME: usize = 128;

/// Why a connector may not set a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHeader {
    #[error("is not a header name: use letters, digits and !#$%&'*+-.^_`|~ (RFC 9110)")]
    Name,
    #[error("has a value with control characters, other than ASCII, or longer than {MAX_VALUE} bytes")]
    Value,
    #[error("carries a credential; the host attaches the connection's credential itself")]
    Credential,
    #[error("belongs to the framing of the message or names its target; the host sets it")]
    Framing,
    #[error(
        "says on whose behalf or along which way the request comes; the host does not let that be forged"
    )]
    Identity,
    #[error("overrides the method or the path that was granted")]
    Override,
}

const CREDENTIAL: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "www-authenticate",
    "proxy-authenticate",
    "cookie",
    "cookie2",
    "set-cookie",
    "api-key",
    "apikey",
    "x-api-key",
    "x-apikey",
    "x-auth",
    "x-auth-key",
    "x-auth-email",
    "x-access-key",
    "x-amz-credential",
    "x-amz-signature",
    "x-csrftoken",
    "x-csrf",
    "x-xsrf",
];

const CREDENTIAL_ENDS: &[&str] = &[
    "-token",
    "_token",
    "-api-key",
    "_api_key",
    "-apikey",
    "-secret",
    "-password",
    "-session",
    "-session-id",
];

const FRAMING: &[&str] = &[
    "host",
    ":authority",
    "content-length",
    "transfer-encoding",
    "content-encoding",
    "accept-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
    "expect",
    "max-forwards",
    "range",
    "if-range",
    "user-agent",
    "x-request-id",
];

const IDENTITY: &[&str] = &[
    "forwarded",
    "via",
    "from",
    "origin",
    "referer",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-remote-user",
    "remote-user",
    "x-authenticated-user",
    "x-forwarded-user",
    "x-user",
    "x-impersonate-user",
    "impersonate-user",
    "x-redmine-switch-user",
    "sudo",
];

const IDENTITY_STARTS: &[&str] =
    &["x-forwarded", "x-original-forwarded", "x-probity-", "sec-", "proxy-", "impersonate-"];

const OVERRIDE: &[&str] = &[
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-original-url",
    "x-original-uri",
    "x-rewrite-url",
    "x-original-method",
    "x-original-host",
    "x-host",
];

/// Whether a connector may set this header, now or as a fixed part of an endpoint.
pub fn check(name: &str, value: &str) -> Result<(), BadHeader> {
    check_name(name)?;
    if is_value(value) { Ok(()) } else { Err(BadHeader::Value) }
}

/// Whether a header of this name is left to connectors.
pub fn check_name(name: &str) -> Result<(), BadHeader> {
    if !is_name(name) {
        return Err(BadHeader::Name);
    }
    let name = name.to_ascii_lowercase();
    let name = name.as_str();
    if FRAMING.contains(&name) {
        return Err(BadHeader::Framing);
    }
    if OVERRIDE.contains(&name) {
        return Err(BadHeader::Override);
    }
    if CREDENTIAL.contains(&name) || CREDENTIAL_ENDS.iter().any(|end| name.ends_with(end)) {
        return Err(BadHeader::Credential);
    }
    if IDENTITY.contains(&name) || IDENTITY_STARTS.iter().any(|start| name.starts_with(start)) {
        return Err(BadHeader::Identity);
    }
    Ok(())
}

/// Whether the operator's credential may be presented in a header of this name: anything well formed that
/// is not framing, identity or an override.
pub fn check_credential_name(name: &str) -> Result<(), BadHeader> {
    match check_name(name) {
        Ok(()) | Err(BadHeader::Credential) => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// A header name: RFC 9110's `token`.
pub fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'!' | b'#'
                        | b'$'
                        | b'%'
                        | b'&'
                        | b'\''
                        | b'*'
                        | b'+'
                        | b'-'
                        | b'.'
                        | b'^'
                        | b'_'
                        | b'`'
                        | b'|'
                        | b'~'
                )
        })
}

/// A header value as Probity sends it: visible ASCII, spaces and tabs. RFC 9110 calls anything else obsolete.
pub fn is_value(value: &str) -> bool {
    value.len() <= MAX_VALUE
        && value.is_ascii()
        && !value.chars().any(|character| is_control(character) && character != '\t')
}

#[cfg(test)]
mod tests {
    use super::{BadHeader, check, check_credential_name};

    #[test]
    fn what_connectors_need_is_left_to_them() {
        for (name, value) in [
            ("Accept", "application/json"),
            ("X-Amz-Target", "secretsmanager.ListSecrets"),
            ("If-None-Match", "\"x\""),
            ("X-GitHub-Api-Version", "2022-11-28"),
            ("X-Vault-Request", "true"),
            ("Content-Type", "application/json"),
            ("X-Vault-Namespace", "team/a"),
        ] {
            assert_eq!(check(name, value), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_would_undo_the_hosts_rules_is_refused() {
        let cases = [
            ("Authorization", BadHeader::Credential),
            ("COOKIE", BadHeader::Credential),
            ("X-Vault-Token", BadHeader::Credential),
            ("PRIVATE-TOKEN", BadHeader::Credential),
            ("X-Redmine-API-Key", BadHeader::Credential),
            ("X-Amz-Security-Token", BadHeader::Credential),
            ("Host", BadHeader::Framing),
            ("Content-Length", BadHeader::Framing),
            ("transfer-encoding", BadHeader::Framing),
            ("Connection", BadHeader::Framing),
            ("X-Forwarded-For", BadHeader::Identity),
            ("Forwarded", BadHeader::Identity),
            ("X-Probity-Capture", BadHeader::Identity),
            ("Sudo", BadHeader::Identity),
            ("X-HTTP-Method-Override", BadHeader::Override),
            ("X-Original-URL", BadHeader::Override),
            ("", BadHeader::Name),
            ("a b", BadHeader::Name),
            ("a:b", BadHeader::Name),
            ("a\r\nb", BadHeader::Name),
        ];
        for (name, problem) in cases {
            assert_eq!(check(name, "x"), Err(problem), "{name:?}");
        }
        for value in ["a\r\nb", "a\0", "é", "\u{7f}"] {
            assert_eq!(check("accept", value), Err(BadHeader::Value), "{value:?}");
        }
    }

    #[test]
    fn a_credential_may_go_where_credentials_go_and_nowhere_else() {
        for name in ["Authorization", "X-Vault-Token", "PRIVATE-TOKEN", "X-Custom"] {
            assert_eq!(check_credential_name(name), Ok(()), "{name}");
        }
        assert_eq!(check_credential_name("Host"), Err(BadHeader::Framing));
        assert_eq!(check_credential_name("X-HTTP-Method"), Err(BadHeader::Override));
    }
}
