//! Agents cannot decide, and neither can a stolen token: every decision takes a human's key over exactly what was shown.

use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::decide;
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{CauseId, ObjectionId, PacketId};
use probity_core::registry::KeyChange;
use probity_core::signature::PublicKey;
use probity_core::statement::Statement;

use super::fixture::{Person, at, uuid};
use super::world::{World, agent, approval_of, enrol, hours, remark};

/// Every decision, and who would make it.
fn decisions(world: &World) -> Vec<(&'static str, Decision)> {
    let objection = *world.packet.objections.keys().next().unwrap_or(&ObjectionId(1));
    let reason = || "For the test.".to_owned();
    vec![
        ("dana", Decision::OwnershipOffered { to: "noor".parse().unwrap() }),
        ("dana", Decision::OwnershipAccepted),
        ("omar", Decision::OwnerReplaced { owner: "noor".parse().unwrap(), reason: reason() }),
        ("imani", approval_of("security")),
        ("lucia", Decision::ObjectionWithdrawn { objection, reason: reason() }),
        (
            "dana",
            Decision::RiskAccepted { objection, rationale: reason(), expires: at("2026-12-20T00:00:00Z") },
        ),
        ("dana", Decision::LoopResumed { causes: vec![CauseId(1)], incident: reason(), outcome: reason() }),
        ("maya", Decision::ReadinessAccepted),
        ("dana", world.handoff()),
    ]
}

/// Callers that are no persons.
fn programs() -> Vec<Actor> {
    let program = |id: &str, kind, role| Actor { id: id.parse().unwrap(), kind, role };
    let mut programs = vec![agent(), decide::host(), program("watcher", ActorKind::Service, Role::Monitor)];
    // An agent under a person's name, as a stolen or misused credential would have it.
    for name in ["maya", "dana", "imani", "lucia", "omar"] {
        programs.push(program(name, ActorKind::Agent, Role::Agent));
        programs.push(program(name, ActorKind::Service, Role::Operator));
    }
    programs
}

fn world() -> World {
    let mut world = World::reviewable();
    world.object("lucia", Severity::Medium);
    world
}

#[test]
fn no_program_decides_anything_even_with_a_good_human_signature() {
    let world = world();
    let all = decisions(&world);
    assert_eq!(all.len(), Decision::WORDS.len(), "every decision is tried");
    for (who, decision) in all {
        let word = decision.word();
        let command = world.signed(who, world.statement(who, decision));
        for actor in programs() {
            let refusal = world.decided(&actor, command.clone()).unwrap_err();
            assert_eq!(refusal.code, "who.signer", "{word} by {actor:?}");
        }
    }
}

#[test]
fn a_statement_counts_only_as_it_was_shown_and_signed() {
    let world = world();
    let maya = |world: &World| world.statement("imani", approval_of("security"));
    let check = |world: &World, statement: Statement, code: &str| {
        let command = world.signed("imani", statement);
        let refusal = world.decided(&world.actor("imani"), command).unwrap_err();
        assert_eq!(refusal.code, code, "{}", refusal.rule);
    };
    assert!(world.decided(&world.actor("imani"), world.signed("imani", maya(&world))).is_ok());

    let other: PacketId = uuid(0xb, 9);
    check(&world, Statement { packet: other, ..maya(&world) }, "statement.packet");
    check(&world, Statement { v: 2, ..maya(&world) }, "statement.packet");
    let mut head = world.packet.head;
    head.digest = world.packet.policy;
    check(&world, Statement { head, ..maya(&world) }, "statement.head");
    check(&world, Statement { text: world.packet.policy, ..maya(&world) }, "statement.moved");
    check(&world, Statement { approval: world.packet.policy, ..maya(&world) }, "statement.moved");
    check(&world, Statement { policy: world.packet.subjects, ..maya(&world) }, "statement.moved");
    check(&world, Statement { evidence: vec![], ..maya(&world) }, "statement.moved");
    check(&world, Statement { objections: vec![], ..maya(&world) }, "statement.moved");
    let later = world.now.plus(hours(1)).unwrap();
    check(&world, Statement { instant: later, ..maya(&world) }, "statement.instant");
    check(&world, Statement { good_until: Some(world.now), ..maya(&world) }, "statement.ended");
    let mut late = world.clone();
    let statement = maya(&world);
    late.now = world.now.plus(hours(1)).unwrap().plus(std::time::Duration::from_secs(1)).unwrap();
    check(&late, statement, "statement.instant");
}

