//! `probity packet export`: the package as Markdown, HTML or OSCAL.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use probity_core::export::Format;
use probity_core::instant::Instant;

use super::desk::Desk;
use super::said::{Named, when};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::say;

#[derive(Debug, Args)]
pub struct ExportArguments {
    #[command(flatten)]
    named: Named,
    /// What it is written as: markdown, html or oscal (a plan of action and milestones, JSON).
    #[arg(long, default_value = "markdown")]
    format: Format,
    /// As it stood at this instant, or on this day's first moment.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    at: Option<Instant>,
    /// Write it to this file instead of to stdout.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub async fn run(desk: &Desk, arguments: ExportArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let bytes = desk.casework.packet_export(&local()?, &id, arguments.format, arguments.at).await?;
    match &arguments.to {
        None => desk.output.bytes(&bytes)?,
        Some(file) => {
            std::fs::write(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
            say(&format!("{} bytes of {} in {}", bytes.len(), arguments.format, file.display()));
        }
    }
    Ok(Exit::Done)
}
