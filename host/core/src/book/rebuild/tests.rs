use serde_json::Value;

use super::*;
use crate::fixture::{Archive, at, finding, secret};

const SERVICE: &str = "service:payments-bridge";

/// An hour of the day.
fn hour(hour: u32) -> Instant {
    at(&format!("2026-11-22T{hour:02}:00:00Z"))
}

fn all_findings() -> Needs {
    let mut needs = Needs::default();
    needs.kinds.entry("dojo".parse().unwrap()).or_default().insert(Kind::Finding);
    needs
}

fn open(id: &str) -> Value {
    finding(id, SERVICE, "high", "open")
}

fn sweep(archive: &mut Archive, began: Instant, ids: &[&str]) {
    let items = ids.iter().map(|id| open(id)).collect();
    archive.run("dojo", "findings", Mode::Full, began, vec![items], &[]);
}

fn book(archive: &Archive, at: Instant) -> Book {
    rebuild(&archive.collected, &all_findings(), at)
}

fn record(book: &Book, id: &str) -> Record {
    book.records.values().find(|record| record.newest().unwrap().item.id == id).unwrap().clone()
}

#[test]
fn a_book_has_what_was_recorded_by_the_instant() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1"]);
    archive.run(
        "dojo",
        "findings",
        Mode::Incremental,
        hour(10),
        vec![vec![finding("F-1", SERVICE, "high", "mitigated")]],
        &[],
    );
    assert_eq!(book(&archive, hour(8)), Book { records: BTreeMap::new(), ..book(&archive, hour(8)) });
    assert_eq!(book(&archive, hour(7)), Book::default());
    let (early, late) = (record(&book(&archive, hour(9)), "F-1"), record(&book(&archive, hour(11)), "F-1"));
    assert_eq!((early.newest().unwrap().number, late.newest().unwrap().number), (1, 2));
    // The page at 10:00:01 is there from its commit on, to the microsecond.
    let recorded = at("2026-11-22T10:00:01Z");
    assert_eq!(record(&book(&archive, recorded), "F-1").revisions[0].number, 2);
    let before = recorded.minus(std::time::Duration::from_micros(1)).unwrap();
    assert_eq!(record(&book(&archive, before), "F-1").revisions[0].number, 1);
}

#[test]
fn it_was_last_seen_in_the_last_page_that_has_it() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1", "F-2"]);
    sweep(&mut archive, hour(9), &["F-1"]);
    let book = book(&archive, hour(12));
    // The page's own instant, which is a host's clock, and not its commit.
    assert_eq!(record(&book, "F-1").last_seen, at("2026-11-22T09:00:00.7Z"));
    assert_eq!(record(&book, "F-2").last_seen, at("2026-11-22T08:00:00.7Z"));
    assert_eq!(record(&book, "F-1").newest().unwrap().collected, at("2026-11-22T08:00:00.7Z"));
}

#[test]
fn without_a_page_that_has_it_the_revision_itself_was_the_last_sighting() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1"]);
    archive.collected.pages.clear();
    assert_eq!(record(&book(&archive, hour(12)), "F-1").last_seen, at("2026-11-22T08:00:00.7Z"));
}

#[test]
fn absence_is_missing_from_two_sweeps_that_returned_something() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1", "F-2"]);
    sweep(&mut archive, hour(9), &["F-1"]);
    sweep(&mut archive, hour(10), &[]);
    archive.run("dojo", "findings", Mode::Incremental, hour(11), vec![vec![open("F-1")]], &[]);
    archive.run("dojo", "findings", Mode::Full, hour(12), vec![vec![open("F-1")]], &[None]);
    assert!(
        !record(&book(&archive, hour(13)), "F-2").absent,
        "one sweep, an empty one, an incremental run, an incomplete one"
    );
    sweep(&mut archive, hour(14), &["F-1"]);
    assert!(!record(&book(&archive, hour(14)), "F-2").absent, "it has not ended");
    assert!(record(&book(&archive, hour(15)), "F-2").absent);
    assert!(!record(&book(&archive, hour(15)), "F-1").absent);
}

#[test]
fn a_stream_is_read_by_its_last_complete_sweep() {
    let mut archive = Archive::default();
    archive.run("dojo", "findings", Mode::Full, hour(8), vec![vec![open("F-1")], vec![open("F-2")]], &[]);
    archive.run("dojo", "findings", Mode::Full, hour(9), vec![vec![open("F-1")]], &[Some(SERVICE), None]);
    let reading = book(&archive, hour(10)).streams.remove(0);
    let sweep = reading.sweep.unwrap();
    assert_eq!(
        (sweep.examined, sweep.listed, sweep.began, sweep.ended),
        (2, 2, hour(8), at("2026-11-22T08:00:03Z"))
    );
    assert_eq!(reading.kinds, [Kind::Finding]);
    let gaps: Vec<_> =
        reading.gaps.iter().map(|gap| (gap.subject.as_deref(), gap.message.as_str())).collect();
    assert_eq!(gaps, [(Some(SERVICE), "the source did not answer"), (None, "the source did not answer")]);
    // A sweep that begins later has been past them.
    archive.run("dojo", "findings", Mode::Full, hour(11), vec![vec![open("F-1")]], &[]);
    let reading = book(&archive, hour(12)).streams.remove(0);
    assert_eq!((reading.gaps, reading.sweep.unwrap().began), (vec![], hour(11)));
    assert_eq!(book(&archive, hour(10)).streams[0].gaps.len(), 2, "at ten o'clock they stood");
}

