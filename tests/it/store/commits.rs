//! What committing a page promises.

use std::collections::BTreeSet;

use futures::FutureExt as _;
use futures::future::join_all;
use probity::store::{Store, StoreError};
use probity_core::evidence::Item;
use probity_core::id::RunId;
use probity_core::page::Next;

use super::fixture::*;

pub(super) async fn a_page_is_committed_whole_and_read_back(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    let mut page = Sheet::last(&run).with(vec![finding("F-1", "One"), finding("F-2", "Two")]);
    page.page.gaps = vec![gap("notes are not readable"), gap("nor are files")];
    page.page.next = Next::Done { bookmark: Some(String::from("tomorrow")) };
    let committed = commit(store, &page).await;
    assert_eq!((committed.new_evidence, committed.new_revisions, committed.unchanged), (2, 0, 0));

    let kept = store.page_get(&run.id, &page.stream, 1).await.unwrap().unwrap();
    assert_eq!(kept.journal, page.journal);
    assert_eq!((kept.instant, kept.recorded), (page.journal.instant, committed.recorded));
    assert_eq!(kept.gaps, page.page.gaps);
    let seen: Vec<_> = kept.manifest.iter().map(|one| (&one.evidence, one.revision, one.item)).collect();
    let items = &page.page.items;
    assert_eq!(seen, [(&page.fresh_ids[0], 1, items[0].digest), (&page.fresh_ids[1], 1, items[1].digest)]);
    assert_eq!(kept.manifest[1].cited, items[1].cited);

    let evidence = store.evidence_get(&page.fresh_ids[0], None).await.unwrap().unwrap();
    assert_eq!((&evidence.item, evidence.content), (&items[0].item, items[0].content));
    assert_eq!((evidence.collected, evidence.last_seen), (page.journal.instant, page.journal.instant));
    assert_eq!((&evidence.run, evidence.component), (&run.id, run.component));

    let progress = store.run_get(&run.id).await.unwrap().unwrap().streams.remove(0);
    assert_eq!((progress.pages, progress.items, progress.new_evidence, progress.gaps), (1, 2, 2, 2));
    assert_eq!((progress.cursor, progress.bookmark.as_deref()), (None, Some("tomorrow")));
    assert_eq!(store.page_list(&run.id).await.unwrap(), [(page.stream.clone(), 1)]);
    assert_eq!(
        store.gap_list(&run.id).await.unwrap()[1],
        (page.stream.clone(), 1, page.page.gaps[1].clone())
    );
    assert!(store.page_get(&run.id, &page.stream, 2).await.unwrap().is_none());
}

pub(super) async fn the_same_page_twice_is_out_of_order(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    let page = Sheet::middle(&run, 1).with(vec![finding("F-1", "One")]);
    commit(store, &page).await;
    let before = counts(store, &run.id).await;
    assert!(is_out_of_order(&store.page_commit(&page).await));
    let mut ahead = Sheet::middle(&run, 3).with(vec![finding("F-3", "Three")]);
    ahead.journal.cursor = Some(String::from("2"));
    assert!(is_out_of_order(&store.page_commit(&ahead).await), "a page may not be left out");
    let mut elsewhere = Sheet::middle(&run, 1).with(vec![finding("F-4", "Four")]);
    elsewhere.stream = stream("notes");
    assert!(is_out_of_order(&store.page_commit(&elsewhere).await), "the run has no such stream");
    assert_eq!(counts(store, &run.id).await, before);
}

pub(super) async fn a_page_from_another_cursor_is_out_of_order(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, incremental("findings", "bookmark")).await;
    let mut page = Sheet::last(&run).with(Vec::new());
    page.journal.cursor = None;
    assert!(is_out_of_order(&store.page_commit(&page).await));
    page.journal.cursor = Some(String::from("bookmark"));
    commit(store, &page).await;
}

pub(super) async fn nothing_follows_the_last_page(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::last(&run).with(vec![finding("F-1", "One")])).await;
    let mut after = Sheet::last(&run).with(vec![finding("F-2", "Two")]);
    after.number = 2;
    assert!(is_out_of_order(&store.page_commit(&after).await));
    end(store, &run, probity_core::run::RunState::Complete).await;
    assert!(is_fenced(&store.page_commit(&after).await), "the run has ended");
}

