//! Schedules, and runs that change hands.

use std::time::Duration;

use probity::clock::Clock;
use probity::demo::dojo::{Misbehaviour, Tracker};
use probity_core::run::{RunState, Trigger};
use probity_tests::host::TestHost;

use super::{clock, dojo, dojo_connection, noon, scratch};

#[tokio::test]
async fn a_connection_is_collected_when_its_interval_has_passed_and_not_before() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(1, 3)).await);
    let config = dojo_connection(&dojo, &folder, 100, &[])
        .replace("connector = \"defectdojo\"", "connector = \"defectdojo\"\nevery = \"1h\"");
    let clock = clock();
    let host = TestHost::start(folder, &config, clock.clone()).await;
    let first = host.collector.collect_due().await.unwrap();
    assert_eq!(first.len(), 1, "a connection that never ran is due");
    let run = host.collector.wait(&first[0]).await.unwrap();
    assert_eq!((run.trigger, run.state), (Trigger::Schedule, RunState::Complete));
    clock.advance(Duration::from_secs(59 * 60));
    assert!(host.collector.collect_due().await.unwrap().is_empty(), "59 minutes are not an hour");
    // The interval and the spread of up to a tenth of it.
    clock.advance(Duration::from_secs(8 * 60));
    let second = host.collector.collect_due().await.unwrap();
    assert_eq!(second.len(), 1);
    host.collector.wait(&second[0]).await.unwrap();
    host.finish().await;
}

#[tokio::test]
async fn a_run_whose_host_stops_is_finished_by_the_next_one() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(2, 50)).await);
    let config = dojo_connection(&dojo, &folder, 10, &[]);
    let host = TestHost::start(folder.clone(), &config, clock()).await;
    // The first page is answered, the second is held until the host is told to stop.
    let findings = "/api/v2/findings/";
    dojo.misbehave_at(findings, Misbehaviour::Slow(Duration::ZERO), 1);
    dojo.misbehave_at(findings, Misbehaviour::Hold, 1);
    let run = host.collector.start("dojo", &Default::default(), Trigger::Manual).await.unwrap();
    dojo.wait_for_requests(2).await;
    let stopping = tokio::spawn({
        let collector = host.collector.clone();
        async move { collector.shut_down().await }
    });
    tokio::task::yield_now().await;
    dojo.behave();
    stopping.await.unwrap();
    let left = host.store.run_get(&run).await.unwrap().unwrap();
    assert_eq!(left.state, RunState::Running, "it stays open");
    host.finish().await;

    // Another seed: the next host must not make up the first one's name.
    let next = TestHost::start(folder, &config, Clock::fixed(noon(), 8)).await;
    // The first host's lock is gone with it; its lease has not lapsed on this clock that stands still.
    assert_eq!(next.collector.resume().await.unwrap(), std::slice::from_ref(&run));
    let ended = next.collector.wait(&run).await.unwrap();
    assert_eq!(ended.state, RunState::Complete);
    assert_eq!(ended.streams[0].items, 50);
    assert!(ended.lease.is_none() || ended.ended.is_some());
    next.finish().await;
}
