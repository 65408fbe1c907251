//! `probity packet bundle`: everything a packet rests on, in one file that `probity verify` checks without this host.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use probity_core::bundle::Scope;
use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use serde::Serialize;

use super::desk::Desk;
use super::said::{Named, when};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::facts;

#[derive(Debug, Args)]
pub struct BundleArguments {
    #[command(flatten)]
    named: Named,
    /// The file to write: a plain tar. One that exists is not replaced.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Only cited slices, with digests for the rest: smaller, and it shows less. It cannot be replayed.
    #[arg(long)]
    minimal: bool,
    /// As it stood at this instant, or on this day's first moment.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    at: Option<Instant>,
}

/// What was written.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    packet: PacketId,
    file: String,
    scope: Scope,
    files: usize,
    bytes: usize,
    /// Of the whole file.
    digest: Digest,
}

pub async fn run(desk: &Desk, arguments: BundleArguments) -> anyhow::Result<Exit> {
    let packet = desk.find(&arguments.named).await?;
    let scope = if arguments.minimal { Scope::Minimal } else { Scope::Full };
    let files = desk.casework.packet_bundle(&local()?, &packet, arguments.at, scope, None).await?;
    let archive = crate::archive::pack(&files)?;
    let attempt = || format!("cannot write {}", arguments.to.display());
    let mut file = std::fs::File::create_new(&arguments.to).with_context(attempt)?;
    std::io::Write::write_all(&mut file, &archive).with_context(attempt)?;
    let written = Written {
        packet,
        file: arguments.to.display().to_string(),
        scope,
        files: files.len(),
        bytes: archive.len(),
        digest: Digest::of(&archive),
    };
    desk.output.write(&written, for_people)?;
    Ok(Exit::Done)
}

fn for_people(written: &Written) -> String {
    facts(&[
        ("packet", written.packet.to_string()),
        ("bundle", format!("{} ({})", written.file, written.scope)),
        ("holds", format!("{} files, {} bytes", written.files, written.bytes)),
        ("digest", written.digest.to_string()),
        ("check it", format!("probity verify {} --trust ALLOWED_SIGNERS", written.file)),
    ])
}
