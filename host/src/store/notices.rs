//! Notices: what the outgoing webhook is to tell people, once for each cause.
//!
//! Delivery is at least once: a notice is marked after it was delivered, so a crash between the two sends it again
//! under the same id.
//!
//! Deliberately absent: whom to tell, and when to try again.

use async_trait::async_trait;
use probity_core::id::PacketId;
use probity_core::instant::Instant;

use super::StoreError;

/// A notice about to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotice {
    pub id: String,
    pub packet: PacketId,
    /// Why it is sent; there is one notice a cause, over all packets.
    pub cause: String,
    pub kind: String,
    /// JSON text.
    pub body: String,
    pub created: Instant,
    pub next_attempt: Option<Instant>,
}

/// A notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: String,
    pub packet: PacketId,
    pub cause: String,
    pub kind: String,
    pub body: String,
    pub created: Instant,
    pub delivered: Option<Instant>,
    pub attempts: u32,
    /// None when it was delivered or given up.
    pub next_attempt: Option<Instant>,
    pub problem: Option<String>,
}

/// What came of an attempt to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeMark {
    pub delivered: Option<Instant>,
    pub attempts: u32,
    pub next_attempt: Option<Instant>,
    pub problem: Option<String>,
}

/// Notices to deliver.
#[async_trait]
pub trait NoticeStore: Send + Sync {
    /// Adds a notice. False, and nothing written, when there is one of that cause.
    async fn notice_add(&self, notice: &NewNotice) -> Result<bool, StoreError>;
    async fn notice_get(&self, id: &str) -> Result<Option<Notice>, StoreError>;
    /// Undelivered notices whose next attempt is due by `now`, the longest due first, at most `limit`.
    async fn notice_due(&self, now: Instant, limit: u32) -> Result<Vec<Notice>, StoreError>;
    /// Notes an attempt. False, and nothing written, when it was delivered already or is not there.
    async fn notice_mark(&self, id: &str, mark: &NoticeMark) -> Result<bool, StoreError>;
}
