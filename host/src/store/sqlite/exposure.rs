//! Filling in which revisions are exposures, where a migration could not: the item may be compressed, and SQL cannot
//! read it. A revision left unread would be an exposure nobody is told of, so opening waits for it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sqlx::SqliteConnection;

use super::row::Reading;
use super::write::Attempt as _;
use crate::store::StoreError;

/// All that is needed of an item, whatever else it holds.
#[derive(Deserialize)]
struct Marked {
    exposure: Option<IgnoredAny>,
}

pub(super) async fn fill_in(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    const ATTEMPT: &str = "fill in which revisions are exposures";
    loop {
        let rows =
            sqlx::query("SELECT key, item FROM revision WHERE exposure IS NULL ORDER BY key LIMIT 500")
                .fetch_all(&mut *connection)
                .await
                .attempt(ATTEMPT)?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            let row = Reading::of(row, "revision", "key");
            let marked: Marked = row.packed("item")?;
            sqlx::query("UPDATE revision SET exposure = ? WHERE key = ?")
                .bind(marked.exposure.is_some())
                .bind(row.integer("key")?)
                .execute(&mut *connection)
                .await
                .attempt(ATTEMPT)?;
        }
    }
}
