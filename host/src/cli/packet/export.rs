//! `probity packet export`: the package as Markdown, HTML or OSCAL.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use probity_core::export::{self, Format};
use probity_core::id::PacketId;
use probity_core::package::Package;
use probity_core::readiness::{Report, readiness};

use super::desk::Desk;
use super::said::Named;
use crate::casework::Loaded;
use crate::cli::Exit;
use crate::cli::output::say;

#[derive(Debug, Args)]
pub struct ExportArguments {
    #[command(flatten)]
    named: Named,
    /// What it is written as: markdown, html or oscal (a plan of action and milestones, JSON).
    #[arg(long, default_value = "markdown")]
    format: Format,
    /// Write it to this file instead of to stdout.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

pub async fn run(desk: &Desk, arguments: ExportArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let (_, _, package) = packaged(desk, &id).await?;
    let bytes = export::render(arguments.format, &package)?;
    match &arguments.to {
        None => desk.output.bytes(&bytes)?,
        Some(file) => {
            std::fs::write(file, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
            say(&format!("{} bytes of {} in {}", bytes.len(), arguments.format, file.display()));
        }
    }
    Ok(Exit::Done)
}

/// A packet's package as it stands, with what it was made from.
pub(super) async fn packaged(desk: &Desk, id: &PacketId) -> anyhow::Result<(Loaded, Report, Package)> {
    let loaded = desk.casework.load(id, None).await?;
    let at = desk.host.store.now().await?.max(loaded.packet.changed);
    let book = desk.casework.book(&loaded, at).await?;
    let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, at);
    let package = Package::of(&loaded.entries, &loaded.packet, &report, &book, &loaded.board)?;
    Ok((loaded, report, package))
}
