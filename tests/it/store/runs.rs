//! What runs, leases and bookmarks promise.

use std::time::Duration;

use probity::store::{CaptureRecord, Keyset, RunFilter, Store, StoreError, StreamEnd};
use probity_core::canonical::Digest;
use probity_core::connector::{Failure, FailureKind};
use probity_core::page::Next;
use probity_core::run::{Mode, RunState};

use super::fixture::*;

pub(super) async fn a_connection_has_one_open_run(store: &dyn Store) {
    let one = connection(store, "tracker").await;
    let open = begin(store, &one, full("findings")).await;
    assert_eq!((open.state, open.seed), (RunState::Running, u64::MAX));
    let lease = open.lease.clone().unwrap();
    assert_eq!((lease.owner.as_str(), lease.epoch), ("host-1", 1));

    let second = new_run(store, &one, vec![full("findings")]).await;
    match store.run_begin(&second).await {
        Err(StoreError::Busy { connection, run }) => {
            assert_eq!((connection, run), (one.clone(), open.id.clone()))
        }
        other => panic!("{other:?}"),
    }
    assert!(store.run_get(&second.id).await.unwrap().is_none());
    let elsewhere = connection(store, "mirror").await;
    let other = begin(store, &elsewhere, full("findings")).await;
    assert_eq!(store.run_open().await.unwrap().len(), 2);

    end(store, &open, RunState::Failed).await;
    store.run_begin(&second).await.unwrap();
    end(store, &other, RunState::Complete).await;
    assert_eq!(store.run_open().await.unwrap().len(), 1);
}

pub(super) async fn a_run_is_claimed_only_when_its_owner_is_gone(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    assert!(store.run_claim(&run.id, "host-2", LEASE, &|_| false).await.unwrap().is_none(), "it is held");
    let dead = |owner: &str| owner == "host-1";
    let claimed = store.run_claim(&run.id, "host-2", Duration::ZERO, &dead).await.unwrap().unwrap();
    let lease = claimed.lease.unwrap();
    assert_eq!((lease.owner.as_str(), lease.epoch), ("host-2", 2));

    // A lease of no time has lapsed at once; whether its owner lives does not matter then.
    let claimed = store.run_claim(&run.id, "host-3", LEASE, &dead).await.unwrap().unwrap();
    assert_eq!(claimed.lease.unwrap().epoch, 3);
    assert!(store.run_claim(&run.id, "host-4", LEASE, &dead).await.unwrap().is_none());
    assert!(is_fenced(&store.run_beat(&run.id, 2, LEASE).await));
    let before = store.run_get(&run.id).await.unwrap().unwrap().lease.unwrap();
    store.run_beat(&run.id, 3, LEASE * 2).await.unwrap();
    let after = store.run_get(&run.id).await.unwrap().unwrap().lease.unwrap();
    assert!(after.until > before.until);

    store.run_end(&run.id, 3, RunState::Failed).await.unwrap();
    assert!(store.run_claim(&run.id, "host-4", LEASE, &|_| true).await.unwrap().is_none(), "it has ended");
    let unknown = uuid().parse().unwrap();
    assert!(store.run_claim(&unknown, "host-4", LEASE, &|_| true).await.unwrap().is_none());
}

pub(super) async fn a_claimed_run_goes_on_where_it_was(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    commit(store, &Sheet::middle(&run, 1).with(vec![finding("F-1", "One")])).await;
    let claimed = store.run_claim(&run.id, "host-2", LEASE, &|_| true).await.unwrap().unwrap();
    let progress = &claimed.streams[0];
    assert_eq!((progress.pages, progress.cursor.as_deref()), (1, Some("2")));
    commit(store, &Sheet::last(&claimed).with(vec![finding("F-2", "Two")])).await;
    end(store, &claimed, RunState::Complete).await;
    assert_eq!(store.page_list(&run.id).await.unwrap().len(), 2);
    assert_eq!(everything(store).await.len(), 2);
}

pub(super) async fn bookmarks_come_from_streams_read_to_their_end(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let findings = stream("findings");
    let run = async |plan, bookmark: Option<&str>, state| {
        let run = begin(store, &connection, plan).await;
        let mut page = Sheet::last(&run).with(Vec::new());
        page.page.next = Next::Done { bookmark: bookmark.map(str::to_owned) };
        commit(store, &page).await;
        end(store, &run, state).await;
        run
    };
    assert!(store.stream_bookmark(&connection, &findings).await.unwrap().is_none());
    run(full("findings"), Some("never"), RunState::Incomplete).await;
    assert!(store.stream_bookmark(&connection, &findings).await.unwrap().is_none());

    let sweep = run(full("findings"), Some("b1"), RunState::Complete).await;
    let left = store.stream_bookmark(&connection, &findings).await.unwrap().unwrap();
    assert_eq!((left.cursor.as_str(), &left.run), ("b1", &sweep.id));
    assert_eq!(left.last_full_sweep, Some(sweep.started));

    let next = run(incremental("findings", "b1"), Some("b2"), RunState::Complete).await;
    run(incremental("findings", "b2"), Some("b3"), RunState::Failed).await;
    let left = store.stream_bookmark(&connection, &findings).await.unwrap().unwrap();
    assert_eq!((left.cursor.as_str(), &left.run), ("b2", &next.id));
    assert_eq!(left.last_full_sweep, Some(sweep.started), "an incremental run is no sweep");

    run(incremental("findings", "b2"), None, RunState::Complete).await;
    assert!(store.stream_bookmark(&connection, &findings).await.unwrap().is_none(), "the last one left none");
    assert!(store.stream_bookmark(&connection, &stream("notes")).await.unwrap().is_none());
}

