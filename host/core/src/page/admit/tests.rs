//! One page that is admitted whole, and small patches to it: what refuses the page, what is repaired and told.

use proptest::prelude::*;

use super::{Admission, admit};
use crate::connector::{Capture, Failure, FailureKind, Stream, SyncMode};
use crate::evidence::{
    Body, Citation, Finding, FindingState, Item, Kind, Locator, Monitoring, MonitoringState, PipelineRun,
    Severity,
};
use crate::page::{AdmittedPage, Breach, Gap, Limits, Next, Page};

const CAPTURE: &str = r#"{"results": [{"id": 1}, {"id": 2}], "twice": 1, "twice": 2}"#;

fn stream() -> Stream {
    Stream {
        id: "findings".into(),
        purpose: "Findings".into(),
        kinds: vec![Kind::Finding, Kind::Monitoring, Kind::PipelineRun],
        sync: SyncMode::Full,
    }
}

fn cite(pointer: &str) -> Citation {
    Citation { capture: 0, locator: Locator::Pointer { pointer: pointer.into() } }
}

fn finding(id: &str) -> Item {
    Item {
        id: id.into(),
        title: "Shared credential".into(),
        summary: "One line.\nAnother.".into(),
        url: Some("https://dojo.example/finding/1".into()),
        subjects: vec!["service:payments-bridge".into()],
        source_time: None,
        expires: None,
        labels: vec![("team".into(), "payments".into())],
        citations: vec![cite("/results/0")],
        exposure: None,
        body: Body::Finding(Finding {
            severity: Severity::High,
            state: FindingState::Open,
            verified: None,
            description: "Text".into(),
            impact: None,
            mitigation: None,
            found: None,
            mitigated_at: None,
            due: None,
            weakness: None,
            vulnerabilities: vec![],
            component: None,
            location: None,
            known_exploited: None,
            exceptions: vec![],
        }),
    }
}

fn monitoring(coverage: f64, window_seconds: u64) -> Item {
    let body = Monitoring {
        target: "broker".into(),
        monitor: "up".into(),
        state: MonitoringState::Healthy,
        coverage: Some(coverage),
        window_seconds: Some(window_seconds),
        condition: None,
        last_evaluated: None,
    };
    Item { body: Body::Monitoring(body), ..finding("m") }
}

fn golden() -> Page {
    Page {
        items: vec![finding("1"), Item { citations: vec![cite("/results/1")], ..finding("2") }],
        next: Next::More { cursor: "2".into() },
        gaps: vec![],
    }
}

fn admitted(page: Page) -> Result<AdmittedPage, Breach> {
    let captures = [Capture::new(CAPTURE.as_bytes(), None)];
    let stream = stream();
    admit(
        page,
        Admission { stream: &stream, captures: &captures, cursor: Some("1"), limits: Limits::default() },
    )
}

#[track_caller]
fn refused(patch: impl FnOnce(&mut Page), code: &str) -> String {
    let mut page = golden();
    patch(&mut page);
    let breach = admitted(page).expect_err("the page should be refused");
    assert_eq!(breach.code(), code, "{breach}");
    breach.to_string()
}

/// The first item as kept, and the one gap told about it.
#[track_caller]
fn repaired(patch: impl FnOnce(&mut Item)) -> (Item, Gap) {
    let mut page = golden();
    patch(&mut page.items[0]);
    let page = admitted(page).expect("bad data does not refuse a page");
    assert_eq!((page.items.len(), page.gaps.len()), (2, 1), "{:?}", page.gaps);
    (page.items[0].item.clone(), page.gaps[0].clone())
}

#[track_caller]
fn says(gap: &Gap, words: &[&str]) {
    assert_eq!(gap.reason.kind, FailureKind::Shape);
    for word in words {
        assert!(gap.reason.message.contains(word), "`{}` has no `{word}`", gap.reason.message);
    }
}

#[test]
fn a_good_page_is_admitted_as_it_is() {
    let page = admitted(golden()).unwrap();
    assert_eq!(page.items.iter().map(|item| item.item.clone()).collect::<Vec<_>>(), golden().items);
    assert_eq!((page.gaps, page.next), (vec![], golden().next));
    let first = &page.items[0];
    assert_eq!(first.content, finding("1").content_hash().unwrap());
    assert_eq!(first.digest, finding("1").digest().unwrap());
    assert_eq!(first.cited[0].capture, Capture::new(CAPTURE.as_bytes(), None).digest);
    assert_eq!(first.cited[0].locator, cite("/results/0").locator);
}

