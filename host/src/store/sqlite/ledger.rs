//! Packets and their ledgers: reading entries and heads; the rest of the trait is in [`append`](super::append) and
//! [`packet`](super::packet).

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::row::Reading;
use super::write::Attempt as _;
use crate::store::ledger::{
    AppendError, Appended, DocumentKind, DocumentRecord, Head, LedgerStore, NewEntry, PacketFilter,
    PacketRow, Projection, StoredEntry,
};
use crate::store::{Keyset, StoreError};

#[async_trait]
impl LedgerStore for SqliteStore {
    async fn ledger_append(
        &self,
        entry: &NewEntry,
        expected_head: Option<Head>,
    ) -> Result<Appended, AppendError> {
        self.append(entry.clone(), expected_head).await
    }

    async fn ledger_entries(
        &self,
        packet: &PacketId,
        after_seq: u32,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT packet || '/' || seq AS place, seq, hash, prev, at, recorded, bytes FROM entry
             WHERE packet = ? AND seq > ? ORDER BY seq LIMIT ?",
        )
        .bind(packet.as_str())
        .bind(after_seq)
        .bind(limit.clamp(1, 1000))
        .fetch_all(&self.readers)
        .await
        .attempt("read a ledger")?;
        rows.iter().map(entry).collect()
    }

    async fn ledger_head(&self, packet: &PacketId) -> Result<Option<Head>, StoreError> {
        let row = sqlx::query("SELECT id, seq, hash FROM packet WHERE id = ?")
            .bind(packet.as_str())
            .fetch_optional(&self.readers)
            .await
            .attempt("read a packet's head")?;
        row.map(|row| head(&Reading::of(&row, "packet", "id"))).transpose()
    }

    async fn heads(&self) -> Result<Vec<(PacketId, Head)>, StoreError> {
        let rows = sqlx::query("SELECT id, seq, hash FROM packet ORDER BY id")
            .fetch_all(&self.readers)
            .await
            .attempt("read the heads of all packets")?;
        rows.iter()
            .map(|row| {
                let row = Reading::of(row, "packet", "id");
                Ok((row.name("id")?, head(&row)?))
            })
            .collect()
    }

    async fn projection_put(
        &self,
        packet: &PacketId,
        head: Head,
        projection: &Projection,
    ) -> Result<bool, StoreError> {
        self.put_projection(packet.clone(), head, projection.clone()).await
    }

    async fn projection_get(&self, packet: &PacketId) -> Result<Option<PacketRow>, StoreError> {
        self.get_packet(packet).await
    }

    async fn packet_list(
        &self,
        filter: &PacketFilter,
        keyset: &Keyset,
    ) -> Result<Vec<PacketRow>, StoreError> {
        self.list_packets(filter, keyset).await
    }

    async fn document_put(&self, kind: DocumentKind, digest: &Digest) -> Result<DocumentRecord, StoreError> {
        self.put_document(kind, *digest).await
    }

    async fn document_list(&self, kind: Option<DocumentKind>) -> Result<Vec<DocumentRecord>, StoreError> {
        self.list_documents(kind).await
    }
}

pub(super) fn head(row: &Reading<'_>) -> Result<Head, StoreError> {
    Ok(Head { seq: row.count("seq")?, digest: row.digest("hash")? })
}

fn entry(row: &SqliteRow) -> Result<StoredEntry, StoreError> {
    let row = Reading::of(row, "entry", "place");
    Ok(StoredEntry {
        seq: row.count("seq")?,
        hash: row.digest("hash")?,
        prev: row.optional_digest("prev")?,
        at: row.instant("at")?,
        recorded: row.instant("recorded")?,
        bytes: row.bytes("bytes")?,
    })
}
