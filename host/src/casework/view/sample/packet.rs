//! Samples of the loop: a packet just opened, and what is said about it.

use serde_json::{Value, json};

use super::{CONNECTION, CONTENT, EVIDENCE, JOURNAL, RUN, evidence};

const PACKET: &str = "019aab3c-6a10-7bb0-8000-1f4be5d0c004";
const HEAD: &str = "sha256:9c8b7a695847362514f3e2d1c0b9a887766b1f0a6b9c3a3c8e4a3c5c2a1f1e0d";
const POLICY: &str = "sha256:5847362514f3e2d1c0b9a887766b1f0a6b9c3a3c8e4a3c5c2a1f1e0d9c8b7a69";
const SUBJECTS: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const AT: &str = "2026-11-22T21:30:00Z";
const TITLE: &str = "Shared production credential for the legacy broker";

fn head() -> Value {
    json!({"seq": 1, "digest": HEAD})
}

fn terms() -> Value {
    json!({"system": "service:payments-bridge", "credential": "credential:legacy-broker",
        "expires": "2027-01-31T00:00:00Z"})
}

/// What a packet begins with.
pub fn opening() -> Value {
    json!({"title": TITLE, "exception": "shared-credential", "terms": terms(), "owner": "dana", "renews": null})
}

/// A packet in a listing.
pub fn packet_row() -> Value {
    json!({
        "id": PACKET, "title": TITLE, "state": "held", "author": "maya", "owner": "dana",
        "system": "service:payments-bridge", "expires": "2027-01-31T00:00:00Z", "opened": AT, "changed": AT,
        "head": head(), "blockers": 12, "objections": 0, "drafts": 0, "good-until": null, "first-awaiting": null
    })
}

/// A packet.
pub fn packet() -> Value {
    json!({
        "id": PACKET, "title": TITLE, "exception": "shared-credential", "terms": terms(),
        "board": "production-exceptions", "policy": POLICY, "subjects": SUBJECTS, "renews": null, "opened": AT,
        "author": "maya", "owner": {"id": "dana", "since": AT, "accepted": null, "offered": null},
        "passages": {}, "claims": {}, "objections": {}, "remarks": {}, "reviewers": {}, "reviews": [], "holds": {},
        "causes": {}, "condition": null, "follow-ups": {}, "author-acceptance": null, "owner-acceptance": null,
        "handoffs": [], "withdrawn": null, "head": head(), "changed": AT, "text-since": 1, "approval-since": 1,
        "approval-changes": [{"seq": 1, "at": AT, "word": "packet-opened"}], "oddities": []
    })
}

fn entry() -> Value {
    json!({
        "v": 1, "packet": PACKET, "seq": 1, "at": AT, "actor": {"id": "maya", "kind": "human", "role": "author"},
        "event": {"kind": "packet-opened", "title": TITLE, "exception": "shared-credential", "terms": terms(),
            "owner": "dana", "board": "production-exceptions", "policy": POLICY, "subjects": SUBJECTS, "renews": null},
        "prev": null
    })
}

/// An entry with its hash.
pub fn entry_record() -> Value {
    json!({"hash": HEAD, "entry": entry()})
}

/// What an append did.
pub fn appended() -> Value {
    json!({"entry": entry(), "head": head(), "verdict": "held"})
}

/// A claim to be made.
pub fn command() -> Value {
    json!({
        "kind": "claim-made", "replaces": null,
        "claim": {
            "text": "The shared credential is a known finding", "reasoning": "It is open in the tracker.",
            "citations": [{"evidence": EVIDENCE, "revision": null, "pointer": "/body/state"}],
            "test": {"kind": "check", "citation": 0, "left": {"kind": "value", "pointer": "/body/state"},
                "comparison": "==", "right": {"kind": "text", "value": "open"}},
            "addresses": []
        }
    })
}

