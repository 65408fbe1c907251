//! The connector over recorded traffic: `tests/recorded/`, shapes of DefectDojo 3.2.0.

use probity_sdk::testing::{self, Answer, Asked, Recorded, Swept, Values};
use probity_sdk::{
    Body, ExceptionDecision, ExceptionState, Failure, FailureKind, Finding, FindingState, Locator,
    ReviewOutcome, Severity,
};
use serde_json::{Value, json};

use crate::DefectDojo;

fn recorded() -> Recorded {
    Recorded::load("tests/recorded").unwrap()
}

fn config() -> Value {
    json!({
        "product": "payments-bridge",
        "subjects": ["service:payments-bridge"],
        "rules": [{"component": "legacy-broker-client", "subject": "credential:legacy-broker/shared"}],
        "web": "https://dojo.example.org/",
        "page-size": 2,
    })
}

fn swept(stream: &str) -> Swept {
    testing::sweep::<DefectDojo>(&config(), stream, &recorded()).unwrap().sound()
}

fn finding<'a>(swept: &'a Swept, id: &str) -> &'a Finding {
    match swept.item(id).map(|item| &item.body) {
        Some(Body::Finding(finding)) => finding,
        other => panic!("{id}: {other:?}"),
    }
}

#[test]
fn the_manifest_is_one_an_operator_can_read() {
    assert_eq!(testing::lint::<DefectDojo>(), Vec::<String>::new());
}

#[test]
fn a_sweep_reads_every_finding_of_the_product_whatever_its_state() {
    let swept = swept("findings");
    let ids: Vec<&str> = swept.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "4", "6"]);
    assert_eq!(swept.pages.len(), 3);
    assert_eq!(finding(&swept, "6").state, FindingState::Mitigated);
    assert_eq!(finding(&swept, "6").mitigated_at.as_deref(), Some("2026-11-21T10:00:00Z"));
}

#[test]
fn an_accepted_risk_is_seen_by_either_of_its_marks() {
    let swept = swept("findings");
    // Active and not flagged, but with an acceptance in its list.
    assert_eq!(finding(&swept, "1").state, FindingState::RiskAccepted);
    assert_eq!(finding(&swept, "1").exceptions, ["1"]);
    // Switched off and flagged, as the API leaves it.
    assert_eq!(finding(&swept, "2").state, FindingState::RiskAccepted);
}

#[test]
fn a_finding_says_what_the_tracker_says_and_no_more() {
    let swept = swept("findings");
    let first = swept.item("1").unwrap();
    assert_eq!(first.title, "Shared Production Credential in Legacy Broker Path");
    assert_eq!(first.source_time.as_deref(), Some("2026-11-22T21:29:09.354959Z"));
    assert_eq!(first.url.as_deref(), Some("https://dojo.example.org/finding/1"));
    assert_eq!(first.subjects, ["service:payments-bridge"]);
    assert_eq!(first.exposure, None);
    let finding = finding(&swept, "1");
    assert_eq!(finding.severity, Severity::High);
    assert_eq!((finding.weakness, finding.verified), (Some(798), Some(true)));
    assert_eq!((finding.found.as_deref(), finding.due.as_deref()), (Some("2026-11-02"), Some("2026-12-02")));
    assert_eq!(finding.impact.as_deref(), Some("Blast radius: all tenants"));
    let everything = format!("{:?}", swept.items);
    for never in ["sla_days", "Basic c2FtcGxl", "do not share"] {
        assert!(!everything.contains(never), "{never}");
    }
}

#[test]
fn rules_add_subjects_by_component() {
    let swept = swept("findings");
    assert_eq!(
        swept.item("2").unwrap().subjects,
        ["service:payments-bridge", "credential:legacy-broker/shared"]
    );
}

#[test]
fn an_active_finding_that_is_exploited_in_the_wild_is_an_exposure() {
    let swept = swept("findings");
    let exposure = swept.item("4").unwrap().exposure.clone().unwrap();
    assert!(exposure.contains("CVE-2026-1234"), "{exposure}");
    assert_eq!(finding(&swept, "4").location.as_deref(), Some("pom.xml:42"));
    assert_eq!(finding(&swept, "4").weakness, None);
}

