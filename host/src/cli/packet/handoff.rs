//! `probity packet hand-off`: to the board's intake, or a look at what would go there.

use anyhow::Context as _;
use clap::Args;
use probity_core::canonical::Digest;
use probity_core::event::Decision;
use probity_core::export::{self, Format};
use probity_core::id::PacketId;
use probity_core::package::Package;
use probity_core::packet::Handoff;
use probity_core::readiness::{Line, Report, Verdict, readiness};
use serde::Serialize;

use super::desk::{Desk, in_the_way};
use super::said::Named;
use super::signing::Signing;
use crate::casework::{CaseworkError, Loaded};
use crate::cli::Exit;
use crate::cli::output::{facts, visible};

#[derive(Debug, Args)]
pub struct HandOffArguments {
    #[command(flatten)]
    named: Named,
    /// Show what would be filed, where, and what stands in the way. Nothing is signed, nothing is written.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    signing: Signing,
}

/// What a handoff would file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Rehearsal {
    packet: PacketId,
    /// What the submission would be called if nothing is appended before.
    submission: String,
    board: String,
    intake: String,
    condition: Option<String>,
    verdict: Verdict,
    /// Digest of the report the handoff would be made on, were it made at this instant.
    report: Digest,
    blockers: Vec<Line>,
    /// The package as it stands, in Markdown. The one that is filed also carries the handoff's signature.
    package: String,
}

pub async fn run(desk: &Desk, arguments: HandOffArguments) -> anyhow::Result<Exit> {
    if arguments.dry_run {
        return rehearse(desk, &arguments.named).await;
    }
    desk.decide(&arguments.named, &arguments.signing, |packet, report| {
        let report = report.digest().map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        // Without a condition the rules refuse, and say who states it.
        let condition = packet.condition.as_ref().map(|stated| stated.text.clone()).unwrap_or_default();
        Ok(Decision::PacketHandedOff { report, condition })
    })
    .await
}

async fn rehearse(desk: &Desk, named: &Named) -> anyhow::Result<Exit> {
    let id = desk.find(named).await?;
    let (loaded, report, package) = packaged(desk, &id).await?;
    let markdown = export::render(Format::Markdown, &package)?;
    let rehearsal = Rehearsal {
        submission: Handoff::submission_of(&id, loaded.packet.head.seq.saturating_add(1)),
        packet: id,
        board: loaded.board.name.clone(),
        intake: loaded.board.intake.clone(),
        condition: loaded.packet.condition.as_ref().map(|stated| stated.text.clone()),
        verdict: report.verdict,
        report: report.digest()?,
        blockers: report.blockers().cloned().collect(),
        package: String::from_utf8(markdown).context("the package is no text")?,
    };
    desk.output.write(&rehearsal, for_people)?;
    Ok(if rehearsal.verdict == Verdict::Ready { Exit::Done } else { Exit::NotComplete })
}

/// A packet's package as it stands, with what it was made from.
async fn packaged(desk: &Desk, id: &PacketId) -> anyhow::Result<(Loaded, Report, Package)> {
    let loaded = desk.casework.load(id, None).await?;
    let at = desk.host.store.now().await?.max(loaded.packet.changed);
    let book = desk.casework.book(&loaded, at).await?;
    let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, at);
    let package = Package::of(&loaded.entries, &loaded.packet, &report, &book, &loaded.board)?;
    Ok((loaded, report, package))
}

fn for_people(rehearsal: &Rehearsal) -> String {
    let condition = rehearsal.condition.as_deref().map_or_else(|| "not stated yet".to_owned(), visible);
    let mut text = facts(&[
        ("would file", rehearsal.submission.clone()),
        ("with", format!("{} (intake `{}`)", visible(&rehearsal.board), visible(&rehearsal.intake))),
        ("condition", condition),
        ("verdict", format!("{}, {}", rehearsal.verdict, in_the_way(rehearsal.blockers.len()))),
    ]);
    for line in &rehearsal.blockers {
        text.push_str(&format!("\n  {}: {}", line.rule, visible(&line.reason)));
    }
    text.push_str("\n\n--- the package as it stands ---\n\n");
    text.push_str(&visible(&rehearsal.package));
    text
}
