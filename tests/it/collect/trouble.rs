//! Sources that fail: what is retried, what is told, and that all of it replays.

use probity::demo::dojo::{Misbehaviour, Tracker};
use probity::store::EvidenceFilter;
use probity_core::run::RunState;
use probity_tests::host::TestHost;

use super::{clock, dojo, dojo_connection, noon, scratch};

#[tokio::test]
async fn what_can_pass_is_tried_again_until_the_run_is_complete() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(5, 40)).await);
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 10, &[]), clock()).await;
    let findings = "/api/v2/findings/";
    dojo.misbehave_at(findings, Misbehaviour::Status(503), 2);
    dojo.misbehave_at(findings, Misbehaviour::Drop, 1);
    dojo.misbehave_at(findings, Misbehaviour::CutShort, 1);
    let run = host.collect("dojo").await;
    assert_eq!(run.state, RunState::Complete, "{run:#?}");
    assert_eq!(host.evidence(&EvidenceFilter::default()).await.len(), 40);
    host.finish().await;
}

#[tokio::test]
async fn a_source_that_asks_to_wait_for_years_does_not_stop_the_run_for_years() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(6, 3)).await);
    let mut settings = probity_tests::host::quick();
    settings.backoff.retry_after_cap = std::time::Duration::from_millis(20);
    let config = dojo_connection(&dojo, &folder, 10, &[]);
    let host = TestHost::with(folder, &config, clock(), settings).await.unwrap();
    for asked in ["999999999", "-1", "Fri, 31 Dec 9999 23:59:59 GMT", "soon"] {
        let retry_after = Some(asked.to_owned());
        dojo.misbehave_at("/api/v2/findings/", Misbehaviour::TooManyRequests { retry_after }, 1);
    }
    assert_eq!(host.collect("dojo").await.state, RunState::Complete);
    host.finish().await;
}

#[tokio::test]
async fn a_source_that_stays_down_fails_its_streams_and_says_why() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(7, 3)).await);
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 10, &[]), clock()).await;
    dojo.misbehave(Misbehaviour::Status(500), 10_000);
    let run = host.collect("dojo").await;
    assert_eq!(run.state, RunState::Failed);
    let failure = run.streams[0].failure.as_ref().expect("the stream says why");
    assert!(failure.message.contains("500"), "{failure}");
    host.finish().await;
}

#[tokio::test]
async fn a_request_that_is_not_granted_ends_its_stream_and_no_other() {
    let (folder, dojo) = (scratch(), dojo(Tracker::story(noon())).await);
    let config = dojo_connection(&dojo, &folder, 100, &["risk-acceptances"]);
    let host = TestHost::start(folder, &config, clock()).await;
    let run = host.collect("dojo").await;
    assert_eq!(run.state, RunState::Incomplete);
    for stream in &run.streams {
        let refused = stream.stream.as_str() == "exceptions";
        assert_eq!(stream.state == RunState::Complete, !refused, "{stream:#?}");
        if refused {
            let failure = stream.failure.as_ref().unwrap();
            assert!(failure.message.contains("endpoints = ["), "the line to add is shown: {failure}");
        }
    }
    assert!(
        !dojo.asked().iter().any(|asked| format!("{asked:?}").contains("risk_acceptance")),
        "nothing that is not granted leaves the host"
    );
    host.finish().await;
}

#[tokio::test]
async fn what_a_page_could_not_read_is_a_gap_that_replays() {
    let (folder, dojo) = (scratch(), dojo(Tracker::story(noon())).await);
    // A note's text with a control character and one beyond all bounds: bad data, not a bad connector.
    dojo.change(|tracker| {
        let finding = tracker.finding_mut(1).expect("finding 1");
        finding.description = format!("shown as\u{202e}reversed {}", "x".repeat(70_000));
    });
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 100, &[]), clock()).await;
    let run = host.collect("dojo").await;
    assert_eq!(run.state, RunState::Incomplete);
    let gaps = host.store.gap_list(&run.id).await.unwrap();
    assert_eq!(gaps.len(), 1, "{gaps:#?}");
    let text = EvidenceFilter { text: Some("legacy broker path".to_owned()), ..EvidenceFilter::default() };
    let kept = host.evidence(&text).await;
    let body = serde_json::to_string(&kept[0].item.body).unwrap();
    assert!(body.contains("\\\\u{202e}") && body.contains("[cut: "), "{}", &body[..200]);
    host.finish().await;
}

#[tokio::test]
async fn a_token_that_the_source_echoes_is_kept_nowhere() {
    let (folder, dojo) = (scratch(), dojo(Tracker::story(noon())).await);
    let host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 100, &[]), clock()).await;
    dojo.misbehave_at("/api/v2/findings/", Misbehaviour::EchoToken, 3);
    host.collect("dojo").await;
    host.finish().await;
    let token = dojo.token().expose().as_bytes().to_vec();
    let mut read = 0;
    let mut folders = vec![folder.path().join(".probity")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            // The database is being closed: its side files may go between being listed and being read.
            let Ok(bytes) = std::fs::read(&path) else { continue };
            let plain = zstd::decode_all(&*bytes).unwrap_or(bytes);
            read += 1;
            assert!(!plain.windows(token.len()).any(|window| window == token), "{}", path.display());
        }
    }
    assert!(read > 5, "the scratch folder was looked through");
}

#[tokio::test]
async fn one_changed_byte_of_a_capture_is_reported_by_replay() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(8, 3)).await);
    let mut host = TestHost::start(folder.clone(), &dojo_connection(&dojo, &folder, 10, &[]), clock()).await;
    let run = host.collect("dojo").await;
    let page = host.store.page_get(&run.id, &run.streams[0].stream, 1).await.unwrap().unwrap();
    let digest = page.manifest[0].cited[0].capture;
    let hex = digest.hex();
    let blob = folder.path().join(".probity/blobs/sha256").join(&hex[..2]).join(format!("{}.zst", &hex[2..]));
    let mut bytes = zstd::decode_all(&*std::fs::read(&blob).unwrap()).unwrap();
    let at = bytes.iter().position(|byte| *byte == b'1').unwrap();
    bytes[at] = b'2';
    std::fs::write(&blob, zstd::encode_all(&*bytes, 1).unwrap()).unwrap();
    let report =
        probity::collect::replay_run(&*host.store, &host.blobs, &host.sandbox, &run.id).await.unwrap();
    assert!(!report.is_identical());
    assert!(report.differences[0].problem.contains(&hex), "{report:#?}");
    host.tampered();
    host.finish().await;
}
