//! Decisions: the signed statement is held against the packet as it stands, then each decision's own rules.
//!
//! A statement binds to the approval digest, not to the head: what an agent drafts in the meantime starves nobody. It also binds to
//! the last entry that changed that digest, so that going back to an old text revives nothing. The head it was shown is
//! recorded, and must be one this ledger had.
//!
//! [`verify_recorded`] holds an entry that is already in a ledger to the part of this that needs no evidence: what an offline
//! verifier can check of every signed entry.
//!
//! Deliberately absent: each decision's own rules. Whose approval it is says [`ownership`], what people judge [`judging`], and
//! when readiness is accepted and a packet handed off [`readiness`].

mod judging;
mod ownership;
mod readiness;

use std::time::Duration;

use super::draft::{paragraph, paragraph_or_nothing};
use super::{KeyRing, Known, Refusal};
use crate::actor::Actor;
use crate::event::{Decided, Decision};
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::Packet;
use crate::statement::{Statement, VERSION};

pub(crate) use judging::is_over;
use judging::{resumed, reviewed, risk, withdrawn};
use ownership::{accepts_ownership, offered, replaced};
pub use readiness::good_until_of;
use readiness::{handed_off, ready};

/// How long a person may look at a statement before signing it. Longer, and what they saw may not be what is.
pub const LONGEST_LOOK: Duration = Duration::from_hours(1);

pub(super) fn check(known: &Known<'_>, actor: &Actor, decided: &Decided) -> Result<(), Refusal> {
    let word = decided.statement.decides.word();
    recorded(known.packet, known.entries, known.keys, known.board.hardware_keys, actor, known.at, decided)?;
    match &decided.statement.decides {
        Decision::OwnershipOffered { to } => offered(known, actor, word, to),
        Decision::OwnershipAccepted => accepts_ownership(known.packet, actor, word),
        Decision::OwnerReplaced { owner, reason } => {
            paragraph(word, "reason", reason)?;
            replaced(known, actor, word, owner)
        }
        Decision::ReviewRecorded { discipline, verdict, note } => {
            paragraph_or_nothing(word, "note", note)?;
            reviewed(known, actor, word, discipline, *verdict)
        }
        Decision::ObjectionWithdrawn { objection, reason } => {
            paragraph(word, "reason", reason)?;
            withdrawn(known.packet, actor, word, *objection)
        }
        Decision::RiskAccepted { objection, rationale, expires } => {
            paragraph(word, "rationale", rationale)?;
            risk(known, actor, word, *objection, *expires)
        }
        Decision::LoopResumed { causes, incident, outcome } => {
            paragraph(word, "incident", incident)?;
            paragraph(word, "outcome", outcome)?;
            resumed(known.packet, actor, word, causes)
        }
        Decision::ReadinessAccepted => ready(known, actor, word, &decided.statement),
        Decision::PacketHandedOff { report, condition } => {
            handed_off(known, actor, word, &decided.statement, *report, condition)
        }
    }
}

/// Whether a recorded signed entry binds to the packet before it and is signed by a key of its actor.
///
/// `before` is the fold of `entries`, which end before the entry.
pub fn verify_recorded(
    before: &Packet,
    entries: &[(Entry, Head)],
    keys: &dyn KeyRing,
    entry: &Entry,
    decided: &Decided,
) -> Result<(), Refusal> {
    recorded(before, entries, keys, false, &entry.actor, entry.at, decided)
}

fn recorded(
    packet: &Packet,
    entries: &[(Entry, Head)],
    keys: &dyn KeyRing,
    hardware: bool,
    actor: &Actor,
    at: Instant,
    decided: &Decided,
) -> Result<(), Refusal> {
    let statement = &decided.statement;
    let word = statement.decides.word();
    if !actor.is_human() || statement.signer != actor.id {
        return Err(Refusal::new(
            "who.signer",
            word,
            format!(
                "a decision is recorded by the person who signed it; this one was signed by {}",
                statement.signer
            ),
            format!("act as a human principal; you act as {} ({})", actor.id, actor.kind.as_str()),
        )
        .who(statement.signer.to_string()));
    }
    shown_is_so(packet, entries, statement, word)?;
    if statement.instant > at || at.since(statement.instant) > LONGEST_LOOK {
        return Err(anew(
            "statement.instant",
            word,
            format!(
                "the statement is of {}, and now is {at}; it may be at most an hour old",
                statement.instant
            ),
        ));
    }
    if statement.good_until.is_some_and(|until| until <= at) {
        return Err(anew("statement.ended", word, "the evidence it shows is no longer in date".to_owned()));
    }
    let bytes = statement.bytes().map_err(|error| anew("statement.form", word, error.to_string()))?;
    keys.check(&actor.id, &bytes, &decided.signature, at, hardware).map_err(|problem| {
        Refusal::new(
            "signature.refused",
            word,
            format!("the signature does not count: {problem}"),
            "sign the statement exactly as it was given, with a key enrolled for you: `ssh-keygen -Y sign -n probity`",
        )
        .who(actor.id.to_string())
    })
}

/// What the statement says was shown is what there is.
fn shown_is_so(
    packet: &Packet,
    entries: &[(Entry, Head)],
    statement: &Statement,
    word: &str,
) -> Result<(), Refusal> {
    if statement.v != VERSION || statement.packet != packet.id {
        return Err(anew(
            "statement.packet",
            word,
            "the statement is about another packet, or of another form".to_owned(),
        ));
    }
    let at_head = usize::try_from(statement.head.seq).ok().and_then(|seq| entries.get(seq.checked_sub(1)?));
    if !at_head.is_some_and(|(_, head)| *head == statement.head) {
        return Err(anew(
            "statement.head",
            word,
            "this ledger never had the head that the statement shows".to_owned(),
        ));
    }
    let is = Statement::of(
        packet,
        statement.signer.clone(),
        statement.decides.clone(),
        statement.instant,
        statement.good_until,
    )
    .map_err(|error| anew("statement.form", word, error.to_string()))?;
    let same = is.text == statement.text
        && is.approval == statement.approval
        && is.evidence == statement.evidence
        && is.objections == statement.objections
        && (is.policy, is.subjects) == (statement.policy, statement.subjects);
    if same && statement.head.seq >= packet.approval_since {
        return Ok(());
    }
    let since: Vec<_> = packet
        .approval_changes
        .iter()
        .filter(|changed| changed.seq > statement.head.seq)
        .map(|changed| format!("{} (entry {})", changed.word, changed.seq))
        .collect();
    let what = if since.is_empty() {
        "it does not show the packet as it stands".to_owned()
    } else {
        since.join(", ")
    };
    Err(anew("statement.moved", word, format!("the packet is not what the statement shows: {what}")))
}

fn anew(code: &str, word: &str, rule: String) -> Refusal {
    Refusal::new(code, word, rule, "ask for the statement anew, look at it, and sign that one")
}
