use serde_json::json;

use super::{RequirementLine, addressed_by, applicable};
use crate::board::Board;
use crate::book::{Book, Examined, GapReading, sample};
use crate::id::{ClaimId, EvidenceId};
use crate::instant::Instant;
use crate::packet::{Claim, ClaimState};
use crate::subject::SubjectMap;
use sample::{MUST, SHOULD, cite, id, noon, now, stream_of};

/// What was said, in short.
#[derive(Debug, PartialEq)]
enum Said {
    Read(u64, Option<Instant>),
    Fault(&'static str, bool),
    Applies(EvidenceId),
    Advises(EvidenceId),
}

fn said(board: &Board, book: &Book, at: Instant) -> Vec<Said> {
    let subjects = SubjectMap::default();
    let lines = applicable(board, &Examined::new(book, &subjects), at);
    lines
        .into_iter()
        .map(|line| match line {
            RequirementLine::Read { examined, until, .. } => Said::Read(examined, until),
            RequirementLine::Fault { fault, .. } => {
                assert!(!fault.clear.is_empty());
                assert_eq!(fault.since.is_some(), fault.code == "coverage.out-of-date");
                Said::Fault(fault.code, fault.is_error)
            }
            RequirementLine::Applies { record, .. } => Said::Applies(record.id.clone()),
            RequirementLine::Advises { record, .. } => Said::Advises(record.id.clone()),
        })
        .collect()
}

fn after(change: impl FnOnce(&mut Board, &mut Book)) -> Vec<Said> {
    let (mut board, mut book) = (sample::board(), sample::book());
    change(&mut board, &mut book);
    said(&board, &book, now())
}

fn members() -> [Said; 2] {
    [Said::Applies(id(MUST)), Said::Advises(id(SHOULD))]
}

#[test]
fn what_must_be_followed_applies_and_advice_does_not() {
    let until = sample::instant("2026-12-22T12:00:00Z");
    let [must, should] = members();
    assert_eq!(after(|_, _| {}), [Said::Read(2, Some(until)), must, should]);
    for (strength, applies) in
        [("must-not", true), ("should-not", false), ("may", false), ("statement", false), ("must", true)]
    {
        let lines = after(|_, book| {
            sample::revise(book, MUST, |item| item["body"]["strength"] = json!(strength));
        });
        assert_eq!(lines.contains(&Said::Applies(id(MUST))), applies, "{strength}");
        assert_eq!(lines.contains(&Said::Advises(id(MUST))), !applies, "{strength}");
    }
}

#[test]
fn a_set_is_narrowed_by_document_heading_and_class() {
    for change in [
        (|item| item["body"]["document"]["id"] = json!("other.md")) as fn(&mut serde_json::Value),
        |item| item["body"]["section"] = json!(["Policy"]),
        |item| item["body"]["class"] = json!("policy"),
    ] {
        let lines = after(|_, book| sample::revise(book, SHOULD, change));
        assert!(!lines.contains(&Said::Advises(id(SHOULD))));
        assert!(lines.contains(&Said::Fault("requirements.key-missing", true)));
        let wide = after(|board, book| {
            let set = &mut board.requirement_sets[0];
            (set.document, set.section, set.class) = (None, None, None);
            sample::revise(book, SHOULD, change);
        });
        assert!(wide.contains(&Said::Advises(id(SHOULD))));
    }
}

#[test]
fn a_key_requirement_that_is_not_there_is_an_error() {
    let gone = after(|_, book| book.records.get_mut(&id(MUST)).unwrap().absent = true);
    assert_eq!(gone, [Said::Fault("requirements.key-missing", true), Said::Advises(id(SHOULD))]);
}

#[test]
fn an_empty_set_is_an_error() {
    let empty = after(|board, _| {
        board.requirement_sets[0].document = Some("moved.md".to_owned());
        board.requirement_sets[0].key.clear();
    });
    assert_eq!(empty, [Said::Fault("requirements.nothing-examined", true)]);
    let (subjects, book, mut board) = (SubjectMap::default(), sample::book(), sample::board());
    board.requirement_sets[0].document = Some("moved.md".to_owned());
    let lines = applicable(&board, &Examined::new(&book, &subjects), now());
    let RequirementLine::Fault { fault, .. } = &lines[0] else { panic!("{lines:?}") };
    assert_eq!(
        fault.reason,
        "nothing examined: standards has no requirement of document `moved.md` of section `Exception criteria` \
         of class criterion"
    );
}

#[test]
fn a_set_counts_only_over_a_full_reading_in_date() {
    let [must, should] = members();
    let unread = after(|_, book| stream_of(book, "standards").sweep = None);
    assert_eq!(unread, [Said::Fault("coverage.no-sweep", false), must, should]);
    let gap = after(|_, book| {
        stream_of(book, "standards").gaps.push(GapReading {
            run: "0197a3c0-0000-7000-8000-00000000aaaa".parse().unwrap(),
            subject: Some("document:another".to_owned()),
            message: "not UTF-8".to_owned(),
        });
    });
    assert_eq!(gap[0], Said::Fault("coverage.gap", false), "any gap may hide a requirement");
    let lost = after(|_, book| stream_of(book, "standards").sweep.as_mut().unwrap().listed = 1);
    assert_eq!(lost[0], Said::Fault("coverage.lost", true));
    let late = said(&sample::board(), &sample::book(), sample::instant("2026-12-22T12:00:00Z"));
    assert_eq!(late[0], Said::Fault("coverage.out-of-date", false));
    let ageless = after(|board, _| {
        board.max_age.remove(&crate::evidence::Kind::Requirement);
    });
    assert_eq!(ageless[0], Said::Fault("coverage.no-max-age", false));
}

fn claim(number: u32, book: &Book, evidence: u32, pointer: &str) -> Claim {
    let mut text = sample::claim(vec![], None);
    text.addresses.push(cite(book, evidence, pointer));
    Claim {
        id: ClaimId(number),
        claim: text,
        by: "ada".parse().unwrap(),
        made: noon(22),
        replaces: None,
        state: ClaimState::Accepted { at: noon(22) },
    }
}

#[test]
fn a_requirement_is_addressed_by_who_cites_its_text_as_it_is() {
    let mut book = sample::book();
    let claims = [
        claim(7, &book, MUST, "/body/text"),
        claim(8, &book, MUST, "/body/reference"),
        claim(9, &book, SHOULD, "/body/text"),
    ];
    let addressed = addressed_by(&book.records[&id(MUST)], &claims);
    assert_eq!((&addressed.by[..], addressed.problem()), (&[ClaimId(7)][..], None));
    let none = addressed_by(&book.records[&id(MUST)], &claims[1..]);
    assert_eq!(none.problem().as_deref(), Some("no supported claim addresses it"));

    sample::revise(&mut book, MUST, |item| item["body"]["text"] = json!("It is rotated weekly."));
    let outdated = addressed_by(&book.records[&id(MUST)], &claims);
    assert_eq!((outdated.by.len(), &outdated.outdated[..]), (0, &[ClaimId(7)][..]));
    assert_eq!(
        outdated.problem().as_deref(),
        Some("the requirement's text changed since claim-7 addressed it: reaffirm")
    );
    let newer = claim(11, &book, MUST, "/body/text");
    let both = addressed_by(&book.records[&id(MUST)], claims.iter().chain([&newer]));
    assert_eq!((&both.by[..], both.problem()), (&[ClaimId(11)][..], None));
}
