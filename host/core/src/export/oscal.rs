//! The package as an OSCAL plan of action and milestones (POA&M 1.2, JSON).
//!
//! The exception is one risk: a deviation is requested for it, approved when the board grants it, and it ends with its deadline.
//! Compensating controls are its mitigating factors, the ledger its log. Each cited revision of evidence is an
//! observation with the time it was collected and the time until which it counts. OSCAL has no word for dissent, so each objection is
//! a POA&M item of its own, a property of the risk in Probity's namespace, and stands in the risk's log with all
//! that happened to it.
//!
//! OSCAL's prose is Markdown and its UUIDs are of version 4 or 5: texts are escaped, UUIDs made of names.
//!
//! Deliberately absent: findings and controls. A claim of a packet is neither, and what a reader could take for an
//! assessment's result must not be made up; claims are properties of the first item.

mod log;
mod observations;
mod people;
mod value;

use serde_json::{Value, json};

use self::people::People;
use self::value::{Prop, line, prop, pruned};
use super::markdown::{escape, paragraph};
use super::outline::evidence::{quoted, test_words};
use super::uuid::Names;
use crate::event::Section;
use crate::package::{CitedPlace, ClaimRow, FateRow, ObjectionRow, Package, Span};
use crate::packet::{FateWord, HandoffState};
use crate::readiness::Verdict;

/// The version of OSCAL the document is written for.
const OSCAL: &str = "1.2.1";

/// The document.
pub fn write(package: &Package) -> Result<Vec<u8>, serde_json::Error> {
    let names = Names(&package.packet);
    let people = People::of(package, &names);
    let mut document = pruned(json!({"plan-of-action-and-milestones": {
        "uuid": names.uuid("plan", format!("{}:{}", package.ledger.head.seq, package.instant)),
        "metadata": metadata(package, &people),
        "system-id": {"identifier-type": value::NAMESPACE, "id": line(package.terms.system.as_str())},
        "local-definitions": observations::definitions(package, &names),
        "observations": observations::observations(package, &names),
        "risks": [risk(package, &names, &people)],
        "poam-items": items(package, &names, &people),
        "back-matter": {"resources": observations::resources(package, &names)},
    }}));
    document.sort_all_objects();
    serde_json::to_vec_pretty(&document)
}

fn metadata(package: &Package, people: &People<'_>) -> Value {
    json!({
        "title": escape(&line(&package.title)),
        "last-modified": package.instant,
        "version": format!("entry-{}", package.ledger.head.seq),
        "oscal-version": OSCAL,
        "document-ids": [{"identifier": package.packet}],
        "props": [
            prop("exception", &package.exception),
            prop("verdict", package.verdict),
            prop("ledger-head", package.ledger.head.digest),
            prop("text-digest", package.text),
            prop("approval-digest", package.approval),
            prop("readiness-report", package.report),
            prop("board-policy", package.policy),
            prop("subject-map", package.subjects),
            package.submission.as_ref().map_or(Value::Null, |submission| prop("submission", submission)),
        ],
        "roles": people.roles(),
        "parties": people.parties(),
        "responsible-parties": people.responsible(package),
    })
}

/// The exception as a risk.
fn risk(package: &Package, names: &Names<'_>, people: &People<'_>) -> Value {
    let factors = spans(package, Section::CompensatingControls).map(|span| {
        json!({
            "uuid": names.uuid("mitigating-factor", span.passage),
            "description": paragraph(&span.text),
            "props": [
                prop("passage", span.passage),
                prop("origin", span.origin),
                prop("accepted-by", &span.accepted_by),
                if span.narrative { prop("narrative", "true") } else { Value::Null },
            ],
        })
    });
    json!({
        "uuid": risk_uuid(names),
        "title": escape(&line(&package.title)),
        "description": prose(package, Section::Summary),
        "statement": prose(package, Section::ResidualRisk),
        "props": package.objections.iter().map(objection_prop).collect::<Vec<_>>(),
        "status": status(package),
        "origins": [{"actors": [people.actor(&package.ledger.author)]}],
        "characterizations": package.objections.iter().filter_map(|row| characterization(row, people)).collect::<Vec<_>>(),
        "mitigating-factors": factors.collect::<Vec<_>>(),
        "deadline": package.terms.expires,
        "remediations": [remediation(package, names)],
        "risk-log": log::of(package, names, people),
        "related-observations": observations::related(package, names),
    })
}

