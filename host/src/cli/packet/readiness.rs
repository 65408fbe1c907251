//! `probity packet readiness`: whether a packet may go to the board, and exactly what stands in the way.

use std::path::Path;

use clap::Args;
use probity_core::instant::Instant;
use probity_core::packet::Packet;
use probity_core::readiness::{Report, Verdict};

use super::desk::Desk;
use super::picture::{Style, draw};
use super::remote;
use super::said::{Named, when};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::Output;

const ABOUT: &str = "\
Ends with 0 when the packet is ready (or handed off), and with 3 when it is not.
With --output json, stdout is exactly the report's canonical bytes: their SHA-256 is the digest that a handoff names.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct ReadinessArguments {
    #[command(flatten)]
    named: Named,
    /// As it stood at this instant, or on this day's first moment.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    at: Option<Instant>,
    /// Work it out here from what that server's REST API gives: the ledger, checked as a chain, the policy, checked by its
    /// digest, and the evidence. Needs the packet's whole id; the bearer token comes from PROBITY_TOKEN_FILE or PROBITY_TOKEN.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

/// Asks this host, or, with `--server`, another one, for which no configuration is needed here.
pub async fn run(file: &Path, arguments: ReadinessArguments, output: &Output) -> anyhow::Result<Exit> {
    if let Some(server) = &arguments.server {
        let (report, packet) = remote::readiness(server, &arguments.named, arguments.at).await?;
        return written(&report, &packet, *output);
    }
    here(&Desk::open(file, *output).await?, &arguments).await
}

/// The report of this host.
pub async fn here(desk: &Desk, arguments: &ReadinessArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let report = desk.casework.packet_readiness(&local()?, &id, arguments.at).await?;
    let packet = desk.casework.packet_get(&local()?, &id, arguments.at).await?;
    written(&report, &packet, desk.output)
}

fn written(report: &Report, packet: &Packet, output: Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.bytes(&report.bytes()?)?;
    } else {
        output.line(&draw(report, packet, Style::of_stdout()))?;
    }
    let is_through = matches!(report.verdict, Verdict::Ready | Verdict::HandingOff | Verdict::HandedOff);
    Ok(if is_through { Exit::Done } else { Exit::NotComplete })
}
