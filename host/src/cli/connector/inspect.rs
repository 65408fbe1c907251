//! `probity connector inspect`: read before you grant.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use probity_core::connector::{AuthScheme, Effect, Endpoint, Manifest, SyncMode, World};
use serde::Serialize;

use crate::binding::{all_bundled, bundled};
use crate::cli::Exit;
use crate::cli::output::{Output, facts, table};
use crate::sandbox::{Limits, Sandbox};

#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A bundled connector's name, or the path of a .wasm file.
    #[arg(value_name = "CONNECTOR")]
    connector: String,
}

/// A connector as it describes itself.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Inspected {
    world: World,
    digest: String,
    size: String,
    manifest: Manifest,
}

/// Loads a component without any cache: an inspected file leaves no trace.
async fn load(bytes: Vec<u8>) -> anyhow::Result<Inspected> {
    let size = bytes.len();
    let sandbox = Sandbox::new(Limits::default(), None)?;
    let connector = sandbox.load_any(bytes).await?;
    Ok(Inspected {
        world: connector.world(),
        digest: connector.digest().to_string(),
        size: size.to_string(),
        manifest: connector.manifest().clone(),
    })
}

pub(super) async fn run(_file: &Path, arguments: &InspectArguments, output: &Output) -> anyhow::Result<Exit> {
    let bytes = match bundled(&arguments.connector) {
        Some(bundled) => bundled.bytes.to_vec(),
        None => {
            let path = PathBuf::from(&arguments.connector);
            std::fs::read(&path).with_context(|| {
                format!(
                    "`{}` is neither a bundled connector ({}) nor a file that can be read",
                    arguments.connector,
                    all_bundled().iter().map(|bundled| bundled.name).collect::<Vec<_>>().join(", ")
                )
            })?
        }
    };
    output.write(&load(bytes).await?, for_people)?;
    Ok(Exit::Done)
}

pub(super) async fn list(output: &Output) -> anyhow::Result<Exit> {
    let mut inspected = Vec::new();
    for bundled in all_bundled() {
        inspected.push(load(bundled.bytes.to_vec()).await?);
    }
    output.write(&inspected, |inspected| {
        table(
            &["connector", "version", "reads", "digest"],
            inspected.iter().map(|one| {
                vec![
                    one.manifest.name.clone(),
                    one.manifest.version.clone(),
                    one.manifest.title.clone(),
                    one.digest.clone(),
                ]
            }),
        )
    })?;
    Ok(Exit::Done)
}

fn for_people(inspected: &Inspected) -> String {
    let manifest = &inspected.manifest;
    let files = inspected.world == World::Intake;
    let mut text = facts(&[
        ("connector", format!("{} {}", manifest.name, manifest.version)),
        ("title", manifest.title.clone()),
        ("digest", inspected.digest.clone()),
        ("size", format!("{} bytes", inspected.size)),
        ("signs in with", credentials(manifest)),
    ]);
    text.push_str(&format!("\n\n{}\n", manifest.summary));
    if files {
        text.push_str(&format!(
            "\nIt files packages into an intake queue: it WRITES there, through {}",
            writing(manifest).join(", ")
        ));
    } else {
        text.push_str("\nWhat it collects\n");
        text.push_str(&indented(&streams(manifest)));
    }
    if !manifest.endpoints.is_empty() {
        text.push_str("\n\nWhat it may ask for, if you grant it (nothing else is ever let through)\n");
        text.push_str(&indented(&endpoints(manifest, files)));
    }
    if !manifest.mounts.is_empty() {
        text.push_str("\n\nFolders it may read, if you grant them\n");
        text.push_str(&indented(&table(
            &["mount", "purpose"],
            manifest.mounts.iter().map(|mount| vec![mount.id.clone(), mount.purpose.clone()]),
        )));
    }
    text.push_str("\n\nFor your configuration\n");
    text.push_str(&indented(&sample(manifest, inspected.world)));
    text.push_str("\n\nWhat `config` takes (JSON Schema)\n");
    text.push_str(&indented(&schema(&manifest.config_schema)));
    text
}

fn streams(manifest: &Manifest) -> String {
    table(
        &["stream", "evidence", "reads", "purpose"],
        manifest.streams.iter().map(|stream| {
            let kinds = stream.kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let sync = match stream.sync {
                SyncMode::Full => "everything",
                SyncMode::Incremental => "changes",
            };
            vec![stream.id.clone(), kinds, sync.to_owned(), stream.purpose.clone()]
        }),
    )
}

