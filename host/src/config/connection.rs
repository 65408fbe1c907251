//! A connection: an operator's configured use of a connector that reads a source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use probity_core::id::{ConnectionName, StreamId};
use serde::Deserialize;

use super::wiring::{OriginSection, Wiring, WiringSection};
use super::{Fault, Span};

/// A connection, its secrets read.
#[derive(Debug, Clone)]
pub struct Connection {
    pub name: ConnectionName,
    /// Its name before, when the operator renamed it: identity and evidence stay.
    pub renamed_from: Option<ConnectionName>,
    /// Only these streams; empty means all the connector has.
    pub streams: Vec<StreamId>,
    /// How often to collect; none means only when asked.
    pub every: Option<Duration>,
    pub wiring: Wiring,
    /// Folders that are granted, by the mounts' ids.
    pub mounts: BTreeMap<String, PathBuf>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct ConnectionSection {
    connector: String,
    digest: Option<String>,
    renamed_from: Option<String>,
    #[serde(default)]
    streams: Vec<String>,
    every: Option<Span>,
    #[serde(default)]
    config: toml::Table,
    #[serde(default)]
    origin: BTreeMap<String, OriginSection>,
    #[serde(default)]
    grant: GrantSection,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct GrantSection {
    #[serde(default)]
    endpoints: Vec<String>,
    #[serde(default)]
    mounts: BTreeMap<String, PathBuf>,
    #[serde(default)]
    redact: Vec<String>,
}

impl ConnectionSection {
    /// The connection, or `None` when a fault leaves nothing to go on with. Faults are collected either way.
    pub(super) fn check(
        self,
        key: &str,
        name: &ConnectionName,
        base: &Path,
        faults: &mut Vec<Fault>,
    ) -> Option<Connection> {
        let before = faults.len();
        let renamed_from = self.renamed_from.and_then(|text| {
            text.parse()
                .map_err(|error: probity_core::id::BadName| {
                    faults.push(Fault::new(format!("{key}.renamed-from"), error.to_string()));
                })
                .ok()
        });
        let mut streams = Vec::new();
        for text in self.streams {
            match text.parse::<StreamId>() {
                Ok(stream) => streams.push(stream),
                Err(error) => faults.push(Fault::new(format!("{key}.streams"), error.to_string())),
            }
        }
        let wiring = WiringSection {
            connector: self.connector,
            digest: self.digest,
            config: self.config,
            origin: self.origin,
            endpoints: self.grant.endpoints,
            redact: self.grant.redact,
        };
        let wiring = wiring.check(key, base, faults);
        let mounts = self.grant.mounts.into_iter().map(|(id, path)| (id, base.join(path))).collect();
        (faults.len() == before).then_some(())?;
        let every = self.every.map(|span| span.0);
        Some(Connection { name: name.clone(), renamed_from, streams, every, wiring: wiring?, mounts })
    }
}
