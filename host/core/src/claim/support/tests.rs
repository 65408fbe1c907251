use std::time::Instant as Stopwatch;

use proptest::prelude::*;
use serde_json::json;

use super::{Standing, Support, Why, support};
use crate::book::{Book, Examined, MissingRevision, sample};
use crate::canonical::Digest;
use crate::claim::{ClaimText, Test};
use crate::evidence::Kind;
use crate::id::StreamId;
use crate::instant::Instant;
use crate::subject::SubjectMap;
use sample::{HIGH_OPEN, ROLLBACK, SECRET, check, cite, claim, id, noon, now, query};

fn at(claim: &ClaimText, book: &Book, at: Instant) -> Support {
    let subjects = SubjectMap::default();
    support(claim, &Examined::new(book, &subjects), &sample::board(), at)
}

/// The claim rests on one citation of the sample book, which is then changed.
fn after(pointer: &str, test: Option<Test>, change: impl FnOnce(&mut Book)) -> Support {
    let mut book = sample::book();
    let claim = claim(vec![cite(&book, SECRET, pointer)], test);
    change(&mut book);
    at(&claim, &book, now())
}

fn codes(support: &Support) -> Vec<(&str, Standing)> {
    support.grounds.iter().map(|why| (&*why.code, why.standing)).collect()
}

/// The one ground.
fn only(support: &Support) -> &Why {
    assert_eq!(support.grounds.len(), 1, "{support:?}");
    assert_eq!(support.standing, support.grounds[0].standing);
    &support.grounds[0]
}

fn rotated(book: &mut Book) {
    sample::revise(book, SECRET, |item| item["body"]["last-rotated"] = json!("2026-11-21T12:00:00Z"));
}

#[test]
fn a_claim_is_supported_by_what_its_evidence_still_says() {
    let support = after("/body/last-rotated", None, |_| {});
    let why = only(&support);
    assert_eq!((&*why.code, support.standing), ("claim.cited", Standing::Supported));
    assert_eq!(why.reason, "`/body/last-rotated` is \"2026-11-01T12:00:00Z\"");
    assert_eq!((&why.evidence, why.since, &*why.clear), (&Some(id(SECRET)), None, ""));
    assert_eq!((why.until, support.until), (Some(noon(24)), Some(noon(24))));
}

#[test]
fn another_change_of_the_evidence_does_not_matter() {
    let support = after("/body/last-rotated", None, |book| {
        sample::revise(book, SECRET, |item| item["body"]["owner"] = json!("team-b"));
    });
    assert_eq!(only(&support).code, "claim.cited");
}

#[test]
fn a_number_is_the_same_however_it_is_written() {
    let support = after("/labels", None, |_| {});
    assert_eq!(support.standing, Standing::Supported);
    let mut book = sample::book();
    let mut citation = cite(&book, ROLLBACK, "/body/duration-seconds");
    citation.quoted = serde_json::from_str("240.0").unwrap();
    sample::revise(&mut book, ROLLBACK, |item| item["summary"] = json!("repeated"));
    assert_eq!(at(&claim(vec![citation], None), &book, now()).standing, Standing::Supported);
}

#[test]
fn what_changed_without_a_check_is_stale_until_it_is_reaffirmed() {
    let support = after("/body/last-rotated", None, rotated);
    let why = only(&support);
    assert_eq!((&*why.code, why.standing), ("claim.changed", Standing::Stale));
    assert_eq!(
        why.reason,
        "`/body/last-rotated` was \"2026-11-01T12:00:00Z\" in revision 1 and is now \"2026-11-21T12:00:00Z\" in revision 2"
    );
    assert_eq!((why.since, support.until), (Some(sample::collected()), None));
    let twice = after("/body/last-rotated", None, |book| {
        rotated(book);
        sample::revise(book, SECRET, |item| item["body"]["last-rotated"] = json!("2026-11-22T12:00:00Z"));
    });
    assert_eq!(only(&twice).since, None, "nobody knows which of the revisions changed it");
    let gone = after("/body/versions", None, |book| {
        sample::revise(book, SECRET, |item| item["body"] = sample::rollback("succeeded"));
    });
    assert!(only(&gone).reason.contains("is not there any more"), "{gone:?}");

    let mut book = sample::book();
    let citation = cite(&book, SECRET, "/body/last-rotated");
    rotated(&mut book);
    let reaffirmed = claim(vec![citation.reaffirmed(&book).unwrap()], None);
    assert_eq!(at(&reaffirmed, &book, now()).standing, Standing::Supported);
}

