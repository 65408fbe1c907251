//! It can be won: six weeks of the shared-credential exception, day by day, with the verdict after each step.

use probity_core::board::Board;
use probity_core::decide;
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{ClaimId, HoldId, PassageId};
use probity_core::measures::{Measured, measures};
use probity_core::readiness::{Rule, Verdict};

use super::fixture::at;
use super::world::{
    BOARD, World, accepted, cite, hours, named, objection, proposed, received, recorded, text,
};

/// What happened, as it is told.
struct Told {
    world: World,
    lines: Vec<String>,
}

impl Told {
    /// Notes the last entry, or what was seen without one, with the verdict it leaves.
    fn note(&mut self, who: &str, what: &str) {
        let day = self.world.now.to_string();
        let verdict = self.world.report().verdict;
        self.lines.push(format!("{}  {who:<7} {what:<44} {verdict}", &day[5..10]));
    }

    fn ask(&mut self, who: &str, command: Command) -> u32 {
        let word = command.word();
        let seq = self.world.ask(who, command);
        self.note(who, word);
        seq
    }

    fn sign(&mut self, who: &str, decision: Decision) -> u32 {
        let word = decision.word();
        let seq = self.world.sign(who, decision);
        self.note(who, &format!("{word}, signed"));
        seq
    }

    /// A new day begins; `sweep` says whether the sources are swept before it.
    fn day(&mut self, day: &str, sweep: bool, what: &str) {
        self.world.now = at(&format!("{day}T09:00:00Z"));
        if sweep {
            self.world.sweep();
        }
        self.note("", what);
    }
}

const EXPECTED: &str = include_str!("story.txt");

#[test]
fn six_weeks_end_with_the_boards_decision() {
    let mut told = Told { world: World::opened(), lines: Vec::new() };
    told.note("maya", "packet-opened");
    let rotated = prepare(&mut told);
    challenge(&mut told, rotated);
    let submission = bounce(&mut told, rotated);
    win(&mut told, &submission);
    let lines = told.lines.join("\n") + "\n";
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/loop/story.txt"), &lines).unwrap();
    }
    assert_eq!(lines, EXPECTED, "run with UPDATE_EXPECT=1 to write it anew, and read what changed");
    measured(&told.world);
}

/// The first two weeks: claims, words, a draft that says too much, and a hold.
fn prepare(told: &mut Told) -> ClaimId {
    let rotated = told.world.claim_rotated();
    told.note("maya", "claim-made: rotated every 30 days");
    told.world.claim_quiet();
    told.note("maya", "claim-made: no high finding is open");
    let too_much = PassageId(told.ask("scribe", proposed(Section::ResidualRisk, Origin::Agent, &[rotated])));
    let declined = PassageDeclined {
        passage: too_much,
        reason: DeclineReason::Overstated,
        note: "Rotation does not make it negligible.".to_owned(),
    };
    told.ask("maya", Event::PassageDeclined(declined));
    let draft = PassageId(told.ask("scribe", proposed(Section::ResidualRisk, Origin::Agent, &[rotated])));
    let edited = PassageAccepted {
        passage: draft,
        text: Some("Until the milestone, whoever takes the credential reads every queue.".to_owned()),
        leans_on: vec![rotated],
        narrative: false,
    };
    told.ask("maya", Event::PassageAccepted(edited));
    let summary = PassageId(told.ask("maya", proposed(Section::Summary, Origin::Human, &[])));
    told.ask("maya", accepted(summary, &[]));
    for (who, discipline) in [("imani", "security"), ("lucia", "sre")] {
        told.ask("maya", named(who, discipline));
    }
    let hold = HoldPlaced { reason: "No rollback was ever rehearsed.".to_owned() };
    let hold = HoldId(told.ask("lucia", Event::HoldPlaced(hold)));

    told.day("2026-10-14", false, "the sweep of the vault is 9 days old");
    told.world.sources.rollback = Some("2026-10-14T07:00:00Z".to_owned());
    told.day("2026-10-15", true, "swept again; a rollback was rehearsed");
    let rehearsed = told.world.rollback();
    let claim = probity_core::claim::ClaimText {
        citations: vec![cite(&rehearsed, "/body/outcome")],
        ..text("A rollback was rehearsed")
    };
    told.world.claim("maya", claim);
    told.note("maya", "claim-made: a rollback was rehearsed");
    told.ask("lucia", Event::HoldReleased(HoldReleased { hold, reason: "It was rehearsed.".to_owned() }));
    rotated
}

