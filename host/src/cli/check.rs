//! `probity check`: does a connection or an intake work, before anything is collected or filed?

use std::path::Path;

use clap::Args;
use probity_core::connector::Failure;
use serde::Serialize;

use super::Exit;
use super::host::{self, Host};
use super::output::Output;
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::{self, Intake as _};

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The connections and intakes to probe; all of them if none is named.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// What a probe found.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Checked {
    /// The connection's or the intake's name.
    connection: String,
    works: bool,
    lines: Vec<String>,
    failure: Option<Failure>,
}

pub async fn run(file: &Path, arguments: &CheckArguments, output: &Output) -> anyhow::Result<Exit> {
    let config = Config::load(file)?;
    let clock = Clock::system();
    let intakes = intake::connect(&config, &host::sandbox(&config, &clock)?, &clock).await?;
    let (_host, collector) = Host::collecting(config).await?;
    let names: Vec<String> = if arguments.names.is_empty() {
        let connections = collector.connections().map(|bound| bound.record.name.to_string());
        connections.chain(intakes.keys().map(ToString::to_string)).collect()
    } else {
        arguments.names.clone()
    };
    let mut checked = Vec::new();
    for name in names {
        let outcome = match intakes.values().find(|intake| intake.name().as_str() == name) {
            Some(intake) => intake.check().await,
            None => collector.check(&name).await?,
        };
        checked.push(match outcome {
            Ok(lines) => Checked { connection: name, works: true, lines, failure: None },
            Err(failure) => {
                Checked { connection: name, works: false, lines: Vec::new(), failure: Some(failure) }
            }
        });
    }
    let exit = if checked.iter().all(|one| one.works) { Exit::Done } else { Exit::NotComplete };
    output.write(&checked, |checked| checked.iter().map(for_people).collect::<Vec<_>>().join("\n"))?;
    collector.shut_down().await;
    Ok(exit)
}

fn for_people(checked: &Checked) -> String {
    let mut text =
        format!("{}: {}", checked.connection, if checked.works { "works" } else { "does not work" });
    for line in &checked.lines {
        text.push_str(&format!("\n  {line}"));
    }
    if let Some(failure) = &checked.failure {
        text.push_str(&format!("\n  {failure}"));
    }
    text
}
