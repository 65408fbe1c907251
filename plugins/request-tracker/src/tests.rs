//! The connector over what a real Request Tracker 5.0.3 answered, and over answers it would have to be broken to give.

use probity_sdk::prelude::*;
use probity_sdk::testing::intake::{self, Called, submission};
use probity_sdk::testing::{Answer, Asked, Recorded, Values};
use serde_json::{Value, json};

use super::RequestTracker;

fn config() -> Value {
    json!({
        "queue": "Exception Review",
        "reasons-field": "Bounce Reasons",
        "decision-field": "Decision",
        "rules": [{"status": "resolved", "field": "Decision", "value": "Returned", "state": "bounced"}],
        "web": "https://rt.example.org",
    })
}

fn recorded(scene: &str) -> Recorded {
    Recorded::load_file(format!("tests/recorded/{scene}.json")).unwrap()
}

fn submitted(scene: &str, id: &str) -> Called<Receipt> {
    let called = intake::submit::<RequestTracker>(&config(), &submission(id), &recorded(scene)).sound();
    assert_eq!(called.unused, Vec::<String>::new(), "{scene}");
    called
}

fn disposition(scene: &str, reference: &str) -> Disposition {
    let called = intake::status::<RequestTracker>(&config(), reference, &recorded(scene)).sound();
    assert_eq!(called.unused, Vec::<String>::new(), "{scene}");
    called.outcome.unwrap()
}

fn refused<T: std::fmt::Debug>(called: Called<T>, kind: FailureKind, told: &[&str]) {
    let failure = called.outcome.unwrap_err();
    assert_eq!(failure.kind, kind, "{}", failure.message);
    for part in told {
        assert!(failure.message.contains(part), "`{part}` is missing in: {}", failure.message);
    }
}

#[test]
fn the_manifest_is_one_an_operator_can_read() {
    assert_eq!(intake::lint::<RequestTracker>(), Vec::<String>::new());
}

#[test]
fn a_package_is_searched_for_filed_and_read_back() {
    let called = submitted("filed", "p-1.7");
    assert_eq!(called.wrote, ["create"]);
    let receipt = called.outcome.unwrap();
    assert!(!receipt.existed && receipt.received_at.is_some(), "{receipt:?}");
    let page = format!("https://rt.example.org/Ticket/Display.html?id={}", receipt.reference);
    assert_eq!(receipt.url, Some(page));
}

#[test]
fn the_same_package_again_is_found_and_nothing_is_written() {
    let filed = submitted("filed", "p-1.7").outcome.unwrap();
    let called = submitted("found", "p-1.7");
    assert_eq!(called.wrote, Vec::<String>::new());
    assert_eq!(called.outcome.unwrap(), Receipt { existed: true, ..filed });
}

#[test]
fn a_package_that_the_board_merged_into_another_ticket_is_found() {
    let receipt = submitted("found-merged", "p-3.7").outcome.unwrap();
    assert!(receipt.existed);
    let merged = disposition("merged", &receipt.reference);
    assert_eq!((merged.submission.as_str(), merged.state), ("p-3.7", DispositionState::Decided));
    assert_eq!(merged.decision.as_deref(), Some("Granted"));
}

#[test]
fn the_boards_answers_are_read_with_who_and_when() {
    let filed = submitted("filed", "p-1.7").outcome.unwrap();
    let queued = disposition("queued", &filed.reference);
    assert_eq!((queued.state, queued.by, queued.at), (DispositionState::Queued, None, None));
    let accepted = disposition("accepted", &filed.reference);
    assert_eq!((accepted.state, accepted.by.as_deref()), (DispositionState::Accepted, Some("secretary")));
    assert!(accepted.at >= filed.received_at, "{accepted:?}");
    let bounced = disposition("bounced", &filed.reference);
    assert_eq!((bounced.submission.as_str(), bounced.state), ("p-1.7", DispositionState::Bounced));
    assert_eq!(bounced.reasons, ["No rollback test", "Expiry is longer than 90 days"]);
    assert_eq!((bounced.decision, bounced.by.as_deref()), (None, Some("secretary")));
}

#[test]
fn a_decision_is_in_the_boards_words_and_a_rule_may_read_it_otherwise() {
    let decided = disposition("decided", &reference("decided"));
    assert_eq!(decided.state, DispositionState::Decided);
    assert_eq!(decided.decision.as_deref(), Some("Granted for 30 days"));
    let ruled = disposition("ruled", &reference("ruled"));
    assert_eq!((ruled.state, ruled.decision.as_deref()), (DispositionState::Bounced, Some("Returned")));
    assert!(ruled.at > decided.at, "the value was changed after the status: {ruled:?}");
}

