//! The one word a report ends in.

use super::report::{Line, Rule, Score};
use crate::event::words;
use crate::packet::{HandoffState, Packet};

words! {
    /// Where a packet stands in the loop.
    Verdict {
        /// Immediate exposure: frozen until a human resumes.
        Escalated = "escalated",
        /// More evidence or language is needed.
        Held = "held",
        /// It is complete, and people have to judge it.
        InReview = "in-review",
        /// Everything holds but the signatures.
        AwaitingSignatures = "awaiting-signatures",
        /// It may be handed off.
        Ready = "ready",
        /// Handed off, not yet known to be in the board's queue.
        HandingOff = "handing-off",
        /// In the board's queue, or beyond.
        HandedOff = "handed-off",
        /// The author took it back.
        Withdrawn = "withdrawn",
    }
}

impl Verdict {
    /// The verdict of a packet with these lines.
    pub(super) fn of(packet: &Packet, lines: &[Line]) -> Self {
        let blocks = |line: &&Line| matches!(line.score, Score::Unsatisfied | Score::Error);
        let first = lines.iter().filter(blocks).map(|line| line.rule).min();
        if packet.withdrawn.is_some() {
            return Self::Withdrawn;
        }
        if let Some(handoff) = packet.handoff() {
            return match handoff.state {
                HandoffState::Filing | HandoffState::Unclear { .. } => Self::HandingOff,
                _ => Self::HandedOff,
            };
        }
        match first {
            Some(Rule::Exposure) => Self::Escalated,
            Some(Rule::Hold | Rule::Sections | Rule::Claims | Rule::Requirements) => Self::Held,
            Some(Rule::Reviews | Rule::Objections | Rule::Ownership | Rule::Expiry) => Self::InReview,
            Some(Rule::Signatures) => Self::AwaitingSignatures,
            None => Self::Ready,
        }
    }
}
