//! Words and claims: proposing them, and making them the author's.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use probity_core::actor::ActorKind;
use probity_core::claim::{Check, Cite, ClaimText, Query, Test};
use probity_core::event::{
    ClaimAccepted, ClaimMade, ClaimReaffirmed, ClaimRetracted, ConditionStated, DeclineReason, Event, Origin,
    PassageAccepted, PassageDeclined, PassageProposed, Section,
};
use probity_core::evidence::Kind;
use probity_core::id::{ClaimId, ObjectionId, PassageId};
use probity_core::packet::Packet;

use super::desk::Desk;
use super::said::{Named, Words, cite, read, requirement};
use crate::authz::Caller;
use crate::cli::Exit;
use crate::cli::host::local;

#[derive(Debug, Args)]
pub struct ProposeArguments {
    #[command(flatten)]
    named: Named,
    /// The section: summary, residual-risk, compensating-controls, rollback, migration-plan, expiry, monitoring or
    /// open-objections.
    #[arg(long)]
    section: Section,
    /// The words. With --quote they are taken from the evidence.
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present_any = ["text_file", "quote"],
        conflicts_with = "text_file"
    )]
    text: Option<String>,
    /// The words, from a file.
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// Quote this, word for word; the passage keeps the origin finding or policy for ever.
    #[arg(long, value_name = "EVIDENCE:/POINTER", value_parser = cite, conflicts_with = "objection")]
    quote: Option<Cite>,
    /// The words are this objection's, word for word.
    #[arg(long, value_name = "OBJECTION")]
    objection: Option<ObjectionId>,
    /// A claim the words lean on; may be given several times.
    #[arg(long, value_name = "CLAIM")]
    leans_on: Vec<ClaimId>,
    /// The accepted passage they are to replace.
    #[arg(long, value_name = "PASSAGE")]
    replaces: Option<PassageId>,
}

/// What is proposed and can be accepted.
#[derive(Debug, Clone, Copy)]
enum Draft {
    Passage(PassageId),
    Claim(ClaimId),
}

fn draft(text: &str) -> Result<Draft, String> {
    match (text.parse(), text.parse()) {
        (Ok(passage), _) => Ok(Draft::Passage(passage)),
        (_, Ok(claim)) => Ok(Draft::Claim(claim)),
        _ => Err("name a passage (passage-7) or a drafted claim (claim-9)".to_owned()),
    }
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct AcceptArguments {
    #[command(flatten)]
    named: Named,
    /// What is accepted: passage-7, or an agent's claim-9.
    #[arg(value_parser = draft)]
    draft: Draft,
    /// The words as you edit them, instead of as they were proposed.
    #[arg(long, value_name = "TEXT", conflicts_with = "text_file")]
    text: Option<String>,
    /// The same, from a file.
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// A claim the words lean on; may be given several times. Those proposed, if none is given.
    #[arg(long, value_name = "CLAIM")]
    leans_on: Vec<ClaimId>,
    /// The words carry no material statement, by your word. Every export shows this mark.
    #[arg(long)]
    narrative: bool,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct DeclineArguments {
    #[command(flatten)]
    named: Named,
    /// The passage: passage-7.
    passage: PassageId,
    /// Why: overstated, minimized, premature or other.
    #[arg(long)]
    reason: DeclineReason,
    /// What goes with it.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

const CLAIM_EXAMPLES: &str = "\
Examples:
  probity packet claim --text 'The credential is rotated every 30 days' --reasoning 'The vault says when it was last rotated' \\
      --cite 0197a3c0-…:/body/last-rotated --check 'age(/body/last-rotated) <= 30d'
  probity packet claim --text 'No critical finding is open' --reasoning 'The tracker was swept whole' \\
      --query 'no finding with state open and severity critical on service:payments-bridge in dojo'";

#[derive(Debug, Args)]
#[command(after_help = CLAIM_EXAMPLES)]
pub struct ClaimArguments {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    words: Words,
    /// How it follows from what is cited.
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present = "reasoning_file",
        conflicts_with = "reasoning_file"
    )]
    reasoning: Option<String>,
    /// The same, from a file.
    #[arg(long, value_name = "FILE")]
    reasoning_file: Option<PathBuf>,
    /// What it rests on; may be given several times. Probity quotes what stands there.
    #[arg(
        long,
        value_name = "EVIDENCE:/POINTER",
        value_parser = cite,
        required_unless_present = "query"
    )]
    cite: Vec<Cite>,
    /// A comparison that must hold on what is cited: `age(/body/last-rotated) <= 30d`, `[1] /body/outcome == "succeeded"`.
    #[arg(long, conflicts_with = "query")]
    check: Option<Check>,
    /// A count of evidence that must hold: `no finding with state open on service:x in dojo`.
    #[arg(long)]
    query: Option<Query>,
    /// A requirement it addresses, by the requirement's evidence id; may be given several times.
    #[arg(long, value_name = "EVIDENCE", value_parser = requirement)]
    address: Vec<Cite>,
    /// The claim it takes the place of.
    #[arg(long, value_name = "CLAIM")]
    replaces: Option<ClaimId>,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct RetractArguments {
    #[command(flatten)]
    named: Named,
    /// The claim: claim-9.
    claim: ClaimId,
    /// Why it no longer stands.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct ReaffirmArguments {
    #[command(flatten)]
    named: Named,
    /// The claim: claim-9. You saw the newer revisions of all it cites, and stand by it.
    claim: ClaimId,
}

#[derive(Debug, Args)]
pub struct ConditionArguments {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    words: Words,
    /// A claim that carries it; may be given several times.
    #[arg(long = "claim", value_name = "CLAIM")]
    claims: Vec<ClaimId>,
}