#[test]
fn without_a_sweep_there_is_none_and_every_gap_stands() {
    let mut archive = Archive::default();
    archive.run("dojo", "findings", Mode::Full, hour(8), vec![vec![open("F-1")]], &[None]);
    archive.run("dojo", "findings", Mode::Incremental, hour(9), vec![vec![open("F-1")]], &[None]);
    let reading = book(&archive, hour(10)).streams.remove(0);
    assert_eq!((reading.sweep, reading.gaps.len()), (None, 2));
}

#[test]
fn rows_that_lead_nowhere_are_missing_and_lost_rows_are_not_listed() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(7), &["F-1", "F-2"]);
    sweep(&mut archive, hour(8), &["F-1", "F-2"]);
    sweep(&mut archive, hour(9), &["F-1", "F-2"]);
    let lost = archive.id("dojo", Kind::Finding, "F-2");
    archive.collected.revisions.remove(&lost);
    let reading = book(&archive, hour(10)).streams.remove(0);
    let runs: Vec<_> =
        archive.collected.runs.values().filter(|run| run.began > hour(7)).map(|run| run.id.clone()).collect();
    let missing: Vec<_> =
        reading.missing.iter().map(|missing| (missing.evidence.clone(), missing.run.clone())).collect();
    assert_eq!(
        missing,
        runs.into_iter().map(|run| (lost.clone(), run)).collect::<Vec<_>>(),
        "since the last sweep but one"
    );
    let last = archive.collected.pages.values_mut().max_by_key(|page| page.recorded).unwrap();
    last.sightings.pop();
    let sweep = book(&archive, hour(10)).streams.remove(0).sweep.unwrap();
    assert_eq!((sweep.examined, sweep.listed), (2, 1));
}

#[test]
fn a_sweep_that_returned_nothing_makes_nothing_absent_and_hides_nothing() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(7), &["F-1", "F-2"]);
    sweep(&mut archive, hour(8), &[]);
    sweep(&mut archive, hour(9), &["F-1"]);
    let lost = archive.id("dojo", Kind::Finding, "F-2");
    archive.collected.revisions.remove(&lost);
    let missing = book(&archive, hour(10)).streams.remove(0).missing;
    assert_eq!(missing.iter().map(|missing| &missing.evidence).collect::<Vec<_>>(), [&lost]);
}

#[test]
fn what_is_only_listed_is_there_unless_it_is_needed() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1"]);
    let id = archive.id("dojo", Kind::Finding, "F-1");
    let revision = archive.collected.revisions.remove(&id).unwrap().remove(&1).unwrap();
    let (content, recorded) = (revision.content, revision.recorded);
    let listed = crate::book::ListedRevision {
        evidence: id.clone(),
        revision: 1,
        kind: Kind::Secret,
        content,
        recorded,
    };
    archive.collected.listed.push(listed);
    assert_eq!(book(&archive, hour(9)).streams[0].missing, []);
    archive.collected.listed[0].kind = Kind::Finding;
    assert_eq!(book(&archive, hour(9)).streams[0].missing.len(), 1, "its kind is needed");
    archive.collected.listed[0].kind = Kind::Secret;
    let mut needs = all_findings();
    needs.cited.entry(id).or_default();
    assert_eq!(rebuild(&archive.collected, &needs, hour(9)).streams[0].missing.len(), 1, "it is cited");
}

#[test]
fn a_connection_is_called_what_it_was_called_then() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1"]);
    archive.rename("dojo", "tracker", hour(10));
    let then = book(&archive, hour(9));
    assert_eq!((then.records.len(), then.streams.len()), (1, 1));
    assert_eq!(then.streams[0].connection.as_str(), "dojo");
    assert_eq!(book(&archive, hour(11)), Book::default(), "no connection is called dojo then");
    let mut needs = Needs::default();
    needs.kinds.entry("tracker".parse().unwrap()).or_default().insert(Kind::Finding);
    let later = rebuild(&archive.collected, &needs, hour(11));
    assert_eq!(later.streams[0].connection.as_str(), "tracker");
    assert_eq!(later.records.values().next().unwrap().connection.as_str(), "tracker");
}

#[test]
fn a_stream_brings_what_the_component_of_its_last_run_declares() {
    let mut archive = Archive::default();
    sweep(&mut archive, hour(8), &["F-1"]);
    let other = crate::canonical::Digest::of(b"a later component");
    let run = archive.run("dojo", "findings", Mode::Full, hour(9), vec![vec![open("F-1")]], &[]);
    archive.collected.runs.get_mut(&run).unwrap().component = other;
    let declared = crate::book::Declared {
        component: other,
        stream: "findings".parse().unwrap(),
        kinds: vec![Kind::Exception],
    };
    archive.collected.streams.declared.push(declared);
    assert_eq!(book(&archive, at("2026-11-22T08:30:00Z")).streams[0].kinds, [Kind::Finding]);
    assert_eq!(book(&archive, hour(9)).streams[0].kinds, [Kind::Exception]);
}

#[test]
fn exposures_are_there_whole_whatever_their_connection() {
    let mut archive = Archive::default();
    let mut exposed = secret("kv/a", SERVICE, "2026-11-20T03:00:00Z");
    exposed["exposure"] = "it is in a public place".into();
    archive.run("vault", "secrets", Mode::Full, hour(8), vec![vec![exposed]], &[]);
    let healed = secret("kv/a", SERVICE, "2026-11-22T09:00:00Z");
    archive.run("vault", "secrets", Mode::Full, hour(10), vec![vec![healed]], &[]);
    let needs = Needs { exposed: [SERVICE.to_owned()].into(), ..Needs::default() };
    let book = rebuild(&archive.collected, &needs, hour(11));
    assert_eq!(book.records.values().next().unwrap().revisions.len(), 2);
    assert_eq!(rebuild(&archive.collected, &Needs::default(), hour(11)), Book::default());
}
