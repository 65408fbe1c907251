//! Sample views: the examples in the API's description. Tests hold them to the schemas beside them.
//!
//! They tell the sample story of a payments bridge that signs in to a legacy broker with a shared credential;
//! names, hosts and ids are made up.

mod packet;

use serde_json::{Value, json};

pub use packet::{
    appended, change, command, entry_record, filing, measures, opening, oscal, packet, packet_evidence,
    packet_row, report, submission, to_sign,
};

const CAPTURE: &str = "sha256:6b1f0a6b9c3a3c8e4a3c5c2a1f1e0d9c8b7a695847362514f3e2d1c0b9a88776";
const CONTENT: &str = "sha256:0d9c8b7a695847362514f3e2d1c0b9a887766b1f0a6b9c3a3c8e4a3c5c2a1f1e";
const JOURNAL: &str = "sha256:4a3c5c2a1f1e0d9c8b7a695847362514f3e2d1c0b9a887766b1f0a6b9c3a3c8e";
const COMPONENT: &str = "sha256:f3e2d1c0b9a887766b1f0a6b9c3a3c8e4a3c5c2a1f1e0d9c8b7a695847362514";
const EVIDENCE: &str = "019aab3c-5d10-7aa0-8000-1f4be5d0c001";
const RUN: &str = "019aab3c-5c01-7bb0-8000-1f4be5d0c002";
const CONNECTION: &str = "019aab3c-5b00-7cc0-8000-1f4be5d0c003";

fn endpoint() -> Value {
    json!({
        "id": "findings", "origin": "api", "method": "GET", "path": "/api/v2/findings/", "effect": "read",
        "purpose": "Findings of the configured product.", "fixed": [], "redact": []
    })
}

fn stream() -> Value {
    json!({"id": "findings", "purpose": "Findings and their state.", "kinds": ["finding"], "incremental": true})
}

/// A connector.
pub fn connector() -> Value {
    json!({
        "digest": COMPONENT, "size": "412672", "recorded": "2026-11-22T21:29:00Z",
        "name": "defectdojo", "version": "0.1.0", "title": "DefectDojo",
        "summary": "Findings, risk acceptances and notes of a DefectDojo.",
        "config-schema": {"type": "object", "properties": {"product": {"type": "string"}}},
        "auth": [{"kind": "header", "name": "authorization", "prefix": "Token "}],
        "endpoints": [endpoint()], "mounts": [], "streams": [stream()]
    })
}

/// A connection.
pub fn connection() -> Value {
    json!({
        "id": CONNECTION, "name": "findings",
        "connector": {"digest": COMPONENT, "name": "defectdojo", "version": "0.1.0"},
        "problem": null, "streams": [stream()],
        "grant": {
            "origins": [{"slot": "api", "url": "https://findings.example.org", "credential": "header",
                "private-network": false}],
            "endpoints": [endpoint()], "mounts": []
        },
        "every-seconds": "3600",
        "last-run": {"id": RUN, "state": "complete", "started": "2026-11-22T21:29:05Z",
            "ended": "2026-11-22T21:29:41Z"}
    })
}

/// A check of a connection that works.
pub fn check() -> Value {
    json!({"works": true, "findings": ["signed in as probity", "the product `payments-bridge` exists"],
        "failure": null})
}

/// A run.
pub fn run() -> Value {
    json!({
        "id": RUN, "connection": "findings", "connection-id": CONNECTION, "connector": COMPONENT,
        "trigger": "schedule", "state": "incomplete", "started": "2026-11-22T21:29:05Z",
        "ended": "2026-11-22T21:29:41Z",
        "streams": [{"stream": "findings", "mode": "full", "state": "incomplete", "pages": 3, "items": "212",
            "new-evidence": "4", "new-revisions": "9", "gaps": "1", "failure": null}]
    })
}

/// A gap of a run.
pub fn gap() -> Value {
    json!({"stream": "findings", "page": 2, "gap": {"subject": "service:payments-bridge", "reason":
        {"kind": "permission", "retry-after": null, "message": "the notes of finding 412 may not be read"}}})
}

/// A page manifest.
pub fn manifest_page() -> Value {
    json!({
        "stream": "findings", "page": 1, "collected": "2026-11-22T21:29:09.354959Z",
        "recorded": "2026-11-22T21:29:10.02Z", "journal": JOURNAL,
        "seen": [{"evidence": EVIDENCE, "revision": 1, "cited": [cited()]}], "gaps": []
    })
}

fn cited() -> Value {
    json!({"capture": CAPTURE, "locator": {"kind": "pointer", "pointer": "/results/3"}})
}

/// A finding.
pub fn evidence() -> Value {
    json!({
        "id": EVIDENCE, "revision": 1, "kind": "finding", "connection": "findings", "connection-id": CONNECTION,
        "stream": "findings", "item": "412", "title": "Shared production credential for the legacy broker",
        "summary": "payments-bridge signs in with a credential that three services share.",
        "url": "https://findings.example.org/finding/412", "subjects": ["service:payments-bridge"],
        "labels": [["environment", "production"]], "exposure": null, "body": finding(),
        "source-time": "2026-11-20T08:15:00Z", "expires": null, "collected": "2026-11-22T21:29:09.354959Z",
        "recorded": "2026-11-22T21:29:10.02Z", "last-seen": "2026-11-22T21:29:09.354959Z", "absent": false,
        "freshness": {"kind": "fresh", "until": "2026-11-23T21:29:09.354959Z"}, "content": CONTENT,
        "cited": [cited()], "run": RUN, "connector": COMPONENT
    })
}

fn finding() -> Value {
    json!({
        "kind": "finding", "severity": "high", "state": "open", "verified": true,
        "description": "The credential `legacy-broker/shared` is used by three services.", "impact": null,
        "mitigation": null, "found": "2026-09-14", "mitigated-at": null, "due": "2026-12-14", "weakness": 798,
        "vulnerabilities": [], "component": null, "location": null, "known-exploited": null, "exceptions": ["17"]
    })
}

/// The way back from a finding to its bytes.
pub fn trace() -> Value {
    json!({
        "evidence": evidence(),
        "sightings": [{
            "run": RUN, "stream": "findings", "page": 1, "collected": "2026-11-22T21:29:09.354959Z",
            "recorded": "2026-11-22T21:29:10.02Z", "connector": COMPONENT, "journal": JOURNAL,
            "citations": [{
                "capture": CAPTURE, "locator": {"kind": "pointer", "pointer": "/results/3"},
                "href": format!("/api/v1/captures/{CAPTURE}?pointer=%2Fresults%2F3"), "size": "48213",
                "media-type": "application/json",
                "excerpt": {"text": "{\"id\": 412, \"severity\": \"High\"}", "truncated": false, "digest": CONTENT},
                "problem": null,
                "obtained": {"kind": "response", "endpoint": "findings", "status": 200,
                    "url": "https://findings.example.org/api/v2/findings/?limit=100&offset=0"}
            }]
        }]
    })
}
