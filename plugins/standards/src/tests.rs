//! The connector over the folders `tests/documents` and, for size, a catalog of NIST.

use probity_sdk::testing::{self, Recorded, Swept};
use probity_sdk::{Body, FailureKind, Item, Locator, Requirement, RequirementClass, Strength};
use serde_json::{Value, json};

use crate::{DOCUMENTS, Standards};

const NIST: &str = "../../tests/data/nist-sp800-53-rev5-moderate.oscal.json";

fn documents() -> Recorded {
    Recorded::nothing().folder(DOCUMENTS, "tests/documents").unwrap()
}

fn swept_with(config: &Value, recorded: &Recorded) -> Swept {
    testing::sweep::<Standards>(config, "requirements", recorded).unwrap().sound()
}

fn swept() -> Swept {
    let config = json!({
        "subjects": ["service:payments-bridge"],
        "classes": [{"files": "criteria/**", "class": "criterion"}],
    });
    swept_with(&config, &documents())
}

#[track_caller]
fn requirement(item: &Item) -> &Requirement {
    match &item.body {
        Body::Requirement(requirement) => requirement,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn at<'a>(swept: &'a Swept, id: &str) -> (&'a Item, &'a Requirement) {
    let item = swept.item(id).unwrap_or_else(|| {
        panic!("no `{id}` among {:?}", swept.items.iter().map(|item| &item.id).collect::<Vec<_>>())
    });
    (item, requirement(item))
}

/// The lines that an item cites of a document, as they stand there.
fn cited(item: &Item, document: &str) -> String {
    let text = std::fs::read_to_string(format!("tests/documents/{document}")).unwrap();
    let Locator::Lines(lines) = &item.citations[0].locator else { panic!("{:?}", item.citations) };
    let (first, last) = (lines.first as usize, lines.last as usize);
    text.lines().skip(first - 1).take(last + 1 - first).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_manifest_is_one_an_operator_can_read() {
    assert_eq!(testing::lint::<Standards>(), Vec::<String>::new());
}

#[test]
fn clauses_are_quoted_with_their_lines() {
    let swept = swept();
    let (item, clause) = at(&swept, "policies/credentials.md#shared-credentials.1");
    assert_eq!(clause.text, "A service MUST sign in with a credential\n  of its own.");
    assert_eq!(
        cited(item, "policies/credentials.md"),
        "- A service MUST sign in with a credential\n  of its own."
    );
    assert_eq!(clause.strength, Strength::Must);
    assert_eq!(clause.section, ["Credentials of services", "Shared credentials"]);
    let (item, clause) = at(&swept, "policies/credentials.md#no-sharing");
    assert_eq!(clause.strength, Strength::MustNot);
    assert!(cited(item, "policies/credentials.md").contains(&clause.text));
    let (item, clause) = at(&swept, "policies/credentials.md#rotation.3");
    assert_eq!(
        (clause.text.as_str(), clause.parent.as_deref()),
        ("have an owner who is a team", Some("rotation.1"))
    );
    assert_eq!(cited(item, "policies/credentials.md"), "2. have an owner who is a team");
}

#[test]
fn every_quote_is_found_in_the_lines_it_cites() {
    let swept = swept();
    for item in swept.items.iter().filter(|item| item.id.contains(".md#")) {
        let (document, _) = item.id.split_once('#').unwrap();
        assert!(cited(item, document).contains(&requirement(item).text), "{}", item.id);
    }
}

#[test]
fn front_matter_says_what_the_document_is() {
    let swept = swept();
    let (item, clause) = at(&swept, "policies/credentials.md#no-sharing");
    let document = &clause.document;
    assert_eq!((document.id.as_str(), document.title.as_str()), ("STD-014", "Credentials of services"));
    assert_eq!((document.version.as_deref(), document.status.as_deref()), (Some("3.1"), Some("approved")));
    assert_eq!(document.owner.as_deref(), Some("team:platform-security"));
    assert_eq!(document.review_due.as_deref(), Some("2027-03-30"));
    assert_eq!(document.modified.as_deref(), Some("2026-10-02T06:30:00Z"));
    assert_eq!(item.source_time.as_deref(), Some("2026-10-02T06:30:00Z"));
    assert_eq!(item.subjects, ["service:payments-bridge", "credential:legacy-broker/shared"]);
    assert_eq!(item.labels, [("supersedes".to_owned(), "STD-002".to_owned())]);
}

#[test]
fn what_a_document_does_not_say_is_not_known() {
    let swept = swept();
    let (item, clause) = at(&swept, "criteria/exceptions.md#compensating-controls-1.1");
    assert_eq!(item.source_time, None);
    assert_eq!((clause.document.modified.as_deref(), clause.document.review_due.as_deref()), (None, None));
    assert_eq!(clause.document.title, "Exception criteria");
    assert_eq!(clause.class, RequirementClass::Criterion);
}

#[test]
fn a_catalog_gives_controls_and_each_statement_and_item_at_any_depth() {
    let swept = swept();
    let of_catalog: Vec<&str> = swept
        .items
        .iter()
        .filter(|item| item.id.starts_with("catalogs/"))
        .map(|item| requirement(item).reference.as_str())
        .collect();
    assert_eq!(
        of_catalog,
        ["ac-1", "ac-1_smt", "ac-1_smt.a", "ac-1_smt.a.1", "ac-1.item-0", "ac-1.1", "ac-1.1_smt"]
    );
    let (item, part) = at(&swept, "catalogs/small.json#ac-1_smt.a");
    assert_eq!(
        item.citations[0].locator,
        Locator::Pointer("/catalog/groups/0/controls/0/parts/0/parts/0".into())
    );
    assert_eq!(
        part.text,
        "Tell {{ insert: param, ac-01_odp.01 }} and review {{ insert: param, ac-01_odp.02 }}:"
    );
    assert_eq!(
        part.resolved.as_deref(),
        Some(
            "Tell [Assignment: personnel or roles] and review [Selection (one or more): yearly; after an incident]:"
        )
    );
    assert_eq!(part.section, ["Access Control", "Policy and Procedures"]);
    assert_eq!((part.parent.as_deref(), part.parameters.len()), (Some("ac-1_smt"), 2));
    assert_eq!(
        item.title,
        "AC-1 a.: Tell {{ insert: param, ac-01_odp.01 }} and review {{ insert: param, ac-01_odp.02 }}:"
    );
    assert_eq!(item.source_time.as_deref(), Some("2026-02-13T16:43:48.399771Z"));
    let (_, enhancement) = at(&swept, "catalogs/small.json#ac-1.1");
    assert_eq!(enhancement.parent.as_deref(), Some("ac-1"));
}

#[test]
fn a_part_without_prose_is_there_with_the_text_the_source_has() {
    let swept = swept();
    let (item, part) = at(&swept, "catalogs/small.json#ac-1_smt");
    assert_eq!((part.text.as_str(), part.resolved.as_deref()), ("", None));
    assert!(item.summary.contains("no words of its own"), "{}", item.summary);
}

// ---- A large catalog -----------------------------------------------------------------------------

#[test]
fn all_of_a_large_catalog_is_there_over_several_pages() {
    let bytes = std::fs::read(NIST).unwrap();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    let recorded = Recorded::nothing().file(DOCUMENTS, "nist.json", bytes);
    let swept = swept_with(&json!({}), &recorded);
    assert!(swept.gaps.is_empty());
    assert!(swept.pages.iter().all(|page| page.items.len() <= 250));
    assert_eq!(swept.pages.len(), 6);

    let named = |name: &str| {
        swept.items.iter().filter(|item| item.labels.contains(&("part".into(), name.into()))).count()
    };
    let controls =
        swept.items.iter().filter(|item| item.labels.iter().all(|(label, _)| label != "part")).count();
    assert_eq!((controls, named("statement"), named("item"), swept.items.len()), (287, 287, 700, 1_274));
    let silent = swept.items.iter().filter(|item| requirement(item).text.is_empty()).count();
    assert_eq!(silent, 127);

    let ids: std::collections::HashSet<&str> = swept.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids.len(), 1_274, "no id twice");
    for item in &swept.items {
        let Locator::Pointer(pointer) = &item.citations[0].locator else { panic!("{:?}", item.citations) };
        let place = document.pointer(pointer).unwrap();
        let body = requirement(item);
        assert_eq!(place["id"], *body.reference, "{pointer}");
        let quoted =
            place.get("prose").or_else(|| place.get("title")).and_then(Value::as_str).unwrap_or_default();
        assert_eq!(quoted, body.text, "{pointer}");
        assert_eq!(body.text.contains("{{"), body.resolved.is_some(), "{pointer}");
        assert!(!body.resolved.as_ref().is_some_and(|text| text.contains("{{")), "{:?}", body.resolved);
    }
}

/// A catalog of so many controls, whose titles begin with a word.
fn catalog(controls: usize, word: &str) -> Vec<u8> {
    let controls: Vec<Value> = (0..controls)
        .map(|number| json!({"id": format!("c-{number}"), "title": format!("{word} {number}")}))
        .collect();
    json!({"catalog": {"metadata": {"title": "Many"}, "controls": controls}}).to_string().into_bytes()
}

#[test]
fn a_sweep_comes_to_the_same_items_each_time() {
    let recorded = documents().file(DOCUMENTS, "many.json", catalog(600, "Control"));
    let (one, other) = (swept_with(&json!({}), &recorded), swept_with(&json!({}), &recorded));
    assert_eq!(one.pages, other.pages);
    assert_eq!(one.pages.len(), 3);
}

/// The pages after the first of a sweep over `before`, once the file is `after`.
fn going_on(before: Vec<u8>, after: Vec<u8>) -> Swept {
    let swept = swept_with(&json!({}), &Recorded::nothing().file(DOCUMENTS, "many.json", before));
    let probity_sdk::Next::More(cursor) = &swept.pages[0].next else { panic!("one page") };
    let second = Recorded::nothing().file(DOCUMENTS, "many.json", after);
    testing::sweep_from::<Standards>(&json!({}), "requirements", Some(cursor), &second).unwrap().sound()
}

#[test]
fn a_catalog_that_changed_between_two_pages_is_begun_anew() {
    assert_eq!(going_on(catalog(600, "Control"), catalog(600, "Control")).items.len(), 350);
    assert_eq!(going_on(catalog(600, "Control"), catalog(600, "Rule")).items.len(), 600);
}

#[test]
fn a_catalog_that_changes_all_the_time_is_given_up_with_a_gap() {
    let recorded = Recorded::nothing().file(DOCUMENTS, "many.json", catalog(600, "Control"));
    let cursor = json!({"file": "many.json", "taken": 250, "hash": 1, "restarts": 3}).to_string();
    let swept =
        testing::sweep_from::<Standards>(&json!({}), "requirements", Some(&cursor), &recorded).unwrap();
    assert!(swept.items.is_empty());
    assert_eq!(swept.gaps[0].reason.kind, FailureKind::Unavailable);
}

// ---- What a folder can hold ----------------------------------------------------------------------

#[test]
fn one_bad_file_is_a_gap_and_the_others_are_read() {
    let recorded = documents()
        .file(DOCUMENTS, "a-latin.md", b"# Gr\xfc\xdfe MUST".to_vec())
        .file(DOCUMENTS, "b-broken.json", "{\"catalog\": ".to_owned())
        .file(DOCUMENTS, "c-deep.json", format!("{{\"catalog\": {}", "[".repeat(100_000)))
        .file(DOCUMENTS, "d-front.md", "---\na: *b\n---\n# D\n\nIt MUST be read.\n")
        .file(DOCUMENTS, "e-large.md", "x".repeat((4 << 20) + 1));
    let config = json!({"subjects": ["service:payments-bridge"]});
    let swept = swept_with(&config, &recorded);
    let told: Vec<(&str, FailureKind)> = swept
        .gaps
        .iter()
        .map(|gap| (gap.reason.message.split(':').next().unwrap(), gap.reason.kind))
        .collect();
    assert_eq!(
        told,
        [
            ("`a-latin.md`", FailureKind::Shape),
            ("`b-broken.json`", FailureKind::Shape),
            ("`c-deep.json`", FailureKind::Shape),
            ("`d-front.md`", FailureKind::Shape),
            ("`e-large.md`", FailureKind::TooLarge),
        ]
    );
    assert!(swept.gaps.iter().all(|gap| gap.subject.as_deref() == Some("service:payments-bridge")));
    assert!(swept.item("d-front.md#d.1").is_some());
    assert!(swept.item("policies/credentials.md#no-sharing").is_some());
}

#[test]
fn json_that_is_no_catalog_is_passed_over_and_told_to_the_operator() {
    let recorded = Recorded::nothing().file(DOCUMENTS, "package.json", "{\"name\": \"x\"}");
    let swept = swept_with(&json!({}), &recorded);
    assert!(swept.items.is_empty() && swept.gaps.is_empty());
    assert!(swept.remarks[0].message.contains("not an OSCAL catalog"), "{:?}", swept.remarks);
}

#[test]
fn names_that_a_file_uses_twice_stay_apart() {
    let text = "# A\n\n- x MUST {#same}\n- y MUST {#same}\n- z MUST {#same-1}\n";
    let swept = swept_with(&json!({}), &Recorded::nothing().file(DOCUMENTS, "a.md", text));
    let ids: Vec<&str> = swept.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["a.md#same", "a.md#same-1", "a.md#same-1-1"]);
}

