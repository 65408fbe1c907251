//! What direct SQL, damage and reopening can do to what the readiness loop keeps in SQLite.

use probity::store::handoff::{ExchangeCall, HandoffStore as _};
use probity::store::ledger::LedgerStore as _;
use probity::store::notices::NoticeStore as _;
use probity::store::people::{NewPrincipal, PeopleStore as _};
use probity::store::sqlite::SqliteStore;
use probity::store::{EvidenceFilter, Store};
use probity_core::canonical::Digest;
use probity_core::evidence::Item;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::chain::*;
use super::fixture::{LEASE, connection, finding, found, sweep};
use super::sqlite::{assert_told, file, fresh, tamper};

/// A store with something in every table of the loop.
async fn full() -> (tempfile::TempDir, SqliteStore) {
    let (folder, store) = fresh().await;
    let (packet, head) = filed(&store, "s-1").await;
    append(&store, &entry(&packet, Some(head), "third"), Some(head)).await;
    store.filing_claim("s-1", "host-1", LEASE).await.unwrap().unwrap();
    for ordinal in 1..=2 {
        store.exchange_asked("s-1", 1, ordinal, ExchangeCall::Submit, b"take this").await.unwrap();
    }
    store.exchange_answered("s-1", 1, b"taken").await.unwrap();
    let mut head = None;
    for words in [b"enrolled", b"revoked!"] {
        head = Some(store.registry_append(words, Digest::of(words), head).await.unwrap().head);
    }
    let token_sha256 = Some(Digest::of(b"token"));
    let (kind, role) = (String::from("human"), String::from("reviewer"));
    let ana = NewPrincipal { id: String::from("ana"), kind, role, token_sha256 };
    store.principal_add(&ana).await.unwrap();
    store.principal_revoke("ana").await.unwrap();
    store.queue_receive(&queued("s-1", &packet)).await.unwrap();
    store.notice_add(&notice(&packet, "escalated")).await.unwrap();
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    (folder, store)
}

/// SQL that would rewrite history, and a word of why it is refused.
const REWRITES: &[(&str, &str)] = &[
    ("UPDATE entry SET bytes = x'00'", "never changed"),
    ("UPDATE entry SET at = at WHERE seq = 3", "never changed"),
    ("DELETE FROM entry WHERE seq = 3", "never removed"),
    ("DELETE FROM packet", "never removed"),
    (
        "REPLACE INTO entry SELECT key, packet, seq, zeroblob(32), prev, at, recorded + 9000000000000, bytes
         FROM entry WHERE seq = 3",
        "follows the last",
    ),
    (
        "REPLACE INTO entry SELECT 99, packet, seq, hash, prev, at, recorded + 9000000000000, x'00' FROM entry
         WHERE seq = 3",
        "follows the last",
    ),
    (
        "REPLACE INTO entry SELECT 1, packet, 4, hash, hash, at, recorded + 9000000000000, bytes FROM entry
         WHERE seq = 3",
        "follows the last",
    ),
    (
        "INSERT INTO entry SELECT 99, packet, 4, hash, zeroblob(32), at, recorded + 9000000000000, bytes
         FROM entry WHERE seq = 3",
        "follows the last",
    ),
    ("INSERT INTO entry SELECT 99, packet, 4, hash, hash, at, 1, bytes FROM entry WHERE seq = 3", "follows the last"),
    (
        "INSERT INTO entry SELECT 99, packet, 4, hash, hash, 1, recorded + 9000000000000, bytes FROM entry
         WHERE seq = 3",
        "follows the last",
    ),
    ("UPDATE registry SET bytes = x'00'", "never changed"),
    ("DELETE FROM registry WHERE seq = 2", "never removed"),
    (
        "REPLACE INTO registry SELECT seq, zeroblob(32), prev, recorded + 9000000000000, bytes FROM registry
         WHERE seq = 2",
        "follows the last",
    ),
    ("UPDATE exchange SET request = x'00'", "never changed"),
    ("DELETE FROM exchange WHERE ordinal = 2", "never removed"),
    (
        "REPLACE INTO exchange SELECT submission, ordinal, call, x'00', recorded + 9000000000000 FROM exchange
         WHERE ordinal = 2",
        "follows the last",
    ),
    ("UPDATE exchange_answer SET answer = x'00'", "never changed"),
    ("DELETE FROM exchange_answer", "never removed"),
    (
        "REPLACE INTO exchange_answer SELECT submission, ordinal, x'00', recorded + 9000000000000
         FROM exchange_answer",
        "answered once",
    ),
    ("UPDATE principal SET revoked = NULL", "revoked once"),
    ("UPDATE principal SET token = NULL", "revoked once"),
    ("DELETE FROM principal", "revoked, never removed"),
    ("REPLACE INTO principal SELECT id, kind, 'operator', token, added + 1, NULL FROM principal", "never given"),
];

#[tokio::test]
async fn direct_sql_can_add_to_history_and_not_rewrite_it() {
    let (folder, store) = full().await;
    let before = history(&store).await;
    let options = SqliteConnectOptions::new().filename(file(&folder)).foreign_keys(false);
    let mut direct = options.connect().await.unwrap();
    let mut slipped = Vec::new();
    for (rewrite, told) in REWRITES {
        match sqlx::raw_sql(AssertSqlSafe((*rewrite).to_owned())).execute(&mut direct).await {
            Err(error) => assert!(error.to_string().contains(told), "{rewrite}: {error}"),
            Ok(_) => slipped.push(rewrite),
        }
    }
    assert_eq!(slipped, Vec::<&&str>::new(), "none of these may pass");
    direct.close().await.unwrap();
    assert_eq!(history(&store).await, before);
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}

