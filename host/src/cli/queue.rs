//! `probity queue …`: the board's intake queue, for a board that works with this host.
//!
//! Looking needs nobody's leave; accepting, bouncing and deciding is done by a known member of the board.

use std::path::Path;

use anyhow::{Context as _, bail};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use probity_core::canonical::Digest;
use probity_core::event::BounceReason;
use probity_core::export::{self, Format};
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::package::Package;
use probity_core::packet::Packet;
use probity_core::readiness::{Rule, Verdict, readiness};
use serde::Serialize;

use super::host::{Host, local};
use super::output::{Output, facts, say, table, visible};
use super::{Exit, acting};
use crate::casework::{BoardAct, Loaded, Slice};
use crate::store::handoff::{QueueFilter, QueueItem, QueueState};

#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// List submissions.
    List(ListArguments),
    /// Show one, with the package as it was filed.
    Show(ShowArguments),
    /// Take it up.
    Accept(AcceptArguments),
    /// Send it back, with reasons: the packet is in review again, and its signatures are void.
    Bounce(BounceArguments),
    /// Decide on the exception.
    Decide(DecideArguments),
}

/// A state, as it is asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Received,
    Accepted,
    Bounced,
    Decided,
}

impl From<State> for QueueState {
    fn from(state: State) -> Self {
        match state {
            State::Received => Self::Received,
            State::Accepted => Self::Accepted,
            State::Bounced => Self::Bounced,
            State::Decided => Self::Decided,
        }
    }
}

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only in this state.
    #[arg(long, value_enum)]
    state: Option<State>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(Slice::MAX)))]
    limit: u32,
    /// Go on after this submission, as the listing before said.
    #[arg(long, value_name = "SUBMISSION")]
    after: Option<String>,
}

#[derive(Debug, Args)]
pub struct ShowArguments {
    /// The submission, as `queue list` shows it: a packet's id, a colon, and the entry that handed it off.
    submission: String,
    /// What the package is written as: markdown, html or oscal.
    #[arg(long, default_value = "markdown")]
    format: Format,
}

#[derive(Debug, Args)]
pub struct AcceptArguments {
    submission: String,
}

#[derive(Debug, Args)]
pub struct BounceArguments {
    submission: String,
    /// Why; may be given several times. A rule of readiness before a colon says which rule it maps to:
    /// `claims: the rotation is not shown`.
    #[arg(long = "reason", value_name = "[RULE:] TEXT", required = true, value_parser = reason)]
    reasons: Vec<BounceReason>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("word").required(true).args(["grant", "refuse"])))]
pub struct DecideArguments {
    submission: String,
    /// The exception is granted.
    #[arg(long)]
    grant: bool,
    /// It is not.
    #[arg(long)]
    refuse: bool,
    /// The decision, in the board's words.
    #[arg(long, value_name = "TEXT")]
    decision: String,
}

/// `rule: text`, or a text that maps to no rule.
fn reason(text: &str) -> Result<BounceReason, std::convert::Infallible> {
    let ruled = text.split_once(':').and_then(|(rule, rest)| Some((rule.trim().parse::<Rule>().ok()?, rest)));
    Ok(match ruled {
        Some((rule, rest)) => BounceReason { rule: Some(rule), text: rest.trim().to_owned() },
        None => BounceReason { rule: None, text: text.trim().to_owned() },
    })
}

/// A submission, as it is written.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Submission {
    submission: String,
    packet: PacketId,
    seq: u32,
    title: String,
    package: Digest,
    received: Instant,
    state: QueueState,
    reasons: Vec<String>,
    decision: Option<String>,
    by: Option<String>,
    changed: Instant,
}

impl From<QueueItem> for Submission {
    fn from(item: QueueItem) -> Self {
        let QueueItem { submission, packet, seq, title, package, received, state, .. } = item;
        let QueueItem { reasons, decision, by, changed, .. } = item;
        Self { submission, packet, seq, title, package, received, state, reasons, decision, by, changed }
    }
}

/// A page of submissions.
#[derive(Serialize)]
struct Listed {
    items: Vec<Submission>,
    next: Option<String>,
}

/// What the board did, and what came of the packet.
#[derive(Serialize)]
struct Acted {
    submission: Submission,
    seq: u32,
    hash: Digest,
    verdict: Verdict,
}

pub async fn run(file: &Path, command: QueueCommand, output: &Output) -> anyhow::Result<Exit> {
    let host = Host::open(file).await?;
    match command {
        QueueCommand::List(arguments) => list(&host, arguments, output).await,
        QueueCommand::Show(arguments) => show(&host, &arguments, output).await,
        QueueCommand::Accept(AcceptArguments { submission }) => {
            act(&host, &submission, BoardAct::Accept, output).await
        }
        QueueCommand::Bounce(BounceArguments { submission, reasons }) => {
            act(&host, &submission, BoardAct::Bounce { reasons }, output).await
        }
        QueueCommand::Decide(DecideArguments { submission, grant, decision, .. }) => {
            act(&host, &submission, BoardAct::Decide { decision, granted: grant }, output).await
        }
    }
}

