//! Opening a packet.

use super::{People, Refusal};
use crate::actor::{Actor, ActorKind, Role};
use crate::board::Board;
use crate::event::{Event, PacketOpened};
use crate::instant::Instant;
use crate::packet::Packet;
use crate::subject::SubjectMap;

const WORD: &str = "packet-opened";

/// The event that opens a packet, or why none does. With `renewed`, the packet this one goes on from.
pub fn decide_open(
    actor: &Actor,
    opened: PacketOpened,
    renewed: Option<&Packet>,
    board: &Board,
    subjects: &SubjectMap,
    people: &People,
    at: Instant,
) -> Result<Event, Refusal> {
    if !(actor.is_human() && actor.role == Role::Author) {
        return Err(Refusal::new(
            "who.author-only",
            WORD,
            "a packet is opened by a person with the role author",
            format!("act as a human author; you act as {} ({})", actor.id, actor.role.as_str()),
        )
        .who("a principal of role author"));
    }
    super::draft::line(WORD, "title", &opened.title, 200)?;
    super::draft::line(WORD, "exception", &opened.exception, 80)?;
    if opened.policy != board.digest || opened.subjects != subjects.digest || opened.board != board.name {
        return Err(Refusal::new(
            "open.policy",
            WORD,
            "a packet opens under the board policy and subject map in force",
            format!(
                "open it for `{}` with policy {} and subjects {}",
                board.name, board.digest, subjects.digest
            ),
        ));
    }
    check_owner(WORD, &opened.owner, &actor.id, people)?;
    super::people::check_expiry(WORD, opened.terms.expires, at, board, at)?;
    check_renewal(&opened, renewed)?;
    Ok(Event::PacketOpened(opened))
}

/// An owner is a known person whose role it is, and not the author.
pub(super) fn check_owner(
    word: &str,
    owner: &crate::id::PrincipalId,
    author: &crate::id::PrincipalId,
    people: &People,
) -> Result<(), Refusal> {
    if owner == author {
        return Err(Refusal::new(
            "owner.is-author",
            word,
            "nobody approves what they wrote: author and approval owner are two people",
            "name another person as approval owner",
        ));
    }
    match people.get(owner) {
        Some(person) if person.kind == ActorKind::Human && person.role == Role::ApprovalOwner => Ok(()),
        Some(person) => Err(Refusal::new(
            "owner.role",
            word,
            format!(
                "`{owner}` has the role {}; an approval owner is a human with that role",
                person.role.as_str()
            ),
            "name a principal of role approval-owner",
        )),
        None => Err(Refusal::new(
            "people.unknown",
            word,
            format!("nobody is called `{owner}` here"),
            "name a principal that the operator added; `probity principal list` shows them",
        )),
    }
}

/// Dissent comes along whole: what was not withdrawn in the granted packet is open in the new one.
fn check_renewal(opened: &PacketOpened, renewed: Option<&Packet>) -> Result<(), Refusal> {
    let Some(renews) = &opened.renews else { return Ok(()) };
    let known = renewed.filter(|packet| packet.id == renews.packet && packet.head.seq == renews.seq);
    let Some(packet) = known.filter(|packet| packet.head.digest == renews.hash) else {
        return Err(Refusal::new(
            "renew.unknown",
            WORD,
            "a renewal names the packet it goes on from, as its ledger stands",
            "use `probity packet renew PACKET`, which fills this in",
        ));
    };
    let granted = packet.handoff().is_some_and(|handoff| {
        matches!(handoff.state, crate::packet::HandoffState::Decided { granted: true, .. })
    });
    if !granted {
        return Err(Refusal::new(
            "renew.not-granted",
            WORD,
            "only an exception that the board granted is renewed",
            "open a packet of its own",
        ));
    }
    if renews.carried != packet.carried() {
        return Err(Refusal::new(
            "renew.dissent",
            WORD,
            "every objection that was not withdrawn comes along, word for word",
            "use `probity packet renew PACKET`, which carries them",
        ));
    }
    Ok(())
}

pub(super) fn opened_already() -> Refusal {
    Refusal::new("open.twice", WORD, "the packet is open already", "open another packet")
}
