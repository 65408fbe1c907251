//! Dissent stays: an objection has two exits, and nobody finds a third.

use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{ClaimId, ObjectionId};
use probity_core::packet::{FateWord, Packet};

use super::fixture::{Person, at};
use super::world::{World, named, remark};

/// Everybody there is to ask: on the packet, beside it, and not human.
const EVERYBODY: [&str; 8] = ["maya", "dana", "noor", "imani", "lucia", "tess", "omar", "probity"];

/// The exits of an objection, as each person would take them.
fn exits(objection: ObjectionId) -> [Decision; 2] {
    let (rationale, expires) = ("Until the milestone.".to_owned(), at("2026-12-20T00:00:00Z"));
    [
        Decision::ObjectionWithdrawn { objection, reason: "It is said.".to_owned() },
        Decision::RiskAccepted { objection, rationale, expires },
    ]
}

/// Packets with one open objection of lucia's, at different places of the loop.
fn places() -> Vec<(&'static str, World, ObjectionId)> {
    let mut places = Vec::new();
    let mut add = |name, mut world: World| {
        let objection = world.object("lucia", Severity::Medium);
        places.push((name, world, objection));
    };
    let mut opened = World::opened();
    opened.ask("maya", named("lucia", "sre"));
    opened.ask("maya", named("imani", "security"));
    add("not owned yet", opened.clone());
    opened.sign("dana", Decision::OwnershipAccepted);
    add("owned", opened.clone());
    opened.ask("imani", Event::HoldPlaced(HoldPlaced { reason: "A question.".to_owned() }));
    add("held", opened);
    add("reviewable", World::reviewable());
    add("ready", World::ready());
    places
}

#[test]
fn only_its_raiser_withdraws_and_only_the_owner_accepts_the_risk() {
    for (place, world, objection) in places() {
        for who in EVERYBODY.iter().filter(|who| **who != "probity") {
            for exit in exits(objection) {
                let may = match &exit {
                    Decision::ObjectionWithdrawn { .. } => *who == "lucia",
                    _ => *who == "dana" && world.packet.owner.accepted.is_some(),
                };
                let mut world = world.clone();
                let word = exit.word();
                assert_eq!(world.try_sign(who, exit).is_ok(), may, "{place}: {who} {word}");
            }
        }
    }
}

#[test]
fn nothing_else_changes_an_objections_fate() {
    for (place, world, objection) in places() {
        for who in EVERYBODY.iter().chain(&["scribe"]) {
            for command in everything(&world, objection) {
                let mut world = world.clone();
                let (actor, word) = (world.actor(who), command.word());
                let _ = world.try_ask(&actor, command);
                let fate = world.packet.objections[&objection].word();
                assert_eq!(fate, FateWord::Open, "{place}: {who} {word}");
            }
        }
    }
}

/// One command of each word that takes no signature.
fn everything(world: &World, objection: ObjectionId) -> Vec<Command> {
    let reason = || "For the test.".to_owned();
    let claim = world.packet.claims.keys().next().copied().unwrap_or(ClaimId(1));
    let mut terms = world.packet.terms.clone();
    terms.expires = at("2026-12-24T00:00:00Z");
    vec![
        Event::TermsRevised(TermsRevised { terms }),
        Event::PacketWithdrawn(PacketWithdrawn { reason: reason() }),
        Event::AuthorChanged(AuthorChanged { author: "tess".parse().unwrap() }),
        Event::ClaimRetracted(ClaimRetracted { claim, reason: reason() }),
        named("tess", "security"),
        Event::ReviewerReleased(ReviewerReleased {
            reviewer: "lucia".parse().unwrap(),
            discipline: "sre".parse().unwrap(),
            reason: reason(),
        }),
        remark(),
        Event::ObjectionAnswered(ObjectionAnswered { objection, text: reason(), citations: vec![] }),
        Event::HoldPlaced(HoldPlaced { reason: reason() }),
        Event::ExposureDeclared(ExposureDeclared { reason: reason(), evidence: None }),
        Event::ConditionStated(ConditionStated { text: reason(), claims: vec![] }),
        Event::PolicyAdopted(PolicyAdopted { policy: world.packet.subjects, subjects: world.packet.policy }),
        world.follow_up(),
    ]
    .into_iter()
    // The world's board is the one in force; adopting another is somebody else's test.
    .filter(|command| !matches!(command, Event::PolicyAdopted(_)))
    .collect()
}

