//! Looking again, when evidence or the clock moved.
//!
//! The feed of changes says what moved: pages and runs bear on every packet, an entry on its own. What the clock brings is
//! known in advance, from the last look at each packet. In between nothing is asked but whether the feed has anything new.

use std::collections::BTreeSet;
use std::time::Duration;

use probity_core::id::PacketId;
use probity_core::instant::Instant;

use super::Rounds;
use crate::casework::{CaseworkError, Look};
use crate::store::changes::Changed;

/// Changes read at once.
const AT_ONCE: u32 = 1_000;

impl Rounds {
    /// Looks at every packet whose evidence, ledger or clock moved since the last call; at all of them the first time.
    pub async fn look(&self) -> Result<Vec<(PacketId, Look)>, CaseworkError> {
        let mut looks = Vec::new();
        for packet in self.to_look_at().await? {
            match self.casework.look_again(&packet).await {
                Ok(look) => {
                    self.note(&packet, look.next);
                    looks.push((packet, look));
                }
                // One packet that cannot be judged keeps no other from being looked at.
                Err(error) => {
                    let again = self.casework.store.now().await?.plus(self.settings.retry.base);
                    self.note(&packet, again);
                    tracing::error!(%packet, "A packet cannot be looked at: {}", crate::binding::whole(&error));
                }
            }
        }
        Ok(looks)
    }

    async fn to_look_at(&self) -> Result<BTreeSet<PacketId>, CaseworkError> {
        let store = &self.casework.store;
        let now = store.now().await?;
        let (mut packets, mut all) = (BTreeSet::new(), false);
        let mut cursor = self.seen().cursor;
        if cursor.is_none() {
            all = true;
            // What is recorded while everything is looked at comes again: better twice than not at all.
            cursor = now.minus(Duration::from_micros(1));
        } else {
            loop {
                let changes = store.changes(cursor, AT_ONCE).await?;
                let last = changes.len() < AT_ONCE as usize;
                cursor = changes.last().map_or(cursor, |change| Some(change.recorded));
                for change in changes {
                    match change.what {
                        Changed::PageCommitted { .. } | Changed::RunEnded { .. } => all = true,
                        Changed::EntryAppended { packet, .. } => _ = packets.insert(packet),
                    }
                }
                if last {
                    break;
                }
            }
        }
        if all {
            packets.extend(store.heads().await?.into_iter().map(|(packet, _)| packet));
        }
        let mut seen = self.seen();
        seen.cursor = cursor;
        packets.extend(seen.next.iter().filter(|(_, next)| **next <= now).map(|(packet, _)| packet.clone()));
        Ok(packets)
    }

    fn note(&self, packet: &PacketId, next: Option<Instant>) {
        let mut seen = self.seen();
        match next {
            Some(next) => _ = seen.next.insert(packet.clone(), next),
            None => _ = seen.next.remove(packet),
        }
    }
}
