//! Freshness blocks at the second, and nothing but newer evidence makes anything fresh.

use std::time::Duration;

use probity_core::event::Decision;
use probity_core::readiness::{Rule, Verdict};

use super::fixture::at;
use super::world::{World, days, hours};

#[test]
fn ready_now_and_held_one_second_past_the_earliest_bound() {
    let world = World::ready();
    let report = world.report();
    assert_eq!(report.verdict, Verdict::Ready, "{:#?}", report.blockers().collect::<Vec<_>>());
    // The sweep of the vault began first, so it is the first to be a week old.
    let bound = report.good_until.unwrap();
    assert!(world.report_at(bound.minus(Duration::from_secs(1)).unwrap()).verdict == Verdict::Ready);
    let before = world.packet.clone();
    let past = world.report_at(bound.plus(Duration::from_secs(1)).unwrap());
    assert_eq!(past.verdict, Verdict::Held);
    let line = past.blockers().find(|line| line.rule == Rule::Claims).unwrap();
    assert_eq!(line.evidence, Some(world.secret()));
    assert_eq!(line.since, Some(bound));
    assert!(line.reason.contains("7d"), "the age allowed is named: {}", line.reason);
    assert!(line.subject.as_deref().unwrap().starts_with("claim-"));
    let signatures: Vec<_> = past.blockers().filter(|line| line.rule == Rule::Signatures).collect();
    assert_eq!(signatures.len(), 2, "both signatures were good until then");
    assert_eq!(world.packet, before, "nothing was written");
    assert_eq!(
        world.report_at(world.now).bytes().unwrap(),
        report.bytes().unwrap(),
        "asked again, it is ready"
    );
}

#[test]
fn a_signature_ends_at_good_until_even_when_the_evidence_is_seen_again() {
    let mut world = World::ready();
    let bound = world.report().good_until.unwrap();
    world.now = bound.minus(hours(2)).unwrap();
    world.sweep();
    assert_eq!(
        world.report().verdict,
        Verdict::Ready,
        "the evidence is newer, and the signatures good still"
    );
    world.now = bound.plus(Duration::from_secs(1)).unwrap();
    let report = world.report();
    assert_eq!(report.verdict, Verdict::AwaitingSignatures, "{:#?}", report.blockers().collect::<Vec<_>>());
    assert!(report.blockers().all(|line| line.code == "signature.past"));
    let handoff = world.handoff();
    assert_eq!(world.try_sign("dana", handoff).unwrap_err().code, "handoff.not-ready");
    world.sign("maya", Decision::ReadinessAccepted);
    world.sign("dana", Decision::ReadinessAccepted);
    assert_eq!(world.report().verdict, Verdict::Ready);
}

#[test]
fn fetching_an_old_event_again_never_makes_it_fresh() {
    let mut world = World::ready();
    // The rehearsal of 1 October counts for 60 days, however often it is fetched.
    for _ in 0..9 {
        world.wait(days(7));
        world.sweep();
    }
    assert!(world.now > at("2026-12-05T00:00:00Z"));
    let report = world.report();
    let stale = report.blockers().find(|line| line.evidence == Some(world.rollback())).unwrap();
    assert_eq!((stale.code.as_str(), stale.since), ("claim.stale", Some(at("2026-11-30T09:00:00Z"))));
}

#[test]
fn sweeping_unchanged_evidence_never_makes_anything_stale() {
    let mut world = World::ready();
    for _ in 0..12 {
        world.wait(hours(48));
        let before = world.report();
        world.sweep();
        let after = world.report();
        for (before, after) in before.claims.iter().zip(&after.claims) {
            assert!(after.support.standing >= before.support.standing, "{before:?} became {after:?}");
        }
    }
}
