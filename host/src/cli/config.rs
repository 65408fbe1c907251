//! `probity config check`: is the configuration right, down to each connector's manifest?

use std::path::Path;

use clap::Subcommand;
use serde::Serialize;

use super::Exit;
use super::host::Host;
use super::output::{Output, facts};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the file, every secret's presence, and each grant against its connector. Starts nothing, asks no source.
    Check,
}

/// What a valid configuration comes to.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Checked {
    file: String,
    folder: String,
    listen: String,
    principals: bool,
    connections: Vec<CheckedConnection>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct CheckedConnection {
    name: String,
    connector: String,
    digest: String,
    streams: Vec<String>,
    endpoints: Vec<String>,
    mounts: Vec<String>,
}

pub async fn run(file: &Path, command: &ConfigCommand, output: &Output) -> anyhow::Result<Exit> {
    let ConfigCommand::Check = command;
    let (host, collector) = Host::collecting(Config::load(file)?).await?;
    let connections = collector
        .connections()
        .map(|bound| CheckedConnection {
            name: bound.record.name.to_string(),
            connector: format!("{} {}", bound.connector.manifest().name, bound.connector.manifest().version),
            digest: bound.connector.digest().to_string(),
            streams: bound.streams().iter().map(ToString::to_string).collect(),
            endpoints: bound.granted.clone(),
            mounts: bound.mounted.clone(),
        })
        .collect();
    let checked = Checked {
        file: host.config.file.display().to_string(),
        folder: host.config.folder.display().to_string(),
        listen: host.config.serve.listen.to_string(),
        principals: !host.config.principals.is_empty(),
        connections,
    };
    output.write(&checked, for_people)?;
    collector.shut_down().await;
    Ok(Exit::Done)
}

fn for_people(checked: &Checked) -> String {
    let mut text = format!("{} is valid\n\n", checked.file);
    text.push_str(&facts(&[
        ("keeps its data in", checked.folder.clone()),
        ("listens on", checked.listen.clone()),
        (
            "asks who calls",
            if checked.principals {
                "yes, by bearer token".to_owned()
            } else {
                "no: this machine only".to_owned()
            },
        ),
    ]));
    for connection in &checked.connections {
        text.push_str(&format!("\n\nconnection {}\n", connection.name));
        text.push_str(&facts(&[
            ("  connector", connection.connector.clone()),
            ("  digest", connection.digest.clone()),
            ("  streams", connection.streams.join(", ")),
            ("  may call", or_nothing(&connection.endpoints)),
            ("  may read", or_nothing(&connection.mounts)),
        ]));
    }
    text
}

fn or_nothing(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