#[test]
fn an_approval_promises_no_more_than_the_evidence_does() {
    let mut world = World::reviewable();
    world.review_all();
    let statement = world.statement("maya", Decision::ReadinessAccepted);
    let bound = statement.good_until.unwrap();
    for good_until in [None, Some(bound.plus(hours(1)).unwrap())] {
        let command = world.signed("maya", Statement { good_until, ..statement.clone() });
        let refusal = world.decided(&world.actor("maya"), command).unwrap_err();
        assert_eq!(refusal.code, "statement.good-until");
    }
    let less = Statement { good_until: Some(bound.minus(hours(1)).unwrap()), ..statement };
    assert!(world.decided(&world.actor("maya"), world.signed("maya", less)).is_ok());
}

#[test]
fn a_key_counts_for_its_person_while_it_is_theirs() {
    let world = world();
    let statement = world.statement("imani", approval_of("security"));
    let bytes = statement.bytes().unwrap();
    let signed_with = |person: &Person| {
        Event::Decided(Decided { statement: statement.clone(), signature: person.sign(&bytes) })
    };
    let refused = |world: &World, person: &Person| {
        let refusal = world.decided(&world.actor("imani"), signed_with(person)).unwrap_err();
        assert_eq!(refusal.code, "signature.refused", "{}", refusal.rule);
    };
    refused(&world, world.person("lucia"));
    let second = Person::new("imani", Role::Reviewer, "second");
    refused(&world, &second);
    let mut later = world.clone();
    enrol(&mut later.keys, &second, world.now.plus(hours(1)).unwrap());
    refused(&later, &second);
    let mut enrolled = world.clone();
    enrol(&mut enrolled.keys, &second, world.now);
    assert!(enrolled.decided(&enrolled.actor("imani"), signed_with(&second)).is_ok());
    let fingerprint = PublicKey::parse(&second.public_key()).unwrap().fingerprint();
    let change = KeyChange::Revoked { fingerprint, reason: "Lost.".to_owned() };
    let entry = enrolled.keys.next(enrolled.now, "operator", change).unwrap();
    enrolled.keys.apply(&entry);
    refused(&enrolled, &second);
    let mut wrong = statement.clone();
    wrong.signer = "lucia".parse().unwrap();
    let command = world.signed("lucia", wrong);
    assert_eq!(world.decided(&world.actor("imani"), command).unwrap_err().code, "who.signer");
}

#[test]
fn a_board_that_wants_hardware_keys_takes_no_others() {
    let mut world = world();
    world.board.hardware_keys = true;
    let command = world.signed("imani", world.statement("imani", approval_of("security")));
    let refusal = world.decided(&world.actor("imani"), command).unwrap_err();
    assert_eq!(refusal.code, "signature.refused");
    assert!(refusal.rule.contains("hardware"), "{}", refusal.rule);
}

#[test]
fn an_agent_drafts_and_what_it_drafts_stays_a_draft() {
    let mut world = world();
    let accepted_before = world.packet.accepted_claims().count();
    let text = super::world::text("An agent's claim");
    let claim = probity_core::claim::ClaimText {
        citations: vec![super::world::cite(&world.secret(), "/body/path")],
        ..text
    };
    let claim = world.claim("scribe", claim);
    assert_eq!(world.packet.accepted_claims().count(), accepted_before);
    let objection = *world.packet.objections.keys().next().unwrap();
    let text = "It is said.".to_owned();
    world.ask("scribe", Event::ObjectionAnswered(ObjectionAnswered { objection, text, citations: vec![] }));
    assert!(!world.packet.objections[&objection].is_answered());
    let scribe = agent();
    for (command, code) in [
        (Event::ClaimAccepted(ClaimAccepted { claim }), "who.humans-only"),
        (Event::ObjectionRaised(raised()), "who.humans-only"),
        (Event::HoldPlaced(HoldPlaced { reason: "x".to_owned() }), "who.humans-only"),
        (Event::PacketWithdrawn(PacketWithdrawn { reason: "x".to_owned() }), "who.humans-only"),
        (super::world::named("tess", "security"), "who.humans-only"),
        (super::world::proposed(Section::Rollback, Origin::Human, &[]), "passage.origin"),
    ] {
        let word = command.word();
        assert_eq!(world.decided(&scribe, command).unwrap_err().code, code, "{word}");
    }
    assert!(world.decided(&scribe, remark()).is_ok());
}

fn raised() -> ObjectionRaised {
    match super::world::objection(Severity::Low) {
        Event::ObjectionRaised(raised) => raised,
        _ => unreachable!("it is an objection"),
    }
}