#[test]
fn what_is_no_longer_there_is_no_exposure() {
    let mut answer = rows(&[1, 2], false);
    let body = answer.body.as_mut().unwrap();
    for (at, active) in [(0, false), (1, true)] {
        body["results"][at]["known_exploited"] = true.into();
        body["results"][at]["active"] = active.into();
    }
    let recorded = Recorded::nothing().exchange(page_asked(0, 2), &answer);
    let swept =
        testing::sweep::<DefectDojo>(&json!({"page-size": 2}), "findings", &recorded).unwrap().sound();
    let exposed: Vec<bool> = swept.items.iter().map(|item| item.exposure.is_some()).collect();
    assert_eq!(exposed, [false, true]);
}

#[test]
fn each_finding_cites_its_own_row_and_a_broken_row_is_a_gap() {
    let swept = swept("findings");
    let place = |id: &str| swept.item(id).unwrap().citations[0].locator.clone();
    assert_eq!(place("1"), Locator::Pointer("/results/0".into()));
    assert_eq!(place("4"), Locator::Pointer("/results/2".into()));
    assert_eq!(place("6"), Locator::Pointer("/results/2".into()));
    assert_eq!(swept.gaps.len(), 1);
    assert!(swept.gaps[0].reason.message.contains("/results/1"), "{}", swept.gaps[0].reason.message);
    assert!(swept.gaps[0].reason.message.contains("yesterday"), "{}", swept.gaps[0].reason.message);
}

#[test]
fn a_filter_that_the_server_ignores_is_applied_here_and_told() {
    let swept = swept("findings");
    assert!(swept.item("3").is_none());
    assert!(
        swept.remarks.iter().any(|remark| remark.message.contains("ignored the filter")),
        "{:?}",
        swept.remarks
    );
}

#[test]
fn risk_acceptances_become_exception_history() {
    let swept = swept("exceptions");
    let ids: Vec<&str> = swept.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["1", "2"], "the third is of another product");
    let exception = |id: &str| match &swept.item(id).unwrap().body {
        Body::Exception(exception) => exception.clone(),
        other => panic!("{other:?}"),
    };
    let current = exception("1");
    assert_eq!((current.decision, current.state), (ExceptionDecision::Accept, ExceptionState::Active));
    assert_eq!(current.conditions.as_deref(), Some("until platform hardening milestone"));
    assert_eq!(current.recommendation.as_deref(), Some("mitigate: per-service identity"));
    assert_eq!(current.accepted_by.as_deref(), Some("security-approver"));
    assert_eq!((current.findings, current.reopens), (vec!["1".to_owned()], Some(true)));
    assert_eq!(swept.item("1").unwrap().expires.as_deref(), Some("2027-01-21T21:29:09.419079Z"));
    let past = exception("2");
    assert_eq!((past.decision, past.state), (ExceptionDecision::Mitigate, ExceptionState::Expired));
    assert_eq!(past.expired_at.as_deref(), Some("2026-11-02T03:00:00.12Z"));
    assert_eq!((past.conditions, past.accepted_by), (None, None));
    assert_eq!(
        swept.item("2").unwrap().subjects,
        ["service:payments-bridge", "credential:legacy-broker/shared"]
    );
}

#[test]
fn an_incremental_run_filters_again_where_the_server_does_not() {
    let recorded = recorded();
    let full = testing::sweep::<DefectDojo>(&config(), "exceptions", &recorded).unwrap().sound();
    let bookmark = full.bookmark.unwrap();
    assert!(
        bookmark.contains("2026-11-22T22:55:00.000001Z"),
        "five minutes before the latest change: {bookmark}"
    );
    let swept = testing::sweep_from::<DefectDojo>(&config(), "exceptions", Some(&bookmark), &recorded)
        .unwrap()
        .sound();
    assert!(swept.items.is_empty(), "{:?}", swept.items);
    assert_eq!(swept.bookmark.as_deref(), Some(bookmark.as_str()));
    assert!(
        swept.remarks.iter().any(|remark| remark.message.contains("updated__gte")),
        "{:?}",
        swept.remarks
    );
}

