//! One command at a time on each packet, in the order they came.
//!
//! The store would refuse all but one of several commands on the same head anyway. Queueing them here is fair: an agent that drafts
//! without a pause cannot keep a person from signing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use probity_core::id::PacketId;
use tokio::sync::{Mutex as Gate, OwnedMutexGuard};

/// The gates of packets that somebody works on.
#[derive(Debug, Default)]
pub struct Gates(Mutex<HashMap<PacketId, Weak<Gate<()>>>>);

impl Gates {
    /// Waits for the packet's turn; the turn ends when the guard is dropped.
    pub async fn turn(&self, packet: &PacketId) -> OwnedMutexGuard<()> {
        let gate = {
            let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            gates.retain(|_, gate| gate.strong_count() > 0);
            let known = gates.get(packet).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let gate = Arc::new(Gate::new(()));
                gates.insert(packet.clone(), Arc::downgrade(&gate));
                gate
            })
        };
        gate.lock_owned().await
    }
}