#[test]
fn a_kind_the_stream_does_not_declare_refuses_the_page() {
    let captures = [Capture::new(CAPTURE.as_bytes(), None)];
    let stream = Stream { kinds: vec![Kind::Requirement], ..stream() };
    let context = Admission { stream: &stream, captures: &captures, cursor: None, limits: Limits::default() };
    let breach = admit(golden(), context).unwrap_err();
    assert_eq!(breach.code(), "guest.contract.kind");
    assert!(
        breach.to_string().contains("finding `1`") && breach.to_string().contains("requirement"),
        "{breach}"
    );
}

#[test]
fn ids_are_there_clean_short_and_unique() {
    refused(|page| page.items[0].id.clear(), "guest.contract.id");
    let message = refused(|page| page.items[0].id = "a\nb\u{1b}[2J".into(), "guest.contract.id");
    assert!(!message.chars().any(char::is_control), "{message:?}");
    refused(|page| page.items[0].id = "x".repeat(513), "guest.contract.size");
    refused(|page| page.items[1].id = "1".into(), "guest.contract.duplicate-id");
    let mut page = golden();
    page.items[1] = Item { id: "1".into(), ..monitoring(1.0, 1) };
    assert!(admitted(page).is_ok(), "one id for two kinds names two things");
}

#[test]
fn every_item_cites_a_place_in_a_capture_of_this_page() {
    refused(|page| page.items[1].citations.clear(), "guest.evidence.uncited");
    let message = refused(|page| page.items[1].citations[0].capture = 1, "guest.evidence.capture");
    assert!(message.contains("capture 1") && message.contains("this page has 1"), "{message}");
    for place in ["/results/2", "/nothing", "results", "/results/01"] {
        refused(|page| page.items[1].citations.push(cite(place)), "guest.evidence.unresolved");
    }
    let lines = Citation { capture: 0, locator: Locator::Lines { first: 1, last: 2 } };
    refused(|page| page.items[1].citations = vec![lines], "guest.evidence.unresolved");
    refused(|page| page.items[1].citations = vec![cite("/twice")], "guest.evidence.ambiguous");
}

#[test]
fn an_item_that_is_left_out_must_cite_as_well() {
    refused(
        |page| page.items[0] = Item { citations: vec![cite("/no")], ..monitoring(f64::NAN, 1) },
        "guest.evidence.unresolved",
    );
}

#[test]
fn a_cursor_must_move() {
    refused(|page| page.next = Next::More { cursor: "1".into() }, "guest.cursor-loop");
    let mut page = golden();
    page.next = Next::Done { bookmark: Some("1".into()) };
    assert!(admitted(page).is_ok(), "an incremental run may end where it began");
}

#[test]
fn sizes_over_the_hard_caps_refuse_the_page() {
    let long = "x".repeat(65_537);
    refused(|page| page.next = Next::More { cursor: long.clone() }, "guest.contract.size");
    refused(|page| page.next = Next::Done { bookmark: Some(long.clone()) }, "guest.contract.size");
    refused(
        |page| page.items = (0..5_001).map(|at| finding(&at.to_string())).collect(),
        "guest.contract.size",
    );
    let gap = Gap { subject: None, reason: Failure::new(FailureKind::Shape, "x") };
    refused(|page| page.gaps = vec![gap; 1_001], "guest.contract.size");
    refused(|page| page.items[0].subjects = vec!["a:b".into(); 65], "guest.contract.size");
    refused(|page| page.items[0].labels = vec![("a".into(), "b".into()); 65], "guest.contract.size");
    refused(|page| page.items[0].citations = vec![cite(""); 65], "guest.contract.size");
    refused(|page| list(&mut page.items[0]).resize(10_001, String::new()), "guest.contract.size");
}

#[test]
fn the_items_together_are_held_to_a_size() {
    let captures = [Capture::new(CAPTURE.as_bytes(), None)];
    let stream = stream();
    let one = crate::canonical::bytes(&finding("1")).unwrap().len();
    let with = |page_bytes| {
        let limits = Limits { page_bytes, ..Limits::default() };
        admit(golden(), Admission { stream: &stream, captures: &captures, cursor: None, limits })
    };
    assert!(with(2 * one).is_ok());
    let breach = with(2 * one - 1).unwrap_err();
    assert_eq!(breach.code(), "guest.contract.size");
    assert!(breach.to_string().contains("return smaller pages"), "{breach}");
}

fn list(item: &mut Item) -> &mut Vec<String> {
    match &mut item.body {
        Body::Finding(finding) => &mut finding.vulnerabilities,
        _ => unreachable!("the golden items are findings"),
    }
}