#[test]
fn releasing_its_raiser_or_replacing_the_owner_does_not_lose_it() {
    let mut world = World::reviewable();
    let objection = world.object("lucia", Severity::Medium);
    let [_, risk] = exits(objection);
    world.sign("dana", risk);
    let released = ReviewerReleased {
        reviewer: "lucia".parse().unwrap(),
        discipline: "sre".parse().unwrap(),
        reason: "On leave.".to_owned(),
    };
    world.ask("dana", Event::ReviewerReleased(released));
    assert_eq!(world.packet.objections[&objection].word(), FateWord::RiskAccepted);
    let (owner, reason) = ("noor".parse().unwrap(), "Cannot be reached.".to_owned());
    world.sign("omar", Decision::OwnerReplaced { owner, reason });
    assert_eq!(world.packet.objections[&objection].word(), FateWord::Open, "noor has accepted no risk");
    let [withdrawn, _] = exits(objection);
    world.sign("lucia", withdrawn);
    assert_eq!(world.packet.objections[&objection].word(), FateWord::Withdrawn);
    assert_eq!(world.packet.objections.len(), 1, "withdrawing deletes nothing");
}

#[test]
fn over_the_ceiling_nobody_accepts_the_risk() {
    let mut world = World::reviewable();
    let objection = world.object("lucia", Severity::Critical);
    for who in EVERYBODY.iter().filter(|who| **who != "probity") {
        let [_, risk] = exits(objection);
        assert!(world.try_sign(who, risk).is_err(), "{who}");
    }
    let [_, risk] = exits(objection);
    assert_eq!(world.try_sign("dana", risk).unwrap_err().code, "risk.over-ceiling");
}

#[test]
fn a_renewal_carries_all_dissent_word_for_word() {
    let mut world = World::reviewable();
    let kept = world.object("lucia", Severity::Medium);
    let gone = world.object("imani", Severity::Low);
    let [withdrawn, _] = exits(gone);
    world.sign("imani", withdrawn);
    let carried = world.packet.carried();
    assert_eq!(carried.iter().map(|one| one.objection).collect::<Vec<_>>(), [kept]);
    let renews = Renewal {
        packet: world.packet.id.clone(),
        seq: world.packet.head.seq,
        hash: world.packet.head.digest,
        carried,
    };
    let refused = renewal(&world, renews.clone(), &world.packet);
    assert_eq!(refused.unwrap_err().code, "renew.not-granted");
    let mut granted = world.packet.clone();
    granted.handoffs.push(probity_core::packet::Handoff {
        seq: 1,
        submission: "x".to_owned(),
        by: "dana".parse().unwrap(),
        at: world.now,
        report: granted.policy,
        state: probity_core::packet::HandoffState::Decided {
            at: world.now,
            decision: "Granted.".to_owned(),
            granted: true,
        },
    });
    let without = Renewal { carried: vec![], ..renews.clone() };
    assert_eq!(renewal(&world, without, &granted).unwrap_err().code, "renew.dissent");
    assert!(renewal(&world, renews, &granted).is_ok());
}

fn renewal(world: &World, renews: Renewal, renewed: &Packet) -> Result<Event, probity_core::decide::Refusal> {
    let opened = PacketOpened {
        title: "Again".to_owned(),
        exception: "shared-credential".to_owned(),
        terms: world.packet.terms.clone(),
        owner: "dana".parse().unwrap(),
        board: world.board.name.clone(),
        policy: world.board.digest,
        subjects: world.subjects.digest,
        renews: Some(renews),
    };
    let people = super::world::known_people(&world.people);
    let maya = world.actor("maya");
    probity_core::decide::decide_open(
        &maya,
        opened,
        Some(renewed),
        &world.board,
        &world.subjects,
        &people,
        world.now,
    )
}

#[test]
fn an_author_who_is_owner_as_well_accepts_no_risk() {
    // No sequence of events makes the author the owner; were a ledger to say so, the rule would still hold.
    let mut world = World::reviewable();
    let objection = world.object("lucia", Severity::Medium);
    world.packet.owner.id = "maya".parse().unwrap();
    let [_, risk] = exits(objection);
    assert_eq!(world.try_sign("maya", risk).unwrap_err().code, "who.owner-only");
    let stranger = Person::new("eve", Role::ApprovalOwner, "first");
    let actor = Actor { id: stranger.id, kind: ActorKind::Human, role: Role::ApprovalOwner };
    assert!(world.decided(&actor, remark()).is_err());
}
