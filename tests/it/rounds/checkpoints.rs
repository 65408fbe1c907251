//! Checkpoints outside the database show what was done to it by whoever owns the file.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use probity::rounds::checkpoints::{CheckpointError, Checkpoints, verify};
use probity_core::canonical::Digest;
use probity_core::checkpoint::Discrepancy;
use probity_core::event::{Event, RemarkMade};
use probity_core::id::PacketId;
use probity_tests::packet::Office;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

/// Does what the owner of the file can: takes the triggers away and changes what it likes.
pub(super) async fn tamper(office: &Office, sql: &str) {
    let options =
        SqliteConnectOptions::new().filename(office.folder.path().join("probity.db")).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    let triggers: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    for trigger in triggers {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP TRIGGER {trigger}")))
            .execute(&mut connection)
            .await
            .unwrap();
    }
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

struct Desk {
    office: Office,
    packet: PacketId,
    folder: PathBuf,
}

impl Desk {
    async fn new() -> Self {
        let office = Office::open().await;
        let packet = office.open_packet().await;
        let folder = office.folder.path().join("checkpoints");
        Self { office, packet, folder }
    }

    fn checkpoints(&self) -> Result<Checkpoints, CheckpointError> {
        Checkpoints::open(&self.folder, "probity.example", self.office.folder.path(), &self.office.clock)
    }

    async fn write(&self) -> Result<bool, CheckpointError> {
        self.checkpoints()?.write(&*self.office.store).await
    }

    async fn remark(&self) {
        let remark = RemarkMade { text: "a remark".to_owned(), target: None };
        self.office.command("maya", &self.packet, Event::RemarkMade(remark)).await;
    }

    async fn found(&self) -> Vec<&'static str> {
        let found = verify(&self.folder, &*self.office.store).await.unwrap();
        found.iter().map(Discrepancy::code).collect()
    }
}

fn notes(folder: &Path) -> usize {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().starts_with("checkpoint-2")).count()
}

#[tokio::test]
async fn a_checkpoint_is_written_when_a_chain_grew_and_only_then() {
    let desk = Desk::new().await;
    assert!(desk.write().await.unwrap());
    assert!(!desk.write().await.unwrap(), "nothing happened");
    desk.remark().await;
    assert!(desk.write().await.unwrap());
    assert_eq!(notes(&desk.folder), 2);
    let latest = desk.checkpoints().unwrap().latest().unwrap().unwrap();
    assert_eq!(latest.packets[desk.packet.as_str()].seq, 2);
    assert!(latest.registry.is_some());
    assert_eq!(desk.found().await, Vec::<&str>::new());
    let key = desk.office.folder.path().join("checkpoint.key");
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_was_cut_off_rewritten_or_taken_away_is_found_and_no_newer_note_covers_it_up() {
    for (sql, code) in [
        (
            "DELETE FROM entry WHERE seq = 3; UPDATE packet SET seq = 2, hash = (SELECT hash FROM entry WHERE seq = 2)",
            "checkpoint.truncated",
        ),
        (
            "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'a remark', 'A remark') AS BLOB) WHERE seq = 3",
            "checkpoint.rewritten",
        ),
        (
            "UPDATE registry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'laptop', 'desktop') AS BLOB)",
            "checkpoint.rewritten",
        ),
        ("DELETE FROM packet; DELETE FROM entry", "checkpoint.vanished"),
        ("DELETE FROM registry", "checkpoint.vanished"),
    ] {
        let desk = Desk::new().await;
        desk.remark().await;
        desk.remark().await;
        desk.write().await.unwrap();
        tamper(&desk.office, sql).await;
        assert_eq!(desk.found().await, [code], "{sql}");
        if code != "checkpoint.rewritten" {
            let refused = desk.write().await.unwrap_err();
            assert!(
                matches!(&refused, CheckpointError::Discrepancies(found) if found[0].code() == code),
                "{refused}"
            );
        }
        assert_eq!(desk.found().await, [code], "it is found again, after a restart as well");
    }
}

#[tokio::test]
async fn a_ledger_written_anew_so_that_it_holds_together_is_found_and_not_covered_up() {
    let desk = Desk::new().await;
    desk.remark().await;
    desk.write().await.unwrap();
    let last = desk.office.store.ledger_entries(&desk.packet, 1, 10).await.unwrap().pop().unwrap();
    let text = String::from_utf8(last.bytes).unwrap().replace("a remark", "A remark");
    let (hash, bytes) = (Digest::of(text.as_bytes()).hex(), hex::encode(text));
    let sql = format!(
        "UPDATE entry SET bytes = x'{bytes}', hash = x'{hash}' WHERE seq = 2; UPDATE packet SET hash = x'{hash}'"
    );
    tamper(&desk.office, &sql).await;
    desk.remark().await;
    assert_eq!(desk.found().await, ["checkpoint.rewritten"]);
    let refused = desk.write().await.unwrap_err();
    assert!(matches!(refused, CheckpointError::Discrepancies(_)), "{refused}");
    assert_eq!(notes(&desk.folder), 1);
}

#[tokio::test]
async fn notes_without_what_they_are_verified_with_are_not_passed_over() {
    let desk = Desk::new().await;
    desk.write().await.unwrap();
    std::fs::remove_file(desk.folder.join("checkpoint.vkey")).unwrap();
    let verified = verify(&desk.folder, &*desk.office.store).await;
    assert!(matches!(verified, Err(CheckpointError::NoVerifier(_))), "{verified:?}");
}

#[tokio::test]
async fn notes_that_were_changed_taken_away_or_signed_by_another_are_not_believed() {
    let desk = Desk::new().await;
    desk.write().await.unwrap();
    let latest = desk.folder.join("latest.txt");
    let good = std::fs::read_to_string(&latest).unwrap();
    std::fs::write(&latest, good.replace("packets 1", "packets 0")).unwrap();
    assert!(matches!(verify(&desk.folder, &*desk.office.store).await, Err(CheckpointError::Bad(_))));
    std::fs::remove_file(&latest).unwrap();
    assert!(matches!(verify(&desk.folder, &*desk.office.store).await, Err(CheckpointError::NoLatest(_))));
    assert!(matches!(desk.write().await, Err(CheckpointError::NoLatest(_))));
    std::fs::write(&latest, good).unwrap();
    assert_eq!(desk.found().await, Vec::<&str>::new());
    // Whoever takes the key away does not get a new one made that quietly begins anew.
    std::fs::remove_file(desk.office.folder.path().join("checkpoint.key")).unwrap();
    assert!(matches!(desk.write().await, Err(CheckpointError::OtherKey { .. })));
}
