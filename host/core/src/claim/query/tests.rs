use proptest::prelude::*;

use super::{Expected, Query};
use crate::evidence::{Kind, Severity};

fn query(text: &str) -> Query {
    text.parse().unwrap()
}

#[test]
fn a_query_reads_as_it_is_written() {
    for text in [
        "no finding with state open, under-review and severity critical on service:payments-bridge in dojo, github",
        "at least 1 rollback-test with state succeeded on service:x in ci",
        "at most 2 finding with severity critical, high on service:a on b in c in dojo",
        "no ownership on team:people in need of  rest in directory",
    ] {
        assert_eq!(query(text).to_string(), text);
    }
    let read =
        query("  no finding with severity critical and state under-review,open on service:a in in dojo ");
    assert_eq!(read.subject.as_str(), "service:a in");
    assert_eq!(read.states.iter().collect::<Vec<_>>(), ["open", "under-review"]);
    assert_eq!((read.kind, read.expected), (Kind::Finding, Expected::AtMost { count: 0 }));
}

#[test]
fn a_query_that_could_only_match_nothing_is_refused() {
    for (text, rule) in [
        ("no finding with state opened on service:x in dojo", "`opened` is no state of finding evidence"),
        ("no secret with state current on service:x in vault", "has no state"),
        ("no rollback-test with severity high on service:x in ci", "has no severity"),
        ("no finding with severity severe on service:x in dojo", "`severe` is no severity"),
        ("no findings on service:x in dojo", "not a kind"),
        ("no finding on bridge in dojo", "not a subject"),
        ("no finding on service:x in Dojo", "not a connection name"),
        ("no finding on service:x", "write `no finding"),
        ("no finding in dojo", "write `no finding"),
        ("finding on service:x in dojo", "write `no finding"),
        ("at most -1 finding on service:x in dojo", "write `no finding"),
        ("at least 0 finding on service:x in dojo", "asks for nothing"),
        ("no finding with open on service:x in dojo", "write `no finding"),
        ("no finding with status open on service:x in dojo", "neither `state` nor `severity`"),
    ] {
        let bad = text.parse::<Query>().unwrap_err();
        assert!(bad.to_string().contains(rule), "{text}: {bad}");
    }
}

#[test]
fn a_query_read_as_json_is_held_to_the_same_rules() {
    let good = query("no finding with state open on service:x in dojo");
    assert!(Query { states: ["opened".to_owned()].into(), ..good.clone() }.fault().is_some());
    assert!(Query { kind: Kind::Secret, ..good.clone() }.fault().is_some());
    assert!(Query { connections: Default::default(), ..good.clone() }.fault().is_some());
    assert!(Query { expected: Expected::AtLeast { count: 0 }, ..good.clone() }.fault().is_some());
    assert_eq!(good.fault(), None);
}

fn queries() -> impl Strategy<Value = Query> {
    let kinds = prop::sample::select(Kind::ALL.to_vec());
    let severities = prop::collection::btree_set(prop::sample::select(Severity::ALL.to_vec()), 0..3);
    let connections = prop::collection::btree_set("[a-z0-9]{1,8}", 1..4);
    let expected = prop_oneof![
        any::<u32>().prop_map(|count| Expected::AtMost { count }),
        (1..u32::MAX).prop_map(|count| Expected::AtLeast { count }),
    ];
    (
        kinds,
        any::<u32>(),
        severities,
        "[a-z]{1,4}:[a-z](( on | in |[a-z ]){0,9}[a-z])?",
        connections,
        expected,
    )
        .prop_map(|(kind, pick, severities, subject, connections, expected)| {
            let states = kind.states().into_iter().enumerate();
            Query {
                kind,
                states: states
                    .filter(|(at, _)| pick >> at & 1 == 1)
                    .map(|(_, word)| word.to_owned())
                    .collect(),
                severities: if kind == Kind::Finding { severities } else { Default::default() },
                subject: subject.parse().unwrap(),
                connections: connections.iter().map(|name| name.parse().unwrap()).collect(),
                expected,
            }
        })
}

proptest! {
    #[test]
    fn every_query_reads_back_as_it_was_written(query in queries()) {
        prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query.clone()));
        let json = serde_json::to_value(&query).unwrap();
        prop_assert_eq!(serde_json::from_value::<Query>(json).unwrap(), query);
    }

    #[test]
    fn any_text_is_a_query_or_refused(text in "(no |at least 1 |at most )?\\PC{0,20}( on | with | in )?\\PC{0,20}") {
        let _ = text.parse::<Query>();
    }
}
