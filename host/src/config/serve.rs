//! Where the API listens, and who may use it.

use std::net::SocketAddr;

use serde::Deserialize;

use super::{Config, Fault, Invalid};
use crate::authz::hosts::HostName;
use crate::authz::{Principal, Principals, listen_rule};

/// Where the API listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serve {
    pub listen: SocketAddr,
    /// Names other than the address by which clients may call this host (`Host` header).
    pub hosts: Vec<HostName>,
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

impl ServeSection {
    pub(super) fn check(self, faults: &mut Vec<Fault>) -> Serve {
        let listen = self.listen.parse::<SocketAddr>().unwrap_or_else(|_| {
            faults.push(
                Fault::new("serve.listen", format!("`{}` is not an address and port", self.listen))
                    .fix("listen = \"127.0.0.1:7171\""),
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        let mut hosts = Vec::new();
        for host in self.hosts {
            match host.parse::<HostName>() {
                Ok(host) => hosts.push(host),
                Err(error) => faults.push(
                    Fault::new("serve.hosts", error.to_string()).fix("hosts = [\"probity.example.org\"]"),
                ),
            }
        }
        Serve { listen, hosts }
    }
}

impl Config {
    /// Whether the host may listen where it is told to, given everybody who is known: those configured and those in the store,
    /// which is why this is not asked when the file is read.
    pub fn check_listening(&self, principals: &Principals) -> Result<(), Invalid> {
        listen_rule(self.serve.listen, principals).map_err(|exposed| {
            let fault = Fault::new("serve.listen", exposed.to_string()).fix(
                "listen on 127.0.0.1, or add at least one principal who has a token: `probity principal add`, or a \
                 [[principal]] with id, kind, role and token-sha256",
            );
            Invalid::one(&self.file, fault)
        })
    }
}

pub(super) fn principals(sections: Vec<Principal>, faults: &mut Vec<Fault>) -> Principals {
    Principals::new(sections).unwrap_or_else(|error| {
        faults.push(Fault::new("principal", error.to_string()).fix("correct the [[principal]] section"));
        Principals::none()
    })
}
