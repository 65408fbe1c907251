//! A finding as JSON: the largest object, and the one whose flags have to agree with each other.

use std::sync::LazyLock;

use jiff::civil::Date;
use probity_core::canonical::Digest;
use serde_json::{Value, json};

use super::{
    Object, filled, kind_number, note, object, optional_date, optional_time, risk_acceptance, shape, time,
};
use crate::demo::dojo::tracker::{Finding, Status, Tracker, day};

static FINDING: LazyLock<Object> = LazyLock::new(|| shape(include_str!("../shape/finding.json")));

/// A finding; with `related`, its test, engagement and product are written out inside it.
pub(in super::super) fn finding(tracker: &Tracker, finding: &Finding, related: bool) -> Value {
    let mut members = status(tracker, finding);
    members.extend(standing(tracker, finding));
    members.extend(text(finding));
    let mut value = filled(&FINDING, Value::Object(members));
    if related {
        value["related_fields"] = related_fields(tracker, finding);
    }
    value
}

/// The flags that one status becomes.
fn status(tracker: &Tracker, finding: &Finding) -> Object {
    let status = finding.status;
    let (at, by) = match status {
        Status::Mitigated { at, by } => (Some(at), Some(by)),
        // The server closes these with the day of their last change.
        Status::FalsePositive | Status::OutOfScope => (Some(finding.last_status_update), None),
        _ => (None, None),
    };
    let ended = at.unwrap_or(tracker.now);
    let days = |from: Date, to: Date| to.duration_since(from).as_hours() / 24;
    let duplicate = if let Status::Duplicate { of } = status { Some(of) } else { None };
    object(json!({
        "active": matches!(status, Status::Active | Status::UnderReview),
        "verified": finding.verified,
        "under_review": status == Status::UnderReview,
        "risk_accepted": status == Status::RiskAccepted,
        "is_mitigated": at.is_some(),
        "mitigated": optional_time(at),
        "mitigated_by": by,
        "false_p": status == Status::FalsePositive,
        "out_of_scope": status == Status::OutOfScope,
        "duplicate": duplicate.is_some(),
        "duplicate_finding": duplicate,
        "display_status": display_status(finding),
        "age": days(finding.date, day(ended)),
        "sla_days_remaining": finding.due.map(|due| days(day(ended), due)),
        "sla_expiration_date": optional_date(finding.due),
    }))
}

/// The same in words: `Inactive, Verified, Risk Accepted`.
fn display_status(finding: &Finding) -> String {
    let status = finding.status;
    let closed = matches!(status, Status::Mitigated { .. } | Status::FalsePositive | Status::OutOfScope);
    let words = [
        ("Under Review", status == Status::UnderReview),
        ("Active", matches!(status, Status::Active | Status::UnderReview)),
        ("Inactive", !matches!(status, Status::Active | Status::UnderReview)),
        ("Verified", finding.verified),
        ("Mitigated", closed),
        ("False Positive", status == Status::FalsePositive),
        ("Out Of Scope", status == Status::OutOfScope),
        ("Duplicate", matches!(status, Status::Duplicate { .. })),
        ("Risk Accepted", status == Status::RiskAccepted),
    ];
    let words: Vec<&str> = words.into_iter().filter_map(|(word, holds)| holds.then_some(word)).collect();
    words.join(", ")
}

/// Where a finding stands among the tracker's other entries, and its times.
fn standing(tracker: &Tracker, finding: &Finding) -> Object {
    let accepted = tracker.risk_acceptances.iter().filter(|one| one.findings.contains(&finding.id));
    let accepted: Vec<Value> = accepted.map(|one| risk_acceptance(tracker, one)).collect();
    let notes: Vec<Value> = finding.notes.iter().map(|one| note(tracker, one)).collect();
    let traffic = finding.traffic.iter();
    let traffic: Vec<Value> =
        traffic.map(|(request, response)| json!({ "request": request, "response": response })).collect();
    let vulnerabilities = finding.vulnerability_ids.iter();
    let vulnerabilities: Vec<Value> = vulnerabilities.map(|id| json!({ "vulnerability_id": id })).collect();
    object(json!({
        "id": finding.id,
        "test": finding.test,
        "found_by": [kind_number(tracker, finding.test)],
        "reporter": finding.reporter,
        "accepted_risks": accepted,
        "notes": notes,
        "request_response": { "req_resp": traffic },
        "vulnerability_ids": vulnerabilities,
        "tags": finding.tags,
        "date": finding.date.to_string(),
        "created": time(finding.created),
        "updated": time(finding.updated),
        "last_status_update": time(finding.last_status_update),
        "last_reviewed": optional_time(finding.last_reviewed),
        "planned_remediation_date": optional_date(finding.planned_remediation),
    }))
}

fn text(finding: &Finding) -> Object {
    let component = finding.component.as_ref();
    object(json!({
        "title": finding.title,
        "severity": finding.severity.as_str(),
        "numerical_severity": finding.severity.code(),
        "description": finding.description,
        "mitigation": finding.mitigation,
        "impact": finding.impact,
        "cwe": finding.cwe.unwrap_or(0),
        "known_exploited": finding.known_exploited,
        "component_name": component.map(|component| &component.name),
        "component_version": component.and_then(|component| component.version.as_ref()),
        "file_path": finding.file_path,
        "line": finding.line,
        "url": finding.url,
        "service": finding.service,
        "hash_code": hash_code(finding),
    }))
}

/// Stays the same whatever is remarked, decided or changed about the finding.
fn hash_code(finding: &Finding) -> String {
    let place = (finding.file_path.as_deref().unwrap_or(""), finding.line.unwrap_or(0));
    let digest = Digest::of(format!("{}\n{:?}\n{place:?}", finding.title, finding.cwe).as_bytes());
    hex::encode(digest.as_bytes())
}

fn related_fields(tracker: &Tracker, finding: &Finding) -> Value {
    let test = tracker.test(finding.test);
    let engagement = test.and_then(|test| tracker.engagement(test.engagement));
    let product = engagement.and_then(|engagement| tracker.product(engagement.product));
    let product = product.map(|product| {
        json!({ "id": product.id, "name": product.name, "prod_type": { "id": 1, "name": "Services" } })
    });
    let engagement = engagement.map(|engagement| {
        json!({
            "id": engagement.id,
            "name": engagement.name,
            "description": null,
            "product": product,
            "target_start": engagement.start.to_string(),
            "target_end": engagement.end.to_string(),
            "branch_tag": null,
            "engagement_type": "Interactive",
            "build_id": null,
            "commit_hash": null,
            "version": null,
            "created": time(engagement.created),
            "updated": time(engagement.updated),
        })
    });
    let test = test.map(|test| {
        json!({
            "id": test.id,
            "title": null,
            "test_type": { "id": kind_number(tracker, test.id), "name": test.kind },
            "engagement": engagement,
            "environment": { "id": 1, "name": "Production" },
            "branch_tag": null,
            "build_id": null,
            "commit_hash": null,
            "version": null,
        })
    });
    json!({ "test": test, "jira": null })
}
