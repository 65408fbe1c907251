//! Handing off: the outbox to the board's intake, and the queue of a board that works with this host.
//!
//! A filing is begun by the entry that hands a packet off ([`Effect::File`](super::ledger::Effect)) and worked on
//! under a lease with an epoch, like a run. What an intake is asked is written down before it is asked, so that
//! whoever comes after a crash knows what may have happened. A request or an answer that is a JSON object may name a blob it needs by
//! its digest under `kept`; the blob then counts as referred to.
//!
//! Deliberately absent: when to try again, and what an answer means.

use std::time::Duration;

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use serde::{Deserialize, Serialize};

use super::{Keyset, Lease, StoreError};

/// Where a filing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilingState {
    /// The intake was not asked yet.
    Waiting,
    /// It is being asked.
    Asked,
    /// It was asked, and nobody knows with what effect.
    Unknown,
    /// It has the package.
    Received,
    /// It does not take it.
    Refused,
    /// No program can go on.
    NeedsHuman,
}

impl FilingState {
    /// The word, as it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asked => "asked",
            Self::Unknown => "unknown",
            Self::Received => "received",
            Self::Refused => "refused",
            Self::NeedsHuman => "needs-human",
        }
    }

    /// Whether nothing goes on until somebody takes it up again.
    pub const fn has_stopped(self) -> bool {
        matches!(self, Self::Refused | Self::NeedsHuman)
    }
}

/// A package to file, with the entry that hands it off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFiling {
    /// The idempotency key; no two filings have the same.
    pub submission: String,
    /// Which intake connection it goes to.
    pub intake: String,
    /// The package, whose bytes are in the blob store already.
    pub package: Digest,
    pub next_attempt: Option<Instant>,
}

/// A package on its way to the board's intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filing {
    pub submission: String,
    pub packet: PacketId,
    /// The entry that handed it off.
    pub seq: u32,
    pub intake: String,
    pub package: Digest,
    pub state: FilingState,
    pub attempts: u32,
    /// When it is to be looked at next; none when nothing is to be done.
    pub next_attempt: Option<Instant>,
    pub problem: Option<String>,
    /// What the intake gave for it, as JSON text.
    pub receipt: Option<String>,
    /// Database time of the entry that filed it.
    pub recorded: Instant,
    pub lease: Option<Lease>,
}

/// Where a filing stands after something was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilingUpdate {
    pub state: FilingState,
    pub attempts: u32,
    pub next_attempt: Option<Instant>,
    pub problem: Option<String>,
    /// JSON text; none leaves the one that is kept.
    pub receipt: Option<String>,
    /// Whether the work goes on; else the lease is given back.
    pub keep_lease: bool,
}

/// What an intake is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExchangeCall {
    Submit,
    Status,
}

/// One exchange with an intake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// 1 for the filing's first.
    pub ordinal: u32,
    pub call: ExchangeCall,
    pub request: Vec<u8>,
    /// Database time, before it was asked.
    pub asked: Instant,
    /// None: it was asked, and nobody knows with what effect.
    pub answer: Option<ExchangeAnswer>,
}

/// What an intake answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeAnswer {
    pub bytes: Vec<u8>,
    /// Database time.
    pub answered: Instant,
}

/// Where a submission stands in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QueueState {
    Received,
    Accepted,
    Bounced,
    Decided,
}

/// A submission in the queue kept here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueItem {
    pub submission: String,
    pub packet: PacketId,
    pub seq: u32,
    pub title: String,
    /// The package, whose bytes are in the blob store already.
    pub package: Digest,
    pub received: Instant,
    pub state: QueueState,
    /// Why it was bounced.
    pub reasons: Vec<String>,
    pub decision: Option<String>,
    /// Who changed its state last.
    pub by: Option<String>,
    pub changed: Instant,
}

/// What receiving a submission did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// It was there before, and nothing was written.
    pub existed: bool,
    /// As it is kept. One that existed may hold another package: whoever sent it used a submission twice.
    pub item: QueueItem,
}

/// What a board does with a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDecision {
    pub submission: String,
    /// The state it was seen in. In any other nothing is done.
    pub from: QueueState,
    pub to: QueueState,
    pub reasons: Vec<String>,
    pub decision: Option<String>,
    pub by: String,
    pub changed: Instant,
}

/// What deciding did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// As the item stands now.
    Changed(QueueItem),
    /// It stood otherwise than was seen; nothing was written.
    Otherwise(QueueState),
    /// There is no such submission.
    Missing,
}

/// Which submissions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueFilter {
    pub state: Option<QueueState>,
    pub packet: Option<PacketId>,
}

/// The outbox and the queue.
#[async_trait]
pub trait HandoffStore: Send + Sync {
    async fn filing_get(&self, submission: &str) -> Result<Option<Filing>, StoreError>;
    /// A packet's filings, oldest first.
    async fn filing_list(&self, packet: &PacketId) -> Result<Vec<Filing>, StoreError>;
    /// Filings to look at by `now` that nobody holds, the longest due first.
    async fn filing_due(&self, now: Instant) -> Result<Vec<Filing>, StoreError>;
    /// Takes a filing that nobody holds, or whose lease has lapsed on database time, and raises its epoch.
    /// `None` when it is held or not there.
    async fn filing_claim(
        &self,
        submission: &str,
        owner: &str,
        lease: Duration,
    ) -> Result<Option<Filing>, StoreError>;
    /// Writes down where a filing stands. [`StoreError::FilingFenced`] when it is no longer ours.
    async fn filing_update(
        &self,
        submission: &str,
        epoch: u64,
        update: &FilingUpdate,
    ) -> Result<Filing, StoreError>;

    /// Writes down what an intake is about to be asked; `ordinal` is one more than the last.
    /// [`StoreError::FilingFenced`] when the filing is no longer ours: then do not ask.
    async fn exchange_asked(
        &self,
        submission: &str,
        epoch: u64,
        ordinal: u32,
        call: ExchangeCall,
        request: &[u8],
    ) -> Result<Instant, StoreError>;
    /// Writes down what it answered, whoever holds the filing by now: it is what happened. The same answer again
    /// changes nothing; another one is a [`StoreError::Conflict`].
    async fn exchange_answered(
        &self,
        submission: &str,
        ordinal: u32,
        answer: &[u8],
    ) -> Result<(), StoreError>;
    /// All exchanges of a filing, oldest first.
    async fn exchanges(&self, submission: &str) -> Result<Vec<Exchange>, StoreError>;

    /// Takes in a submission; one that is there already changes nothing.
    async fn queue_receive(&self, item: &QueueItem) -> Result<Received, StoreError>;
    async fn queue_get(&self, submission: &str) -> Result<Option<QueueItem>, StoreError>;
    /// By packet and entry; [`Keyset::after`] is a submission that is there.
    async fn queue_list(&self, filter: &QueueFilter, keyset: &Keyset) -> Result<Vec<QueueItem>, StoreError>;
    /// Changes an item that stands as it was seen, in one step.
    async fn queue_decide(&self, decision: &QueueDecision) -> Result<Decided, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::FilingState;

    #[test]
    fn a_state_of_a_filing_has_one_word() {
        use FilingState::{Asked, NeedsHuman, Received, Refused, Unknown, Waiting};
        for state in [Waiting, Asked, Unknown, Received, Refused, NeedsHuman] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
