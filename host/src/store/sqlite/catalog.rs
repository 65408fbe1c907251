//! Components and connections.

use probity_core::canonical::Digest;
use probity_core::id::{ConnectionId, ConnectionName};
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::{Reading, json};
use super::write::{Attempt as _, Writing, unwritable};
use crate::store::{ComponentRecord, ConnectionRecord, StoreError};

impl SqliteStore {
    pub(super) async fn put_component(&self, component: ComponentRecord) -> Result<(), StoreError> {
        const ATTEMPT: &str = "note a component";
        let size = i64::try_from(component.size).map_err(|error| unwritable(ATTEMPT, error))?;
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                sqlx::query(
                    "INSERT INTO component (digest, size, manifest, recorded) VALUES (?, ?, ?, ?)
                     ON CONFLICT (digest) DO NOTHING",
                )
                .bind(component.digest.as_bytes().as_slice())
                .bind(size)
                .bind(json(&component.manifest)?)
                .bind(component.recorded.as_micros())
                .execute(writing.connection())
                .await
                .attempt(ATTEMPT)?;
                Ok(())
            })
        })
        .await
    }

    pub(super) async fn components(
        &self,
        digest: Option<&Digest>,
    ) -> Result<Vec<ComponentRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT digest, size, manifest, recorded FROM component
             WHERE ?1 IS NULL OR digest = ?1 ORDER BY recorded, digest",
        )
        .bind(digest.map(|digest| digest.as_bytes().as_slice()))
        .fetch_all(&self.readers)
        .await
        .attempt("read components")?;
        rows.iter().map(component).collect()
    }

    pub(super) async fn register_connection(
        &self,
        name: ConnectionName,
        renamed_from: Option<ConnectionName>,
        id: ConnectionId,
    ) -> Result<ConnectionRecord, StoreError> {
        self.write("register a connection", move |writing| {
            Box::pin(async move {
                // Once renamed, the operator's file still says `renamed-from`: the new name is looked for first.
                if let Some(known) = named(writing, &name).await? {
                    return Ok(known.record);
                }
                let old = match &renamed_from {
                    Some(old) => named(writing, old).await?,
                    None => None,
                };
                match old {
                    Some(known) => rename(writing, known, name).await,
                    None => insert(writing, name, id).await,
                }
            })
        })
        .await
    }

    pub(super) async fn connections(&self) -> Result<Vec<ConnectionRecord>, StoreError> {
        let rows = sqlx::query("SELECT id, name, recorded FROM connection ORDER BY name")
            .fetch_all(&self.readers)
            .await
            .attempt("list connections")?;
        rows.iter().map(connection).collect()
    }
}

/// A connection and its key.
struct Known {
    key: i64,
    record: ConnectionRecord,
}

async fn named(writing: &mut Writing, name: &ConnectionName) -> Result<Option<Known>, StoreError> {
    let row = sqlx::query("SELECT key, id, name, recorded FROM connection WHERE name = ?")
        .bind(name.as_str())
        .fetch_optional(writing.connection())
        .await
        .attempt("look up a connection")?;
    row.map(|row| {
        Ok(Known { key: Reading::of(&row, "connection", "id").integer("key")?, record: connection(&row)? })
    })
    .transpose()
}

async fn insert(
    writing: &mut Writing,
    name: ConnectionName,
    id: ConnectionId,
) -> Result<ConnectionRecord, StoreError> {
    const ATTEMPT: &str = "make a connection";
    let recorded = writing.tick().await?;
    let key =
        sqlx::query_scalar("INSERT INTO connection (id, name, recorded) VALUES (?, ?, ?) RETURNING key")
            .bind(id.as_str())
            .bind(name.as_str())
            .bind(recorded.as_micros())
            .fetch_one(writing.connection())
            .await
            .attempt(ATTEMPT)?;
    note_name(writing, key, &name, recorded.as_micros()).await?;
    Ok(ConnectionRecord { id, name, recorded })
}

async fn rename(
    writing: &mut Writing,
    known: Known,
    name: ConnectionName,
) -> Result<ConnectionRecord, StoreError> {
    let since = writing.tick().await?;
    sqlx::query("UPDATE connection SET name = ? WHERE key = ?")
        .bind(name.as_str())
        .bind(known.key)
        .execute(writing.connection())
        .await
        .attempt("rename a connection")?;
    note_name(writing, known.key, &name, since.as_micros()).await?;
    Ok(ConnectionRecord { name, ..known.record })
}

async fn note_name(
    writing: &mut Writing,
    key: i64,
    name: &ConnectionName,
    since: i64,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO connection_name (connection, since, name) VALUES (?, ?, ?)")
        .bind(key)
        .bind(since)
        .bind(name.as_str())
        .execute(writing.connection())
        .await
        .attempt("note a connection's name")?;
    Ok(())
}

fn component(row: &SqliteRow) -> Result<ComponentRecord, StoreError> {
    let row = Reading::of(row, "component", "digest");
    Ok(ComponentRecord {
        digest: row.digest("digest")?,
        size: row.count("size")?,
        manifest: row.json("manifest")?,
        recorded: row.instant("recorded")?,
    })
}

fn connection(row: &SqliteRow) -> Result<ConnectionRecord, StoreError> {
    let row = Reading::of(row, "connection", "id");
    Ok(ConnectionRecord { id: row.name("id")?, name: row.name("name")?, recorded: row.instant("recorded")? })
}