#[test]
fn notes_that_review_a_control_are_control_reviews_and_private_ones_are_left_alone() {
    let recorded = recorded();
    let swept = testing::sweep::<DefectDojo>(&config(), "control-reviews", &recorded).unwrap().sound();
    let ids: Vec<&str> = swept.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["1/1", "4/5"]);
    assert!(!format!("{:?}", swept.items).contains("do not share"));
    let Body::ControlReview(review) = &swept.items[0].body else { panic!("{:?}", swept.items[0].body) };
    assert_eq!(review.control, "IP allow-list");
    assert_eq!((review.reviewed.as_deref(), review.reviewer.as_deref()), (Some("2026-11-10"), Some("admin")));
    assert_eq!((review.finding.as_deref(), review.outcome), (Some("1"), ReviewOutcome::Noted));
    // It counts from the day of the review, not from the day somebody wrote it down.
    assert_eq!(swept.items[0].source_time.as_deref(), Some("2026-11-10T00:00:00Z"));
    let Body::ControlReview(edited) = &swept.items[1].body else { panic!("{:?}", swept.items[1].body) };
    assert_eq!((edited.outcome, edited.edited), (ReviewOutcome::Effective, true));
    assert!(
        !recorded.unused().iter().any(|unused| unused.contains("finding-notes")),
        "{:?}",
        recorded.unused()
    );
}

#[test]
fn a_check_says_what_works() {
    let works = testing::check::<DefectDojo>(&config(), &recorded()).unwrap();
    assert_eq!(works.len(), 4);
    assert!(works[1].contains("`payments-bridge` is number 1"), "{works:?}");
}

#[test]
fn a_product_that_is_not_there_is_a_matter_of_configuration() {
    let mut config = config();
    config["product"] = "payments".into();
    let asked = Asked { endpoint: "products".into(), ..asked(&[("name", "payments"), ("limit", "100")]) };
    let answer = json!({"count": 1, "next": null, "results": [{"id": 1, "name": "payments-bridge"}]});
    let recorded = Recorded::nothing().exchange(asked, &answered(answer));
    let failure = testing::sweep::<DefectDojo>(&config, "findings", &recorded).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Config);
    assert!(failure.message.contains("`payments-bridge`"), "{}", failure.message);
}

#[test]
fn a_bad_configuration_says_what_to_change() {
    for (key, value, told) in [
        ("subjects", json!(["payments"]), "type:name"),
        ("rules", json!([{"subject": "service:x"}]), "a `component` or a `tag`"),
        ("page-size", json!(0), "1 to 500"),
        ("review-prefix", json!(" "), "review-prefix"),
        ("produkt", json!("x"), "produkt"),
    ] {
        let mut config = config();
        config[key] = value;
        let failure = testing::sweep::<DefectDojo>(&config, "findings", &Recorded::nothing()).unwrap_err();
        assert!(
            failure.kind == FailureKind::Config && failure.message.contains(told),
            "{key}: {}",
            failure.message
        );
    }
}

// ---- Refusals ------------------------------------------------------------------------------------

fn refusing(profile: u16) -> Failure {
    let refusal = |status| Answer { status: Some(status), ..answered(json!({"detail": "…"})) };
    let recorded = Recorded::nothing()
        .exchange(page_asked(0, 2), &refusal(403))
        .exchange(Asked { endpoint: "user-profile".into(), ..Asked::default() }, &refusal(profile));
    testing::sweep::<DefectDojo>(&json!({"page-size": 2}), "findings", &recorded).unwrap_err()
}

#[test]
fn a_403_is_told_apart_by_asking_for_the_profile() {
    assert_eq!(refusing(403).kind, FailureKind::Auth);
    assert!(refusing(403).message.contains("Authorization: Token"));
    assert_eq!(refusing(200).kind, FailureKind::Permission);
}

// ---- Walking a list that changes -----------------------------------------------------------------

fn asked(query: &[(&str, &str)]) -> Asked {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), Values::One((*value).to_owned())));
    Asked { endpoint: "findings".into(), query: query.collect(), ..Asked::default() }
}

