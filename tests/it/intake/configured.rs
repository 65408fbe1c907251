//! `[intake.NAME]`: checked like a connection, down to the manifest, by the library and by the commands.

use std::path::PathBuf;

use probity::collect::Collector;
use probity::intake::connect;
use probity_tests::guests;
use tempfile::TempDir;

use super::{clock, configuration, open_queue, sandbox, section};
use crate::cli::probity;

async fn refused(text: &str) -> String {
    connect(&configuration(text), &sandbox(), &clock()).await.map(|_| ()).unwrap_err().to_string()
}

#[tokio::test]
async fn an_intake_is_checked_against_its_manifest() {
    let valid = section("honest", 9);
    connect(&configuration(&valid), &sandbox(), &clock()).await.unwrap();
    for (from, to, key, said) in [
        (r#""ticket"]"#, r#""tickets"]"#, "intake.board.grant.endpoints", "declares no such endpoint"),
        (r#""create", "#, "", "intake.board.grant.endpoints", "no endpoint that writes is granted"),
        ("origin.api", "origin.other", "intake.board.origin.api", "not bound to a URL"),
        (r#""honest""#, "7", "intake.board.config", "not of type"),
        ("config =", "digest = \"sha256:00\"\nconfig =", "intake.board.digest", ""),
    ] {
        let text = valid.replace(from, to);
        assert_ne!(text, valid, "{from}");
        let told = match probity::config::Config::parse(std::path::Path::new("/p/probity.toml"), &text) {
            Ok(_) => refused(&text).await,
            Err(invalid) => invalid.to_string(),
        };
        assert!(told.contains(key) && told.contains(said), "{key} {said}: {told}");
    }
    let pinned = valid.replace("config =", &format!("digest = \"sha256:{}\"\nconfig =", "0".repeat(64)));
    assert!(refused(&pinned).await.contains("not the pinned sha256:0000"), "the pin holds");
}

#[tokio::test]
async fn a_component_of_the_other_world_is_a_fault_of_the_section() {
    let reading = section("honest", 9).replace("intake.wasm", "hostile.wasm");
    let told = refused(&reading).await;
    assert!(told.contains("intake.board.connector: load.other-world"), "{told}");

    let filing = section("honest", 9).replace("[intake.", "[connection.");
    let config = configuration(&filing);
    let told = Collector::prepare(&config, &sandbox()).await.map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("connection.board.connector: load.other-world"), "{told}");
    assert!(told.contains("[intake.NAME]"), "{told}");
}

fn file(folder: &TempDir, text: &str) -> PathBuf {
    let file = folder.path().join("probity.toml");
    std::fs::write(&file, text).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_commands_know_intakes() {
    let (folder, queue) = (tempfile::tempdir().unwrap(), open_queue().await);
    let config = file(&folder, &section("honest", queue.port()));

    let checked = probity(&config, &["config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert!(checked.stdout.contains("intake board"), "{}", checked.stdout);
    let writes = checked.stdout.lines().find(|line| line.contains("may WRITE through")).unwrap();
    assert!(writes.ends_with("create"), "{writes}");
    assert_eq!(queue.connections(), 0, "a check of the configuration asks nobody");

    let probed = probity(&config, &["check"]);
    assert_eq!(probed.code, 0, "{}", probed.stderr);
    assert!(probed.stdout.contains("board: works\n  the queue answers 200"), "{}", probed.stdout);
    assert_eq!(super::reached(&queue), ["GET /tickets"]);

    let both = file(
        &folder,
        &format!(
            "{}[connection.x]\nconnector = \"no-such\"\n",
            section("honest", 9).replace("\"search\"", "\"serch\"")
        ),
    );
    let refused = probity(&both, &["config", "check"]);
    assert_eq!(refused.code, 4);
    for key in ["connection.x.connector", "intake.board.grant.endpoints"] {
        assert!(refused.stderr.contains(key), "{key}: {}", refused.stderr);
    }
}

#[test]
fn inspect_says_plainly_what_writes() {
    let folder = tempfile::tempdir().unwrap();
    let component = guests::folder().join("intake.wasm");
    let inspected =
        probity(&folder.path().join("none.toml"), &["connector", "inspect", component.to_str().unwrap()]);
    assert_eq!(inspected.code, 0, "{}", inspected.stderr);
    let text = inspected.stdout;
    assert!(text.contains("it WRITES there, through create, annotate"), "{text}");
    let row = |id: &str| text.lines().find(|line| line.trim_start().starts_with(id)).unwrap();
    assert!(row("create ").contains("WRITES") && row("search ").contains("reads"), "{text}");
    assert!(text.contains("[intake.my-intake.grant]") && !text.contains("every ="), "{text}");
}
