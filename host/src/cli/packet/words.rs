//! A statement in words: what a person is about to sign.

use std::collections::BTreeMap;

use probity_core::event::Decision;
use probity_core::id::EvidenceId;
use probity_core::packet::{FateWord, Packet};
use probity_core::statement::{ShownEvidence, Statement};

use super::desk::in_the_way;
use crate::casework::ToSign;
use crate::cli::output::{facts, visible};

/// The statement in words: what is decided, on what, and what is carried forward.
///
/// `titles` are those of the evidence shown, where they are known.
pub fn of(to_sign: &ToSign, packet: &Packet, titles: &BTreeMap<EvidenceId, String>) -> String {
    let statement = &to_sign.statement;
    let report = &to_sign.report;
    let until = match (statement.good_until, &statement.decides) {
        (Some(until), _) => format!("{until}, when the first of the evidence shown ends"),
        (None, Decision::ReadinessAccepted | Decision::PacketHandedOff { .. }) => {
            "nothing shown has an end".to_owned()
        }
        (None, _) => "this decision does not end with evidence".to_owned(),
    };
    let mut text = format!("As {}, you decide:\n\n  {}\n\n", statement.signer, decision(&statement.decides));
    text.push_str(&facts(&[
        ("packet", format!("{} ({})", visible(&packet.title), statement.packet)),
        ("shown", format!("entry {} ({})", statement.head.seq, statement.head.digest)),
        ("verdict", format!("{}, {}", report.verdict, in_the_way(report.blockers().count()))),
        ("approval", statement.approval.to_string()),
        ("policy", statement.policy.to_string()),
        ("good until", until),
        ("statement", to_sign.digest.to_string()),
    ]));
    text.push_str(&carried(statement, packet));
    text.push_str(&evidence(statement, packet, titles));
    text
}

/// A decision in a sentence.
pub fn decision(decision: &Decision) -> String {
    let text = match decision {
        Decision::OwnershipOffered { to } => format!("the approval is offered to {to}"),
        Decision::OwnershipAccepted => "the approval of this packet is yours from now on".to_owned(),
        Decision::OwnerReplaced { owner, reason } => {
            format!("{owner} takes the approval over from an owner who cannot act: {reason}")
        }
        Decision::ReviewRecorded { discipline, verdict, note } => {
            let note = if note.is_empty() { String::new() } else { format!(": {note}") };
            format!("for {discipline}, you {verdict} exactly this text{note}")
        }
        Decision::ObjectionWithdrawn { objection, reason } => {
            format!("{objection}, which you raised, is withdrawn: {reason}")
        }
        Decision::RiskAccepted { objection, rationale, expires } => {
            format!("you carry the residual risk of {objection} until {expires}: {rationale}")
        }
        Decision::LoopResumed { causes, incident, outcome } => {
            let causes: Vec<_> = causes.iter().map(ToString::to_string).collect();
            format!("the loop goes on, {} being handled in {incident}: {outcome}", causes.join(", "))
        }
        Decision::ReadinessAccepted => "this packet is ready for the board".to_owned(),
        Decision::PacketHandedOff { condition, .. } => {
            format!("this packet goes to the board; you attest that its condition holds: {condition}")
        }
    };
    visible(&text)
}

/// The dissent that goes along, whatever is decided.
fn carried(statement: &Statement, packet: &Packet) -> String {
    if statement.objections.is_empty() {
        return "\n\nno objection is carried forward".to_owned();
    }
    let mut text = "\n\nobjections carried forward".to_owned();
    for shown in &statement.objections {
        let issue = packet.objections.get(&shown.objection);
        let fate = match shown.fate {
            FateWord::Open => "OPEN",
            FateWord::RiskAccepted => "risk accepted",
            FateWord::Withdrawn => "withdrawn",
        };
        let by = issue.map_or_else(String::new, |objection| {
            format!(", {} by {}: {}", objection.severity.as_str(), objection.by, visible(&objection.issue))
        });
        text.push_str(&format!("\n  {} ({fate}){by}", shown.objection));
    }
    text
}

/// What was shown, each revision with the claims that cite it.
fn evidence(statement: &Statement, packet: &Packet, titles: &BTreeMap<EvidenceId, String>) -> String {
    if statement.evidence.is_empty() {
        return "\n\nno evidence is cited".to_owned();
    }
    let mut cited: BTreeMap<ShownEvidence, Vec<String>> = BTreeMap::new();
    for claim in packet.accepted_claims() {
        for citation in claim.claim.citations.iter().chain(&claim.claim.addresses) {
            let claims = cited.entry(ShownEvidence::from(citation)).or_default();
            if claims.last() != Some(&claim.id.to_string()) {
                claims.push(claim.id.to_string());
            }
        }
    }
    let mut text = format!("\n\nevidence shown, {} revision(s)", statement.evidence.len());
    for shown in &statement.evidence {
        let claims = cited.get(shown).map(|claims| claims.join(", ")).unwrap_or_default();
        let title =
            titles.get(&shown.evidence).map_or_else(String::new, |title| format!(": {}", visible(title)));
        text.push_str(&format!("\n  {} revision {} for {claims}{title}", shown.evidence, shown.revision));
    }
    text
}
