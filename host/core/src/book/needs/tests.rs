use std::collections::BTreeMap;

use serde_json::json;

use super::{Book, Needs, Packet};
use crate::book::sample;
use crate::canonical::Digest;
use crate::chain::Head;
use crate::claim::{Citation, ClaimText};
use crate::event::{Origin, Section, Terms, Topic};
use crate::evidence::{Kind, Severity};
use crate::id::{CauseId, ClaimId, ObjectionId, PassageId};
use crate::packet::exposure::CauseSource;
use crate::packet::{Answer, Cause, Claim, ClaimState, Fate, Objection, Owner, Passage, PassageState};
use crate::subject::SubjectMap;
use sample::{HIGH_OPEN, MUST, OTHERS_CRITICAL, ROLLBACK, SECRET, cite, id, noon};

fn packet() -> Packet {
    let digest = Digest::of(b"");
    Packet {
        id: "0197a3c0-0000-7000-8000-0000000000f0".parse().unwrap(),
        title: String::new(),
        exception: "shared-credential".to_owned(),
        terms: Terms {
            system: "service:payments-bridge".parse().unwrap(),
            credential: Some("credential:broker".parse().unwrap()),
            expires: noon(30),
        },
        board: "production-exceptions".to_owned(),
        policy: digest,
        subjects: digest,
        renews: None,
        opened: noon(20),
        author: "ada".parse().unwrap(),
        owner: Owner { id: "grace".parse().unwrap(), since: noon(20), accepted: None, offered: None },
        passages: BTreeMap::new(),
        claims: BTreeMap::new(),
        objections: BTreeMap::new(),
        remarks: BTreeMap::new(),
        reviewers: BTreeMap::new(),
        reviews: Vec::new(),
        holds: BTreeMap::new(),
        causes: BTreeMap::new(),
        condition: None,
        follow_ups: BTreeMap::new(),
        author_acceptance: None,
        owner_acceptance: None,
        handoffs: Vec::new(),
        withdrawn: None,
        head: Head { seq: 1, digest },
        changed: noon(20),
        text_since: 1,
        approval_since: 1,
        approval_changes: Vec::new(),
        oddities: Vec::new(),
    }
}

fn with_claim(claim: ClaimText, state: ClaimState) -> Packet {
    let mut packet = packet();
    let (made, by) = (noon(20), packet.author.clone());
    packet.claims.insert(ClaimId(2), Claim { id: ClaimId(2), claim, by, made, replaces: None, state });
    packet
}

fn needs(packet: &Packet) -> Needs {
    Needs::of(packet, &sample::board(), &SubjectMap::default())
}

fn cited(citation: Citation) -> ClaimText {
    sample::claim(vec![citation], None)
}

#[test]
fn a_packet_needs_what_its_claims_cite_drafts_included() {
    let book = sample::book();
    for (state, needed) in [
        (ClaimState::Draft, true),
        (ClaimState::Accepted { at: noon(21) }, true),
        (ClaimState::Retracted { at: noon(21) }, false),
        (ClaimState::Replaced { by: ClaimId(3) }, false),
    ] {
        let mut claim = cited(cite(&book, SECRET, "/title"));
        claim.addresses.push(cite(&book, MUST, "/body/text"));
        let needs = needs(&with_claim(claim, state));
        for evidence in [SECRET, MUST] {
            let revisions = needs.cited.get(&id(evidence));
            assert_eq!(revisions.is_some_and(|revisions| revisions.contains(&1)), needed, "{state:?}");
        }
    }
}

#[test]
fn a_packet_needs_what_its_queries_and_its_board_range_over() {
    let query = sample::query("no finding on service:payments-bridge in dojo, github");
    let needs = needs(&with_claim(sample::claim(vec![], query), ClaimState::Draft));
    let named: Vec<_> =
        needs.kinds.iter().map(|(name, kinds)| (name.as_str(), kinds.first().copied())).collect();
    assert_eq!(
        named,
        [
            ("dojo", Some(Kind::Finding)),
            ("github", Some(Kind::Finding)),
            ("standards", Some(Kind::Requirement))
        ]
    );
}

