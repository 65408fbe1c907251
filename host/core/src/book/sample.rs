//! A small book that tests patch: one secret, one rollback test, three findings, two requirements, and the streams they
//! came by. Everything was collected on 22 November 2026 at noon, and all of it counts at [`now`].

use serde_json::{Value, json};

use super::{Book, Record, Revision, StreamReading, SweepReading};
use crate::board::Board;
use crate::canonical::Digest;
use crate::claim::{Citation, Cite, ClaimText, Test};
use crate::evidence::{Item, Kind};
use crate::id::EvidenceId;
use crate::instant::Instant;

pub(crate) const SECRET: u32 = 1;
pub(crate) const ROLLBACK: u32 = 2;
pub(crate) const CRITICAL_MITIGATED: u32 = 3;
pub(crate) const HIGH_OPEN: u32 = 4;
pub(crate) const OTHERS_CRITICAL: u32 = 5;
pub(crate) const MUST: u32 = 6;
pub(crate) const SHOULD: u32 = 7;

pub(crate) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Noon of a day of November 2026.
pub(crate) fn noon(day: u32) -> Instant {
    instant(&format!("2026-11-{day:02}T12:00:00Z"))
}

/// When everything was collected.
pub(crate) fn collected() -> Instant {
    noon(22)
}

/// One hour later.
pub(crate) fn now() -> Instant {
    instant("2026-11-22T13:00:00Z")
}

pub(crate) fn id(number: u32) -> EvidenceId {
    format!("0197a3c0-0000-7000-8000-{number:012}").parse().unwrap()
}

pub(crate) fn board() -> Board {
    Board::parse(crate::board::SAMPLE).unwrap()
}

pub(crate) fn item(title: &str, subject: &str, source_time: &str, body: Value) -> Value {
    json!({
        "id": title, "title": title, "summary": "", "url": null, "subjects": [subject], "source-time": source_time,
        "expires": null, "labels": [], "citations": [], "exposure": null, "body": body,
    })
}

pub(crate) fn finding(severity: &str, state: &str) -> Value {
    json!({
        "kind": "finding", "severity": severity, "state": state, "verified": null, "description": "", "impact": null,
        "mitigation": null, "found": null, "mitigated-at": null, "due": null, "weakness": null, "vulnerabilities": [],
        "component": null, "location": null, "known-exploited": null, "exceptions": [],
    })
}

pub(crate) fn rollback(outcome: &str) -> Value {
    json!({
        "kind": "rollback-test", "environment": "staging", "outcome": outcome, "from-version": null, "to-version": null,
        "by": null, "duration-seconds": 240, "notes": null,
    })
}

fn secret() -> Value {
    json!({
        "kind": "secret", "path": "kv/legacy-broker", "engine": null, "owner": null, "created": null,
        "last-rotated": "2026-11-01T12:00:00Z", "next-rotation": null, "rotation-enabled": true,
        "rotation-period-seconds": null, "last-used": null, "versions": [],
    })
}

fn requirement(reference: &str, strength: &str) -> Value {
    json!({
        "kind": "requirement", "class": "criterion", "document": {
            "id": "exceptions.md", "title": "Exceptions", "version": null, "status": null, "owner": null, "modified": null,
            "review-due": null,
        },
        "section": ["Policy", "Exception criteria"], "reference": reference, "text": "It is rotated.", "resolved": null,
        "strength": strength, "parent": null, "parameters": [],
    })
}

/// Adds a piece of evidence with one revision.
pub(crate) fn add(book: &mut Book, number: u32, connection: &str, stream: &str, item: Value) {
    let record = Record {
        id: id(number),
        connection: connection.parse().unwrap(),
        connection_id: "0197a3c0-0000-7000-8000-00000000c000".parse().unwrap(),
        stream: stream.parse().unwrap(),
        last_seen: collected(),
        absent: false,
        revisions: vec![revision(1, item)],
    };
    book.records.insert(record.id.clone(), record);
}