/// The third and fourth week: an objection, another policy, another text of the requirement, another owner.
fn challenge(told: &mut Told, rotated: ClaimId) {
    let raised = probity_core::id::ObjectionId(told.ask("lucia", objection(Severity::Medium)));
    let rehearsed = told.world.rollback();
    let answered = ObjectionAnswered {
        objection: raised,
        text: "The rehearsal of the 14th used the new credential.".to_owned(),
        citations: vec![cite(&rehearsed, "/body/outcome")],
    };
    told.ask("maya", Event::ObjectionAnswered(answered));
    told.sign("lucia", Decision::ObjectionWithdrawn { objection: raised, reason: "It did.".to_owned() });

    told.world.sources.rotated = "2026-10-20T03:00:00Z".to_owned();
    told.day("2026-10-20", true, "rotated again, and the check still holds");
    let newer = format!("{BOARD}\n# Read again in October.\n");
    told.world.board = Board::parse(&newer).unwrap();
    let adopted = PolicyAdopted { policy: told.world.board.digest, subjects: told.world.subjects.digest };
    told.ask("probity", Event::PolicyAdopted(adopted));
    told.world.sources.requirement =
        "The credential is rotated every 30 days, and after each incident.".to_owned();
    told.day("2026-10-21", true, "the requirement says more now");
    let reaffirmed = ClaimReaffirmed {
        claim: rotated,
        citations: vec![cite(&told.world.secret(), "/body/last-rotated")],
        addresses: vec![cite(&told.world.requirement(), "/body/text")],
    };
    told.ask("maya", Event::ClaimReaffirmed(reaffirmed));
    told.sign("dana", Decision::OwnershipAccepted);
    told.sign("dana", Decision::OwnershipOffered { to: "noor".parse().unwrap() });
    told.sign("noor", Decision::OwnershipAccepted);
    let mut terms = told.world.packet.terms.clone();
    terms.expires = at("2026-12-20T00:00:00Z");
    told.ask("maya", Event::TermsRevised(TermsRevised { terms }));
    let condition = ConditionStated { text: "The credential is rotated.".to_owned(), claims: vec![rotated] };
    told.ask("noor", Event::ConditionStated(condition));
    let follow_up = told.world.follow_up();
    told.ask("maya", follow_up);
}

/// The fifth week: reviewed, signed, handed off; the board sends it back.
fn bounce(told: &mut Told, rotated: ClaimId) -> String {
    told.day("2026-10-26", true, "swept again");
    reviewed_and_signed(told);
    let handoff = told.world.handoff();
    let seq = told.sign("noor", handoff);
    let submission = probity_core::packet::Handoff::submission_of(&told.world.packet.id, seq);
    told.ask("probity", recorded(&submission, received()));
    told.world.now = at("2026-11-06T09:00:00Z");
    told.note("", "the board reads it eleven days later");
    let reasons = vec![BounceReason {
        rule: Some(Rule::Claims),
        text: "The evidence was stale when the board met.".to_owned(),
    }];
    told.ask("omar", recorded(&submission, IntakeOutcome::Bounced { reasons }));
    told.day("2026-11-09", true, "swept again");
    assert!(told.world.packet.claims[&rotated].is_accepted());
    submission
}

/// The sixth week: fixed, signed again, accepted, decided.
fn win(told: &mut Told, bounced: &str) {
    reviewed_and_signed(told);
    let handoff = told.world.handoff();
    let seq = told.sign("noor", handoff);
    let submission = probity_core::packet::Handoff::submission_of(&told.world.packet.id, seq);
    assert_ne!(submission, bounced, "each handoff is a submission of its own");
    told.ask("probity", recorded(&submission, received()));
    told.world.wait(hours(20));
    told.ask("omar", recorded(&submission, IntakeOutcome::Accepted));
    let decided =
        IntakeOutcome::Decided { decision: "Granted until the milestone.".to_owned(), granted: true };
    told.ask("omar", recorded(&submission, decided));
    assert!(told.world.decided(&decide::host(), recorded(&submission, received())).is_err());
}

fn reviewed_and_signed(told: &mut Told) {
    for (who, discipline) in [("imani", "security"), ("lucia", "sre")] {
        told.sign(who, super::world::approval_of(discipline));
    }
    told.sign("maya", Decision::ReadinessAccepted);
    told.sign("noor", Decision::ReadinessAccepted);
}

fn measured(world: &World) {
    let one = Measured {
        entries: &world.entries,
        first_awaiting: world.first_awaiting,
        shown: Some(&world.packet),
    };
    let measures = measures(&[one]);
    // Opened on 5 October at 8:00; on 26 October at 9:01 the second review was in.
    assert_eq!(measures.until_awaiting.median_seconds, Some(21 * 86_400 + 3_660));
    let drafts = &measures.agent_drafts;
    assert_eq!((drafts.proposed, drafts.edited, drafts.corrected), (2, 1, Some(1.0)));
    assert_eq!(drafts.declined.get(&DeclineReason::Overstated), Some(&1));
    assert_eq!((measures.in_step.checked, measures.in_step.mismatches.len()), (world.entries.len(), 0));
    assert_eq!((measures.bounces.handoffs, measures.bounces.bounced), (2, 1));
    assert_eq!(measures.bounces.by_rule.get(&Rule::Claims), Some(&1));
    assert_eq!(measures.bounces.unmapped, []);
    assert_eq!(world.report().verdict, Verdict::HandedOff);
}
