//! Where pointers and lines lead.

use proptest::prelude::*;

use super::{Captured, NotLocated};
use crate::canonical::Digest;
use crate::evidence::Locator;
use crate::pointer::BadPointer;

fn pointer(pointer: &str) -> Locator {
    Locator::Pointer { pointer: pointer.to_owned() }
}

fn at<'a>(json: &'a str, place: &str) -> Result<&'a str, NotLocated> {
    Captured::new(json.as_bytes()).locate(&pointer(place)).map(|range| &json[range])
}

fn lines(text: &str, first: u32, last: u32) -> Result<&str, NotLocated> {
    Captured::new(text.as_bytes()).locate(&Locator::Lines { first, last }).map(|range| &text[range])
}

#[test]
fn a_pointer_names_the_exact_bytes_of_a_value() {
    let json = " { \"results\" : [ { \"id\": 1.50 } , \"a\\u00e9\\\"]\" ], \"\": {\"\": null}, \"m~n\": true, \"a/b\": [[ ]] } \n";
    for (place, value) in [
        ("", json.trim()),
        ("/results", "[ { \"id\": 1.50 } , \"a\\u00e9\\\"]\" ]"),
        ("/results/0", "{ \"id\": 1.50 }"),
        ("/results/0/id", "1.50"),
        ("/results/1", "\"a\\u00e9\\\"]\""),
        ("/", "{\"\": null}"),
        ("//", "null"),
        ("/m~0n", "true"),
        ("/a~1b/0", "[ ]"),
    ] {
        assert_eq!(at(json, place), Ok(value), "{place}");
    }
}

