//! The board's intake queue: what arrived, and what the board makes of it.
//!
//! A decision changes the queue and the packet's ledger in one transaction. Of several people who decide at once one is first; the
//! others are told that it stands otherwise by now.
//!
//! Deliberately absent: receiving, which is [`crate::intake::Queue`]'s.

use probity_core::event::{BounceReason, Event, IntakeOutcome, IntakeRecorded};
use probity_core::text::excerpt;

use super::packets::{Appended, Condition};
use super::{Casework, CaseworkError, Listing, Slice};
use crate::authz::{Authorized, DecideQueue, ReadQueue};
use crate::store::handoff::{QueueDecision, QueueFilter, QueueItem, QueueState};
use crate::store::ledger::Effect;

/// What a board does with a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BoardAct {
    /// Takes it up.
    Accept,
    /// Sends it back.
    Bounce { reasons: Vec<BounceReason> },
    /// Decides on the exception.
    Decide { decision: String, granted: bool },
}

impl Casework {
    /// A page of submissions, in order of packet and entry.
    pub async fn queue_list(
        &self,
        _: &Authorized<ReadQueue>,
        filter: &QueueFilter,
        slice: &Slice,
    ) -> Result<Listing<QueueItem>, CaseworkError> {
        if let Some(after) = &slice.after
            && self.store.queue_get(after).await?.is_none()
        {
            return Err(CaseworkError::NotAPlace(excerpt(after, 80)));
        }
        let items = self.store.queue_list(filter, &slice.probe()).await?;
        Ok(slice.cut(items, |item| item.submission.clone()))
    }

    /// A submission as it stands.
    pub async fn queue_get(
        &self,
        _: &Authorized<ReadQueue>,
        submission: &str,
    ) -> Result<QueueItem, CaseworkError> {
        self.queue_item(submission).await
    }

    /// The board acts on a submission. Whoever comes second is told how it stands.
    pub async fn queue_decide(
        &self,
        permit: &Authorized<DecideQueue>,
        submission: &str,
        act: BoardAct,
    ) -> Result<(QueueItem, Appended), CaseworkError> {
        let actor = permit.caller().actor()?;
        let item = self.queue_item(submission).await?;
        let (to, reasons, decision) = match &act {
            BoardAct::Accept => (QueueState::Accepted, Vec::new(), None),
            BoardAct::Bounce { reasons } => {
                (QueueState::Bounced, reasons.iter().map(|reason| reason.text.clone()).collect(), None)
            }
            BoardAct::Decide { decision, .. } => (QueueState::Decided, Vec::new(), Some(decision.clone())),
        };
        let change = QueueDecision {
            submission: item.submission.clone(),
            from: item.state,
            to,
            reasons,
            decision,
            by: actor.id.to_string(),
            changed: self.store.now().await?,
        };
        let command = Event::IntakeRecorded(IntakeRecorded {
            submission: item.submission.clone(),
            outcome: IntakeOutcome::from(act),
        });
        let also = vec![Effect::Decide(change)];
        let appended = self.append_as(actor, &item.packet, Condition::Any, command, also).await?;
        Ok((self.queue_item(submission).await?, appended))
    }

    async fn queue_item(&self, submission: &str) -> Result<QueueItem, CaseworkError> {
        let missing = || CaseworkError::QueueMoved { submission: submission.to_owned(), state: None };
        self.store.queue_get(submission).await?.ok_or_else(missing)
    }
}

impl From<BoardAct> for IntakeOutcome {
    fn from(act: BoardAct) -> Self {
        match act {
            BoardAct::Accept => Self::Accepted,
            BoardAct::Bounce { reasons } => Self::Bounced { reasons },
            BoardAct::Decide { decision, granted } => Self::Decided { decision, granted },
        }
    }
}
