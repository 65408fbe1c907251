//! Where the outgoing webhook goes, and what it is signed with.
//!
//! It leaves under the same address rules as a connector's requests: the operator names the one URL, and networks that are not
//! public only where they are granted.
//!
//! Deliberately absent: sending.

use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::wiring::{absolute_url, check_ca, check_networks};
use super::{Fault, SecretRef};
use crate::secret::Secret;

/// The webhook, its secret read.
#[derive(Debug, Clone)]
pub struct Notify {
    pub url: Url,
    /// Networks that are not public but may be reached.
    pub networks: Vec<IpNet>,
    /// Further certificate authorities, PEM.
    pub ca: Option<Vec<u8>>,
    /// What each notice is signed with, so that its receiver knows where it came from.
    pub secret: Secret,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct NotifySection {
    url: String,
    secret: SecretRef,
    #[serde(default)]
    networks: Vec<String>,
    ca: Option<PathBuf>,
}

impl NotifySection {
    pub(super) fn check(self, base: &Path, faults: &mut Vec<Fault>) -> Option<Notify> {
        let before = faults.len();
        let url =
            absolute_url(&self.url, "notify.url", "url = \"https://notices.example.org/probity\"", faults);
        let networks = check_networks(&self.networks, "notify.networks", faults);
        let ca = check_ca(self.ca.as_deref(), base, "notify.ca", faults);
        let secret = self
            .secret
            .read(base)
            .map_err(|(problem, fix)| faults.push(Fault::new("notify.secret", problem).fix(fix)))
            .ok();
        (faults.len() == before).then_some(())?;
        Some(Notify { url: url?, networks, ca, secret: secret? })
    }
}