pub(crate) fn revision(number: u32, item: Value) -> Revision {
    let item: Item = serde_json::from_value(item).unwrap();
    Revision {
        number,
        content: item.content_hash().unwrap(),
        item,
        cited: Vec::new(),
        collected: collected(),
        recorded: collected(),
        run: "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap(),
        component: Digest::of(b"component"),
    }
}

/// Adds a revision: the newest one, changed.
pub(crate) fn revise(book: &mut Book, number: u32, change: impl FnOnce(&mut Value)) {
    let record = book.records.get_mut(&id(number)).unwrap();
    let newest = record.newest().unwrap();
    let mut item = serde_json::to_value(&newest.item).unwrap();
    change(&mut item);
    record.revisions.push(revision(newest.number + 1, item));
}

/// Adds a stream with a complete sweep that saw everything.
pub(crate) fn stream(book: &mut Book, connection: &str, stream: &str, kinds: &[Kind], examined: u32) {
    book.streams.push(StreamReading {
        connection: connection.parse().unwrap(),
        connection_id: "0197a3c0-0000-7000-8000-00000000c000".parse().unwrap(),
        stream: stream.parse().unwrap(),
        kinds: kinds.to_vec(),
        sweep: Some(SweepReading {
            run: "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap(),
            began: collected(),
            ended: collected(),
            examined,
            listed: examined,
        }),
        gaps: Vec::new(),
        missing: Vec::new(),
    });
}

pub(crate) fn book() -> Book {
    let mut book = Book::default();
    let (service, other) = ("service:payments-bridge", "service:other");
    let long_ago = "2026-10-01T00:00:00Z";
    add(&mut book, SECRET, "vault", "secrets", item("credential", "credential:broker", long_ago, secret()));
    let tested = item("drill", service, "2026-11-01T12:00:00Z", rollback("succeeded"));
    add(&mut book, ROLLBACK, "ci", "drills", tested);
    for (number, subject, severity, state) in [
        (CRITICAL_MITIGATED, service, "critical", "mitigated"),
        (HIGH_OPEN, service, "high", "open"),
        (OTHERS_CRITICAL, other, "critical", "open"),
    ] {
        add(
            &mut book,
            number,
            "dojo",
            "findings",
            item("weakness", subject, long_ago, finding(severity, state)),
        );
    }
    for (number, reference, strength) in
        [(MUST, "rotation", "must"), (SHOULD, "compensating-control", "should")]
    {
        let rule = item(reference, "document:exceptions", long_ago, requirement(reference, strength));
        add(&mut book, number, "standards", "documents", rule);
    }
    stream(&mut book, "ci", "drills", &[Kind::RollbackTest], 1);
    stream(&mut book, "dojo", "findings", &[Kind::Finding], 212);
    stream(&mut book, "standards", "documents", &[Kind::Requirement], 2);
    stream(&mut book, "vault", "secrets", &[Kind::Secret], 1);
    book
}

/// A stream of the book, to be patched.
pub(crate) fn stream_of<'b>(book: &'b mut Book, connection: &str) -> &'b mut StreamReading {
    book.streams.iter_mut().find(|stream| stream.connection.as_str() == connection).unwrap()
}

pub(crate) fn cite(book: &Book, number: u32, pointer: &str) -> Citation {
    let cite = Cite { evidence: id(number), revision: None, pointer: pointer.to_owned() };
    Citation::of(&cite, book).unwrap()
}

pub(crate) fn claim(citations: Vec<Citation>, test: Option<Test>) -> ClaimText {
    let (text, reasoning) = ("It is so.".to_owned(), "As cited.".to_owned());
    ClaimText { text, reasoning, citations, test, addresses: Vec::new() }
}

pub(crate) fn check(text: &str) -> Option<Test> {
    Some(Test::Check(text.parse().unwrap()))
}

pub(crate) fn query(text: &str) -> Option<Test> {
    Some(Test::Query(text.parse().unwrap()))
}
