//! Approval binds: whatever it stands on, changing it ends both signatures, and changing it back revives nothing.

use probity_core::board::Board;
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{ClaimId, HoldId, ObjectionId, PassageId};
use probity_core::readiness::{Rule, Verdict};

use super::fixture::at;
use super::world::{BOARD, World, accepted, approval_of, cite, hours, named, proposed, remark, text};

type Change = fn(&mut World);

/// Everything an approval stands on, and a way to change it. The world begins with an objection whose risk was accepted, so that
/// its fate can change as well.
const CONSTITUENTS: &[(&str, Change)] = &[
    ("terms-revised", |world| {
        let mut terms = world.packet.terms.clone();
        terms.expires = at("2026-12-24T00:00:00Z");
        world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
    }),
    ("passage-accepted", |world| {
        let passage = PassageId(world.ask("maya", proposed(Section::Rollback, Origin::Human, &[])));
        world.ask("maya", accepted(passage, &[]));
    }),
    ("claim-made", |world| {
        let claim = probity_core::claim::ClaimText {
            citations: vec![cite(&world.secret(), "/body/path")],
            ..text("It is in the vault")
        };
        world.claim("maya", claim);
    }),
    ("claim-retracted", |world| {
        let claim = *world.packet.claims.keys().last().unwrap();
        let retracted = ClaimRetracted { claim, reason: "It says too little.".to_owned() };
        world.ask("maya", Event::ClaimRetracted(retracted));
    }),
    ("claim-reaffirmed", |world| {
        world.sources.rotated = "2026-10-04T03:00:00Z".to_owned();
        world.sweep();
        let claim = *world.packet.claims.keys().next().unwrap();
        let reaffirmed = ClaimReaffirmed {
            claim,
            citations: vec![cite(&world.secret(), "/body/last-rotated")],
            addresses: vec![cite(&world.requirement(), "/body/text")],
        };
        world.ask("maya", Event::ClaimReaffirmed(reaffirmed));
    }),
    ("objection-raised", |world| {
        world.object("imani", Severity::Low);
    }),
    ("objection-answered", |world| {
        let objection = first_objection(world);
        let text = "It will be rehearsed.".to_owned();
        world.ask("maya", Event::ObjectionAnswered(ObjectionAnswered { objection, text, citations: vec![] }));
    }),
    ("objection-withdrawn", |world| {
        let objection = first_objection(world);
        world.sign("lucia", Decision::ObjectionWithdrawn { objection, reason: "It is said.".to_owned() });
    }),
    ("risk-accepted", |world| {
        let objection = first_objection(world);
        let (rationale, expires) = ("Longer.".to_owned(), at("2026-12-30T00:00:00Z"));
        world.sign("dana", Decision::RiskAccepted { objection, rationale, expires });
    }),
    ("reviewer-named", |world| {
        world.ask("maya", named("tess", "security"));
    }),
    ("reviewer-released", |world| {
        let (reviewer, discipline) = ("imani".parse().unwrap(), "security".parse().unwrap());
        let released = ReviewerReleased { reviewer, discipline, reason: "On leave.".to_owned() };
        world.ask("dana", Event::ReviewerReleased(released));
    }),
    ("ownership-accepted", |world| {
        world.sign("dana", Decision::OwnershipOffered { to: "noor".parse().unwrap() });
        world.sign("noor", Decision::OwnershipAccepted);
    }),
    ("owner-replaced", |world| {
        let (owner, reason) = ("noor".parse().unwrap(), "Cannot be reached.".to_owned());
        world.sign("omar", Decision::OwnerReplaced { owner, reason });
    }),
    ("condition-stated", |world| {
        let claims = world.packet.condition.as_ref().unwrap().claims.clone();
        let stated = ConditionStated { text: "The credential was rotated.".to_owned(), claims };
        world.ask("dana", Event::ConditionStated(stated));
    }),
    ("follow-up-scheduled", |world| {
        let follow_up = world.follow_up();
        world.ask("maya", follow_up);
    }),
    ("policy-adopted", |world| {
        world.board = Board::parse(&format!("{BOARD}\n# Another text.\n")).unwrap();
        let adopted = PolicyAdopted { policy: world.board.digest, subjects: world.subjects.digest };
        world.ask("probity", Event::PolicyAdopted(adopted));
    }),
    ("exposure-declared", |world| {
        let declared = ExposureDeclared { reason: "It was in a log.".to_owned(), evidence: None };
        world.ask("imani", Event::ExposureDeclared(declared));
    }),
];

fn first_objection(world: &World) -> ObjectionId {
    *world.packet.objections.keys().next().unwrap()
}

