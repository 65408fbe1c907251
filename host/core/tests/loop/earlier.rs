//! What happened earlier stands in the way: things are done once, in their order, and not by the same person twice.

use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::board::Board;
use probity_core::claim::{ClaimText, Test};
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{ClaimId, FollowUpId, HoldId, ObjectionId, PassageId, RemarkId};

use super::fixture::{Person, at};
use super::world::*;

/// The code somebody is refused with.
fn refused(world: &World, who: &str, command: Command) -> String {
    let word = command.word();
    match world.decided(&world.actor(who), command) {
        Ok(_) => panic!("{who} {word} is taken"),
        Err(refusal) => refusal.code,
    }
}

fn refused_to_sign(world: &World, who: &str, decision: Decision) -> String {
    refused(world, who, world.signed(who, world.statement(who, decision)))
}

fn reason() -> String {
    "For the test.".to_owned()
}

fn raised(remark: RemarkId) -> Command {
    let Event::ObjectionRaised(raised) = objection(Severity::Low) else { panic!("it is that") };
    Event::ObjectionRaised(ObjectionRaised { remark: Some(remark), ..raised })
}

#[test]
fn a_remark_is_raised_to_an_objection_once_and_by_who_made_it() {
    let mut world = World::reviewable();
    let made = RemarkId(world.ask("imani", remark()));
    assert_eq!(refused(&world, "lucia", raised(made)), "remark.not-yours");
    world.ask("imani", raised(made));
    assert_eq!(refused(&world, "imani", raised(made)), "remark.raised");
}

#[test]
fn what_was_withdrawn_is_neither_answered_nor_withdrawn_nor_carried() {
    let mut world = World::reviewable();
    let objection = world.object("lucia", Severity::Medium);
    let withdrawn = || Decision::ObjectionWithdrawn { objection, reason: reason() };
    world.sign("lucia", withdrawn());
    assert_eq!(refused_to_sign(&world, "lucia", withdrawn()), "objection.withdrawn");
    let answer = ObjectionAnswered { objection, text: reason(), citations: vec![] };
    assert_eq!(refused(&world, "maya", Event::ObjectionAnswered(answer)), "objection.withdrawn");
    let expires = at("2026-12-20T00:00:00Z");
    let risk = Decision::RiskAccepted { objection, rationale: reason(), expires };
    assert_eq!(refused_to_sign(&world, "dana", risk), "objection.withdrawn");
}

#[test]
fn a_risk_over_the_ceiling_or_of_who_has_not_accepted_the_ownership_is_carried_by_nobody() {
    let mut world = World::reviewable();
    let expires = at("2026-12-20T00:00:00Z");
    let risk = |objection| Decision::RiskAccepted { objection, rationale: reason(), expires };
    let critical = world.object("lucia", Severity::Critical);
    assert_eq!(refused_to_sign(&world, "dana", risk(critical)), "risk.over-ceiling");
    let high = world.object("lucia", Severity::High);
    world.sign("dana", risk(high));

    let mut world = World::opened();
    world.ask("maya", named("lucia", "sre"));
    let objection = world.object("lucia", Severity::Low);
    assert_eq!(refused_to_sign(&world, "dana", risk(objection)), "owner.not-accepted");
}

#[test]
fn a_hold_is_released_once() {
    let mut world = World::reviewable();
    let hold = HoldId(world.ask("imani", Event::HoldPlaced(HoldPlaced { reason: reason() })));
    let released = |hold| Event::HoldReleased(HoldReleased { hold, reason: reason() });
    assert_eq!(refused(&world, "dana", released(HoldId(99))), "part.unknown");
    world.ask("dana", released(hold));
    assert_eq!(refused(&world, "dana", released(hold)), "hold.released");
}

#[test]
fn a_claim_that_ended_is_not_retracted_replaced_reaffirmed_or_leant_on() {
    let mut world = World::reviewable();
    let claim = *world.packet.claims.keys().nth(1).unwrap();
    world.ask("maya", Event::ClaimRetracted(ClaimRetracted { claim, reason: reason() }));
    let retracted = Event::ClaimRetracted(ClaimRetracted { claim, reason: reason() });
    assert_eq!(refused(&world, "maya", retracted), "claim.ended");
    let text = ClaimText { citations: vec![cite(&world.secret(), "/body/path")], ..text("Again") };
    let replaces = Event::ClaimMade(ClaimMade { claim: text, replaces: Some(claim) });
    assert_eq!(refused(&world, "maya", replaces), "claim.ended");
    let citations = vec![cite(&world.rollback(), "/body/outcome")];
    let reaffirmed = ClaimReaffirmed { claim, citations, addresses: vec![] };
    assert_eq!(refused(&world, "maya", Event::ClaimReaffirmed(reaffirmed)), "claim.ended");
    assert_eq!(refused(&world, "maya", proposed(Section::Rollback, Origin::Human, &[claim])), "claim.ended");
    let stated = ConditionStated { text: reason(), claims: vec![claim] };
    assert_eq!(refused(&world, "dana", Event::ConditionStated(stated)), "claim.ended");
}

