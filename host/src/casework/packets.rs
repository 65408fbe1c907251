//! Packets: loading them, and the use cases of the readiness loop.
//!
//! Each use case is the same few steps: load the ledger, fold it, gather the evidence it needs as it stood at an instant, ask core,
//! and, for a command, append the one entry that follows, with everything that goes with it, in one transaction. Two commands on one packet
//! queue inside this process and meet at the head across processes: the later one is told, or, when it is signed, decided
//! anew on what is there now.
//!
//! Deliberately absent: any rule about who may do what, or what counts. `probity_core::decide` and `probity_core::readiness` say.

mod append;
mod book;
mod bundle;
mod gates;
mod policies;
mod project;
mod read;
mod statement;

use probity_core::board::Board;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::ledger::{self, Entry, Head};
use probity_core::packet::Packet;
use probity_core::subject::SubjectMap;

use super::{Casework, CaseworkError};
use crate::store::StoreError;

pub use append::{Appended, Opening};
pub use gates::Gates;
pub use policies::Policies;
pub use project::Summary;
pub use read::{EntryRecord, PacketQuery};
pub use statement::ToSign;

/// Entries read from the store at once.
const ENTRIES_AT_ONCE: u32 = 1_000;

/// A packet with its ledger, and the policy and subject map it adopted.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub entries: Vec<(Entry, Head)>,
    pub packet: Packet,
    pub board: Board,
    pub subjects: SubjectMap,
}

impl Casework {
    /// A packet as it stands, or as it stood at an instant.
    pub(crate) async fn load(&self, id: &PacketId, at: Option<Instant>) -> Result<Loaded, CaseworkError> {
        let mut entries = self.entries(id).await?;
        if let Some(at) = at {
            entries.retain(|(entry, _)| entry.at <= at);
        }
        let packet = Packet::fold(&entries).map_err(|_| CaseworkError::UnknownPacket(id.clone()))?;
        let board = self.policies.board_of(&self.blobs, packet.policy).await?;
        let subjects = self.policies.subjects_of(&self.blobs, packet.subjects).await?;
        Ok(Loaded { entries, packet, board, subjects })
    }

    /// A packet's whole ledger. Each entry's hash is checked while it is read.
    pub(crate) async fn entries(&self, id: &PacketId) -> Result<Vec<(Entry, Head)>, CaseworkError> {
        let mut lines = Vec::new();
        loop {
            let after = lines.len().try_into().unwrap_or(u32::MAX);
            let some = self.store.ledger_entries(id, after, ENTRIES_AT_ONCE).await?;
            let last = some.len() < ENTRIES_AT_ONCE as usize;
            lines.extend(some.into_iter().map(|entry| entry.bytes));
            if last {
                break;
            }
        }
        if lines.is_empty() {
            return Err(CaseworkError::UnknownPacket(id.clone()));
        }
        ledger::read(lines.iter().map(Vec::as_slice)).map_err(|broken| {
            CaseworkError::Store(StoreError::Corrupt {
                table: "entry",
                column: "bytes",
                row: id.to_string(),
                problem: broken.to_string(),
            })
        })
    }
}
