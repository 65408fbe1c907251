//! What readiness reads of evidence: many at once, exposures, and how streams fared.

use probity::store::{EvidenceFilter, Store, StreamSweep};
use probity_core::evidence::Item;
use probity_core::id::RunId;
use probity_core::instant::Instant;
use probity_core::run::{Mode, RunState};

use super::fixture::*;

pub(super) async fn evidence_is_read_many_at_once_as_it_stood(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    sweep(store, &tracker, vec![finding("F-1", "One"), finding("F-2", "Two"), finding("F-3", "Three")]).await;
    let then = store.now().await.unwrap();
    for _ in 0..2 {
        sweep(store, &tracker, vec![finding("F-1", "One, revised")]).await;
    }
    let (one, two) = (id_of(store, "F-1").await, id_of(store, "F-2").await);
    let unknown = uuid().parse().unwrap();
    let asked = [two.clone(), unknown, one.clone(), one.clone()];
    let now = store.evidence_of(&asked, None).await.unwrap();
    assert_eq!(
        now.iter().map(|one| (&one.id, one.absent)).collect::<Vec<_>>(),
        [(&one, false), (&two, true)]
    );
    for evidence in &now {
        assert_eq!(store.evidence_get(&evidence.id, None).await.unwrap().as_ref(), Some(evidence));
    }
    let past = store.evidence_of(&asked, Some(then)).await.unwrap();
    assert_eq!(
        past.iter().map(|one| (one.revision, one.absent)).collect::<Vec<_>>(),
        [(1, false), (1, false)]
    );
    assert_eq!(past[0].item.title, "One");
    assert!(store.evidence_of(&[], None).await.unwrap().is_empty());
}

pub(super) async fn exposures_are_found_and_found_to_have_ended(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let exposed =
        |id: &str| Item { exposure: Some(String::from("live credential")), ..finding(id, "Exposed") };
    let filter = |exposed, at| EvidenceFilter { exposed: Some(exposed), at, ..EvidenceFilter::default() };
    sweep(store, &tracker, vec![finding("F-1", "Quiet"), exposed("F-2"), exposed("F-3")]).await;
    let then = store.now().await.unwrap();
    sweep(store, &tracker, vec![exposed("F-1"), finding("F-2", "Rotated"), exposed("F-3")]).await;
    assert_eq!(found(store, &filter(true, None)).await, ["F-1", "F-3"]);
    assert_eq!(found(store, &filter(false, None)).await, ["F-2"]);
    assert_eq!(found(store, &filter(true, Some(then))).await, ["F-2", "F-3"]);
    assert_eq!(found(store, &filter(false, Some(then))).await, ["F-1"]);
}

async fn sweeps(store: &dyn Store, at: Option<Instant>) -> Vec<(RunId, Mode, RunState)> {
    let sweeps = store.sweeps(&name("tracker"), &stream("findings"), at).await.unwrap();
    sweeps.into_iter().map(|sweep| (sweep.run, sweep.mode, sweep.state)).collect()
}

pub(super) async fn sweeps_tell_the_latest_of_each_sort(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let one = || vec![finding("F-1", "One")];
    assert_eq!(sweeps(store, None).await, []);
    let mut runs = Vec::new();
    for (mode, state) in [
        (Mode::Full, RunState::Complete),
        (Mode::Full, RunState::Complete),
        (Mode::Incremental, RunState::Complete),
        (Mode::Full, RunState::Complete),
        (Mode::Full, RunState::Incomplete),
        (Mode::Full, RunState::Failed),
    ] {
        let plan = if mode == Mode::Full { full("findings") } else { incremental("findings", "bookmark") };
        let (run, _) = pass(store, &tracker, plan, (state, one())).await;
        runs.push((run, mode, state));
    }
    // Neither another stream nor another connection has a say.
    pass(store, &tracker, full("tests"), (RunState::Complete, Vec::new())).await;
    let mirror = connection(store, "mirror").await;
    sweep(store, &mirror, one()).await;

    let expected: Vec<_> = [5, 3, 2, 1].map(|at: usize| runs[at].clone()).into();
    assert_eq!(sweeps(store, None).await, expected);
    assert_eq!(store.sweeps(&name("nobody"), &stream("findings"), None).await.unwrap(), []);
}

pub(super) async fn sweeps_are_told_as_they_stood(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let before = store.now().await.unwrap();
    let (first, _) = sweep(store, &tracker, vec![finding("F-1", "One")]).await;
    let run = begin(store, &tracker, full("findings")).await;
    let mut page = Sheet::middle(&run, 1).with(vec![finding("F-1", "One"), finding("F-2", "Two")]);
    page.page.gaps = vec![gap("not readable")];
    commit(store, &page).await;
    let during = store.now().await.unwrap();
    let live = store.sweeps(&name("tracker"), &stream("findings"), None).await.unwrap();
    let progress = store.run_get(&run.id).await.unwrap().unwrap();
    let mut rest = Sheet::last(&progress).with(vec![finding("F-3", "Three")]);
    rest.page.gaps = vec![gap("nor this")];
    commit(store, &rest).await;
    end(store, &run, RunState::Incomplete).await;
    store
        .connection_register(&name("renamed"), Some(&name("tracker")), uuid().parse().unwrap())
        .await
        .unwrap();

    let then = store.sweeps(&name("tracker"), &stream("findings"), Some(during)).await.unwrap();
    assert_eq!(then, live, "an earlier instant answers as it did, under the name of its time");
    let StreamSweep { state, ended, examined, gaps, .. } = then[0];
    assert_eq!((state, ended, examined, gaps), (RunState::Running, None, 2, 1));
    assert_eq!((&then[1].run, then[1].examined, then[1].state), (&first, 1, RunState::Complete));
    assert!(then[1].began < then[1].ended.unwrap());
    assert_eq!(store.sweeps(&name("tracker"), &stream("findings"), Some(before)).await.unwrap(), []);

    let now = store.sweeps(&name("renamed"), &stream("findings"), None).await.unwrap();
    assert_eq!((now[0].state, now[0].examined, now[0].gaps), (RunState::Incomplete, 3, 2));
    assert!(now[0].ended.is_some());
    assert_eq!(store.sweeps(&name("tracker"), &stream("findings"), None).await.unwrap(), []);
}
