use super::*;
use crate::checkpoint::Checkpoint;
use crate::event::{Event, RemarkMade};
use crate::ledger::{self, Chain, Entry, Fault, Head};

/// The lines of a ledger as `ledger.jsonl` has them.
fn file(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().chain(b"\n")).copied().collect()
}

/// A bundle whose ledger was changed, and listed anew.
fn with_ledger(lines: Vec<u8>) -> Files {
    let mut files = fixture::boxed(Scope::Minimal);
    files.insert("ledger.jsonl".to_owned(), lines);
    relist(&mut files);
    files
}

fn named(files: &Files) -> String {
    let verification = verified(files);
    let first = verification.failed().find(|check| check.part == Part::Ledger);
    first.and_then(|check| check.place.clone()).unwrap_or_else(|| "nothing".to_owned())
}

fn read(lines: &[Vec<u8>]) -> Result<Vec<(Entry, Head)>, ledger::Broken> {
    ledger::read(lines.iter().map(Vec::as_slice))
}

/// Every byte of every entry, each with one of its bits flipped. What stands before the entry is as it was, so reading goes on from there;
/// the changed entry and the next one are read as any other.
#[test]
fn every_changed_byte_is_found_and_its_entry_named() {
    let lines = told().lines();
    let (mut before, mut flips, mut refused) = (Chain::default(), 0_usize, 0_usize);
    for (at, line) in lines.iter().enumerate() {
        let seq = u32::try_from(at).unwrap() + 1;
        for byte in 0..line.len() {
            let mut changed = line.clone();
            changed[byte] ^= 1 << ((byte + at) % 8);
            flips += 1;
            let mut chain = before.clone();
            match chain.push(&changed) {
                Err(broken) => {
                    assert_eq!(broken.seq, seq, "byte {byte}");
                    refused += 1;
                }
                // It reads well. Then what follows it does not, or it is not the head that was named.
                Ok((_, head)) => match lines.get(at + 1) {
                    Some(next) => {
                        let broken = chain.push(next).unwrap_err();
                        assert_eq!(broken.seq, seq + 1, "byte {byte} of entry {seq}");
                        assert!(matches!(broken.fault, Fault::Prev | Fault::OtherPacket(_)), "{broken}");
                    }
                    None => assert_ne!(head, told().head(), "byte {byte} of entry {seq}"),
                },
            }
        }
        before.push(line).unwrap();
    }
    assert_eq!(flips, lines.iter().map(Vec::len).sum::<usize>());
    assert!(
        flips > 100_000 && refused > flips / 4 && refused < flips,
        "{refused} of {flips} were refused by themselves"
    );
}

/// The same through the whole verifier, which says which entry it was also where only the next one shows it.
#[test]
fn the_verifier_names_the_entry_that_was_changed() {
    let whole = file(&told().lines());
    let mut ends = Vec::new();
    for (at, byte) in whole.iter().enumerate() {
        if *byte == b'\n' {
            ends.push(at);
        }
    }
    // Some of every entry, and every line end.
    let places = (0..whole.len()).step_by(389).chain(ends.iter().copied());
    for place in places {
        let mut changed = whole.clone();
        changed[place] ^= 1 << (place % 8);
        let entry = ends.partition_point(|end| *end < place) + 1;
        let next = format!("ledger.jsonl entry {}", entry + 1);
        let found = named(&with_ledger(changed));
        // A line end that became a quotation mark or a brace joins two entries: the first of them is named.
        assert_eq!(found, format!("ledger.jsonl entry {entry}"), "byte {place}, next {next}");
    }
}

#[test]
fn every_entry_that_is_taken_out_moved_or_doubled_is_found_and_named() {
    let lines = told().lines();
    let place = |at: usize| u32::try_from(at).unwrap() + 1;
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        if at + 1 < lines.len() {
            assert_eq!(read(&without).unwrap_err().seq, place(at), "without {}", at + 1);
            let mut swapped = lines.clone();
            swapped.swap(at, at + 1);
            assert_eq!(read(&swapped).unwrap_err().seq, place(at), "{} swapped with the next", at + 1);
            let mut far = lines.clone();
            far.swap(at, lines.len() - 1);
            assert_eq!(read(&far).unwrap_err().seq, place(at), "{} swapped with the last", at + 1);
        }
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at].clone());
        assert_eq!(read(&doubled).unwrap_err().seq, place(at + 1), "{} doubled", at + 1);
    }
    let mut cut = lines.clone();
    cut.pop();
    assert_eq!(named(&with_ledger(file(&cut))), "ledger.jsonl entry 200");
    let mut longer = lines.clone();
    longer.push(lines[199].clone());
    assert_eq!(named(&with_ledger(file(&longer))), "ledger.jsonl entry 201");
    assert_eq!(named(&with_ledger(Vec::new())), "ledger.jsonl entry 1");
    assert_eq!(named(&with_ledger(b"\n".to_vec())), "ledger.jsonl entry 1");
}

#[test]
fn the_end_of_a_ledger_is_the_one_that_was_named() {
    let whole = String::from_utf8(file(&told().lines())).unwrap();
    let another = whole.replace("Done early.", "Done later.");
    assert_eq!(named(&with_ledger(another.into_bytes())), "ledger.jsonl entry 200");
    assert_eq!(named(&with_ledger(whole.trim_end().as_bytes().to_vec())), "ledger.jsonl entry 200");
    assert_eq!(named(&with_ledger(format!("{whole}\n").into_bytes())), "ledger.jsonl entry 201");
}

