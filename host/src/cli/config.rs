//! `probity config check`: is the configuration right, down to each connector's manifest?

use std::path::Path;

use clap::Subcommand;
use serde::Serialize;

use super::output::{Output, facts};
use super::{Exit, host};
use crate::clock::Clock;
use crate::collect::Collector;
use crate::config::{BoardFiles, Config, Invalid};
use crate::intake;
use crate::sandbox::{Limits, Sandbox};

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
    board: Option<CheckedBoard>,
    /// The digest of the subject map; that of an empty text where there is no file.
    subjects: String,
    /// Where notices go.
    notify: Option<String>,
    checkpoints: CheckedCheckpoints,
    connections: Vec<CheckedConnection>,
    intakes: Vec<CheckedIntake>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct CheckedBoard {
    file: String,
    name: String,
    digest: String,
    intake: String,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct CheckedCheckpoints {
    folder: String,
    origin: String,
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

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct CheckedIntake {
    name: String,
    connector: String,
    digest: String,
    endpoints: Vec<String>,
    /// Those of the endpoints that write.
    writes: Vec<String>,
}

pub async fn run(file: &Path, command: &ConfigCommand, output: &Output) -> anyhow::Result<Exit> {
    let ConfigCommand::Check = command;
    let config = Config::load(file)?;
    host::check_listening(&config).await?;
    // Compiled connectors are taken from the data folder if there is one; a check makes none.
    let sandbox = if config.folder.is_dir() {
        host::sandbox(&config, &Clock::system())?
    } else {
        Sandbox::new(Limits::default(), None)?
    };
    let prepared = Collector::prepare(&config, &sandbox).await;
    let (prepared, intakes) =
        Invalid::both(prepared, intake::connect(&config, &sandbox, &Clock::system()).await)?;
    let connections = prepared
        .connections()
        .map(|(connection, connector, streams)| CheckedConnection {
            name: connection.name.to_string(),
            connector: format!("{} {}", connector.manifest().name, connector.manifest().version),
            digest: connector.digest().to_string(),
            streams: streams.iter().map(ToString::to_string).collect(),
            endpoints: connection.wiring.endpoints.clone(),
            mounts: connection.mounts.keys().cloned().collect(),
        })
        .collect();
    let checked = Checked {
        file: config.file.display().to_string(),
        folder: config.folder.display().to_string(),
        listen: config.serve.listen.to_string(),
        principals: config.principals.ask_who_calls(),
        board: config.board.as_ref().map(|BoardFiles { file, board, .. }| CheckedBoard {
            file: file.display().to_string(),
            name: board.name.clone(),
            digest: board.digest.to_string(),
            intake: board.intake.clone(),
        }),
        subjects: config.subjects.0.digest.to_string(),
        notify: config.notify.as_ref().map(|notify| notify.url.origin().ascii_serialization()),
        checkpoints: CheckedCheckpoints {
            folder: config.checkpoints.folder.display().to_string(),
            origin: config.checkpoints.origin.clone(),
        },
        connections,
        intakes: intakes.values().map(checked_intake).collect(),
    };
    output.write(&checked, for_people)?;
    Ok(Exit::Done)
}

fn checked_intake(intake: &intake::Connected) -> CheckedIntake {
    let (connector, manifest) = (intake.connector(), intake.connector().manifest());
    let writes = |id: &&String| {
        manifest
            .endpoint(id)
            .is_some_and(|endpoint| endpoint.effect == probity_core::connector::Effect::Write)
    };
    CheckedIntake {
        name: intake.name().to_string(),
        connector: format!("{} {}", manifest.name, manifest.version),
        digest: connector.digest().to_string(),
        endpoints: intake.granted().to_vec(),
        writes: intake.granted().iter().filter(writes).cloned().collect(),
    }
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
                "only once somebody has a token: `probity principal add`".to_owned()
            },
        ),
        (
            "board policy",
            match &checked.board {
                Some(board) => format!("{} ({}), filing with {}", board.file, board.name, board.intake),
                None => "none: no packet can be opened".to_owned(),
            },
        ),
        ("notices go to", checked.notify.clone().unwrap_or_else(|| "nowhere".to_owned())),
        ("checkpoints", format!("{}, signed as {}", checked.checkpoints.folder, checked.checkpoints.origin)),
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
    for intake in &checked.intakes {
        text.push_str(&format!("\n\nintake {}\n", intake.name));
        text.push_str(&facts(&[
            ("  connector", intake.connector.clone()),
            ("  digest", intake.digest.clone()),
            ("  may call", or_nothing(&intake.endpoints)),
            ("  may WRITE through", or_nothing(&intake.writes)),
        ]));
    }
    text
}

fn or_nothing(names: &[String]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
