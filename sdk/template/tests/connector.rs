//! The connector over recorded answers: native, no WebAssembly, no network.

use connector::Connector;
use probity_sdk::{FailureKind, testing};
use serde_json::json;

fn swept() -> testing::Swept {
    let recorded = testing::Recorded::load("tests/recorded").unwrap();
    let config = json!({"project": "bridge", "subject": "service:payments-bridge"});
    let swept = testing::sweep::<Connector>(&config, "findings", &recorded).unwrap().sound();
    assert!(swept.unused.is_empty(), "recorded and not asked for: {:?}", swept.unused);
    swept
}

#[test]
fn the_manifest_is_one_an_operator_can_read() {
    assert_eq!(testing::lint::<Connector>(), Vec::<String>::new());
}

#[test]
fn every_issue_of_the_project_is_a_finding() {
    let swept = swept();
    let ids: Vec<&str> = swept.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["7", "9"]);
    assert_eq!(swept.items[0].source_time.as_deref(), Some("2026-11-22T21:29:09.354959Z"));
}

#[test]
fn an_issue_that_cannot_be_read_is_told() {
    let swept = swept();
    assert_eq!(swept.gaps.len(), 1);
    assert_eq!(swept.gaps[0].reason.kind, FailureKind::Shape);
    assert!(swept.gaps[0].reason.message.contains("/issues/1"), "{}", swept.gaps[0].reason.message);
}
