//! The risk's log: what happened to objections, what was signed, and what the board's intake did.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::people::People;
use super::value::{Prop, prop};
use crate::actor::Role;
use crate::event::Decision;
use crate::export::markdown::{escape, paragraph};
use crate::export::uuid::Names;
use crate::instant::Instant;
use crate::package::{Happening, ObjectionRow, Package, Signed};
use crate::packet::{Handoff, HandoffState};

/// The log; null when nothing happened.
pub fn of(package: &Package, names: &Names<'_>, people: &People<'_>) -> Value {
    let mut entries: Vec<(Instant, u32, Value)> = Vec::new();
    let mut told = BTreeSet::new();
    for row in &package.objections {
        for happening in &row.history {
            told.insert(happening.seq);
            entries.push((happening.at, happening.seq, happened(row, happening, names, people, package)));
        }
    }
    // What was signed about an objection is told with the objection.
    let is_told = |signed: &&Signed| {
        let about_one =
            matches!(signed.decides, Decision::ObjectionWithdrawn { .. } | Decision::RiskAccepted { .. });
        about_one && told.contains(&signed.seq)
    };
    for signed in package.signatures.iter().filter(|signed| !is_told(signed)) {
        entries.push((signed.at, signed.seq, decided(signed, names, people)));
    }
    for handoff in &package.ledger.handoffs {
        entries.extend(intake(handoff, names, people).map(|(at, entry)| (at, u32::MAX, entry)));
    }
    entries.sort_by_key(|(at, seq, _)| (*at, *seq));
    json!({"entries": entries.into_iter().map(|(_, _, entry)| entry).collect::<Vec<_>>()})
}

fn happened(
    row: &ObjectionRow,
    happening: &Happening,
    names: &Names<'_>,
    people: &People<'_>,
    package: &Package,
) -> Value {
    let fate = happening.fate.as_str();
    let signed = package.signatures.iter().find(|signed| signed.seq == happening.seq);
    let mut props = vec![
        Prop::new("objection", row.objection).class(fate).value(),
        prop("ledger-entry", happening.seq),
        prop("event", &happening.word),
    ];
    if !happening.by_human {
        props.push(prop("by-software", &happening.by));
    }
    props.extend(signed.into_iter().flat_map(signature_props));
    let said = happening.said.as_deref().map(paragraph);
    json!({
        "uuid": names.uuid("log", format!("{}:{}", happening.seq, row.objection)),
        "title": escape(&format!("{} {}", row.objection, happening.word)),
        "description": said.unwrap_or_else(|| paragraph(&row.issue)),
        "start": happening.at,
        "props": props,
        "logged-by": if happening.by_human {
            people.logged_by(&happening.by, signed.map(|signed| role_of(signed.role)))
        } else {
            Value::Null
        },
    })
}

fn decided(signed: &Signed, names: &Names<'_>, people: &People<'_>) -> Value {
    let (said, kind) = match &signed.decides {
        Decision::PacketHandedOff { condition, .. } => (Some(condition.clone()), Some("dr-submission")),
        Decision::ReviewRecorded { discipline, verdict, note } => {
            (Some(format!("{discipline}: {verdict}. {note}")), None)
        }
        Decision::OwnerReplaced { owner, reason } => (Some(format!("{owner}: {reason}")), None),
        Decision::LoopResumed { incident, outcome, .. } => (Some(format!("{incident}: {outcome}")), None),
        Decision::OwnershipOffered { to } => (Some(to.to_string()), None),
        Decision::ObjectionWithdrawn { reason, .. } => (Some(reason.clone()), None),
        Decision::RiskAccepted { rationale, .. } => (Some(rationale.clone()), None),
        Decision::OwnershipAccepted | Decision::ReadinessAccepted => (None, None),
    };
    let mut props = vec![prop("ledger-entry", signed.seq), prop("event", signed.decides.word())];
    props.extend(kind.map(|kind| json!({"name": "type", "value": kind})));
    props.extend(signature_props(signed));
    json!({
        "uuid": names.uuid("log", signed.seq),
        "title": escape(signed.decides.word()),
        "description": said.map(|said| paragraph(&said)),
        "start": signed.at,
        "props": props,
        "logged-by": people.logged_by(&signed.by, Some(role_of(signed.role))),
        "status-change": kind.map(|_| "deviation-requested"),
    })
}

fn signature_props(signed: &Signed) -> impl Iterator<Item = Value> {
    let statement = prop("statement", signed.statement);
    let key = signed.key.as_ref().map(|key| prop("key", key));
    let counting = prop("counting", signed.counting.as_str());
    [Some(statement), key, Some(counting)].into_iter().flatten()
}

/// A role that the document defines.
const fn role_of(role: Role) -> &'static str {
    match role {
        Role::Author | Role::Agent => "author",
        Role::ApprovalOwner => "approval-owner",
        Role::Reviewer => "reviewer",
        Role::Board => "board",
        Role::Operator | Role::Monitor => "operator",
    }
}

/// What the board's intake did with a handoff, where that says something of the deviation.
fn intake(handoff: &Handoff, names: &Names<'_>, people: &People<'_>) -> Option<(Instant, Value)> {
    let (at, title, said, kind, status) = match &handoff.state {
        HandoffState::Filing | HandoffState::Unclear { .. } => return None,
        HandoffState::Received { at, reference, .. } => {
            (*at, "received by the intake", reference.clone(), "dr-updated", Value::Null)
        }
        HandoffState::Accepted { at } => {
            (*at, "taken up by the board", handoff.submission.clone(), "dr-updated", Value::Null)
        }
        HandoffState::Bounced { at, reasons } => {
            let reasons: Vec<_> = reasons.iter().map(|reason| reason.text.as_str()).collect();
            (*at, "bounced by the board", reasons.join("\n"), "dr-rejected", json!("open"))
        }
        HandoffState::Decided { at, decision, granted: true } => {
            (*at, "granted by the board", decision.clone(), "dr-approved", json!("deviation-approved"))
        }
        HandoffState::Decided { at, decision, granted: false } => {
            (*at, "not granted by the board", decision.clone(), "dr-rejected", json!("open"))
        }
    };
    let entry = json!({
        "uuid": names.uuid("log", format!("intake:{}", handoff.seq)),
        "title": title,
        "description": paragraph(&said),
        "start": at,
        "props": [{"name": "type", "value": kind}, prop("submission", &handoff.submission)],
        "logged-by": [{"party-uuid": people.board_uuid(), "role-id": "board"}],
        "status-change": status,
    });
    Some((at, entry))
}
