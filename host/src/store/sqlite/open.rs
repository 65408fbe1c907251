//! Opening the file: folder, engine version, settings, schema.
//!
//! Every setting that durability or integrity rests on is made here and read back, so that a build against
//! another SQLite, or a file system that cannot do WAL, is refused instead of trusted.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqliteConnection, SqlitePool};

use super::SqliteStore;
use super::exposure;
use super::time::DatabaseTime;
use crate::store::StoreError;

/// Compiled in, in order; see `migrations/README.md` for how to add one. Listed by hand, because sqlx's macro for it
/// brings a second build of SQLite into every first build.
const MIGRATIONS: [(i64, &str, &str); 2] = [
    (1, "evidence", include_str!("../../../../migrations/sqlite/0001_evidence.sql")),
    (2, "ledger", include_str!("../../../../migrations/sqlite/0002_ledger.sql")),
];

/// Before this release a race at a WAL reset could lose committed writes (<https://sqlite.org/wal.html>).
const OLDEST_ENGINE: [u32; 3] = [3, 51, 3];

/// How long a connection waits for another process's write before it gives up. A page's transaction takes
/// milliseconds; a check or a backup may take seconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// Enough for the API's parallel reads on a small machine; each holds a thread and a page cache.
const READERS: u32 = 4;

/// How long a read or a write may queue for a connection. Long, because a queue of page commits is not an error.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(120);

pub(super) async fn open(path: &Path, time: DatabaseTime) -> Result<SqliteStore, StoreError> {
    let refuse = |rule: String| StoreError::Open { place: path.display().to_string(), rule };
    make_folder(path).map_err(&refuse)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    let pool = SqlitePoolOptions::new().acquire_timeout(QUEUE_TIMEOUT).idle_timeout(None).max_lifetime(None);

    let writer = pool
        .clone()
        .max_connections(1)
        .connect_with(options.clone())
        .await
        .map_err(|error| refuse(format!("SQLite cannot open it: {error}")))?;
    let prepared = prepare(&writer).await;
    if let Err(rule) = prepared {
        writer.close().await;
        return Err(refuse(rule));
    }
    let readers = pool
        .max_connections(READERS)
        .min_connections(0)
        .connect_lazy_with(options.pragma("query_only", "ON"));
    Ok(SqliteStore { writer, readers, time })
}

/// The database's folder, readable by its owner alone when it has to be made.
fn make_folder(path: &Path) -> Result<(), String> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| format!("its folder cannot be made: {error}"))
}

async fn prepare(writer: &SqlitePool) -> Result<(), String> {
    let mut connection = writer.acquire().await.map_err(|error| error.to_string())?;
    let engine: String = pragma(&mut connection, "SELECT sqlite_version()").await?;
    check_engine(&engine)?;
    let journal: String = pragma(&mut connection, "PRAGMA journal_mode").await?;
    if journal != "wal" {
        return Err(format!(
            "its journal mode is {journal} and not wal; put it on a local file system with shared memory"
        ));
    }
    let synchronous: i64 = pragma(&mut connection, "PRAGMA synchronous").await?;
    let foreign_keys: i64 = pragma(&mut connection, "PRAGMA foreign_keys").await?;
    if (synchronous, foreign_keys) != (2, 1) {
        return Err("this SQLite does not take synchronous = FULL and foreign_keys = ON".to_owned());
    }
    migrate(&mut connection).await
}

async fn pragma<T>(connection: &mut SqliteConnection, sql: &'static str) -> Result<T, String>
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    sqlx::query_scalar(sql).fetch_one(connection).await.map_err(|error| format!("{sql}: {error}"))
}

fn check_engine(version: &str) -> Result<(), String> {
    let numbers: Option<Vec<u32>> = version.split('.').map(|number| number.parse().ok()).collect();
    match numbers {
        Some(numbers) if numbers.as_slice() >= OLDEST_ENGINE.as_slice() => Ok(()),
        _ => Err(format!(
            "the SQLite in this build is {version}; 3.51.3 or newer is needed, older ones can lose committed writes"
        )),
    }
}

/// All due migrations in one transaction: two processes that open a new file at once queue for it.
async fn migrate(connection: &mut SqliteConnection) -> Result<(), String> {
    use sqlx::Connection as _;
    let mut transaction =
        connection.begin_with("BEGIN IMMEDIATE").await.map_err(|error| format!("it is locked: {error}"))?;
    migrations().run_direct(None, &mut *transaction, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(number) => format!(
            "its schema has migration {number}, which this probity does not know; a newer probity wrote it: use that one"
        ),
        MigrateError::VersionMismatch(number) => format!(
            "its migration {number} is not the one in this binary; it was written by an unreleased probity: start with a new file"
        ),
        error => format!("its schema cannot be brought up to date: {error}"),
    })?;
    exposure::fill_in(&mut transaction)
        .await
        .map_err(|error| format!("its exposures cannot be read from its evidence: {error}"))?;
    transaction.commit().await.map_err(|error| format!("its schema cannot be brought up to date: {error}"))
}

fn migrations() -> Migrator {
    let migration = |(number, title, sql): (i64, &'static str, &'static str)| {
        Migration::new(number, title.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(MIGRATIONS.into_iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use super::check_engine;

    #[test]
    fn an_engine_that_can_lose_writes_is_refused() {
        for good in ["3.51.3", "3.52.0", "4.0.0"] {
            assert!(check_engine(good).is_ok(), "{good}");
        }
        for bad in ["3.51.2", "3.9.9", "3.50.10", "", "new"] {
            assert!(check_engine(bad).is_err(), "{bad}");
        }
    }
}