/// Everything the loop keeps, as text.
async fn history(store: &SqliteStore) -> String {
    let heads = store.heads().await.unwrap();
    let packet = &heads[0].0;
    let told = (
        store.ledger_entries(packet, 0, 100).await.unwrap(),
        store.projection_get(packet).await.unwrap(),
        store.registry_entries().await.unwrap(),
        store.principal_list().await.unwrap(),
        store.filing_list(packet).await.unwrap(),
        store.exchanges("s-1").await.unwrap(),
        store.queue_get("s-1").await.unwrap(),
        store.notice_due(minute(59), 10).await.unwrap(),
    );
    format!("{heads:?}\n{told:?}")
}

#[tokio::test]
async fn what_the_loop_wrote_is_there_after_opening_again() {
    let (folder, store) = full().await;
    let before = history(&store).await;
    let (packet, head) = store.heads().await.unwrap().remove(0);
    let recorded = store.ledger_entries(&packet, 0, 100).await.unwrap().pop().unwrap().recorded;
    store.close().await;
    let store = SqliteStore::open(&file(&folder)).await.unwrap();
    assert_eq!(history(&store).await, before);
    assert_eq!(head.seq, 3);
    let next = append(&store, &entry(&packet, Some(head), "after"), Some(head)).await;
    assert!(next.recorded > recorded);
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}

/// Damage, and a word of what must be told of it.
const DAMAGE: &[(&str, &str)] = &[
    ("DROP TRIGGER exchange_answer_is_never_changed", "trigger exchange_answer_is_never_changed is gone"),
    ("UPDATE clock SET recorded = 1", "is behind ledger entry"),
    ("UPDATE packet SET seq = 2", "has its head at entry 2"),
    ("UPDATE packet SET hash = zeroblob(32)", "which is not the last of its ledger"),
    ("UPDATE packet SET opened = 1", "opened at another instant"),
    ("DROP TRIGGER entry_is_never_removed; DELETE FROM entry WHERE seq = 3", "has its head at entry 3"),
    ("DROP TRIGGER entry_is_never_removed; DELETE FROM entry WHERE seq = 2", "numbered up to 3"),
    ("DROP TRIGGER entry_is_never_removed; DELETE FROM entry WHERE seq = 2", "refers to a row of entry"),
    ("DROP TRIGGER packet_is_never_removed; DELETE FROM packet", "refers to a row of packet"),
    (
        "DROP TRIGGER entry_is_never_changed; UPDATE entry SET bytes = x'00' WHERE seq = 2",
        "other bytes than were hashed",
    ),
    (
        "DROP TRIGGER entry_is_never_changed; UPDATE entry SET hash = zeroblob(32) WHERE seq = 2",
        "entry 3 of packet",
    ),
    (
        "DROP TRIGGER entry_is_never_changed; UPDATE entry SET at = 1 WHERE seq = 2",
        "earlier than the entry before",
    ),
    ("DELETE FROM projection", "no projection made at its head"),
    ("UPDATE projection SET seq = 2", "no projection made at its head"),
    (
        "DROP TRIGGER registry_is_never_changed; UPDATE registry SET bytes = x'00' WHERE seq = 2",
        "entry 2 of the key registry has other bytes",
    ),
    (
        "DROP TRIGGER registry_is_never_removed; DELETE FROM registry WHERE seq = 1",
        "entry 2 of the key registry does not link",
    ),
    ("DROP TRIGGER exchange_is_never_removed; DELETE FROM exchange WHERE ordinal = 1", "numbered up to 2"),
    (
        "DROP TRIGGER exchange_is_never_removed; DELETE FROM exchange WHERE ordinal = 1",
        "refers to a row of exchange",
    ),
    (
        "DROP TRIGGER exchange_answer_is_never_changed; UPDATE exchange_answer SET recorded = 1",
        "answered before it was asked",
    ),
    ("DELETE FROM filing", "refers to a row of filing"),
];

#[tokio::test]
async fn the_check_tells_every_damage_to_the_loop() {
    let (folder, store) = full().await;
    store.close().await;
    assert_told(&folder, DAMAGE).await;
}

#[tokio::test]
async fn exposures_from_before_they_were_noted_are_found_after_opening() {
    let (folder, store) = fresh().await;
    let connection = connection(&store, "tracker").await;
    let exposed = Item {
        exposure: Some(String::from("live credential")),
        // Long enough to be kept compressed.
        summary: "shared ".repeat(1000),
        ..finding("F-1", "Exposed")
    };
    sweep(&store, &connection, vec![exposed, finding("F-2", "Quiet")]).await;
    store.close().await;
    tamper(&file(&folder), "UPDATE revision SET exposure = NULL").await;
    let store = SqliteStore::open(&file(&folder)).await.unwrap();
    for (exposed, expected) in [(true, "F-1"), (false, "F-2")] {
        let filter = EvidenceFilter { exposed: Some(exposed), ..EvidenceFilter::default() };
        assert_eq!(found(&store, &filter).await, [expected]);
    }
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}
