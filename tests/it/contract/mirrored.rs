//! Core's values mirror the contract, case for case and field for field.
//!
//! The WIT is walked and a JSON value is made for every alternative of every type, by the rules of the JSON form.
//! Core reads each and writes it again: a field, a case or a type that only one side has shows as a value that
//! is refused or comes back different.

mod samples;

use std::collections::BTreeSet;
use std::fmt::Debug;

use probity_core::connector::{
    AuthScheme, Effect, Failure, FailureKind, FileEntry, Manifest, Method, Place, Request, SyncMode,
};
use probity_core::evidence::{
    Body, DispositionState, ExceptionDecision, ExceptionState, FindingState, Item, Kind, Locator,
    MilestoneState, MonitoringState, Outcome, PrincipalKind, RequirementClass, ReviewDecision, ReviewOutcome,
    SecretVersionState, Severity, Strength,
};
use probity_core::intake::{Attachment, Receipt};
use probity_core::page::{Next, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{full_name, resolved};
use samples::{DATE, Sample, Samples};

/// Types that have no JSON form in core, and why.
const NOT_MIRRORED: &[&str] = &[
    "http.response",     // core's holds the capture itself
    "files.file",        // likewise
    "log.level",         // never leaves the sandbox
    "intake.submission", // core's digest is one, not a text
];

/// Reads and writes each sample as a `T`; what comes back must be what was given.
#[track_caller]
fn comes_back<T: DeserializeOwned + Serialize>(name: &str, samples: &[Sample]) {
    assert!(!samples.is_empty());
    for Sample { given, kept } in samples {
        let value: T = serde_json::from_value(given.clone())
            .unwrap_or_else(|problem| panic!("core refuses {name}: {problem}\n{given:#}"));
        assert_eq!(&serde_json::to_value(value).expect("core writes what it read"), kept, "{name}");
    }
}

#[test]
fn every_alternative_of_the_contract_passes_through_core_unchanged() {
    let resolve = resolved();
    let mut samples = Samples::new(&resolve);
    comes_back::<Item>("schema.item", &samples.of("schema.item"));
    comes_back::<Page>("source.page", &samples.of("source.page"));
    comes_back::<Failure>("types.failure", &samples.of("types.failure"));
    comes_back::<Manifest>("manifest.manifest", &samples.of("manifest.manifest"));
    comes_back::<Request>("http.request", &samples.of("http.request"));
    comes_back::<FileEntry>("files.entry", &samples.of("files.entry"));
    comes_back::<Attachment>("intake.attachment", &samples.of("intake.attachment"));
    comes_back::<Receipt>("intake.receipt", &samples.of("intake.receipt"));

    let named: BTreeSet<_> = resolve
        .types
        .iter()
        .filter(|(_, definition)| !matches!(definition.kind, wit_parser::TypeDefKind::Type(_)))
        .filter_map(|(_, definition)| full_name(&resolve, definition))
        .collect();
    let looked_at: BTreeSet<_> =
        samples.seen.keys().cloned().chain(NOT_MIRRORED.iter().map(|name| (*name).to_owned())).collect();
    assert_eq!(named, looked_at, "types of the contract, and those compared with core");
}

#[test]
fn core_knows_no_word_that_the_contract_does_not_have() {
    let resolve = resolved();
    let mut samples = Samples::new(&resolve);
    for root in ["source.page", "manifest.manifest", "types.failure"] {
        samples.of(root);
    }
    let lists: Vec<_> = samples.seen.iter().filter(|(_, words)| !words.is_empty()).collect();
    assert!(lists.len() > 20, "the walk found the enums and variants");
    for (name, words) in lists {
        assert_eq!(&words_in_core(name), words, "{name}: core's words, then the contract's");
    }
}

#[test]
fn every_kind_has_its_place_in_body_and_manifest() {
    let resolve = resolved();
    let mut samples = Samples::new(&resolve);
    samples.of("source.page");
    samples.of("manifest.manifest");
    let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str().to_owned()).collect();
    assert_eq!(samples.seen["schema.body"], kinds);
    assert_eq!(samples.seen["manifest.kind"], kinds);
}

#[test]
fn a_date_of_the_contract_is_a_date_in_core() {
    let resolve = resolved();
    let samples = Samples::new(&resolve).of("schema.item");
    let mut refused = BTreeSet::new();
    for Sample { given, .. } in samples {
        for place in places(&given, "", &json!(DATE)) {
            let mut wrong = given.clone();
            *wrong.pointer_mut(&place).expect("the place was just found") = json!("2026-12-32");
            assert!(serde_json::from_value::<Item>(wrong).is_err(), "{place} takes any text");
            refused.insert(format!("{} {place}", given["body"]["kind"]));
        }
    }
    assert!(refused.len() >= 7, "the walk found the dates: {refused:?}");
}

/// Pointers to every occurrence of a value.
fn places(value: &Value, above: &str, wanted: &Value) -> Vec<String> {
    match value {
        value if value == wanted => vec![above.to_owned()],
        Value::Array(all) => all
            .iter()
            .enumerate()
            .flat_map(|(at, value)| places(value, &format!("{above}/{at}"), wanted))
            .collect(),
        Value::Object(all) => {
            all.iter().flat_map(|(key, value)| places(value, &format!("{above}/{key}"), wanted)).collect()
        }
        _ => Vec::new(),
    }
}

/// The words core takes for an enum or a variant of the contract, in core's order.
fn words_in_core(name: &str) -> Vec<String> {
    match name {
        "types.failure-kind" => tags::<FailureKind>(),
        "types.locator" => tags::<Locator>(),
        "manifest.method" => words::<Method>(),
        "manifest.effect" => words::<Effect>(),
        "manifest.place" => words::<Place>(),
        "manifest.sync-mode" => words::<SyncMode>(),
        "manifest.kind" => words::<Kind>(),
        "manifest.auth-scheme" => tags::<AuthScheme>(),
        "source.next" => tags::<Next>(),
        "schema.body" => tags::<Body>(),
        "schema.severity" => words::<Severity>(),
        "schema.finding-state" => words::<FindingState>(),
        "schema.exception-decision" => words::<ExceptionDecision>(),
        "schema.exception-state" => words::<ExceptionState>(),
        "schema.review-outcome" => words::<ReviewOutcome>(),
        "schema.requirement-class" => words::<RequirementClass>(),
        "schema.strength" => words::<Strength>(),
        "schema.outcome" => words::<Outcome>(),
        "schema.milestone-state" => words::<MilestoneState>(),
        "schema.secret-version-state" => words::<SecretVersionState>(),
        "schema.principal-kind" => words::<PrincipalKind>(),
        "schema.review-decision" => words::<ReviewDecision>(),
        "schema.monitoring-state" => words::<MonitoringState>(),
        "schema.disposition-state" => words::<DispositionState>(),
        other => panic!("{other} is not in this table: add what mirrors it in core"),
    }
}

/// Core's words for a closed list, from its own refusal of a word that it does not know.
fn words<T: DeserializeOwned + Debug>() -> Vec<String> {
    listed::<T>(json!("?"))
}

/// The same for a list of alternatives with values.
fn tags<T: DeserializeOwned + Debug>() -> Vec<String> {
    listed::<T>(json!({"kind": "?"}))
}

fn listed<T: DeserializeOwned + Debug>(unknown: Value) -> Vec<String> {
    let refusal = serde_json::from_value::<T>(unknown).expect_err("`?` is no word").to_string();
    let (_, expected) =
        refusal.split_once("expected").unwrap_or_else(|| panic!("no list of words in: {refusal}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