pub(super) async fn seeing_the_same_again_elsewhere_makes_sightings_but_no_revision(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let items: Vec<Item> = (0..6).map(|n| finding(&format!("F-{n}"), "Unchanged")).collect();
    let first = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::last(&first).with(items.clone())).await;
    end(store, &first, probity_core::run::RunState::Complete).await;

    // The same items, the other way round, over two pages.
    let second = begin(store, &connection, full("findings")).await;
    let mut turned: Vec<Item> = items.into_iter().rev().collect();
    let tail = turned.split_off(2);
    let one = commit(store, &Sheet::middle(&second, 1).with(turned)).await;
    let now = store.run_get(&second.id).await.unwrap().unwrap();
    let two = commit(store, &Sheet::last(&now).with(tail)).await;
    assert_eq!((one.unchanged, two.unchanged), (2, 4));
    assert_eq!(one.new_evidence + one.new_revisions + two.new_evidence + two.new_revisions, 0);

    let evidence = evidence_of(store, "F-0").await;
    assert_eq!(evidence.revision, 1);
    assert_eq!(store.evidence_revisions(&evidence.id).await.unwrap().len(), 1);
    let seen = store.evidence_seen(&evidence.id, 1, 10).await.unwrap();
    assert_eq!(
        seen.iter().map(|one| (&one.run, one.page)).collect::<Vec<_>>(),
        [(&second.id, 2), (&first.id, 1)]
    );
    assert_ne!(seen[0].cited, seen[1].cited, "it was seen at another place of another page");
    assert_eq!(evidence.cited, seen[1].cited, "a revision keeps the place where it was first seen");
    let manifest = store.page_get(&second.id, &stream("findings"), 2).await.unwrap().unwrap().manifest;
    assert_eq!(manifest.last().unwrap().cited, seen[0].cited);
}

pub(super) async fn from_a_to_b_and_back_are_three_revisions(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    for (title, made) in [("A", 0), ("B", 1), ("B", 0), ("A", 1)] {
        let (_, committed) = sweep(store, &connection, vec![finding("F-1", title)]).await;
        assert_eq!(committed.new_revisions, made, "{title}");
    }
    let id = id_of(store, "F-1").await;
    let revisions = store.evidence_revisions(&id).await.unwrap();
    let told: Vec<_> = revisions.iter().map(|one| (one.revision, one.item.title.as_str())).collect();
    assert_eq!(told, [(1, "A"), (2, "B"), (3, "A")]);
    assert_eq!(revisions[0].content, revisions[2].content);
    assert!(revisions.windows(2).all(|pair| pair[0].recorded < pair[1].recorded));
    assert_eq!(store.evidence_get(&id, None).await.unwrap().unwrap(), revisions[2]);
}

pub(super) async fn the_same_id_in_another_stream_or_kind_is_other_evidence(store: &dyn Store) {
    let one = connection(store, "tracker").await;
    let other = connection(store, "mirror").await;
    let both = vec![finding("1", "One"), rollback("1", None)];
    let (_, committed) = sweep(store, &one, both.clone()).await;
    assert_eq!(committed.new_evidence, 2);
    let plan = full("notes");
    let complete = probity_core::run::RunState::Complete;
    assert_eq!(pass(store, &one, plan, (complete, both.clone())).await.1.new_evidence, 2);
    assert_eq!(sweep(store, &other, both).await.1.new_evidence, 2);
    assert_eq!(everything(store).await.len(), 6);
}

pub(super) async fn an_old_epoch_writes_nothing(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let old = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::middle(&old, 1).with(vec![finding("F-1", "One")])).await;
    store.run_claim(&old.id, "host-2", LEASE, &|_| true).await.unwrap().unwrap();

    let before = counts(store, &old.id).await;
    let mut late = Sheet::middle(&old, 2).with(vec![finding("F-1", "Changed"), finding("F-2", "Two")]);
    late.page.gaps = vec![gap("late")];
    assert!(is_fenced(&store.page_commit(&late).await));
    let end = probity::store::StreamEnd { state: probity_core::run::RunState::Failed, failure: None };
    assert!(is_fenced(&store.stream_end(&old.id, 1, &stream("findings"), &end).await));
    assert!(is_fenced(&store.run_end(&old.id, 1, probity_core::run::RunState::Failed).await));
    assert!(is_fenced(&store.run_beat(&old.id, 1, LEASE).await));
    assert_eq!(counts(store, &old.id).await, before);
    assert_eq!(evidence_of(store, "F-1").await.item.title, "One");
    assert!(store.capture_get(&late.captures[0].digest).await.unwrap().is_none());

    late.epoch = 2;
    commit(store, &late).await;
    late.run = uuid().parse().unwrap();
    assert!(is_fenced(&store.page_commit(&late).await), "there is no such run");
}

pub(super) async fn a_failing_page_leaves_nothing(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::middle(&run, 1).with(vec![finding("F-1", "One")])).await;
    let before = counts(store, &run.id).await;
    // Too few ids for what is new: it fails after captures and page were written.
    let mut page = Sheet::middle(&run, 2).with(vec![finding("F-2", "Two"), finding("F-3", "Three")]);
    page.fresh_ids.truncate(1);
    assert!(matches!(store.page_commit(&page).await, Err(StoreError::Database { .. })));
    // The same item twice, and an id that is taken: the database refuses the last statements.
    let twice = Sheet::middle(&run, 2).with(vec![finding("F-1", "One"), finding("F-1", "One")]);
    assert!(matches!(store.page_commit(&twice).await, Err(StoreError::Database { .. })));
    let mut taken = Sheet::middle(&run, 2).with(vec![finding("F-9", "Nine")]);
    taken.fresh_ids = vec![id_of(store, "F-1").await];
    assert!(matches!(store.page_commit(&taken).await, Err(StoreError::Database { .. })));
    assert_eq!(counts(store, &run.id).await, before);
    assert_eq!(store.run_get(&run.id).await.unwrap().unwrap().streams[0].pages, 1);
}

