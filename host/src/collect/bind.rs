//! A connection bound to its component: loaded, its grant checked against the manifest, its doors built.
//!
//! *Declared and granted*: a grant that names what the manifest does not declare is a mistake that is told at
//! once, not ignored. What is declared and not granted stays shut.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use probity_core::connector::{AuthScheme, Manifest};
use probity_core::id::StreamId;

use super::{CollectError, Parts, bundled, list, whole};
use crate::config::{self, Connection, ConnectorRef, CredentialForm, Fault};
use crate::egress::{
    self, Egress, EgressLimits, EgressPolicy, MountLimits, Mounts, OriginPolicy, SystemResolver,
};
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
    let key = format!("connection.{}.connector", connection.name);
    let bytes = bytes(&connection.connector, &key)?;
    let connector = sandbox.load(bytes.clone()).await.map_err(|error| {
        Fault::new(&key, format!("{}: {}", error.code(), whole(&error))).fix("use another component")
    })?;
    match connection.digest {
        Some(pinned) if pinned != connector.digest() => Err(Fault::new(
            format!("connection.{}.digest", connection.name),
            format!("the component's digest is {}, not the pinned {pinned}", connector.digest()),
        )
        .fix("look at what changed with `probity connector inspect`, then change the pin or the component")),
        _ => Ok(Loaded { connector, bytes }),
    }
}

