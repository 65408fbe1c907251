//! Where the API listens, and who may use it.

use std::net::SocketAddr;

use serde::Deserialize;

use super::Fault;
use crate::authz::{PrincipalKind, Role};

/// Where the API listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    pub listen: SocketAddr,
    /// Names other than the address by which clients may call this host (`Host` header).
    pub hosts: Vec<String>,
}

/// Somebody or something that may use the API with a bearer token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    pub id: String,
    pub kind: PrincipalKind,
    pub role: Role,
    /// SHA-256 of the token. The token itself is nowhere in the configuration.
    pub token: probity_core::canonical::Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ServeSection {
    #[serde(default = "default_listen")]
    listen: String,
    #[serde(default)]
    hosts: Vec<String>,
}

impl Default for ServeSection {
    fn default() -> Self {
        Self { listen: default_listen(), hosts: Vec::new() }
    }
}

fn default_listen() -> String {
    "127.0.0.1:7171".to_owned()
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PrincipalSection {
    id: String,
    kind: PrincipalKind,
    role: Role,
    token_sha256: String,
}

impl ServeSection {
    pub(super) fn check(self, principals: &[Principal], faults: &mut Vec<Fault>) -> Serve {
        let listen = self.listen.parse::<SocketAddr>().unwrap_or_else(|_| {
            faults.push(
                Fault::new("serve.listen", format!("`{}` is not an address and port", self.listen))
                    .fix("listen = \"127.0.0.1:7171\""),
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        if !listen.ip().is_loopback() && principals.is_empty() {
            faults.push(
                Fault::new(
                    "serve.listen",
                    format!("{listen} can be reached from other machines, and nobody is asked who they are"),
                )
                .fix("listen on 127.0.0.1, or add at least one [[principal]] with id, kind, role and token-sha256"),
            );
        }
        Serve { listen, hosts: self.hosts }
    }
}

pub(super) fn principals(sections: Vec<PrincipalSection>, faults: &mut Vec<Fault>) -> Vec<Principal> {
    let mut principals: Vec<Principal> = Vec::new();
    for section in sections {
        let key = format!("principal.{}", section.id);
        if principals.iter().any(|known| known.id == section.id) {
            faults.push(Fault::new(&key, "this id is given twice").fix("give each principal its own id"));
        }
        let hex = section.token_sha256.trim_start_matches("sha256:");
        match format!("sha256:{hex}").parse() {
            Ok(token) => principals.push(Principal {
                id: section.id,
                kind: section.kind,
                role: section.role,
                token,
            }),
            Err(_) => faults.push(
                Fault::new(format!("{key}.token-sha256"), "this is not a SHA-256 in 64 hexadecimal digits")
                    .fix("printf %s \"$TOKEN\" | sha256sum"),
            ),
        }
    }
    principals
}
