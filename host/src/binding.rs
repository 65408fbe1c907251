//! From a section of the configuration to a component that may be called: its bytes, the checks of its wiring
//! against its manifest, and its way out.
//!
//! What connections ([`crate::collect`]) and intakes ([`crate::intake`]) have in common. What is granted here is
//! never more than what the manifest declares.
//!
//! Deliberately absent: loading (the two worlds are loaded differently), streams and folders (`collect`).

mod bundled;
mod check;

use std::collections::BTreeMap;
use std::sync::Arc;

use probity_core::canonical::Digest;
use probity_core::connector::Manifest;

use crate::config::{self, ConnectorRef, CredentialForm, Fault, Wiring};
use crate::egress::{
    self, Egress, EgressLimits, EgressPolicy, OriginPolicy, PolicyError, Purpose, SystemResolver,
};
use crate::sandbox::LoadError;

pub use bundled::{Bundled, all_bundled, bundled};
pub(crate) use check::check;

/// The bytes of the wiring's component.
pub(crate) fn bytes(wiring: &Wiring, key: &str) -> Result<Vec<u8>, Fault> {
    let key = format!("{key}.connector");
    match &wiring.connector {
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

/// A component that cannot be loaded, as the section's fault.
pub(crate) fn unloadable(error: &LoadError, key: &str) -> Fault {
    Fault::new(format!("{key}.connector"), format!("{}: {}", error.code(), whole(error)))
        .fix("use another component")
}

/// Whether the component is the one that is pinned, if one is.
pub(crate) fn pinned(wiring: &Wiring, digest: Digest, key: &str) -> Result<(), Fault> {
    match wiring.digest {
        Some(pinned) if pinned != digest => Err(Fault::new(
            format!("{key}.digest"),
            format!("the component's digest is {digest}, not the pinned {pinned}"),
        )
        .fix("look at what changed with `probity connector inspect`, then change the pin or the component")),
        _ => Ok(()),
    }
}

/// The way out of a checked wiring: declared and granted.
pub(crate) fn egress(
    wiring: &Wiring,
    manifest: &Manifest,
    purpose: Purpose,
    name: &str,
) -> Result<Arc<Egress>, Fault> {
    Egress::new(policy(wiring, manifest, purpose, name)).map_err(|error| {
        let key = format!("{}.{name}", purpose.section());
        match &error {
            PolicyError::Writes { .. } => {
                Fault::new(format!("{key}.grant.endpoints"), error.to_string()).fix("take it out")
            }
            _ => Fault::new(format!("{key}.origin"), error.to_string()).fix("correct the origin's settings"),
        }
    })
}

fn policy(wiring: &Wiring, manifest: &Manifest, purpose: Purpose, name: &str) -> EgressPolicy {
    let granted = |id: &String| wiring.endpoints.contains(id);
    let origins: BTreeMap<String, OriginPolicy> =
        wiring.origins.iter().map(|(slot, origin)| (slot.clone(), origin_policy(origin))).collect();
    EgressPolicy {
        purpose,
        connection: name.to_owned(),
        endpoints: manifest.endpoints.iter().filter(|endpoint| granted(&endpoint.id)).cloned().collect(),
        declared: manifest.endpoints.iter().map(|endpoint| endpoint.id.clone()).collect(),
        origins,
        redact: wiring.redact.clone(),
        limits: match purpose {
            Purpose::Collecting => EgressLimits::default(),
            Purpose::Filing => EgressLimits::filing(),
        },
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

/// Names for a message.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// An error and all that led to it, in one line.
pub(crate) fn whole(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
