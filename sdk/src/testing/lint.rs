//! A manifest held against the contract, and against the operator who has to read it.

use super::template::Template;
use crate::bindings::describing::exports::probity::connector::manifest::Effect;
use crate::{Endpoint, Intake, Manifest, Method, Source, glue};

/// What the host would refuse the component for, or an operator would ask about. Empty for a good manifest.
pub fn lint<S: Source>() -> Vec<String> {
    let manifest = glue::describe::<S>();
    let mut complaints = complaints(&manifest, &glue::describe::<S>());
    for endpoint in manifest.endpoints.iter().filter(|endpoint| endpoint.effect == Effect::Write) {
        complaints.push(format!("endpoint `{}`: a connector that reads cannot write", endpoint.id));
    }
    complaints.extend(streams(&manifest));
    complaints
}

/// The same for an intake connector.
pub(super) fn intake<I: Intake>() -> Vec<String> {
    let manifest = glue::filing::describe::<I>();
    let mut complaints = complaints(&manifest, &glue::filing::describe::<I>());
    let (writing, reading): (Vec<&Endpoint>, Vec<&Endpoint>) =
        manifest.endpoints.iter().partition(|endpoint| endpoint.effect == Effect::Write);
    if writing.is_empty() {
        complaints.push("no endpoint writes, so nothing is ever filed".into());
    }
    if reading.is_empty() {
        complaints.push("no endpoint reads, so what was filed already cannot be found".into());
    }
    for endpoint in writing.into_iter().filter(|endpoint| endpoint.method != Method::Post) {
        complaints.push(format!("endpoint `{}`: writing is done by POST", endpoint.id));
    }
    complaints
}

fn complaints(manifest: &Manifest, again: &Manifest) -> Vec<String> {
    let mut complaints = Vec::new();
    if manifest != again {
        complaints.push("the manifest must be the same every time".into());
    }
    if !is_id(&manifest.name) {
        complaints
            .push(format!("the name `{}` must be lower-case letters, digits and dashes", manifest.name));
    }
    if manifest.version.split(['-', '+']).next().is_none_or(|core| {
        let numbers: Vec<&str> = core.split('.').collect();
        numbers.len() != 3 || !numbers.iter().all(|number| number.parse::<u64>().is_ok())
    }) {
        complaints.push(format!("the version `{}` is not one of semantic versioning", manifest.version));
    }
    if manifest.summary.trim().is_empty() {
        complaints.push(
            "the summary should say what is read, from which versions of the source, and what is not".into(),
        );
    }
    if !manifest.endpoints.is_empty() && manifest.auth.is_empty() {
        complaints.push(
            "there are endpoints but no way to sign in; declare `AuthScheme::Anonymous` if there is none"
                .into(),
        );
    }
    complaints.extend(schema(manifest));
    complaints.extend(manifest.endpoints.iter().flat_map(endpoint));
    complaints.extend(names(manifest));
    complaints
}

fn schema(manifest: &Manifest) -> Vec<String> {
    let Ok(schema) = serde_json::from_str::<serde_json::Value>(&manifest.config_schema) else {
        return vec!["the schema of the configuration is not JSON".into()];
    };
    let mut complaints = Vec::new();
    if schema.get("type").and_then(|kind| kind.as_str()) != Some("object") {
        complaints.push(
            "the configuration must be a JSON object: derive it from a struct with named fields".into(),
        );
    }
    if manifest.config_schema.contains("\"$ref\"") {
        complaints
            .push("the schema of the configuration refers to itself, and references are not resolved".into());
    }
    complaints
}

fn endpoint(endpoint: &Endpoint) -> Vec<String> {
    let id = &endpoint.id;
    let mut complaints = Vec::new();
    if let Err(what) = Template::parse(&endpoint.path) {
        complaints.push(format!("endpoint `{id}`: {what}"));
    }
    if endpoint.purpose.trim().is_empty() {
        complaints.push(format!("endpoint `{id}`: say for the operator what it is there for"));
    }
    for pointer in endpoint.redact.iter().filter(|pointer| !pointer.starts_with('/')) {
        complaints.push(format!("endpoint `{id}`: `{pointer}` is not a JSON Pointer"));
    }
    complaints
}

fn names(manifest: &Manifest) -> Vec<String> {
    let mut complaints = Vec::new();
    let groups: [(&str, Vec<(&str, &str)>); 3] = [
        ("endpoint", manifest.endpoints.iter().map(|one| (one.id.as_str(), one.purpose.as_str())).collect()),
        ("mount", manifest.mounts.iter().map(|one| (one.id.as_str(), one.purpose.as_str())).collect()),
        ("stream", manifest.feeds.iter().map(|one| (one.id.as_str(), one.purpose.as_str())).collect()),
    ];
    for (what, group) in &groups {
        for (at, (id, _)) in group.iter().enumerate() {
            if !is_id(id) {
                complaints.push(format!("{what} `{id}`: an id is lower-case letters, digits and dashes"));
            }
            if group[..at].iter().any(|(earlier, _)| earlier == id) {
                complaints.push(format!("{what} `{id}` is declared twice"));
            }
        }
    }
    complaints
}

fn streams(manifest: &Manifest) -> Vec<String> {
    let mut complaints = Vec::new();
    if manifest.feeds.is_empty() {
        complaints.push("there is no stream, so nothing is ever read".into());
    }
    for stream in manifest.feeds.iter().filter(|stream| stream.kinds.is_empty()) {
        complaints
            .push(format!("stream `{}` declares no kind, so all it returns would be refused", stream.id));
    }
    complaints
}

fn is_id(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}