pub async fn propose(desk: &Desk, arguments: ProposeArguments) -> anyhow::Result<Exit> {
    let ProposeArguments { named, section, text, text_file, quote, objection, leans_on, replaces } =
        arguments;
    let (said, kind) = match &quote {
        Some(quote) => quoted(desk, quote).await.map(|(text, kind)| (Some(text), Some(kind)))?,
        None => (None, None),
    };
    let text = read(text, text_file.as_deref())?.or(said).unwrap_or_default();
    desk.append(&named, |_, caller| {
        let origin = origin(kind, objection, caller);
        let proposed =
            PassageProposed { section, text, origin, quotes: quote, objection, leans_on, replaces };
        Ok(Event::PassageProposed(proposed))
    })
    .await
}

/// Where words come from, by what they quote and who says them.
fn origin(quoted: Option<Kind>, objection: Option<ObjectionId>, caller: &Caller) -> Origin {
    match (quoted, objection) {
        (Some(Kind::Requirement), _) => Origin::Policy,
        (Some(_), _) => Origin::Finding,
        (None, Some(_)) => Origin::Objection,
        (None, None) if caller.kind() == ActorKind::Human => Origin::Human,
        (None, None) => Origin::Agent,
    }
}

/// The text that stands at a place in evidence, and the evidence's kind.
async fn quoted(desk: &Desk, place: &Cite) -> anyhow::Result<(String, Kind)> {
    let revisions = desk.casework.evidence_revisions(&local()?, &place.evidence, None).await?;
    let revision = match place.revision {
        None => revisions.iter().max_by_key(|evidence| evidence.revision),
        Some(number) => revisions.iter().find(|evidence| evidence.revision == number),
    };
    let evidence = revision.with_context(|| format!("evidence {} has no such revision", place.evidence))?;
    let whole = serde_json::to_value(evidence)?;
    match whole.pointer(&place.pointer).and_then(|value| value.as_str()) {
        Some(text) => Ok((text.to_owned(), evidence.kind)),
        None => bail!(
            "there is no text at {} of evidence {}; `probity evidence show {0}` shows what there is",
            place.pointer,
            place.evidence
        ),
    }
}

pub async fn accept(desk: &Desk, arguments: AcceptArguments) -> anyhow::Result<Exit> {
    let AcceptArguments { named, draft, text, text_file, leans_on, narrative } = arguments;
    let text = read(text, text_file.as_deref())?;
    let passage = match draft {
        Draft::Passage(passage) => passage,
        Draft::Claim(claim) => {
            if text.is_some() || narrative || !leans_on.is_empty() {
                bail!(
                    "a drafted claim is accepted as it is; to change it, make it anew with --replaces {claim}"
                );
            }
            return desk.append(&named, |_, _| Ok(Event::ClaimAccepted(ClaimAccepted { claim }))).await;
        }
    };
    desk.append(&named, |packet, _| {
        let leans_on = if leans_on.is_empty() && !narrative { proposed(packet, passage) } else { leans_on };
        Ok(Event::PassageAccepted(PassageAccepted { passage, text, leans_on, narrative }))
    })
    .await
}

/// What a passage was proposed to lean on.
fn proposed(packet: &Packet, passage: PassageId) -> Vec<ClaimId> {
    packet.passages.get(&passage).map(|passage| passage.leans_on.clone()).unwrap_or_default()
}

pub async fn decline(desk: &Desk, arguments: DeclineArguments) -> anyhow::Result<Exit> {
    let DeclineArguments { named, passage, reason, note } = arguments;
    desk.append(&named, |_, _| Ok(Event::PassageDeclined(PassageDeclined { passage, reason, note }))).await
}

pub async fn claim(desk: &Desk, arguments: ClaimArguments) -> anyhow::Result<Exit> {
    let ClaimArguments { named, words, reasoning, reasoning_file, .. } = arguments;
    let claim = ClaimText {
        text: words.read()?,
        reasoning: read(reasoning, reasoning_file.as_deref())?.unwrap_or_default(),
        citations: arguments.cite,
        test: arguments.check.map(Test::Check).or(arguments.query.map(Test::Query)),
        addresses: arguments.address,
    };
    let replaces = arguments.replaces;
    desk.append(&named, |_, _| Ok(Event::ClaimMade(ClaimMade { claim, replaces }))).await
}

pub async fn retract(desk: &Desk, arguments: RetractArguments) -> anyhow::Result<Exit> {
    let RetractArguments { named, claim, reason } = arguments;
    desk.append(&named, |_, _| Ok(Event::ClaimRetracted(ClaimRetracted { claim, reason }))).await
}

pub async fn reaffirm(desk: &Desk, arguments: ReaffirmArguments) -> anyhow::Result<Exit> {
    let ReaffirmArguments { named, claim: id } = arguments;
    desk.append(&named, |packet, _| {
        let Some(claim) = packet.claims.get(&id) else {
            bail!("there is no {id} in this packet; `probity packet show` lists its claims")
        };
        let newest = |citation: &probity_core::claim::Citation| Cite {
            evidence: citation.evidence.clone(),
            revision: None,
            pointer: citation.pointer.clone(),
        };
        Ok(Event::ClaimReaffirmed(ClaimReaffirmed {
            claim: id,
            citations: claim.claim.citations.iter().map(newest).collect(),
            addresses: claim.claim.addresses.iter().map(newest).collect(),
        }))
    })
    .await
}

pub async fn condition(desk: &Desk, arguments: ConditionArguments) -> anyhow::Result<Exit> {
    let ConditionArguments { named, words, claims } = arguments;
    let text = words.read()?;
    desk.append(&named, |_, _| Ok(Event::ConditionStated(ConditionStated { text, claims }))).await
}
