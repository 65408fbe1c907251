use serde_json::json;

use crate::book::{Book, Examined, GapReading, MissingRevision, sample};
use crate::claim::support::{Standing, Why, support};
use crate::evidence::Kind;
use crate::instant::Instant;
use crate::subject::SubjectMap;
use sample::{
    CRITICAL_MITIGATED, HIGH_OPEN, ROLLBACK, add, claim, finding, id, item, noon, now, query, stream_of,
};

const NO_CRITICAL: &str =
    "no finding with state open and severity critical on service:payments-bridge in dojo";
const NO_OPEN: &str = "no finding with state open on service:payments-bridge in dojo";
const TESTED: &str = "at least 1 rollback-test with state succeeded on service:payments-bridge in ci";

fn asked(text: &str, book: &Book, subjects: &SubjectMap, at: Instant) -> Why {
    let claim = claim(vec![], query(text));
    let mut support = support(&claim, &Examined::new(book, subjects), &sample::board(), at);
    assert_eq!(support.grounds.len(), 1);
    support.grounds.remove(0)
}

fn why(text: &str, change: impl FnOnce(&mut Book)) -> Why {
    let mut book = sample::book();
    change(&mut book);
    asked(text, &book, &SubjectMap::default(), now())
}

fn code(why: &Why) -> (&str, Standing) {
    (&why.code, why.standing)
}

#[test]
fn nothing_open_is_supported_by_a_full_reading_and_says_what_was_examined() {
    let why = why(NO_CRITICAL, |_| {});
    assert_eq!(code(&why), ("claim.counted", Standing::Supported));
    assert_eq!(why.reason, "0 of 212 examined in dojo (2 about service:payments-bridge)");
    assert_eq!(why.until, Some(noon(29)), "the sweep's beginning and the maximum age of findings");
}

#[test]
fn one_too_many_contradicts() {
    let contradicted = why(NO_OPEN, |_| {});
    assert_eq!(code(&contradicted), ("claim.too-many", Standing::Contradicted));
    assert_eq!(
        contradicted.reason,
        "1 of 212 examined in dojo (2 about service:payments-bridge), and at most 0 may be"
    );
    assert_eq!(contradicted.evidence, Some(id(HIGH_OPEN)));
    let allowed = "at most 1 finding with state open on service:payments-bridge in dojo";
    assert_eq!(why(allowed, |_| {}).standing, Standing::Supported);
}

#[test]
fn what_refutes_does_so_however_old_it_is_and_however_badly_its_source_was_read() {
    let stale = why(NO_OPEN, |book| {
        book.records.get_mut(&id(HIGH_OPEN)).unwrap().last_seen = noon(1);
        stream_of(book, "dojo").sweep = None;
    });
    assert_eq!(code(&stale), ("claim.too-many", Standing::Contradicted));
}

#[test]
fn what_left_its_source_does_not_count() {
    let gone = why(NO_OPEN, |book| book.records.get_mut(&id(HIGH_OPEN)).unwrap().absent = true);
    assert_eq!(gone.standing, Standing::Supported);
}

#[test]
fn a_subject_that_matched_no_record_was_not_examined() {
    let none = why("no finding with state open on service:misspelt in dojo", |_| {});
    assert_eq!(code(&none), ("claim.nothing-examined", Standing::Unsupported));
    assert!(
        none.reason.starts_with("nothing examined: 212 examined in dojo, and none is finding evidence about")
    );
    let least = why("at least 1 rollback-test on service:misspelt in ci", |_| {});
    assert_eq!(code(&least), ("claim.nothing-examined", Standing::Unsupported));
    let unseen = why(NO_CRITICAL, |book| {
        for number in [CRITICAL_MITIGATED, HIGH_OPEN] {
            book.records.get_mut(&id(number)).unwrap().last_seen = noon(21);
        }
    });
    assert_eq!(
        code(&unseen),
        ("claim.nothing-examined", Standing::Unsupported),
        "the last sweep saw none of them"
    );
}