#[test]
fn what_changed_is_supported_while_the_check_holds_and_the_change_is_shown() {
    let support = after("/body/last-rotated", check("age(/body/last-rotated) <= 30d"), rotated);
    assert_eq!(support.standing, Standing::Supported);
    let [changed, holds] = &support.grounds[..] else { panic!("{support:?}") };
    assert_eq!((&*changed.code, &*holds.code), ("claim.changed-and-checked", "claim.check-holds"));
    assert!(changed.reason.contains("was \"2026-11-01") && changed.reason.contains("is now \"2026-11-21"));
    assert_eq!(holds.reason, "age(/body/last-rotated) <= 30d holds: the age is 1d 1h");
    assert_eq!(holds.until, Some(sample::instant("2026-12-21T12:00:00Z")));
    assert_eq!(support.until, Some(noon(24)), "the evidence has to be seen again before the check flips");
}

#[test]
fn the_flip_of_a_check_is_a_bound() {
    let support = after("/body/last-rotated", check("age(/body/last-rotated) <= 22d"), |_| {});
    assert_eq!((support.standing, support.until), (Standing::Supported, Some(noon(23))));
}

#[test]
fn a_check_that_fails_contradicts_whatever_was_quoted() {
    for change in [|_: &mut Book| {}, rotated] {
        let support = after("/body/last-rotated", check("age(/body/last-rotated) < 1h"), change);
        assert_eq!((support.standing, support.until), (Standing::Contradicted, None));
        assert_eq!(support.grounds[1].code, "claim.check-fails");
        assert!(support.grounds[1].reason.contains("does not hold: the age is "));
    }
}

#[test]
fn a_check_that_cannot_be_answered_supports_nothing() {
    let null = after("/body/last-rotated", check("age(/body/created) <= 30d"), |_| {});
    assert_eq!(codes(&null)[1], ("claim.check-unanswered", Standing::Unsupported));
    let beyond = after("/body/last-rotated", check("[1] age(/body/last-rotated) <= 30d"), |_| {});
    assert_eq!(codes(&beyond)[1], ("claim.check-without-citation", Standing::Unsupported));
    let alone = at(&claim(vec![], check("age(/body/last-rotated) <= 30d")), &sample::book(), now());
    assert_eq!(codes(&alone), [("claim.check-without-citation", Standing::Unsupported)]);
}

#[test]
fn a_check_speaks_only_for_its_own_citation() {
    let mut book = sample::book();
    let citations = vec![cite(&book, SECRET, "/body/last-rotated"), cite(&book, ROLLBACK, "/body/outcome")];
    let claim = claim(citations, check("[1] /body/outcome == \"succeeded\""));
    rotated(&mut book);
    let support = at(&claim, &book, now());
    assert_eq!(
        codes(&support),
        [
            ("claim.changed", Standing::Stale),
            ("claim.cited", Standing::Supported),
            ("claim.check-holds", Standing::Supported)
        ]
    );
    assert_eq!(support.standing, Standing::Stale);
}

#[test]
fn evidence_that_is_too_old_is_stale_since_its_bound() {
    let book = sample::book();
    let state = at(&claim(vec![cite(&book, SECRET, "/title")], None), &book, noon(24));
    let why = only(&state);
    assert_eq!((&*why.code, why.standing, why.since), ("claim.stale", Standing::Stale, Some(noon(24))));
    assert_eq!(why.reason, "it was last seen 2d ago, and secret evidence counts for 2d");
    assert_eq!(why.clear, "collect vault again");

    let later = sample::instant("2027-02-04T18:00:00Z");
    let event = at(&claim(vec![cite(&book, ROLLBACK, "/body/outcome")], None), &book, later);
    let why = only(&event);
    assert_eq!(why.reason, "it happened 95d 6h ago, and rollback-test evidence counts for 90d");
    assert_eq!(why.since, Some(sample::instant("2027-01-30T12:00:00Z")));
}