/// A readiness report.
pub fn report() -> Value {
    json!({
        "v": 1, "packet": PACKET, "head": head(), "instant": AT, "policy": POLICY, "subjects": SUBJECTS,
        "text": CONTENT, "approval": JOURNAL, "approval-since": 1, "verdict": "held", "may-be-signed": false,
        "lines": [{
            "rule": "claims", "score": "unsatisfied", "subject": null, "code": "claims.none",
            "reason": "no claim is accepted", "evidence": null, "since": null, "until": null,
            "clear": [{"who": "maya", "how": "make a claim and cite evidence for it"}]
        }],
        "claims": [], "drafts": [], "good-until": null
    })
}

/// A statement to be signed.
pub fn to_sign() -> Value {
    let statement = json!({
        "v": 1, "packet": PACKET, "signer": "maya", "decides": {"kind": "readiness-accepted"}, "text": CONTENT,
        "approval": JOURNAL, "head": head(), "evidence": [{"evidence": EVIDENCE, "revision": 1, "content": CONTENT}],
        "objections": [], "policy": POLICY, "subjects": SUBJECTS, "instant": AT, "good-until": "2026-11-29T21:29:09Z"
    });
    json!({"statement": statement, "text": statement.to_string(), "digest": HEAD, "report": report()})
}

/// What a report is made from.
pub fn packet_evidence() -> Value {
    let finding = evidence();
    let item = json!({
        "id": "412", "title": finding["title"], "summary": finding["summary"], "url": finding["url"],
        "subjects": finding["subjects"], "source-time": finding["source-time"], "expires": null,
        "labels": finding["labels"], "citations": [{"capture": 0, "locator": {"kind": "pointer", "pointer": "/results/3"}}],
        "exposure": null, "body": finding["body"]
    });
    let revision = json!({
        "number": 1, "content": CONTENT, "item": item, "cited": finding["cited"], "collected": finding["collected"],
        "recorded": finding["recorded"], "run": RUN, "component": finding["connector"]
    });
    json!({"as-of": AT, "book": {
        "records": {EVIDENCE: {"id": EVIDENCE, "connection": "findings", "connection-id": CONNECTION,
            "stream": "findings", "last-seen": finding["last-seen"], "absent": false, "revisions": [revision]}},
        "streams": [{"connection": "findings", "connection-id": CONNECTION, "stream": "findings", "kinds": ["finding"],
            "sweep": {"run": RUN, "began": "2026-11-22T21:29:05Z", "ended": "2026-11-22T21:29:41Z", "examined": 212,
                "listed": 212},
            "gaps": [], "missing": []}]
    }})
}

/// A plan of action and milestones, its beginning.
pub fn oscal() -> Value {
    json!({"plan-of-action-and-milestones": {"uuid": "0197a3c0-6a10-5bb0-8000-1f4be5d0c004"}})
}

/// A submission.
pub fn submission() -> Value {
    json!({
        "submission": format!("{PACKET}:42"), "packet": PACKET, "seq": 42, "title": TITLE, "package": CONTENT,
        "received": AT, "state": "received", "reasons": [], "decision": null, "by": null, "changed": AT
    })
}

/// A filing.
pub fn filing() -> Value {
    json!({
        "submission": format!("{PACKET}:42"), "packet": PACKET, "seq": 42, "intake": "queue", "package": CONTENT,
        "state": "received", "attempts": 1, "next-attempt": null, "problem": null,
        "reference": format!("{PACKET}:42"), "url": null, "recorded": AT
    })
}

/// A change.
pub fn change() -> Value {
    json!({"recorded": "2026-11-22T21:29:10.02Z",
        "what": {"kind": "entry-appended", "packet": PACKET, "seq": 1, "hash": HEAD}})
}

/// The four measures.
pub fn measures() -> Value {
    json!({
        "until-awaiting": {"packets": [{"packet": PACKET, "opened": AT, "awaiting": "2026-11-23T16:10:00Z",
            "seconds": "67200"}], "median-seconds": "67200"},
        "agent-drafts": {"proposed": 7, "accepted-as-is": 3, "edited": 2, "declined": {"overstated": 1}, "open": 1,
            "corrected": 0.5},
        "in-step": {"checked": 61, "mismatches": []},
        "bounces": {"handoffs": 1, "bounced": 0, "by-rule": {}, "unmapped": []}
    })
}