fn description(item: &mut Item) -> &mut String {
    match &mut item.body {
        Body::Finding(finding) => &mut finding.description,
        _ => unreachable!("the golden items are findings"),
    }
}

#[test]
fn hidden_characters_are_written_out_and_told() {
    let (item, gap) = repaired(|item| {
        item.title = "pay\u{202e}dnes\nnow".into();
        *description(item) = "a\u{200b}b\tc\nd\u{7}".into();
        list(item).push("CVE\u{feff}".into());
        item.labels[0].1 = "a\tb".into();
    });
    assert_eq!(item.title, "pay\\u{202e}dnes\\u{a}now");
    assert_eq!(item.labels[0].1, "a\\u{9}b");
    let mut expected = item.clone();
    assert_eq!(description(&mut expected), "a\\u{200b}b\tc\nd\\u{7}");
    says(&gap, &["finding `1`", "4 fields", "U+0007", "U+0009", "U+000A", "U+200B", "U+202E", "U+FEFF"]);
    assert_eq!(gap.subject.as_deref(), Some("service:payments-bridge"));
}

#[test]
fn line_ends_of_other_systems_are_no_fault() {
    let mut page = golden();
    *description(&mut page.items[0]) = "a\r\nb".into();
    let page = admitted(page).unwrap();
    assert_eq!((description(&mut page.items[0].item.clone()).as_str(), page.gaps.len()), ("a\nb", 0));
    let (mut item, gap) = repaired(|item| *description(item) = "a\rb".into());
    assert_eq!(description(&mut item), "a\\u{d}b");
    says(&gap, &["U+000D"]);
}

#[test]
fn long_texts_are_cut_between_characters_and_marked() {
    let (mut item, gap) = repaired(|item| {
        item.title = "é".repeat(600);
        item.summary = "x".repeat(5_000);
        *description(item) = "é\u{202e}".repeat(60_000);
    });
    assert!(item.title.ends_with("é… [cut: 436 of 600 characters kept]"), "{}", item.title);
    assert_eq!(item.title.matches('é').count(), 436);
    assert!(item.title.chars().count() <= 500 && item.summary.chars().count() <= 4_000);
    let text = description(&mut item);
    assert!(text.len() <= 64 << 10 && text.contains(" of 120,000 characters kept]"), "{}", text.len());
    assert!(
        !text.replace("\\u{202e}", "").trim_end_matches(" characters kept]").contains('{'),
        "no escape is cut"
    );
    says(&gap, &["3 fields cut", "1 field (U+202E)"]);
}

#[test]
fn an_item_with_a_number_that_would_not_be_kept_exactly_is_left_out() {
    for (coverage, window) in [(f64::NAN, 1), (f64::INFINITY, 1), (1e16, 1), (99.5, 1 << 53), (1.0, u64::MAX)]
    {
        let mut page = golden();
        page.items[0] = monitoring(coverage, window);
        let page = admitted(page).unwrap();
        assert_eq!((page.items.len(), page.gaps.len()), (1, 1), "{coverage} {window}");
        says(&page.gaps[0], &["monitoring `m`: left out", "2^53"]);
    }
    let mut page = golden();
    page.items[0] = monitoring(99.5, (1 << 53) - 1);
    assert_eq!(admitted(page).unwrap().items.len(), 2);
}

#[test]
fn a_page_with_such_a_number_still_has_a_digest_of_its_own() {
    let digest = |coverage| Page { items: vec![monitoring(coverage, 1)], ..golden() }.digest().unwrap();
    let all = [digest(f64::NAN), digest(f64::INFINITY), digest(1e16), digest(1.0)];
    assert!(all.iter().enumerate().all(|(at, one)| !all[at + 1..].contains(one)));
    let json = serde_json::to_string(&monitoring(f64::NAN, 1)).unwrap();
    let back: Item = serde_json::from_str(&json).unwrap();
    assert!(
        matches!(back.body, Body::Monitoring(Monitoring { coverage: Some(number), .. }) if number.is_nan())
    );
}

#[test]
fn a_left_out_exposure_is_told_as_one() {
    let mut page = golden();
    page.items[0] = Item { exposure: Some("live credential".into()), ..monitoring(f64::NAN, 1) };
    says(&admitted(page).unwrap().gaps[0], &["immediate exposure"]);
}

#[test]
fn an_id_that_could_pass_for_another_is_left_out() {
    let mut page = golden();
    page.items[0].id = "2\u{200b}".into();
    let page = admitted(page).unwrap();
    assert_eq!(page.items.len(), 1);
    says(&page.gaps[0], &["finding `2\\u{200b}`: left out"]);
}

