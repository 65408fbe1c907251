//! Appending a ledger entry: head, entry, projection and effects, in one transaction, or nothing.
//!
//! The order is that of the questions: are the bytes what was hashed, is the head the one that was seen, does the
//! entry continue its chain; then everything is written.

use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;

use super::row::Reading;
use super::write::{Attempt as _, Writing};
use super::{SqliteStore, filing, notices, packet, queue};
use crate::store::StoreError;
use crate::store::handoff::Decided;
use crate::store::ledger::{AppendError, Appended, Effect, Head, NewEntry};

/// The last entry of a ledger.
struct Last {
    head: Head,
    at: Instant,
}

impl SqliteStore {
    pub(super) async fn append(
        &self,
        entry: NewEntry,
        expected: Option<Head>,
    ) -> Result<Appended, AppendError> {
        if Digest::of(&entry.bytes) != entry.hash {
            return Err(broken(entry.seq, "its hash is not that of its bytes"));
        }
        self.write_or("append a ledger entry", move |writing| {
            Box::pin(async move {
                let last = last(writing, &entry.packet).await?;
                let head = last.as_ref().map(|last| last.head);
                if head != expected {
                    return Err(AppendError::Moved { head });
                }
                follow(&entry, last.as_ref())?;
                let recorded = writing.tick().await?;
                put_head(writing, &entry, head.is_none()).await?;
                insert_entry(writing, &entry, recorded).await?;
                let head = Head { seq: entry.seq, digest: entry.hash };
                packet::replace_projection(writing, &entry.packet, head, &entry.projection).await?;
                for effect in &entry.also {
                    apply(writing, effect, &entry, recorded).await?;
                }
                Ok(Appended { head, recorded })
            })
        })
        .await
    }
}

pub(super) fn broken(seq: u32, rule: impl Into<String>) -> AppendError {
    AppendError::Broken { seq, rule: rule.into() }
}

async fn last(writing: &mut Writing, packet: &PacketId) -> Result<Option<Last>, StoreError> {
    let row = sqlx::query("SELECT id, seq, hash, at FROM packet WHERE id = ?")
        .bind(packet.as_str())
        .fetch_optional(writing.connection())
        .await
        .attempt("read a packet's head")?;
    row.map(|row| {
        let row = Reading::of(&row, "packet", "id");
        let head = Head { seq: row.count("seq")?, digest: row.digest("hash")? };
        Ok(Last { head, at: row.instant("at")? })
    })
    .transpose()
}

/// Goes on only when the entry continues the chain: number, link and time.
fn follow(entry: &NewEntry, last: Option<&Last>) -> Result<(), AppendError> {
    let due = last.map_or(Some(1), |last| last.head.seq.checked_add(1));
    if due != Some(entry.seq) {
        let due = due.map_or_else(|| "none".to_owned(), |seq| seq.to_string());
        return Err(broken(entry.seq, format!("the next entry is {due}")));
    }
    if entry.prev != last.map(|last| last.head.digest) {
        return Err(broken(entry.seq, "`prev` is not the hash of the entry before"));
    }
    match last {
        Some(last) if entry.at < last.at => {
            Err(broken(entry.seq, format!("its instant is before {}, that of the entry before", last.at)))
        }
        _ => Ok(()),
    }
}

async fn put_head(writing: &mut Writing, entry: &NewEntry, opens: bool) -> Result<(), StoreError> {
    let query = if opens {
        sqlx::query("INSERT INTO packet (seq, hash, at, id, opened) VALUES (?1, ?2, ?3, ?4, ?3)")
    } else {
        sqlx::query("UPDATE packet SET seq = ?1, hash = ?2, at = ?3 WHERE id = ?4")
    };
    query
        .bind(entry.seq)
        .bind(entry.hash.as_bytes().as_slice())
        .bind(entry.at.as_micros())
        .bind(entry.packet.as_str())
        .execute(writing.connection())
        .await
        .attempt("move a packet's head")?;
    Ok(())
}

async fn insert_entry(writing: &mut Writing, entry: &NewEntry, recorded: Instant) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO entry (packet, seq, hash, prev, at, recorded, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.packet.as_str())
    .bind(entry.seq)
    .bind(entry.hash.as_bytes().as_slice())
    .bind(entry.prev.as_ref().map(|prev| prev.as_bytes().as_slice()))
    .bind(entry.at.as_micros())
    .bind(recorded.as_micros())
    .bind(entry.bytes.as_slice())
    .execute(writing.connection())
    .await
    .attempt("keep a ledger entry")?;
    Ok(())
}

async fn apply(
    writing: &mut Writing,
    effect: &Effect,
    entry: &NewEntry,
    recorded: Instant,
) -> Result<(), AppendError> {
    match effect {
        Effect::File(new) => filing::insert(writing, new, entry, recorded).await?,
        Effect::Filing { submission, epoch, update } => {
            filing::update(writing, submission, *epoch, update).await?;
        }
        Effect::Receive(item) => {
            queue::receive(writing, item).await?;
        }
        Effect::Decide(decision) => {
            let state = match queue::decide(writing, decision).await? {
                Decided::Changed(_) => return Ok(()),
                Decided::Otherwise(state) => Some(state),
                Decided::Missing => None,
            };
            return Err(AppendError::Queue { submission: decision.submission.clone(), state });
        }
        Effect::Notify(notice) => {
            notices::add(writing, notice).await?;
        }
    }
    Ok(())
}
