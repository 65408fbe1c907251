//! Nothing lost: the host is killed at random moments and always comes back to the same result.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use probity::clock::Clock;
use probity::demo::dojo::{Misbehaviour, Tracker};
use probity::store::EvidenceFilter;
use probity_core::run::RunState;
use probity_tests::guests;
use probity_tests::host::TestHost;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::{dojo, dojo_connection, scratch};

const FINDINGS: usize = 10_000;
const KILLS: u32 = 30;

/// `probity collect dojo`, quiet.
fn collect(folder: &Path) -> Child {
    let binary = guests::folder().with_file_name("debug").join("probity");
    assert!(binary.is_file(), "{} is missing: run `cargo build -p probity`", binary.display());
    Command::new(binary)
        .args(["collect", "dojo", "--stream", "findings", "--config"])
        .arg(folder.join("probity.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_findings_survive_thirty_kills_at_random_moments() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let (folder, dojo) = (scratch(), dojo(Tracker::large(10, FINDINGS)).await);
    // Each page takes a while, so that no life of the host is long enough to finish.
    dojo.misbehave_at("/api/v2/findings/", Misbehaviour::Slow(Duration::from_millis(200)), 1_000_000);
    let config = dojo_connection(&dojo, &folder, 100, &[]);
    std::fs::write(folder.path().join("probity.toml"), &config).unwrap();
    let mut kills = 0;
    while kills < KILLS {
        let mut host = collect(folder.path());
        tokio::time::sleep(Duration::from_millis(chance.random_range(20..900))).await;
        assert!(host.try_wait().unwrap().is_none(), "the host was still at work when it was killed");
        host.kill().unwrap();
        host.wait().unwrap();
        kills += 1;
    }
    dojo.behave();
    let last = tokio::task::spawn_blocking({
        let folder = folder.clone();
        move || collect(folder.path()).wait().unwrap()
    });
    assert!(last.await.unwrap().success());

    let host = TestHost::start(folder, &config, Clock::system()).await;
    let evidence = host.evidence(&EvidenceFilter::default()).await;
    let mut items: Vec<&str> = evidence.iter().map(|one| one.item.id.as_str()).collect();
    items.sort_unstable();
    items.dedup();
    assert_eq!((evidence.len(), items.len()), (FINDINGS, FINDINGS), "none lost, none twice");
    let runs = host
        .store
        .run_list(&Default::default(), &probity::store::Keyset { after: None, limit: 100 })
        .await
        .unwrap();
    assert_eq!(runs.len(), 1, "one run, taken over each time");
    assert_eq!(runs[0].state, RunState::Complete);
    assert_eq!(runs[0].streams[0].items, FINDINGS as u64);
    host.finish().await;
}