#[test]
fn a_source_that_let_it_expire_makes_it_stale() {
    let mut book = sample::book();
    sample::revise(&mut book, SECRET, |item| item["expires"] = json!("2026-11-22T12:30:00Z"));
    let support = at(&claim(vec![cite(&book, SECRET, "/title")], None), &book, now());
    assert_eq!(only(&support).since, Some(sample::instant("2026-11-22T12:30:00Z")));
    assert!(only(&support).reason.contains("its source said"));
}

#[test]
fn freshness_that_nobody_knows_supports_nothing() {
    let undated = after("/title", None, |_| {});
    assert_eq!(undated.standing, Standing::Supported);
    let mut book = sample::book();
    sample::revise(&mut book, ROLLBACK, |item| item["source-time"] = json!(null));
    let support = at(&claim(vec![cite(&book, ROLLBACK, "/title")], None), &book, now());
    assert_eq!(codes(&support), [("freshness.no-source-time", Standing::Unsupported)]);

    let mut board = sample::board();
    board.max_age.remove(&Kind::Secret);
    let (book, subjects) = (sample::book(), SubjectMap::default());
    let claim = claim(vec![cite(&book, SECRET, "/title")], None);
    let support = super::support(&claim, &Examined::new(&book, &subjects), &board, now());
    assert_eq!(codes(&support), [("freshness.no-max-age", Standing::Unsupported)]);
    assert_eq!(only(&support).clear, "set max-age.secret in the board policy");
}

#[test]
fn evidence_that_left_its_source_supports_nothing() {
    let support = after("/title", None, |book| book.records.get_mut(&id(SECRET)).unwrap().absent = true);
    assert_eq!(codes(&support), [("claim.evidence-absent", Standing::Unsupported)]);
    assert!(!only(&support).is_error());
}

#[test]
fn evidence_that_is_lost_is_an_error() {
    let lost = after("/title", None, |book| drop(book.records.remove(&id(SECRET))));
    let revision = after("/title", None, |book| {
        rotated(book);
        book.records.get_mut(&id(SECRET)).unwrap().revisions.remove(0);
    });
    let newer = after("/title", None, |book| {
        rotated(book);
        book.records.get_mut(&id(SECRET)).unwrap().revisions.pop();
        miss(book, &"secrets".parse().unwrap(), SECRET, 2);
    });
    let empty = after("/title", None, |book| book.records.get_mut(&id(SECRET)).unwrap().revisions.clear());
    for support in [lost, revision, newer, empty] {
        assert_eq!(codes(&support), [("claim.evidence-missing", Standing::Unsupported)]);
        assert!(only(&support).is_error() && only(&support).evidence == Some(id(SECRET)));
    }
}

#[test]
fn a_citation_that_does_not_fit_its_revision_is_an_error() {
    let book = sample::book();
    let good = cite(&book, SECRET, "/body/last-rotated");
    let other = cite(&book, SECRET, "/title");
    let mut broken = vec![good.clone(); 4];
    broken[0].quoted = json!("2026-11-20T12:00:00Z");
    broken[1].digest = other.digest;
    broken[2].content = Digest::of(b"another");
    broken[3].pointer = "/title".to_owned();
    for citation in broken {
        let support = at(&claim(vec![citation], None), &book, now());
        assert_eq!(codes(&support), [("claim.citation-broken", Standing::Unsupported)]);
        assert!(only(&support).is_error());
    }
}

#[test]
fn an_altered_revision_is_an_error() {
    let alter = |book: &mut Book, at: usize| {
        book.records.get_mut(&id(SECRET)).unwrap().revisions[at].item.title = "another".to_owned();
    };
    let cited = after("/body/last-rotated", None, |book| alter(book, 0));
    assert_eq!(codes(&cited), [("claim.citation-broken", Standing::Unsupported)]);
    let newest = after("/body/path", None, |book| {
        rotated(book);
        alter(book, 1);
    });
    assert_eq!(codes(&newest), [("claim.evidence-altered", Standing::Unsupported)]);
    assert!(only(&cited).is_error() && only(&newest).is_error());
}

