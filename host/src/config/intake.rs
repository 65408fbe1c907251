//! An intake: an operator's configured use of a connector that files packages into a review board's queue.
//!
//! Shaped like a connection, without what only reading has: streams, a schedule, folders.

use std::collections::BTreeMap;
use std::path::Path;

use probity_core::id::ConnectionName;
use serde::Deserialize;

use super::Fault;
use super::wiring::{OriginSection, Wiring, WiringSection};

/// An intake, its secrets read.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Unique among connections and intakes.
    pub name: ConnectionName,
    pub wiring: Wiring,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct IntakeSection {
    connector: String,
    digest: Option<String>,
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
    redact: Vec<String>,
}

impl IntakeSection {
    /// The intake, or `None` when a fault leaves nothing to go on with. Faults are collected either way.
    pub(super) fn check(
        self,
        key: &str,
        name: &ConnectionName,
        base: &Path,
        faults: &mut Vec<Fault>,
    ) -> Option<Intake> {
        let wiring = WiringSection {
            connector: self.connector,
            digest: self.digest,
            config: self.config,
            origin: self.origin,
            endpoints: self.grant.endpoints,
            redact: self.grant.redact,
        };
        Some(Intake { name: name.clone(), wiring: wiring.check(key, base, faults)? })
    }
}
