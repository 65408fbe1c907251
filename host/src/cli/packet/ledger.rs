//! `probity packet ledger`: what happened, entry by entry.

use clap::Args;
use probity_core::event::Event;

use super::desk::{Desk, short};
use super::said::Named;
use super::words;
use crate::casework::{EntryRecord, Slice};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::{table, visible};

const ABOUT: &str = "\
With --output json, each line is an entry exactly as it is hashed (RFC 8785): `sha256sum` over a line, without its newline,
gives the entry's hash, and the next line names it as `prev`.";

#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct LedgerArguments {
    #[command(flatten)]
    named: Named,
    /// Only entries after this one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u32,
}

pub async fn run(desk: &Desk, arguments: LedgerArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let mut slice = Slice { limit: Slice::MAX, after: Some(arguments.after.to_string()) };
    let mut records = Vec::new();
    loop {
        let listing = desk.casework.packet_ledger(&local()?, &id, &slice).await?;
        records.extend(listing.items);
        match listing.next {
            Some(next) => slice.after = Some(next),
            None => break,
        }
    }
    if desk.output.is_json() {
        for record in &records {
            let mut line = record.entry.sealed()?.bytes;
            line.push(b'\n');
            desk.output.bytes(&line)?;
        }
    } else {
        desk.output.line(&rows(&records))?;
    }
    Ok(Exit::Done)
}

fn rows(records: &[EntryRecord]) -> String {
    if records.is_empty() {
        return "no entry after that".to_owned();
    }
    table(
        &["entry", "at", "who", "what", "hash", "says"],
        records.iter().map(|record| {
            let entry = &record.entry;
            vec![
                entry.seq.to_string(),
                entry.at.to_string(),
                format!("{} ({})", entry.actor.id, entry.actor.role.as_str()),
                entry.event.word().to_owned(),
                short(&record.hash),
                said(&entry.event),
            ]
        }),
    )
}

/// What an entry says, as far as a table has room.
fn said(event: &Event) -> String {
    const MOST: usize = 64;
    let text = match event {
        Event::PacketOpened(event) => event.title.clone(),
        Event::TermsRevised(event) => format!("{} until {}", event.terms.system, event.terms.expires),
        Event::PacketWithdrawn(event) => event.reason.clone(),
        Event::AuthorChanged(event) => event.author.to_string(),
        Event::PassageProposed(event) => format!("{} ({}): {}", event.section, event.origin, event.text),
        Event::PassageAccepted(event) => {
            format!("{}{}", event.passage, if event.text.is_some() { ", edited" } else { "" })
        }
        Event::PassageDeclined(event) => format!("{}: {} {}", event.passage, event.reason, event.note),
        Event::ClaimMade(event) => event.claim.text.clone(),
        Event::ClaimAccepted(event) => event.claim.to_string(),
        Event::ClaimRetracted(event) => format!("{}: {}", event.claim, event.reason),
        Event::ClaimReaffirmed(event) => event.claim.to_string(),
        Event::ReviewerNamed(event) => format!("{} for {}", event.reviewer, event.discipline),
        Event::ReviewerReleased(event) => format!("{} for {}", event.reviewer, event.discipline),
        Event::RemarkMade(event) => event.text.clone(),
        Event::ObjectionRaised(event) => {
            format!("{} ({}): {}", event.topic, event.severity.as_str(), event.issue)
        }
        Event::ObjectionAnswered(event) => format!("{}: {}", event.objection, event.text),
        Event::HoldPlaced(event) => event.reason.clone(),
        Event::HoldReleased(event) => format!("{}: {}", event.hold, event.reason),
        Event::ExposureDetected(event) => event.reason.clone(),
        Event::ExposureDeclared(event) => event.reason.clone(),
        Event::ConditionStated(event) => event.text.clone(),
        Event::PolicyAdopted(event) => format!("policy {}", short(&event.policy)),
        Event::IntakeRecorded(event) => event.submission.clone(),
        Event::FollowUpScheduled(event) => format!("{} until {}", event.what, event.due),
        Event::FollowUpDone(event) => event.follow_up.to_string(),
        Event::Decided(decided) => words::decision(&decided.statement.decides),
    };
    probity_core::text::excerpt(&visible(&text.replace('\n', " ")), MOST)
}
