//! Filings: begun by an entry, worked on under a lease, with what the intake was asked and answered.
//!
//! A lease is taken and fenced as a run's is. An answer alone passes no fence: it is what happened, and losing it
//! because the lease lapsed meanwhile would make an asked intake look like one nobody heard from.

use std::time::Duration;

use probity_core::id::PacketId;
use probity_core::instant::Instant;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::SqliteStore;
use super::row::{Reading, word};
use super::run::until;
use super::write::{Attempt as _, Writing};
use crate::store::handoff::{
    Exchange, ExchangeAnswer, ExchangeCall, Filing, FilingState, FilingUpdate, NewFiling,
};
use crate::store::ledger::NewEntry;
use crate::store::{Lease, StoreError};

const FILING: &str =
    "SELECT submission, packet, seq, intake, package, state, attempts, next_attempt, problem,
        receipt, recorded, epoch, owner, lease_until FROM filing";

/// The most that is due at once.
const DUE: u32 = 1000;

impl SqliteStore {
    pub(super) async fn get_filing(&self, submission: &str) -> Result<Option<Filing>, StoreError> {
        let mut query = QueryBuilder::new(FILING);
        query.push(" WHERE submission = ").push_bind(submission.to_owned());
        Ok(self.read_filings(query).await?.pop())
    }

    pub(super) async fn list_filings(&self, packet: &PacketId) -> Result<Vec<Filing>, StoreError> {
        let mut query = QueryBuilder::new(FILING);
        query.push(" WHERE packet = ").push_bind(packet.as_str().to_owned()).push(" ORDER BY seq");
        self.read_filings(query).await
    }

    pub(super) async fn due_filings(&self, now: Instant) -> Result<Vec<Filing>, StoreError> {
        let mut query = QueryBuilder::new(FILING);
        query.push(" WHERE next_attempt <= ").push_bind(now.as_micros());
        query.push(" AND (owner IS NULL OR lease_until <= ").push_bind(now.as_micros());
        query.push(") ORDER BY next_attempt, submission LIMIT ").push_bind(DUE);
        self.read_filings(query).await
    }

    async fn read_filings(&self, mut query: QueryBuilder<Sqlite>) -> Result<Vec<Filing>, StoreError> {
        let rows = query.build().fetch_all(&self.readers).await.attempt("read filings")?;
        rows.iter().map(filing).collect()
    }

    pub(super) async fn claim_filing(
        &self,
        submission: String,
        owner: String,
        lease: Duration,
    ) -> Result<Option<Filing>, StoreError> {
        const ATTEMPT: &str = "claim a filing";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                let now = writing.now().await?;
                let taken = sqlx::query(
                    "UPDATE filing SET epoch = epoch + 1, owner = ?, lease_until = ?
                     WHERE submission = ? AND (owner IS NULL OR lease_until <= ?)",
                )
                .bind(owner)
                .bind(until(now, lease))
                .bind(&submission)
                .bind(now.as_micros())
                .execute(writing.connection())
                .await
                .attempt(ATTEMPT)?
                .rows_affected();
                if taken == 0 {
                    Ok(None)
                } else {
                    must_get(writing.connection(), &submission).await.map(Some)
                }
            })
        })
        .await
    }

    pub(super) async fn ask(
        &self,
        (submission, epoch): (String, u64),
        ordinal: u32,
        call: ExchangeCall,
        request: Vec<u8>,
    ) -> Result<Instant, StoreError> {
        const ATTEMPT: &str = "write down what an intake is asked";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                fence(writing, &submission, epoch).await?;
                let last: u32 = sqlx::query_scalar(
                    "SELECT coalesce(max(ordinal), 0) FROM exchange WHERE submission = ?",
                )
                .bind(&submission)
                .fetch_one(writing.connection())
                .await
                .attempt(ATTEMPT)?;
                if last.checked_add(1) != Some(ordinal) {
                    let rule = format!("exchange {ordinal} does not follow {last}, the last of {submission}");
                    return Err(StoreError::Conflict { attempt: ATTEMPT, rule });
                }
                let asked = writing.tick().await?;
                sqlx::query(
                    "INSERT INTO exchange (submission, ordinal, call, request, recorded) VALUES (?, ?, ?, ?, ?)",
                )
                .bind(&submission)
                .bind(ordinal)
                .bind(word(&call)?)
                .bind(request)
                .bind(asked.as_micros())
                .execute(writing.connection())
                .await
                .attempt(ATTEMPT)?;
                Ok(asked)
            })
        })
        .await
    }

    pub(super) async fn answer(
        &self,
        submission: String,
        ordinal: u32,
        answer: Vec<u8>,
    ) -> Result<(), StoreError> {
        const ATTEMPT: &str = "write down what an intake answered";
        self.write(ATTEMPT, move |writing| {
            Box::pin(async move {
                let conflict = |rule| StoreError::Conflict { attempt: ATTEMPT, rule };
                let known = one_exchange(writing, &submission, ordinal)
                    .await?
                    .ok_or_else(|| conflict(format!("exchange {ordinal} of {submission} was never asked")))?;
                match known.answer {
                    Some(known) if known.bytes == answer => Ok(()),
                    Some(_) => {
                        Err(conflict(format!("exchange {ordinal} of {submission} was answered otherwise")))
                    }
                    None => insert_answer(writing, &submission, ordinal, answer).await,
                }
            })
        })
        .await
    }

    pub(super) async fn list_exchanges(&self, submission: &str) -> Result<Vec<Exchange>, StoreError> {
        let mut query = QueryBuilder::<Sqlite>::new(EXCHANGE);
        query.push(" WHERE x.submission = ").push_bind(submission.to_owned()).push(" ORDER BY x.ordinal");
        let rows = query.build().fetch_all(&self.readers).await.attempt("read a filing's exchanges")?;
        rows.iter().map(exchange).collect()
    }
}

