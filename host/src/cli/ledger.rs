//! `probity ledger verify`: do all packets' histories hold together, and are they what was checkpointed last?
//!
//! Deliberately absent: proof against whoever holds the checkpoints' key and folder as well. Copies of the notes kept elsewhere are
//! for that.

use std::path::Path;

use clap::Subcommand;
use probity_core::id::PacketId;
use probity_core::ledger::Head;
use serde::Serialize;

use super::Exit;
use super::host::Host;
use super::output::Output;

#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Check every packet's chain, the key registry's chain, that listings agree with the ledgers, and that all is as it was
    /// checkpointed last. Changes nothing; ends with 5 when something does not hold.
    Verify,
}

/// What was checked.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Verified {
    packets: Vec<VerifiedPacket>,
    /// The key registry's last entry; none while it is empty.
    registry: Option<Head>,
    /// What does not hold.
    problems: Vec<String>,
}

#[derive(Serialize)]
struct VerifiedPacket {
    packet: PacketId,
    head: Head,
}

pub async fn run(file: &Path, command: &LedgerCommand, output: &Output) -> anyhow::Result<Exit> {
    let LedgerCommand::Verify = command;
    let host = Host::open(file).await?;
    let casework = host.casework();
    let mut problems = host.store.check().await?;
    let mut packets = Vec::new();
    for (packet, head) in host.store.heads().await? {
        match casework.entries(&packet).await {
            Ok(entries) if entries.last().map(|(_, last)| *last) == Some(head) => {
                packets.push(VerifiedPacket { packet, head });
            }
            Ok(_) => problems.push(format!("packet {packet}: its ledger does not end at its head {head}")),
            Err(error) => problems.push(format!("packet {packet}: {error}")),
        }
    }
    match super::rounds::checkpoint_verify(&host).await {
        Ok(discrepancies) => problems.extend(discrepancies.iter().map(ToString::to_string)),
        Err(error) => problems.push(crate::binding::whole(&error)),
    }
    let registry = match casework.registry().await {
        Ok(registry) => registry.head(),
        Err(error) => {
            problems.push(format!("key registry: {error}"));
            None
        }
    };
    // Folding what is broken would only say so again.
    if problems.is_empty() {
        let differ = casework.projections_check().await?;
        problems
            .extend(differ.into_iter().map(|packet| format!("packet {packet}: listings show it otherwise")));
    }
    let verified = Verified { packets, registry, problems };
    output.write(&verified, for_people)?;
    Ok(if verified.problems.is_empty() { Exit::Done } else { Exit::Integrity })
}

fn for_people(verified: &Verified) -> String {
    let registry = verified.registry.map_or(0, |head| head.seq);
    let mut text = format!(
        "{} packet ledger(s) hold, {} entries in all; the key registry has {registry} entries",
        verified.packets.len(),
        verified.packets.iter().map(|packet| u64::from(packet.head.seq)).sum::<u64>()
    );
    for packet in &verified.packets {
        text.push_str(&format!("\n  {} entry {} {}", packet.packet, packet.head.seq, packet.head.digest));
    }
    for problem in &verified.problems {
        text.push_str(&format!("\n  DOES NOT HOLD: {problem}"));
    }
    text
}