#[test]
fn keys_are_compared_unescaped() {
    assert_eq!(at(r#"{"caf\u00e9": 1}"#, "/café"), Ok("1"));
    assert_eq!(at(r#"{"a\/b": 1}"#, "/a~1b"), Ok("1"));
}

#[test]
fn what_leads_nowhere_says_why() {
    let json = r#"{"a": [1, 2], "s": "x"}"#;
    let is = |place: &str, code: &str, word: &str| {
        let problem = at(json, place).unwrap_err();
        assert_eq!(problem.code(), code, "{place}");
        assert!(problem.to_string().contains(word), "{problem}");
    };
    is("/b", "locate.missing", "there is no `b`");
    is("/a/2", "locate.missing", "there is no `2`");
    is("/s/x", "locate.missing", "neither an object nor an array");
    is("/s/0/y", "locate.missing", "neither an object nor an array");
    for index in ["-", "01", "00", "+1", "-1", "1.0", "", " 1", "99999999999999999999", "x", "٣"] {
        is(&format!("/a/{index}"), "locate.index", "is not an index");
    }
    assert_eq!(at(json, "a"), Err(NotLocated::Pointer(BadPointer::NoSlash)));
    assert_eq!(at(json, "/a~"), Err(NotLocated::Pointer(BadPointer::Escape)));
}

#[test]
fn a_pointer_through_a_key_that_stands_twice_is_ambiguous() {
    let json = r#"{"a": {"x": 1, "\u0078": 2, "y": 3}, "b": 1, "b": 1}"#;
    for place in ["/a/x", "/b"] {
        assert!(matches!(at(json, place), Err(NotLocated::Ambiguous { .. })), "{place}");
    }
    assert_eq!(at(json, "/a/y"), Ok("3"));
    assert!(matches!(at(r#"{"a": {"x": 1}, "a": {"x": 2}}"#, "/a/x"), Err(NotLocated::Ambiguous { .. })));
}

#[test]
fn what_is_not_json_has_no_pointers() {
    for json in ["", "{", "{} {}", "{\"a\": 1,}", "nan", "# title", "{\"a\": tru}"] {
        assert!(matches!(at(json, ""), Err(NotLocated::NotJson(_))), "{json:?}");
    }
    let mut bytes = Captured::new(b"{\"a\": \"\xff\"}");
    assert_eq!(bytes.locate(&pointer("/a")), Err(NotLocated::NotText { at: 7 }));
    assert_eq!(bytes.locate(&Locator::Lines { first: 1, last: 1 }), Err(NotLocated::NotText { at: 7 }));
    assert_eq!(bytes.locate(&Locator::Whole), Ok(0..10));
}

#[test]
fn lines_count_from_one_and_end_before_their_line_end() {
    let text = "one\r\ntwo\n\nfour";
    assert_eq!(lines(text, 1, 1), Ok("one"));
    assert_eq!(lines(text, 1, 2), Ok("one\r\ntwo"));
    assert_eq!(lines(text, 3, 3), Ok(""));
    assert_eq!(lines(text, 2, 4), Ok("two\n\nfour"));
    assert_eq!(lines("a\rb\n", 1, 1), Ok("a\rb"));
}

#[test]
fn lines_out_of_range_are_refused() {
    for (first, last) in [(0, 1), (2, 1), (0, 0)] {
        assert_eq!(lines("a\nb", first, last), Err(NotLocated::LineOrder { first, last }));
    }
    assert_eq!(lines("a\nb\n", 2, 3), Err(NotLocated::LineMissing { last: 3, lines: 2 }));
    assert_eq!(lines("", 1, 1), Err(NotLocated::LineMissing { last: 1, lines: 0 }));
    assert_eq!(lines("a", u32::MAX, u32::MAX), Err(NotLocated::LineMissing { last: u32::MAX, lines: 1 }));
}

#[test]
fn a_quote_carries_the_digest_of_exactly_its_bytes() {
    let mut captured = Captured::new(br#"{"a": [1, 2]}"#);
    let quote = captured.quote(&pointer("/a")).unwrap();
    assert_eq!((quote.bytes, quote.range, quote.digest), (&b"[1, 2]"[..], 6..12, Digest::of(b"[1, 2]")));
}

#[test]
fn many_pointers_into_one_page_expand_each_container_once() {
    let element = format!(r#"{{"id": 1, "text": "{}"}}"#, "x".repeat(2_000));
    let page = format!(r#"{{"results": [{}]}}"#, vec![element.as_str(); 100].join(", "));
    let mut captured = Captured::new(page.as_bytes());
    for at in 0..100 {
        let range = captured.locate(&pointer(&format!("/results/{at}"))).unwrap();
        assert_eq!(&page[range], element);
    }
    assert_eq!(captured.containers.len(), 2, "the document and its results, and no result");
}

#[test]
fn deep_nesting_is_walked_without_recursion() {
    for (open, close, place) in [("[", "]", "/0"), ("{\"a\":", "}", "/a")] {
        let inner = if open == "[" { "" } else { "1" };
        let json = format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000));
        assert!(at(&json, &place.repeat(60)).is_ok());
        assert_eq!(at(&json, &place.repeat(65)), Err(NotLocated::Pointer(BadPointer::TooLong)));
        assert!(matches!(at(&json[..json.len() - 1], ""), Err(NotLocated::NotJson(_))));
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a~/\"\\\\é0]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Every pointer into a value, with what it names.
fn pointers(value: &serde_json::Value, above: &str, all: &mut Vec<(String, serde_json::Value)>) {
    all.push((above.to_owned(), value.clone()));
    match value {
        serde_json::Value::Array(elements) => {
            elements
                .iter()
                .enumerate()
                .for_each(|(at, element)| pointers(element, &format!("{above}/{at}"), all));
        }
        serde_json::Value::Object(members) => members.iter().for_each(|(key, member)| {
            let step = key.replace('~', "~0").replace('/', "~1");
            pointers(member, &format!("{above}/{step}"), all);
        }),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_pointer_into_a_document_names_its_value(value in json()) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let mut captured = Captured::new(text.as_bytes());
        let mut all = Vec::new();
        pointers(&value, "", &mut all);
        for (place, expected) in all {
            let quote = captured.quote(&pointer(&place)).unwrap();
            prop_assert_eq!(serde_json::from_slice::<serde_json::Value>(quote.bytes).unwrap(), expected);
        }
    }

    #[test]
    fn no_bytes_and_no_locator_can_panic(bytes in prop::collection::vec(any::<u8>(), 0..40), place in "[/~01a-]{0,8}", first in 0..5_u32, last in 0..5_u32) {
        let mut captured = Captured::new(&bytes);
        for locator in [pointer(&place), Locator::Lines { first, last }, Locator::Whole] {
            if let Ok(range) = captured.locate(&locator) {
                prop_assert!(range.end <= bytes.len());
            }
        }
    }
}
