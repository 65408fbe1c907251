//! By which names the host may be called, and from which pages.
//!
//! A page on any web site can make the reader's browser call a loopback address, and with a name that
//! resolves to 127.0.0.1 (DNS rebinding) it can read the answers. The browser then still says in `Host` and
//! `Origin` whom it meant to call and for whom: so both are checked, before anything else looks at the
//! request. Nothing here trusts forwarding headers.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;

/// A name of this host: `probity.example.org` or `probity.example.org:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostName {
    name: String,
    port: Option<u16>,
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The text is not a host name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host name: write `name` or `name:port`, without scheme or path")]
pub struct NotAHostName(String);

impl FromStr for HostName {
    type Err = NotAHostName;

    fn from_str(text: &str) -> Result<Self, NotAHostName> {
        let bad = || NotAHostName(text.chars().take(80).collect());
        let (name, port) = split_port(text).ok_or_else(bad)?;
        let is_address = name.starts_with('[') && name[1..name.len() - 1].parse::<IpAddr>().is_ok();
        let is_name =
            name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
        if is_address || (is_name && name.len() <= 253) {
            Ok(Self { name: name.trim_end_matches('.').to_ascii_lowercase(), port })
        } else {
            Err(bad())
        }
    }
}

impl<'de> Deserialize<'de> for HostName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The names by which this host may be called.
#[derive(Debug, Clone)]
pub struct Hosts {
    bound: SocketAddr,
    extra: Vec<HostName>,
}

impl Hosts {
    /// Those of the address it listens on, and the configured ones (`serve.hosts`).
    pub const fn new(bound: SocketAddr, extra: Vec<HostName>) -> Self {
        Self { bound, extra }
    }

    /// Whether a `Host` header names this host.
    ///
    /// The bound address does, with its port; on loopback (or when every address is listened on) so does
    /// each loopback address and `localhost`, with that port. A configured name without a port stands for the default ports: behind a
    /// proxy that speaks TLS, browsers send no port.
    pub fn admit(&self, host: &str) -> bool {
        let Ok(HostName { name, port }) = host.parse::<HostName>() else { return false };
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        let bound = self.bound.ip().to_canonical();
        let is_loopback = name == "localhost" || literal.is_some_and(|ip| ip.to_canonical().is_loopback());
        let is_bound = literal.is_some_and(|ip| ip.to_canonical() == bound) && !bound.is_unspecified();
        let listens_on_loopback = bound.is_loopback() || bound.is_unspecified();
        if ((is_loopback && listens_on_loopback) || is_bound) && port.unwrap_or(80) == self.bound.port() {
            return true;
        }
        self.extra.iter().any(|extra| {
            extra.name == name
                && match extra.port {
                    Some(_) => extra.port == port,
                    None => matches!(port, None | Some(80 | 443)),
                }
        })
    }

    /// Whether an `Origin` is this host itself, as called by `host`. `null` never is.
    pub fn is_same_origin(&self, origin: &str, host: &str) -> bool {
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host) && self.admit(authority))
    }
}

/// Name and port of an authority. No user, no path, nothing left over.
fn split_port(text: &str) -> Option<(&str, Option<u16>)> {
    let end_of_name =
        if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (name, rest) = text.split_at(end_of_name);
    if name.is_empty() {
        return None;
    }
    match rest.strip_prefix(':') {
        None if rest.is_empty() => Some((name, None)),
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((name, Some(port.parse().ok()?)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{HostName, Hosts};

    fn hosts(bound: &str, extra: &[&str]) -> Hosts {
        let extra = extra.iter().map(|name| name.parse::<HostName>().unwrap()).collect();
        Hosts::new(bound.parse().unwrap(), extra)
    }

    #[test]
    fn on_loopback_only_loopback_names_with_the_port_are_ours() {
        let hosts = hosts("127.0.0.1:7171", &[]);
        for ours in ["127.0.0.1:7171", "localhost:7171", "LOCALHOST:7171", "[::1]:7171", "127.1.2.3:7171"] {
            assert!(hosts.admit(ours), "{ours}");
        }
        for other in [
            "evil.example:7171",
            "evil.example",
            "localhost",
            "localhost:80",
            "127.0.0.1:7181",
            "192.0.2.1:7171",
            "localhost.evil.example:7171",
            "127.0.0.1.nip.example:7171",
            "user@localhost:7171",
            "localhost:7171/x",
            "",
            ":7171",
            "localhost:",
            "[::1",
            "[::1]x",
            "localhost:+7171",
            "[localhost]:7171",
            "0.0.0.0:7171",
        ] {
            assert!(!hosts.admit(other), "{other}");
        }
    }

    #[test]
    fn a_wildcard_address_needs_configured_names() {
        let hosts = hosts("0.0.0.0:7171", &["probity.example.org", "other.example.org:8443"]);
        for ours in
            ["probity.example.org", "Probity.Example.Org:443", "other.example.org:8443", "localhost:7171"]
        {
            assert!(hosts.admit(ours), "{ours}");
        }
        for other in ["192.0.2.1:7171", "0.0.0.0:7171", "probity.example.org:7171", "other.example.org"] {
            assert!(!hosts.admit(other), "{other}");
        }
    }

    #[test]
    fn an_origin_must_be_the_host_that_was_called() {
        let hosts = hosts("127.0.0.1:7171", &["probity.example.org"]);
        assert!(hosts.is_same_origin("http://localhost:7171", "localhost:7171"));
        assert!(hosts.is_same_origin("https://probity.example.org", "probity.example.org"));
        for origin in [
            "null",
            "",
            "http://evil.example",
            "http://localhost:3000",
            "localhost:7171",
            "file://",
            "http://127.0.0.1:7171",
            "http://localhost:7171.evil.example",
            "http://localhost:7171/",
        ] {
            assert!(!hosts.is_same_origin(origin, "localhost:7171"), "{origin}");
        }
    }
}
