//! Conformance: every export carries every objection with its fate, whatever the packet.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;

use super::super::{Format, render};
use crate::actor::Role;
use crate::canonical::Digest;
use crate::event::{CarriedObjection, Decision, Event, ObjectionRaised, Renewal, Topic};
use crate::evidence::Severity;
use crate::export::document::moment;
use crate::id::ObjectionId;
use crate::package::samples::{Story, at, person};
use crate::package::{FateRow, ObjectionRow, Package};
use crate::packet::FateWord;

/// What a renderer lost, by objection; nothing when it lost nothing.
fn lost(format: Format, bytes: &[u8], package: &Package) -> Vec<String> {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let mut lost = Vec::new();
    for row in &package.objections {
        let Some(told) = told_of(format, &text, row) else {
            lost.push(row.objection.to_string());
            continue;
        };
        let missing = words_of(format, row).into_iter().filter(|word| !told.contains(word.as_str()));
        lost.extend(missing.map(|word| format!("{}: {word}", row.objection)));
    }
    lost
}

/// The place of an export that is about one objection.
fn told_of(format: Format, text: &str, row: &ObjectionRow) -> Option<String> {
    let between = |begin: String, end: &str| {
        let rest = &text[text.find(&begin)? + begin.len()..];
        Some(rest[..rest.find(end).unwrap_or(rest.len())].to_owned())
    };
    match format {
        Format::Markdown => between(format!("\n### {}\n", row.objection), "\n#"),
        Format::Html => between(format!("<h3 id=\"{}\">", row.objection), "</section>"),
        Format::Oscal => {
            let document: serde_json::Value = serde_json::from_str(text).ok()?;
            let plan = &document["plan-of-action-and-milestones"];
            let named = |props: &serde_json::Value| {
                let props = props.as_array()?;
                props
                    .iter()
                    .find(|prop| prop["name"] == "objection" && prop["value"] == row.objection.to_string())
                    .cloned()
            };
            // Twice: in the risk, and as an item of its own.
            let in_risk = named(&plan["risks"][0]["props"])?;
            let mut items = plan["poam-items"].as_array()?.iter();
            let item = items.find(|item| named(&item["props"]).is_some())?;
            (in_risk == named(&item["props"])?).then(|| in_risk.to_string() + &item.to_string())
        }
    }
}

/// What must be said of an objection. The words of these packets hold nothing that any format escapes.
fn words_of(format: Format, row: &ObjectionRow) -> Vec<String> {
    let mut words = vec![row.issue.clone(), row.rationale.clone(), row.removes.clone()];
    words.push(row.raised_by.as_str().split('@').next().unwrap().to_owned());
    match &row.fate {
        FateRow::Open => {
            words.push(if format == Format::Oscal { "\"class\":\"open\"" } else { "open" }.to_owned())
        }
        FateRow::Withdrawn { reason, .. } => words.extend(["ithdrawn".to_owned(), reason.clone()]),
        FateRow::RiskAccepted { rationale, expires, by, .. } => {
            words.extend([
                "isk".to_owned(),
                rationale.clone(),
                by.as_str().split('@').next().unwrap().to_owned(),
            ]);
            words.push(if format == Format::Oscal { expires.to_string() } else { moment(*expires) });
        }
    }
    words
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Raise(u8),
    Withdraw(Index),
    Accept(Index, u8),
    Replace,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<u8>().prop_map(Step::Raise),
        2 => any::<Index>().prop_map(Step::Withdraw),
        2 => (any::<Index>(), any::<u8>()).prop_map(|(which, days)| Step::Accept(which, days)),
        1 => Just(Step::Replace),
    ];
    proptest::collection::vec(step, 0..40)
}

