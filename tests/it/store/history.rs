//! What `at` and absence promise.

use probity::store::{EvidenceFilter, Store};
use probity_core::evidence::Item;
use probity_core::instant::Instant;
use probity_core::run::RunState;

use super::fixture::*;

async fn at(store: &dyn Store, at: Instant) -> Vec<(String, u32, String)> {
    let filter = EvidenceFilter { absent: true, at: Some(at), ..EvidenceFilter::default() };
    let listed = store.evidence_list(&filter, &all()).await.unwrap();
    listed.into_iter().map(|one| (one.item.id, one.revision, one.item.title)).collect()
}

fn told(rows: &[(&str, u32, &str)]) -> Vec<(String, u32, String)> {
    rows.iter().map(|(id, revision, title)| ((*id).to_owned(), *revision, (*title).to_owned())).collect()
}

pub(super) async fn an_earlier_instant_answers_as_it_did(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let dawn = store.now().await.unwrap();
    let (_, one) = sweep(store, &connection, vec![finding("F-1", "A")]).await;
    let (_, two) = sweep(store, &connection, vec![finding("F-1", "B"), finding("F-2", "New")]).await;
    let (_, three) = sweep(store, &connection, vec![finding("F-1", "A")]).await;

    assert_eq!(at(store, dawn).await, []);
    assert_eq!(at(store, one.recorded).await, told(&[("F-1", 1, "A")]), "a page counts from its own instant");
    let just_before = Instant::from_micros(two.recorded.as_micros() - 1).unwrap();
    assert_eq!(at(store, just_before).await, told(&[("F-1", 1, "A")]));
    assert_eq!(at(store, two.recorded).await, told(&[("F-1", 2, "B"), ("F-2", 1, "New")]));
    assert_eq!(at(store, three.recorded).await, told(&[("F-1", 3, "A"), ("F-2", 1, "New")]));

    let id = id_of(store, "F-1").await;
    let then = store.evidence_get(&id, Some(two.recorded)).await.unwrap().unwrap();
    assert_eq!((then.revision, then.recorded), (2, two.recorded));
    assert!(store.evidence_get(&id, Some(dawn)).await.unwrap().is_none());
    let second = id_of(store, "F-2").await;
    assert!(store.evidence_get(&second, Some(one.recorded)).await.unwrap().is_none());
}

pub(super) async fn what_now_answers_stays_answered(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let mut answers = Vec::new();
    for n in 0..5 {
        let run = begin(store, &connection, full("findings")).await;
        let mut page = Sheet::last(&run).with(vec![finding("F-1", &format!("revision {n}"))]);
        page.journal.instant = instant(&format!("2026-11-22T12:00:0{n}Z"));
        let before = store.now().await.unwrap();
        answers.push((before, at(store, before).await));
        commit(store, &page).await;
        end(store, &run, RunState::Complete).await;
        let after = store.now().await.unwrap();
        answers.push((after, at(store, after).await));
        let filter = EvidenceFilter { at: Some(after), ..EvidenceFilter::default() };
        let then = store.evidence_list(&filter, &all()).await.unwrap();
        let now = store.evidence_list(&EvidenceFilter::default(), &all()).await.unwrap();
        assert_eq!(then, now);
    }
    for (instant, answer) in answers {
        assert_eq!(at(store, instant).await, answer, "{instant}");
    }
}

pub(super) async fn renaming_keeps_the_id_and_history_the_name(store: &dyn Store) {
    let id = connection(store, "tracker").await;
    let (_, committed) = sweep(store, &id, vec![finding("F-1", "One")]).await;
    let (old, new) = (name("tracker"), name("defect-tracker"));
    let renamed = store.connection_register(&new, Some(&old), uuid().parse().unwrap()).await.unwrap();
    assert_eq!((&renamed.id, &renamed.name), (&id, &new));
    let again = store.connection_register(&new, Some(&old), uuid().parse().unwrap()).await.unwrap();
    assert_eq!(again, renamed, "the operator's file may go on saying what it was renamed from");
    assert_eq!(store.connection_list().await.unwrap(), std::slice::from_ref(&renamed));

    let (_, unchanged) = sweep(store, &id, vec![finding("F-1", "One")]).await;
    assert_eq!(unchanged.unchanged, 1, "renaming makes no new evidence");
    let then = Some(committed.recorded);
    for (connection, at, there) in [(&new, None, 1), (&old, None, 0), (&old, then, 1), (&new, then, 0)] {
        let filter = EvidenceFilter { connection: Some(connection.clone()), at, ..EvidenceFilter::default() };
        let listed = store.evidence_list(&filter, &all()).await.unwrap();
        assert_eq!(listed.len(), there, "{connection} at {at:?}");
        assert!(listed.iter().all(|one| one.connection_name == *connection && one.connection == id));
    }
    let fresh = store.connection_register(&old, None, uuid().parse().unwrap()).await.unwrap();
    assert_ne!(fresh.id, id, "the old name is free again");
}

