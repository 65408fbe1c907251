use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Check, Checked, Comparison, Literal, Operand};
use crate::instant::Instant;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn noon(day: u32) -> Instant {
    at(&format!("2026-11-{day:02}T12:00:00Z"))
}

fn item() -> Value {
    json!({"title": "x", "expires": null, "body": {
        "last-rotated": "2026-11-01T12:00:00Z", "reviewed": "2026-11-01", "coverage": 100.0, "outcome": "succeeded",
        "enabled": true, "rotation-period-seconds": "2592000", "huge": "9007199254740993", "a b": 1,
    }})
}

fn check(text: &str) -> Check {
    text.parse().unwrap()
}

fn evaluate(text: &str, at: Instant) -> Result<Checked, String> {
    check(text).evaluate(&item(), at).map_err(|why| why.to_string())
}

fn holds(text: &str) -> bool {
    evaluate(text, noon(20)).unwrap().holds
}

#[test]
fn a_check_reads_as_it_is_written() {
    for text in [
        "age(/body/last-rotated) <= 30d",
        "/body/coverage == 100",
        "/body/coverage >= 99.5",
        "[1] /body/outcome == \"succeeded\"",
        "/body/outcome != \"a \\\"quoted\\\" == word\"",
        "/body/rotation-enabled == true",
        "age(/source-time) > 90s",
        "/expires > 2026-12-02T00:00:00Z",
        "\"/body/a b\" < -1",
        "age(\"/labels/(x)\") < 15m",
    ] {
        assert_eq!(check(text).to_string(), text);
    }
    assert_eq!(check("  [0]age( /a )<2w ").to_string(), "age(/a) < 14d");
    assert_eq!(
        check("[1] /body/outcome == \"succeeded\""),
        Check {
            citation: 1,
            left: Operand::Value { pointer: "/body/outcome".to_owned() },
            comparison: Comparison::Equal,
            right: Literal::Text { value: "succeeded".to_owned() },
        }
    );
}

#[test]
fn a_check_that_means_nothing_is_refused_with_the_rule() {
    for (text, rule) in [
        ("", "one of =="),
        ("body/outcome == 1", "JSON Pointer"),
        ("/a~2 == 1", "JSON Pointer"),
        ("/body/outcome", "=="),
        ("/body/outcome = 1", "=="),
        ("/body/outcome == ", "a number"),
        ("/body/outcome == succeeded", "in quotes"),
        ("/body/outcome == \"a\" or true", "JSON string"),
        ("/body/outcome < \"a\"", "== or !="),
        ("/body/enabled >= true", "== or !="),
        ("/body/last-rotated <= 30d", "age("),
        ("age(/body/last-rotated) <= 30", "length of time"),
        ("age(/body/last-rotated) == 30d", "never exactly"),
        ("age(/body/last-rotated <= 30d", "age(/body"),
        ("[x] /a == 1", "brackets"),
        ("[+1] /a == 1", "brackets"),
        ("[1 /a == 1", "brackets"),
        ("/a == 9007199254740993", "too large"),
        ("/a == 2026-12-02", "an instant"),
        ("\"/a == 1", "JSON string"),
    ] {
        let bad = text.parse::<Check>().unwrap_err();
        assert!(bad.to_string().contains(rule), "{text}: {bad}");
    }
}

#[test]
fn an_age_passes_its_length_at_one_instant_and_says_when() {
    let young = evaluate("age(/body/last-rotated) <= 15d", noon(10)).unwrap();
    assert_eq!((young.holds, young.flips), (true, Some(noon(16))));
    assert_eq!(young.found, "the age is 9d");
    let old = evaluate("age(/body/last-rotated) <= 15d", noon(16)).unwrap();
    assert_eq!((old.holds, old.flips), (false, None));
    for (day, holds) in [(15, false), (16, true), (17, true)] {
        let grown = evaluate("age(/body/last-rotated) >= 15d", noon(day)).unwrap();
        assert_eq!((grown.holds, grown.flips), (holds, None), "{day}");
    }
}

#[test]
fn a_day_is_read_against_the_claim() {
    let young = evaluate("age(/body/reviewed) < 10d", noon(5)).unwrap();
    assert_eq!(young.flips, Some(at("2026-11-11T00:00:00Z")), "the day counts from its start");
    let grown = |at| evaluate("age(/body/reviewed) >= 10d", at).unwrap().holds;
    assert!(!grown(noon(11)), "the day counts from its end");
    assert!(grown(noon(12)));
}

#[test]
fn a_time_that_has_not_come_is_not_evaluated() {
    for text in ["age(/body/last-rotated) <= 30d", "age(/body/reviewed) >= 1d"] {
        let why = evaluate(text, at("2026-10-31T23:59:59Z")).unwrap_err();
        assert!(why.contains("compare its clock"), "{why}");
    }
    assert!(evaluate("age(/body/reviewed) <= 1d", at("2026-11-01T00:00:00Z")).unwrap().holds);
}

