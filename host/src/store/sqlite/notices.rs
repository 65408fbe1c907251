//! Notices.

use async_trait::async_trait;
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::row::Reading;
use super::write::{Attempt as _, Writing};
use crate::store::StoreError;
use crate::store::notices::{NewNotice, Notice, NoticeMark, NoticeStore};

const NOTICE: &str =
    "SELECT id, packet, cause, kind, body, created, delivered, attempts, next_attempt, problem
    FROM notice";

#[async_trait]
impl NoticeStore for SqliteStore {
    async fn notice_add(&self, notice: &NewNotice) -> Result<bool, StoreError> {
        let notice = notice.clone();
        self.write("add a notice", move |writing| Box::pin(async move { add(writing, &notice).await })).await
    }

    async fn notice_get(&self, id: &str) -> Result<Option<Notice>, StoreError> {
        let mut query = QueryBuilder::new(NOTICE);
        query.push(" WHERE id = ").push_bind(id.to_owned());
        Ok(self.read_notices(query).await?.pop())
    }

    async fn notice_due(&self, now: Instant, limit: u32) -> Result<Vec<Notice>, StoreError> {
        let mut query = QueryBuilder::new(NOTICE);
        query.push(" WHERE delivered IS NULL AND next_attempt <= ").push_bind(now.as_micros());
        query.push(" ORDER BY next_attempt, id LIMIT ").push_bind(limit.clamp(1, 1000));
        self.read_notices(query).await
    }

    async fn notice_mark(&self, id: &str, mark: &NoticeMark) -> Result<bool, StoreError> {
        const ATTEMPT: &str = "mark a notice";
        let (id, mark) = (id.to_owned(), mark.clone());
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                let marked = sqlx::query(
                    "UPDATE notice SET delivered = ?, attempts = ?, next_attempt = ?, problem = ?
                     WHERE id = ? AND delivered IS NULL",
                )
                .bind(mark.delivered.map(Instant::as_micros))
                .bind(mark.attempts)
                .bind(mark.next_attempt.map(Instant::as_micros))
                .bind(mark.problem)
                .bind(id)
                .execute(writing.connection())
                .await
                .attempt(ATTEMPT)?
                .rows_affected();
                Ok(marked == 1)
            })
        })
        .await
    }
}

impl SqliteStore {
    async fn read_notices(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<Notice>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await.attempt("read notices")?;
        rows.iter().map(notice).collect()
    }
}

/// Adds a notice unless there is one of its cause; says whether it did.
pub(super) async fn add(writing: &mut Writing, new: &NewNotice) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO notice (id, packet, cause, kind, body, created, next_attempt) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (cause) DO NOTHING",
    )
    .bind(&new.id)
    .bind(new.packet.as_str())
    .bind(&new.cause)
    .bind(&new.kind)
    .bind(&new.body)
    .bind(new.created.as_micros())
    .bind(new.next_attempt.map(Instant::as_micros))
    .execute(writing.connection())
    .await
    .attempt("add a notice about a packet that is there, with a body that is JSON")?
    .rows_affected();
    Ok(added == 1)
}

fn notice(row: &SqliteRow) -> Result<Notice, StoreError> {
    let row = Reading::of(row, "notice", "id");
    Ok(Notice {
        id: row.text("id")?,
        packet: row.name("packet")?,
        cause: row.text("cause")?,
        kind: row.text("kind")?,
        body: row.text("body")?,
        created: row.instant("created")?,
        delivered: row.optional_instant("delivered")?,
        attempts: row.count("attempts")?,
        next_attempt: row.optional_instant("next_attempt")?,
        problem: row.optional_text("problem")?,
    })
}
