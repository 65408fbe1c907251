//! One command of each word of the vocabulary, valid but for who asks and when: what the tables of [`super::who`] and
//! [`super::phases`] ask for.

use probity_core::actor::Role;
use probity_core::claim::ClaimText;
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{CauseId, ClaimId, FollowUpId, HoldId, ObjectionId, PassageId};

use super::fixture::{Person, at};
use super::world::{
    World, accepted, approval_of, cite, enrol, named, objection, proposed, received, recorded, remark, text,
};

/// What is asked for.
#[derive(Clone)]
pub enum Asked {
    Plain(Box<Command>),
    /// Whoever asks signs it.
    Signed(Decision),
}

impl Asked {
    pub fn word(&self) -> &'static str {
        match self {
            Self::Plain(command) => command.word(),
            Self::Signed(decision) => decision.word(),
        }
    }
}

/// A command and one of those who may.
pub struct Case {
    /// What tells it from other cases of its word; often nothing.
    pub note: &'static str,
    /// Where it is valid.
    pub place: Place,
    pub who: &'static str,
    pub asked: Asked,
}

/// How far a packet is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// Just opened; the first owner has not accepted.
    Opened,
    /// Worked on, with a part of every sort.
    Working,
    /// Nothing but signatures is missing.
    Signable,
    /// The author signed.
    HalfSigned,
    Ready,
    /// Handed off, not yet in the board's queue.
    Filing,
    Received,
    Frozen,
}

impl Place {
    /// A packet that far. `dana` owns it and offered it to `noor`; `lucia` objected and `dana` carries that risk; `imani` placed
    /// a hold, as long as nothing is signed; `ravi`, `petra` and `olga` have nothing to do with it.
    pub fn world(self) -> World {
        let mut world = if self == Self::Opened { World::opened() } else { World::reviewable() };
        for (name, role) in [
            ("ravi", Role::Author),
            ("petra", Role::ApprovalOwner),
            ("olga", Role::Operator),
            ("probity", Role::Operator),
        ] {
            let person = Person::new(name, role, "first");
            enrol(&mut world.keys, &person, world.now);
            world.people.push(person);
        }
        if self == Self::Opened {
            return world;
        }
        fill(&mut world);
        match self {
            Self::Opened | Self::Working => hold(&mut world),
            Self::Frozen => freeze(&mut world),
            Self::Signable | Self::HalfSigned | Self::Ready | Self::Filing | Self::Received => {
                world.review_all()
            }
        }
        if self >= Self::HalfSigned && self != Self::Frozen {
            world.sign("maya", Decision::ReadinessAccepted);
        }
        if self >= Self::Ready && self != Self::Frozen {
            world.sign("dana", Decision::ReadinessAccepted);
        }
        if matches!(self, Self::Filing | Self::Received) {
            let submission = world.hand_off();
            if self == Self::Received {
                world.ask("probity", recorded(&submission, received()));
            }
        }
        world
    }
}

/// A part of every sort, and newer evidence than is cited.
fn fill(world: &mut World) {
    let claim =
        ClaimText { citations: vec![cite(&world.secret(), "/body/path")], ..text("It is in the vault") };
    world.claim("scribe", claim);
    world.ask("scribe", proposed(Section::Rollback, Origin::Agent, &[]));
    world.sources.rotated = "2026-10-04T03:00:00Z".to_owned();
    world.sweep();
    world.sign("dana", Decision::OwnershipOffered { to: "noor".parse().unwrap() });
    let objection = world.object("lucia", Severity::Medium);
    let (rationale, expires) = ("Until the milestone.".to_owned(), at("2026-12-20T00:00:00Z"));
    world.sign("dana", Decision::RiskAccepted { objection, rationale, expires });
}

fn hold(world: &mut World) {
    world.ask("imani", Event::HoldPlaced(HoldPlaced { reason: "A question.".to_owned() }));
}

/// Somebody declares an exposure, and a hold is placed as well where there are reviewers.
pub fn freeze(world: &mut World) {
    let declared = ExposureDeclared { reason: "It was in a log.".to_owned(), evidence: None };
    world.ask("maya", Event::ExposureDeclared(declared));
    if !world.packet.reviewers.is_empty() {
        hold(world);
    }
}