async fn list(host: &Host, arguments: ListArguments, output: &Output) -> anyhow::Result<Exit> {
    let filter = QueueFilter { state: arguments.state.map(QueueState::from), ..QueueFilter::default() };
    let slice = Slice { limit: arguments.limit, after: arguments.after };
    let listing = host.casework().queue_list(&local()?, &filter, &slice).await?;
    let items = listing.items.into_iter().map(Submission::from).collect();
    let listed = Listed { items, next: listing.next };
    output.write(&listed, |listed| rows(&listed.items))?;
    if let Some(next) = listed.next.filter(|_| !output.is_json()) {
        say(&format!("there is more: --after {next}"));
    }
    Ok(Exit::Done)
}

fn rows(items: &[Submission]) -> String {
    if items.is_empty() {
        return "nothing was submitted; `probity packet hand-off` does that".to_owned();
    }
    table(
        &["submission", "state", "received", "title"],
        items.iter().map(|item| {
            vec![
                item.submission.clone(),
                word(item.state).to_owned(),
                item.received.to_string(),
                visible(&item.title),
            ]
        }),
    )
}

const fn word(state: QueueState) -> &'static str {
    match state {
        QueueState::Received => "received",
        QueueState::Accepted => "accepted",
        QueueState::Bounced => "bounced",
        QueueState::Decided => "decided",
    }
}

async fn show(host: &Host, arguments: &ShowArguments, output: &Output) -> anyhow::Result<Exit> {
    let item = host.casework().queue_get(&local()?, &arguments.submission).await?;
    let package = filed(host, &item).await?;
    let is_same = package.digest()? == item.package;
    let submission = Submission::from(item);
    if output.is_json() {
        output.write(&submission, |_| String::new())?;
    } else {
        output.line(&for_people(&submission))?;
        output.line("")?;
        output.bytes(&export::render(arguments.format, &package)?)?;
    }
    if !is_same {
        say(
            "the package that was filed is not the one that the ledger gives: `probity ledger verify` looks closer",
        );
        return Ok(Exit::Integrity);
    }
    Ok(Exit::Done)
}

/// The package of a submission, built from the ledger through the entry that handed it off, as it was then.
async fn filed(host: &Host, item: &QueueItem) -> anyhow::Result<Package> {
    let casework = host.casework();
    let mut entries = casework.entries(&item.packet).await?;
    entries.retain(|(entry, _)| entry.seq <= item.seq);
    let last = entries.last().with_context(|| format!("packet {} has no entry {}", item.packet, item.seq))?;
    let at = last.0.at;
    let packet = Packet::fold(&entries).map_err(|error| anyhow::anyhow!("{error}"))?;
    let board = host.policies.board_of(&host.blobs, packet.policy).await?;
    let subjects = host.policies.subjects_of(&host.blobs, packet.subjects).await?;
    let loaded = Loaded { entries, packet, board, subjects };
    let book = casework.book(&loaded, at).await?;
    let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, at);
    Ok(Package::of(&loaded.entries, &loaded.packet, &report, &book, &loaded.board)?)
}

fn for_people(item: &Submission) -> String {
    let mut lines = vec![
        ("submission", item.submission.clone()),
        ("title", visible(&item.title)),
        ("state", format!("{}, {}", word(item.state), item.changed)),
        ("received", item.received.to_string()),
        ("package", item.package.to_string()),
    ];
    lines.extend(item.by.as_ref().map(|by| ("by", by.clone())));
    lines.extend(item.decision.as_ref().map(|decision| ("decision", visible(decision))));
    lines.extend(item.reasons.iter().map(|reason| ("reason", visible(reason))));
    facts(&lines)
}

async fn act(host: &Host, submission: &str, act: BoardAct, output: &Output) -> anyhow::Result<Exit> {
    let permit = acting::caller(host).await?.authorize()?;
    if submission.split_once(':').is_none() {
        bail!(
            "`{submission}` is no submission: write a packet's id, a colon, and the entry that handed it off"
        );
    }
    let (item, appended) = host.casework().queue_decide(&permit, submission, act).await?;
    let acted = Acted {
        submission: item.into(),
        seq: appended.entry.seq,
        hash: appended.head.digest,
        verdict: appended.report.verdict,
    };
    output.write(&acted, |acted| {
        let entry = format!("{} ({})", acted.seq, acted.hash);
        let verdict = acted.verdict.to_string();
        format!("{}\n{}", for_people(&acted.submission), facts(&[("entry", entry), ("verdict", verdict)]))
    })?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use probity_core::readiness::Rule;

    use super::reason;

    #[test]
    fn a_reason_may_name_the_rule_it_maps_to() {
        let ruled = reason("claims: the rotation is not shown").unwrap();
        assert_eq!((ruled.rule, ruled.text.as_str()), (Some(Rule::Claims), "the rotation is not shown"));
        let free = reason("see minutes: item 4").unwrap();
        assert_eq!((free.rule, free.text.as_str()), (None, "see minutes: item 4"));
    }
}
