//! `probity evidence …`: what was found, and the way back to the bytes.

use std::path::Path;

use clap::{Args, Subcommand};
use probity_core::evidence::Kind;
use probity_core::id::{ConnectionName, EvidenceId, StreamId};
use probity_core::instant::Instant;
use serde::Serialize;

use super::Exit;
use super::host::{Host, local};
use super::output::{Output, facts, say, table, visible};
use crate::casework::view::{
    CitationView, EvidenceView, FreshnessView, LocatorView, ObtainedView, SightingView, TraceView,
};
use crate::casework::{EvidenceQuery, Slice, TraceQuery};

const EXAMPLES: &str = "\
Examples:
  probity evidence list --kind finding --state open
  probity evidence list --subject service:payments-bridge --fresh
  probity evidence list --at 2026-11-01T00:00:00Z      as it stood then
  probity evidence list --text broker --output json";

#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// List evidence, oldest first.
    List(ListArguments),
    /// Show one piece of evidence and its revisions.
    Show(ShowArguments),
    /// Show where evidence comes from: run, page, request, captured bytes, and the cited words.
    Trace(TraceArguments),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ListArguments {
    /// Only this kind: finding, exception, control-review, requirement, …
    #[arg(long)]
    kind: Option<Kind>,
    /// Only what is about this subject, for example service:payments-bridge.
    #[arg(long)]
    subject: Option<String>,
    /// Only from this connection.
    #[arg(long)]
    connection: Option<ConnectionName>,
    /// Only from this stream.
    #[arg(long)]
    stream: Option<StreamId>,
    /// Only what stands like this, in the kind's own word: open, risk-accepted, active, effective, …
    #[arg(long)]
    state: Option<String>,
    /// Only what has all these words in its title, summary or id.
    #[arg(long)]
    text: Option<String>,
    /// Only what still counts.
    #[arg(long, conflicts_with = "stale")]
    fresh: bool,
    /// Only what does not count any more, or cannot be told to.
    #[arg(long)]
    stale: bool,
    /// Include what is missing from its source.
    #[arg(long)]
    absent: bool,
    /// As it stood at this instant.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(Slice::MAX)))]
    limit: u32,
    /// Go on after this id, as the listing before said.
    #[arg(long, value_name = "ID")]
    after: Option<EvidenceId>,
}

#[derive(Debug, Args)]
pub struct ShowArguments {
    /// The evidence's id, as `evidence list` shows it.
    id: EvidenceId,
    /// As it stood at this instant.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
}

#[derive(Debug, Args)]
pub struct TraceArguments {
    /// The evidence's id, as `evidence list` shows it.
    id: EvidenceId,
    /// This revision instead of the latest.
    #[arg(long)]
    revision: Option<u32>,
    /// At most so many sightings, latest first.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(TraceQuery::MAX_SIGHTINGS)))]
    limit: u32,
}

/// A page of a listing, as the API writes it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Listed {
    items: Vec<EvidenceView>,
    next: Option<String>,
    as_of: Instant,
}

/// Evidence and its revisions.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown {
    evidence: EvidenceView,
    revisions: Vec<EvidenceView>,
}

pub async fn run(file: &Path, command: EvidenceCommand, output: &Output) -> anyhow::Result<Exit> {
    let host = Host::open(file).await?;
    match command {
        EvidenceCommand::List(arguments) => list(&host, arguments, output).await,
        EvidenceCommand::Show(arguments) => show(&host, &arguments, output).await,
        EvidenceCommand::Trace(arguments) => trace(&host, &arguments, output).await,
    }
}

async fn list(host: &Host, arguments: ListArguments, output: &Output) -> anyhow::Result<Exit> {
    let fresh = match (arguments.fresh, arguments.stale) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    };
    let query = EvidenceQuery {
        kind: arguments.kind,
        subject: arguments.subject,
        connection: arguments.connection,
        stream: arguments.stream,
        state: arguments.state,
        text: arguments.text,
        fresh,
        absent: arguments.absent,
        at: arguments.at,
    };
    let slice = Slice { limit: arguments.limit, after: arguments.after.map(|id| id.to_string()) };
    let (listing, as_of) = host.casework().evidence_list(&local()?, query, &slice).await?;
    let listed = Listed { items: listing.items, next: listing.next, as_of };
    output.write(&listed, |listed| rows(&listed.items))?;
    if let Some(next) = listed.next.filter(|_| !output.is_json()) {
        say(&format!("there is more: --after {next}"));
    }
    Ok(Exit::Done)
}

fn rows(items: &[EvidenceView]) -> String {
    if items.is_empty() {
        return "nothing matches".to_owned();
    }
    table(
        &["id", "kind", "state", "counts", "title"],
        items.iter().map(|evidence| {
            vec![
                evidence.id.to_string(),
                evidence.kind.to_string(),
                evidence.body.state().unwrap_or("-").to_owned(),
                counts(evidence),
                shortened(&evidence.title, 72),
            ]
        }),
    )
}

