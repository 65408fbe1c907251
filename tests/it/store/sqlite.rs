//! What only the SQLite store can get wrong: the file, its clock, its schema, and damage to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use probity::store::sqlite::SqliteStore;
use probity::store::{Clock, Store, StoreError};
use probity_core::instant::Instant;
use probity_core::run::RunState;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::fixture::*;

/// A store in a folder of its own.
pub(super) async fn fresh() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&file(&folder)).await.unwrap();
    (folder, store)
}

pub(super) fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("data/probity.sqlite")
}

/// Changes the file behind the store's back.
pub(super) async fn tamper(file: &Path, sql: &str) {
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(false);
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A clock that shows what it was turned to.
fn clock(micros: i64) -> (Arc<AtomicI64>, Clock) {
    let hand = Arc::new(AtomicI64::new(micros));
    let shown = hand.clone();
    (hand, Arc::new(move || Instant::from_micros(shown.load(Ordering::SeqCst)).unwrap()))
}

#[tokio::test]
async fn what_was_written_is_there_after_opening_again() {
    let (folder, store) = fresh().await;
    let connection = connection(&store, "tracker").await;
    let (run, committed) = sweep(&store, &connection, vec![finding("F-1", "One")]).await;
    let before = (store.run_get(&run).await.unwrap(), everything(&store).await);
    store.close().await;

    let store = SqliteStore::open(&file(&folder)).await.unwrap();
    assert_eq!((store.run_get(&run).await.unwrap(), everything(&store).await), before);
    assert!(store.now().await.unwrap() >= committed.recorded);
    let (_, again) = sweep(&store, &connection, vec![finding("F-1", "One")]).await;
    assert_eq!(again.unchanged, 1);
    assert!(store.check().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_clock_that_stands_still_or_goes_back_does_not_blur_history() {
    let folder = tempfile::tempdir().unwrap();
    let noon = instant("2026-11-22T12:00:00Z").as_micros();
    let (hand, fixed) = clock(noon);
    let store = SqliteStore::open_with_clock(&file(&folder), fixed).await.unwrap();
    let tracker = connection(&store, "tracker").await;
    let run = begin(&store, &tracker, full("findings")).await;
    let mut last = store.now().await.unwrap();
    for number in 1..=5 {
        if number == 3 {
            hand.store(noon - 3_600_000_000, Ordering::SeqCst);
        }
        let committed = commit(&store, &Sheet::middle(&run, number).with(Vec::new())).await;
        assert!(committed.recorded > last, "an instant that was shown is not given to a later page");
        last = store.now().await.unwrap();
        assert!(last >= committed.recorded);
    }
    hand.store(noon + 1_000_000, Ordering::SeqCst);
    assert_eq!(store.now().await.unwrap().as_micros(), noon + 1_000_000, "it follows the clock when it can");
    let mut shown = commit(&store, &Sheet::middle(&run, 6).with(Vec::new())).await.recorded;
    hand.store(noon, Ordering::SeqCst);
    for number in 7..=9 {
        let committed = commit(&store, &Sheet::middle(&run, number).with(Vec::new())).await;
        assert!(committed.recorded > shown, "nobody needs to have asked for the time in between");
        shown = committed.recorded;
    }
    store.close().await;

    let store = SqliteStore::open_with_clock(&file(&folder), clock(noon).1).await.unwrap();
    assert_eq!(store.now().await.unwrap(), shown, "opening again does not turn time back");
    let committed = commit(&store, &Sheet::middle(&run, 10).with(Vec::new())).await;
    assert!(committed.recorded > shown);
}

#[tokio::test]
async fn leases_lapse_on_database_time() {
    let folder = tempfile::tempdir().unwrap();
    let (hand, clock) = clock(instant("2026-11-22T12:00:00Z").as_micros());
    let store = SqliteStore::open_with_clock(&file(&folder), clock).await.unwrap();
    let connection = connection(&store, "tracker").await;
    let run = begin(&store, &connection, full("findings")).await;
    let until = run.lease.unwrap().until;
    hand.store(until.as_micros() - 1, Ordering::SeqCst);
    assert!(store.run_claim(&run.id, "host-2", LEASE, &|_| false).await.unwrap().is_none());
    hand.store(until.as_micros(), Ordering::SeqCst);
    let claimed = store.run_claim(&run.id, "host-2", LEASE, &|_| false).await.unwrap().unwrap();
    assert_eq!(claimed.lease.unwrap().until, until.plus(LEASE).unwrap());
}

#[tokio::test]
async fn a_lease_without_end_is_kept() {
    let (_folder, store) = fresh().await;
    let connection = connection(&store, "tracker").await;
    let run = begin(&store, &connection, full("findings")).await;
    store.run_beat(&run.id, 1, Duration::MAX).await.unwrap();
    let kept = store.run_get(&run.id).await.unwrap().unwrap().lease.unwrap();
    assert!(kept.until > run.lease.unwrap().until);
}

#[tokio::test]
async fn a_schema_from_a_newer_probity_is_refused() {
    let (folder, store) = fresh().await;
    store.close().await;
    let file = file(&folder);
    tamper(&file, "INSERT INTO _sqlx_migrations VALUES (9999, 'later', '2027-01-01', TRUE, x'00', 0)").await;
    let Err(StoreError::Open { place, rule }) = SqliteStore::open(&file).await else { panic!("it opened") };
    assert_eq!(place, file.display().to_string());
    assert!(rule.contains("9999") && rule.contains("newer probity"), "{rule}");
    tamper(&file, "DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    tamper(&file, "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    assert!(matches!(SqliteStore::open(&file).await, Err(StoreError::Open { .. })));
}

#[tokio::test]
async fn a_place_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("plain");
    std::fs::write(&plain, "not a database, and rather longer than the header of one would be".repeat(99))
        .unwrap();
    for place in [plain.clone(), plain.join("below.sqlite"), folder.path().to_owned()] {
        match SqliteStore::open(&place).await {
            Err(StoreError::Open { place: named, .. }) => assert_eq!(named, place.display().to_string()),
            other => panic!("{place:?}: {:?}", other.map(|_| "opened")),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_openings_of_one_file_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder);
    let (one, other) = tokio::join!(SqliteStore::open(&path), SqliteStore::open(&path));
    let (one, other) = (one.unwrap(), other.unwrap());
    // Each of these reads before it writes; without the write lock from the start one of two would be refused.
    let names = (0..60).map(|n| format!("connection-{n}")).collect::<Vec<_>>();
    futures::future::join_all(
        names.iter().zip([&one, &other].into_iter().cycle()).map(|(name, store)| connection(store, name)),
    )
    .await;
    let mut passes = Vec::new();
    for (n, store) in [&one, &other].into_iter().cycle().take(8).enumerate() {
        let connection = connection(store, &format!("tracker-{n}")).await;
        passes.push((store, begin(store, &connection, full("findings")).await));
    }
    let recorded = futures::future::join_all(passes.iter().map(async |(store, run)| {
        let mut recorded = Vec::new();
        for number in 1..=10 {
            let page = Sheet::middle(run, number).with(vec![finding("F-1", "Turns")]);
            recorded.push(commit(*store, &page).await.recorded);
        }
        recorded
    }))
    .await;
    let different: std::collections::BTreeSet<_> = recorded.into_iter().flatten().collect();
    assert_eq!(different.len(), 80);
    assert!(one.check().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_value_is_named_by_table_column_and_row() {
    let (folder, store) = fresh().await;
    let connection = connection(&store, "tracker").await;
    let (run, _) = sweep(&store, &connection, vec![finding("F-1", "One")]).await;
    let id = id_of(&store, "F-1").await;
    let file = file(&folder);
    tamper(&file, "UPDATE revision SET item = CAST('{}' AS BLOB)").await;
    match store.evidence_get(&id, None).await {
        Err(StoreError::Corrupt { table, column, row, .. }) => {
            assert_eq!((table, column, row), ("revision", "item", id.to_string()));
        }
        other => panic!("{other:?}"),
    }
    tamper(&file, "UPDATE page SET journal_digest = zeroblob(32)").await;
    match store.page_get(&run, &stream("findings"), 1).await {
        Err(StoreError::Corrupt { table, column, .. }) => assert_eq!((table, column), ("page", "journal")),
        other => panic!("{other:?}"),
    }
}

/// Damage, and a word of what must be told of it.
const DAMAGE: &[(&str, &str)] = &[
    ("UPDATE clock SET recorded = 1", "database time"),
    ("UPDATE connection SET name = 'other'", "last name on record"),
    ("UPDATE run_stream SET pages = 3", "3 pages"),
    ("UPDATE run_stream SET cursor = 'elsewhere'", "go on from another place"),
    ("UPDATE run_stream SET items = items + 1", "counts 2 items"),
    ("UPDATE run_stream SET new_evidence = 7", "miscounts"),
    ("UPDATE run_stream SET gaps = 7", "miscounts"),
    ("DELETE FROM stream_complete WHERE ended = (SELECT min(ended) FROM stream_complete)", "read to its end"),
    ("UPDATE stream_complete SET mode = 'incremental'", "read to its end"),
    ("UPDATE page SET recorded = 2 WHERE key = 2", "recorded before it"),
    ("UPDATE page SET number = 9 WHERE key = 1", "up to number 9"),
    ("UPDATE evidence SET latest = 1", "not its latest"),
    ("UPDATE revision SET number = 5 WHERE number = 2", "numbered up to 5"),
    ("UPDATE evidence SET last_page = 1", "last seen in page 1"),
    ("DELETE FROM sighting WHERE page = 1", "not in the manifest of page 1"),
    ("UPDATE evidence SET stream = 'other'", "another connection or stream"),
    ("DELETE FROM capture", "not a capture"),
    (
        "UPDATE sighting SET cited = replace(cited, 'sha256:', 'sha256:00') WHERE cited IS NOT NULL",
        "page 3 cites",
    ),
    ("DELETE FROM run", "refers to a row of run"),
    ("INSERT INTO revision_text (revision_text) VALUES ('delete-all')", "found by its words"),
];

#[tokio::test]
async fn the_check_tells_every_damage() {
    let (folder, store) = fresh().await;
    let connection = connection(&store, "tracker").await;
    for title in ["A", "B", "B"] {
        sweep(&store, &connection, vec![finding("F-1", title)]).await;
    }
    assert!(store.check().await.unwrap().is_empty());
    store.close().await;
    assert_told(&folder, DAMAGE).await;
}

/// Does each damage to a copy of the closed store, and looks for its word in what the check tells.
pub(super) async fn assert_told(folder: &tempfile::TempDir, damage: &[(&str, &str)]) {
    for (damage, told) in damage {
        let copy = folder.path().join("copy.sqlite");
        let _ = std::fs::remove_file(folder.path().join("copy.sqlite-wal"));
        let _ = std::fs::remove_file(folder.path().join("copy.sqlite-shm"));
        std::fs::copy(file(folder), &copy).unwrap();
        tamper(&copy, damage).await;
        let store = SqliteStore::open(&copy).await.unwrap();
        let lines = store.check().await.unwrap();
        assert!(lines.iter().any(|line| line.contains(told)), "{damage}\n{lines:#?}");
        store.close().await;
    }
}

#[tokio::test]
async fn readers_cannot_write_and_runs_end_as_they_were_told() {
    let (folder, store) = fresh().await;
    let connection = connection(&store, "tracker").await;
    let (run, _) = pass(&store, &connection, full("findings"), (RunState::Incomplete, Vec::new())).await;
    assert_eq!(store.run_get(&run).await.unwrap().unwrap().state, RunState::Incomplete);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("data")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "what is collected is nobody else's to read");
    }
}
