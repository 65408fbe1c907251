//! `probity packet show`: the packet as it stands, part by part.

use clap::Args;
use probity_core::claim::Standing;
use probity_core::event::Section;
use probity_core::instant::Instant;
use probity_core::packet::{Claim, Fate, HandoffState, Objection, Packet, Passage, PassageState};
use probity_core::readiness::Report;

use super::desk::{Desk, in_the_way};
use super::said::{Named, when};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::{facts, visible};

#[derive(Debug, Args)]
pub struct ShowArguments {
    #[command(flatten)]
    named: Named,
    /// As it stood at this instant, or on this day's first moment.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    at: Option<Instant>,
}

pub async fn run(desk: &Desk, arguments: ShowArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let packet = desk.casework.packet_get(&local()?, &id, arguments.at).await?;
    let report = desk.casework.packet_readiness(&local()?, &id, arguments.at).await?;
    desk.output.write(&packet, |packet| for_people(packet, &report))?;
    Ok(Exit::Done)
}

fn for_people(packet: &Packet, report: &Report) -> String {
    let parts = [
        Some(head(packet, report)),
        sections(packet),
        claims(packet, report),
        objections(packet),
        remarks(packet),
        people(packet),
        stops(packet),
        condition(packet),
        follow_ups(packet),
        handoffs(packet),
        drafts(packet),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

fn head(packet: &Packet, report: &Report) -> String {
    let credential = packet.terms.credential.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let mut lines = vec![
        ("packet", packet.id.to_string()),
        ("title", visible(&packet.title)),
        ("exception", visible(&packet.exception)),
        ("system", packet.terms.system.to_string()),
        ("credential", credential),
        ("expires", packet.terms.expires.to_string()),
        ("opened", packet.opened.to_string()),
        ("board", visible(&packet.board)),
        ("verdict", format!("{}, {}", report.verdict, in_the_way(report.blockers().count()))),
        ("entry", format!("{} ({})", packet.head.seq, packet.head.digest)),
    ];
    if let Some(renewal) = &packet.renews {
        lines.push(("renews", format!("{}, with {} objection(s)", renewal.packet, renewal.carried.len())));
    }
    if let Some(withdrawn) = &packet.withdrawn {
        lines.push(("WITHDRAWN", format!("{}: {}", withdrawn.at, visible(&withdrawn.reason))));
    }
    facts(&lines)
}

/// A heading with what stands below it; nothing when nothing does.
fn under(heading: &str, blocks: Vec<String>) -> Option<String> {
    (!blocks.is_empty()).then(|| format!("{}\n{}", heading.to_uppercase(), blocks.join("\n")))
}

/// Each section with its accepted words, and where they come from.
fn sections(packet: &Packet) -> Option<String> {
    let blocks = Section::ALL.iter().flat_map(|section| {
        let accepted = packet.accepted_passages().filter(|(passage, _)| passage.section == *section);
        accepted
            .map(|(passage, accepted)| {
                let edited = if accepted.edited { ", edited" } else { "" };
                let rests = if accepted.narrative {
                    "narrative".to_owned()
                } else {
                    format!("leans on {}", listed(&accepted.leans_on))
                };
                format!(
                    "  {section}  [{} of {} by {}, accepted by {}{edited}; {rests}]\n{}",
                    passage.id,
                    passage.origin,
                    passage.by,
                    accepted.accepted_by,
                    indented(&accepted.text)
                )
            })
            .collect::<Vec<_>>()
    });
    under("sections", blocks.collect())
}

fn claims(packet: &Packet, report: &Report) -> Option<String> {
    under("claims", packet.accepted_claims().map(|claim| claimed(claim, report)).collect())
}

/// A claim with its support: each ground with its age or its fault.
fn claimed(claim: &Claim, report: &Report) -> String {
    let support = report.claims.iter().find(|found| found.claim == claim.id).map(|found| &found.support);
    let standing = support.map_or("not judged", |support| match support.standing {
        Standing::Supported => "supported",
        Standing::Stale => "STALE",
        Standing::Unsupported => "UNSUPPORTED",
        Standing::Contradicted => "CONTRADICTED",
    });
    let mut text = format!("  {} {standing}\n{}", claim.id, indented(&claim.claim.text));
    for ground in support.iter().flat_map(|support| &support.grounds) {
        let until = ground.until.map_or_else(String::new, |until| format!(", until {until}"));
        text.push_str(&format!("\n      - {}{until}", visible(&ground.reason)));
    }
    for citation in &claim.claim.citations {
        text.push_str(&format!(
            "\n      cites {} revision {} {}: {}",
            citation.evidence,
            citation.revision,
            citation.pointer,
            probity_core::text::excerpt(&citation.quoted.to_string(), 80)
        ));
    }
    text
}

fn objections(packet: &Packet) -> Option<String> {
    under("objections", packet.objections.values().map(objected).collect())
}

fn objected(objection: &Objection) -> String {
    let fate = match &objection.fate {
        Fate::Open => "OPEN".to_owned(),
        Fate::Withdrawn { at, reason, .. } => format!("withdrawn {at}: {}", visible(reason)),
        Fate::RiskAccepted { by, rationale, expires, .. } => {
            format!("risk accepted by {by} until {expires}: {}", visible(rationale))
        }
    };
    let target = objection.target.as_deref().map_or_else(String::new, |target| format!(" against {target}"));
    let mut text = format!(
        "  {} by {}, {} ({}){}\n      fate     {fate}\n      issue    {}\n      because  {}\n      removed by  {}",
        objection.id,
        objection.by,
        objection.topic,
        objection.severity.as_str(),
        visible(&target),
        visible(&objection.issue),
        visible(&objection.rationale),
        visible(&objection.removes)
    );
    if let Some(carried) = &objection.carried_from {
        text.push_str(&format!("\n      carried from {} of packet {}", carried.objection, carried.packet));
    }
    for answer in &objection.answers {
        let draft = if answer.draft { " (an agent's draft)" } else { "" };
        text.push_str(&format!(
            "\n      answer by {}{draft}, citing {}: {}",
            answer.by,
            answer.citations.len(),
            visible(&answer.text)
        ));
    }
    text
}

fn remarks(packet: &Packet) -> Option<String> {
    let remarks = packet.remarks.values().map(|remark| {
        let raised = remark.raised_as.map_or_else(String::new, |id| format!(", raised as {id}"));
        format!("  {} by {}{raised}: {}", remark.id, remark.by, visible(&remark.text))
    });
    under("remarks", remarks.collect())
}

fn people(packet: &Packet) -> Option<String> {
    let owner = &packet.owner;
    let taken = match (owner.accepted, &owner.offered) {
        (_, Some(to)) => format!("offered to {to}"),
        (Some(at), None) => format!("accepted {at}"),
        (None, None) => "not accepted yet".to_owned(),
    };
    let mut lines =
        vec![format!("  author    {}", packet.author), format!("  owner     {} ({taken})", owner.id)];
    for (discipline, named) in &packet.reviewers {
        for reviewer in named.keys() {
            let last = packet
                .reviews
                .iter()
                .rev()
                .find(|review| review.by == *reviewer && review.discipline == *discipline);
            let word = last.map_or_else(
                || "no review yet".to_owned(),
                |review| format!("{} at entry {} {}", review.verdict, review.seq, visible(&review.note)),
            );
            lines.push(format!("  reviewer  {reviewer} for {discipline}: {}", word.trim_end()));
        }
    }
    for (who, acceptance) in [("author", &packet.author_acceptance), ("owner", &packet.owner_acceptance)] {
        if let Some(acceptance) = acceptance {
            let until =
                acceptance.good_until.map_or_else(String::new, |until| format!(", good until {until}"));
            lines.push(format!(
                "  ready     said by the {who}, {}, at entry {}{until}",
                acceptance.by, acceptance.seq
            ));
        }
    }
    under("people", lines)
}

/// What stops the loop: holds and exposures.
fn stops(packet: &Packet) -> Option<String> {
    let holds =
        packet.open_holds().map(|hold| format!("  {} by {}: {}", hold.id, hold.by, visible(&hold.reason)));
    let causes =
        packet.open_causes().map(|cause| format!("  {} EXPOSURE: {}", cause.id, visible(&cause.reason)));
    under("stopped", causes.chain(holds).collect())
}

fn condition(packet: &Packet) -> Option<String> {
    let stated = packet.condition.as_ref()?;
    let carried = format!("  by {}, carried by {}", stated.by, listed(&stated.claims));
    under("condition for handing over", vec![indented(&stated.text), carried])
}

fn follow_ups(packet: &Packet) -> Option<String> {
    let follow_ups = packet.follow_ups.values().map(|follow_up| {
        let done =
            follow_up.done.map_or_else(|| format!("due {}", follow_up.due), |done| format!("done {done}"));
        format!("  {} {done}, {}: {}", follow_up.id, follow_up.owner, visible(&follow_up.what))
    });
    under("follow-ups", follow_ups.collect())
}

fn handoffs(packet: &Packet) -> Option<String> {
    let handoffs = packet.handoffs.iter().map(|handoff| {
        let state = match &handoff.state {
            HandoffState::Filing => "being filed".to_owned(),
            HandoffState::Unclear { problem } => {
                format!("UNCLEAR whether it was filed: {}", visible(problem))
            }
            HandoffState::Received { at, reference, .. } => {
                format!("received {at} as {}", visible(reference))
            }
            HandoffState::Accepted { at } => format!("accepted {at}"),
            HandoffState::Bounced { at, reasons } => {
                let reasons: Vec<_> = reasons.iter().map(|reason| visible(&reason.text)).collect();
                format!("bounced {at}: {}", reasons.join("; "))
            }
            HandoffState::Decided { at, decision, granted } => {
                let word = if *granted { "granted" } else { "refused" };
                format!("{word} {at}: {}", visible(decision))
            }
        };
        format!("  {} by {}: {state}", handoff.submission, handoff.by)
    });
    under("handoffs", handoffs.collect())
}

/// What nobody accepted yet.
fn drafts(packet: &Packet) -> Option<String> {
    let passages = packet.passages.values().filter_map(|passage| match &passage.state {
        PassageState::Proposed => Some(proposed(passage)),
        _ => None,
    });
    let claims =
        packet.claims.values().filter(|claim| claim.state == probity_core::packet::ClaimState::Draft);
    let claims =
        claims.map(|claim| format!("  {} by {}\n{}", claim.id, claim.by, indented(&claim.claim.text)));
    under("drafts (not packet language)", passages.chain(claims).collect())
}

fn proposed(passage: &Passage) -> String {
    let agent = if passage.by_agent { ", an agent" } else { "" };
    format!(
        "  {} for {}, origin {}, by {}{agent}\n{}",
        passage.id,
        passage.section,
        passage.origin,
        passage.by,
        indented(&passage.text)
    )
}

fn indented(text: &str) -> String {
    visible(text).lines().map(|line| format!("      {line}")).collect::<Vec<_>>().join("\n")
}

fn listed(claims: &[probity_core::id::ClaimId]) -> String {
    if claims.is_empty() {
        return "no claim".to_owned();
    }
    claims.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