fn risk_uuid(names: &Names<'_>) -> String {
    names.uuid("risk", "exception")
}

/// What a log entry and the risk itself say of the deviation.
fn status(package: &Package) -> &'static str {
    let decided = package.ledger.handoffs.last().map(|handoff| &handoff.state);
    match (package.verdict, decided) {
        (Verdict::Withdrawn, _) => "open",
        (_, Some(HandoffState::Decided { granted: true, .. })) => "deviation-approved",
        (Verdict::HandingOff | Verdict::HandedOff, Some(HandoffState::Decided { granted: false, .. })) => {
            "open"
        }
        (Verdict::HandingOff | Verdict::HandedOff, _) => "deviation-requested",
        _ => "open",
    }
}

/// The severity that a reviewer whose objection stands gives the risk.
fn characterization(row: &ObjectionRow, people: &People<'_>) -> Option<Value> {
    (row.fate.word() != FateWord::Withdrawn).then(|| {
        json!({
            "origin": {"actors": [people.actor(&row.raised_by)]},
            "facets": [{
                "name": "severity",
                "system": value::NAMESPACE,
                "value": row.severity.as_str(),
                "props": [prop("objection", row.objection)],
            }],
        })
    })
}

/// The way out of the exception: the migration plan, and what happens after the handoff.
fn remediation(package: &Package, names: &Names<'_>) -> Value {
    let tasks: Vec<_> = package
        .follow_ups
        .iter()
        .map(|row| {
            json!({
                "uuid": names.uuid("task", row.id),
                "type": "milestone",
                "title": escape(&line(&row.what)),
                "props": [
                    prop("follow-up", row.id),
                    prop("owner", &row.owner),
                    row.done.map_or(Value::Null, |done| prop("done", done)),
                ],
                "timing": {"on-date": {"date": row.due}},
            })
        })
        .collect();
    if tasks.is_empty() && spans(package, Section::MigrationPlan).next().is_none() {
        return Value::Null;
    }
    json!({
        "uuid": names.uuid("remediation", "migration-plan"),
        "lifecycle": "planned",
        "title": "Migration plan and follow-ups",
        "description": prose(package, Section::MigrationPlan),
        "tasks": tasks,
    })
}

fn items(package: &Package, names: &Names<'_>, people: &People<'_>) -> Vec<Value> {
    let related = json!([{"risk-uuid": risk_uuid(names)}]);
    let mut properties: Vec<Value> =
        package.language.iter().flat_map(|section| &section.spans).map(span_prop).collect();
    properties.extend(package.claims.iter().map(claim_prop));
    properties.extend(package.drafts.iter().map(|draft| {
        Prop::new("draft", &draft.name)
            .remarks(&format!("By {}; nobody accepted or declined it.", draft.by))
            .value()
    }));
    let condition = package.ledger.condition.as_ref().map(|condition| condition.text.as_str());
    let next = &package.ledger.next;
    let mut items = vec![json!({
        "uuid": names.uuid("item", "exception"),
        "title": escape(&line(&package.title)),
        "description": prose(package, Section::Summary),
        "props": properties,
        "related-observations": observations::related(package, names),
        "related-risks": related,
        "remarks": format!(
            "Condition for handing over: {}\n\nNext: {}: {}\n\n{}",
            condition.map_or_else(|| "not stated".to_owned(), paragraph),
            escape(&next.who),
            paragraph(&next.what),
            blockers(package)
        ),
    })];
    items.extend(package.objections.iter().map(|row| {
        json!({
            "uuid": names.uuid("item", row.objection),
            "title": escape(&format!("{}: {}", row.objection, line(&row.issue))),
            "description": paragraph(&row.issue),
            "props": [objection_prop(row)],
            "origins": [{"actors": [people.actor(&row.raised_by)]}],
            "related-risks": related,
            "remarks": objection_remarks(row),
        })
    }));
    items
}