/// Whether F-1 is absent now, and whether the plain listing agrees.
async fn absent(store: &dyn Store) -> bool {
    let evidence = evidence_of(store, "F-1").await;
    let present = found(store, &EvidenceFilter::default()).await.contains(&String::from("F-1"));
    assert_eq!(present, !evidence.absent);
    evidence.absent
}

pub(super) async fn two_complete_sweeps_without_it_make_it_absent(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let both = || vec![finding("F-1", "One"), finding("F-2", "Two")];
    let without = || vec![finding("F-2", "Two")];
    sweep(store, &connection, both()).await;
    sweep(store, &connection, both()).await;
    assert!(!absent(store).await);
    sweep(store, &connection, without()).await;
    assert!(!absent(store).await, "missing from one sweep may be a race in the source");
    let once = store.now().await.unwrap();

    let run = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::last(&run).with(without())).await;
    assert!(!absent(store).await, "a sweep counts when it has ended");
    end(store, &run, RunState::Complete).await;
    assert!(absent(store).await);
    let twice = store.now().await.unwrap();
    assert_eq!(found(store, &EvidenceFilter::default()).await, ["F-2"]);
    let id = id_of(store, "F-1").await;
    assert!(store.evidence_get(&id, None).await.unwrap().unwrap().absent);
    assert!(store.evidence_revisions(&id).await.unwrap()[0].absent);

    let (_, back) = sweep(store, &connection, both()).await;
    assert_eq!(back.unchanged, 2, "what comes back unchanged is the same revision");
    assert!(!absent(store).await);
    for (at, gone) in [(once, false), (twice, true)] {
        assert_eq!(store.evidence_get(&id, Some(at)).await.unwrap().unwrap().absent, gone, "{at}");
        let filter = EvidenceFilter { at: Some(at), ..EvidenceFilter::default() };
        assert_eq!(found(store, &filter).await.len(), if gone { 1 } else { 2 });
    }
}

/// Other items: a sweep that returned nothing at all says nothing.
fn others() -> Vec<Item> {
    vec![finding("F-2", "Two")]
}

pub(super) async fn incomplete_and_incremental_runs_say_nothing_about_absence(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    sweep(store, &connection, vec![finding("F-1", "One")]).await;
    sweep(store, &connection, others()).await;
    for _ in 0..3 {
        pass(store, &connection, full("findings"), (RunState::Incomplete, others())).await;
        pass(store, &connection, full("findings"), (RunState::Failed, others())).await;
        pass(store, &connection, incremental("findings", "b"), (RunState::Complete, others())).await;
        assert!(!absent(store).await);
    }
    sweep(store, &connection, others()).await;
    assert!(absent(store).await);
}

pub(super) async fn a_sweep_that_saw_nothing_says_nothing(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    sweep(store, &connection, vec![finding("F-1", "One")]).await;
    sweep(store, &connection, others()).await;
    for _ in 0..3 {
        sweep(store, &connection, Vec::new()).await;
        assert!(!absent(store).await, "a credential that lost its rights sees nothing, too");
    }
    sweep(store, &connection, others()).await;
    assert!(absent(store).await, "empty sweeps between two do not part them");
}

pub(super) async fn an_incremental_sighting_keeps_it_present(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let one = || vec![finding("F-1", "One")];
    sweep(store, &connection, one()).await;
    sweep(store, &connection, others()).await;
    pass(store, &connection, incremental("findings", "b"), (RunState::Complete, one())).await;
    sweep(store, &connection, others()).await;
    assert!(!absent(store).await, "it was seen since the last sweep but one began");
    sweep(store, &connection, others()).await;
    assert!(absent(store).await);
}

pub(super) async fn other_streams_sweeps_do_not_count(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let mirror = connection(store, "mirror").await;
    sweep(store, &tracker, vec![finding("F-1", "One")]).await;
    for _ in 0..3 {
        sweep(store, &mirror, others()).await;
        pass(store, &tracker, full("notes"), (RunState::Complete, others())).await;
    }
    assert!(!absent(store).await);
}
