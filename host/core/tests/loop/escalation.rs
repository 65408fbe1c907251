//! Exposure stops the loop: at whichever step it is seen, nothing reaches the board until a human resumes.

use probity_core::book::Book;
use probity_core::claim::Examined;
use probity_core::event::*;
use probity_core::id::CauseId;
use probity_core::readiness::{Exposure, Verdict, exposures};

use super::world::{World, hours, named, received, recorded};

type Step = (&'static str, fn(&mut World));

/// The way to the board, step by step.
fn steps() -> Vec<Step> {
    vec![
        ("claims", |world| {
            world.sources.rollback = Some("2026-10-01T09:00:00Z".to_owned());
            world.sweep();
            let rotated = world.claim_rotated();
            let rehearsed = world.claim_rehearsed();
            world.claim_quiet();
            world.write("maya", Section::Summary, &[]);
            world.write("maya", Section::ResidualRisk, &[rotated, rehearsed]);
        }),
        ("reviewers", |world| {
            world.ask("maya", named("imani", "security"));
            world.ask("maya", named("lucia", "sre"));
        }),
        ("owner", |world| {
            world.sign("dana", Decision::OwnershipAccepted);
            let claims = vec![*world.packet.claims.keys().next().unwrap()];
            world
                .ask("dana", Event::ConditionStated(ConditionStated { text: "Rotated.".to_owned(), claims }));
            let follow_up = world.follow_up();
            world.ask("maya", follow_up);
        }),
        ("reviews", World::review_all),
        ("author signs", |world| {
            world.sign("maya", Decision::ReadinessAccepted);
        }),
        ("owner signs", |world| {
            world.sign("dana", Decision::ReadinessAccepted);
        }),
    ]
}

fn found(world: &World) -> Vec<Exposure> {
    let book: Book = world.book_at(world.now);
    exposures(&world.packet, &Examined::new(&book, &world.subjects), &world.board)
}

/// The host records what is in evidence, as its rounds do.
fn record(world: &mut World) -> usize {
    let found = found(world);
    for Exposure { evidence, revision, reason } in found.clone() {
        world.ask("probity", Event::ExposureDetected(ExposureDetected { evidence, revision, reason }));
    }
    found.len()
}

fn expose(world: &mut World, reason: Option<&str>) {
    world.wait(hours(1));
    world.sources.exposure = reason.map(str::to_owned);
    world.sweep();
}

fn resume(world: &mut World) {
    let causes: Vec<CauseId> = world.packet.open_causes().map(|cause| cause.id).collect();
    let (incident, outcome) = ("INC-12".to_owned(), "The token was revoked.".to_owned());
    world.sign("dana", Decision::LoopResumed { causes, incident, outcome });
}

#[test]
fn exposure_at_any_step_keeps_the_packet_from_the_board_until_a_human_resumes() {
    let steps = steps();
    for at in 0..=steps.len() {
        let mut world = World::opened();
        for (_, step) in &steps[..at] {
            step(&mut world);
        }
        expose(&mut world, Some("a token is in a public place"));
        // Before the host recorded it, rule 1 already sees it.
        assert_eq!(world.report().verdict, Verdict::Escalated, "after {at} steps");
        let handoff = world.handoff();
        assert!(world.try_sign("dana", handoff).is_err(), "after {at} steps, before it is recorded");
        assert_eq!(record(&mut world), 1);
        assert_eq!(record(&mut world), 0, "one cause is recorded once");
        frozen(&mut world, at);
        resume(&mut world);
        assert_ne!(world.report().verdict, Verdict::Escalated);
        let signed = world.report().lines.iter().filter(|line| line.code == "signatures.satisfied").count();
        assert_eq!(signed, 0, "what was signed before is not signed after, {at} steps");
    }
}

/// Whoever tries whatever: nothing gets a frozen packet to the board.
fn frozen(world: &mut World, at: usize) {
    for (_, rest) in steps() {
        let mut copy = world.clone();
        // Each further step is refused by the phase, at its first command.
        let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| rest(&mut copy)));
        assert!(refused.is_err(), "after {at} steps a step was taken while frozen");
    }
    for who in ["maya", "dana", "noor", "imani", "lucia", "omar"] {
        let handoff = world.handoff();
        let refusal = world.clone().try_sign(who, handoff).unwrap_err();
        assert_eq!(refusal.code, "phase.frozen", "{who}");
        let resumed = Decision::LoopResumed {
            causes: world.packet.open_causes().map(|cause| cause.id).collect(),
            incident: "INC-12".to_owned(),
            outcome: "Done.".to_owned(),
        };
        assert_eq!(world.clone().try_sign(who, resumed).is_ok(), who == "dana", "{who}");
    }
    // An owner who cannot act is replaced, and the new one resumes.
    let mut replaced = world.clone();
    let (owner, reason) = ("noor".parse().unwrap(), "Cannot be reached.".to_owned());
    replaced.sign("omar", Decision::OwnerReplaced { owner, reason });
    let causes = replaced.packet.open_causes().map(|cause| cause.id).collect();
    let (incident, outcome) = ("INC-12".to_owned(), "Done.".to_owned());
    replaced.sign("noor", Decision::LoopResumed { causes, incident, outcome });
    assert!(!replaced.packet.is_frozen());
}

#[test]
fn a_cleared_cause_fires_again_only_when_it_changes_or_returns() {
    let mut world = World::ready();
    expose(&mut world, Some("a token is in a public place"));
    assert_eq!(record(&mut world), 1);
    expose(&mut world, None);
    expose(&mut world, Some("a token is in a public place"));
    assert_eq!(found(&world), [], "nobody has cleared it yet, whatever became of it meanwhile");
    resume(&mut world);
    world.wait(hours(1));
    world.sweep();
    assert_eq!(found(&world), [], "the same exposure, seen again");
    expose(&mut world, Some("another token is in a public place"));
    assert_eq!(record(&mut world), 1, "another reason");
    resume(&mut world);
    expose(&mut world, None);
    assert_eq!(found(&world), [], "it ended");
    expose(&mut world, Some("another token is in a public place"));
    assert_eq!(record(&mut world), 1, "it returned");
    assert_eq!(world.packet.causes.len(), 3);
}

#[test]
fn exposure_after_the_handoff_is_recorded() {
    let mut world = World::ready();
    let submission = world.hand_off();
    world.ask("probity", recorded(&submission, received()));
    expose(&mut world, Some("a token is in a public place"));
    assert_eq!(record(&mut world), 1);
    assert_eq!(world.report().verdict, Verdict::HandedOff);
    assert!(world.packet.is_frozen());
}
