//! A host that is killed while people append loses nothing it acknowledged.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{binary, once, probity};

/// `probity serve` over the demo's folder, and where it listens.
fn serve(folder: &TempDir) -> (Child, String) {
    let mut host = Command::new(binary())
        .args(["serve", "--listen", "127.0.0.1:0", "--config"])
        .arg(folder.path().join("probity.toml"))
        .env("PROBITY_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(host.stderr.take().unwrap()).lines();
    let line =
        lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("listening on"))).unwrap().unwrap();
    // Whoever reads no more would stop a host that writes.
    std::thread::spawn(move || lines.for_each(drop));
    let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
    (host, address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigkill_during_appends_loses_no_acknowledged_entry() {
    let folder = once();
    let config = folder.path().join("probity.toml");
    probity::egress::install_crypto();
    let token = std::fs::read_to_string(folder.path().join("tokens/author")).unwrap();
    let listed = probity(&config, &["packet", "list", "--output", "json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    let packet =
        listed["items"][0]["packet"].as_str().or(listed["items"][0]["id"].as_str()).unwrap().to_owned();
    let mut acknowledged: Vec<(u64, String)> = Vec::new();
    for round in 0..5_u64 {
        let (mut host, address) = serve(&folder);
        let client = reqwest::Client::new();
        let url = format!("http://{address}/api/v1/packets/{packet}");
        let kill = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(150 + 70 * round)).await;
            host.kill().unwrap();
            host.wait().unwrap();
        });
        // Each append names the head of the one before; the last may be cut off in the middle.
        while let Ok(seen) = client.get(&url).bearer_auth(token.trim()).send().await {
            let Some(head) = seen.headers().get("etag").cloned() else { break };
            let remark = json!({"kind": "remark-made", "text": format!("round {round}"), "target": null});
            let append =
                client.post(format!("{url}/ledger")).bearer_auth(token.trim()).header("if-match", head);
            let Ok(answer) = append.json(&remark).send().await else { break };
            let Ok(answer) = answer.json::<Value>().await else { break };
            let head = &answer["head"];
            acknowledged.push((head["seq"].as_u64().unwrap(), head["digest"].as_str().unwrap().to_owned()));
        }
        kill.await.unwrap();
    }
    assert!(acknowledged.len() > 10, "only {} appends were acknowledged", acknowledged.len());
    let ledger = probity(&config, &["packet", "ledger", &packet, "--output", "json"]);
    let hashes: Vec<String> = ledger
        .stdout
        .lines()
        .map(|line| probity_core::canonical::Digest::of(line.as_bytes()).to_string())
        .collect();
    for (seq, digest) in &acknowledged {
        let kept = hashes.get(usize::try_from(*seq).unwrap() - 1);
        assert_eq!(kept, Some(digest), "entry {seq} was acknowledged");
    }
    let verified = probity(&config, &["ledger", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}