#[test]
fn what_is_not_there_or_of_another_type_is_not_false() {
    for (text, words) in [
        ("/body/nothing == 1", "there is nothing at `/body/nothing`"),
        ("/expires == 1", "the source does not say"),
        ("age(/expires) <= 1d", "the source does not say"),
        ("/body/outcome == 100", "not a number"),
        ("/body/huge == 1", "not a number"),
        ("/body == \"x\"", "not a text"),
        ("/body/coverage == true", "not true or false"),
        ("/body/outcome == 2026-12-02T00:00:00Z", "neither an instant"),
        ("age(/body/coverage) <= 1d", "neither an instant"),
        ("/body/reviewed < 2026-11-01T12:00:00Z", "only known to the day"),
    ] {
        let why = evaluate(text, noon(20)).unwrap_err();
        assert!(why.contains(words), "{text}: {why}");
    }
}

#[test]
fn values_are_compared_by_their_type() {
    for text in [
        "/body/coverage == 100",
        "/body/coverage >= 99.5",
        "/body/outcome == \"succeeded\"",
        "/body/outcome != \"failed\"",
        "/body/enabled == true",
        "/body/rotation-period-seconds <= 2592000",
        "/body/last-rotated < 2026-11-02T00:00:00Z",
        "/body/reviewed < 2026-11-02T00:00:00Z",
        "/body/reviewed != 2026-11-02T00:00:00Z",
        "\"/body/a b\" == 1",
    ] {
        assert!(holds(text), "{text}");
    }
    for text in ["/body/coverage < 100", "/body/outcome == \"failed\"", "/body/enabled != true"] {
        assert!(!holds(text), "{text}");
    }
}

#[test]
fn a_check_read_as_json_is_held_to_the_same_rules() {
    let wrong = Check { comparison: Comparison::Equal, ..check("age(/body/last-rotated) <= 30d") };
    assert!(wrong.fault().is_some() && wrong.evaluate(&item(), noon(20)).is_err());
    let empty = Check { left: Operand::Value { pointer: String::new() }, ..check("/a == 1") };
    assert!(empty.fault().is_some());
    let never = Check { right: Literal::Duration { seconds: 0 }, ..check("age(/a) > 1d") };
    assert!(never.fault().is_some());
}

fn literals() -> impl Strategy<Value = Literal> {
    prop_oneof![
        (-1.0e12..1.0e12).prop_map(|value| Literal::Number { value }),
        ".{0,20}".prop_map(|value| Literal::Text { value }),
        any::<bool>().prop_map(|value| Literal::Flag { value }),
        (1..3_155_760_000_u32).prop_map(|seconds| Literal::Duration { seconds }),
        (0..4_000_000_000_000_000_i64)
            .prop_map(|micros| Literal::Instant { value: Instant::from_micros(micros).unwrap() }),
    ]
}

fn checks() -> impl Strategy<Value = Check> {
    use Comparison::{AtLeast, AtMost, Equal, Less, More, NotEqual};
    let comparison = prop::sample::select(vec![Equal, NotEqual, Less, AtMost, More, AtLeast]);
    let pointer = "(/([a-z ()<=\"!\u{e9}]|~0|~1){0,6}){1,3}";
    let left = prop_oneof![
        pointer.prop_map(|pointer| Operand::Value { pointer }),
        pointer.prop_map(|pointer| Operand::Age { pointer }),
    ];
    (0..3_u32, left, comparison, literals())
        .prop_map(|(citation, left, comparison, right)| Check { citation, left, comparison, right })
        .prop_filter("means something", |check| check.fault().is_none())
}

proptest! {
    #[test]
    fn every_check_reads_back_as_it_was_written(check in checks()) {
        prop_assert_eq!(check.to_string().parse::<Check>(), Ok(check.clone()));
        let json = serde_json::to_value(&check).unwrap();
        prop_assert_eq!(serde_json::from_value::<Check>(json).unwrap(), check);
    }

    #[test]
    fn any_text_is_a_check_or_refused(text in "\\PC{0,40}") {
        let _ = text.parse::<Check>();
    }

    #[test]
    fn an_age_that_holds_does_not_from_its_flip_on(days in 1..400_u32, day in 1..28_u32) {
        let check: Check = format!("age(/body/last-rotated) <= {days}d").parse().unwrap();
        let now = check.evaluate(&item(), noon(day)).unwrap();
        if let Some(flips) = now.flips {
            prop_assert!(now.holds && flips > noon(day));
            prop_assert!(!check.evaluate(&item(), flips).unwrap().holds);
            let before = Instant::from_micros(flips.as_micros() - 1).unwrap();
            prop_assert!(check.evaluate(&item(), before).unwrap().holds);
        }
    }
}
