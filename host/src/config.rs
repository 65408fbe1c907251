//! The operator's configuration: one TOML file, one section a concern.
//!
//! Unknown keys are refused, because a misspelt rule that is silently ignored is a rule that does not hold.
//! Secrets never stand in the file: a credential names an environment variable or a file. Reading is done
//! once, before anything starts, and every mistake found is told at once with its key and what to write
//! instead ([`Fault`]).
//!
//! Deliberately absent: what only a connector's manifest can tell (whether an endpoint exists, whether the
//! connection's own `config` fits its schema). `binding` checks that when it has loaded the component.

mod board;
mod checkpoints;
mod connection;
mod duration;
mod fault;
mod intake;
mod notify;
mod secret;
mod serve;
mod wiring;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probity_core::evidence::Kind;
use probity_core::id::ConnectionName;
use probity_core::subject::SubjectMap;
use serde::Deserialize;

use crate::authz::{Principal, Principals};

pub use board::{BoardFiles, QUEUE, Wired};
pub use checkpoints::Checkpoints;
pub use connection::Connection;
pub use duration::Span;
pub use fault::{Fault, Invalid};
pub use intake::Intake;
pub use notify::Notify;
pub use secret::SecretRef;
pub use serve::Serve;
pub use wiring::{ConnectorRef, Credential, CredentialForm, Origin, Wiring};

/// The whole file, checked as far as it can be without loading a connector.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from, for messages.
    pub file: PathBuf,
    /// The folder of the database, the blobs and the cache of compiled connectors.
    pub folder: PathBuf,
    pub serve: Serve,
    pub principals: Principals,
    /// How old evidence of a kind may be and still be listed as fresh. A kind that is not here is never fresh. Packets are
    /// judged by the ages of the board policy they adopted instead.
    pub max_age: BTreeMap<Kind, Duration>,
    pub connections: BTreeMap<ConnectionName, Connection>,
    pub intakes: BTreeMap<ConnectionName, Intake>,
    /// What packets are held to; without it none can be opened.
    pub board: Option<BoardFiles>,
    /// What names in sources mean, with its text; without a file names mean themselves.
    pub subjects: (SubjectMap, String),
    /// Where notices go; nowhere without it.
    pub notify: Option<Notify>,
    pub checkpoints: Checkpoints,
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
    #[serde(default)]
    intake: BTreeMap<String, intake::IntakeSection>,
    #[serde(default)]
    board: board::BoardSection,
    notify: Option<notify::NotifySection>,
    #[serde(default)]
    checkpoints: checkpoints::CheckpointsSection,
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
    /// The names that a board policy can refer to.
    pub fn wired(&self) -> Wired {
        Wired {
            connections: self.connections.keys().map(ToString::to_string).collect(),
            intakes: self.intakes.keys().map(ToString::to_string).collect(),
        }
    }

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
        let serve = document.serve.check(&mut faults);
        // By name alone: a mistake in a section is told once, not again by whoever refers to it.
        let wired = Wired {
            connections: document.connection.keys().cloned().collect(),
            intakes: document.intake.keys().cloned().collect(),
        };
        let connections =
            named("connection", document.connection, &mut faults, |section, key, name, faults| {
                section.check(key, name, base, faults)
            });
        let intakes = named("intake", document.intake, &mut faults, |section, key, name, faults| {
            section.check(key, name, base, faults)
        });
        // Commands and the board's policy name either by its name alone.
        for name in intakes.keys().filter(|name| connections.contains_key(*name)) {
            faults.push(
                Fault::new(format!("intake.{name}"), "there is a connection of this name")
                    .fix("give one of the two another name"),
            );
        }
        if wired.intakes.contains(QUEUE) {
            faults.push(
                Fault::new(format!("intake.{QUEUE}"), "this is the name of Probity's own queue")
                    .fix("rename the section"),
            );
        }
        let (board, subjects) = document.board.check(base, &wired, &mut faults);
        let notify = document.notify.and_then(|section| section.check(base, &mut faults));
        let folder = base.join(document.store.folder);
        let checkpoints = document.checkpoints.check(base, &folder, &serve, &mut faults);

        if faults.is_empty() {
            Ok(Self {
                file: file.to_owned(),
                folder,
                serve,
                principals,
                max_age,
                connections,
                intakes,
                board,
                subjects,
                notify,
                checkpoints,
            })
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

/// The sections of one kind, each by its name.
fn named<S, T>(
    kind: &str,
    sections: BTreeMap<String, S>,
    faults: &mut Vec<Fault>,
    check: impl Fn(S, &str, &ConnectionName, &mut Vec<Fault>) -> Option<T>,
) -> BTreeMap<ConnectionName, T> {
    let mut checked = BTreeMap::new();
    for (name, section) in sections {
        let key = format!("{kind}.{name}");
        match name.parse::<ConnectionName>() {
            Ok(name) => {
                if let Some(one) = check(section, &key, &name, faults) {
                    checked.insert(name, one);
                }
            }
            Err(error) => {
                faults.push(Fault::new(key, error.to_string()).fix("rename the section"));
            }
        }
    }
    checked
}

#[cfg(test)]
mod tests;
