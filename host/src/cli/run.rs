//! `probity run …`: what was read, and what was not.

use std::path::Path;

use clap::{Args, Subcommand};
use probity_core::id::{ConnectionName, RunId};
use probity_core::run::Mode;

use super::Exit;
use super::host::{Host, local};
use super::output::{Output, facts, table};
use crate::casework::view::{ProgressView, RunGapView, RunView};
use crate::casework::{Casework, RunDetail, RunQuery, Slice};
use crate::store::Run;

#[derive(Debug, Subcommand)]
pub enum RunCommand {
    /// List runs, newest first.
    List(ListArguments),
    /// Show one run: its streams, counts, failures and gaps.
    Show(ShowArguments),
}

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only of this connection.
    #[arg(long)]
    connection: Option<ConnectionName>,
    /// At most so many.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=i64::from(Slice::MAX)))]
    limit: u32,
}

#[derive(Debug, Args)]
pub struct ShowArguments {
    /// The run's id, as `run list` shows it.
    id: RunId,
}

/// A page of a listing, as the API writes it.
#[derive(serde::Serialize)]
struct Listed {
    items: Vec<RunView>,
    next: Option<String>,
}

/// A run with what it could not read.
#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Detail {
    #[serde(flatten)]
    run: RunView,
    /// The first of them.
    told_gaps: Vec<RunGapView>,
}

impl From<RunDetail> for Detail {
    fn from(detail: RunDetail) -> Self {
        Self { run: detail.run, told_gaps: detail.gaps }
    }
}

pub async fn run(file: &Path, command: RunCommand, output: &Output) -> anyhow::Result<Exit> {
    let host = Host::open(file).await?;
    let casework = host.casework();
    match command {
        RunCommand::List(arguments) => {
            let query = RunQuery { connection: arguments.connection, state: None };
            let listing = casework.run_list(&local()?, query, &Slice::first(arguments.limit)).await?;
            let listed = Listed { items: listing.items, next: listing.next };
            output.write(&listed, |listed| rows(&listed.items))?;
        }
        RunCommand::Show(arguments) => {
            let detail = Detail::from(casework.run_get(&local()?, &arguments.id).await?);
            output.write(&detail, for_people)?;
        }
    }
    Ok(Exit::Done)
}

/// Writes ended runs, each with what it could not read.
pub(super) async fn write(casework: &Casework, runs: &[Run], output: &Output) -> anyhow::Result<()> {
    let mut details = Vec::new();
    for run in runs {
        details.push(Detail::from(casework.run_get(&local()?, &run.id).await?));
    }
    output.write(&details, |details| details.iter().map(for_people).collect::<Vec<_>>().join("\n\n"))
}

fn rows(runs: &[RunView]) -> String {
    if runs.is_empty() {
        return "no run yet; `probity collect` makes one".to_owned();
    }
    table(
        &["run", "connection", "state", "started", "items", "new", "changed", "gaps"],
        runs.iter().map(|run| {
            let sum =
                |count: fn(&ProgressView) -> u64| run.streams.iter().map(count).sum::<u64>().to_string();
            vec![
                run.id.to_string(),
                run.connection.to_string(),
                run.state.as_str().to_owned(),
                run.started.to_string(),
                sum(|stream| stream.items),
                sum(|stream| stream.new_evidence),
                sum(|stream| stream.new_revisions),
                sum(|stream| stream.gaps),
            ]
        }),
    )
}

fn for_people(detail: &Detail) -> String {
    let run = &detail.run;
    let mut text = facts(&[
        ("run", run.id.to_string()),
        ("connection", run.connection.to_string()),
        ("state", run.state.as_str().to_owned()),
        ("started", run.started.to_string()),
        ("ended", run.ended.map_or_else(|| "not yet".to_owned(), |ended| ended.to_string())),
        ("connector", run.connector.to_string()),
    ]);
    text.push_str("\n\n");
    text.push_str(&table(
        &["stream", "mode", "state", "pages", "items", "new", "changed", "gaps"],
        run.streams.iter().map(|stream| {
            vec![
                stream.stream.to_string(),
                mode(stream.mode).to_owned(),
                stream.state.as_str().to_owned(),
                stream.pages.to_string(),
                stream.items.to_string(),
                stream.new_evidence.to_string(),
                stream.new_revisions.to_string(),
                stream.gaps.to_string(),
            ]
        }),
    ));
    for stream in &run.streams {
        if let Some(failure) = &stream.failure {
            text.push_str(&format!("\n\n{} was not read to its end: {}", stream.stream, failure.message));
        }
    }
    for told in &detail.told_gaps {
        let subject = told.gap.subject.as_deref().unwrap_or("anything");
        text.push_str(&format!(
            "\ngap in {} page {} about {subject}: {}",
            told.stream, told.page, told.gap.reason.message
        ));
    }
    text
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Full => "full",
        Mode::Incremental => "incremental",
    }
}
