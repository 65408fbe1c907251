//! The OSCAL plan against NIST's schema, and against itself.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::Format;
use super::text;
use crate::actor::Role;
use crate::event::{BounceReason, Decision, Event, IntakeOutcome, IntakeRecorded};
use crate::package::Package;
use crate::package::samples::{Story, broker};
use crate::readiness::Verdict;

const SCHEMA: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/oscal_poam_schema.json"));

fn plan(package: &Package) -> Value {
    serde_json::from_str(&text(Format::Oscal, package)).unwrap()
}

fn faults(plan: &Value) -> Vec<String> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    validator.iter_errors(plan).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn the_plan_is_valid_by_the_official_schema_whatever_the_texts_are() {
    for words in
        ["plain", "", " ", "two\nlines", " ends with blanks ", "# <b>|", "\u{202e}\u{0}\u{2028}", "日本語"]
    {
        assert_eq!(faults(&plan(&broker(|_| words.to_owned()))), Vec::<String>::new(), "{words:?}");
    }
    assert_eq!(faults(&plan(&broker(str::to_owned))), Vec::<String>::new());
    assert_eq!(faults(&plan(&Story::opened("Nothing happened yet").in_review())), Vec::<String>::new());
}

#[test]
fn the_schema_finds_what_is_missing() {
    let mut plan = plan(&broker(str::to_owned));
    let observations = &mut plan["plan-of-action-and-milestones"]["observations"];
    observations[0].as_object_mut().unwrap().remove("collected");
    assert!(!faults(&plan).is_empty());
}

/// Calls `visit` with each member of each object, with its name.
fn members<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str, &'a Value)) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            visit(name, value);
            members(value, visit);
        }),
        Value::Array(values) => values.iter().for_each(|value| members(value, visit)),
        _ => {}
    }
}

#[test]
fn every_uuid_is_given_once_and_every_reference_leads_to_one() {
    let plan = plan(&broker(str::to_owned));
    let mut given = Vec::new();
    let mut wanted = BTreeSet::new();
    members(&plan, &mut |name, value| match name {
        "uuid" => given.push(value.as_str().unwrap()),
        "party-uuids" => wanted.extend(value.as_array().unwrap().iter().filter_map(Value::as_str)),
        "href" => wanted.extend(value.as_str().unwrap().strip_prefix('#')),
        _ if name.ends_with("-uuid") => {
            wanted.insert(value.as_str().unwrap());
        }
        _ => {}
    });
    let once: BTreeSet<_> = given.iter().copied().collect();
    assert_eq!(once.len(), given.len());
    let nowhere: Vec<_> = wanted.difference(&once).collect();
    assert!(nowhere.is_empty() && wanted.len() > 5, "{nowhere:?}");
}

#[test]
fn an_observation_has_the_times_of_its_evidence() {
    let package = broker(str::to_owned);
    let plan = plan(&package);
    let observation = &plan["plan-of-action-and-milestones"]["observations"][1];
    assert_eq!(observation["collected"], "2026-11-20T06:00:00Z");
    // A secret seen on the 22nd counts for the seven days the policy gives it.
    let secret = &plan["plan-of-action-and-milestones"]["observations"][0];
    let titles = [secret["title"].as_str().unwrap(), observation["title"].as_str().unwrap()];
    assert!(titles.contains(&"Legacy broker credential"), "{titles:?}");
    let expires: BTreeSet<_> =
        [secret, observation].map(|one| one["expires"].as_str().unwrap().to_owned()).into();
    assert!(expires.contains("2026-11-29T06:00:00Z"), "{expires:?}");
}

/// The deviation's status, and the kinds of the log's entries about it.
fn deviation(story: &Story, verdict: Verdict) -> (String, Vec<(String, Value)>) {
    let package = story.package(&story.report(verdict));
    let plan = plan(&package);
    assert_eq!(faults(&plan), Vec::<String>::new());
    let risk = &plan["plan-of-action-and-milestones"]["risks"][0];
    let kind = |entry: &Value| {
        let props = entry["props"].as_array()?;
        let kind = props.iter().find(|prop| prop["name"] == "type")?;
        Some((kind["value"].as_str()?.to_owned(), entry["status-change"].clone()))
    };
    let entries =
        risk["risk-log"]["entries"].as_array().map(|entries| entries.iter().filter_map(kind).collect());
    (risk["status"].as_str().unwrap().to_owned(), entries.unwrap_or_default())
}

#[test]
fn the_deviation_is_requested_by_the_handoff_and_approved_by_the_board_alone() {
    let mut story = Story::opened("A sample");
    assert_eq!(deviation(&story, Verdict::Ready), ("open".to_owned(), vec![]));
    let report = story.report(Verdict::Ready).digest().unwrap();
    let hand_off = |story: &mut Story| {
        let condition = "it holds".to_owned();
        let seq = story.sign("grace", Role::ApprovalOwner, Decision::PacketHandedOff { report, condition });
        format!("{}:{seq}", story.id())
    };
    let first = hand_off(&mut story);
    let submission = ("dr-submission".to_owned(), json!("deviation-requested"));
    assert_eq!(
        deviation(&story, Verdict::HandingOff),
        ("deviation-requested".to_owned(), vec![submission.clone()])
    );
    let say = |story: &mut Story, submission: &str, outcome| {
        let recorded = IntakeRecorded { submission: submission.to_owned(), outcome };
        story.say("board", Role::Board, Event::IntakeRecorded(recorded));
    };
    let reasons = vec![BounceReason { rule: None, text: "Not signed by legal".to_owned() }];
    say(&mut story, &first, IntakeOutcome::Bounced { reasons });
    let bounced = ("dr-rejected".to_owned(), json!("open"));
    assert_eq!(
        deviation(&story, Verdict::InReview),
        ("open".to_owned(), vec![submission.clone(), bounced.clone()])
    );
    let second = hand_off(&mut story);
    say(&mut story, &second, IntakeOutcome::Decided { decision: "Until March".to_owned(), granted: true });
    let approved = ("dr-approved".to_owned(), json!("deviation-approved"));
    assert_eq!(
        deviation(&story, Verdict::HandedOff),
        ("deviation-approved".to_owned(), vec![submission.clone(), bounced, submission, approved])
    );
}
