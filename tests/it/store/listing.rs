//! What listings promise.

use std::collections::BTreeMap;
use std::time::Duration;

use probity::store::{EvidenceFilter, FreshFilter, Keyset, Store};
use probity_core::evidence::{Item, Kind};
use probity_core::run::RunState;

use super::fixture::*;

fn none() -> EvidenceFilter {
    EvidenceFilter::default()
}

pub(super) async fn every_filter_narrows(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let mirror = connection(store, "mirror").await;
    let about = |subject: &str, item: Item| Item { subjects: vec![subject.to_owned()], ..item };
    sweep(store, &tracker, vec![finding("F-1", "One"), about("team:storage", finding("F-2", "Two"))]).await;
    pass(store, &tracker, full("tests"), (RunState::Complete, vec![rollback("R-1", None)])).await;
    let twice = vec![String::from("team:storage"), String::from("service:x"), String::from("team:storage")];
    sweep(store, &mirror, vec![Item { subjects: twice, ..finding("M-1", "Mirror") }]).await;

    let storage = || Some(String::from("team:storage"));
    let state = |state: &str| Some(state.to_owned());
    for (filter, expected) in [
        (none(), vec!["F-1", "F-2", "R-1", "M-1"]),
        (EvidenceFilter { kind: Some(Kind::RollbackTest), ..none() }, vec!["R-1"]),
        (EvidenceFilter { kind: Some(Kind::Secret), ..none() }, vec![]),
        (EvidenceFilter { subject: storage(), ..none() }, vec!["F-2", "M-1"]),
        (EvidenceFilter { subject: Some(String::from("team:stor")), ..none() }, vec![]),
        (EvidenceFilter { connection: Some(name("tracker")), ..none() }, vec!["F-1", "F-2", "R-1"]),
        (EvidenceFilter { connection: Some(name("nobody")), ..none() }, vec![]),
        (EvidenceFilter { stream: Some(stream("tests")), ..none() }, vec!["R-1"]),
        (EvidenceFilter { state: state("succeeded"), ..none() }, vec!["R-1"]),
        (EvidenceFilter { state: state("open"), ..none() }, vec!["F-1", "F-2", "M-1"]),
        (EvidenceFilter { subject: storage(), connection: Some(name("mirror")), ..none() }, vec!["M-1"]),
    ] {
        assert_eq!(found(store, &filter).await, expected, "{filter:?}");
    }
}

pub(super) async fn text_is_found_by_words_whatever_their_case(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let summary = |summary: &str, item: Item| Item { summary: summary.to_owned(), ..item };
    sweep(
        store,
        &tracker,
        vec![
            finding("DEFECT-123", "Shared credential of the legacy broker"),
            summary("Straße to the broker; 100% of requests", finding("F-2", "Ünencrypted Link")),
            finding("F-3", "Nothing of the kind"),
        ],
    )
    .await;
    for (text, expected) in [
        ("BROKER", vec!["DEFECT-123", "F-2"]),
        ("broker shared", vec!["DEFECT-123"]),
        ("broker nothing", vec![]),
        ("defect-123", vec!["DEFECT-123"]),
        ("cred", vec!["DEFECT-123"]),
        ("ünencrypted LINK", vec!["F-2"]),
        ("100%", vec!["F-2"]),
        ("%", vec![]),
        ("\" OR *", vec![]),
        ("  ", vec!["DEFECT-123", "F-2", "F-3"]),
    ] {
        let filter = EvidenceFilter { text: Some(text.to_owned()), ..none() };
        assert_eq!(found(store, &filter).await, expected, "{text}");
    }
}

pub(super) async fn filters_ask_the_revision_of_the_time(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let about =
        |subject: &str, title: &str| Item { subjects: vec![subject.to_owned()], ..finding("F-1", title) };
    let (_, one) = sweep(store, &tracker, vec![about("team:storage", "Zebra")]).await;
    sweep(store, &tracker, vec![about("team:network", "Yak")]).await;
    for (subject, text, at, there) in [
        ("team:storage", "zebra", None, false),
        ("team:network", "yak", None, true),
        ("team:storage", "zebra", Some(one.recorded), true),
        ("team:network", "yak", Some(one.recorded), false),
    ] {
        let by_subject = EvidenceFilter { subject: Some(subject.to_owned()), at, ..none() };
        let by_text = EvidenceFilter { text: Some(text.to_owned()), at, ..none() };
        assert_eq!(!found(store, &by_subject).await.is_empty(), there, "{subject} at {at:?}");
        assert_eq!(!found(store, &by_text).await.is_empty(), there, "{text} at {at:?}");
    }
}

