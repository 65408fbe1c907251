//! `probity check`: does a connection work, before anything is collected?

use std::path::Path;

use clap::Args;
use probity_core::connector::Failure;
use serde::Serialize;

use super::Exit;
use super::host::Host;
use super::output::Output;
use crate::config::Config;

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The connections to probe; all of them if none is named.
    #[arg(value_name = "CONNECTION")]
    connections: Vec<String>,
}

/// What a probe found.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Checked {
    connection: String,
    works: bool,
    lines: Vec<String>,
    failure: Option<Failure>,
}

pub async fn run(file: &Path, arguments: &CheckArguments, output: &Output) -> anyhow::Result<Exit> {
    let (_host, collector) = Host::collecting(Config::load(file)?).await?;
    let names: Vec<String> = if arguments.connections.is_empty() {
        collector.connections().map(|bound| bound.record.name.to_string()).collect()
    } else {
        arguments.connections.clone()
    };
    let mut checked = Vec::new();
    for name in names {
        checked.push(match collector.check(&name).await? {
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
