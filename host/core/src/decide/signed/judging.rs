//! What people judge: reviews, the two exits of an objection, and going on after an incident.

use super::ownership::{accepted_owner_only, owner_only};
use crate::actor::Actor;
use crate::decide::{Known, Refusal};
use crate::event::ReviewVerdict;
use crate::evidence::Severity;
use crate::id::{Discipline, ObjectionId};
use crate::instant::Instant;
use crate::packet::{FateWord, Packet};

pub(super) fn reviewed(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    discipline: &Discipline,
    verdict: ReviewVerdict,
) -> Result<(), Refusal> {
    let packet = known.packet;
    if actor.id == packet.author || actor.id == packet.owner.id {
        return Err(Refusal::new(
            "reviewer.is-author-or-owner",
            word,
            "nobody reviews what they write or approve",
            "another reviewer is named",
        ));
    }
    let named = packet.reviewers.get(discipline).is_some_and(|named| named.contains_key(&actor.id));
    let listed = known.board.disciplines.get(discipline).is_some_and(|listed| listed.contains(&actor.id));
    if !named || !listed {
        return Err(Refusal::new(
            "reviewer.not-named",
            word,
            format!("`{}` is not a named reviewer for {discipline}", actor.id),
            "the author or the owner names a reviewer that the board lists for the discipline",
        ));
    }
    // Two disciplines need two people: who approved for one of them cannot be the other's approval.
    let elsewhere = packet.reviews.iter().find(|review| {
        verdict == ReviewVerdict::Approve
            && review.by == actor.id
            && review.discipline != *discipline
            && review.verdict == ReviewVerdict::Approve
            && review.seen >= packet.text_since
    });
    match elsewhere {
        Some(other) => Err(Refusal::new(
            "reviewer.not-distinct",
            word,
            format!(
                "`{}` approved this text for {} already; each discipline needs a person of its own",
                actor.id, other.discipline
            ),
            "another listed reviewer approves for this discipline",
        )),
        None => Ok(()),
    }
}

pub(super) fn withdrawn(packet: &Packet, actor: &Actor, word: &str, id: ObjectionId) -> Result<(), Refusal> {
    let objection = packet.objections.get(&id).ok_or_else(|| crate::decide::draft::unknown(word, id))?;
    if objection.by != actor.id {
        return Err(Refusal::new(
            "objection.not-yours",
            word,
            format!("{id} is {}'s; only who raised an objection withdraws it", objection.by),
            "answer it, so that its raiser can withdraw it, or let the approval owner accept the risk",
        )
        .who(objection.by.to_string()));
    }
    standing(packet, word, id)
}

fn standing(packet: &Packet, word: &str, id: ObjectionId) -> Result<(), Refusal> {
    match packet.objections.get(&id).map(|objection| objection.word()) {
        None => Err(crate::decide::draft::unknown(word, id)),
        Some(FateWord::Withdrawn) => Err(Refusal::new(
            "objection.withdrawn",
            word,
            format!("{id} was withdrawn before"),
            "nothing is to be done",
        )),
        Some(_) => Ok(()),
    }
}

pub(super) fn risk(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    id: ObjectionId,
    expires: Instant,
) -> Result<(), Refusal> {
    let packet = known.packet;
    accepted_owner_only(packet, actor, word)?;
    standing(packet, word, id)?;
    let severity = packet.objections.get(&id).map_or(Severity::Unknown, |objection| objection.severity);
    if is_over(severity, known.board.risk_ceiling) {
        return Err(Refusal::new(
            "risk.over-ceiling",
            word,
            format!(
                "{id} is {}; the board lets risks up to {} be accepted",
                severity.as_str(),
                known.board.risk_ceiling.as_str()
            ),
            "change what it objects to, so that its raiser withdraws it",
        )
        .who(packet.objections.get(&id).map_or_else(String::new, |objection| objection.by.to_string())));
    }
    if expires <= known.at || expires > packet.terms.expires {
        return Err(Refusal::new(
            "risk.expiry",
            word,
            format!(
                "a risk is carried for a while: from now until at the latest {}, the exception's end",
                packet.terms.expires
            ),
            "choose another expiry",
        ));
    }
    Ok(())
}

/// Whether an objection's severity is worse than what may be accepted. One of unknown severity always is.
pub(crate) fn is_over(severity: Severity, ceiling: Severity) -> bool {
    severity == Severity::Unknown || severity < ceiling
}

pub(super) fn resumed(
    packet: &Packet,
    actor: &Actor,
    word: &str,
    causes: &[crate::id::CauseId],
) -> Result<(), Refusal> {
    owner_only(packet, actor, word)?;
    let open = |id| packet.causes.get(id).is_some_and(crate::packet::Cause::is_open);
    if causes.is_empty() || !causes.iter().all(open) {
        return Err(Refusal::new(
            "exposure.causes",
            word,
            "the loop is resumed by naming the open causes that were dealt with",
            "name causes that `probity packet show` lists as open",
        ));
    }
    Ok(())
}