#[test]
fn a_claim_that_rests_on_nothing_is_unsupported() {
    let support = at(&claim(vec![], None), &sample::book(), now());
    assert_eq!(codes(&support), [("claim.no-evidence", Standing::Unsupported)]);
    let query = query("no finding with state open and severity critical on service:payments-bridge in dojo");
    assert_eq!(at(&claim(vec![], query), &sample::book(), now()).standing, Standing::Supported);
}

#[test]
fn a_claim_stands_as_its_worst_ground_and_the_worst_is_told_first() {
    use Standing::{Contradicted, Stale, Supported, Unsupported};
    let why = |standing| Why::new(standing, "x", "");
    for (grounds, worst) in [
        (vec![Supported, Supported], Supported),
        (vec![Supported, Stale], Stale),
        (vec![Stale, Unsupported], Unsupported),
        (vec![Contradicted, Unsupported, Stale], Contradicted),
        (vec![], Unsupported),
    ] {
        assert_eq!(Support::of(grounds.into_iter().map(why).collect()).standing, worst);
    }
    let mixed = Support::of([Supported, Stale, Contradicted, Unsupported].map(why).into());
    let told: Vec<_> = mixed.faults().iter().map(|why| why.standing).collect();
    assert_eq!(told, [Contradicted, Unsupported, Stale]);
}

/// Claims of every sort over the sample book.
fn claims(book: &Book) -> Vec<ClaimText> {
    let age = || check("age(/body/last-rotated) <= 30d");
    vec![
        claim(vec![cite(book, SECRET, "/body/last-rotated")], None),
        claim(vec![cite(book, SECRET, "/body/last-rotated")], age()),
        claim(vec![cite(book, SECRET, "/body/last-rotated"), cite(book, ROLLBACK, "/body/outcome")], age()),
        claim(vec![cite(book, HIGH_OPEN, "/body/state")], check("/body/state == \"mitigated\"")),
        claim(
            vec![],
            query("no finding with state open and severity critical on service:payments-bridge in dojo"),
        ),
        claim(vec![], query("no finding with state open on service:payments-bridge in dojo")),
        claim(
            vec![],
            query("at least 1 rollback-test with state succeeded on service:payments-bridge in ci"),
        ),
        claim(vec![], query("at least 2 rollback-test on service:payments-bridge in ci, dojo")),
    ]
}

/// One thing taken away from a book, as it would show there.
#[derive(Debug, Clone, Copy)]
enum Loss {
    /// A record; page manifests still name it.
    Record(u32),
    /// Its newest revision.
    Revision(u32),
    Sweep(usize),
    /// What a stream brings: its component does not declare it any more.
    Kinds(usize),
}

/// Page manifests go on naming what is gone.
fn miss(book: &mut Book, stream: &StreamId, evidence: u32, revision: u32) {
    let run = "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap();
    if let Some(stream) = book.streams.iter_mut().find(|reading| reading.stream == *stream) {
        stream.missing.push(MissingRevision { evidence: id(evidence), revision, run });
    }
}

fn lose(book: &mut Book, loss: Loss) {
    match loss {
        Loss::Record(number) => {
            if let Some(record) = book.records.remove(&id(number)) {
                miss(book, &record.stream, number, 1);
            }
        }
        Loss::Revision(number) => {
            let Some(record) = book.records.get_mut(&id(number)) else { return };
            if let Some(revision) = record.revisions.pop() {
                let stream = record.stream.clone();
                miss(book, &stream, number, revision.number);
            }
        }
        Loss::Sweep(at) => {
            if let Some(stream) = book.streams.get_mut(at) {
                stream.sweep = None;
            }
        }
        Loss::Kinds(at) => {
            if let Some(stream) = book.streams.get_mut(at) {
                stream.kinds.clear();
            }
        }
    }
}

fn losses() -> impl Strategy<Value = Loss> {
    prop_oneof![
        (1..8_u32).prop_map(Loss::Record),
        (1..8_u32).prop_map(Loss::Revision),
        (0..4_usize).prop_map(Loss::Sweep),
        (0..4_usize).prop_map(Loss::Kinds),
    ]
}

