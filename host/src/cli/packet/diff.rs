//! `probity packet diff`: what differs between two places of one packet's ledger.
//!
//! Compared are the folds and the readiness reports at both: claims, packet language, objections, people, approvals, and the
//! lines of the report.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::ledger::{Entry, Head};
use probity_core::packet::Packet;
use probity_core::readiness::{Report, Score, Verdict};
use serde::Serialize;

use super::desk::Desk;
use super::said::{Named, when};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::visible;

#[derive(Debug, Clone, Copy)]
enum Place {
    Entry(u32),
    At(Instant),
    Now,
}

#[derive(Debug, Clone, Copy)]
struct Range {
    from: Place,
    to: Place,
}

fn range(text: &str) -> Result<Range, String> {
    let (from, to) =
        text.split_once("..").ok_or("write FROM..TO: 4..9, 2026-11-20..2026-11-25, or 4.. for until now")?;
    let place = |text: &str, left_out| match text {
        "" => Ok(left_out),
        text => text.parse().map(Place::Entry).or_else(|_| when(text).map(Place::At)),
    };
    Ok(Range { from: place(from, Place::Entry(1))?, to: place(to, Place::Now)? })
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct DiffArguments {
    #[command(flatten)]
    named: Named,
    /// From where to where: entries (4..9), instants or days (2026-11-20..2026-11-25); 4.. goes until now.
    #[arg(value_name = "FROM..TO", value_parser = range)]
    range: Range,
}

/// What differs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Difference {
    packet: PacketId,
    from: Side,
    to: Side,
    changes: Vec<Change>,
}

/// One of the two places.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Side {
    seq: u32,
    at: Instant,
    verdict: Verdict,
}

/// Something that is not the same at both.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Change {
    /// What sort of thing: claim, passage, objection, people, approval, line.
    of: &'static str,
    name: String,
    /// How it stood; none where it was not there.
    was: Option<String>,
    is: Option<String>,
}

pub async fn run(desk: &Desk, arguments: DiffArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let entries = desk.casework.entries(&id).await?;
    let now = desk.host.store.now().await?;
    let from = stood(desk, &id, &entries, arguments.range.from, now).await?;
    let to = stood(desk, &id, &entries, arguments.range.to, now).await?;
    let mut changes = Vec::new();
    for (of, then, after) in [
        ("claim", claims(&from), claims(&to)),
        ("passage", passages(&from.0), passages(&to.0)),
        ("objection", objections(&from.0), objections(&to.0)),
        ("people", people(&from.0), people(&to.0)),
        ("approval", approvals(&from.0), approvals(&to.0)),
        ("line", lines(&from.1), lines(&to.1)),
    ] {
        changes.extend(changed(of, &then, &after));
    }
    let difference = Difference { packet: id, from: side(&from), to: side(&to), changes };
    desk.output.write(&difference, for_people)?;
    Ok(Exit::Done)
}

type Stood = (Packet, Report);

/// The packet and its report at a place of its ledger.
async fn stood(
    desk: &Desk,
    id: &PacketId,
    entries: &[(Entry, Head)],
    place: Place,
    now: Instant,
) -> anyhow::Result<Stood> {
    let (upto, at): (Vec<_>, Instant) = match place {
        Place::Entry(seq) => {
            let last = entries.iter().find(|(entry, _)| entry.seq == seq);
            let (last, _) =
                last.with_context(|| format!("the ledger has entries 1 to {}, not {seq}", entries.len()))?;
            (entries.iter().filter(|(entry, _)| entry.seq <= seq).cloned().collect(), last.at)
        }
        Place::At(at) => {
            ensure!(at <= now, "{at} has not come yet (it is {now})");
            (entries.iter().filter(|(entry, _)| entry.at <= at).cloned().collect(), at)
        }
        Place::Now => (entries.to_vec(), now),
    };
    if upto.is_empty() {
        bail!("the packet was not open at {at}");
    }
    let report = desk.casework.packet_readiness(&local()?, id, Some(at)).await?;
    Ok((Packet::fold(&upto).map_err(|error| anyhow::anyhow!("{error}"))?, report))
}

fn side((packet, report): &Stood) -> Side {
    Side { seq: packet.head.seq, at: report.instant, verdict: report.verdict }
}

type Standing = BTreeMap<String, String>;

fn claims((packet, report): &Stood) -> Standing {
    let support =
        |id| report.claims.iter().find(|claim| claim.claim == id).map(|claim| claim.support.standing);
    packet
        .claims
        .values()
        .map(|claim| {
            let state = match support(claim.id) {
                Some(standing) if claim.is_accepted() => standing.to_string(),
                Some(standing) => format!("draft, {standing}"),
                None => "no longer in the packet".to_owned(),
            };
            (claim.id.to_string(), format!("{state}: {}", claim.claim.text))
        })
        .collect()
}

