//! A review that does not count says why, and since when.

use probity_core::event::*;
use probity_core::instant::Instant;
use probity_core::readiness::{Line, Rule};

use super::fixture::at;
use super::world::{World, hours, named};

/// The line of the security review.
fn security(world: &World) -> Line {
    let lines = world.report().lines;
    let mut lines = lines.into_iter().filter(|line| line.rule == Rule::Reviews);
    lines.find(|line| line.subject.as_deref() == Some("security")).unwrap()
}

fn said(world: &World) -> (String, Option<Instant>, String) {
    let line = security(world);
    let who = line.clear.iter().map(|clearing| clearing.who.as_str()).collect::<Vec<_>>().join(", ");
    (line.code, line.since, who)
}

/// Somebody's word on the text, and when it was given.
fn review(world: &mut World, who: &str, verdict: ReviewVerdict) -> Instant {
    let at = world.now;
    let (discipline, note) = ("security".parse().unwrap(), "Read twice.".to_owned());
    world.sign(who, Decision::ReviewRecorded { discipline, verdict, note });
    world.wait(hours(1));
    at
}

#[test]
fn a_review_that_is_missing_names_who_gives_it() {
    let world = World::reviewable();
    assert_eq!(said(&world), ("review.missing".to_owned(), None, "imani".to_owned()));
}

#[test]
fn a_reviewers_last_word_counts() {
    let mut world = World::reviewable();
    review(&mut world, "imani", ReviewVerdict::Approve);
    assert_eq!(security(&world).code, "reviews.satisfied");
    let abstained = review(&mut world, "imani", ReviewVerdict::Abstain);
    assert_eq!(said(&world), ("review.abstained".to_owned(), Some(abstained), "imani".to_owned()));
    review(&mut world, "imani", ReviewVerdict::Approve);
    assert_eq!(security(&world).code, "reviews.satisfied");
}

#[test]
fn a_review_of_an_earlier_text_is_outdated_since_the_text_changed() {
    let mut world = World::reviewable();
    review(&mut world, "imani", ReviewVerdict::Approve);
    let changed = world.now;
    let mut terms = world.packet.terms.clone();
    terms.expires = at("2026-12-24T00:00:00Z");
    world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
    // What changes no text later on is not what ended it.
    world.wait(hours(5));
    world.ask("maya", named("tess", "security"));
    assert_eq!(said(&world), ("review.outdated".to_owned(), Some(changed), "imani, tess".to_owned()));
}

#[test]
fn a_review_by_who_is_no_longer_named_does_not_count_and_is_not_called_outdated() {
    let mut world = World::reviewable();
    review(&mut world, "imani", ReviewVerdict::Approve);
    let (reviewer, discipline) = ("imani".parse().unwrap(), "security".parse().unwrap());
    let released = ReviewerReleased { reviewer, discipline, reason: "On leave.".to_owned() };
    world.ask("dana", Event::ReviewerReleased(released));
    assert_eq!(said(&world), ("review.no-longer-counts".to_owned(), None, "maya".to_owned()));
    assert!(security(&world).clear[0].how.contains("name a reviewer"));
}

#[test]
fn a_signature_ended_when_the_first_entry_changed_what_it_stood_on() {
    let mut world = World::ready();
    let changed = world.now;
    let follow_up = world.follow_up();
    world.ask("maya", follow_up);
    world.wait(hours(2));
    world.object("imani", probity_core::evidence::Severity::Low);
    let report = world.report();
    let ended: Vec<_> = report.blockers().filter(|line| line.rule == Rule::Signatures).collect();
    assert_eq!(ended.len(), 2);
    for line in ended {
        assert_eq!((line.code.as_str(), line.since), ("signature.ended", Some(changed)), "{}", line.reason);
        assert!(line.reason.contains("follow-up-scheduled") && line.reason.contains("objection-raised"));
    }
}
