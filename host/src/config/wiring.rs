//! How a component is wired: which one it is, what it is told, where it leads, and what of it is granted.
//!
//! The same for a connection, which reads, and an intake, which files. What only one of them has stands in its
//! own section.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use probity_core::canonical::Digest;
use serde::Deserialize;
use url::Url;

use super::{Fault, SecretRef};
use crate::secret::Secret;

/// A component as the operator uses it, its secrets read.
#[derive(Debug, Clone)]
pub struct Wiring {
    pub connector: ConnectorRef,
    /// Only this component, if given.
    pub digest: Option<Digest>,
    /// The connector's own configuration, still to be checked against its schema.
    pub config: serde_json::Value,
    pub origins: BTreeMap<String, Origin>,
    /// Endpoints that are granted.
    pub endpoints: Vec<String>,
    /// JSON Pointers blanked in every answer, besides the connector's own.
    pub redact: Vec<String>,
}

/// Which component is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConnectorRef {
    /// One that ships inside the binary.
    Bundled(String),
    /// A file.
    File(PathBuf),
}

/// Where an origin slot leads, and as whom.
#[derive(Debug, Clone)]
pub struct Origin {
    pub url: Url,
    /// Networks that are not public but may be reached.
    pub networks: Vec<IpNet>,
    /// Further certificate authorities, PEM.
    pub ca: Option<Vec<u8>>,
    pub credential: Option<Credential>,
}

/// A credential as the host presents it.
#[derive(Debug, Clone)]
pub struct Credential {
    pub form: CredentialForm,
    pub secret: Secret,
}

/// How a credential is presented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialForm {
    Bearer,
    Basic { user: String },
    Header { name: String, prefix: String },
}

/// The keys of a section that wire a component.
pub(super) struct WiringSection {
    pub(super) connector: String,
    pub(super) digest: Option<String>,
    pub(super) config: toml::Table,
    pub(super) origin: BTreeMap<String, OriginSection>,
    pub(super) endpoints: Vec<String>,
    pub(super) redact: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct OriginSection {
    url: String,
    #[serde(default)]
    networks: Vec<String>,
    ca: Option<PathBuf>,
    credential: Option<CredentialSection>,
}

/// `{ scheme = "header", name = "Authorization", prefix = "Token ", secret = { env = "DOJO_TOKEN" } }`
#[derive(Deserialize)]
#[serde(tag = "scheme", rename_all = "kebab-case", deny_unknown_fields)]
enum CredentialSection {
    Bearer {
        secret: SecretRef,
    },
    Basic {
        user: String,
        secret: SecretRef,
    },
    Header {
        name: String,
        #[serde(default)]
        prefix: String,
        secret: SecretRef,
    },
}

impl WiringSection {
    /// The wiring, or `None` when a fault leaves nothing to go on with. Faults are collected either way.
    pub(super) fn check(self, key: &str, base: &Path, faults: &mut Vec<Fault>) -> Option<Wiring> {
        let before = faults.len();
        let digest = self.digest.and_then(|text| {
            text.parse::<Digest>()
                .map_err(|error| {
                    faults.push(
                        Fault::new(format!("{key}.digest"), error.to_string())
                            .fix("copy it from `probity connector inspect`"),
                    );
                })
                .ok()
        });
        let config = serde_json::to_value(&self.config).unwrap_or_else(|error| {
            faults.push(Fault::new(format!("{key}.config"), format!("cannot be written as JSON: {error}")));
            serde_json::Value::Null
        });
        let mut origins = BTreeMap::new();
        for (slot, section) in self.origin {
            let key = format!("{key}.origin.{slot}");
            if let Some(origin) = section.check(&key, base, faults) {
                origins.insert(slot, origin);
            }
        }
        (faults.len() == before).then(|| Wiring {
            connector: connector_ref(&self.connector, base),
            digest,
            config,
            origins,
            endpoints: self.endpoints,
            redact: self.redact,
        })
    }
}

/// A word is a bundled connector; anything with a slash or ending in `.wasm` is a file.
fn connector_ref(text: &str, base: &Path) -> ConnectorRef {
    if text.contains('/') || text.ends_with(".wasm") {
        ConnectorRef::File(base.join(text))
    } else {
        ConnectorRef::Bundled(text.to_owned())
    }
}

impl OriginSection {
    fn check(self, key: &str, base: &Path, faults: &mut Vec<Fault>) -> Option<Origin> {
        let before = faults.len();
        let url = check_url(&self.url, key, faults);
        let networks = check_networks(&self.networks, &format!("{key}.networks"), faults);
        let ca = check_ca(self.ca.as_deref(), base, &format!("{key}.ca"), faults);
        let credential = self.credential.and_then(|section| section.check(key, base, faults));
        (faults.len() == before).then_some(())?;
        Some(Origin { url: url?, networks, ca, credential })
    }
}

fn check_url(text: &str, key: &str, faults: &mut Vec<Fault>) -> Option<Url> {
    let (key, example) = (format!("{key}.url"), "url = \"https://dojo.example.org\"");
    let url = absolute_url(text, &key, example, faults)?;
    if url.query().is_some() || url.fragment().is_some() {
        faults.push(Fault::new(key, "a base URL has no query and no fragment").fix(example));
        return None;
    }
    Some(url)
}

/// A URL of http or https that carries no credential.
pub(super) fn absolute_url(text: &str, key: &str, example: &str, faults: &mut Vec<Fault>) -> Option<Url> {
    let problem = match Url::parse(text) {
        // What is repeated here has no place for a password: it is no URL.
        Err(error) => format!("`{text}` is not a URL: {error}"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            format!("the scheme `{}` is not http or https", url.scheme())
        }
        // The URL is not repeated here: it may hold the very password that must not be logged.
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "a URL here must not carry a user or password; use `credential`".to_owned()
        }
        Ok(url) => return Some(url),
    };
    faults.push(Fault::new(key, problem).fix(example));
    None
}

pub(super) fn check_networks(texts: &[String], key: &str, faults: &mut Vec<Fault>) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in texts {
        match text.parse::<IpNet>() {
            Ok(network) => networks.push(network),
            Err(_) => faults.push(
                Fault::new(key, format!("`{text}` is not a network"))
                    .fix("write it as address/prefix, for example \"10.20.0.0/16\""),
            ),
        }
    }
    networks
}

/// The certificate authorities of a file.
pub(super) fn check_ca(
    path: Option<&Path>,
    base: &Path,
    key: &str,
    faults: &mut Vec<Fault>,
) -> Option<Vec<u8>> {
    let path = base.join(path?);
    std::fs::read(&path)
        .map_err(|error| {
            faults.push(
                Fault::new(key, format!("{} cannot be read: {error}", path.display()))
                    .fix("name a PEM file with the authority's certificate"),
            );
        })
        .ok()
}

impl CredentialSection {
    fn check(self, key: &str, base: &Path, faults: &mut Vec<Fault>) -> Option<Credential> {
        let (form, secret) = match self {
            Self::Bearer { secret } => (CredentialForm::Bearer, secret),
            Self::Basic { user, secret } => (CredentialForm::Basic { user }, secret),
            Self::Header { name, prefix, secret } => (CredentialForm::Header { name, prefix }, secret),
        };
        match secret.read(base) {
            Ok(secret) => Some(Credential { form, secret }),
            Err((problem, fix)) => {
                faults.push(Fault::new(format!("{key}.credential.secret"), problem).fix(fix));
                None
            }
        }
    }
}
