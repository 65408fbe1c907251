//! The intake queue kept here: submissions, and what the board made of them.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::row::{Reading, json, word};
use super::write::{Attempt as _, Writing};
use crate::store::handoff::{Decided, QueueDecision, QueueFilter, QueueItem, Received};
use crate::store::{Keyset, StoreError};

const ITEM: &str = "SELECT submission, packet, seq, title, package, received, state, reasons, decision,
        decided_by, changed FROM queue";

impl SqliteStore {
    pub(super) async fn get_queue_item(&self, submission: &str) -> Result<Option<QueueItem>, StoreError> {
        let mut query = QueryBuilder::new(ITEM);
        query.push(" WHERE submission = ").push_bind(submission.to_owned());
        Ok(self.read_queue(query).await?.pop())
    }

    pub(super) async fn list_queue(
        &self,
        filter: &QueueFilter,
        keyset: &Keyset,
    ) -> Result<Vec<QueueItem>, StoreError> {
        let mut query = QueryBuilder::new(ITEM);
        query.push(" WHERE TRUE");
        if let Some(state) = &filter.state {
            query.push(" AND state = ").push_bind(word(state)?);
        }
        if let Some(packet) = &filter.packet {
            query.push(" AND packet = ").push_bind(packet.as_str().to_owned());
        }
        if let Some(after) = &keyset.after {
            query.push(" AND (packet, seq, submission) > (SELECT packet, seq, submission FROM queue WHERE submission = ");
            query.push_bind(after.clone()).push(")");
        }
        // Not by the submission's name: as a text, entry 10 comes before entry 9.
        query.push(" ORDER BY packet, seq, submission LIMIT ").push_bind(keyset.limit.clamp(1, 1000));
        self.read_queue(query).await
    }

    async fn read_queue(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<QueueItem>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await.attempt("read the intake queue")?;
        rows.iter().map(item).collect()
    }
}

pub(super) async fn receive(writing: &mut Writing, new: &QueueItem) -> Result<Received, StoreError> {
    const ATTEMPT: &str = "take in a submission";
    if let Some(item) = get(writing, &new.submission).await? {
        return Ok(Received { existed: true, item });
    }
    sqlx::query(
        "INSERT INTO queue (submission, packet, seq, title, package, received, state, reasons, decision,
                            decided_by, changed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&new.submission)
    .bind(new.packet.as_str())
    .bind(new.seq)
    .bind(&new.title)
    .bind(new.package.as_bytes().as_slice())
    .bind(new.received.as_micros())
    .bind(word(&new.state)?)
    .bind(json(&new.reasons)?)
    .bind(&new.decision)
    .bind(&new.by)
    .bind(new.changed.as_micros())
    .execute(writing.connection())
    .await
    .attempt(ATTEMPT)?;
    Ok(Received { existed: false, item: new.clone() })
}

pub(super) async fn decide(writing: &mut Writing, decision: &QueueDecision) -> Result<Decided, StoreError> {
    let Some(item) = get(writing, &decision.submission).await? else { return Ok(Decided::Missing) };
    if item.state != decision.from {
        return Ok(Decided::Otherwise(item.state));
    }
    sqlx::query(
        "UPDATE queue SET state = ?, reasons = ?, decision = ?, decided_by = ?, changed = ? WHERE submission = ?",
    )
    .bind(word(&decision.to)?)
    .bind(json(&decision.reasons)?)
    .bind(&decision.decision)
    .bind(&decision.by)
    .bind(decision.changed.as_micros())
    .bind(&decision.submission)
    .execute(writing.connection())
    .await
    .attempt("decide on a submission")?;
    Ok(Decided::Changed(QueueItem {
        state: decision.to,
        reasons: decision.reasons.clone(),
        decision: decision.decision.clone(),
        by: Some(decision.by.clone()),
        changed: decision.changed,
        ..item
    }))
}

/// Nobody changes it between this and the end of the transaction.
async fn get(writing: &mut Writing, submission: &str) -> Result<Option<QueueItem>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(ITEM);
    query.push(" WHERE submission = ").push_bind(submission.to_owned());
    let row = query.build().fetch_optional(writing.connection()).await.attempt("read a submission")?;
    row.as_ref().map(item).transpose()
}

fn item(row: &SqliteRow) -> Result<QueueItem, StoreError> {
    let row = Reading::of(row, "queue", "submission");
    Ok(QueueItem {
        submission: row.text("submission")?,
        packet: row.name("packet")?,
        seq: row.count("seq")?,
        title: row.text("title")?,
        package: row.digest("package")?,
        received: row.instant("received")?,
        state: row.word("state")?,
        reasons: row.json("reasons")?,
        decision: row.optional_text("decision")?,
        by: row.optional_text("decided_by")?,
        changed: row.instant("changed")?,
    })
}