/// The ticket a recording of a status is about.
fn reference(scene: &str) -> String {
    let text = std::fs::read_to_string(format!("tests/recorded/{scene}.json")).unwrap();
    let recording: Value = serde_json::from_str(&text).unwrap();
    let query = recording["exchanges"][0]["request"]["query"]["query"].as_str().unwrap();
    query.split(' ').nth(2).unwrap().to_owned()
}

#[test]
fn a_deleted_ticket_was_sent_back_and_one_that_is_not_there_is_not_found() {
    let deleted = disposition("deleted", &reference("deleted"));
    assert_eq!((deleted.state, deleted.by.as_deref()), (DispositionState::Bounced, Some("secretary")));
    let never = intake::status::<RequestTracker>(&config(), "999999", &recorded("never"));
    refused(never, FailureKind::NotFound, &["no ticket 999999", "ShowTicket"]);
    let no_number = intake::status::<RequestTracker>(&config(), "T-1", &Recorded::nothing());
    refused(no_number, FailureKind::NotFound, &["`T-1` is not the number"]);
}

#[test]
fn a_check_says_what_works_and_what_it_cannot_see() {
    let works = intake::check::<RequestTracker>(&config(), &recorded("check")).sound().outcome.unwrap();
    assert!(works[0].contains("`Exception Review` is number"), "{works:?}");
    assert!(works[3].contains("SetInitialCustomField"), "{works:?}");
}

#[test]
fn what_would_be_filed_badly_is_refused_before_anything_is_written() {
    for (scene, queue, id, kind, told) in [
        ("no-fields", "Unprepared", "p-5.1", FailureKind::Config, "apply it to the queue"),
        ("no-queue", "Nowhere", "p-5.1", FailureKind::Config, "no queue `Nowhere`"),
        ("bad-token", "Exception Review", "p-5.1", FailureKind::Auth, "prefix `token `"),
        ("no-create", "Exception Review", "p-5.1", FailureKind::Permission, "CreateTicket"),
        ("blind", "Exception Review", "p-5.1", FailureKind::Config, "SeeCustomField"),
        ("blind-found", "Exception Review", "p-5.2", FailureKind::Permission, "could be the second time"),
        ("twice", "Exception Review", "p-4.7", FailureKind::Shape, "filed twice"),
    ] {
        let mut config = config();
        config["queue"] = queue.into();
        let called = intake::submit::<RequestTracker>(&config, &submission(id), &recorded(scene)).sound();
        assert_eq!((called.wrote.len(), called.unused.len()), (0, 0), "{scene}");
        refused(called, kind, &[told]);
    }
}

#[test]
fn another_package_under_the_same_id_is_told() {
    let mut other = submission("p-4.8");
    other.digest = "0".repeat(64);
    let called = intake::submit::<RequestTracker>(&config(), &other, &recorded("another-package")).sound();
    refused(called, FailureKind::Shape, &["another package was filed", &"0".repeat(64)]);
}

#[test]
fn a_field_that_is_dropped_without_a_word_is_noticed_and_the_ticket_is_named() {
    let plain = json!({"queue": "Exception Review"});
    let called = intake::submit::<RequestTracker>(&plain, &submission("p-6.1"), &recorded("dropped")).sound();
    assert_eq!(called.wrote, ["create"]);
    refused(called, FailureKind::Permission, &["SetInitialCustomField", "delete ticket", "submit again"]);
}

// ---- What the server would have to be broken, or unlucky, to answer ------------------------------------

const ID: &str = "p-1.7";

fn answered(body: Value) -> Answer {
    Answer { body: Some(body), ..Answer::default() }
}

fn search(query: &str) -> Asked {
    let query = [("query".to_owned(), Values::One(query.into()))].into();
    Asked { endpoint: "tickets".into(), query, ..Asked::default() }
}

fn by_id() -> Asked {
    search(&format!("'CF.{{Probity Submission}}' = '{ID}' AND EffectiveId > 0"))
}

fn of_ticket(endpoint: &str, id: &str) -> Asked {
    Asked { endpoint: endpoint.into(), path: [("id".to_owned(), id.to_owned())].into(), ..Asked::default() }
}

