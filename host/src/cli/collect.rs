//! `probity collect`: run connections now and wait.

use std::path::Path;

use clap::Args;
use probity_core::id::{RunId, StreamId};
use probity_core::run::{Mode, RunState, Trigger};

use super::host::Host;
use super::output::{Output, say};
use super::{Exit, progress, run};
use crate::casework::RunRequest;
use crate::collect::Collector;
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  probity collect dojo                      one connection
  probity collect dojo --stream findings    one stream of it
  probity collect --all --full              everything, from the start";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CollectArguments {
    /// The connections to collect, by name.
    #[arg(required_unless_present = "all", conflicts_with = "all", value_name = "CONNECTION")]
    connections: Vec<String>,
    /// Every connection of the configuration.
    #[arg(long)]
    all: bool,
    /// Only this stream; may be given several times.
    #[arg(long = "stream", value_name = "STREAM")]
    streams: Vec<StreamId>,
    /// Sweep everything, also where an incremental run is possible.
    #[arg(long, conflicts_with = "incremental")]
    full: bool,
    /// Only what changed since the last run, where the connector can, even if a full sweep is due.
    #[arg(long)]
    incremental: bool,
}

impl CollectArguments {
    fn request(&self) -> RunRequest {
        let mode = match (self.full, self.incremental) {
            (true, _) => Some(Mode::Full),
            (_, true) => Some(Mode::Incremental),
            _ => None,
        };
        RunRequest { streams: self.streams.clone(), mode }
    }
}

pub async fn run(file: &Path, arguments: &CollectArguments, output: &Output) -> anyhow::Result<Exit> {
    let (host, collector) = Host::collecting(Config::load(file)?).await?;
    let names = if arguments.all {
        collector.connections().map(|bound| bound.record.name.to_string()).collect()
    } else {
        arguments.connections.clone()
    };
    let exit = collect(&host, &collector, &names, &arguments.request(), output).await;
    collector.shut_down().await;
    exit
}

/// Collects connections side by side and writes their runs.
pub(super) async fn collect(
    host: &Host,
    collector: &Collector,
    names: &[String],
    request: &RunRequest,
    output: &Output,
) -> anyhow::Result<Exit> {
    let shown = tokio::spawn(progress::show(collector.progress()));
    let resumed = collector.resume().await?;
    if !resumed.is_empty() {
        say(&format!("{} unfinished run(s) go on where they stopped", resumed.len()));
    }
    let outcome = begin_and_wait(collector, names, request, resumed).await;
    shown.abort();
    let ended = outcome?;
    let mut exit = Exit::Done;
    for run in &ended {
        if run.state != RunState::Complete {
            exit = Exit::NotComplete;
        }
    }
    run::write(&host.casework(), &ended, output).await?;
    Ok(exit)
}

/// Waits for what was taken over, begins the rest, and waits for that. A connection whose unfinished run went on
/// is not begun again: that run is the one asked for.
async fn begin_and_wait(
    collector: &Collector,
    names: &[String],
    request: &RunRequest,
    resumed: Vec<RunId>,
) -> anyhow::Result<Vec<crate::store::Run>> {
    let mut runs = Vec::new();
    for id in &resumed {
        runs.push(collector.wait(id).await?);
    }
    let mut begun = Vec::new();
    for name in names {
        if !runs.iter().any(|run| run.connection_name.as_str() == name) {
            begun.push(collector.start(name, request, Trigger::Manual).await?);
        }
    }
    for id in &begun {
        runs.push(collector.wait(id).await?);
    }
    Ok(runs)
}
