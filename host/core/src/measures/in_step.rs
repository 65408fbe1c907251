//! Whether ledger and packet ever came apart.

use serde::Serialize;

use super::Measured;
use crate::id::PacketId;
use crate::ledger::{Entry, Head};
use crate::packet::Packet;

/// Every entry, checked: it is what its hash says, follows the one before, and meant something to the packet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct InStep {
    pub checked: usize,
    pub mismatches: Vec<Mismatch>,
}

/// A place where ledger and packet are not in step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mismatch {
    /// None for a ledger without entries.
    pub packet: Option<PacketId>,
    pub seq: u32,
    pub what: String,
}

impl InStep {
    pub(super) fn check(&mut self, measured: &Measured<'_>, folded: Option<&Packet>) {
        let packet = measured.entries.first().map(|(entry, _)| entry.packet.clone());
        let mut miss =
            |seq: u32, what: String| self.mismatches.push(Mismatch { packet: packet.clone(), seq, what });
        let mut before: Option<&(Entry, Head)> = None;
        for pair in measured.entries {
            if let Some(what) = fault(before, pair) {
                miss(pair.1.seq, what);
            }
            before = Some(pair);
        }
        match folded {
            None => miss(1, "the ledger does not begin with packet-opened".to_owned()),
            Some(folded) => {
                for oddity in &folded.oddities {
                    miss(oddity.seq, oddity.what.clone());
                }
                if measured.shown.is_some_and(|shown| shown != folded) {
                    miss(
                        folded.head.seq,
                        "the packet that is shown is not the fold of its ledger".to_owned(),
                    );
                }
            }
        }
        self.checked += measured.entries.len();
    }
}

/// What is wrong with an entry, given the one before it.
fn fault(before: Option<&(Entry, Head)>, (entry, head): &(Entry, Head)) -> Option<String> {
    match entry.sealed() {
        Err(error) => return Some(format!("the entry has no canonical form: {error}")),
        Ok(sealed) if sealed.head != *head => {
            return Some("the entry is not the one its hash names".to_owned());
        }
        Ok(_) => {}
    }
    let (seq, prev) = before.map_or((1, None), |(_, head)| (head.seq.saturating_add(1), Some(head.digest)));
    if entry.seq != seq {
        return Some(format!("entry {seq} was due"));
    }
    (entry.prev != prev).then(|| "it does not follow the entry before".to_owned())
}