fn ticket(id: u64, submission: &str) -> Value {
    let digest = format!("sha256:{}", self::submission(ID).digest);
    json!({
        "id": id.to_string(), "Status": "new", "Created": "2026-11-25T18:29:59Z", "EffectiveId": id.to_string(),
        "Queue": {"id": "3", "Name": "Exception Review"},
        "CustomFields": [
            {"id": "2", "name": "Probity Submission", "values": [submission]},
            {"id": "3", "name": "Probity Digest", "values": [digest]},
        ],
    })
}

fn parts(bundle: u64) -> Value {
    json!({"items": [
        {"Filename": "", "ContentType": "multipart/mixed", "ContentLength": "0"},
        {"Filename": "", "ContentType": "text/plain", "ContentLength": "1000"},
        {"Filename": "packet.md", "ContentType": "text/markdown", "ContentLength": "1000"},
        {"Filename": "bundle.tar.zst", "ContentType": "application/zstd", "ContentLength": bundle.to_string()},
    ]})
}

fn plain(recorded: &Recorded) -> Called<Receipt> {
    intake::submit::<RequestTracker>(&json!({"queue": "Exception Review"}), &submission(ID), recorded)
}

#[test]
fn a_filter_is_a_hint_and_an_id_in_other_case_is_another_one() {
    let found = answered(json!({"items": [ticket(4, "P-1.7"), ticket(5, ID)]}));
    let recorded = Recorded::nothing()
        .exchange(by_id(), &found)
        .exchange(of_ticket("attachments", "5"), &answered(parts(8)));
    assert_eq!(plain(&recorded).sound().outcome.unwrap().reference, "5");
}

#[test]
fn a_server_that_ignores_the_search_is_not_believed() {
    let all: Vec<Value> = (1..=100).map(|id| ticket(id, "another")).collect();
    let recorded = Recorded::nothing().exchange(by_id(), &answered(json!({"items": all})));
    refused(plain(&recorded), FailureKind::Shape, &["ignores the search"]);
}

#[test]
fn an_attachment_that_was_cut_is_told_even_when_the_package_was_found() {
    for (length, whole) in [(8, true), (7, false), (9, false)] {
        let recorded = Recorded::nothing()
            .exchange(by_id(), &answered(json!({"items": [ticket(5, ID)]})))
            .exchange(of_ticket("attachments", "5"), &answered(parts(length)));
        let called = plain(&recorded);
        assert_eq!(called.outcome.is_ok(), whole, "{length}");
        if !whole {
            refused(called, FailureKind::TooLarge, &["did not keep `bundle.tar.zst` whole"]);
        }
    }
}

/// A recording of a filing, with what the second search finds.
fn filing(created: &Answer, then: Vec<Value>) -> Recorded {
    let text = std::fs::read_to_string("tests/recorded/filed.json").unwrap();
    let recording: Value = serde_json::from_str(&text).unwrap();
    let exchange = |at: usize, part: &str| recording["exchanges"][at][part].clone();
    let asked = |at| serde_json::from_value::<Asked>(exchange(at, "request")).unwrap();
    let answer = |at| serde_json::from_value::<Answer>(exchange(at, "response")).unwrap();
    Recorded::nothing()
        .exchange(asked(0), &answer(0))
        .exchange(asked(1), &answer(1))
        .exchange(asked(2), created)
        .exchange(by_id(), &answered(json!({"items": then})))
}

#[test]
fn two_that_file_at_the_same_time_find_each_other() {
    let created = answered(json!({"id": "5", "type": "ticket"}));
    let recorded = filing(&created, vec![ticket(5, ID), ticket(6, ID)]);
    refused(plain(&recorded).sound(), FailureKind::Shape, &["5 and 6", "filed twice"]);
    let recorded = filing(&created, vec![ticket(6, ID)]);
    refused(plain(&recorded).sound(), FailureKind::Shape, &["ticket 5 was created", "ticket 6 is the one"]);
}

#[test]
fn a_refused_creation_is_told_in_request_trackers_words() {
    let told = "No permission to create tickets in the queue 'Exception Review'";
    let answer = Answer { status: Some(403), ..answered(json!({"message": told})) };
    refused(
        plain(&filing(&answer, vec![])),
        FailureKind::Permission,
        &[told, "no such queue", "CreateTicket"],
    );
    let answer = Answer { status: Some(400), ..answered(json!({"message": "Attachments must be an array"})) };
    refused(plain(&filing(&answer, vec![])), FailureKind::Shape, &["Attachments must be an array"]);
}

