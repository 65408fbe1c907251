//! A claim that nothing could ever bear out is refused where it is made, not shown unsupported later.

use probity_core::claim::{Check, ClaimText, Query, Test};
use probity_core::event::{ClaimMade, Event};
use serde_json::{Value, json, to_value};

use super::world::{World, cite, text};

/// What is refused of a claim with the test, and why.
fn refused(test: Test) -> (String, String) {
    let world = World::reviewable();
    let citations = vec![cite(&world.secret(), "/body/last-rotated")];
    let claim = ClaimText { citations, test: Some(test), ..text("It cannot hold") };
    let command = Event::ClaimMade(ClaimMade { claim, replaces: None });
    let refusal = world.decided(&world.actor("maya"), command).unwrap_err();
    (refusal.code.to_string(), refusal.rule.to_string())
}

/// A well-made test as a caller would send it, with one value of it spoilt.
fn spoilt(test: Value, place: &str, value: Value) -> Value {
    let mut test = test;
    *test.pointer_mut(place).unwrap() = value;
    test
}

#[test]
fn a_check_that_was_sent_as_json_is_asked_what_a_written_one_is_asked() {
    let check: Check = "age(/body/last-rotated) <= 30d".parse().unwrap();
    let check = spoilt(to_value(check).unwrap(), "/left/pointer", json!("last-rotated"));
    let (code, rule) = refused(Test::Check(serde_json::from_value(check).unwrap()));
    assert_eq!(code, "claim.check");
    assert!(rule.contains("JSON Pointer"), "{rule}");
}

#[test]
fn a_query_for_a_state_that_does_not_exist_is_refused() {
    let query: Query = "no finding with state open on service:payments-bridge in dojo".parse().unwrap();
    for (place, value, said) in [
        ("/states", json!(["opne"]), "`opne` is no state of finding evidence"),
        ("/connections", json!([]), "names no connection"),
    ] {
        let query = spoilt(to_value(&query).unwrap(), place, value);
        let (code, rule) = refused(Test::Query(serde_json::from_value(query).unwrap()));
        assert_eq!(code, "claim.query");
        assert!(rule.contains(said), "{rule}");
    }
}
