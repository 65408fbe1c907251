//! The intake kept here, for a board that works with this host: `intake = "queue"` in its policy.
//!
//! Receiving is one step of the database this host works with anyway, and the same submission twice changes nothing. So there
//! is no exchange to note, and nothing that could remain unknown.
//!
//! Deliberately absent: deciding, which is a use case of the board's people.

use std::sync::Arc;

use async_trait::async_trait;
use probity_core::connector::{Failure, FailureKind};
use probity_core::evidence::{Disposition, DispositionState};
use probity_core::id::PacketId;
use probity_core::intake::{Receipt, Submission};

use super::{ExchangeJournal, Intake, SubmitError};
use crate::store::handoff::{QueueItem, QueueState};
use crate::store::{Store, StoreError};

/// What policies call it.
pub const QUEUE: &str = "queue";

/// The queue in this host's store.
pub struct Queue {
    store: Arc<dyn Store>,
}

impl Queue {
    /// The queue of a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    async fn receive(&self, submission: &Submission) -> Result<Receipt, Failure> {
        let (packet, seq) = named(&submission.id)?;
        let received = self.store.now().await.map_err(unavailable)?;
        let item = QueueItem {
            submission: submission.id.clone(),
            packet,
            seq,
            title: submission.title.clone(),
            package: submission.digest,
            received,
            state: QueueState::Received,
            reasons: Vec::new(),
            decision: None,
            by: None,
            changed: received,
        };
        let kept = self.store.queue_receive(&item).await.map_err(unavailable)?;
        if kept.item.package != submission.digest {
            return Err(Failure::new(
                FailureKind::Config,
                format!(
                    "intake.other-package: the queue has submission {} with another package, {}; a handoff is filed once",
                    submission.id, kept.item.package
                ),
            ));
        }
        Ok(Receipt {
            reference: submission.id.clone(),
            url: None,
            received_at: Some(kept.item.received),
            existed: kept.existed,
        })
    }
}

#[async_trait]
impl Intake for Queue {
    async fn check(&self) -> Result<Vec<String>, Failure> {
        self.store.now().await.map_err(unavailable)?;
        Ok(vec!["the queue of this host takes submissions".to_owned()])
    }

    async fn submit(
        &self,
        submission: &Submission,
        _: &mut dyn ExchangeJournal,
    ) -> Result<Receipt, SubmitError> {
        // Whether a write that failed was carried out does not matter: the next one finds it or does it.
        self.receive(submission).await.map_err(SubmitError::NotFiled)
    }

    async fn status(&self, reference: &str, _: &mut dyn ExchangeJournal) -> Result<Disposition, Failure> {
        let item = self.store.queue_get(reference).await.map_err(unavailable)?;
        let item = item.ok_or_else(|| {
            Failure::new(
                FailureKind::NotFound,
                format!("intake.unknown: the queue has no submission {reference}"),
            )
        })?;
        Ok(Disposition {
            submission: item.submission,
            state: match item.state {
                QueueState::Received => DispositionState::Queued,
                QueueState::Accepted => DispositionState::Accepted,
                QueueState::Bounced => DispositionState::Bounced,
                QueueState::Decided => DispositionState::Decided,
            },
            reasons: item.reasons,
            decision: item.decision,
            by: item.by,
            at: Some(item.changed),
        })
    }
}

/// Packet and entry of a submission.
fn named(submission: &str) -> Result<(PacketId, u32), Failure> {
    let read = || {
        let (packet, seq) = submission.rsplit_once(':')?;
        Some((packet.parse().ok()?, seq.parse().ok()?))
    };
    read().ok_or_else(|| {
        let shown = probity_core::text::excerpt(submission, 80);
        Failure::new(
            FailureKind::Config,
            format!(
                "intake.submission: `{shown}` is no submission: a packet's id, a colon and an entry's number"
            ),
        )
    })
}

fn unavailable(error: StoreError) -> Failure {
    Failure::new(FailureKind::Unavailable, format!("host.store: {}", crate::binding::whole(&error)))
}