pub(super) async fn freshness_counts_from_the_kind_s_own_time(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let noon = instant("2026-11-22T12:00:00Z");
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    let expiring = |id: &str, hour: u64| Item { expires: noon.plus(hours(hour)), ..finding(id, "Expiring") };
    // All are seen at noon.
    sweep(
        store,
        &tracker,
        vec![
            finding("state", "Holds"),
            Item { source_time: noon.minus(hours(1000)), ..finding("old-state", "Holds, and is old") },
            expiring("soon", 2),
            expiring("later", 30),
            rollback("event", noon.minus(hours(5))),
            rollback("old-event", noon.minus(hours(50))),
            rollback("no-time", None),
            rollback("tomorrow", noon.plus(hours(20))),
            Item { source_time: noon.plus(hours(20)), ..finding("ahead", "Said to have changed tomorrow") },
        ],
    )
    .await;
    let max_age = BTreeMap::from([(Kind::Finding, hours(24)), (Kind::RollbackTest, hours(24))]);
    let only_findings = BTreeMap::from([(Kind::Finding, hours(24))]);
    let late = noon.plus(hours(24)).unwrap();
    for (as_of, max_age, expected) in [
        (noon, &max_age, vec!["state", "old-state", "soon", "later", "event"]),
        (noon, &only_findings, vec!["state", "old-state", "soon", "later"]),
        (noon.plus(hours(3)).unwrap(), &max_age, vec!["state", "old-state", "later", "event"]),
        (noon.plus(hours(20)).unwrap(), &max_age, vec!["state", "old-state", "later", "tomorrow", "ahead"]),
        (late.plus(hours(1)).unwrap(), &max_age, vec!["tomorrow"]),
        (noon, &BTreeMap::new(), vec![]),
    ] {
        let filter = |fresh| EvidenceFilter {
            fresh: Some(FreshFilter { fresh, as_of, max_age: max_age.clone() }),
            ..none()
        };
        let fresh = found(store, &filter(true)).await;
        assert_eq!(fresh, expected, "as of {as_of}");
        let stale = found(store, &filter(false)).await;
        assert_eq!(fresh.len() + stale.len(), 9, "each is one or the other: {stale:?}");
    }
}

pub(super) async fn pages_of_a_listing_cover_everything_once(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let items: Vec<Item> = (0..53).map(|n| finding(&format!("F-{n:02}"), "Listed")).collect();
    let expected: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
    let (_, committed) = sweep(store, &tracker, items).await;
    for at in [None, Some(committed.recorded)] {
        let filter = EvidenceFilter { kind: Some(Kind::Finding), at, ..none() };
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let page = store.evidence_list(&filter, &Keyset { after, limit: 7 }).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.len() == 7 || listed.len() + page.len() == 53);
            after = Some(last.id.to_string());
            listed.extend(page.into_iter().map(|one| one.item.id));
        }
        assert_eq!(listed, expected);
    }
    let nothing = Keyset { after: None, limit: 0 };
    assert_eq!(store.evidence_list(&none(), &nothing).await.unwrap().len(), 1, "a limit is at least 1");
}

pub(super) async fn where_a_revision_was_seen_is_told_latest_first(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let mut runs = Vec::new();
    for title in ["A", "A", "B", "A"] {
        runs.push(sweep(store, &tracker, vec![finding("F-1", title)]).await);
    }
    let id = id_of(store, "F-1").await;
    let seen = store.evidence_seen(&id, 1, 10).await.unwrap();
    let places: Vec<_> = seen.iter().map(|one| (&one.run, one.recorded)).collect();
    assert_eq!(places, [(&runs[1].0, runs[1].1.recorded), (&runs[0].0, runs[0].1.recorded)]);
    let page = store.page_get(&runs[1].0, &stream("findings"), 1).await.unwrap().unwrap();
    assert_eq!(seen[0].journal, page.journal.digest().unwrap());
    assert_eq!((seen[0].page, seen[0].instant, seen[0].component), (1, page.instant, page.journal.connector));
    assert_eq!(store.evidence_seen(&id, 1, 1).await.unwrap(), seen[..1]);
    assert_eq!(store.evidence_seen(&id, 2, 10).await.unwrap().len(), 1);
    assert!(store.evidence_seen(&id, 9, 10).await.unwrap().is_empty());
}