fn page_asked(offset: u64, limit: u64) -> Asked {
    asked(&[("o", "id"), ("offset", &offset.to_string()), ("limit", &limit.to_string())])
}

fn answered(body: Value) -> Answer {
    Answer { body: Some(body), ..Answer::default() }
}

/// A page of findings with these ids.
fn rows(ids: &[u64], more: bool) -> Answer {
    let row = |id: &u64| {
        json!({
            "id": id, "title": "T", "test": 1, "severity": "Low", "active": true, "false_p": false,
            "duplicate": false, "out_of_scope": false, "is_mitigated": false, "risk_accepted": false,
        })
    };
    let results: Vec<Value> = ids.iter().map(row).collect();
    answered(json!({"count": 9, "next": more.then_some("/api/v2/findings/?x"), "results": results}))
}

fn walked(recorded: &Recorded) -> (Vec<String>, Vec<String>) {
    let swept = testing::sweep::<DefectDojo>(&json!({"page-size": 2}), "findings", recorded).unwrap().sound();
    let gaps = swept.gaps.into_iter().map(|gap| gap.reason.message).collect();
    (swept.items.into_iter().map(|item| item.id).collect(), gaps)
}

#[test]
fn rows_deleted_during_a_sweep_make_no_other_row_be_skipped() {
    // After the second page 1 and 2 are deleted: 5 now stands where 3 was, and a plain walk would go on with 7.
    let recorded = Recorded::nothing()
        .exchange(page_asked(0, 2), &rows(&[1, 2], true))
        .exchange(page_asked(1, 3), &rows(&[2, 3, 4], true))
        .exchange(page_asked(3, 3), &rows(&[6, 7], false))
        .exchange(page_asked(1, 3), &rows(&[4, 5, 6], true));
    // Stepping back asks the second place again, which now answers what is left.
    let (ids, gaps) = walked(&recorded);
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7"]);
    assert_eq!(gaps, Vec::<String>::new());
}

#[test]
fn a_list_out_of_order_is_read_and_told() {
    let recorded = Recorded::nothing()
        .exchange(page_asked(0, 2), &rows(&[9, 3], true))
        .exchange(page_asked(1, 3), &rows(&[3, 5, 4], false));
    let (ids, gaps) = walked(&recorded);
    assert_eq!(ids, ["9", "3", "3", "5", "4"]);
    assert!(gaps.len() == 2 && gaps[0].contains("not in the order"), "{gaps:?}");
}

#[test]
fn an_empty_page_with_more_to_come_ends_the_sweep_as_a_failure() {
    let recorded = Recorded::nothing().exchange(page_asked(0, 2), &rows(&[], true));
    let failure = testing::sweep::<DefectDojo>(&json!({"page-size": 2}), "findings", &recorded).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Shape);
}

#[test]
fn a_source_that_is_down_fails_the_page_and_not_the_findings() {
    let down = Answer { failure: Some("unavailable".into()), ..Answer::default() };
    let mut prefetch = json!({"count": 1, "next": null, "prefetch": {"test": {"1": {"engagement": 5}}}});
    prefetch["results"] = rows(&[1], false).body.unwrap()["results"].clone();
    let query = [
        ("o", "id"),
        ("offset", "0"),
        ("limit", "2"),
        ("prefetch", "test"),
        ("test__engagement__product", "1"),
    ];
    let products = Asked { endpoint: "products".into(), ..asked(&[("name", "p"), ("limit", "100")]) };
    let engagement = Asked {
        endpoint: "engagement".into(),
        path: [("id".to_owned(), "5".to_owned())].into(),
        ..Asked::default()
    };
    let named = json!({"count": 1, "next": null, "results": [{"id": 1, "name": "p"}]});
    let recorded = Recorded::nothing()
        .exchange(asked(&query), &answered(prefetch))
        .exchange(products, &answered(named))
        .exchange(engagement, &down);
    let config = json!({"page-size": 2, "product": "p"});
    let failure = testing::sweep::<DefectDojo>(&config, "findings", &recorded).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unavailable);
}
