//! Projections and listings of packets, and the documents their entries name.

use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::ledger::head;
use super::row::{Reading, word};
use super::write::{Attempt as _, Writing};
use crate::store::ledger::{DocumentKind, DocumentRecord, Head, PacketFilter, PacketRow, Projection};
use crate::store::{Keyset, StoreError};

/// What is read of a packet.
const PACKET: &str =
    "SELECT x.packet, x.seq, x.hash, x.title, x.state, x.author, x.owner, x.system, x.expires,
        x.summary, packet.opened
    FROM projection AS x JOIN packet ON packet.id = x.packet";

impl SqliteStore {
    pub(super) async fn put_projection(
        &self,
        packet: PacketId,
        seen: Head,
        projection: Projection,
    ) -> Result<bool, StoreError> {
        const ATTEMPT: &str = "make a packet's projection anew";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                let row = sqlx::query("SELECT id, seq, hash FROM packet WHERE id = ?")
                    .bind(packet.as_str())
                    .fetch_optional(writing.connection())
                    .await
                    .attempt(ATTEMPT)?;
                let Some(row) = row else { return Ok(false) };
                if head(&Reading::of(&row, "packet", "id"))? != seen {
                    return Ok(false);
                }
                replace_projection(writing, &packet, seen, &projection).await?;
                Ok(true)
            })
        })
        .await
    }

    pub(super) async fn get_packet(&self, packet: &PacketId) -> Result<Option<PacketRow>, StoreError> {
        let mut query = QueryBuilder::new(PACKET);
        query.push(" WHERE x.packet = ").push_bind(packet.as_str().to_owned());
        Ok(self.read_packets(query).await?.pop())
    }

    pub(super) async fn list_packets(
        &self,
        filter: &PacketFilter,
        keyset: &Keyset,
    ) -> Result<Vec<PacketRow>, StoreError> {
        let mut query = QueryBuilder::new(PACKET);
        query.push(" WHERE TRUE");
        for (column, wanted) in
            [("state", &filter.state), ("author", &filter.author), ("owner", &filter.owner)]
        {
            if let Some(wanted) = wanted {
                query.push(" AND x.").push(column).push(" = ").push_bind(wanted.clone());
            }
        }
        for word in filter.text.iter().flat_map(|text| text.split_whitespace()) {
            query.push(" AND instr(x.words, ").push_bind(word.to_lowercase()).push(") > 0");
        }
        if let Some(after) = &keyset.after {
            query.push(" AND x.packet < ").push_bind(after.clone());
        }
        query.push(" ORDER BY x.packet DESC LIMIT ").push_bind(keyset.limit.clamp(1, 1000));
        self.read_packets(query).await
    }

    async fn read_packets(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<PacketRow>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await.attempt("read packets")?;
        rows.iter().map(packet).collect()
    }

    pub(super) async fn put_document(
        &self,
        kind: DocumentKind,
        digest: Digest,
    ) -> Result<DocumentRecord, StoreError> {
        const ATTEMPT: &str = "note a document";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                let known =
                    sqlx::query("SELECT kind, digest, recorded FROM document WHERE kind = ? AND digest = ?")
                        .bind(word(&kind)?)
                        .bind(digest.as_bytes().as_slice())
                        .fetch_optional(writing.connection())
                        .await
                        .attempt(ATTEMPT)?;
                match known {
                    Some(row) => document(&row),
                    None => insert_document(writing, kind, digest).await,
                }
            })
        })
        .await
    }

    pub(super) async fn list_documents(
        &self,
        kind: Option<DocumentKind>,
    ) -> Result<Vec<DocumentRecord>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, digest, recorded FROM document WHERE ?1 IS NULL OR kind = ?1 ORDER BY recorded",
        )
        .bind(kind.as_ref().map(word).transpose()?)
        .fetch_all(&self.readers)
        .await
        .attempt("list documents")?;
        rows.iter().map(document).collect()
    }
}

/// Puts a projection in the place of the one there is. That `head` is the packet's head is the caller's to know.
pub(super) async fn replace_projection(
    writing: &mut Writing,
    packet: &PacketId,
    head: Head,
    projection: &Projection,
) -> Result<(), StoreError> {
    let Projection { title, state, author, owner, system, expires, summary } = projection;
    let words = [title, author, owner, system].map(|text| text.to_lowercase()).join("\n");
    sqlx::query(
        "INSERT INTO projection (packet, seq, hash, title, state, author, owner, system, expires, summary, words)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (packet) DO UPDATE SET
            (seq, hash, title, state, author, owner, system, expires, summary, words) =
            (excluded.seq, excluded.hash, excluded.title, excluded.state, excluded.author, excluded.owner,
             excluded.system, excluded.expires, excluded.summary, excluded.words)",
    )
    .bind(packet.as_str())
    .bind(head.seq)
    .bind(head.digest.as_bytes().as_slice())
    .bind(title)
    .bind(state)
    .bind(author)
    .bind(owner)
    .bind(system)
    .bind(expires.map(Instant::as_micros))
    .bind(summary)
    .bind(words)
    .execute(writing.connection())
    .await
    .attempt("keep a packet's projection, whose summary is JSON")?;
    Ok(())
}

async fn insert_document(
    writing: &mut Writing,
    kind: DocumentKind,
    digest: Digest,
) -> Result<DocumentRecord, StoreError> {
    let recorded = writing.tick().await?;
    sqlx::query("INSERT INTO document (kind, digest, recorded) VALUES (?, ?, ?)")
        .bind(word(&kind)?)
        .bind(digest.as_bytes().as_slice())
        .bind(recorded.as_micros())
        .execute(writing.connection())
        .await
        .attempt("note a document")?;
    Ok(DocumentRecord { kind, digest, recorded })
}

fn document(row: &SqliteRow) -> Result<DocumentRecord, StoreError> {
    let row = Reading::of(row, "document", "digest");
    Ok(DocumentRecord {
        kind: row.word("kind")?,
        digest: row.digest("digest")?,
        recorded: row.instant("recorded")?,
    })
}

fn packet(row: &SqliteRow) -> Result<PacketRow, StoreError> {
    let row = Reading::of(row, "projection", "packet");
    Ok(PacketRow {
        id: row.name("packet")?,
        head: head(&row)?,
        projection: Projection {
            title: row.text("title")?,
            state: row.text("state")?,
            author: row.text("author")?,
            owner: row.text("owner")?,
            system: row.text("system")?,
            expires: row.optional_instant("expires")?,
            summary: row.text("summary")?,
        },
        opened: row.instant("opened")?,
    })
}
