//! Looking at packets: listing, the fold at an instant, the ledger, the report, the exports.

use probity_core::book::Book;
use probity_core::canonical::Digest;
use probity_core::export::{self, Format};
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::ledger::{Entry, Head};
use probity_core::packet::Packet;
use probity_core::readiness::{Report, readiness};
use serde::Serialize;

use super::Loaded;
use crate::authz::{Authorized, ReadPackets};
use crate::casework::evidence::check_place;
use crate::casework::{Casework, CaseworkError, Listing, Slice};
use crate::store::ledger::{PacketFilter, PacketRow};

/// Which packets to list. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PacketQuery {
    /// The verdict at the packet's last entry.
    pub state: Option<String>,
    pub author: Option<String>,
    pub owner: Option<String>,
    /// Words that all occur in title, author, owner or system.
    pub text: Option<String>,
}

/// An entry with its hash.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EntryRecord {
    pub hash: Digest,
    pub entry: Entry,
}

impl Casework {
    /// A page of packets, newest first.
    pub async fn packet_list(
        &self,
        _: &Authorized<ReadPackets>,
        query: PacketQuery,
        slice: &Slice,
    ) -> Result<Listing<PacketRow>, CaseworkError> {
        check_place::<PacketId>(slice)?;
        let PacketQuery { state, author, owner, text } = query;
        let filter = PacketFilter { state, author, owner, text };
        let rows = self.store.packet_list(&filter, &slice.probe()).await?;
        Ok(slice.cut(rows, |row| row.id.to_string()))
    }

    /// The folded packet, as it stands or as it stood.
    pub async fn packet_get(
        &self,
        _: &Authorized<ReadPackets>,
        id: &PacketId,
        at: Option<Instant>,
    ) -> Result<Packet, CaseworkError> {
        Ok(self.settled(id, at).await?.0.packet)
    }

    /// The report at an instant: now, or any instant since the packet was opened.
    pub async fn packet_readiness(
        &self,
        _: &Authorized<ReadPackets>,
        id: &PacketId,
        at: Option<Instant>,
    ) -> Result<Report, CaseworkError> {
        self.report_at(id, at).await
    }

    pub(crate) async fn report_at(
        &self,
        id: &PacketId,
        at: Option<Instant>,
    ) -> Result<Report, CaseworkError> {
        let (loaded, as_of) = self.settled(id, at).await?;
        let book = self.book(&loaded, as_of).await?;
        Ok(readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, as_of))
    }

    /// The evidence the report at an instant is made from, and that instant.
    pub async fn packet_book(
        &self,
        _: &Authorized<ReadPackets>,
        id: &PacketId,
        at: Option<Instant>,
    ) -> Result<(Book, Instant), CaseworkError> {
        let (loaded, as_of) = self.settled(id, at).await?;
        Ok((self.book(&loaded, as_of).await?, as_of))
    }

    /// The package, as it would be handed over at an instant, in a format.
    pub async fn packet_export(
        &self,
        permit: &Authorized<ReadPackets>,
        id: &PacketId,
        format: Format,
        at: Option<Instant>,
    ) -> Result<Vec<u8>, CaseworkError> {
        let package = self.packet_package(permit, id, at).await?;
        export::render(format, &package).map_err(|error| CaseworkError::NotExported(error.to_string()))
    }

    /// A packet at an instant, with the instant: whoever asks again for that one gets the same.
    ///
    /// It takes the packet's turn, because an entry has its instant before it is written: one that is on its way would else
    /// be missing now and be there when the same instant is asked about later.
    pub(super) async fn settled(
        &self,
        id: &PacketId,
        at: Option<Instant>,
    ) -> Result<(Loaded, Instant), CaseworkError> {
        let _turn = self.gates.turn(id).await;
        let as_of = self.as_of(at).await?;
        let loaded = self.load(id, at).await?;
        // A packet may have been restored from a host whose clock was ahead.
        let as_of = if at.is_none() { as_of.max(loaded.packet.changed) } else { as_of };
        Ok((loaded, as_of))
    }

    /// Entries after a place in the ledger, oldest first, with their hashes.
    pub async fn packet_ledger(
        &self,
        _: &Authorized<ReadPackets>,
        id: &PacketId,
        slice: &Slice,
    ) -> Result<Listing<EntryRecord>, CaseworkError> {
        let after = match &slice.after {
            None => 0,
            Some(after) => {
                after.parse().map_err(|_| CaseworkError::NotAPlace(after.chars().take(80).collect()))?
            }
        };
        let entries = self.entries(id).await?;
        let records = entries
            .into_iter()
            .filter(|(entry, _)| entry.seq > after)
            .take(slice.probe().limit as usize)
            .map(|(entry, head): (Entry, Head)| EntryRecord { hash: head.digest, entry })
            .collect();
        Ok(slice.cut(records, |record: &EntryRecord| record.entry.seq.to_string()))
    }

    /// The text of a board policy or subject map that a packet adopted.
    pub async fn document_text(
        &self,
        _: &Authorized<ReadPackets>,
        digest: &Digest,
    ) -> Result<Vec<u8>, CaseworkError> {
        let known = self.store.document_list(None).await?;
        if !known.iter().any(|document| document.digest == *digest) {
            return Err(CaseworkError::UnknownDocument(*digest));
        }
        Ok(self.blobs.get(digest).await?)
    }
}
