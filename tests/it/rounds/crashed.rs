//! The binary itself, killed while it files.

use std::process::{Command, Stdio};
use std::time::Duration;

use probity::clock::Clock;
use probity::config::Config;
use probity::intake::{Intake, connect};
use probity::rounds::{Intakes, Rounds};
use probity::sandbox::{Limits, Sandbox};
use probity::store::handoff::FilingState;
use probity_core::readiness::Verdict;
use probity_tests::guests;
use probity_tests::hostile::{Act, Hostile, json};
use probity_tests::packet::Office;

use super::{LATER, policy_elsewhere, settings};

/// A queue that takes in what is filed and never says so; a search finds it from then on.
async fn silent_queue(submission: String) -> Hostile {
    let filed = std::sync::atomic::AtomicBool::new(false);
    Hostile::scripted(move |request| {
        if request.starts_with("POST /tickets ") {
            filed.store(true, std::sync::atomic::Ordering::SeqCst);
            return vec![Act::Stall];
        }
        if !filed.load(std::sync::atomic::Ordering::SeqCst) {
            return vec![Act::Send(json(r#"{"tickets": []}"#))];
        }
        let ticket = serde_json::json!({
            "reference": "CR-7", "url": "https://board.example/tickets/CR-7",
            "received": "2026-11-23T12:00:01Z", "submission": submission,
        });
        vec![Act::Send(json(serde_json::json!({ "tickets": [ticket] }).to_string()))]
    })
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_killed_while_it_files_comes_back_and_finds_what_it_filed() {
    // The binary runs on the system's time; whatever it left is taken up by a host whose clock is later.
    let opens = Clock::system().now().minus(Duration::from_hours(1)).unwrap();
    let office = Office::opened_at(&policy_elsewhere(), opens).await;
    let (packet, submission) = office.handed_off().await;
    let queue = silent_queue(submission.clone()).await;
    let folder = office.folder.path();
    std::fs::write(folder.join("board.toml"), policy_elsewhere()).unwrap();
    let file = folder.join("probity.toml");
    let text = format!(
        r#"
[store]
folder = "."
[board]
policy = "board.toml"
[checkpoints]
folder = "../checkpoints-{port}"
[intake.board]
connector = "{component}"
config = {{ behaviour = "honest" }}
[intake.board.origin.api]
url = "http://127.0.0.1:{port}/"
networks = ["127.0.0.0/8"]
[intake.board.grant]
endpoints = ["search", "create", "ticket"]
"#,
        component = guests::folder().join("intake.wasm").display(),
        port = queue.port(),
    );
    std::fs::write(&file, &text).unwrap();
    let binary = guests::folder().with_file_name("debug").join("probity");
    let mut host = Command::new(binary)
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let wrote = async || queue.requests().iter().any(|request| request.starts_with("POST /tickets "));
    for _ in 0..600 {
        if wrote().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(wrote().await, "the host files on its own: {:?}", host.try_wait());
    host.kill().unwrap();
    host.wait().unwrap();
    assert_eq!(office.store.filing_get(&submission).await.unwrap().unwrap().state, FilingState::Asked);

    office.clock.set(Clock::system().now());
    office.clock.advance(LATER);
    let config = Config::load(&file).unwrap();
    let sandbox = Sandbox::new(Limits::default(), Some(guests::cache())).unwrap();
    let connected = connect(&config, &sandbox, &office.clock).await.unwrap();
    let intakes: Intakes = connected
        .into_iter()
        .map(|(name, intake)| (name.to_string(), std::sync::Arc::new(intake) as std::sync::Arc<dyn Intake>))
        .collect();
    let rounds = Rounds::new(office.casework.clone(), settings()).with_intakes(intakes);
    assert_eq!(rounds.file().await.unwrap(), [(submission.clone(), FilingState::Unknown)]);
    office.clock.advance(LATER);
    assert_eq!(rounds.file().await.unwrap(), [(submission.clone(), FilingState::Received)]);
    let writes = queue.requests().iter().filter(|request| request.starts_with("POST ")).count();
    assert_eq!(writes, 1, "it was filed once");
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandedOff);
    let _ = std::fs::remove_dir_all(folder.parent().unwrap().join(format!("checkpoints-{}", queue.port())));
}
