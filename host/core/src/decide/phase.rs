//! What a packet's phase allows, whoever asks.

use super::{Known, Refusal};
use crate::event::words;
use crate::packet::{HandoffState, Packet};

words! {
    /// How far a packet is, as far as what may happen goes.
    Phase {
        /// It is worked on.
        Open = "open",
        /// Immediate exposure: the routine loop is frozen.
        Frozen = "frozen",
        /// It is with the board.
        HandedOff = "handed-off",
        /// The board decided.
        Decided = "decided",
        /// The author took it back.
        Withdrawn = "withdrawn",
    }
}

impl Phase {
    /// The phase of a packet. Frozen comes before handed off: an incident goes before everything but the end.
    pub fn of(packet: &Packet) -> Self {
        if packet.withdrawn.is_some() {
            return Self::Withdrawn;
        }
        let handoff = packet.handoff().map(|handoff| &handoff.state);
        match handoff {
            Some(HandoffState::Decided { .. }) => Self::Decided,
            _ if packet.is_frozen() => Self::Frozen,
            Some(_) => Self::HandedOff,
            None => Self::Open,
        }
    }
}

/// Facts and dissent are taken while the loop is frozen, and what ends the freezing; an owner who cannot act can be replaced,
/// for otherwise nobody could ever resume.
const FROZEN: &[&str] = &[
    "remark-made",
    "objection-raised",
    "objection-answered",
    "hold-placed",
    "hold-released",
    "exposure-detected",
    "exposure-declared",
    "intake-recorded",
    "loop-resumed",
    "owner-replaced",
];

/// What the board has is not changed behind its back.
const HANDED_OFF: &[&str] = &[
    "remark-made",
    "objection-raised",
    "objection-answered",
    "exposure-detected",
    "exposure-declared",
    "intake-recorded",
    "follow-up-scheduled",
    "follow-up-done",
    "owner-replaced",
];

const DECIDED: &[&str] =
    &["remark-made", "exposure-detected", "exposure-declared", "follow-up-scheduled", "follow-up-done"];

/// The words that may happen in a phase; `None` for all but `packet-opened` and `loop-resumed`.
pub fn allowed_in(phase: Phase) -> Option<&'static [&'static str]> {
    match phase {
        Phase::Open => None,
        Phase::Frozen => Some(FROZEN),
        Phase::HandedOff => Some(HANDED_OFF),
        Phase::Decided => Some(DECIDED),
        Phase::Withdrawn => Some(&[]),
    }
}

pub(super) fn check(known: &Known<'_>, word: &'static str) -> Result<(), Refusal> {
    let phase = Phase::of(known.packet);
    let allowed = match allowed_in(phase) {
        Some(words) => words.contains(&word),
        None => word != "packet-opened",
    };
    if allowed {
        return Ok(());
    }
    Err(match phase {
        Phase::Open => super::open::opened_already(),
        Phase::Frozen => Refusal::new(
            "phase.frozen",
            word,
            "immediate exposure froze the loop: until it is resumed only evidence, objections, remarks and holds are taken",
            "handle the incident, then the approval owner resumes the loop with its reference and outcome",
        )
        .who(format!("{} (approval owner), signing loop-resumed", known.packet.owner.id)),
        Phase::HandedOff => Refusal::new(
            "phase.handed-off",
            word,
            "the package is with the board; what it says is not changed behind the board's back",
            "raise a remark or an objection, or wait for the board: a bounce opens the packet again",
        ),
        Phase::Decided => Refusal::new(
            "phase.decided",
            word,
            "the board decided; the packet is closed",
            "open a new packet, or renew this one with `probity packet renew`",
        ),
        Phase::Withdrawn => {
            Refusal::new("phase.withdrawn", word, "the author withdrew the packet; nothing follows", "open a new packet")
        }
    })
}