#[test]
fn a_reading_that_is_not_full_supports_nothing() {
    let gap = |subject: Option<&str>| GapReading {
        run: "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap(),
        subject: subject.map(str::to_owned),
        message: "page 3 timed out".to_owned(),
    };
    let lost = || MissingRevision {
        evidence: id(90),
        revision: 1,
        run: "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap(),
    };
    type Change<'c> = &'c dyn Fn(&mut Book);
    let cases: [(&str, Change<'_>); 9] = [
        ("coverage.not-collected", &|book| {
            book.streams.retain(|stream| stream.connection.as_str() != "dojo")
        }),
        ("coverage.not-collected", &|book| stream_of(book, "dojo").kinds = vec![Kind::Exception]),
        ("coverage.no-sweep", &|book| stream_of(book, "dojo").sweep = None),
        ("coverage.empty", &|book| {
            let sweep = stream_of(book, "dojo").sweep.as_mut().unwrap();
            (sweep.examined, sweep.listed) = (0, 0);
        }),
        ("coverage.gap", &|book| stream_of(book, "dojo").gaps.push(gap(None))),
        ("coverage.gap", &|book| stream_of(book, "dojo").gaps.push(gap(Some("service:payments-bridge")))),
        ("coverage.lost", &|book| stream_of(book, "dojo").missing.push(lost())),
        ("coverage.lost", &|book| stream_of(book, "dojo").sweep.as_mut().unwrap().listed = 211),
        ("coverage.lost", &|book| book.records.get_mut(&id(HIGH_OPEN)).unwrap().revisions.clear()),
    ];
    for (at, (expected, change)) in cases.into_iter().enumerate() {
        let why = why(NO_CRITICAL, change);
        assert_eq!(code(&why), (expected, Standing::Unsupported), "{at}");
        assert!(!why.clear.is_empty() && why.is_error() == (expected == "coverage.lost"));
    }
    let elsewhere = why(NO_CRITICAL, |book| stream_of(book, "dojo").gaps.push(gap(Some("service:other"))));
    assert_eq!(elsewhere.standing, Standing::Supported, "a gap about something else hides nothing of this");
}

#[test]
fn every_stream_that_brings_the_kind_must_have_been_read() {
    let second = |book: &mut Book| {
        sample::stream(book, "dojo", "imports", &[Kind::Finding, Kind::Exception], 8);
    };
    assert!(why(NO_CRITICAL, second).reason.starts_with("0 of 220 examined in dojo"));
    let why = why(NO_CRITICAL, |book| {
        second(book);
        book.streams.last_mut().unwrap().sweep = None;
    });
    assert_eq!(code(&why), ("coverage.no-sweep", Standing::Unsupported));
    assert_eq!(why.reason, "no full sweep of dojo/imports ended complete");
}

#[test]
fn every_named_connection_must_have_been_read() {
    let both = "no finding with state open and severity critical on service:payments-bridge in dojo, github";
    assert_eq!(code(&why(both, |_| {})), ("coverage.not-collected", Standing::Unsupported));
    let read = why(both, |book| sample::stream(book, "github", "alerts", &[Kind::Finding], 40));
    assert_eq!(read.standing, Standing::Supported);
    assert!(read.reason.ends_with("0 of 40 examined in github (none about service:payments-bridge)"));
    let all = why(both, |book| {
        stream_of(book, "dojo").sweep = None;
    });
    assert_eq!(all.reason.matches("; ").count(), 1, "every lack is told: {}", all.reason);
}

#[test]
fn a_sweep_goes_out_of_date_with_the_maximum_age_of_its_kind() {
    let (book, subjects) = (sample::book(), SubjectMap::default());
    let last = Instant::from_micros(noon(29).as_micros() - 1).unwrap();
    assert_eq!(asked(NO_CRITICAL, &book, &subjects, last).standing, Standing::Supported);
    let stale = asked(NO_CRITICAL, &book, &subjects, noon(29));
    assert_eq!(code(&stale), ("coverage.out-of-date", Standing::Stale));
    assert_eq!((stale.since, &*stale.clear), (Some(noon(29)), "collect dojo in full"));
    assert_eq!(stale.reason, "the sweep of dojo/findings is 7d old, and finding evidence counts for 7d");
    let early = asked(NO_CRITICAL, &book, &subjects, noon(21));
    assert_eq!(code(&early), ("coverage.clock-ahead", Standing::Unsupported));
}

#[test]
fn a_kind_without_a_maximum_age_is_never_read_in_date() {
    let (book, subjects, mut board) = (sample::book(), SubjectMap::default(), sample::board());
    board.max_age.remove(&Kind::Finding);
    let support =
        support(&claim(vec![], query(NO_CRITICAL)), &Examined::new(&book, &subjects), &board, now());
    assert_eq!(code(&support.grounds[0]), ("coverage.no-max-age", Standing::Unsupported));
}

#[test]
fn names_of_sources_are_read_by_the_subject_map() {
    let mut book = sample::book();
    let subjects =
        SubjectMap::parse("[\"service:payments-bridge\"]\naliases = [\"product:bridge\", \"app:bridge\"]\n")
            .unwrap();
    let mut renamed = item("weakness", "product:bridge", "2026-10-01T00:00:00Z", finding("critical", "open"));
    renamed["subjects"] = json!(["app:bridge", "product:bridge", "service:payments-bridge"]);
    add(&mut book, 50, "dojo", "findings", renamed);
    let why = asked(NO_CRITICAL, &book, &subjects, now());
    assert_eq!(code(&why), ("claim.too-many", Standing::Contradicted));
    assert!(why.reason.starts_with("1 of 212 examined in dojo (3 about"), "counted once: {}", why.reason);
    assert_eq!(
        asked(
            "no finding with state open and severity critical on product:bridge in dojo",
            &book,
            &subjects,
            now()
        )
        .standing,
        Standing::Contradicted
    );

    stream_of(&mut book, "dojo").gaps.push(GapReading {
        run: "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap(),
        subject: Some("app:bridge".to_owned()),
        message: "timed out".to_owned(),
    });
    book.records.remove(&id(50));
    assert_eq!(asked(NO_CRITICAL, &book, &subjects, now()).code, "coverage.gap");
}

#[test]
fn a_record_that_does_not_say_where_it_stands_decides_nothing() {
    for (severity, state, standing) in [
        ("unknown", "open", Standing::Unsupported),
        ("critical", "unknown", Standing::Unsupported),
        ("unknown", "mitigated", Standing::Supported),
        ("low", "unknown", Standing::Supported),
    ] {
        let vague =
            item("vague", "service:payments-bridge", "2026-10-01T00:00:00Z", finding(severity, state));
        let why = why(NO_CRITICAL, |book| add(book, 50, "dojo", "findings", vague));
        assert_eq!(why.standing, standing, "{severity} {state}");
    }
    let test = item("drill", "service:payments-bridge", "2026-11-20T00:00:00Z", sample::rollback("unknown"));
    let two = "at least 2 rollback-test with state succeeded on service:payments-bridge in ci";
    let why = why(two, |book| add(book, 50, "ci", "drills", test));
    assert_eq!(code(&why), ("claim.count-undecided", Standing::Unsupported));
}

#[test]
fn at_least_counts_fresh_records_up_to_the_bound_of_the_last_that_is_needed() {
    let supported = why(TESTED, |_| {});
    assert_eq!(code(&supported), ("claim.counted", Standing::Supported));
    assert_eq!(supported.reason, "1 of 1 examined in ci (1 about service:payments-bridge)");
    let sweep = sample::instant("2027-02-20T12:00:00Z");
    let test = sample::instant("2027-01-30T12:00:00Z");
    assert_eq!((supported.until, &supported.evidence), (Some(test), &Some(id(ROLLBACK))));

    let newer = |book: &mut Book| {
        let newer =
            item("again", "service:payments-bridge", "2026-11-22T12:00:00Z", sample::rollback("succeeded"));
        add(book, 50, "ci", "drills", newer);
    };
    assert_eq!(why(TESTED, newer).until, Some(sweep));
    let two = "at least 2 rollback-test with state succeeded on service:payments-bridge in ci";
    assert_eq!(why(two, newer).until, Some(test));
}

#[test]
fn too_few_contradict_unless_older_ones_were_enough() {
    let failed = why(TESTED, |book| {
        sample::revise(book, ROLLBACK, |item| item["body"]["outcome"] = json!("failed"));
    });
    assert_eq!(code(&failed), ("claim.too-few", Standing::Contradicted));
    assert_eq!(
        failed.reason,
        "0 of 1 examined in ci (1 about service:payments-bridge), and at least 1 must be"
    );

    let old = why(TESTED, |book| {
        sample::revise(book, ROLLBACK, |item| item["source-time"] = json!("2026-08-01T12:00:00Z"));
    });
    assert_eq!(code(&old), ("claim.count-stale", Standing::Stale));
    assert_eq!(old.since, Some(sample::instant("2026-10-30T12:00:00Z")));

    let undated = why(TESTED, |book| {
        sample::revise(book, ROLLBACK, |item| item["source-time"] = json!(null));
    });
    assert_eq!(code(&undated), ("claim.count-undated", Standing::Unsupported));
}

#[test]
fn at_least_needs_a_full_reading_too() {
    let why = why(TESTED, |book| stream_of(book, "ci").sweep = None);
    assert_eq!(code(&why), ("coverage.no-sweep", Standing::Unsupported));
}

#[test]
fn a_query_that_could_only_match_nothing_is_not_counted() {
    let mut claim = claim(vec![], query(NO_CRITICAL));
    if let Some(crate::claim::Test::Query(query)) = &mut claim.test {
        query.states = ["opened".to_owned()].into();
    }
    let (book, subjects) = (sample::book(), SubjectMap::default());
    let support = support(&claim, &Examined::new(&book, &subjects), &sample::board(), now());
    assert_eq!(code(&support.grounds[0]), ("claim.bad-query", Standing::Unsupported));
}
