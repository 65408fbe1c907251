//! Who may ask for what, by what they are to this packet.
//!
//! A row an event. Roles say what somebody is for in general; here it counts what they are to the packet: its author, its
//! owner, a reviewer it names. Deciding events are rows of [`super::signed`].

use super::Refusal;
use crate::actor::{Actor, ActorKind, Role};
use crate::event::{Command, Event, IntakeOutcome};
use crate::id::PrincipalId;
use crate::packet::Packet;

/// The name under which the host itself makes entries.
pub const HOST: &str = "probity";

/// The host as an actor.
pub fn host() -> Actor {
    // The name is a constant that the rule for names lets through; the test beside holds that.
    let id = HOST.parse().unwrap_or_else(|_| unreachable!("the host's own name is well formed"));
    Actor { id, kind: ActorKind::Service, role: Role::Operator }
}

/// What an actor is to a packet.
struct Relation<'a> {
    packet: &'a Packet,
    actor: &'a Actor,
}

impl Relation<'_> {
    fn is_author(&self) -> bool {
        self.actor.is_human() && self.actor.id == self.packet.author
    }

    fn is_owner(&self) -> bool {
        self.actor.is_human() && self.actor.id == self.packet.owner.id
    }

    fn is_reviewer(&self) -> bool {
        self.actor.is_human() && self.packet.is_reviewer(&self.actor.id)
    }

    fn is_agent(&self) -> bool {
        self.actor.kind == ActorKind::Agent && self.actor.role == Role::Agent
    }

    fn is_host(&self) -> bool {
        self.actor.kind == ActorKind::Service && self.actor.id.as_str() == HOST
    }

    fn is_board(&self) -> bool {
        self.actor.is_human() && self.actor.role == Role::Board
    }

    fn is_on_packet(&self) -> bool {
        let offered = self.packet.owner.offered.as_ref() == Some(&self.actor.id) && self.actor.is_human();
        self.is_author()
            || self.is_owner()
            || self.is_reviewer()
            || self.is_agent()
            || self.is_board()
            || offered
    }
}

pub(super) fn check(packet: &Packet, actor: &Actor, command: &Command) -> Result<(), Refusal> {
    let to = Relation { packet, actor };
    let word = command.word();
    let (may, rule, who): (bool, &str, String) = match command {
        Event::TermsRevised(_) | Event::PacketWithdrawn(_) | Event::AuthorChanged(_) => {
            (to.is_author(), "only the packet's author may", author(packet))
        }
        Event::PassageAccepted(_)
        | Event::PassageDeclined(_)
        | Event::ClaimAccepted(_)
        | Event::ClaimReaffirmed(_) => {
            (to.is_author(), "only a human author turns drafts into packet language", author(packet))
        }
        Event::PassageProposed(_) => (
            to.is_author() || to.is_agent() || to.is_reviewer(),
            "the author, an agent or a named reviewer proposes words",
            format!("{}, a named reviewer or an agent", author(packet)),
        ),
        Event::ClaimMade(_) | Event::ObjectionAnswered(_) => (
            to.is_author() || to.is_agent(),
            "the author does, or an agent as a draft",
            format!("{}, or an agent as a draft", author(packet)),
        ),
        Event::ClaimRetracted(event) => {
            let own_draft = packet.claims.get(&event.claim).is_some_and(|claim| {
                claim.state == crate::packet::ClaimState::Draft && claim.by == actor.id && to.is_agent()
            });
            (to.is_author() || own_draft, "the author does; an agent only its own draft", author(packet))
        }
        Event::ReviewerNamed(_) | Event::ReviewerReleased(_) => (
            to.is_author() || to.is_owner(),
            "the author or the approval owner names and releases reviewers",
            format!("{} or {}", author(packet), owner(packet)),
        ),
        Event::RemarkMade(_) => (
            to.is_on_packet(),
            "whoever is on the packet remarks: its author, owner, named reviewers, agents and the board",
            format!("{} or {}", author(packet), owner(packet)),
        ),
        Event::ObjectionRaised(_) => {
            (to.is_reviewer(), "only a named reviewer raises an objection", reviewers(packet))
        }
        Event::HoldPlaced(_) | Event::ExposureDeclared(_) => (
            to.is_author() || to.is_reviewer() || to.is_owner(),
            "the author, a named reviewer or the approval owner does",
            format!("{}, {} or {}", author(packet), reviewers(packet), owner(packet)),
        ),
        Event::HoldReleased(event) => {
            let placer = packet.holds.get(&event.hold).map(|hold| &hold.by);
            let is_placer = actor.is_human() && placer == Some(&actor.id);
            (
                is_placer || to.is_owner(),
                "a hold is released by who placed it, or by the approval owner",
                placer.map_or_else(|| owner(packet), |placer| format!("{placer} or {}", owner(packet))),
            )
        }
        Event::ConditionStated(_) => {
            (to.is_owner(), "only the approval owner states the condition for handing over", owner(packet))
        }
        Event::FollowUpScheduled(_) | Event::FollowUpDone(_) => (
            to.is_author() || to.is_owner(),
            "the author or the approval owner does",
            format!("{} or {}", author(packet), owner(packet)),
        ),
        Event::ExposureDetected(_) | Event::PolicyAdopted(_) => (
            to.is_host(),
            "only the host records what it sees in evidence and policies",
            "the host".to_owned(),
        ),
        Event::IntakeRecorded(event) => match event.outcome {
            IntakeOutcome::Received { .. } | IntakeOutcome::Unclear { .. } => {
                (to.is_host(), "only the host records what it filed", "the host".to_owned())
            }
            _ => (
                to.is_host() || to.is_board(),
                "the board records what it does with a submission, or the host from its intake",
                "a principal of role board".to_owned(),
            ),
        },
        // Each decision has its own row, beside its rules.
        Event::Decided(_) => return Ok(()),
        Event::PacketOpened(_) => return Err(super::open::opened_already()),
    };
    if may {
        return Ok(());
    }
    let code = if actor.is_human() || is_for_programs(command) { "who.not-yours" } else { "who.humans-only" };
    let fix =
        format!("ask {who}; you act as {} ({}, {})", actor.id, actor.kind.as_str(), actor.role.as_str());
    Err(Refusal::new(code, word, rule, fix).who(who))
}

/// Whether some program may: then what is refused is this one, not that it is a program.
const fn is_for_programs(command: &Command) -> bool {
    matches!(
        command,
        Event::PassageProposed(_)
            | Event::ClaimMade(_)
            | Event::ClaimRetracted(_)
            | Event::ObjectionAnswered(_)
            | Event::RemarkMade(_)
            | Event::ExposureDetected(_)
            | Event::PolicyAdopted(_)
            | Event::IntakeRecorded(_)
    )
}

fn author(packet: &Packet) -> String {
    format!("{} (author)", packet.author)
}

fn owner(packet: &Packet) -> String {
    format!("{} (approval owner)", packet.owner.id)
}

fn reviewers(packet: &Packet) -> String {
    let mut named: Vec<&PrincipalId> = packet.reviewers.values().flat_map(|named| named.keys()).collect();
    named.sort();
    named.dedup();
    if named.is_empty() {
        return "a reviewer, once one is named".to_owned();
    }
    format!("a named reviewer ({})", named.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_hosts_own_name_is_well_formed() {
        assert_eq!(super::host().id.as_str(), super::HOST);
    }
}