/// Every word with its command, on the parts of this packet. A part that is not there yet is named all the same.
pub fn cases(world: &World) -> Vec<Case> {
    let plain =
        |who, command| Case { note: "", place: Place::Working, who, asked: Asked::Plain(Box::new(command)) };
    let reason = || "For the test.".to_owned();
    let packet = &world.packet;
    let drafted =
        packet.claims.values().find(|claim| !claim.is_accepted()).map_or(ClaimId(1), |claim| claim.id);
    let claim = packet.accepted_claims().next().map_or(ClaimId(1), |claim| claim.id);
    let draft = packet.passages.values().find(|passage| passage.is_proposed());
    let passage = draft.map_or(PassageId(1), |passage| passage.id);
    let objected = packet.objections.keys().next().copied().unwrap_or(ObjectionId(1));
    let hold = packet.holds.keys().next_back().copied().unwrap_or(HoldId(1));
    let follow_up = packet.follow_ups.keys().next().copied().unwrap_or(FollowUpId(1));
    let mut terms = packet.terms.clone();
    terms.expires = at("2026-12-24T00:00:00Z");
    let another =
        ClaimText { citations: vec![cite(&world.secret(), "/body/path")], ..text("It is in the vault") };
    let mut cases = vec![
        plain("maya", Event::TermsRevised(TermsRevised { terms })),
        plain("maya", Event::PacketWithdrawn(PacketWithdrawn { reason: reason() })),
        plain("maya", Event::AuthorChanged(AuthorChanged { author: "ravi".parse().unwrap() })),
        plain("maya", proposed(Section::Monitoring, Origin::Agent, &[])),
        plain("maya", accepted(passage, &[])),
        plain(
            "maya",
            Event::PassageDeclined(PassageDeclined { passage, reason: DeclineReason::Other, note: reason() }),
        ),
        plain("maya", Event::ClaimMade(ClaimMade { claim: another, replaces: None })),
        plain("maya", Event::ClaimRetracted(ClaimRetracted { claim, reason: reason() })),
        Case {
            note: "the agent's draft",
            ..plain("maya", Event::ClaimRetracted(ClaimRetracted { claim: drafted, reason: reason() }))
        },
        plain("maya", Event::ClaimAccepted(ClaimAccepted { claim: drafted })),
        plain(
            "maya",
            Event::ClaimReaffirmed(ClaimReaffirmed {
                claim,
                citations: vec![cite(&world.secret(), "/body/last-rotated")],
                addresses: vec![cite(&world.requirement(), "/body/text")],
            }),
        ),
        plain("maya", named("tess", "security")),
        plain(
            "maya",
            Event::ReviewerReleased(ReviewerReleased {
                reviewer: "imani".parse().unwrap(),
                discipline: "security".parse().unwrap(),
                reason: reason(),
            }),
        ),
        plain("maya", remark()),
        plain("lucia", objection(Severity::Low)),
        plain(
            "maya",
            Event::ObjectionAnswered(ObjectionAnswered {
                objection: objected,
                text: reason(),
                citations: vec![],
            }),
        ),
        plain("maya", Event::HoldPlaced(HoldPlaced { reason: reason() })),
        plain("imani", Event::HoldReleased(HoldReleased { hold, reason: reason() })),
        plain(
            "probity",
            Event::ExposureDetected(ExposureDetected {
                evidence: world.secret(),
                revision: 1,
                reason: reason(),
            }),
        ),
        plain("maya", Event::ExposureDeclared(ExposureDeclared { reason: reason(), evidence: None })),
        plain("dana", Event::ConditionStated(ConditionStated { text: reason(), claims: vec![claim] })),
        plain(
            "probity",
            Event::PolicyAdopted(PolicyAdopted { policy: packet.subjects, subjects: packet.policy }),
        ),
        plain("maya", world.follow_up()),
        plain("maya", Event::FollowUpDone(FollowUpDone { follow_up, note: reason() })),
    ];
    cases.extend(intake(world));
    cases.extend(decisions(world, objected));
    cases
}

/// What may be recorded of a submission.
fn intake(world: &World) -> Vec<Case> {
    let submission = world.packet.handoffs.last().map_or("none", |handoff| handoff.submission.as_str());
    let reasons = vec![BounceReason { rule: None, text: "For the test.".to_owned() }];
    let unclear = IntakeOutcome::Unclear { problem: "It did not answer.".to_owned() };
    let decided = IntakeOutcome::Decided { decision: "Granted.".to_owned(), granted: true };
    [
        ("received", Place::Filing, received()),
        ("unclear", Place::Filing, unclear),
        ("accepted", Place::Received, IntakeOutcome::Accepted),
        ("bounced", Place::Received, IntakeOutcome::Bounced { reasons }),
        ("decided", Place::Received, decided),
    ]
    .map(|(note, place, outcome)| Case {
        note,
        place,
        who: "probity",
        asked: Asked::Plain(Box::new(recorded(submission, outcome))),
    })
    .into()
}

fn decisions(world: &World, objection: ObjectionId) -> Vec<Case> {
    let reason = || "For the test.".to_owned();
    let causes: Vec<CauseId> = world.packet.open_causes().map(|cause| cause.id).collect();
    let petra = || "petra".parse().unwrap();
    let signed = |place, who, decision| Case { note: "", place, who, asked: Asked::Signed(decision) };
    let noted = |note, case| Case { note, ..case };
    vec![
        signed(Place::Working, "dana", Decision::OwnershipOffered { to: petra() }),
        noted("by the first owner", signed(Place::Opened, "dana", Decision::OwnershipAccepted)),
        noted("after an offer", signed(Place::Working, "noor", Decision::OwnershipAccepted)),
        signed(Place::Working, "omar", Decision::OwnerReplaced { owner: petra(), reason: reason() }),
        signed(Place::Working, "lucia", approval_of("sre")),
        signed(Place::Working, "lucia", Decision::ObjectionWithdrawn { objection, reason: reason() }),
        signed(
            Place::Working,
            "dana",
            Decision::RiskAccepted { objection, rationale: reason(), expires: at("2026-12-23T00:00:00Z") },
        ),
        signed(
            Place::Frozen,
            "dana",
            Decision::LoopResumed { causes, incident: "INC-12".to_owned(), outcome: reason() },
        ),
        noted("first", signed(Place::Signable, "maya", Decision::ReadinessAccepted)),
        noted("after the author", signed(Place::HalfSigned, "dana", Decision::ReadinessAccepted)),
        signed(Place::Ready, "dana", world.handoff()),
    ]
}
