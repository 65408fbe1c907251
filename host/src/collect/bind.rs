//! A connection bound to its component: loaded, its grant checked against the manifest, its doors built.
//!
//! What it has in common with an intake is done by [`crate::binding`]; here is what only collecting has:
//! streams and folders.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use probity_core::connector::Manifest;
use probity_core::id::StreamId;

use super::{CollectError, Parts};
use crate::binding::{self, list};
use crate::config::{self, Connection, Fault};
use crate::egress::{Egress, MountLimits, Mounts, Purpose};
use crate::sandbox::{Connector, Sandbox};
use crate::store::{ComponentRecord, ConnectionRecord};

/// A connection ready to be collected.
pub struct Bound {
    pub record: ConnectionRecord,
    pub connector: Connector,
    pub every: Option<Duration>,
    /// The connection's configuration as JSON text: what the connector is given.
    pub config: String,
    /// Endpoints the operator granted.
    pub granted: Vec<String>,
    /// Mounts the operator granted.
    pub mounted: Vec<String>,
    /// Where its origins lead.
    pub(super) origins: BTreeMap<String, config::Origin>,
    pub(super) egress: Arc<Egress>,
    pub(super) mounts: Arc<Mounts>,
    streams: Vec<StreamId>,
}

impl Bound {
    /// The streams that are collected.
    pub fn streams(&self) -> &[StreamId] {
        &self.streams
    }
}

/// A loaded component and the bytes it came from.
pub(super) struct Loaded {
    pub(super) connector: Connector,
    bytes: Vec<u8>,
}

/// Reads and loads the connection's component.
pub(super) async fn load(connection: &Connection, sandbox: &Sandbox) -> Result<Loaded, Fault> {
    let key = section(connection);
    let bytes = binding::bytes(&connection.wiring, &key)?;
    let connector = sandbox.load(bytes.clone()).await.map_err(|error| binding::unloadable(&error, &key))?;
    binding::pinned(&connection.wiring, connector.digest(), &key)?;
    Ok(Loaded { connector, bytes })
}

fn section(connection: &Connection) -> String {
    format!("{}.{}", Purpose::Collecting.section(), connection.name)
}

/// A connection whose grant fits its component's manifest.
pub(super) struct Checked {
    egress: Arc<Egress>,
    mounts: Arc<Mounts>,
    config: String,
    pub(super) streams: Vec<StreamId>,
}

/// Holds a connection against its component's manifest.
pub(super) fn check(connection: &Connection, connector: &Connector) -> Result<Checked, Vec<Fault>> {
    let manifest = connector.manifest();
    let key = section(connection);
    let mut faults = Vec::new();
    binding::check(&connection.wiring, manifest, &key, &mut faults);
    check_mounts(connection, manifest, &key, &mut faults);
    let streams = check_streams(connection, manifest, &key, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let name = connection.name.as_str();
    let egress = binding::egress(&connection.wiring, manifest, Purpose::Collecting, name)
        .map_err(|fault| vec![fault])?;
    let declared = manifest.mounts.iter().map(|mount| mount.id.clone()).collect();
    let mounts =
        Mounts::open(name, connection.mounts.clone(), declared, MountLimits::default()).map_err(|error| {
            vec![
                Fault::new(format!("{key}.grant.mounts"), error.to_string())
                    .fix("name an existing folder that this user may read"),
            ]
        })?;
    Ok(Checked { egress, mounts, config: connection.wiring.config.to_string(), streams })
}

fn check_mounts(connection: &Connection, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    for mount in connection.mounts.keys() {
        if !manifest.mounts.iter().any(|declared| declared.id == *mount) {
            faults.push(
                Fault::new(
                    format!("{key}.grant.mounts.{mount}"),
                    format!("the mount is granted, but {} declares no such mount", manifest.name),
                )
                .fix(format!(
                    "take it out; the connector declares: {}",
                    list(manifest.mounts.iter().map(|mount| mount.id.as_str()))
                )),
            );
        }
    }
}

fn check_streams(
    connection: &Connection,
    manifest: &Manifest,
    key: &str,
    faults: &mut Vec<Fault>,
) -> Vec<StreamId> {
    let known: Vec<StreamId> = manifest.streams.iter().filter_map(|stream| stream.id.parse().ok()).collect();
    for stream in &connection.streams {
        if !known.contains(stream) {
            faults.push(
                Fault::new(format!("{key}.streams"), format!("{} has no stream `{stream}`", manifest.name))
                    .fix(format!("its streams are: {}", list(known.iter().map(StreamId::as_str)))),
            );
        }
    }
    if connection.streams.is_empty() { known } else { connection.streams.clone() }
}

/// Notes the connection and its component in the store.
pub(super) async fn register(
    connection: &Connection,
    loaded: Loaded,
    checked: Checked,
    parts: &Parts,
) -> Result<Bound, CollectError> {
    let Loaded { connector, bytes } = loaded;
    parts.blobs.put(&bytes).await?;
    let component = ComponentRecord {
        digest: connector.digest(),
        size: bytes.len() as u64,
        manifest: connector.manifest().clone(),
        recorded: parts.store.now().await?,
    };
    parts.store.component_put(&component).await?;
    let record = parts
        .store
        .connection_register(&connection.name, connection.renamed_from.as_ref(), parts.clock.connection_id())
        .await?;
    Ok(Bound {
        record,
        connector,
        every: connection.every,
        config: checked.config,
        granted: connection.wiring.endpoints.clone(),
        mounted: connection.mounts.keys().cloned().collect(),
        origins: connection.wiring.origins.clone(),
        egress: checked.egress,
        mounts: checked.mounts,
        streams: checked.streams,
    })
}