/// The beginning of a quotation, as far as a terminal has room: long lines are broken, and of what a source sent nothing steers the
/// terminal. The bytes themselves are under the capture's digest.
fn quoted(text: &str, truncated: bool) -> String {
    const WIDTH: usize = 100;
    const LINES: usize = 16;
    let mut lines = Vec::new();
    for line in visible(text).lines() {
        let characters: Vec<char> = line.chars().collect();
        lines.extend(characters.chunks(WIDTH).map(|chunk| chunk.iter().collect::<String>()));
    }
    let more = truncated || lines.len() > LINES;
    lines.truncate(LINES);
    let mut quoted: String = lines.iter().map(|line| format!("  │ {line}\n")).collect();
    if more {
        quoted.push_str("  │ …\n");
    }
    quoted
}

/// Whether evidence counts, in a few words.
fn counts(evidence: &EvidenceView) -> String {
    if evidence.absent {
        return "absent".to_owned();
    }
    match &evidence.freshness {
        FreshnessView::Fresh { until } => format!("until {}", day(*until)),
        FreshnessView::Stale { since, .. } => format!("stale since {}", day(*since)),
        FreshnessView::Unknown { .. } => "unknown".to_owned(),
    }
}

/// The day of an instant: what a table has room for.
fn day(instant: Instant) -> String {
    instant.to_string().chars().take(10).collect()
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

async fn show(host: &Host, arguments: &ShowArguments, output: &Output) -> anyhow::Result<Exit> {
    let casework = host.casework();
    let evidence = casework.evidence_get(&local()?, &arguments.id, arguments.at).await?;
    let revisions = casework.evidence_revisions(&local()?, &arguments.id, arguments.at).await?;
    output.write(&Shown { evidence, revisions }, for_people)?;
    Ok(Exit::Done)
}

fn for_people(shown: &Shown) -> String {
    let evidence = &shown.evidence;
    let or_none =
        |instant: Option<Instant>| instant.map_or_else(|| "not said".to_owned(), |at| at.to_string());
    let mut text = facts(&[
        ("title", evidence.title.clone()),
        ("kind", evidence.kind.to_string()),
        ("about", evidence.subjects.join(", ")),
        ("from", format!("{} / {} / {}", evidence.connection, evidence.stream, evidence.item)),
        ("in the source", evidence.url.clone().unwrap_or_else(|| "no link".to_owned())),
        ("source time", or_none(evidence.source_time)),
        ("collected", evidence.collected.to_string()),
        ("recorded", evidence.recorded.to_string()),
        ("last seen", evidence.last_seen.to_string()),
        ("expires", or_none(evidence.expires)),
        ("counts", counts(evidence)),
        ("revision", format!("{} of {}", evidence.revision, shown.revisions.len())),
        ("content", evidence.content.to_string()),
    ]);
    if let Some(exposure) = &evidence.exposure {
        text.push_str(&format!("\nEXPOSURE  {exposure}"));
    }
    let body = serde_json::to_string_pretty(&evidence.body).unwrap_or_default();
    text.push_str(&format!("\n\n{}\n\n{body}", evidence.summary));
    text
}

async fn trace(host: &Host, arguments: &TraceArguments, output: &Output) -> anyhow::Result<Exit> {
    let query = TraceQuery { revision: arguments.revision, at: None, limit: arguments.limit };
    let trace = host.casework().evidence_trace(&local()?, &arguments.id, &query).await?;
    let sound = trace
        .sightings
        .iter()
        .flat_map(|sighting| &sighting.citations)
        .all(|citation| citation.problem.is_none());
    output.write(&trace, traced)?;
    Ok(if sound { Exit::Done } else { Exit::Integrity })
}

fn traced(trace: &TraceView) -> String {
    let evidence = &trace.evidence;
    let mut text = format!("{}\n{} revision {}\n", evidence.title, evidence.id, evidence.revision);
    for sighting in &trace.sightings {
        text.push_str(&seen(sighting));
    }
    text
}

fn seen(sighting: &SightingView) -> String {
    let mut text = format!(
        "\nrun        {}\npage       {} of stream {}, collected {}, recorded {}\nconnector  {}\njournal    {}\n",
        sighting.run,
        sighting.page,
        sighting.stream,
        sighting.collected,
        sighting.recorded,
        sighting.connector,
        sighting.journal
    );
    for citation in &sighting.citations {
        text.push_str(&cited(citation));
    }
    text.trim_end().to_owned()
}

fn cited(citation: &CitationView) -> String {
    let obtained = match &citation.obtained {
        Some(ObtainedView::Response { url, status, .. }) => format!("{} answered {status}", visible(url)),
        Some(ObtainedView::File { mount, path }) => format!("file {} in mount {mount}", visible(path)),
        None => "not said by the journal".to_owned(),
    };
    let place = match &citation.locator {
        LocatorView::Whole => "all of it".to_owned(),
        LocatorView::Pointer { pointer } => format!("at {}", visible(pointer)),
        LocatorView::Lines { first, last } => format!("lines {first} to {last}"),
    };
    let mut text = format!(
        "obtained   {obtained}\ncapture    {} ({} bytes)\ncited      {place}\n",
        citation.capture, citation.size
    );
    match (&citation.excerpt, &citation.problem) {
        (Some(excerpt), _) => text.push_str(&quoted(&excerpt.text, excerpt.truncated)),
        (None, Some(problem)) => text.push_str(&format!("  PROBLEM: {problem}\n")),
        (None, None) => {}
    }
    text
}