/// Begins the filing of an entry that was just appended.
pub(super) async fn insert(
    writing: &mut Writing,
    new: &NewFiling,
    entry: &NewEntry,
    recorded: Instant,
) -> Result<(), StoreError> {
    const ATTEMPT: &str = "file a package";
    let added = sqlx::query(
        "INSERT INTO filing (submission, packet, seq, intake, package, state, next_attempt, recorded)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(&new.submission)
    .bind(entry.packet.as_str())
    .bind(entry.seq)
    .bind(&new.intake)
    .bind(new.package.as_bytes().as_slice())
    .bind(word(&FilingState::Waiting)?)
    .bind(new.next_attempt.map(Instant::as_micros))
    .bind(recorded.as_micros())
    .execute(writing.connection())
    .await
    .attempt(ATTEMPT)?
    .rows_affected();
    if added == 1 {
        return Ok(());
    }
    let rule = format!("there is a filing of submission {} or of that entry", new.submission);
    Err(StoreError::Conflict { attempt: ATTEMPT, rule })
}

/// Writes down where a filing stands, for the holder of its lease.
pub(super) async fn update(
    writing: &mut Writing,
    submission: &str,
    epoch: u64,
    update: &FilingUpdate,
) -> Result<Filing, StoreError> {
    fence(writing, submission, epoch).await?;
    sqlx::query(
        "UPDATE filing SET state = ?1, attempts = ?2, next_attempt = ?3, problem = ?4,
                receipt = coalesce(?5, receipt),
                owner = iif(?6, owner, NULL), lease_until = iif(?6, lease_until, NULL)
         WHERE submission = ?7",
    )
    .bind(word(&update.state)?)
    .bind(update.attempts)
    .bind(update.next_attempt.map(Instant::as_micros))
    .bind(&update.problem)
    .bind(&update.receipt)
    .bind(update.keep_lease)
    .bind(submission)
    .execute(writing.connection())
    .await
    .attempt("write down where a filing stands, with a receipt that is JSON")?;
    must_get(writing.connection(), submission).await
}

/// Goes on only for the holder of the filing's lease.
async fn fence(writing: &mut Writing, submission: &str, epoch: u64) -> Result<(), StoreError> {
    let ours: Option<i64> =
        sqlx::query_scalar("SELECT 1 FROM filing WHERE submission = ? AND epoch = ? AND owner IS NOT NULL")
            .bind(submission)
            .bind(epoch.cast_signed())
            .fetch_optional(writing.connection())
            .await
            .attempt("check a filing's lease")?;
    match ours {
        Some(_) => Ok(()),
        None => Err(StoreError::FilingFenced { submission: submission.to_owned(), epoch }),
    }
}

const EXCHANGE: &str = "SELECT x.submission, x.ordinal, x.call, x.request, x.recorded AS asked,
        a.answer, a.recorded AS answered
    FROM exchange AS x LEFT JOIN exchange_answer AS a
        ON a.submission = x.submission AND a.ordinal = x.ordinal";

async fn one_exchange(
    writing: &mut Writing,
    submission: &str,
    ordinal: u32,
) -> Result<Option<Exchange>, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(EXCHANGE);
    query.push(" WHERE x.submission = ").push_bind(submission.to_owned());
    query.push(" AND x.ordinal = ").push_bind(ordinal);
    let row = query.build().fetch_optional(writing.connection()).await.attempt("read an exchange")?;
    row.as_ref().map(exchange).transpose()
}

async fn insert_answer(
    writing: &mut Writing,
    submission: &str,
    ordinal: u32,
    answer: Vec<u8>,
) -> Result<(), StoreError> {
    let answered = writing.tick().await?;
    sqlx::query("INSERT INTO exchange_answer (submission, ordinal, answer, recorded) VALUES (?, ?, ?, ?)")
        .bind(submission)
        .bind(ordinal)
        .bind(answer)
        .bind(answered.as_micros())
        .execute(writing.connection())
        .await
        .attempt("write down what an intake answered")?;
    Ok(())
}

async fn must_get(connection: &mut SqliteConnection, submission: &str) -> Result<Filing, StoreError> {
    let mut query = QueryBuilder::<Sqlite>::new(FILING);
    query.push(" WHERE submission = ").push_bind(submission.to_owned());
    let row = query.build().fetch_one(connection).await.attempt("read a filing")?;
    filing(&row)
}

fn filing(row: &SqliteRow) -> Result<Filing, StoreError> {
    let row = Reading::of(row, "filing", "submission");
    let lease = match row.optional_text("owner")? {
        None => None,
        Some(owner) => Some(Lease { owner, epoch: row.count("epoch")?, until: row.instant("lease_until")? }),
    };
    Ok(Filing {
        submission: row.text("submission")?,
        packet: row.name("packet")?,
        seq: row.count("seq")?,
        intake: row.text("intake")?,
        package: row.digest("package")?,
        state: row.word("state")?,
        attempts: row.count("attempts")?,
        next_attempt: row.optional_instant("next_attempt")?,
        problem: row.optional_text("problem")?,
        receipt: row.optional_text("receipt")?,
        recorded: row.instant("recorded")?,
        lease,
    })
}

fn exchange(row: &SqliteRow) -> Result<Exchange, StoreError> {
    let row = Reading::of(row, "exchange", "submission");
    let answer = match row.optional_instant("answered")? {
        None => None,
        Some(answered) => Some(ExchangeAnswer { bytes: row.bytes("answer")?, answered }),
    };
    Ok(Exchange {
        ordinal: row.count("ordinal")?,
        call: row.word("call")?,
        request: row.bytes("request")?,
        asked: row.instant("asked")?,
        answer,
    })
}