/// Plays the steps; every text in it is unlike every other.
fn play(steps: &[Step]) -> Package {
    let mut story = Story::opened("A sample");
    let mut raised: Vec<ObjectionId> = Vec::new();
    for (at_step, step) in steps.iter().enumerate() {
        let unlike = |what: &str| format!("{what} number {at_step} of these");
        match step {
            Step::Raise(number) => {
                let all = Severity::ALL;
                let event = ObjectionRaised {
                    topic: Topic::ALL[usize::from(*number) % Topic::ALL.len()],
                    severity: all[usize::from(*number) % all.len()],
                    issue: unlike("Issue"),
                    target: None,
                    rationale: unlike("Rationale"),
                    removes: unlike("Removal"),
                    remark: None,
                };
                let who = ["lin", "kofi", "sam"][usize::from(*number) % 3];
                raised.push(ObjectionId(story.say(who, Role::Reviewer, Event::ObjectionRaised(event))));
            }
            Step::Withdraw(which) if !raised.is_empty() => {
                let objection = *which.get(&raised);
                let who =
                    story.packet().objections[&objection].by.as_str().split('@').next().unwrap().to_owned();
                let reason = unlike("Reason");
                story.sign(&who, Role::Reviewer, Decision::ObjectionWithdrawn { objection, reason });
            }
            Step::Accept(which, days) if !raised.is_empty() => {
                let (objection, rationale) = (*which.get(&raised), unlike("Acceptance"));
                let hours = 24 * u64::from(*days);
                let expires =
                    at("2026-11-10T00:00:00Z").plus(std::time::Duration::from_hours(hours)).unwrap();
                story.sign(
                    "grace",
                    Role::ApprovalOwner,
                    Decision::RiskAccepted { objection, rationale, expires },
                );
            }
            Step::Replace => {
                let owner = person("grace");
                story.sign("joan", Role::Board, Decision::OwnerReplaced { owner, reason: unlike("Away") });
            }
            Step::Withdraw(_) | Step::Accept(..) => {}
        }
    }
    story.in_review()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_export_carries_every_objection_with_its_fate(steps in steps()) {
        let package = play(&steps);
        let raised = steps.iter().filter(|step| matches!(step, Step::Raise(_))).count();
        prop_assert_eq!(package.objections.len(), raised, "none is lost before an export");
        for format in Format::ALL {
            let bytes = render(*format, &package).unwrap();
            prop_assert_eq!(lost(*format, &bytes, &package), Vec::<String>::new(), "{}", format);
        }
    }

    #[test]
    fn a_renderer_that_drops_one_or_changes_its_fate_is_found_out(steps in steps(), which in any::<Index>()) {
        let package = play(&steps);
        prop_assume!(!package.objections.is_empty());
        let dropped = which.index(package.objections.len());
        let id = package.objections[dropped].objection.to_string();
        for format in Format::ALL {
            let mut less = package.clone();
            less.objections.remove(dropped);
            let bytes = render(*format, &less).unwrap();
            prop_assert_eq!(lost(*format, &bytes, &package), vec![id.clone()], "{}", format);
            if package.objections[dropped].fate.word() != FateWord::Open {
                let mut softened = package.clone();
                softened.objections[dropped].fate = FateRow::Open;
                softened.objections[dropped].history.clear();
                let bytes = render(*format, &softened).unwrap();
                prop_assert!(!lost(*format, &bytes, &package).is_empty(), "{}", format);
            }
        }
    }
}

#[test]
fn these_packets_have_all_three_fates() {
    let mut seen = std::collections::BTreeSet::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..32 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        seen.extend(play(&steps).objections.iter().map(|row| row.fate.word()));
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn dissent_that_a_renewal_carries_is_in_every_export_of_the_new_packet() {
    let carried = |number: u32| CarriedObjection {
        objection: ObjectionId(number),
        raised_by: person("lin"),
        topic: Topic::Other,
        severity: Severity::High,
        issue: format!("Issue of entry {number} then"),
        rationale: "Rationale".to_owned(),
        removes: "Removal".to_owned(),
    };
    let renews = Renewal {
        packet: "0197a3c0-0000-7000-8000-000000000077".parse().unwrap(),
        seq: 40,
        hash: Digest::of(b"that ledger"),
        carried: vec![carried(7), carried(9)],
    };
    let package = Story::opened_for("A sample", "shared-credential", Some(renews)).in_review();
    assert_eq!(package.objections.len(), 2);
    assert!(package.objections.iter().all(|row| row.history.len() == 1 && row.fate == FateRow::Open));
    for format in Format::ALL {
        let bytes = render(*format, &package).unwrap();
        assert_eq!(lost(*format, &bytes, &package), Vec::<String>::new(), "{format}");
        let text = String::from_utf8(bytes).unwrap();
        for there in ["objection-7", "objection-9", "0197a3c0-0000-7000-8000-000000000077"] {
            assert!(text.contains(there), "{format} does not say that it comes from {there}");
        }
    }
}
