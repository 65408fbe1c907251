//! What templates take and refuse.

use proptest::prelude::*;

use super::{BadSegment, BadTemplate, BadValues, PathTemplate};

fn values(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn expand(template: &str, pairs: &[(&str, &str)]) -> Result<String, BadValues> {
    PathTemplate::parse(template).unwrap().expand(&values(pairs))
}

#[test]
fn a_template_is_written_as_it_was_read() {
    for text in ["/", "/a", "/a/", "/api/v2/findings/{id}/notes/", "/v1/{mount}/metadata/{path+}", "/a/{x+}/"]
    {
        assert_eq!(PathTemplate::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn what_is_no_template_says_why() {
    let cases = [
        ("", BadTemplate::NoSlash),
        ("api", BadTemplate::NoSlash),
        ("//", BadTemplate::EmptySegment),
        ("/a//b", BadTemplate::EmptySegment),
        ("/a/../b", BadTemplate::Dots("..".into())),
        ("/a/./b", BadTemplate::Dots(".".into())),
        ("/a/..;x/b", BadTemplate::Dots("..;x".into())),
        ("/a?b", BadTemplate::Segment("a?b".into())),
        ("/a#b", BadTemplate::Segment("a#b".into())),
        ("/a%2fb", BadTemplate::Segment("a%2fb".into())),
        ("/é", BadTemplate::Segment("é".into())),
        ("/{x}.json", BadTemplate::Segment("{x}.json".into())),
        ("/{X}", BadTemplate::Name("X".into())),
        ("/{}", BadTemplate::Name(String::new())),
        ("/{x}/{x}", BadTemplate::Repeated("x".into())),
        ("/{x+}/y", BadTemplate::SeveralNotLast("x".into())),
    ];
    for (text, problem) in cases {
        assert_eq!(PathTemplate::parse(text), Err(problem), "{text}");
    }
}

#[test]
fn values_are_encoded_segment_by_segment() {
    assert_eq!(expand("/f/{id}/", &[("id", "a b?c#d%2e&é")]).unwrap(), "/f/a%20b%3Fc%23d%252e%26%C3%A9/");
    assert_eq!(expand("/f/{p+}", &[("p", "x y/z@1")]).unwrap(), "/f/x%20y/z%401");
    assert_eq!(expand("/", &[]).unwrap(), "/");
}

#[test]
fn a_value_cannot_lead_elsewhere() {
    let cases = [
        ("/f/{id}", "", BadSegment::Empty),
        ("/f/{id}", "..", BadSegment::Dots),
        ("/f/{id}", ".", BadSegment::Dots),
        ("/f/{id}", "..;a=b", BadSegment::Dots),
        ("/f/{id}", "a/b", BadSegment::Slash),
        ("/f/{id}", "a\\b", BadSegment::Backslash),
        ("/f/{id}", "a\r\nHost: x", BadSegment::Control),
        ("/f/{id}", "a\0", BadSegment::Control),
        ("/f/{id+}", "a/../b", BadSegment::Dots),
        ("/f/{id+}", "/a", BadSegment::Empty),
        ("/f/{id+}", "a//b", BadSegment::Empty),
        ("/f/{id+}", "a/", BadSegment::Empty),
    ];
    for (template, value, expected) in cases {
        match expand(template, &[("id", value)]) {
            Err(BadValues::Value { problem, .. }) => assert_eq!(problem, expected, "{value:?}"),
            other => panic!("{value:?} gave {other:?}"),
        }
    }
}

#[test]
fn each_placeholder_gets_exactly_one_value() {
    assert_eq!(expand("/{a}", &[]), Err(BadValues::Missing("a".into())));
    assert_eq!(expand("/{a}", &[("a", "1"), ("b", "2")]), Err(BadValues::Unknown("b".into())));
    assert_eq!(expand("/{a}", &[("a", "1"), ("a", "2")]), Err(BadValues::Repeated("a".into())));
    assert_eq!(expand("/{a}", &[("a", &"é".repeat(2000))]), Err(BadValues::TooLong));
}

#[test]
fn a_path_from_outside_fits_or_not() {
    let notes = PathTemplate::parse("/f/{id}/notes/").unwrap();
    assert_eq!(notes.matches("/f/a%20b/notes/"), Some(values(&[("id", "a b")])));
    assert_eq!(notes.matches("/f/7/n%6Ftes/"), Some(values(&[("id", "7")])));
    for path in [
        "/f/7/notes",
        "f/7/notes/",
        "/f//notes/",
        "/f/../notes/",
        "/f/%2e%2e/notes/",
        "/f/7/notes/x/",
        "/f/a%2fb/notes/",
        "/f/%5c/notes/",
        "/f/%zz/notes/",
        "/f/%/notes/",
        "/f/7/notes/?x=1",
        "/f/%ff/notes/",
        "/f/%00/notes/",
        "/f/7/notes//",
        "/f/a b/notes/",
        "/f/a?b/notes/",
        "/f/a#b/notes/",
        "/f/é/notes/",
        "/f/{id}/notes/",
    ] {
        assert_eq!(notes.matches(path), None, "{path}");
    }
    let tree = PathTemplate::parse("/t/{p+}").unwrap();
    assert_eq!(tree.matches("/t/a/b"), Some(values(&[("p", "a/b")])));
    assert_eq!(tree.matches("/t/a/../b"), None);
    assert_eq!(tree.matches("/t/"), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_expands_matches_back_and_stays_in_its_segment(value in "\\PC{0,12}") {
        let template = PathTemplate::parse("/a/{x}/z").unwrap();
        if let Ok(path) = template.expand(&values(&[("x", &value)])) {
            prop_assert_eq!(path.matches('/').count(), 3);
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'?' && byte != b'#'));
            prop_assert_eq!(template.matches(&path), Some(values(&[("x", &value)])));
        }
    }

    #[test]
    fn what_matches_expands_to_one_canonical_path(path in "/t(/[a-z.%2eEfF;]{0,6}){1,4}") {
        let template = PathTemplate::parse("/t/{p+}").unwrap();
        if let Some(found) = template.matches(&path) {
            let canonical = template.expand(&found).unwrap();
            prop_assert_eq!(template.matches(&canonical), Some(found));
            prop_assert!(!canonical.split('/').any(|segment| segment == ".."));
        }
    }
}