#[test]
fn a_status_that_nobody_explained_is_unknown_and_a_ticket_without_an_id_is_nobodys() {
    let mut odd = ticket(5, ID);
    odd["Status"] = "in committee".into();
    let recorded = Recorded::nothing()
        .exchange(search("id = 5 AND EffectiveId > 0"), &answered(json!({"items": [odd]})))
        .exchange(of_ticket("changes", "5"), &answered(json!({"items": []})));
    let called = intake::status::<RequestTracker>(&config(), "5", &recorded).sound();
    assert_eq!(called.outcome.unwrap().state, DispositionState::Unknown);
    let mut empty = ticket(5, ID);
    empty["CustomFields"] = json!([]);
    let recorded = Recorded::nothing()
        .exchange(search("id = 5 AND EffectiveId > 0"), &answered(json!({"items": [empty]})));
    let called = intake::status::<RequestTracker>(&config(), "5", &recorded);
    refused(called, FailureKind::Shape, &["carries no submission id"]);
}

#[test]
fn who_and_when_are_those_of_the_change_that_brought_the_state_about() {
    let mut bounced = ticket(5, ID);
    bounced["Status"] = "rejected".into();
    let change = |kind: &str, field: &str, value: &str, by: &str, minute: u8| {
        let at = format!("2026-11-25T18:{minute}:00Z");
        json!({"Type": kind, "Field": field, "NewValue": value, "Creator": {"id": by}, "Created": at})
    };
    let changes = json!({"items": [
        change("CustomField", "4", "rejected", "clerk", 50),
        change("Status", "Status", "open", "secretary", 45),
        change("Status", "Status", "rejected", "chair", 40),
        change("Status", "Status", "rejected", "nobody", 20),
    ]});
    let recorded = Recorded::nothing()
        .exchange(search("id = 5 AND EffectiveId > 0"), &answered(json!({"items": [bounced]})))
        .exchange(of_ticket("changes", "5"), &answered(changes));
    let called = intake::status::<RequestTracker>(&config(), "5", &recorded).sound();
    let disposition = called.outcome.unwrap();
    assert_eq!(disposition.by.as_deref(), Some("chair"));
    assert_eq!(disposition.at.as_deref(), Some("2026-11-25T18:40:00Z"));
}

#[test]
fn a_time_that_is_not_set_is_none() {
    let mut never = ticket(5, ID);
    never["Created"] = "1970-01-01T00:00:00Z".into();
    let recorded = Recorded::nothing()
        .exchange(by_id(), &answered(json!({"items": [never]})))
        .exchange(of_ticket("attachments", "5"), &answered(parts(8)));
    assert_eq!(plain(&recorded).sound().outcome.unwrap().received_at, None);
}

#[test]
fn a_bad_configuration_says_what_to_change() {
    for (key, value, told) in [
        ("queue", json!(" "), "cannot be empty"),
        ("submission-field", json!("a'}b"), "no braces, quotes"),
        ("digest-field", json!("Probity Submission"), "two different"),
        ("rules", json!([{"state": "bounced"}]), "a `status` or a `field`"),
        ("rules", json!([{"status": "new", "value": "x", "state": "bounced"}]), "needs the `field`"),
        ("rules", json!([{"status": "new", "state": "lost"}]), "lost"),
        ("web", json!("rt.example.org"), "https://"),
        ("qeue", json!("x"), "qeue"),
    ] {
        let mut config = config();
        config[key] = value;
        refused(intake::check::<RequestTracker>(&config, &Recorded::nothing()), FailureKind::Config, &[told]);
    }
}

#[test]
fn what_request_tracker_cannot_take_is_told_before_anything_is_asked() {
    let mut empty = submission(ID);
    empty.attachments[0].bytes.clear();
    let mut many = submission(ID);
    many.attachments = vec![many.attachments[1].clone(); 91];
    for (submission, told) in [(empty, "`packet.md` lacks"), (many, "91 attachments")] {
        let called = intake::submit::<RequestTracker>(&config(), &submission, &Recorded::nothing());
        assert!(called.outcome.unwrap_err().message.contains(told));
    }
}

#[test]
fn a_long_title_is_cut_between_characters() {
    let mut long = submission(ID);
    long.title = format!("{}\n{}", "ä".repeat(150), "b");
    let subject = super::file::subject(&long.title);
    assert!(subject.len() <= 200 && subject.ends_with("ä…"), "{subject}");
}
