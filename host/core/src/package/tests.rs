use super::samples::{Story, broker, person};
use super::{Counting, DraftKind, FateRow, InBook, NotPackaged, Package};
use crate::actor::Role;
use crate::canonical::Digest;
use crate::event::{Decision, Event, HoldPlaced, ObjectionRaised, Topic};
use crate::evidence::Severity;
use crate::id::ObjectionId;
use crate::packet::FateWord;
use crate::readiness::Verdict;

fn sample() -> Package {
    broker(str::to_owned)
}

fn story_with_objection() -> (Story, ObjectionId) {
    let mut story = Story::opened("A sample");
    let raised = ObjectionRaised {
        topic: Topic::Other,
        severity: Severity::Low,
        issue: "An issue".to_owned(),
        target: None,
        rationale: "Why".to_owned(),
        removes: "What".to_owned(),
        remark: None,
    };
    let id = ObjectionId(story.say("lin", Role::Reviewer, Event::ObjectionRaised(raised)));
    (story, id)
}

fn accept_risk(story: &mut Story, objection: ObjectionId, expires: &str) {
    let rationale = "We carry it".to_owned();
    let decides = Decision::RiskAccepted { objection, rationale, expires: super::samples::at(expires) };
    story.sign("grace", Role::ApprovalOwner, decides);
}

#[test]
fn the_same_values_make_the_same_bytes() {
    assert_eq!(sample().bytes().unwrap(), sample().bytes().unwrap());
}

#[test]
fn each_span_says_where_its_words_come_from_and_who_took_them() {
    let package = sample();
    let summary = &package.language[0].spans[0];
    assert!(summary.by_agent && summary.edited && !summary.narrative);
    assert_eq!(summary.accepted_by, person("ada"));
    assert!(summary.text.contains("one shared production credential"), "the edited words");
    let expiry = package
        .language
        .iter()
        .flat_map(|section| &section.spans)
        .find(|span| span.quotes.is_some())
        .unwrap();
    assert!(expiry.narrative && !expiry.edited);
}

#[test]
fn drafts_are_listed_without_their_words() {
    let package = sample();
    let kinds: Vec<_> = package.drafts.iter().map(|draft| draft.what).collect();
    assert!(matches!(kinds[..], [DraftKind::Passage { .. }, DraftKind::Answer { .. }]), "{kinds:?}");
    let bytes = String::from_utf8(package.bytes().unwrap()).unwrap();
    assert!(!bytes.contains(super::samples::DRAFTED));
}

#[test]
fn every_fate_is_told_with_who_brought_it_about() {
    let package = sample();
    let fates: Vec<_> = package.objections.iter().map(|row| row.fate.clone()).collect();
    let [accepted, withdrawn, open] = &fates[..] else { panic!("{fates:?}") };
    assert!(matches!(accepted, FateRow::RiskAccepted { by, in_date: true, .. } if *by == person("grace")));
    assert!(matches!(withdrawn, FateRow::Withdrawn { by, .. } if *by == person("sam")));
    assert_eq!(*open, FateRow::Open);
}

#[test]
fn an_acceptance_past_its_date_says_so() {
    let (mut story, objection) = story_with_objection();
    accept_risk(&mut story, objection, "2026-11-10T00:00:00Z");
    let package = story.in_review();
    assert!(matches!(package.objections[0].fate, FateRow::RiskAccepted { in_date: false, .. }));
}

#[test]
fn the_history_keeps_who_accepted_a_risk_that_a_new_owner_opened_again() {
    let (mut story, objection) = story_with_objection();
    accept_risk(&mut story, objection, "2027-01-01T00:00:00Z");
    let decides = Decision::OwnerReplaced { owner: person("mary"), reason: "away".to_owned() };
    story.sign("joan", Role::Board, decides);
    let row = &story.in_review().objections[0];
    assert_eq!(row.fate, FateRow::Open);
    let told: Vec<_> =
        row.history.iter().map(|step| (step.word.as_str(), step.fate, step.by.as_str())).collect();
    assert_eq!(
        told,
        [
            ("objection-raised", FateWord::Open, "lin@example.org"),
            ("risk-accepted", FateWord::RiskAccepted, "grace@example.org"),
            ("owner-replaced", FateWord::Open, "joan@example.org"),
        ]
    );
}

#[test]
fn a_source_is_listed_once_and_says_whether_it_is_at_hand() {
    let package = sample();
    assert_eq!(package.sources.len(), 3);
    assert!(package.sources.iter().all(|source| matches!(source.in_book, InBook::Found { .. })));
    let places = package.claims.iter().flat_map(|row| row.cites.iter().chain(&row.addresses));
    assert!(places.map(|place| place.source).all(|number| package.sources[number - 1].number == number));
}