#[test]
fn a_reaffirmation_goes_forward_in_the_same_places() {
    let mut world = World::reviewable();
    let claim = *world.packet.claims.keys().next().unwrap();
    let reaffirm = |world: &World, revision, evidence: &str| {
        let evidence = if evidence == "secret" { world.secret() } else { world.rollback() };
        let cited =
            probity_core::claim::Cite { revision: Some(revision), ..cite(&evidence, "/body/last-rotated") };
        let addresses = vec![cite(&world.requirement(), "/body/text")];
        Event::ClaimReaffirmed(ClaimReaffirmed { claim, citations: vec![cited], addresses })
    };
    world.sources.rotated = "2026-10-04T03:00:00Z".to_owned();
    world.sweep();
    world.ask("maya", reaffirm(&world, 2, "secret"));
    assert_eq!(refused(&world, "maya", reaffirm(&world, 2, "secret")), "claim.nothing-newer");
    assert_eq!(refused(&world, "maya", reaffirm(&world, 1, "secret")), "claim.reaffirm");
}

#[test]
fn a_follow_up_is_done_once_and_a_policy_adopted_once() {
    let mut world = World::reviewable();
    let follow_up = *world.packet.follow_ups.keys().next().unwrap_or(&FollowUpId(0));
    let done = || Event::FollowUpDone(FollowUpDone { follow_up, note: String::new() });
    world.ask("maya", done());
    assert_eq!(refused(&world, "maya", done()), "nothing.changes");
    let (policy, subjects) = (world.packet.policy, world.packet.subjects);
    let adopted = Event::PolicyAdopted(PolicyAdopted { policy, subjects });
    assert_eq!(refused(&world, "probity", adopted), "nothing.changes");
}

#[test]
fn a_submission_goes_forward_and_a_board_judges_what_its_queue_has() {
    let mut world = World::ready();
    let submission = world.hand_off();
    let record = |outcome| recorded(&submission, outcome);
    let unclear = || IntakeOutcome::Unclear { problem: reason() };
    let bounced = || {
        let reasons = vec![BounceReason { rule: None, text: reason() }];
        IntakeOutcome::Bounced { reasons }
    };
    assert_eq!(refused(&world, "omar", record(IntakeOutcome::Accepted)), "intake.not-received");
    world.ask("probity", record(unclear()));
    assert_eq!(refused(&world, "probity", record(unclear())), "intake.past");
    assert_eq!(refused(&world, "omar", record(bounced())), "intake.not-received");
    world.ask("probity", record(received()));
    for past in [received(), unclear()] {
        assert_eq!(refused(&world, "probity", record(past)), "intake.past");
    }
    world.ask("omar", record(IntakeOutcome::Accepted));
    for past in [received(), unclear(), IntakeOutcome::Accepted] {
        assert_eq!(refused(&world, "probity", record(past)), "intake.past");
    }
    world.ask("omar", record(bounced()));
    let decided = IntakeOutcome::Decided { decision: reason(), granted: true };
    for past in [received(), unclear(), IntakeOutcome::Accepted, bounced(), decided] {
        assert_eq!(refused(&world, "probity", record(past)), "intake.past");
    }
}

#[test]
fn at_most_sixty_four_places_are_cited_at_once() {
    let mut world = World::reviewable();
    let objection = world.object("lucia", Severity::Low);
    let cites = |count| vec![cite(&world.secret(), "/body/path"); count];
    let claim = |citations: usize, addresses: usize| {
        let addresses = vec![cite(&world.requirement(), "/body/text"); addresses];
        let claim = ClaimText { citations: cites(citations), addresses, ..text("Much") };
        Event::ClaimMade(ClaimMade { claim, replaces: None })
    };
    let answer = |count| {
        Event::ObjectionAnswered(ObjectionAnswered { objection, text: reason(), citations: cites(count) })
    };
    let maya = world.actor("maya");
    assert!(world.decided(&maya, claim(63, 1)).is_ok());
    assert!(world.decided(&maya, answer(64)).is_ok());
    assert_eq!(refused(&world, "maya", claim(64, 1)), "cite.too-many");
    assert_eq!(refused(&world, "maya", answer(65)), "cite.too-many");
}

#[test]
fn a_check_looks_at_a_citation_that_is_there() {
    let world = World::reviewable();
    let with = |citation: u32| {
        let mut check: probity_core::claim::Check = "age(/body/last-rotated) <= 30d".parse().unwrap();
        check.citation = citation;
        let citations = vec![cite(&world.secret(), "/body/last-rotated")];
        let claim = ClaimText { citations, test: Some(Test::Check(check)), ..text("It is rotated") };
        Event::ClaimMade(ClaimMade { claim, replaces: None })
    };
    assert!(world.decided(&world.actor("maya"), with(0)).is_ok());
    assert_eq!(refused(&world, "maya", with(1)), "claim.check");
}

