//! Packets: their ledgers, the projections of these, and the documents that entries name.
//!
//! An entry comes as the bytes that were hashed, and is kept as they are. The store holds a ledger together: an
//! append names the head it follows, and what goes with the entry is written in the same transaction or not at all.
//!
//! Deliberately absent: what an entry may say, and how a ledger is folded. A projection is given, never made here.

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use serde::{Deserialize, Serialize};

use super::handoff::{FilingUpdate, NewFiling, QueueDecision, QueueItem, QueueState};
use super::notices::NewNotice;
use super::{Keyset, StoreError};

pub use probity_core::chain::Head;

/// An entry about to be appended.
#[derive(Debug, Clone)]
pub struct NewEntry {
    pub packet: PacketId,
    /// 1 for the packet's first.
    pub seq: u32,
    /// The SHA-256 of `bytes`.
    pub hash: Digest,
    /// The hash of the entry before; none for the first.
    pub prev: Option<Digest>,
    /// The entry's own instant: never before that of the entry it follows.
    pub at: Instant,
    /// Canonical JSON.
    pub bytes: Vec<u8>,
    /// The packet as it stands after this entry.
    pub projection: Projection,
    /// What else is to happen, in this order.
    pub also: Vec<Effect>,
}

/// Something that happens together with an entry, or not at all.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Files a package for the entry.
    File(NewFiling),
    /// Writes down where a filing stands, under the lease of that epoch.
    Filing { submission: String, epoch: u64, update: FilingUpdate },
    /// A submission arrives in the queue kept here; one that is there already changes nothing.
    Receive(QueueItem),
    /// The board decides; the append fails when the item stands otherwise.
    Decide(QueueDecision),
    /// Somebody is to be told; a notice of the same cause changes nothing.
    Notify(NewNotice),
}

/// What an append did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    pub head: Head,
    /// Database time of the append.
    pub recorded: Instant,
}

/// Why nothing was appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else appended since: read on from there and try again. `None`: there is no such chain.
    #[error("it was to follow another entry than the last one; nothing was written")]
    Moved { head: Option<Head> },
    /// The entry does not fit the chain, whoever else appended.
    #[error("entry {seq} does not continue its chain: {rule}; nothing was written")]
    Broken { seq: u32, rule: String },
    /// An effect met a queue item in another state. `None`: there is no such submission.
    #[error("submission {submission} stands otherwise in the intake queue; nothing was written")]
    Queue { submission: String, state: Option<QueueState> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A packet as listings show it: a cache of the fold of its ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {
    pub title: String,
    /// The word for its verdict or where it is in its life.
    pub state: String,
    pub author: String,
    /// The approval owner.
    pub owner: String,
    pub system: String,
    pub expires: Option<Instant>,
    /// Whatever else listings show, as JSON text.
    pub summary: String,
}

/// A packet in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketRow {
    pub id: PacketId,
    /// The head that the projection was made at.
    pub head: Head,
    pub projection: Projection,
    /// What its first entry says.
    pub opened: Instant,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub seq: u32,
    pub hash: Digest,
    pub prev: Option<Digest>,
    pub at: Instant,
    /// Database time of the append.
    pub recorded: Instant,
    pub bytes: Vec<u8>,
}

/// Which packets to list. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PacketFilter {
    pub state: Option<String>,
    pub author: Option<String>,
    pub owner: Option<String>,
    /// Words that all occur in title, author, owner or system, whatever their case.
    pub text: Option<String>,
}

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// `board.toml` as packets adopt it.
    BoardPolicy,
    /// `subjects.toml`: names in sources, and the subjects they mean.
    SubjectMap,
}

/// A document that was kept. Its bytes are a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentRecord {
    pub kind: DocumentKind,
    pub digest: Digest,
    /// When it came first, on database time.
    pub recorded: Instant,
}

/// Packets and their ledgers.
#[async_trait]
pub trait LedgerStore: Send + Sync {
    /// Appends an entry, replaces the packet's projection and applies the entry's effects, in one transaction.
    ///
    /// Only when the packet's head is exactly `expected_head` (`None`: the packet must not be there yet); else
    /// [`AppendError::Moved`] and nothing is written.
    async fn ledger_append(
        &self,
        entry: &NewEntry,
        expected_head: Option<Head>,
    ) -> Result<Appended, AppendError>;
    /// A packet's entries after `after_seq` (0 for all), at most `limit` (1 to 1,000), oldest first.
    async fn ledger_entries(
        &self,
        packet: &PacketId,
        after_seq: u32,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError>;
    async fn ledger_head(&self, packet: &PacketId) -> Result<Option<Head>, StoreError>;
    /// All packets and their heads in one snapshot, by id: what a ledger checkpoint is over.
    async fn heads(&self) -> Result<Vec<(PacketId, Head)>, StoreError>;

    /// Replaces a projection by one made anew at `head`. False, and nothing written, when the head moved on.
    async fn projection_put(
        &self,
        packet: &PacketId,
        head: Head,
        projection: &Projection,
    ) -> Result<bool, StoreError>;
    async fn projection_get(&self, packet: &PacketId) -> Result<Option<PacketRow>, StoreError>;
    /// Packets that have a projection, newest id first.
    async fn packet_list(&self, filter: &PacketFilter, keyset: &Keyset)
    -> Result<Vec<PacketRow>, StoreError>;

    /// Notes a document whose bytes are in the blob store already; the same one again changes nothing.
    async fn document_put(&self, kind: DocumentKind, digest: &Digest) -> Result<DocumentRecord, StoreError>;
    /// Documents in the order they came first.
    async fn document_list(&self, kind: Option<DocumentKind>) -> Result<Vec<DocumentRecord>, StoreError>;
}