pub(super) async fn recorded_times_only_grow(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    let mut last = store.now().await.unwrap();
    for number in 1..=20 {
        let committed = commit(store, &Sheet::middle(&run, number).with(Vec::new())).await;
        assert!(committed.recorded > last, "page {number}: {} after {last}", committed.recorded);
        last = committed.recorded;
        let now = store.now().await.unwrap();
        assert!(now >= last);
        last = now;
    }
}

pub(super) async fn runs_commit_side_by_side(store: &dyn Store) {
    const RUNS: usize = 32;
    const PAGES: u32 = 5;
    let mut runs = Vec::new();
    for n in 0..RUNS {
        let connection = connection(store, &format!("tracker-{n}")).await;
        runs.push(begin(store, &connection, full("findings")).await);
    }
    let recorded = join_all(runs.iter().map(async |run| {
        let mut recorded = Vec::new();
        for number in 1..=PAGES {
            let items = (0..10).map(|n| finding(&format!("F-{number}-{n}"), "Side by side")).collect();
            recorded.push(commit(store, &Sheet::middle(run, number).with(items)).await.recorded);
        }
        recorded
    }))
    .await;
    let different: BTreeSet<_> = recorded.iter().flatten().collect();
    assert_eq!(different.len(), RUNS * PAGES as usize, "no two pages share an instant");
    for run in &runs {
        let run = store.run_get(&run.id).await.unwrap().unwrap();
        assert_eq!((run.streams[0].pages, run.streams[0].new_evidence), (PAGES, 50));
    }
}

pub(super) async fn a_dropped_commit_is_all_or_nothing(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    let page = |number: u32| {
        let items = (0..20).map(|n| finding(&format!("F-{number}-{n}"), "Dropped")).collect();
        let mut page = Sheet::middle(&run, number).with(items);
        page.page.gaps = vec![gap("one a page")];
        page
    };
    let mut number = 1;
    for attempt in 0..120 {
        let page = page(number);
        match dropped(store, store.page_commit(&page), attempt * attempt % 61).await {
            Some(result) => {
                result.unwrap();
                number += 1;
            }
            // Not heard of again: it is there whole, or not at all and may be tried again.
            None => match store.page_commit(&page).await {
                Ok(_) | Err(StoreError::OutOfOrder { .. }) => number += 1,
                Err(error) => panic!("{error}"),
            },
        }
        assert_whole(store, &run.id, number - 1).await;
    }
}

async fn assert_whole(store: &dyn Store, run: &RunId, pages: u32) {
    let progress = store.run_get(run).await.unwrap().unwrap().streams.remove(0);
    assert_eq!(
        (progress.pages, progress.items, progress.gaps),
        (pages, u64::from(pages) * 20, u64::from(pages))
    );
    assert_eq!(progress.cursor, Some((pages + 1).to_string()));
    let page = store.page_get(run, &stream("findings"), pages).await.unwrap().unwrap();
    assert_eq!((page.manifest.len(), page.gaps.len()), (20, 1));
    assert_eq!(store.page_list(run).await.unwrap().len(), pages as usize);
}

pub(super) async fn a_commit_once_begun_is_finished(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    let page = Sheet::last(&run).with(vec![finding("F-1", "One")]);
    assert!(store.page_commit(&page).now_or_never().is_none(), "it was dropped before it was done");
    // Each of these waits for the write before it.
    for _ in 0..10_000 {
        if !store.page_list(&run.id).await.unwrap().is_empty() {
            return assert_eq!(everything(store).await.len(), 1);
        }
        store.now().await.unwrap();
    }
    panic!("the page was begun and never committed");
}

pub(super) async fn a_page_may_be_large_or_empty(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::middle(&run, 1).with(Vec::new())).await;
    // Beyond every batch of rows, with texts that are kept compressed.
    let long = "A legacy broker's credential is shared. ".repeat(100);
    let items: Vec<Item> = (0..1234)
        .map(|n| Item { summary: long.clone(), ..finding(&format!("F \"{n}\" \\ \u{1F512}"), "Large") })
        .collect();
    let committed = commit(store, &Sheet::middle(&run, 2).with(items.clone())).await;
    assert_eq!(committed.new_evidence, 1234);
    let again = commit(store, &Sheet::middle(&run, 3).with(items.clone())).await;
    assert_eq!(again.unchanged, 1234);
    let manifest = store.page_get(&run.id, &stream("findings"), 3).await.unwrap().unwrap().manifest;
    let kept = store.evidence_get(&manifest[1233].evidence, None).await.unwrap().unwrap();
    assert_eq!(kept.item, items[1233]);
}
