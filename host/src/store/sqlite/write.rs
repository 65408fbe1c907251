//! Writing: one transaction, in a task of its own.
//!
//! A caller's future can be dropped at any await: a client hangs up, a timeout fires. Were the transaction inside
//! it, a drop could leave it open on the pooled connection or lose the answer of a commit that happened. So the
//! work is spawned and the caller only waits for it: once begun it commits or rolls back, whoever still listens.

use futures::future::BoxFuture;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::SqliteStore;
use super::time::DatabaseTime;
use crate::store::StoreError;

/// A transaction that holds SQLite's write lock.
pub(super) struct Writing {
    transaction: Transaction<'static, Sqlite>,
    pub(super) time: DatabaseTime,
}

impl Writing {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

impl SqliteStore {
    /// Runs `job` in a transaction and commits it when it succeeds; when it fails nothing was written.
    ///
    /// `BEGIN IMMEDIATE` takes the write lock at once: a transaction that reads first and writes later can be
    /// refused in the middle (`SQLITE_BUSY`, without waiting) by a writer in another process.
    pub(super) async fn write<T, F>(&self, attempt: &'static str, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'w> FnOnce(&'w mut Writing) -> BoxFuture<'w, Result<T, StoreError>> + Send + 'static,
    {
        self.write_or(attempt, job).await
    }

    /// The same for a job with more ways to fail than a store has.
    pub(super) async fn write_or<T, E, F>(&self, attempt: &'static str, job: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: for<'w> FnOnce(&'w mut Writing) -> BoxFuture<'w, Result<T, E>> + Send + 'static,
    {
        let (pool, time) = (self.writer.clone(), self.time.clone());
        let task = tokio::spawn(async move {
            let transaction = pool.begin_with("BEGIN IMMEDIATE").await.attempt(attempt)?;
            let mut writing = Writing { transaction, time };
            match job(&mut writing).await {
                Ok(value) => {
                    writing.transaction.commit().await.attempt(attempt)?;
                    Ok(value)
                }
                Err(error) => {
                    // The rollback's own failure adds nothing: the connection is then thrown away with what it held.
                    let _ = writing.transaction.rollback().await;
                    Err(error)
                }
            }
        });
        match task.await {
            Ok(result) => result,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(stopped) => {
                    let source = sqlx::Error::Io(std::io::Error::other(stopped));
                    Err(StoreError::Database { attempt, source }.into())
                }
            },
        }
    }
}

/// Names what was attempted when the database fails.
pub(super) trait Attempt<T> {
    fn attempt(self, attempt: &'static str) -> Result<T, StoreError>;
}

impl<T> Attempt<T> for Result<T, sqlx::Error> {
    fn attempt(self, attempt: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { attempt, source })
    }
}

/// A value that cannot be written as the database wants it.
pub(super) fn unwritable(
    attempt: &'static str,
    problem: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Database { attempt, source: sqlx::Error::Encode(problem.into()) }
}