fn bytes(connector: &ConnectorRef, key: &str) -> Result<Vec<u8>, Fault> {
    match connector {
        ConnectorRef::Bundled(name) => bundled(name).map(|bundled| bundled.bytes.to_vec()).ok_or_else(|| {
            Fault::new(key, format!("no connector called `{name}` ships with this binary"))
                .fix(format!("use one of {}, or a path to a .wasm file", list(bundled::names().into_iter())))
        }),
        ConnectorRef::File(path) => std::fs::read(path).map_err(|error| {
            Fault::new(key, format!("{} cannot be read: {error}", path.display()))
                .fix("name an existing component, for example \"./connectors/mine.wasm\"")
        }),
    }
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
    let key = format!("connection.{}", connection.name);
    let mut faults = Vec::new();
    check_grant(connection, manifest, &key, &mut faults);
    check_origins(connection, manifest, &key, &mut faults);
    check_config(connection, manifest, &key, &mut faults);
    let streams = check_streams(connection, manifest, &key, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let egress = Egress::new(policy(connection, manifest)).map_err(|error| {
        vec![Fault::new(format!("{key}.origin"), error.to_string()).fix("correct the origin's settings")]
    })?;
    let declared = manifest.mounts.iter().map(|mount| mount.id.clone()).collect();
    let mounts = Mounts::open(
        connection.name.as_str(),
        connection.grant.mounts.clone(),
        declared,
        MountLimits::default(),
    )
    .map_err(|error| {
        vec![
            Fault::new(format!("{key}.grant.mounts"), error.to_string())
                .fix("name an existing folder that this user may read"),
        ]
    })?;
    Ok(Checked { egress, mounts, config: connection.config.to_string(), streams })
}

fn check_grant(connection: &Connection, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    for endpoint in &connection.grant.endpoints {
        let Some(declared) = manifest.endpoint(endpoint) else {
            faults.push(
                Fault::new(
                    format!("{key}.grant.endpoints"),
                    format!("`{endpoint}` is granted, but {} declares no such endpoint", manifest.name),
                )
                .fix(format!(
                    "take it out; the connector declares: {}",
                    list(manifest.endpoints.iter().map(|endpoint| endpoint.id.as_str()))
                )),
            );
            continue;
        };
        if !connection.origins.contains_key(&declared.origin) {
            faults.push(
                Fault::new(
                    format!("{key}.origin.{}", declared.origin),
                    format!("endpoint `{endpoint}` is granted, but its origin is not bound to a URL"),
                )
                .fix(format!("add [{key}.origin.{}] with url = \"https://…\"", declared.origin)),
            );
        }
    }
    for mount in connection.grant.mounts.keys() {
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

fn check_origins(connection: &Connection, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    let slots: BTreeSet<&str> = manifest.endpoints.iter().map(|endpoint| endpoint.origin.as_str()).collect();
    for (slot, origin) in &connection.origins {
        let key = format!("{key}.origin.{slot}");
        if !slots.contains(slot.as_str()) {
            faults.push(
                Fault::new(&key, format!("{} has no origin of this name", manifest.name))
                    .fix(format!("the connector's origins are: {}", list(slots.iter().copied()))),
            );
        }
        if let Some(credential) = &origin.credential
            && !manifest.auth.iter().any(|scheme| accepts(scheme, &credential.form))
        {
            faults.push(
                Fault::new(
                    format!("{key}.credential"),
                    format!("{} does not say that its source takes this form of credential", manifest.name),
                )
                .fix(format!(
                    "use one of: {}",
                    list(manifest.auth.iter().map(example).collect::<Vec<_>>().iter().map(String::as_str))
                )),
            );
        }
    }
}

fn accepts(scheme: &AuthScheme, form: &CredentialForm) -> bool {
    match (scheme, form) {
        (AuthScheme::Bearer, CredentialForm::Bearer) | (AuthScheme::Basic, CredentialForm::Basic { .. }) => {
            true
        }
        (AuthScheme::Header { name, prefix }, CredentialForm::Header { name: given, prefix: put }) => {
            name.eq_ignore_ascii_case(given) && prefix == put
        }
        _ => false,
    }
}

/// A credential of that scheme as it would stand in the configuration.
fn example(scheme: &AuthScheme) -> String {
    match scheme {
        AuthScheme::Anonymous => "no credential".to_owned(),
        AuthScheme::Bearer => "{ scheme = \"bearer\", secret = { env = \"…\" } }".to_owned(),
        AuthScheme::Basic => "{ scheme = \"basic\", user = \"…\", secret = { env = \"…\" } }".to_owned(),
        AuthScheme::Header { name, prefix } => {
            format!(
                "{{ scheme = \"header\", name = {name:?}, prefix = {prefix:?}, secret = {{ env = \"…\" }} }}"
            )
        }
    }
}

fn check_config(connection: &Connection, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    let schema: serde_json::Value = match serde_json::from_str(&manifest.config_schema) {
        Ok(schema) => schema,
        Err(error) => {
            faults.push(Fault::new(
                format!("{key}.connector"),
                format!("{} has a configuration schema that is not JSON: {error}", manifest.name),
            ));
            return;
        }
    };
    let validator = match jsonschema::draft202012::new(&schema) {
        Ok(validator) => validator,
        Err(error) => {
            faults.push(Fault::new(
                format!("{key}.connector"),
                format!("{} has a configuration schema that cannot be used: {error}", manifest.name),
            ));
            return;
        }
    };
    for error in validator.iter_errors(&connection.config) {
        let place = error.instance_path().to_string().replace('/', ".");
        faults.push(
            Fault::new(format!("{key}.config{place}"), error.to_string())
                .fix(format!("`probity connector inspect {}` shows what config takes", manifest.name)),
        );
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

/// Declared and granted, for egress.
fn policy(connection: &Connection, manifest: &Manifest) -> EgressPolicy {
    let granted = |id: &String| connection.grant.endpoints.contains(id);
    let origins: BTreeMap<String, OriginPolicy> =
        connection.origins.iter().map(|(slot, origin)| (slot.clone(), origin_policy(origin))).collect();
    EgressPolicy {
        connection: connection.name.to_string(),
        endpoints: manifest.endpoints.iter().filter(|endpoint| granted(&endpoint.id)).cloned().collect(),
        declared: manifest.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect(),
        origins,
        redact: connection.grant.redact.clone(),
        limits: EgressLimits::default(),
        resolver: Arc::new(SystemResolver),
    }
}

fn origin_policy(origin: &config::Origin) -> OriginPolicy {
    OriginPolicy {
        base: origin.url.clone(),
        credential: origin.credential.as_ref().map(presented),
        networks: origin.networks.clone(),
        // Writing the scheme is meaning it; egress then speaks to granted networks only.
        plain_http: origin.url.scheme() == "http",
        ca: origin.ca.clone(),
    }
}

fn presented(credential: &config::Credential) -> egress::Credential {
    let secret = credential.secret.clone();
    match credential.form.clone() {
        CredentialForm::Bearer => egress::Credential::Bearer(secret),
        CredentialForm::Basic { user } => egress::Credential::Basic { user, secret },
        CredentialForm::Header { name, prefix } => egress::Credential::Header { name, prefix, secret },
    }
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
        granted: connection.grant.endpoints.clone(),
        mounted: connection.grant.mounts.keys().cloned().collect(),
        origins: connection.origins.clone(),
        egress: checked.egress,
        mounts: checked.mounts,
        streams: checked.streams,
    })
}