#[test]
fn honest_ledgers_raise_no_alarm() {
    // Entries written anew, by themselves, are what they were.
    let lines = told().lines();
    for _ in 0..10 {
        for line in &lines {
            assert_eq!(ledger::parse(line).unwrap().sealed().unwrap().bytes, *line);
        }
    }
    // Ledgers that end anywhere are ledgers, and the fold of all of them is without oddities.
    for end in 1..=lines.len() {
        let entries = read(&lines[..end]).unwrap();
        assert_eq!(crate::packet::Packet::fold(&entries).unwrap().oddities, []);
    }
    // Bundles of them are bundles, whatever their instant.
    for end in (1..=lines.len()).step_by(9) {
        let entries = &told().entries[..end];
        let instant = entries[end - 1].0.at;
        let mut parts = told().parts_of(entries, instant, Scope::Minimal);
        parts.checkpoint = None;
        let files = write(&parts, Scope::Minimal).unwrap();
        assert_eq!(failed(&files), [], "through entry {end}");
    }
}

/// The ledger with its last entries made anew: nothing was signed in them, so that its own chain and signatures show nothing.
fn rewritten() -> Vec<(Entry, Head)> {
    let mut entries = told().entries[..198].to_vec();
    for (entry, _) in &told().entries[198..] {
        let text = "It was all right from the start.".to_owned();
        let event = Event::RemarkMade(RemarkMade { text, target: None });
        let (_, head) = entries.last().unwrap();
        let entry =
            Entry::after(Some(head), entry.packet.clone(), entry.at, told().person("dana").actor(), event);
        let head = entry.sealed().unwrap().head;
        entries.push((entry, head));
    }
    entries
}

#[test]
fn a_checkpoint_shows_what_was_cut_off_or_written_anew() {
    let key = fixture::Story::checkpoint_key().verifier_key();
    let note = told().checkpoint(told().now).note;
    for (entries, found) in
        [(told().entries[..150].to_vec(), "it ends at entry 150"), (rewritten(), "that entry is now")]
    {
        let mut parts = told().parts_of(&entries, told().now, Scope::Minimal);
        parts.checkpoint = None;
        let files = write(&parts, Scope::Minimal).unwrap();
        let alone = verified(&files);
        assert!(alone.holds(), "by itself nothing shows: {:?}", alone.failed().collect::<Vec<_>>());
        let unsaid = alone.not_re_derived().find(|check| check.part == Part::Checkpoint).unwrap();
        assert!(unsaid.found.contains("no later entry was cut off"), "{}", unsaid.found);

        let reader = Reader { checkpoint_key: Some(&key), checkpoint: Some(&note), trust: None };
        let verification = verify(&files, reader);
        let failed: Vec<_> = verification.failed().collect();
        assert_eq!((failed.len(), failed[0].part), (1, Part::Checkpoint));
        assert_eq!(failed[0].place.as_deref(), Some("ledger.jsonl entry 200"));
        assert!(failed[0].found.contains(found), "{}", failed[0].found);

        // A checkpoint inside the bundle says so as well.
        parts.checkpoint = Some(told().checkpoint(told().now));
        let files = write(&parts, Scope::Minimal).unwrap();
        assert_eq!(super::failed(&files), [(Part::Checkpoint, "ledger.jsonl entry 200".to_owned())]);
    }
}

#[test]
fn a_packet_that_vanished_is_missed() {
    let key = fixture::Story::checkpoint_key().verifier_key();
    let checkpoint = Checkpoint::verify(&told().checkpoint(told().now).note, &key).unwrap();
    let missed = checkpoint.against(|chain, _| match chain {
        crate::checkpoint::Chain::Registry => checkpoint.registry.map(|head| head.digest),
        crate::checkpoint::Chain::Packet(_) => None,
    });
    assert_eq!(missed.iter().map(|missed| missed.code()).collect::<Vec<_>>(), ["checkpoint.vanished"]);
}

#[test]
fn a_checkpoint_by_another_key_or_of_other_packets_covers_nothing() {
    let files = fixture::boxed(Scope::Minimal);
    let other = crate::checkpoint::SigningKey::from_seed("sample.example/ledger", &[8; 32]).unwrap();
    let reader = Reader { checkpoint_key: Some(&other.verifier_key()), ..Reader::default() };
    let verification = verify(&files, reader);
    assert_eq!(verification.failed().map(|check| check.part).collect::<Vec<_>>(), [Part::Checkpoint]);

    let checkpoint = Checkpoint {
        origin: "sample.example/ledger".to_owned(),
        at: told().now,
        registry: None,
        packets: Default::default(),
    };
    let (note, key) = (checkpoint.sign(&other).unwrap(), other.verifier_key());
    let reader = Reader { checkpoint_key: Some(&key), checkpoint: Some(&note), trust: None };
    let verification = verify(&files, reader);
    assert!(verification.holds());
    assert!(verification.not_re_derived().any(|check| check.found.contains("does not know the packet")));
}

#[test]
fn entries_after_the_checkpoint_are_said_not_to_be_covered() {
    let mut parts = told().parts(told().now, Scope::Minimal);
    let key = fixture::Story::checkpoint_key();
    let (_, head) = told().entries[119];
    let packets = [(told().packet().id.to_string(), head)].into();
    let checkpoint =
        Checkpoint { origin: key.verifier_key().name().to_owned(), at: told().now, registry: None, packets };
    let note = checkpoint.sign(&key).unwrap();
    parts.checkpoint = Some(SignedCheckpoint { note, key: key.verifier_key().to_string() });
    let verification = verified(&write(&parts, Scope::Minimal).unwrap());
    assert!(verification.holds());
    assert!(
        verification
            .not_re_derived()
            .any(|check| check.found == "entries 121 to 200 were made after the checkpoint")
    );
}