#[test]
fn a_quote_is_word_for_word_when_proposed_and_when_accepted() {
    let mut world = World::reviewable();
    let quote = |world: &World, said: &str| {
        let Event::PassageProposed(passage) = proposed(Section::Rollback, Origin::Policy, &[]) else {
            panic!("it is that")
        };
        let quotes = Some(cite(&world.requirement(), "/body/text"));
        Event::PassageProposed(PassageProposed { text: said.to_owned(), quotes, ..passage })
    };
    let words = world.sources.requirement.clone();
    assert_eq!(refused(&world, "maya", quote(&world, "It is rotated.")), "passage.not-verbatim");
    let passage = PassageId(world.ask("maya", quote(&world, &words)));
    let accept = |text: &str| {
        let (text, leans_on) = (Some(text.to_owned()), vec![]);
        Event::PassageAccepted(PassageAccepted { passage, text, leans_on, narrative: true })
    };
    assert_eq!(refused(&world, "maya", accept("It is rotated.")), "passage.quote-edited");
    world.ask("maya", accept(&words));

    let objection = world.object("lucia", Severity::Low);
    let of = |objection: Option<ObjectionId>, said: &str| {
        let Event::PassageProposed(passage) = proposed(Section::Rollback, Origin::Objection, &[]) else {
            panic!("it is that")
        };
        Event::PassageProposed(PassageProposed { text: said.to_owned(), objection, ..passage })
    };
    assert_eq!(refused(&world, "maya", of(Some(ObjectionId(99)), "Nobody rolled back")), "passage.objection");
    assert_eq!(refused(&world, "maya", of(Some(objection), "Somebody rolled back")), "passage.not-verbatim");
    world.ask("maya", of(Some(objection), "Nobody rolled back with the new credential"));
}

#[test]
fn a_passage_replaces_packet_language_of_its_own_section() {
    let mut world = World::reviewable();
    let summary = world.packet.accepted_passages().next().unwrap().0.id;
    let replacing = |section| {
        let Event::PassageProposed(passage) = proposed(section, Origin::Human, &[]) else {
            panic!("it is that")
        };
        Event::PassageProposed(PassageProposed { replaces: Some(summary), ..passage })
    };
    assert_eq!(refused(&world, "maya", replacing(Section::Rollback)), "passage.replaces");
    let passage = PassageId(world.ask("maya", replacing(Section::Summary)));
    world.ask("maya", accepted(passage, &[]));
    assert_eq!(refused(&world, "maya", replacing(Section::Summary)), "passage.replaces");
}

/// Adopts another text of the board policy.
fn adopt(world: &mut World, policy: &str) {
    world.board = Board::parse(policy).unwrap();
    let (policy, subjects) = (world.board.digest, world.subjects.digest);
    world.ask("probity", Event::PolicyAdopted(PolicyAdopted { policy, subjects }));
}

#[test]
fn nobody_reviews_twice_or_what_they_write_or_approve() {
    let mut world = World::reviewable();
    let everybody = BOARD.replace("[\"imani\", \"tess\"]", "[\"imani\", \"lucia\", \"maya\", \"dana\"]");
    adopt(&mut world, &everybody);
    for who in ["maya", "dana"] {
        assert_eq!(refused(&world, "dana", named(who, "security")), "reviewer.is-author-or-owner", "{who}");
        assert_eq!(refused_to_sign(&world, who, approval_of("security")), "reviewer.is-author-or-owner");
    }
    world.ask("maya", named("lucia", "security"));
    world.sign("lucia", approval_of("sre"));
    assert_eq!(refused_to_sign(&world, "lucia", approval_of("security")), "reviewer.not-distinct");
    let abstain = Decision::ReviewRecorded {
        discipline: "security".parse().unwrap(),
        verdict: ReviewVerdict::Abstain,
        note: String::new(),
    };
    world.sign("lucia", abstain);
    // Another text is reviewed anew.
    let terms = Terms { expires: at("2026-12-24T00:00:00Z"), ..world.packet.terms.clone() };
    world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
    world.sign("lucia", approval_of("security"));
    // Who is still named but no longer listed does not review.
    adopt(&mut world, &BOARD.replace("[\"lucia\"]", "[\"tess\"]"));
    assert_eq!(refused_to_sign(&world, "lucia", approval_of("sre")), "reviewer.not-named");
}

