//! The demo's story: what is collected, what changes, and what does not.

use std::collections::BTreeSet;

use probity::casework::RunRequest;
use probity::demo::dojo::{Status, Tracker};
use probity::demo::story;
use probity::store::{EvidenceFilter, Keyset, RunFilter};
use probity_core::connector::SyncMode;
use probity_core::evidence::Kind;
use probity_core::id::StreamId;
use probity_core::locate::Captured;
use probity_core::run::{Mode, RunState};
use probity_tests::host::TestHost;

use super::{clock, dojo, dojo_connection, noon, scratch};

#[tokio::test]
async fn every_record_of_the_story_leads_back_to_the_bytes_it_came_from() {
    let (folder, dojo) = (scratch(), dojo(Tracker::story(noon())).await);
    let config = std::fs::read_to_string(story::write(folder.path(), &dojo).unwrap()).unwrap();
    let host = TestHost::start(folder, &config, clock()).await;
    for connection in ["dojo", "standards"] {
        assert_eq!(host.collect(connection).await.state, RunState::Complete, "{connection}");
    }
    let evidence = host.evidence(&EvidenceFilter::default()).await;
    let kinds: BTreeSet<Kind> = evidence.iter().map(|one| one.item.kind()).collect();
    assert_eq!(
        kinds,
        BTreeSet::from([Kind::Finding, Kind::Exception, Kind::ControlReview, Kind::Requirement])
    );
    for one in &evidence {
        assert!(!one.cited.is_empty(), "{}", one.item.id);
        for place in &one.cited {
            let bytes = host.blobs.get(&place.capture).await.unwrap();
            let quote = Captured::new(&bytes).quote(&place.locator).unwrap();
            assert!(!quote.range.is_empty(), "{}", one.item.id);
        }
    }
    host.finish().await;
}

#[tokio::test]
async fn sweeping_an_unchanged_source_at_other_places_makes_no_new_revision() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(1, 60)).await);
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 10, &[]), clock()).await;
    let first = host.collect("dojo").await;
    assert_eq!(first.state, RunState::Complete);
    let before = host.evidence(&EvidenceFilter::default()).await;
    host.finish().await;

    // Pages of another size: nearly every item now stands at another place of another page.
    let later = clock();
    later.advance(std::time::Duration::from_secs(3_600));
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 7, &[]), later).await;
    let full = RunRequest { mode: Some(Mode::Full), ..RunRequest::default() };
    let second = host.collect_as("dojo", &full).await;
    let findings = &second.streams[0];
    assert_ne!(findings.pages, first.streams[0].pages);
    assert_eq!((findings.items, findings.new_evidence, findings.new_revisions), (60, 0, 0));
    let after = host.evidence(&EvidenceFilter::default()).await;
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(
            (&before.id, before.revision, before.recorded),
            (&after.id, after.revision, after.recorded)
        );
        assert!(after.last_seen > before.last_seen, "it was seen again");
    }
    host.finish().await;
}

#[tokio::test]
async fn an_earlier_instant_is_answered_as_it_was_then() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(2, 12)).await);
    let clock = clock();
    let host =
        TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 100, &[]), clock.clone()).await;
    host.collect("dojo").await;
    let then = host.store.now().await.unwrap();
    let at = EvidenceFilter { at: Some(then), ..EvidenceFilter::default() };
    let as_it_was = host.evidence(&at).await;

    clock.advance(std::time::Duration::from_secs(60));
    dojo.change(|tracker| {
        let closed = Status::Mitigated { at: noon(), by: 1 };
        assert!(tracker.set_status(3, closed, noon()), "finding 3 is there");
    });
    let run = host.collect("dojo").await;
    assert_eq!(run.streams[0].new_revisions, 1);
    assert_eq!(host.evidence(&at).await, as_it_was, "asked for the same instant, the same answer");
    let now = host.evidence(&EvidenceFilter::default()).await;
    let changed: Vec<_> =
        now.iter().filter(|one| one.revision == 2).map(|one| one.item.body.state()).collect();
    assert_eq!(changed, [Some("mitigated")]);
    host.finish().await;
}

#[tokio::test]
async fn what_two_complete_sweeps_miss_is_absent_and_was_there_before() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(3, 8)).await);
    let clock = clock();
    let host =
        TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 100, &[]), clock.clone()).await;
    host.collect("dojo").await;
    let then = host.store.now().await.unwrap();
    assert!(dojo.change(|tracker| tracker.delete_finding(5)));
    let count = |at| {
        let host = &host;
        async move {
            host.evidence(&EvidenceFilter { at, kind: Some(Kind::Finding), ..EvidenceFilter::default() })
                .await
                .len()
        }
    };
    clock.advance(std::time::Duration::from_secs(60));
    host.collect("dojo").await;
    assert_eq!(count(None).await, 8, "one sweep proves nothing");
    clock.advance(std::time::Duration::from_secs(60));
    host.collect("dojo").await;
    assert_eq!(count(None).await, 7, "two do");
    assert_eq!(count(Some(then)).await, 8);
    host.finish().await;
}

#[tokio::test]
async fn an_incremental_stream_goes_on_from_its_bookmark() {
    let (folder, dojo) = (scratch(), dojo(Tracker::story(noon())).await);
    let clock = clock();
    let host =
        TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 100, &[]), clock.clone()).await;
    let exceptions: StreamId = "exceptions".parse().unwrap();
    let bound = host.collector.connection("dojo").unwrap();
    let declared = bound.connector.manifest().stream("exceptions").unwrap().sync;
    assert_eq!(declared, SyncMode::Incremental, "otherwise this tests nothing");
    let only = RunRequest { streams: vec![exceptions.clone()], mode: None };
    let first = host.collect_as("dojo", &only).await;
    assert_eq!((first.state, first.streams[0].mode), (RunState::Complete, Mode::Full));
    clock.advance(std::time::Duration::from_secs(60));
    let second = host.collect_as("dojo", &RunRequest { mode: Some(Mode::Incremental), ..only.clone() }).await;
    assert_eq!((second.state, second.streams[0].mode), (RunState::Complete, Mode::Incremental));
    assert_eq!(second.streams[0].new_revisions, 0);
    host.finish().await;
}

#[tokio::test]
async fn a_connection_is_collected_once_at_a_time() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(4, 5)).await);
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 100, &[]), clock()).await;
    dojo.misbehave(probity::demo::dojo::Misbehaviour::Hold, 1);
    let manual = probity_core::run::Trigger::Manual;
    let first = host.collector.start("dojo", &RunRequest::default(), manual).await.unwrap();
    let refused = host.collector.start("dojo", &RunRequest::default(), manual).await.unwrap_err();
    assert!(refused.to_string().contains(first.as_str()), "{refused}");
    dojo.behave();
    assert_eq!(host.collector.wait(&first).await.unwrap().state, RunState::Complete);
    let runs = host.store.run_list(&RunFilter::default(), &Keyset { after: None, limit: 10 }).await.unwrap();
    assert_eq!(runs.len(), 1);
    host.finish().await;
}
