//! The tracker's entries as the JSON objects that DefectDojo's REST API v2 writes.
//!
//! The shapes are data: `shape/*.json` hold every member a real 3.2 server sends, at rest; the functions here
//! fill in what the sample tracker knows. So nothing a reader may meet is missing, and a member that a newer
//! server adds is one line in a data file.

mod finding;

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use probity_core::instant::Instant;
use serde_json::{Map, Value, json};

use super::tracker::{Decision, Engagement, Finding, Note, Product, RiskAcceptance, Test, Tracker};

pub(super) use finding::finding;

type Object = Map<String, Value>;

static ENGAGEMENT: LazyLock<Object> = LazyLock::new(|| shape(include_str!("shape/engagement.json")));
static TEST: LazyLock<Object> = LazyLock::new(|| shape(include_str!("shape/test.json")));
static PRODUCT: LazyLock<Object> = LazyLock::new(|| shape(include_str!("shape/product.json")));
static ACCEPTANCE: LazyLock<Object> = LazyLock::new(|| shape(include_str!("shape/risk_acceptance.json")));

fn shape(text: &str) -> Object {
    // The texts are part of this binary, and a test reads each of them.
    serde_json::from_str(text).unwrap_or_default()
}

/// A shape with some of its members filled in.
fn filled(shape: &Object, members: Value) -> Value {
    let mut object = shape.clone();
    if let Value::Object(members) = members {
        object.extend(members);
    }
    Value::Object(object)
}

/// RFC 3339 in UTC as Python writes it: six digits after the second, or none at all on the full second.
pub(super) fn time(instant: Instant) -> String {
    let timestamp = Timestamp::from(instant);
    if timestamp.subsec_nanosecond() == 0 { timestamp.to_string() } else { format!("{timestamp:.6}") }
}

fn optional_time(instant: Option<Instant>) -> Value {
    instant.map_or(Value::Null, |instant| Value::String(time(instant)))
}

fn optional_date(date: Option<Date>) -> Value {
    date.map_or(Value::Null, |date| Value::String(date.to_string()))
}

/// Kinds of test have numbers of their own; the sample counts them in the order of their first use.
fn kind_number(tracker: &Tracker, test: u64) -> usize {
    let kind = tracker.test(test).map(|test| test.kind.as_str());
    let mut kinds: Vec<&str> = Vec::new();
    for test in &tracker.tests {
        if !kinds.contains(&test.kind.as_str()) {
            kinds.push(&test.kind);
        }
    }
    kinds.iter().position(|known| Some(*known) == kind).map_or(0, |at| at + 1)
}

pub(super) fn test(tracker: &Tracker, test: &Test) -> Value {
    filled(
        &TEST,
        json!({
            "id": test.id,
            "engagement": test.engagement,
            "test_type": kind_number(tracker, test.id),
            "test_type_name": test.kind,
            "lead": tracker.people.first().map(|person| person.id),
            "target_start": time(test.created),
            "target_end": time(test.updated),
            "created": time(test.created),
            "updated": time(test.updated),
        }),
    )
}

pub(super) fn engagement(tracker: &Tracker, engagement: &Engagement) -> Value {
    let of_engagement = |finding: &u64| {
        let test = tracker.finding(*finding).and_then(|finding| tracker.test(finding.test));
        test.is_some_and(|test| test.engagement == engagement.id)
    };
    let accepted = tracker.risk_acceptances.iter().filter(|one| one.findings.iter().any(of_engagement));
    let accepted: Vec<u64> = accepted.map(|one| one.id).collect();
    filled(
        &ENGAGEMENT,
        json!({
            "id": engagement.id,
            "product": engagement.product,
            "name": engagement.name,
            "lead": tracker.people.first().map(|person| person.id),
            "target_start": engagement.start.to_string(),
            "target_end": engagement.end.to_string(),
            "created": time(engagement.created),
            "updated": time(engagement.updated),
            "risk_acceptance": accepted,
        }),
    )
}