#[test]
fn a_packet_needs_what_passages_answers_and_causes_point_at() {
    let book = sample::book();
    let mut packet = packet();
    packet.passages.insert(
        PassageId(2),
        Passage {
            id: PassageId(2),
            section: Section::Summary,
            origin: Origin::Finding,
            text: String::new(),
            quotes: Some(cite(&book, HIGH_OPEN, "/title")),
            objection: None,
            leans_on: Vec::new(),
            replaces: None,
            by: packet.author.clone(),
            by_agent: false,
            at: noon(20),
            state: PassageState::Proposed,
        },
    );
    let answer = Answer {
        seq: 4,
        by: packet.author.clone(),
        at: noon(20),
        text: String::new(),
        citations: vec![cite(&book, ROLLBACK, "/body/outcome")],
        draft: true,
    };
    packet.objections.insert(
        ObjectionId(3),
        Objection {
            id: ObjectionId(3),
            by: "sofia".parse().unwrap(),
            at: noon(20),
            topic: Topic::Rollback,
            severity: Severity::High,
            issue: String::new(),
            target: None,
            rationale: String::new(),
            removes: String::new(),
            remark: None,
            carried_from: None,
            answers: vec![answer],
            fate: Fate::Open,
        },
    );
    for (seq, source) in [
        (5, CauseSource::Detected { evidence: id(SECRET), revision: 4 }),
        (6, CauseSource::Declared { by: packet.author.clone(), evidence: Some(id(MUST)) }),
    ] {
        let id = CauseId(seq);
        packet.causes.insert(id, Cause { id, at: noon(20), reason: String::new(), source, cleared: None });
    }
    let needs = needs(&packet);
    let named: Vec<_> = needs.cited.keys().cloned().collect();
    assert_eq!(named, [id(SECRET), id(ROLLBACK), id(HIGH_OPEN), id(MUST)]);
    assert_eq!(needs.cited[&id(SECRET)], [4].into());
    assert!(needs.cited[&id(MUST)].is_empty(), "a declared cause is about the evidence as a whole");
}

#[test]
fn exposures_are_looked_for_under_every_name_of_what_the_packet_is_about() {
    let subjects = SubjectMap::parse("[\"credential:broker\"]\naliases = [\"secret:kv/broker\"]\n").unwrap();
    let needs = Needs::of(&packet(), &sample::board(), &subjects);
    let named: Vec<_> = needs.exposed.iter().map(String::as_str).collect();
    assert_eq!(named, ["credential:broker", "secret:kv/broker", "service:payments-bridge"]);
}

/// The sample book, with three revisions of the secret.
fn all() -> Book {
    let mut book = sample::book();
    for owner in ["a", "b"] {
        sample::revise(&mut book, SECRET, |item| item["body"]["owner"] = json!(owner));
    }
    book
}

fn cut(all: Book, needs: &Needs) -> Book {
    Book::cut(all.records.into_values(), all.streams, needs)
}

fn revisions(book: &Book, evidence: u32) -> Vec<u32> {
    let record = book.records.get(&id(evidence));
    record.map(|record| record.revisions.iter().map(|revision| revision.number).collect()).unwrap_or_default()
}

#[test]
fn a_book_holds_cited_revisions_and_the_newest() {
    let needs = Needs { cited: [(id(SECRET), [1].into())].into(), ..Needs::default() };
    let book = cut(all(), &needs);
    assert_eq!((book.records.len(), revisions(&book, SECRET)), (1, vec![1, 3]));
    let streams: Vec<_> = book.streams.iter().map(|stream| stream.connection.as_str()).collect();
    assert_eq!(streams, ["vault"], "and how well its connection was read");
}

#[test]
fn a_book_holds_all_of_a_kind_in_a_connection_whether_present_or_not() {
    let needs =
        Needs { kinds: [("dojo".parse().unwrap(), [Kind::Finding].into())].into(), ..Needs::default() };
    let mut everything = all();
    everything.records.get_mut(&id(HIGH_OPEN)).unwrap().absent = true;
    let book = cut(everything, &needs);
    assert_eq!(book.records.len(), 3);
    assert!(book.records[&id(HIGH_OPEN)].absent);
    let other =
        Needs { kinds: [("dojo".parse().unwrap(), [Kind::Secret].into())].into(), ..Needs::default() };
    let book = cut(all(), &other);
    assert_eq!((book.records.len(), book.streams.len()), (0, 1), "an empty reading is told by its stream");
}

#[test]
fn a_book_holds_what_is_or_was_an_exposure_whole() {
    let needs = needs(&packet());
    assert_eq!(revisions(&cut(all(), &needs), SECRET), Vec::<u32>::new());
    let mut everything = all();
    everything.records.get_mut(&id(SECRET)).unwrap().revisions[1].item.exposure =
        Some("found in public".to_owned());
    everything.records.get_mut(&id(OTHERS_CRITICAL)).unwrap().revisions[0].item.exposure =
        Some("exploited".to_owned());
    let book = cut(everything, &needs);
    assert_eq!(revisions(&book, SECRET), [1, 2, 3], "it was one, and the next revisions tell how it ended");
    assert_eq!(revisions(&book, OTHERS_CRITICAL), Vec::<u32>::new(), "nothing of this packet");
}

#[test]
fn cutting_a_cut_book_changes_nothing_and_order_does_not_matter() {
    let mut needs = needs(&packet());
    needs.cited.insert(id(SECRET), [1].into());
    let book = cut(all(), &needs);
    assert_eq!(cut(book.clone(), &needs), book);
    let mut shuffled = all();
    shuffled.streams.reverse();
    shuffled.records.values_mut().for_each(|record| record.revisions.reverse());
    let records = shuffled.records.into_values().rev().collect::<Vec<_>>();
    assert_eq!(Book::cut(records, shuffled.streams, &needs), book);
}