fn blockers(package: &Package) -> String {
    if package.ledger.blockers.is_empty() {
        return "Nothing stands in the way.".to_owned();
    }
    let lines: Vec<_> = package
        .ledger
        .blockers
        .iter()
        .map(|line| format!("{}: {}", line.rule, escape(&line.reason)))
        .collect();
    format!("In the way: {}", lines.join("\\\n"))
}

fn objection_prop(row: &ObjectionRow) -> Value {
    Prop::new("objection", row.objection)
        .class(row.fate.word().as_str())
        .remarks(&objection_remarks(row))
        .value()
}

/// The whole objection in Markdown, its fate first.
fn objection_remarks(row: &ObjectionRow) -> String {
    let mut parts = vec![fate(row), format!("Issue: {}", paragraph(&row.issue))];
    parts.push(format!("Rationale: {}", paragraph(&row.rationale)));
    parts.push(format!("What would remove it: {}", paragraph(&row.removes)));
    parts.push(format!(
        "Topic {}, severity {}, raised by {} on {}.",
        row.topic,
        row.severity.as_str(),
        escape(row.raised_by.as_str()),
        row.raised
    ));
    if let Some(carried) = &row.carried_from {
        parts.push(format!("Carried from {} of packet {}.", carried.objection, carried.packet));
    }
    for answer in &row.answers {
        let by = escape(answer.by.as_str());
        parts.push(format!("Answer by {by} on {}: {}", answer.at, paragraph(&answer.text)));
        parts.extend(answer.cites.iter().map(cited));
    }
    parts.join("\n\n")
}

fn fate(row: &ObjectionRow) -> String {
    match &row.fate {
        FateRow::Open => "Open.".to_owned(),
        FateRow::Withdrawn { by, at, reason, .. } => {
            format!("Withdrawn by {} on {at}: {}", escape(by.as_str()), paragraph(reason))
        }
        FateRow::RiskAccepted { by, at, rationale, expires, in_date, .. } => format!(
            "Risk accepted by {} on {at} until {expires}{}: {}",
            escape(by.as_str()),
            if *in_date { "" } else { ", which has passed" },
            paragraph(rationale)
        ),
    }
}

fn cited(place: &CitedPlace) -> String {
    format!("Cites source-{} at {}: {}", place.source, escape(&place.pointer), escape(&quoted(&place.quoted)))
}

fn claim_prop(row: &ClaimRow) -> Value {
    let mut remarks = vec![paragraph(&row.text), format!("Reasoning: {}", paragraph(&row.reasoning))];
    remarks.extend(row.test.as_ref().map(|test| format!("Tested by: {}", escape(&test_words(test)))));
    remarks.extend(row.cites.iter().chain(&row.addresses).map(cited));
    let standing = row.standing.map_or("not-examined", |standing| standing.as_str());
    Prop::new("claim", row.claim).class(standing).remarks(&remarks.join("\n\n")).value()
}

fn span_prop(span: &Span) -> Value {
    let agent = if span.by_agent { " (an agent)" } else { "" };
    let edited = if span.edited { "edited" } else { "as proposed" };
    let narrative = if span.narrative { " Narrative: no material statement." } else { "" };
    let remarks = format!(
        "{}\n\nOrigin {}; proposed by {}{agent}; accepted by {} on {}, {edited}.{narrative}",
        paragraph(&span.text),
        span.origin,
        escape(span.proposed_by.as_str()),
        escape(span.accepted_by.as_str()),
        span.accepted
    );
    Prop::new("passage", span.passage).class(span.origin.as_str()).remarks(&remarks).value()
}

fn spans(package: &Package, section: Section) -> impl Iterator<Item = &Span> {
    package
        .language
        .iter()
        .filter(move |language| language.section == section)
        .flat_map(|language| &language.spans)
}

/// A section's accepted language, or the plain word that there is none: OSCAL asks for the text.
fn prose(package: &Package, section: Section) -> String {
    let texts: Vec<_> = spans(package, section).map(|span| paragraph(&span.text)).collect();
    if texts.is_empty() {
        format!("No language was accepted for the section {section}.")
    } else {
        texts.join("\n\n")
    }
}