proptest! {
    #[test]
    fn losing_something_never_makes_a_claim_supported(lost in prop::collection::vec(losses(), 1..4), hour in 0..1000_u64) {
        let mut book = sample::book();
        let claims = claims(&book);
        rotated(&mut book);
        let instant = sample::collected().plus(std::time::Duration::from_hours(hour)).unwrap();
        let mut poorer = book.clone();
        lost.iter().for_each(|loss| lose(&mut poorer, *loss));
        for claim in claims {
            let (before, after) = (at(&claim, &book, instant), at(&claim, &poorer, instant));
            if before.standing != Standing::Supported {
                prop_assert_ne!(after.standing, Standing::Supported, "{:?} {:?}", before, after);
            }
            if let (Some(before), Some(after)) = (before.until, after.until) {
                prop_assert!(after <= before);
            }
        }
    }

    #[test]
    fn a_claim_without_its_citations_and_test_is_unsupported(which in 0..8_usize) {
        let book = sample::book();
        let mut bare = claims(&book).swap_remove(which);
        bare.citations.clear();
        if !matches!(bare.test, Some(Test::Query(_))) {
            prop_assert_eq!(at(&bare, &book, now()).standing, Standing::Unsupported);
        }
        bare.test = None;
        prop_assert_eq!(at(&bare, &book, now()).standing, Standing::Unsupported);
    }

    #[test]
    fn what_is_supported_is_so_until_its_bound_and_not_at_it(which in 0..8_usize, hour in 0..1000_u64) {
        let book = sample::book();
        let claim = claims(&book).swap_remove(which);
        let instant = sample::collected().plus(std::time::Duration::from_hours(hour)).unwrap();
        let support = at(&claim, &book, instant);
        prop_assert_eq!(support.standing == Standing::Supported, support.until.is_some());
        if let Some(until) = support.until {
            prop_assert!(until > instant);
            let before = Instant::from_micros(until.as_micros() - 1).unwrap();
            prop_assert_eq!(at(&claim, &book, before).standing, Standing::Supported);
            prop_assert_ne!(at(&claim, &book, until).standing, Standing::Supported);
        }
    }
}

/// A hundred thousand findings about two hundred subjects, and five hundred claims on them.
#[test]
fn five_hundred_claims_over_a_hundred_thousand_records_take_no_time() {
    let mut book = Book::default();
    let states = ["open", "mitigated", "false-positive"];
    let mut template = sample::book();
    let mut record = template.records.remove(&id(HIGH_OPEN)).unwrap();
    for number in 0..100_000_u32 {
        record.id = id(number);
        let revision = &mut record.revisions[0];
        revision.item.subjects = vec![format!("service:s{}", number % 200)];
        revision.item.body =
            serde_json::from_value(sample::finding("high", states[number as usize % 3])).unwrap();
        if number < 500 {
            revision.content = revision.item.content_hash().unwrap();
        }
        book.records.insert(record.id.clone(), record.clone());
    }
    sample::stream(&mut book, "dojo", "findings", &[Kind::Finding], 100_000);
    let claims: Vec<_> = (0..500_u32)
        .map(|number| {
            let subject = number % 250;
            let (count, kind) = [("no", "critical"), ("at least 100", "high")][number as usize % 2];
            let text = format!("{count} finding with severity {kind} on service:s{subject} in dojo");
            claim(vec![cite(&book, number, "/body/state")], query(&text))
        })
        .collect();
    let (subjects, board) = (SubjectMap::default(), sample::board());
    let watch = Stopwatch::now();
    let examined = Examined::new(&book, &subjects);
    let supported = claims
        .iter()
        .filter(|claim| support(claim, &examined, &board, now()).standing == Standing::Supported)
        .count();
    let took = watch.elapsed();
    assert_eq!(supported, 400, "the subjects from 200 on matched no record");
    // Optimized, it takes tens of milliseconds. A scan of all records for each claim would take minutes like this.
    assert!(took.as_secs() < 5, "{took:?}");
}
