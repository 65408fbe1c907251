//! Whose approval it is: offering it, taking it, replacing who cannot act; and that only the owner decides as one.

use crate::actor::{Actor, Role};
use crate::decide::{Known, Refusal};
use crate::id::PrincipalId;
use crate::packet::Packet;

pub(super) fn offered(known: &Known<'_>, actor: &Actor, word: &str, to: &PrincipalId) -> Result<(), Refusal> {
    owner_only(known.packet, actor, word)?;
    if known.packet.is_reviewer(to) {
        return Err(owner_is_reviewer(word, to));
    }
    crate::decide::open::check_owner(word, to, &known.packet.author, known.people)
}

fn owner_is_reviewer(word: &str, to: &PrincipalId) -> Refusal {
    Refusal::new(
        "owner.is-reviewer",
        word,
        format!("`{to}` is a named reviewer; nobody approves what they review"),
        "release them as reviewer first, or choose another owner",
    )
}

pub(super) fn accepts_ownership(packet: &Packet, actor: &Actor, word: &str) -> Result<(), Refusal> {
    let is_offered = packet.owner.offered.as_ref() == Some(&actor.id);
    let is_first = packet.owner.id == actor.id && packet.owner.accepted.is_none();
    if actor.id == packet.author {
        return Err(crate::decide::people::author_is_owner(word));
    }
    if is_offered || is_first {
        return Ok(());
    }
    let who = packet.owner.offered.as_ref().unwrap_or(&packet.owner.id);
    Err(Refusal::new(
        "owner.not-offered",
        word,
        "the ownership is taken by who was named or offered it, once",
        "the owner offers it first",
    )
    .who(who.to_string()))
}

pub(super) fn replaced(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    owner: &PrincipalId,
) -> Result<(), Refusal> {
    if actor.role != Role::Board {
        return Err(Refusal::new(
            "who.board-only",
            word,
            "only a board principal replaces an owner who cannot act",
            "ask the board",
        )
        .who("a principal of role board"));
    }
    if *owner == known.packet.owner.id {
        return Err(Refusal::new(
            "nothing.changes",
            word,
            "they are the owner already",
            "nothing is to be done",
        ));
    }
    if known.packet.is_reviewer(owner) {
        return Err(owner_is_reviewer(word, owner));
    }
    crate::decide::open::check_owner(word, owner, &known.packet.author, known.people)
}

pub(super) fn owner_only(packet: &Packet, actor: &Actor, word: &str) -> Result<(), Refusal> {
    if actor.id == packet.owner.id && actor.id != packet.author {
        return Ok(());
    }
    Err(Refusal::new(
        "who.owner-only",
        word,
        "only the approval owner does, and never the author",
        "ask the owner",
    )
    .who(packet.owner.id.to_string()))
}

pub(super) fn accepted_owner_only(packet: &Packet, actor: &Actor, word: &str) -> Result<(), Refusal> {
    owner_only(packet, actor, word)?;
    if packet.owner.accepted.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        "owner.not-accepted",
        word,
        "an owner decides after having accepted the ownership",
        "accept the ownership first",
    )
    .who(packet.owner.id.to_string()))
}
