//! The operator's configuration: one TOML file, one section a concern.
//!
//! Unknown keys are refused, because a misspelt rule that is silently ignored is a rule that does not hold.
//! Secrets never stand in the file: a credential names an environment variable or a file. Reading is done
//! once, before anything starts, and every mistake found is told at once with its key and what to write
//! instead ([`Fault`]).
//!
//! Deliberately absent: what only a connector's manifest can tell (whether an endpoint exists, whether the
//! connection's own `config` fits its schema). `collect` checks that when it has loaded the component.

mod connection;
mod duration;
mod fault;
mod secret;
mod serve;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probity_core::evidence::Kind;
use probity_core::id::ConnectionName;
use serde::Deserialize;

use crate::authz::{Principal, Principals};

pub use connection::{Connection, ConnectorRef, Credential, CredentialForm, Grant, Origin};
pub use duration::Span;
pub use fault::{Fault, Invalid};
pub use secret::SecretRef;
pub use serve::Serve;

/// The whole file, checked as far as it can be without loading a connector.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from, for messages.
    pub file: PathBuf,
    /// The folder of the database, the blobs and the cache of compiled connectors.
    pub folder: PathBuf,
    pub serve: Serve,
    pub principals: Principals,
    /// How old evidence of a kind may be and still count. A kind that is not here is never fresh.
    pub max_age: BTreeMap<Kind, Duration>,
    pub connections: BTreeMap<ConnectionName, Connection>,
}

/// The file's literal shape.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Document {
    #[serde(default)]
    store: StoreSection,
    #[serde(default)]
    serve: serve::ServeSection,
    #[serde(default)]
    freshness: FreshnessSection,
    #[serde(default)]
    principal: Vec<Principal>,
    #[serde(default)]
    connection: BTreeMap<String, connection::ConnectionSection>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct StoreSection {
    /// Relative to the configuration file.
    #[serde(default = "default_folder")]
    folder: PathBuf,
}

impl Default for StoreSection {
    fn default() -> Self {
        Self { folder: default_folder() }
    }
}

fn default_folder() -> PathBuf {
    PathBuf::from(".probity")
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FreshnessSection {
    #[serde(default)]
    max_age: BTreeMap<String, Span>,
}

impl Config {
    /// Reads and checks a file.
    pub fn load(file: &Path) -> Result<Self, Invalid> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            Invalid::one(
                file,
                Fault::new("", format!("the file cannot be read: {error}"))
                    .fix("name an existing file with --config, or try `probity demo`"),
            )
        })?;
        Self::parse(file, &text)
    }

    /// Checks a text as if it stood in `file`. Relative paths are taken from the file's folder.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Invalid> {
        let document: Document =
            toml::from_str(text).map_err(|error| Invalid::one(file, fault::from_toml(text, &error)))?;
        let base = file.parent().unwrap_or_else(|| Path::new(""));
        let mut faults = Vec::new();

        let max_age = kinds(document.freshness.max_age, &mut faults);
        let principals = serve::principals(document.principal, &mut faults);
        let serve = document.serve.check(&principals, &mut faults);
        let connections = connections(document.connection, base, &mut faults);

        if faults.is_empty() {
            let folder = base.join(document.store.folder);
            Ok(Self { file: file.to_owned(), folder, serve, principals, max_age, connections })
        } else {
            Err(Invalid { file: file.to_owned(), faults })
        }
    }
}

fn kinds(section: BTreeMap<String, Span>, faults: &mut Vec<Fault>) -> BTreeMap<Kind, Duration> {
    let mut ages = BTreeMap::new();
    for (word, age) in section {
        match word.parse::<Kind>() {
            Ok(kind) => {
                ages.insert(kind, age.0);
            }
            Err(error) => faults.push(
                Fault::new(format!("freshness.max-age.{word}"), error.to_string())
                    .fix("use one of these kinds, or take the line out"),
            ),
        }
    }
    ages
}

fn connections(
    sections: BTreeMap<String, connection::ConnectionSection>,
    base: &Path,
    faults: &mut Vec<Fault>,
) -> BTreeMap<ConnectionName, Connection> {
    let mut connections = BTreeMap::new();
    for (name, section) in sections {
        let key = format!("connection.{name}");
        match name.parse::<ConnectionName>() {
            Ok(parsed) => {
                if let Some(connection) = section.check(&key, &parsed, base, faults) {
                    connections.insert(parsed, connection);
                }
            }
            Err(error) => {
                faults.push(Fault::new(key, error.to_string()).fix("rename the section"));
            }
        }
    }
    connections
}

#[cfg(test)]
mod tests;