fn ready_with_an_accepted_risk() -> World {
    let mut world = World::reviewable();
    let objection = world.object("lucia", Severity::Medium);
    let (rationale, expires) = ("Until the milestone.".to_owned(), at("2026-12-20T00:00:00Z"));
    world.sign("dana", Decision::RiskAccepted { objection, rationale, expires });
    world.review_all();
    world.sign("maya", Decision::ReadinessAccepted);
    world.sign("dana", Decision::ReadinessAccepted);
    assert_eq!(
        world.report().verdict,
        Verdict::Ready,
        "{:#?}",
        world.report().blockers().collect::<Vec<_>>()
    );
    world
}

#[test]
fn changing_anything_an_approval_stands_on_ends_both_signatures_and_names_the_difference() {
    let ready = ready_with_an_accepted_risk();
    for (word, change) in CONSTITUENTS {
        let mut world = ready.clone();
        let before = world.packet.approval_since;
        change(&mut world);
        assert!(world.packet.approval_since > before, "{word}");
        let report = world.report();
        assert_ne!(report.verdict, Verdict::Ready, "{word}");
        for who in ["author", "owner"] {
            let mut lines = report.blockers().filter(|line| line.rule == Rule::Signatures);
            let line = lines.find(|line| line.subject.as_deref() == Some(who));
            let line = line.unwrap_or_else(|| panic!("{word}: the {who}'s signature stands"));
            let named = line.reason.contains(word) || line.code == "signature.of-another";
            assert!(named, "{word}: {}", line.reason);
        }
        let handoff = world.handoff();
        let owner = world.packet.owner.id.to_string();
        assert!(world.try_sign(&owner, handoff).is_err(), "{word}");
    }
}

#[test]
fn changing_it_back_revives_nothing() {
    let mut world = World::ready();
    let terms = world.packet.terms.clone();
    let approval = world.packet.approval_digest().unwrap();
    let mut other = terms.clone();
    other.expires = at("2026-12-24T00:00:00Z");
    world.ask("maya", Event::TermsRevised(TermsRevised { terms: other }));
    world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
    assert_eq!(world.packet.approval_digest().unwrap(), approval, "it is what was signed");
    let report = world.report();
    assert_eq!(report.verdict, Verdict::InReview);
    let ended = |rule| report.blockers().filter(|line| line.rule == rule).count();
    assert_eq!((ended(Rule::Reviews), ended(Rule::Signatures)), (2, 2));
}

#[test]
fn what_is_not_part_of_an_approval_leaves_it_standing() {
    let mut world = World::ready();
    let claims: Vec<ClaimId> = world.packet.claims.keys().copied().collect();
    let draft = PassageId(world.ask("scribe", proposed(Section::Rollback, Origin::Agent, &claims)));
    let declined = PassageDeclined { passage: draft, reason: DeclineReason::Premature, note: String::new() };
    world.ask("maya", Event::PassageDeclined(declined));
    let claim = probity_core::claim::ClaimText {
        citations: vec![cite(&world.secret(), "/body/path")],
        ..text("A draft")
    };
    world.claim("scribe", claim);
    world.ask("lucia", remark());
    world.sign("lucia", approval_of("sre"));
    let hold = HoldId(world.ask("imani", Event::HoldPlaced(HoldPlaced { reason: "A question.".to_owned() })));
    assert_eq!(world.report().verdict, Verdict::Held);
    world.ask("dana", Event::HoldReleased(HoldReleased { hold, reason: "Answered.".to_owned() }));
    world.wait(hours(1));
    assert_eq!(
        world.report().verdict,
        Verdict::Ready,
        "{:#?}",
        world.report().blockers().collect::<Vec<_>>()
    );
    world.hand_off();
}

#[test]
fn a_statement_of_before_a_change_is_not_taken_after_it() {
    let mut world = World::reviewable();
    world.review_all();
    let statement = world.statement("maya", Decision::ReadinessAccepted);
    let terms = world.packet.terms.clone();
    let mut other = terms.clone();
    other.expires = at("2026-12-24T00:00:00Z");
    world.ask("maya", Event::TermsRevised(TermsRevised { terms: other }));
    world.ask("maya", Event::TermsRevised(TermsRevised { terms }));
    let command = world.signed("maya", statement);
    let refusal = world.decided(&world.actor("maya"), command).unwrap_err();
    assert_eq!(refusal.code, "statement.moved");
    assert!(refusal.rule.contains("terms-revised"), "{}", refusal.rule);
    let mut drafting = World::reviewable();
    drafting.review_all();
    let statement = drafting.statement("maya", Decision::ReadinessAccepted);
    drafting.ask("scribe", proposed(Section::Rollback, Origin::Agent, &[]));
    let command = drafting.signed("maya", statement);
    assert!(drafting.decided(&drafting.actor("maya"), command).is_ok(), "an agent's draft starves nobody");
}

#[test]
fn the_owner_signs_after_the_author() {
    let mut world = World::reviewable();
    world.review_all();
    assert_eq!(
        world.try_sign("dana", Decision::ReadinessAccepted).unwrap_err().code,
        "readiness.author-first"
    );
}