fn passages(packet: &Packet) -> Standing {
    use probity_core::packet::PassageState;
    let state = |state: &PassageState, text: &str| match state {
        PassageState::Proposed => format!("proposed: {text}"),
        PassageState::Accepted(accepted) => {
            format!("accepted by {}: {}", accepted.accepted_by, accepted.text)
        }
        PassageState::Declined { reason, by, .. } => format!("declined by {by} ({reason})"),
        PassageState::Replaced { by, .. } => format!("replaced by {by}"),
    };
    let passages = packet.passages.values();
    passages
        .map(|passage| {
            (passage.id.to_string(), format!("{}, {}", passage.section, state(&passage.state, &passage.text)))
        })
        .collect()
}

fn objections(packet: &Packet) -> Standing {
    let objections = packet.objections.values();
    objections
        .map(|objection| {
            let answers = objection.answers.len();
            let word = objection.word().as_str();
            (objection.id.to_string(), format!("{word}, {answers} answer(s): {}", objection.issue))
        })
        .collect()
}

fn people(packet: &Packet) -> Standing {
    let accepted = if packet.owner.accepted.is_some() { "accepted" } else { "not accepted yet" };
    let mut people = BTreeMap::from([
        ("author".to_owned(), packet.author.to_string()),
        ("owner".to_owned(), format!("{}, {accepted}", packet.owner.id)),
    ]);
    for (discipline, named) in &packet.reviewers {
        let named: Vec<_> = named.keys().map(ToString::to_string).collect();
        people.insert(format!("reviewers for {discipline}"), named.join(", "));
    }
    people
}

fn approvals(packet: &Packet) -> Standing {
    let mut approvals = BTreeMap::new();
    for review in &packet.reviews {
        approvals.insert(format!("{} by {}", review.discipline, review.by), review.verdict.to_string());
    }
    for (who, acceptance) in [("author", &packet.author_acceptance), ("owner", &packet.owner_acceptance)] {
        if let Some(acceptance) = acceptance {
            approvals.insert(
                format!("readiness, {who}"),
                format!("entry {} by {}", acceptance.seq, acceptance.by),
            );
        }
    }
    for handoff in &packet.handoffs {
        approvals.insert(format!("handoff {}", handoff.submission), format!("by {}", handoff.by));
    }
    approvals
}

/// What the report's lines say, by rule, subject and code.
fn lines(report: &Report) -> Standing {
    let blocks = |score| matches!(score, Score::Unsatisfied | Score::Error);
    let blocking = report.lines.iter().filter(|line| blocks(line.score));
    blocking
        .map(|line| {
            let subject = line.subject.as_deref().unwrap_or("packet");
            (format!("{} {subject} {}", line.rule, line.code), line.reason.clone())
        })
        .collect()
}

fn changed(of: &'static str, was: &Standing, is: &Standing) -> Vec<Change> {
    let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    names
        .into_iter()
        .filter(|name| was.get(*name) != is.get(*name))
        .map(|name| Change { of, name: name.clone(), was: was.get(name).cloned(), is: is.get(name).cloned() })
        .collect()
}

fn for_people(difference: &Difference) -> String {
    let Difference { from, to, .. } = difference;
    let mut text = format!(
        "entry {} ({}, {})  to  entry {} ({}, {})",
        from.seq, from.at, from.verdict, to.seq, to.at, to.verdict
    );
    if difference.changes.is_empty() {
        text.push_str("\n\nnothing differs");
    }
    let mut of = "";
    for change in &difference.changes {
        if change.of != of {
            of = change.of;
            text.push_str(&format!("\n\n{of}"));
        }
        text.push_str(&format!("\n  {}", visible(&change.name)));
        for (sign, side) in [("-", &change.was), ("+", &change.is)] {
            if let Some(side) = side {
                text.push_str(&format!("\n    {sign} {}", visible(side)));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Place, range};

    #[test]
    fn a_range_is_of_entries_or_of_instants_and_may_be_open() {
        let entries = range("4..9").unwrap();
        assert!(matches!((entries.from, entries.to), (Place::Entry(4), Place::Entry(9))));
        assert!(matches!(range("2026-11-20..").unwrap().to, Place::Now));
        assert!(matches!(range("..2026-11-20T00:00:00Z").unwrap().to, Place::At(_)));
        for wrong in ["4", "4-9", "x..9", "-1..4"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }
}