#[test]
fn what_is_not_a_subject_is_dropped_and_may_concern_any() {
    let (item, gap) = repaired(|item| item.subjects.push("payments bridge\u{202e}".into()));
    assert_eq!(item.subjects, ["service:payments-bridge"]);
    says(&gap, &["payments bridge\\u{202e}", "not a subject"]);
    assert_eq!(gap.subject, None);
}

#[test]
fn urls_that_are_no_plain_web_address_are_dropped() {
    for url in [
        "javascript:alert(1)",
        "ftp://x/",
        "//x/",
        "",
        "https://",
        "https:///x",
        "https://user:hunter2@x/",
        "data:,x",
        "https://x/ y",
        "https://x/\u{202e}",
        "https://x\\@y/",
        "https://x/\"onclick=",
        "http",
        "é",
    ] {
        let (item, gap) = repaired(|item| item.url = Some(url.into()));
        assert_eq!(item.url, None, "{url}");
        says(&gap, &["url"]);
        assert!(!gap.reason.message.contains("hunter2"));
    }
    let mut page = golden();
    page.items[0].url = Some("HTTPS://dojo.example:8443/a?b=c@d#e".into());
    assert!(admitted(page.clone()).unwrap().items[0].item.url == page.items[0].url);
}

#[test]
fn gaps_that_connectors_tell_come_first_and_are_made_safe() {
    let told = |subject: Option<&str>, message: &str| Gap {
        subject: subject.map(str::to_owned),
        reason: Failure::new(FailureKind::Permission, message),
    };
    let mut page = golden();
    page.items[0].title = "\u{202e}".into();
    page.gaps = vec![
        told(Some("service:a"), "no\u{1b}[31m right"),
        told(Some("the broker"), "x"),
        told(None, &"y".repeat(9_000)),
    ];
    let gaps = admitted(page).unwrap().gaps;
    assert_eq!(gaps.len(), 4);
    assert_eq!(
        (gaps[0].subject.as_deref(), gaps[0].reason.message.as_str()),
        (Some("service:a"), "no\\u{1b}[31m right")
    );
    assert_eq!(gaps[0].reason.kind, FailureKind::Permission);
    assert_eq!((gaps[1].subject.as_deref(), gaps[1].reason.message.contains("`the broker`")), (None, true));
    assert!(gaps[2].reason.message.len() <= 4_096 && gaps[2].reason.message.contains("[cut:"));
    says(&gaps[3], &["finding `1`"]);
}

#[test]
fn one_item_tells_one_gap_however_much_is_wrong() {
    let (_, gap) = repaired(|item| {
        item.title = "\u{202e}".repeat(600);
        item.url = Some("x:y".into());
        item.subjects = (0..60).map(|at| format!("bad {at}")).collect();
    });
    says(&gap, &["written out", "cut", "url", "and 53 more"]);
    assert!(gap.reason.message.len() <= 4_096);
}

#[test]
fn pipeline_numbers_are_held_to_the_same_rule() {
    let body = PipelineRun {
        pipeline: "p".into(),
        number: Some(u64::MAX),
        outcome: crate::evidence::Outcome::Failed,
        revision: None,
        branch: None,
        trigger: None,
        started: None,
        finished: None,
        steps: vec![],
    };
    let mut page = golden();
    page.items[0] = Item { body: Body::PipelineRun(body), ..finding("p") };
    says(&admitted(page).unwrap().gaps[0], &["18446744073709551615"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_texts_hold_admission_is_final_and_shows_everything(
        title in any::<String>(), text in prop::collection::vec(any::<char>(), 0..300), many in 1..120_usize,
        subject in any::<String>(), url in any::<String>(),
    ) {
        let mut page = golden();
        page.items[0].title = title;
        *description(&mut page.items[0]) = text.iter().collect::<String>().repeat(many);
        page.items[0].subjects.push(subject);
        page.items[0].url = Some(url);
        let once = admitted(page.clone()).unwrap();
        prop_assert_eq!(&once, &admitted(page).unwrap());
        let again = Page { items: once.items.iter().map(|item| item.item.clone()).collect(), ..golden() };
        let again = admitted(again).unwrap();
        prop_assert_eq!(&again.items, &once.items);
        prop_assert!(again.gaps.is_empty(), "{:?}", again.gaps);
        let shown = serde_json::to_string(&once.items[0].item).unwrap();
        prop_assert!(!shown.chars().any(crate::text::is_hidden));
    }
}
