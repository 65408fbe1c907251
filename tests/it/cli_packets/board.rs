//! The board on the command line: its queue, what it decides there, and what is found when something was changed behind its back.

use std::fs;
use std::time::Duration;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{Office, Server};

/// Brings a packet to the board; its submission.
fn submitted(office: &Office) -> String {
    let packet = office.opened();
    office.drafted();
    office.signed("imani", &["packet", "review", "--for", "security", "--approve"]);
    office.signed("lucia", &["packet", "review", "--for", "sre", "--approve"]);
    office.signed("maya", &["packet", "sign"]);
    office.signed("omar", &["packet", "sign"]);
    let handed = office.signed("omar", &["packet", "hand-off"]);
    // Only a host that serves goes its rounds.
    let _server = Server::start(office);
    for _ in 0..300 {
        if office.verdict() == "handed-off" {
            return format!("{packet}:{}", handed["head"]["seq"]);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("nothing was filed");
}

/// Changes the database behind the host's back, as its owner can, and leaves it looking as it did.
async fn tamper(office: &Office, sql: &str) {
    let file = office.path("state").join("probity.db");
    assert!(file.is_file(), "{} is the demo's database", file.display());
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    let drops: String = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name};")).collect();
    let again: String = triggers.iter().map(|(_, sql)| format!("{sql};")).collect();
    sqlx::raw_sql(AssertSqlSafe(format!("{drops}{sql};{again}"))).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_board_works_its_queue_and_nobody_else_does() {
    let office = Office::open();
    let submission = submitted(&office);
    let accept = ["queue", "accept", submission.as_str()];
    let shown = office.run("nobody", &["queue", "show", &submission]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    for part in [submission.as_str(), "received", "Shared broker credential", "# "] {
        assert!(shown.stdout.contains(part), "{part} is not in {}", shown.stdout);
    }
    for who in ["maya", "omar", "imani", "olga", "scribe"] {
        assert!(office.refused(who, &accept).contains("which may not decide-queue"), "{who}");
    }
    assert_eq!(office.run("nobody", &accept).code, 1, "without a token it is nobody");
    for wrong in [
        &["queue", "bounce", &submission][..],
        &["queue", "decide", &submission, "--decision", "x"],
        &["queue", "decide", &submission, "--decision", "x", "--grant", "--refuse"],
        &["queue", "list", "--limit", "0"],
    ] {
        assert_eq!(office.run("bianca", wrong).code, 2, "{wrong:?}");
    }
    for (unknown, said) in [
        ("nonsense", "is no submission"),
        ("x:1", "there is no submission"),
        (&format!("{submission}0"), "there is no"),
    ] {
        let ended = office.run("bianca", &["queue", "accept", unknown]);
        assert!(ended.code == 1 && ended.stderr.contains(said), "{unknown}: {} {}", ended.code, ended.stderr);
    }
    let after = office.run("nobody", &["queue", "list", "--after", "nonsense"]);
    assert!(after.code == 1 && after.stderr.contains("`nonsense`"), "{}", after.stderr);

    let accepted = office.done("bianca", &accept);
    assert_eq!(
        (&accepted["submission"]["state"], &accepted["verdict"]),
        (&"accepted".into(), &"handed-off".into())
    );
    assert_eq!(office.run("bianca", &accept).code, 6, "it is accepted already");
    let reason = "claims: the rotation is not shown";
    let bounced = office.done("bianca", &["queue", "bounce", &submission, "--reason", reason]);
    assert_eq!(
        (&bounced["submission"]["state"], &bounced["submission"]["by"], &bounced["verdict"]),
        (&"bounced".into(), &"bianca".into(), &"in-review".into())
    );
    let decided = ["queue", "decide", &submission, "--decision", "Granted", "--grant"];
    assert_eq!(office.run("bianca", &decided).code, 6, "it went back");
    let listed = office.done("nobody", &["queue", "list", "--state", "bounced"]);
    assert_eq!(listed["items"][0]["reasons"], serde_json::json!(["the rotation is not shown"]));

    tamper(&office, "UPDATE queue SET package = zeroblob(32)").await;
    let other = office.run("nobody", &["queue", "show", &submission]);
    assert_eq!(other.code, 5, "it is not the package that the ledger gives: {}", other.stderr);
}

/// `ledger verify`, which must find something; what.
fn damage(office: &Office) -> String {
    let ended = office.run("olga", &["ledger", "verify", "--output", "json"]);
    assert_eq!(ended.code, 5, "{}{}", ended.stdout, ended.stderr);
    let verified: Value = serde_json::from_str(&ended.stdout).unwrap();
    verified["problems"].to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_behind_the_hosts_back_ends_with_the_code_for_integrity() {
    let office = Office::open();
    let packet = office.opened();
    assert_eq!(office.run("olga", &["ledger", "verify"]).code, 0);
    tamper(&office, &format!("UPDATE projection SET state = 'ready' WHERE packet = '{packet}'")).await;
    assert!(damage(&office).contains("listings show it otherwise"), "{}", damage(&office));

    let office = Office::open();
    let packet = office.opened();
    office.done("maya", &["packet", "remark", "--text", "First things first"]);
    // A host that serves keeps checkpoints.
    let configuration = fs::read_to_string(office.path("probity.toml")).unwrap();
    let elsewhere = "[checkpoints]\nfolder = \"kept-elsewhere\"\n";
    fs::write(office.path("probity.toml"), format!("{configuration}\n{elsewhere}")).unwrap();
    let checkpoints = office.path("kept-elsewhere");
    let server = Server::start(&office);
    for _ in 0..300 {
        if checkpoints.join("latest.txt").is_file() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(server);
    let cut = format!(
        "DELETE FROM entry WHERE packet = '{packet}' AND seq = 2;
         UPDATE packet SET seq = 1, hash = (SELECT hash FROM entry WHERE packet = '{packet}' AND seq = 1),
            at = (SELECT at FROM entry WHERE packet = '{packet}' AND seq = 1) WHERE id = '{packet}';
         UPDATE projection SET seq = 1, hash = (SELECT hash FROM packet WHERE id = '{packet}') WHERE packet = '{packet}'"
    );
    tamper(&office, &cut).await;
    let found = damage(&office);
    assert!(found.contains("checkpoint") && found.contains(&packet), "{found}");
}