#[test]
fn a_reviewer_who_is_listed_and_unknown_is_not_named() {
    let mut world = World::reviewable();
    adopt(&mut world, &BOARD.replace("\"tess\"", "\"ghost\""));
    assert_eq!(refused(&world, "maya", named("ghost", "security")), "people.unknown");
}

#[test]
fn whoever_reviews_does_not_become_author_and_the_owner_is_somebody_else() {
    let mut world = World::reviewable();
    let ravi = Person::new("ravi", Role::Author, "first");
    enrol(&mut world.keys, &ravi, world.now);
    world.people.push(ravi);
    world.sign("dana", Decision::OwnershipOffered { to: "noor".parse().unwrap() });
    let mut others = world.clone();
    others.ask("maya", Event::AuthorChanged(AuthorChanged { author: "ravi".parse().unwrap() }));
    assert_eq!(refused(&others, "maya", remark_of_author(&others)), "who.not-yours");
    world.sign("noor", Decision::OwnershipAccepted);
    assert_eq!(refused_to_sign(&world, "dana", Decision::OwnershipAccepted), "owner.not-offered");
    assert_eq!(refused_to_sign(&world, "noor", Decision::OwnershipAccepted), "owner.not-offered");
}

/// Something only the author may.
fn remark_of_author(world: &World) -> Command {
    let claim = world.packet.claims.keys().next().copied().unwrap_or(ClaimId(1));
    Event::ClaimRetracted(ClaimRetracted { claim, reason: reason() })
}

#[test]
fn a_cause_is_recorded_once_and_again_only_in_a_later_revision_after_it_was_cleared() {
    let mut world = World::reviewable();
    let detected = |world: &World, revision, said: &str| {
        let (evidence, reason) = (world.secret(), said.to_owned());
        Event::ExposureDetected(ExposureDetected { evidence, revision, reason })
    };
    let first = detected(&world, 1, "In a log");
    let cause = probity_core::id::CauseId(world.ask("probity", first));
    for revision in [1, 2] {
        assert_eq!(refused(&world, "probity", detected(&world, revision, "In a log")), "exposure.known");
    }
    let resumed =
        Decision::LoopResumed { causes: vec![cause], incident: "INC-1".to_owned(), outcome: reason() };
    world.sign("dana", resumed.clone());
    assert_eq!(refused_to_sign(&world, "dana", resumed), "exposure.causes");
    assert_eq!(refused(&world, "probity", detected(&world, 1, "In a log")), "exposure.known");
    world.ask("probity", detected(&world, 1, "In a mail"));
    world.ask("probity", detected(&world, 2, "In a log"));
}

#[test]
fn who_is_listed_and_not_named_does_not_review_and_an_abstention_takes_nobodys_place() {
    let mut world = World::reviewable();
    assert_eq!(refused_to_sign(&world, "tess", approval_of("security")), "reviewer.not-named");
    adopt(&mut world, &BOARD.replace("[\"imani\", \"tess\"]", "[\"imani\", \"lucia\"]"));
    world.ask("maya", named("lucia", "security"));
    let (discipline, note) = ("security".parse().unwrap(), String::new());
    world.sign("lucia", Decision::ReviewRecorded { discipline, verdict: ReviewVerdict::Abstain, note });
    world.sign("lucia", approval_of("sre"));
}

#[test]
fn a_claim_is_reaffirmed_when_only_the_requirement_it_addresses_is_newer() {
    let mut world = World::reviewable();
    let claim = *world.packet.claims.keys().next().unwrap();
    world.sources.requirement = "The credential is rotated every 20 days.".to_owned();
    world.sweep();
    let reaffirmed = ClaimReaffirmed {
        claim,
        citations: vec![cite(&world.secret(), "/body/last-rotated")],
        addresses: vec![cite(&world.requirement(), "/body/text")],
    };
    world.ask("maya", Event::ClaimReaffirmed(reaffirmed));
}

#[test]
fn readiness_is_accepted_when_everything_else_holds() {
    let mut world = World::reviewable();
    assert_eq!(refused_to_sign(&world, "maya", Decision::ReadinessAccepted), "readiness.not-yet");
    world.review_all();
    world.sign("maya", Decision::ReadinessAccepted);
}

#[test]
fn an_agents_draft_is_taken_back_by_that_agent_and_by_nothing_that_bears_its_name() {
    let mut world = World::reviewable();
    let text = ClaimText { citations: vec![cite(&world.secret(), "/body/path")], ..text("It is kept") };
    let claim = world.claim("scribe", text);
    let retracted = || Event::ClaimRetracted(ClaimRetracted { claim, reason: reason() });
    for (kind, role) in [(ActorKind::Human, Role::Reviewer), (ActorKind::Service, Role::Agent)] {
        let namesake = Actor { kind, role, ..agent() };
        assert_eq!(world.decided(&namesake, retracted()).unwrap_err().code, "who.not-yours");
    }
    world.ask("scribe", retracted());
}
