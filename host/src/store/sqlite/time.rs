//! Database time.
//!
//! SQLite has no server and so no server's clock. Its time is a clock handed in when the file was opened (or the
//! engine's own), bent so that history is unambiguous:
//!
//! - every write gets an instant of its own, later than all before it ([`Writing::tick`]), even when the clock
//!   stands still or goes back, and even across restarts: the last one is kept in the table `clock`;
//! - an instant that was shown ([`SqliteStore::time_now`]) is never given to a later write. `at = now()` asked
//!   twice gives the same answer twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use probity_core::instant::Instant;
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::row::instant;
use super::write::{Attempt as _, Writing};
use crate::store::{Clock, StoreError};

/// Where database time comes from.
#[derive(Clone)]
pub(super) struct DatabaseTime {
    /// `None`: the engine's own.
    clock: Option<Clock>,
    /// The latest instant anybody was shown.
    shown: Arc<AtomicI64>,
}

impl DatabaseTime {
    pub(super) fn of_engine() -> Self {
        Self { clock: None, shown: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    pub(super) fn of_host(clock: Clock) -> Self {
        Self { clock: Some(clock), shown: Arc::new(AtomicI64::new(i64::MIN)) }
    }

    async fn reading(&self, connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
        match &self.clock {
            Some(clock) => Ok(clock().as_micros()),
            None => {
                sqlx::query_scalar("SELECT CAST(unixepoch('now', 'subsec') * 1000000 AS INTEGER)")
                    .fetch_one(connection)
                    .await
            }
        }
    }
}

impl SqliteStore {
    /// Database time now: not before anything recorded.
    ///
    /// It takes the write lock, so that no page is on its way with an instant already given and not yet visible.
    pub(super) async fn time_now(&self) -> Result<Instant, StoreError> {
        self.write("read database time", |writing| Box::pin(writing.now())).await
    }
}

impl Writing {
    /// Database time now. Nobody writes between this and the end of the transaction.
    pub(super) async fn now(&mut self) -> Result<Instant, StoreError> {
        const ATTEMPT: &str = "read database time";
        let time = self.time.clone();
        let reading = time.reading(self.connection()).await.attempt(ATTEMPT)?;
        let recorded: i64 = sqlx::query_scalar("SELECT recorded FROM clock")
            .fetch_one(self.connection())
            .await
            .attempt(ATTEMPT)?;
        let now = reading.max(recorded);
        time.shown.fetch_max(now, Ordering::SeqCst);
        instant("clock", "recorded", now)
    }

    /// The instant of this write: later than every other's.
    pub(super) async fn tick(&mut self) -> Result<Instant, StoreError> {
        const ATTEMPT: &str = "advance database time";
        let time = self.time.clone();
        let reading = time.reading(self.connection()).await.attempt(ATTEMPT)?;
        let floor = reading.max(time.shown.load(Ordering::SeqCst).saturating_add(1));
        let recorded: i64 =
            sqlx::query_scalar("UPDATE clock SET recorded = max(recorded + 1, ?) RETURNING recorded")
                .bind(floor)
                .fetch_one(self.connection())
                .await
                .attempt(ATTEMPT)?;
        instant("clock", "recorded", recorded)
    }
}