#[test]
fn paths_may_be_long() {
    let path = format!("{}/a.md", "folder".repeat(100));
    let swept =
        swept_with(&json!({}), &Recorded::nothing().file(DOCUMENTS, &path, "# A\n\nx MUST\n\ny MUST\n"));
    assert_eq!(swept.items.len(), 2);
}

#[test]
fn many_files_take_several_pages_and_none_is_skipped() {
    let recorded = (0..1_200).fold(Recorded::nothing(), |recorded, number| {
        let text = if number % 10 == 0 { "# A\n\nIt MUST be.\n" } else { "# Nothing\n" };
        recorded.file(DOCUMENTS, &format!("{number:04}.md"), text)
    });
    let swept = swept_with(&json!({}), &recorded);
    assert_eq!(swept.items.len(), 120);
    assert_eq!(swept.pages.len(), 3);
}

#[test]
fn a_page_does_not_begin_a_file_that_would_make_it_too_large() {
    let large = format!("{{\"x\": \"{}\"}}", "a".repeat(9 << 20));
    let recorded = Recorded::nothing()
        .file(DOCUMENTS, "a.json", large.clone())
        .file(DOCUMENTS, "b.json", large)
        .file(DOCUMENTS, "c.md", "# C\n\nIt MUST be.\n");
    let swept = swept_with(&json!({}), &recorded);
    assert_eq!((swept.pages.len(), swept.items.len()), (2, 1));
}

#[test]
fn files_can_be_chosen() {
    let config = json!({"include": ["**/*.md"], "exclude": ["criteria/**"]});
    let swept = swept_with(&config, &documents());
    assert!(!swept.items.is_empty());
    assert!(swept.items.iter().all(|item| item.id.starts_with("policies/")));
    assert!(testing::check::<Standards>(&config, &documents()).unwrap()[0].contains("1 Markdown"));
    let none = testing::check::<Standards>(&json!({"include": ["*.txt"]}), &documents()).unwrap_err();
    assert_eq!(none.kind, FailureKind::Config);
}