pub(super) async fn ended_runs_take_nothing_more(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = store
        .run_begin(&new_run(store, &connection, vec![full("findings"), full("notes")]).await)
        .await
        .unwrap();
    let failure = Failure::new(FailureKind::RateLimited { retry_after: Some(30) }, "asked too often");
    let failed = StreamEnd { state: RunState::Failed, failure: Some(failure) };
    store.stream_end(&run.id, 1, &stream("notes"), &failed).await.unwrap();
    let complete = StreamEnd { state: RunState::Complete, failure: None };
    store.stream_end(&run.id, 1, &stream("notes"), &complete).await.unwrap();
    let progress = &store.run_get(&run.id).await.unwrap().unwrap().streams[1];
    assert_eq!(
        (progress.state, &progress.failure),
        (RunState::Failed, &failed.failure),
        "ended once is ended"
    );
    assert!(store.stream_end(&run.id, 1, &stream("nothing"), &complete).await.is_err());

    let ended = store.run_end(&run.id, 1, RunState::Incomplete).await.unwrap();
    assert_eq!((ended.state, ended.lease), (RunState::Incomplete, None));
    assert!(ended.ended.unwrap() <= store.now().await.unwrap());
    assert!(is_fenced(&store.stream_end(&run.id, 1, &stream("findings"), &complete).await));
    assert!(is_fenced(&store.run_end(&run.id, 1, RunState::Complete).await));
}

pub(super) async fn runs_are_listed_newest_first(store: &dyn Store) {
    let tracker = connection(store, "tracker").await;
    let mirror = connection(store, "mirror").await;
    let mut made = Vec::new();
    for (connection, state) in [
        (&tracker, RunState::Complete),
        (&mirror, RunState::Failed),
        (&tracker, RunState::Failed),
        (&mirror, RunState::Complete),
    ] {
        made.push(pass(store, connection, full("findings"), (state, Vec::new())).await.0);
    }
    made.reverse();
    let list = async |filter: RunFilter, after: Option<String>, limit| {
        let runs = store.run_list(&filter, &Keyset { after, limit }).await.unwrap();
        runs.into_iter().map(|run| run.id).collect::<Vec<_>>()
    };
    assert_eq!(list(RunFilter::default(), None, 1000).await, made);
    let first = list(RunFilter::default(), None, 3).await;
    assert_eq!(list(RunFilter::default(), Some(first[2].to_string()), 3).await, made[3..]);
    let of_tracker = RunFilter { connection: Some(name("tracker")), state: None };
    assert_eq!(list(of_tracker, None, 10).await, [made[1].clone(), made[3].clone()]);
    let failed = RunFilter { connection: None, state: Some(RunState::Failed) };
    assert_eq!(list(failed, None, 10).await, [made[1].clone(), made[2].clone()]);
    let run = store.run_get(&made[0]).await.unwrap().unwrap();
    assert_eq!((run.connection_name, run.streams[0].mode), (name("mirror"), Mode::Full));
}

pub(super) async fn components_and_captures_are_what_blobs_are_kept_for(store: &dyn Store) {
    let connection = connection(store, "tracker").await;
    let run = begin(store, &connection, full("findings")).await;
    let mut page = Sheet::last(&run).with(vec![finding("F-1", "One")]);
    let html =
        CaptureRecord { digest: Digest::of(b"<p>"), size: 3, media_type: Some(String::from("text/html")) };
    page.captures.push(html.clone());
    commit(store, &page).await;
    assert_eq!(store.capture_get(&html.digest).await.unwrap(), Some(html.clone()));
    let mut expected = vec![run.component, page.captures[0].digest, html.digest];
    expected.sort();
    assert_eq!(store.blob_references().await.unwrap(), expected);

    let listed = store.component_list().await.unwrap();
    assert_eq!(listed.len(), 1, "the same component again changes nothing");
    assert_eq!(store.component_get(&run.component).await.unwrap().as_ref(), listed.first());
    assert!(store.component_get(&html.digest).await.unwrap().is_none());
}