/// The endpoints; where some write, each says whether it does.
fn endpoints(manifest: &Manifest, with_effect: bool) -> String {
    let row = |endpoint: &Endpoint| {
        let mut row = vec![endpoint.id.clone()];
        if with_effect {
            row.push(if endpoint.effect == Effect::Write { "WRITES" } else { "reads" }.to_owned());
        }
        row.extend([request(endpoint), endpoint.purpose.clone()]);
        row
    };
    let heads: &[&str] = match with_effect {
        true => &["endpoint", "effect", "request", "purpose"],
        false => &["endpoint", "request", "purpose"],
    };
    table(heads, manifest.endpoints.iter().map(row))
}

/// The endpoints that write, by id.
fn writing(manifest: &Manifest) -> Vec<String> {
    let writing = manifest.endpoints.iter().filter(|endpoint| endpoint.effect == Effect::Write);
    writing.map(|endpoint| endpoint.id.clone()).collect()
}

fn request(endpoint: &Endpoint) -> String {
    let fixed: Vec<_> =
        endpoint.fixed.iter().map(|fixed| format!("{}={}", fixed.name, fixed.value)).collect();
    let fixed = if fixed.is_empty() { String::new() } else { format!("  always {}", fixed.join(", ")) };
    format!("{} {}{fixed}", endpoint.method.as_str(), endpoint.path)
}

fn credentials(manifest: &Manifest) -> String {
    if manifest.auth.is_empty() {
        return scheme(&AuthScheme::Anonymous);
    }
    manifest.auth.iter().map(scheme).collect::<Vec<_>>().join(", ")
}

fn scheme(scheme: &AuthScheme) -> String {
    match scheme {
        AuthScheme::Anonymous => "nothing".to_owned(),
        AuthScheme::Bearer => "bearer token".to_owned(),
        AuthScheme::Basic => "user and password".to_owned(),
        AuthScheme::Header { name, prefix } => format!("header {name}: {prefix}…"),
    }
}

/// A section that grants all the connector declares, for the operator to cut down.
fn sample(manifest: &Manifest, world: World) -> String {
    use std::fmt::Write as _;
    let name = &manifest.name;
    let (section, schedule) = match world {
        World::Source => ("connection", "every = \"6h\"\n"),
        World::Intake => ("intake", ""),
    };
    let mut text =
        format!("[{section}.my-{name}]\nconnector = \"{name}\"\n{schedule}\n[{section}.my-{name}.grant]\n");
    if !manifest.endpoints.is_empty() {
        let ids: Vec<_> = manifest.endpoints.iter().map(|endpoint| format!("{:?}", endpoint.id)).collect();
        let _ = writeln!(text, "endpoints = [{}]", ids.join(", "));
    }
    if !manifest.mounts.is_empty() {
        let mounts: Vec<_> =
            manifest.mounts.iter().map(|mount| format!("{} = \"./folder\"", mount.id)).collect();
        let _ = writeln!(text, "mounts = {{ {} }}", mounts.join(", "));
    }
    let mut slots: Vec<_> = manifest.endpoints.iter().map(|endpoint| endpoint.origin.as_str()).collect();
    slots.sort_unstable();
    slots.dedup();
    for slot in slots {
        let _ = writeln!(text, "\n[{section}.my-{name}.origin.{slot}]\nurl = \"https://…\"");
        let credential = manifest.auth.iter().find_map(|scheme| match scheme {
            AuthScheme::Anonymous => None,
            AuthScheme::Bearer => Some("scheme = \"bearer\"".to_owned()),
            AuthScheme::Basic => Some("scheme = \"basic\", user = \"…\"".to_owned()),
            AuthScheme::Header { name, prefix } => {
                Some(format!("scheme = \"header\", name = {name:?}, prefix = {prefix:?}"))
            }
        });
        if let Some(credential) = credential {
            let _ = writeln!(text, "credential = {{ {credential}, secret = {{ env = \"…\" }} }}");
        }
    }
    text.trim_end().to_owned()
}

fn schema(text: &str) -> String {
    serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok())
        .unwrap_or_else(|| text.to_owned())
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("  {line}") })
        .collect::<Vec<_>>()
        .join("\n")
}
