//! The feed of changes: everything recorded, in the one order of database time.
//!
//! Database time is given to one write at a time and becomes visible in that order, so an instant is a cursor that
//! skips nothing: whoever asks for what came after the last change seen gets all of it.
//!
//! Deliberately absent: what somebody may see of it.

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::id::{ConnectionName, PacketId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::run::RunState;
use serde::Serialize;

use super::StoreError;

/// Something that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// Database time: the cursor.
    pub recorded: Instant,
    pub what: Changed,
}

/// What it was. Connections go by the name they have today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Changed {
    PageCommitted { connection: ConnectionName, run: RunId, stream: StreamId, number: u32 },
    RunEnded { connection: ConnectionName, run: RunId, state: RunState },
    EntryAppended { packet: PacketId, seq: u32, hash: Digest },
}

/// What happened since.
#[async_trait]
pub trait ChangeStore: Send + Sync {
    /// Everything recorded after that instant (`None`: from the beginning), oldest first, at most `limit` (1 to
    /// 1,000).
    async fn changes(&self, after: Option<Instant>, limit: u32) -> Result<Vec<Change>, StoreError>;
}
