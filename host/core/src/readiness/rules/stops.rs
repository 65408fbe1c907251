//! Rules 1 and 2: what stops the loop.
//!
//! Deliberately absent: finding exposures in evidence, which is [`crate::readiness::exposures()`]'s.

use super::Judge;
use crate::claim::Examined;
use crate::readiness::{Rule, exposures};

impl Judge<'_> {
    /// 1. No exposure is open: neither recorded, nor in evidence and not yet recorded.
    pub(super) fn exposure(&mut self, examined: &Examined<'_>) {
        let before = self.lines.len();
        let open: Vec<_> = self.packet.open_causes().cloned().collect();
        for cause in open {
            let owner = self.owner();
            let evidence = match &cause.source {
                crate::packet::exposure::CauseSource::Detected { evidence, .. } => Some(evidence.clone()),
                crate::packet::exposure::CauseSource::Declared { evidence, .. } => evidence.clone(),
            };
            let reason = format!("immediate exposure: {}", cause.reason);
            let line = self.unsatisfied(Rule::Exposure, Some(cause.id.to_string()), "exposure.open", reason);
            line.evidence = evidence;
            line.since = Some(cause.at);
            line.clears(&owner, "handle the incident, then sign loop-resumed with its reference and outcome");
        }
        for exposure in exposures(self.packet, examined, self.board) {
            let owner = self.owner();
            let reason = format!("immediate exposure in evidence, not yet recorded: {}", exposure.reason);
            let line = self.unsatisfied(Rule::Exposure, None, "exposure.in-evidence", reason);
            line.evidence = Some(exposure.evidence);
            line.clears("the host", "record it, which freezes the loop");
            line.clears(&owner, "handle the incident, then sign loop-resumed");
        }
        if self.lines[before..].iter().all(|line| !line.blocks()) {
            self.satisfied(Rule::Exposure, None, "no exposure is open");
        }
    }

    /// 2. No hold is placed.
    pub(super) fn holds(&mut self) {
        let open: Vec<_> = self.packet.open_holds().cloned().collect();
        if open.is_empty() {
            self.satisfied(Rule::Hold, None, "no hold is placed");
        }
        for hold in open {
            let owner = self.owner();
            let reason = format!("held by {}: {}", hold.by, hold.reason);
            let line = self.unsatisfied(Rule::Hold, Some(hold.id.to_string()), "hold.placed", reason);
            line.since = Some(hold.at);
            line.clears(hold.by.as_str(), "release it");
            line.clears(&owner, "release it");
        }
    }
}
