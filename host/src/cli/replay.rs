//! `probity replay`: run it again over what was recorded, and compare.

use std::path::Path;

use clap::Args;
use probity_core::id::RunId;

use super::Exit;
use super::host::Host;
use super::output::Output;
use crate::collect::{ReplayReport, replay_run};

#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// The run to replay; `probity run list` shows them.
    #[arg(value_name = "RUN")]
    run: RunId,
}

pub async fn run(file: &Path, arguments: &ReplayArguments, output: &Output) -> anyhow::Result<Exit> {
    let host = Host::open(file).await?;
    let sandbox = host.sandbox()?;
    let report = replay_run(&*host.store, &host.blobs, &sandbox, &arguments.run).await?;
    let exit = if report.is_identical() { Exit::Done } else { Exit::Integrity };
    output.write(&report, for_people)?;
    Ok(exit)
}

fn for_people(report: &ReplayReport) -> String {
    let measured = format!(
        "{} pages, {} items, {} door calls answered from the journal, {} captures unchanged",
        report.pages, report.items, report.calls, report.captures
    );
    if report.is_identical() {
        return format!("run {}: byte-identical\n  {measured}\n  component {}", report.run, report.component);
    }
    let mut text = format!("run {}: DIFFERS\n  {measured}", report.run);
    for difference in &report.differences {
        text.push_str(&format!("\n  {} page {}: {}", difference.stream, difference.page, difference.problem));
    }
    text
}
