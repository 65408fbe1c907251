//! The outbox and the queue as one trait; the work is in [`filing`](super::filing) and [`queue`](super::queue).

use std::time::Duration;

use async_trait::async_trait;
use probity_core::id::PacketId;
use probity_core::instant::Instant;

use super::{SqliteStore, filing, queue};
use crate::store::handoff::{
    Decided, Exchange, ExchangeCall, Filing, FilingUpdate, HandoffStore, QueueDecision, QueueFilter,
    QueueItem, Received,
};
use crate::store::{Keyset, StoreError};

#[async_trait]
impl HandoffStore for SqliteStore {
    async fn filing_get(&self, submission: &str) -> Result<Option<Filing>, StoreError> {
        self.get_filing(submission).await
    }

    async fn filing_list(&self, packet: &PacketId) -> Result<Vec<Filing>, StoreError> {
        self.list_filings(packet).await
    }

    async fn filing_due(&self, now: Instant) -> Result<Vec<Filing>, StoreError> {
        self.due_filings(now).await
    }

    async fn filing_claim(
        &self,
        submission: &str,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<Filing>, StoreError> {
        self.claim_filing(submission.to_owned(), owner.to_owned(), lease).await
    }

    async fn filing_update(
        &self,
        submission: &str,
        epoch: u64,
        update: &FilingUpdate,
    ) -> Result<Filing, StoreError> {
        let (submission, update) = (submission.to_owned(), update.clone());
        self.write("write down where a filing stands", move |writing| {
            Box::pin(async move { filing::update(writing, &submission, epoch, &update).await })
        })
        .await
    }

    async fn exchange_asked(
        &self,
        submission: &str,
        epoch: u64,
        ordinal: u32,
        call: ExchangeCall,
        request: &[u8],
    ) -> Result<Instant, StoreError> {
        self.ask((submission.to_owned(), epoch), ordinal, call, request.to_vec()).await
    }

    async fn exchange_answered(
        &self,
        submission: &str,
        ordinal: u32,
        answer: &[u8],
    ) -> Result<(), StoreError> {
        self.answer(submission.to_owned(), ordinal, answer.to_vec()).await
    }

    async fn exchanges(&self, submission: &str) -> Result<Vec<Exchange>, StoreError> {
        self.list_exchanges(submission).await
    }

    async fn queue_receive(&self, item: &QueueItem) -> Result<Received, StoreError> {
        let item = item.clone();
        self.write("take in a submission", move |writing| {
            Box::pin(async move { queue::receive(writing, &item).await })
        })
        .await
    }

    async fn queue_get(&self, submission: &str) -> Result<Option<QueueItem>, StoreError> {
        self.get_queue_item(submission).await
    }

    async fn queue_list(&self, filter: &QueueFilter, keyset: &Keyset) -> Result<Vec<QueueItem>, StoreError> {
        self.list_queue(filter, keyset).await
    }

    async fn queue_decide(&self, decision: &QueueDecision) -> Result<Decided, StoreError> {
        let decision = decision.clone();
        self.write("decide on a submission", move |writing| {
            Box::pin(async move { queue::decide(writing, &decision).await })
        })
        .await
    }
}
