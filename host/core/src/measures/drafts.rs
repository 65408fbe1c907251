//! What became of passages that agents drafted.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{DeclineReason, Origin};
use crate::packet::{Packet, PassageState};

/// Passages drafted by agents, by what people did with them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AgentDrafts {
    pub proposed: usize,
    pub accepted_as_is: usize,
    pub edited: usize,
    pub declined: BTreeMap<DeclineReason, usize>,
    /// Nobody decided yet.
    pub open: usize,
    /// The share of decided drafts that people edited or declined, 0 to 1; none when none is decided.
    pub corrected: Option<f64>,
}

impl AgentDrafts {
    /// Counts a packet's passages: those an agent proposed, and those a person proposed as an agent's words.
    pub(super) fn count(&mut self, packet: &Packet) {
        let drafted = |origin: Origin, by_agent: bool| by_agent || origin == Origin::Agent;
        for passage in packet.passages.values().filter(|passage| drafted(passage.origin, passage.by_agent)) {
            self.proposed += 1;
            match &passage.state {
                PassageState::Proposed => self.open += 1,
                PassageState::Accepted(accepted) | PassageState::Replaced { was: accepted, .. } => {
                    *if accepted.edited { &mut self.edited } else { &mut self.accepted_as_is } += 1;
                }
                PassageState::Declined { reason, .. } => *self.declined.entry(*reason).or_default() += 1,
            }
        }
    }

    pub(super) fn sum_up(&mut self) {
        let corrected = self.edited + self.declined.values().sum::<usize>();
        let decided = corrected + self.accepted_as_is;
        #[expect(clippy::cast_precision_loss, reason = "counts of passages are far below 2^53")]
        let share = |corrected: usize, decided: usize| corrected as f64 / decided as f64;
        self.corrected = (decided > 0).then(|| share(corrected, decided));
    }
}
