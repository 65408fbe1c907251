//! A wiring held against the manifest of its component: every mistake, with what to write instead.
//!
//! *Declared and granted*: a grant that names what the manifest does not declare is a mistake that is told at
//! once, not ignored. What is declared and not granted stays shut.

use std::collections::BTreeSet;

use probity_core::connector::{AuthScheme, Manifest};

use super::list;
use crate::config::{CredentialForm, Fault, Wiring};

/// All that is wrong with a wiring, below the section's `key`.
pub(crate) fn check(wiring: &Wiring, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    check_grant(wiring, manifest, key, faults);
    check_origins(wiring, manifest, key, faults);
    check_config(wiring, manifest, key, faults);
}

fn check_grant(wiring: &Wiring, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    for endpoint in &wiring.endpoints {
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
        if !wiring.origins.contains_key(&declared.origin) {
            faults.push(
                Fault::new(
                    format!("{key}.origin.{}", declared.origin),
                    format!("endpoint `{endpoint}` is granted, but its origin is not bound to a URL"),
                )
                .fix(format!("add [{key}.origin.{}] with url = \"https://…\"", declared.origin)),
            );
        }
    }
}

fn check_origins(wiring: &Wiring, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    let slots: BTreeSet<&str> = manifest.endpoints.iter().map(|endpoint| endpoint.origin.as_str()).collect();
    for (slot, origin) in &wiring.origins {
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

fn check_config(wiring: &Wiring, manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
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
    for error in validator.iter_errors(&wiring.config) {
        let place = error.instance_path().to_string().replace('/', ".");
        faults.push(
            Fault::new(format!("{key}.config{place}"), error.to_string())
                .fix(format!("`probity connector inspect {}` shows what config takes", manifest.name)),
        );
    }
}
