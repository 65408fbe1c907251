use super::{Measured, Measures, measures};
use crate::actor::Role;
use crate::event::{
    BounceReason, Decision, DeclineReason, Event, IntakeOutcome, IntakeRecorded, Origin, PassageAccepted,
    PassageDeclined, PassageProposed, Section,
};
use crate::id::PassageId;
use crate::package::samples::{Story, at};
use crate::readiness::Rule;

fn of(story: &Story) -> Measures {
    measures(&[Measured { entries: &story.entries, first_awaiting: None, shown: Some(&story.packet()) }])
}

fn propose(story: &mut Story, who: &str, origin: Origin) -> PassageId {
    let role = if who == "drafter" { Role::Agent } else { Role::Author };
    let event = PassageProposed {
        section: Section::Summary,
        text: "Words".to_owned(),
        origin,
        quotes: None,
        objection: None,
        leans_on: Vec::new(),
        replaces: None,
    };
    PassageId(story.say(who, role, Event::PassageProposed(event)))
}

fn accept(story: &mut Story, passage: PassageId, text: Option<&str>) {
    let text = text.map(str::to_owned);
    let event = PassageAccepted { passage, text, leans_on: Vec::new(), narrative: true };
    story.say("ada", Role::Author, Event::PassageAccepted(event));
}

fn decline(story: &mut Story, passage: PassageId, reason: DeclineReason) {
    let event = PassageDeclined { passage, reason, note: String::new() };
    story.say("ada", Role::Author, Event::PassageDeclined(event));
}

#[test]
fn drafts_of_agents_are_counted_by_what_people_did_with_them() {
    let mut story = Story::opened("A sample");
    assert_eq!(of(&story).agent_drafts.corrected, None, "nothing is decided");
    for edited in [None, Some("Other words"), Some("Words")] {
        let passage = propose(&mut story, "drafter", Origin::Agent);
        accept(&mut story, passage, edited);
    }
    for reason in [DeclineReason::Overstated, DeclineReason::Overstated, DeclineReason::Minimized] {
        let passage = propose(&mut story, "drafter", Origin::Agent);
        decline(&mut story, passage, reason);
    }
    propose(&mut story, "drafter", Origin::Finding);
    let by_hand = propose(&mut story, "ada", Origin::Human);
    accept(&mut story, by_hand, Some("Not counted: no agent drafted it"));
    let drafts = of(&story).agent_drafts;
    assert_eq!((drafts.proposed, drafts.accepted_as_is, drafts.edited, drafts.open), (7, 2, 1, 1));
    assert_eq!(drafts.declined, [(DeclineReason::Overstated, 2), (DeclineReason::Minimized, 1)].into());
    assert_eq!(drafts.corrected, Some(4.0 / 6.0));
}

#[test]
fn words_of_an_agent_that_a_person_brings_count_as_an_agents() {
    let mut story = Story::opened("A sample");
    propose(&mut story, "ada", Origin::Agent);
    assert_eq!(of(&story).agent_drafts.proposed, 1);
}

#[test]
fn time_runs_from_the_opening_to_the_first_awaiting_signatures() {
    let story = Story::opened("A sample");
    let opened = story.packet().opened;
    let one = |hours: Option<u64>| Measured {
        entries: &story.entries,
        first_awaiting: hours.map(|hours| opened.plus(std::time::Duration::from_hours(hours)).unwrap()),
        shown: None,
    };
    let measured = measures(&[one(Some(10)), one(None), one(Some(2)), one(Some(30))]).until_awaiting;
    let hours: Vec<_> =
        measured.packets.iter().map(|one| one.seconds.map(|seconds| seconds / 3600)).collect();
    assert_eq!(hours, [Some(10), None, Some(2), Some(30)]);
    assert_eq!(measured.median_seconds, Some(10 * 3600));
    assert_eq!(measures(&[one(None)]).until_awaiting.median_seconds, None);
}

#[test]
fn bounces_are_counted_by_rule_and_those_without_one_are_listed() {
    let mut story = Story::opened("A sample");
    let condition = "it holds".to_owned();
    let report = crate::canonical::Digest::of(b"report");
    let seq = story.sign("grace", Role::ApprovalOwner, Decision::PacketHandedOff { report, condition });
    let submission = format!("{}:{seq}", story.id());
    assert_eq!((of(&story).bounces.handoffs, of(&story).bounces.bounced), (1, 0));
    let reasons = vec![
        BounceReason { rule: Some(Rule::Claims), text: "Stale".to_owned() },
        BounceReason { rule: Some(Rule::Claims), text: "Contradicted".to_owned() },
        BounceReason { rule: None, text: "Not signed by legal".to_owned() },
    ];
    let outcome = IntakeOutcome::Bounced { reasons };
    story.say(
        "board",
        Role::Board,
        Event::IntakeRecorded(IntakeRecorded { submission: submission.clone(), outcome }),
    );
    let bounces = of(&story).bounces;
    assert_eq!((bounces.handoffs, bounces.bounced), (1, 1));
    assert_eq!(bounces.by_rule, [(Rule::Claims, 2)].into());
    let [unmapped] = &bounces.unmapped[..] else { panic!("{:?}", bounces.unmapped) };
    assert_eq!(
        (unmapped.submission.as_str(), unmapped.reason.as_str()),
        (&*submission, "Not signed by legal")
    );
}

#[test]
fn ledger_and_packet_are_in_step_until_somebody_touches_either() {
    let mut story = Story::opened("A sample");
    let passage = propose(&mut story, "drafter", Origin::Agent);
    accept(&mut story, passage, None);
    let in_step = of(&story).in_step;
    assert_eq!((in_step.checked, in_step.mismatches), (3, vec![]));

    let found = |entries: &[_], shown: Option<&crate::packet::Packet>| {
        let step = measures(&[Measured { entries, first_awaiting: None, shown }]).in_step;
        step.mismatches.into_iter().map(|one| (one.seq, one.what)).collect::<Vec<_>>()
    };
    let mut shown = story.packet();
    shown.title = "Another".to_owned();
    assert!(matches!(&found(&story.entries, Some(&shown))[..], [(3, what)] if what.contains("not the fold")));

    let mut changed = story.entries.clone();
    changed[1].0.at = at("2020-01-01T00:00:00Z");
    assert!(matches!(&found(&changed, None)[..], [(2, what)] if what.contains("not the one its hash names")));

    let mut taken = story.entries.clone();
    taken.remove(1);
    assert!(found(&taken, None).iter().any(|(seq, what)| *seq == 3 && what.contains("entry 2 was due")));

    assert!(
        matches!(&found(&story.entries[1..], None)[..], [.., (1, what)] if what.contains("packet-opened"))
    );
    assert_eq!(found(&[], None).len(), 1);

    decline(&mut story, passage, DeclineReason::Other);
    assert!(
        matches!(&found(&story.entries, None)[..], [(4, _)]),
        "an entry that meant nothing is out of step"
    );
}

#[test]
fn measures_have_canonical_bytes() {
    let story = Story::opened("A sample");
    let bytes = crate::canonical::bytes(&of(&story)).unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains(r#""median-seconds":null"#));
}