pub(super) fn product(tracker: &Tracker, product: &Product) -> Value {
    let of_product = |finding: &&Finding| {
        let test = tracker.test(finding.test);
        let engagement = test.and_then(|test| tracker.engagement(test.engagement));
        engagement.is_some_and(|engagement| engagement.product == product.id)
    };
    let findings: Vec<u64> = tracker.findings.iter().filter(of_product).map(|finding| finding.id).collect();
    filled(
        &PRODUCT,
        json!({
            "id": product.id,
            "name": product.name,
            "description": product.description,
            "created": time(product.created),
            "updated": time(product.created),
            "findings_count": findings.len(),
            "findings_list": findings,
            "tags": product.tags,
        }),
    )
}

pub(super) fn risk_acceptance(tracker: &Tracker, acceptance: &RiskAcceptance) -> Value {
    let notes: Vec<Value> = acceptance.notes.iter().map(|one| note(tracker, one)).collect();
    let letter = Decision::letter;
    filled(
        &ACCEPTANCE,
        json!({
            "id": acceptance.id,
            "name": acceptance.name,
            "recommendation": letter(acceptance.recommendation),
            "recommendation_details": acceptance.recommendation_details,
            "decision": letter(acceptance.decision),
            "decision_details": acceptance.decision_details,
            "accepted_by": acceptance.accepted_by,
            "owner": acceptance.owner,
            "expiration_date": optional_time(acceptance.expires),
            "expiration_date_warned": optional_time(acceptance.warned),
            "expiration_date_handled": optional_time(acceptance.handled),
            "reactivate_expired": acceptance.reactivates,
            "created": time(acceptance.created),
            "updated": time(acceptance.updated),
            "accepted_findings": acceptance.findings,
            "notes": notes,
        }),
    )
}

pub(super) fn note(tracker: &Tracker, note: &Note) -> Value {
    let edit = note.edit.as_ref();
    let history: Vec<Value> = edit
        .map(|edit| {
            json!({
                "id": note.id,
                "note_type": null,
                "data": edit.before,
                "time": time(note.date),
                "current_editor": person(tracker, note.author),
            })
        })
        .into_iter()
        .collect();
    json!({
        "id": note.id,
        "author": person(tracker, note.author),
        "editor": edit.map(|edit| person(tracker, edit.by)),
        "history": history,
        "note_type": null,
        "entry": note.entry,
        "date": time(note.date),
        "private": note.private,
        "edited": edit.is_some(),
        // The server sets this on every note, edited or not.
        "edit_time": time(edit.map_or(note.date, |edit| edit.at)),
    })
}

/// Somebody as notes and inlined reporters show them.
pub(super) fn person(tracker: &Tracker, id: u64) -> Value {
    let username = tracker.person(id).map(|person| person.username.as_str());
    json!({ "id": id, "username": username, "first_name": "", "last_name": "" })
}

/// Whom the token belongs to, as `/user_profile/` tells it.
pub(super) fn profile(tracker: &Tracker) -> Value {
    let person = tracker.people.first();
    json!({
        "user": {
            "id": person.map(|person| person.id),
            "username": person.map(|person| &person.username),
            "first_name": "",
            "last_name": "",
            "email": "",
            "is_active": true,
            "is_superuser": false,
            "configuration_permissions": [],
        },
        "user_contact_info": null,
        "global_role": null,
        "dojo_group_member": [],
        "product_type_member": [],
        "product_member": [],
    })
}

fn object(value: Value) -> Object {
    if let Value::Object(object) = value { object } else { Object::new() }
}

#[cfg(test)]
mod tests {
    use super::{ACCEPTANCE, ENGAGEMENT, PRODUCT, TEST, time};

    #[test]
    fn times_have_six_digits_or_none() {
        for text in ["2026-11-22T21:29:09.300000Z", "2026-11-22T21:29:09.000001Z", "2026-11-22T21:29:09Z"] {
            assert_eq!(time(text.parse().unwrap()), text);
        }
    }

    #[test]
    fn every_shape_can_be_read() {
        let members = [&*ENGAGEMENT, &*TEST, &*PRODUCT, &*ACCEPTANCE].map(serde_json::Map::len);
        assert_eq!(members, [39, 25, 30, 18]);
    }
}