#[test]
fn evidence_that_is_gone_or_another_is_never_shown_as_found() {
    let mut story = Story::opened("A sample");
    let body = serde_json::json!({"kind": "ownership", "owner": "a", "role": "owner", "since": null, "contact": null});
    story.collect(7, "catalog", super::samples::item("Owner", None, body));
    let claim = |story: &Story| crate::claim::ClaimText {
        text: "It is owned".to_owned(),
        reasoning: String::new(),
        citations: vec![story.cite(7, "/body/owner")],
        test: None,
        addresses: Vec::new(),
    };
    let made = crate::event::ClaimMade { claim: claim(&story), replaces: None };
    story.say("ada", Role::Author, Event::ClaimMade(made));
    let found = |story: &Story| story.in_review().sources[0].in_book.clone();
    assert!(matches!(found(&story), InBook::Found { .. }));
    let record = story.book.records.get_mut(&super::samples::evidence(7)).unwrap();
    record.revisions[0].content = Digest::of(b"another");
    assert!(matches!(found(&story), InBook::Altered { .. }));
    story.book.records.clear();
    assert_eq!(found(&story), InBook::Missing);
}

#[test]
fn a_review_of_another_text_does_not_count() {
    let package = sample();
    let review = |package: &Package| {
        package
            .signatures
            .iter()
            .rev()
            .find(|signed| signed.decides.word() == "review-recorded")
            .unwrap()
            .counting
    };
    assert_eq!(review(&package), Counting::Counts);
    let (mut story, _) = story_with_objection();
    let named = crate::event::ReviewerNamed { reviewer: person("sam"), discipline: "sre".parse().unwrap() };
    story.say("ada", Role::Author, Event::ReviewerNamed(named));
    let (discipline, verdict) = ("sre".parse().unwrap(), crate::event::ReviewVerdict::Approve);
    story.sign("sam", Role::Reviewer, Decision::ReviewRecorded { discipline, verdict, note: String::new() });
    assert_eq!(review(&story.in_review()), Counting::Counts);
    let terms = story.packet().terms;
    story.say("ada", Role::Author, Event::TermsRevised(crate::event::TermsRevised { terms }));
    assert_eq!(review(&story.in_review()), Counting::Ended, "going back to an old text revives nothing");
}

#[test]
fn readiness_that_was_accepted_ends_with_what_it_stands_on_and_with_its_date() {
    let (mut story, _) = story_with_objection();
    story.sign("ada", Role::Author, Decision::ReadinessAccepted);
    let counting = |story: &Story, instant: &str| {
        let mut report = story.report(Verdict::AwaitingSignatures);
        report.instant = super::samples::at(instant);
        story.package(&report).signatures[0].counting
    };
    assert_eq!(counting(&story, "2026-11-23T08:30:00Z"), Counting::Counts);
    assert_eq!(counting(&story, "2026-12-01T00:00:00Z"), Counting::Ended, "past good-until");
    let hold = Event::HoldPlaced(HoldPlaced { reason: "wait".to_owned() });
    story.say("ada", Role::Author, hold);
    assert_eq!(
        counting(&story, "2026-11-23T08:30:00Z"),
        Counting::Counts,
        "a hold changes nothing signed for"
    );
    accept_risk(&mut story, ObjectionId(2), "2027-01-01T00:00:00Z");
    assert_eq!(counting(&story, "2026-11-23T08:30:00Z"), Counting::Ended);
}

#[test]
fn values_that_are_not_of_one_another_make_no_package() {
    let (mut story, _) = story_with_objection();
    let report = story.report(Verdict::InReview);
    let packet = story.packet();
    let of = |story: &Story, report: &crate::readiness::Report, board: &crate::board::Board| {
        Package::of(&story.entries, &packet, report, &story.book, board).map_err(|error| error.code())
    };
    assert!(of(&story, &report, &story.board).is_ok());
    let other = crate::board::Board { digest: Digest::of(b"other"), ..story.board.clone() };
    assert_eq!(of(&story, &report, &other).err(), Some("package.policy"));
    let mut mixed = report.clone();
    mixed.head.digest = Digest::of(b"another ledger");
    assert_eq!(of(&story, &mixed, &story.board).err(), Some("package.report"));
    story.say("ada", Role::Author, Event::HoldPlaced(HoldPlaced { reason: "wait".to_owned() }));
    let error = Package::of(&story.entries, &packet, &report, &story.book, &story.board);
    assert_eq!(error, Err(NotPackaged::Ledger { packet: 2, ledger: 3 }));
}
