//! How fast the loop's pure parts are: `cargo bench -p probity-core`. It prints figures and fails nothing.
//!
//! Each figure is the best of several rounds on one core, which is what the code can do when nothing else runs.

// The sample is shared with the crate's own tests.
#[path = "../src/fixture.rs"]
mod fixture;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant as Stopwatch};

use fixture::{Archive, at, evidence, finding, told};
use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::board::{Board, SAMPLE};
use probity_core::book::{Book, Needs, Record, Revision, rebuild};
use probity_core::bundle::{Reader, Scope, verify};
use probity_core::canonical::Digest;
use probity_core::claim::{Citation, Cite, ClaimText};
use probity_core::event::{ClaimMade, Event, RemarkMade};
use probity_core::ledger::{self, Entry, Head};
use probity_core::packet::Packet;
use probity_core::readiness::readiness;
use probity_core::run::Mode;
use probity_core::subject::SubjectMap;
use probity_core::trust::Trust;

fn main() {
    ledgers();
    bundles();
    readiness_of_many();
}

/// The best of several rounds.
fn best<T>(rounds: u32, mut run: impl FnMut() -> T) -> Duration {
    let round = |_| {
        let watch = Stopwatch::now();
        black_box(run());
        watch.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// A ledger of the sample's entries over and over, each chained anew.
fn long_ledger(length: usize) -> Vec<Vec<u8>> {
    let mut head: Option<Head> = None;
    let mut lines = Vec::with_capacity(length);
    let sample = &told().entries;
    let later = sample.last().map(|(entry, _)| entry.at);
    for at in 0..length {
        let (entry, _) = &sample[if at == 0 { 0 } else { 1 + (at - 1) % (sample.len() - 1) }];
        let time = if at < sample.len() { entry.at } else { later.unwrap() };
        let next =
            Entry::after(head.as_ref(), entry.packet.clone(), time, entry.actor.clone(), entry.event.clone());
        let sealed = next.sealed().unwrap();
        head = Some(sealed.head);
        lines.push(sealed.bytes);
    }
    lines
}

fn ledgers() {
    let lines = long_ledger(10_000);
    let bytes: usize = lines.iter().map(Vec::len).sum();
    println!("ledger of {} entries, {} bytes each on average", lines.len(), bytes / lines.len());
    let hash =
        best(5, || lines.iter().fold(0, |sum, line| sum + usize::from(Digest::of(line).as_bytes()[0])));
    println!("  hash alone                 {:>9.0} entries/s", per_second(lines.len(), hash));
    let parse = best(5, || lines.iter().map(|line| serde_json::from_slice::<Entry>(line).unwrap().seq).max());
    println!("  parse alone                {:>9.0} entries/s", per_second(lines.len(), parse));
    let read = best(5, || ledger::read(lines.iter().map(Vec::as_slice)).unwrap().len());
    println!("  read (canonical, chained)  {:>9.0} entries/s", per_second(lines.len(), read));
    let entries = ledger::read(lines.iter().map(Vec::as_slice)).unwrap();
    let seal =
        best(5, || entries.iter().map(|(entry, _)| entry.sealed().unwrap().bytes.len()).sum::<usize>());
    println!("  write and hash             {:>9.0} entries/s", per_second(lines.len(), seal));
    let fold = best(5, || Packet::fold(&entries).unwrap().head);
    println!("  fold                       {:>9.0} entries/s ({fold:?})", per_second(lines.len(), fold));
    let both =
        best(5, || Packet::fold(&ledger::read(lines.iter().map(Vec::as_slice)).unwrap()).unwrap().head);
    println!("  read and fold              {:>9.0} entries/s ({both:?})", per_second(lines.len(), both));
    let remarks = remarks(100_000);
    let read = best(3, || ledger::read(remarks.iter().map(Vec::as_slice)).unwrap().len());
    println!("  read, of remarks alone     {:>9.0} entries/s", per_second(remarks.len(), read));
}

fn remarks(length: usize) -> Vec<Vec<u8>> {
    let first = &told().entries[0].0;
    let actor = Actor { id: "lucia".parse().unwrap(), kind: ActorKind::Human, role: Role::Reviewer };
    let mut sealed = first.sealed().unwrap();
    let mut lines = vec![sealed.bytes.clone()];
    while lines.len() < length {
        let text = "Seen; nothing to add for now, and this is about as long as remarks are.".to_owned();
        let event = Event::RemarkMade(RemarkMade { text, target: Some("monitoring".to_owned()) });
        let entry = Entry::after(Some(&sealed.head), first.packet.clone(), first.at, actor.clone(), event);
        sealed = entry.sealed().unwrap();
        lines.push(sealed.bytes.clone());
    }
    lines
}

fn bundles() {
    let trust = Trust::parse(&told().allowed_signers()).unwrap();
    for scope in [Scope::Full, Scope::Minimal] {
        let files = fixture::boxed(scope);
        let time = best(5, || assert!(verify(&files, Reader::trusting(Some(&trust))).holds()));
        println!(
            "verify the sample's {scope} bundle ({} files, 200 entries, 17 signatures): {time:?}",
            files.len()
        );
    }
    let mut archive = Archive::default();
    let pages = |state: &'static str| -> Vec<Vec<serde_json::Value>> {
        let item = |page: usize, at: usize| finding(&format!("F-{page}-{at}"), "service:other", "low", state);
        (0..200).map(|page| (0..100).map(|at| item(page, at)).collect()).collect()
    };
    archive.run("dojo", "findings", Mode::Full, at("2026-11-21T07:00:00Z"), pages("open"), &[]);
    archive.run("dojo", "findings", Mode::Full, at("2026-11-22T07:00:00Z"), pages("mitigated"), &[]);
    let mut needs = Needs::default();
    needs.kinds.entry("dojo".parse().unwrap()).or_default().insert(probity_core::evidence::Kind::Finding);
    let then = at("2026-11-22T08:00:00Z");
    let time = best(5, || rebuild(&archive.collected, &needs, then).records.len());
    println!("rebuild a book of 20,000 records with 40,000 revisions: {time:?}");
}

/// 500 claims over 100,000 records.
fn readiness_of_many() {
    let board = Board::parse(SAMPLE).unwrap();
    let mut archive = Archive::default();
    let item = finding("F-1", "service:payments-bridge", "low", "open");
    archive.run("dojo", "findings", Mode::Full, at("2026-11-22T07:00:00Z"), vec![vec![item]], &[]);
    let mut needs = Needs::default();
    needs.kinds.entry("dojo".parse().unwrap()).or_default().insert(probity_core::evidence::Kind::Finding);
    let now = at("2026-11-22T09:00:00Z");
    let mut book = rebuild(&archive.collected, &needs, now);
    let pattern = book.records.values().next().unwrap().clone();
    book.records = (1..=100_000).map(|number| (evidence(number), numbered(&pattern, number))).collect();
    if let Some(sweep) = &mut book.streams[0].sweep {
        (sweep.examined, sweep.listed) = (100_000, 100_000);
    }
    let (packet, subjects) = claims(&book);
    let watch = Stopwatch::now();
    let report = readiness(&packet, &book, &board, &subjects, now);
    let cold = watch.elapsed();
    let time = best(5, || readiness(&packet, &book, &board, &subjects, now));
    let supported = report.claims.iter().filter(|claim| claim.support.until.is_some()).count();
    println!(
        "readiness of {} claims ({supported} supported) over {} records: {time:?} ({cold:?} at first)",
        report.claims.len(),
        book.records.len()
    );
}

fn numbered(pattern: &Record, number: u32) -> Record {
    let mut record = pattern.clone();
    record.id = evidence(number);
    let mut item = record.revisions[0].item.clone();
    item.id = format!("F-{number}");
    item.title = format!("Finding {number}");
    let content = item.content_hash().unwrap();
    record.revisions = vec![Revision { item, content, ..record.revisions[0].clone() }];
    record
}

fn claims(book: &Book) -> (Packet, SubjectMap) {
    let entries = &told().entries;
    let mut packet = Packet::open(&entries[0].0, entries[0].1).unwrap();
    let mut head = entries[0].1;
    let subjects = SubjectMap::default();
    let author = entries[0].0.actor.clone();
    let queries: BTreeMap<u32, _> = entries
        .iter()
        .filter_map(|(entry, _)| match &entry.event {
            Event::ClaimMade(made)
                if matches!(made.claim.test, Some(probity_core::claim::Test::Query(_))) =>
            {
                Some((entry.seq, made.claim.test.clone()))
            }
            _ => None,
        })
        .collect();
    for number in 0..500_u32 {
        let test = if number % 2 == 0 { queries.values().next().cloned().flatten() } else { None };
        let cited = Cite {
            evidence: evidence(1 + number * 199),
            revision: None,
            pointer: "/body/severity".to_owned(),
        };
        let citations = vec![Citation::of(&cited, book).unwrap()];
        let (text, reasoning) = (format!("Claim {number}"), "So it says.".to_owned());
        let claim = ClaimText { text, reasoning, citations, test, addresses: vec![] };
        let event = Event::ClaimMade(ClaimMade { claim, replaces: None });
        let entry = Entry::after(Some(&head), packet.id.clone(), entries[0].0.at, author.clone(), event);
        head = entry.sealed().unwrap().head;
        packet.apply(&entry, head);
    }
    (packet, subjects)
}
