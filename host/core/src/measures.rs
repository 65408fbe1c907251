//! What is measured: four questions about how well the loop works, answered from ledgers alone.
//!
//! How long until a packet was ready to be signed; how much of what agents drafted people corrected, and why; whether ledger and
//! packet ever came apart; what the board sent back, and whether a rule of ours should have caught it.
//!
//! Deliberately absent: verdicts over time. When a packet first awaited signatures depends on evidence as it stood then; the
//! caller, who has it, says so.

mod drafts;
mod in_step;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canonical::u64_string_option;
use crate::id::PacketId;
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::{HandoffState, Packet};
use crate::readiness::Rule;

pub use drafts::AgentDrafts;
pub use in_step::{InStep, Mismatch};

/// A packet to be measured.
pub struct Measured<'a> {
    /// Its ledger.
    pub entries: &'a [(Entry, Head)],
    /// When its verdict was first `awaiting-signatures`, if it ever was.
    pub first_awaiting: Option<Instant>,
    /// The packet as it is shown, where that is kept beside the ledger: it must be the ledger's fold.
    pub shown: Option<&'a Packet>,
}

/// The four measures.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measures {
    pub until_awaiting: UntilAwaiting,
    pub agent_drafts: AgentDrafts,
    pub in_step: InStep,
    pub bounces: Bounces,
}

/// From the opening of packets to their first `awaiting-signatures`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct UntilAwaiting {
    pub packets: Vec<OnePacket>,
    /// Over the packets that got there; of two in the middle, the shorter.
    #[serde(with = "u64_string_option")]
    pub median_seconds: Option<u64>,
}

/// One packet's time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OnePacket {
    pub packet: PacketId,
    pub opened: Instant,
    pub awaiting: Option<Instant>,
    /// Whole seconds from the one to the other.
    #[serde(with = "u64_string_option")]
    pub seconds: Option<u64>,
}

/// What the board sent back after a handoff.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Bounces {
    pub handoffs: usize,
    pub bounced: usize,
    /// Reasons by the readiness rule they map to: the rule let something through.
    pub by_rule: BTreeMap<Rule, usize>,
    /// Reasons that no rule covers: each is a rule that is missing.
    pub unmapped: Vec<Unmapped>,
}

/// A bounce reason that no readiness rule covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unmapped {
    pub packet: PacketId,
    pub submission: String,
    pub reason: String,
}

/// The measures over some packets.
pub fn measures(measured: &[Measured<'_>]) -> Measures {
    let folds: Vec<_> = measured.iter().map(|one| (one, Packet::fold(one.entries).ok())).collect();
    let packets = || folds.iter().filter_map(|(one, packet)| packet.as_ref().map(|packet| (*one, packet)));
    let mut agent_drafts = AgentDrafts::default();
    let mut bounces = Bounces::default();
    let mut times = Vec::new();
    for (one, packet) in packets() {
        agent_drafts.count(packet);
        bounces.count(packet);
        times.push(time_of(packet, one.first_awaiting));
    }
    agent_drafts.sum_up();
    let mut in_step = InStep::default();
    for (one, packet) in &folds {
        in_step.check(one, packet.as_ref());
    }
    let median_seconds = median(times.iter().filter_map(|time| time.seconds).collect());
    Measures {
        until_awaiting: UntilAwaiting { packets: times, median_seconds },
        agent_drafts,
        in_step,
        bounces,
    }
}

fn time_of(packet: &Packet, awaiting: Option<Instant>) -> OnePacket {
    OnePacket {
        packet: packet.id.clone(),
        opened: packet.opened,
        awaiting,
        seconds: awaiting.map(|at| at.since(packet.opened).as_secs()),
    }
}

fn median(mut seconds: Vec<u64>) -> Option<u64> {
    seconds.sort_unstable();
    seconds.get(seconds.len().saturating_sub(1) / 2).copied()
}

impl Bounces {
    fn count(&mut self, packet: &Packet) {
        for handoff in &packet.handoffs {
            self.handoffs += 1;
            let HandoffState::Bounced { reasons, .. } = &handoff.state else { continue };
            self.bounced += 1;
            for reason in reasons {
                match reason.rule {
                    Some(rule) => *self.by_rule.entry(rule).or_default() += 1,
                    None => self.unmapped.push(Unmapped {
                        packet: packet.id.clone(),
                        submission: handoff.submission.clone(),
                        reason: reason.text.clone(),
                    }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
