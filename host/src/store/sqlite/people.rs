//! Principals, and the registry of human keys.

use async_trait::async_trait;
use probity_core::canonical::Digest;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::append::broken;
use super::ledger::head;
use super::row::Reading;
use super::write::{Attempt as _, Writing};
use crate::store::StoreError;
use crate::store::ledger::{AppendError, Appended, Head};
use crate::store::people::{NewPrincipal, PeopleStore, PrincipalRecord, RegistryEntry};

#[async_trait]
impl PeopleStore for SqliteStore {
    async fn principal_add(&self, principal: &NewPrincipal) -> Result<PrincipalRecord, StoreError> {
        let principal = principal.clone();
        self.write("add a principal", move |writing| {
            Box::pin(async move {
                refuse_taken(writing, &principal).await?;
                insert_principal(writing, principal).await
            })
        })
        .await
    }

    async fn principal_list(&self) -> Result<Vec<PrincipalRecord>, StoreError> {
        let rows = sqlx::query("SELECT id, kind, role, token, added, revoked FROM principal ORDER BY added")
            .fetch_all(&self.readers)
            .await
            .attempt("list principals")?;
        rows.iter().map(principal).collect()
    }

    async fn principal_revoke(&self, id: &str) -> Result<Option<PrincipalRecord>, StoreError> {
        const ATTEMPT: &str = "revoke a principal";
        let id = id.to_owned();
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                let now = writing.tick().await?;
                sqlx::query("UPDATE principal SET revoked = ? WHERE id = ? AND revoked IS NULL")
                    .bind(now.as_micros())
                    .bind(&id)
                    .execute(writing.connection())
                    .await
                    .attempt(ATTEMPT)?;
                let row =
                    sqlx::query("SELECT id, kind, role, token, added, revoked FROM principal WHERE id = ?")
                        .bind(&id)
                        .fetch_optional(writing.connection())
                        .await
                        .attempt(ATTEMPT)?;
                row.as_ref().map(principal).transpose()
            })
        })
        .await
    }

    async fn registry_append(
        &self,
        bytes: &[u8],
        hash: Digest,
        expected_head: Option<Head>,
    ) -> Result<Appended, AppendError> {
        let bytes = bytes.to_vec();
        let seq = expected_head.map_or(Some(1), |head| head.seq.checked_add(1));
        let seq = seq.ok_or_else(|| broken(u32::MAX, "the registry is full"))?;
        if Digest::of(&bytes) != hash {
            return Err(broken(seq, "its hash is not that of its bytes"));
        }
        self.write_or("append to the key registry", move |writing| {
            Box::pin(async move {
                let head = registry_head(writing).await?;
                if head != expected_head {
                    return Err(AppendError::Moved { head });
                }
                append(writing, Head { seq, digest: hash }, head, &bytes).await.map_err(AppendError::from)
            })
        })
        .await
    }

    async fn registry_entries(&self) -> Result<Vec<RegistryEntry>, StoreError> {
        let rows = sqlx::query("SELECT seq, hash, prev, recorded, bytes FROM registry ORDER BY seq")
            .fetch_all(&self.readers)
            .await
            .attempt("read the key registry")?;
        rows.iter().map(registry_entry).collect()
    }
}

/// An id and a token are somebody's for ever. The token's hash is not repeated.
async fn refuse_taken(writing: &mut Writing, new: &NewPrincipal) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT id, revoked FROM principal WHERE id = ?1 OR token = ?2 ORDER BY id != ?1")
        .bind(&new.id)
        .bind(new.token_sha256.as_ref().map(|token| token.as_bytes().as_slice()))
        .fetch_optional(writing.connection())
        .await
        .attempt("look for a principal of that id or token")?;
    let Some(row) = row else { return Ok(()) };
    let row = Reading::of(&row, "principal", "id");
    let holder = row.text("id")?;
    let was = if row.optional_instant("revoked")?.is_some() { "was, until it was revoked," } else { "is" };
    let rule = if holder == new.id {
        format!("the id {holder} {was} somebody's, and is never given to another: choose a new one")
    } else {
        format!("its token {was} that of {holder}, and is never given to another: make a new one")
    };
    Err(StoreError::Conflict { attempt: "add a principal", rule })
}

async fn insert_principal(writing: &mut Writing, new: NewPrincipal) -> Result<PrincipalRecord, StoreError> {
    let added = writing.tick().await?;
    sqlx::query("INSERT INTO principal (id, kind, role, token, added) VALUES (?, ?, ?, ?, ?)")
        .bind(&new.id)
        .bind(&new.kind)
        .bind(&new.role)
        .bind(new.token_sha256.as_ref().map(|token| token.as_bytes().as_slice()))
        .bind(added.as_micros())
        .execute(writing.connection())
        .await
        .attempt("add a principal")?;
    let NewPrincipal { id, kind, role, token_sha256 } = new;
    Ok(PrincipalRecord { id, kind, role, token_sha256, added, revoked: None })
}

async fn registry_head(writing: &mut Writing) -> Result<Option<Head>, StoreError> {
    let row = sqlx::query("SELECT seq, hash FROM registry ORDER BY seq DESC LIMIT 1")
        .fetch_optional(writing.connection())
        .await
        .attempt("read the head of the key registry")?;
    row.map(|row| head(&Reading::of(&row, "registry", "seq"))).transpose()
}

async fn append(
    writing: &mut Writing,
    head: Head,
    before: Option<Head>,
    bytes: &[u8],
) -> Result<Appended, StoreError> {
    let recorded = writing.tick().await?;
    sqlx::query("INSERT INTO registry (seq, hash, prev, recorded, bytes) VALUES (?, ?, ?, ?, ?)")
        .bind(head.seq)
        .bind(head.digest.as_bytes().as_slice())
        .bind(before.as_ref().map(|before| before.digest.as_bytes().as_slice()))
        .bind(recorded.as_micros())
        .bind(bytes)
        .execute(writing.connection())
        .await
        .attempt("keep an entry of the key registry")?;
    Ok(Appended { head, recorded })
}

fn principal(row: &SqliteRow) -> Result<PrincipalRecord, StoreError> {
    let row = Reading::of(row, "principal", "id");
    Ok(PrincipalRecord {
        id: row.text("id")?,
        kind: row.text("kind")?,
        role: row.text("role")?,
        token_sha256: row.optional_digest("token")?,
        added: row.instant("added")?,
        revoked: row.optional_instant("revoked")?,
    })
}

fn registry_entry(row: &SqliteRow) -> Result<RegistryEntry, StoreError> {
    let row = Reading::of(row, "registry", "seq");
    Ok(RegistryEntry {
        seq: row.count("seq")?,
        hash: row.digest("hash")?,
        prev: row.optional_digest("prev")?,
        recorded: row.instant("recorded")?,
        bytes: row.bytes("bytes")?,
    })
}
