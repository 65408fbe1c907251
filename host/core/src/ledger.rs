//! The ledger: a packet's append-only, hash-chained list of entries.
//!
//! An entry's hash is the SHA-256 of its canonical JSON (RFC 8785), nothing else, so `sha256sum` over a line of an exported ledger
//! gives the name of that entry. Each entry names the hash of the one before. [`read`] takes exported bytes and trusts none of them:
//! it finds the first entry that is not what it should be, and says what is wrong with it.
//!
//! Deliberately absent: the meaning of entries ([`crate::packet`]), and what shows that a whole chain was rewritten or cut short
//! ([`crate::checkpoint`]): a chain alone cannot.

use serde::{Deserialize, Serialize};

use crate::actor::Actor;
use crate::canonical::{self, Digest, NotCanonical};
use crate::event::Event;
use crate::id::PacketId;
use crate::instant::Instant;

pub use crate::chain::Head;

/// The version of the form of entries.
pub const VERSION: u32 = 1;

/// The most bytes one entry has. A statement that shows a thousand revisions of evidence has some 200 KiB.
pub const MAX_ENTRY: usize = 1024 * 1024;

/// One thing that happened to one packet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Entry {
    pub v: u32,
    pub packet: PacketId,
    /// 1 for the first.
    pub seq: u32,
    /// Database time.
    pub at: Instant,
    pub actor: Actor,
    pub event: Event,
    /// Hash of the entry before; none for the first.
    pub prev: Option<Digest>,
}

impl Entry {
    /// The entry that follows `head`.
    pub fn after(head: Option<&Head>, packet: PacketId, at: Instant, actor: Actor, event: Event) -> Self {
        let (seq, prev) = head.map_or((1, None), |head| (head.seq.saturating_add(1), Some(head.digest)));
        Self { v: VERSION, packet, seq, at, actor, event, prev }
    }

    /// The entry's canonical bytes with its place in the chain.
    pub fn sealed(&self) -> Result<Sealed, NotCanonical> {
        let bytes = canonical::bytes(self)?;
        Ok(Sealed { head: Head { seq: self.seq, digest: Digest::of(&bytes) }, bytes })
    }
}

/// An entry's bytes, hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The entry as the ledger's last one.
    pub head: Head,
    pub bytes: Vec<u8>,
}

/// What is wrong with a ledger, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} {fault}")]
pub struct Broken {
    /// The first entry that is wrong, by its place in the list; 1 for the first.
    pub seq: u32,
    pub fault: Fault,
}

/// What an entry that is wrong is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("is {0} bytes long; an entry has at most {MAX_ENTRY}")]
    TooLong(usize),
    #[error("is not an entry: {0}")]
    NotAnEntry(String),
    #[error("is not written as canonical JSON (RFC 8785): its bytes were changed")]
    NotCanonical,
    #[error("says it is of version {0}; this program knows version {VERSION}")]
    Version(u32),
    #[error("belongs to packet {0}")]
    OtherPacket(PacketId),
    #[error("says it is number {0}: one was taken out, put in, or moved")]
    Seq(u32),
    #[error("does not follow the entry before it: that one's hash is another")]
    Prev,
    #[error("is older than the entry before it")]
    Time,
}

/// Reads a ledger from its entries' bytes, in order, and holds each against the one before.
///
/// Returns the entries with their hashes. A ledger without entries is none, and refused as such by its first entry.
pub fn read<'a>(lines: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<(Entry, Head)>, Broken> {
    let mut chain = Chain::default();
    let entries: Vec<_> = lines.into_iter().map(|line| chain.push(line)).collect::<Result<_, _>>()?;
    if entries.is_empty() {
        return Err(Broken { seq: 1, fault: Fault::NotAnEntry("there is none".to_owned()) });
    }
    Ok(entries)
}

/// A ledger that is read entry by entry.
#[derive(Debug, Clone, Default)]
pub struct Chain {
    last: Option<Last>,
    /// Where entries are written anew.
    buffer: Vec<u8>,
}

/// What the next entry is held against.
#[derive(Debug, Clone)]
struct Last {
    packet: PacketId,
    at: Instant,
    head: Head,
}

impl Chain {
    /// The next entry, from its bytes. After an entry that was refused, the same place can be tried again.
    pub fn push(&mut self, line: &[u8]) -> Result<(Entry, Head), Broken> {
        let seq = self.last.as_ref().map_or(0, |last| last.head.seq).saturating_add(1);
        let broken = |fault| Broken { seq, fault };
        let entry = parse_with(line, &mut self.buffer).map_err(broken)?;
        follows(self.last.as_ref(), &entry, seq).map_err(broken)?;
        let head = Head { seq, digest: Digest::of(line) };
        self.last = Some(Last { packet: entry.packet.clone(), at: entry.at, head });
        Ok((entry, head))
    }

    /// The last entry read.
    pub fn head(&self) -> Option<Head> {
        self.last.as_ref().map(|last| last.head)
    }
}

/// One entry from its bytes, which must be exactly its canonical form.
pub fn parse(line: &[u8]) -> Result<Entry, Fault> {
    parse_with(line, &mut Vec::new())
}

fn parse_with(line: &[u8], buffer: &mut Vec<u8>) -> Result<Entry, Fault> {
    if line.len() > MAX_ENTRY {
        return Err(Fault::TooLong(line.len()));
    }
    let not =
        |problem: &dyn std::fmt::Display| Fault::NotAnEntry(crate::text::excerpt(&problem.to_string(), 200));
    let entry: Entry = serde_json::from_slice(line).map_err(|error| not(&error))?;
    match canonical::bytes_into(&entry, buffer) {
        Ok(()) if buffer == line => Ok(entry),
        Ok(()) => Err(Fault::NotCanonical),
        Err(error) => Err(not(&error)),
    }
}

fn follows(last: Option<&Last>, entry: &Entry, seq: u32) -> Result<(), Fault> {
    if entry.v != VERSION {
        return Err(Fault::Version(entry.v));
    }
    if last.is_some_and(|before| before.packet != entry.packet) {
        return Err(Fault::OtherPacket(entry.packet.clone()));
    }
    if entry.seq != seq {
        return Err(Fault::Seq(entry.seq));
    }
    if entry.prev != last.map(|before| before.head.digest) {
        return Err(Fault::Prev);
    }
    if last.is_some_and(|before| entry.at < before.at) {
        return Err(Fault::Time);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Chain, Entry, Fault, Head, MAX_ENTRY, parse};
    use crate::fixture::told;

    /// What is wrong with an entry that stands at this place and whose `prev` fits.
    fn fault(at: usize, change: impl FnOnce(&mut Entry)) -> Fault {
        let mut chain = Chain::default();
        for line in &told().lines()[..at] {
            chain.push(line).unwrap();
        }
        let mut entry = told().entries[at].0.clone();
        change(&mut entry);
        chain.push(&entry.sealed().unwrap().bytes).unwrap_err().fault
    }

    #[test]
    fn an_entry_has_its_place_its_packet_its_version_and_its_time() {
        assert_eq!(fault(7, |entry| entry.seq = 9), Fault::Seq(9));
        assert_eq!(fault(0, |entry| entry.seq = 2), Fault::Seq(2));
        let other: crate::id::PacketId = crate::fixture::uuid(0xb, 2);
        assert_eq!(fault(7, |entry| entry.packet = other.clone()), Fault::OtherPacket(other.clone()));
        assert_eq!(fault(7, |entry| entry.v = 2), Fault::Version(2));
        assert_eq!(fault(7, |entry| entry.at = told().entries[0].0.at), Fault::Time);
        assert_eq!(fault(7, |entry| entry.prev = None), Fault::Prev);
        assert_eq!(fault(0, |entry| entry.prev = Some(told().head().digest)), Fault::Prev);
    }

    #[test]
    fn an_entry_has_one_spelling() {
        let line = String::from_utf8(told().lines().remove(8)).unwrap();
        assert!(parse(line.as_bytes()).is_ok());
        for other in [
            format!("{line} "),
            format!(" {line}"),
            line.replacen(':', ": ", 1),
            line.replace("\"v\":1", "\"v\":1.0"),
            line.replace(":00Z\"", ":00.0Z\""),
            line.replace(":00Z\"", ":00+00:00\""),
            line.replace("packet\"", "p\\u0061cket\""),
        ] {
            assert_ne!(other, line);
            assert!(
                matches!(parse(other.as_bytes()), Err(Fault::NotCanonical | Fault::NotAnEntry(_))),
                "{other}"
            );
        }
        assert_eq!(parse(line.replacen(':', ": ", 1).as_bytes()), Err(Fault::NotCanonical));
        // Members in another order, or one of them left out that may be null.
        let (first, rest) = line[1..].split_once(",\"at\"").unwrap();
        let turned = format!("{{\"at\"{},{first}}}", rest.trim_end_matches('}'));
        assert!(parse(turned.as_bytes()).is_err());
        assert_eq!(parse(line.replace(",\"replaces\":null", "").as_bytes()), Err(Fault::NotCanonical));
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for bad in ["", "{}", "null", "[1]", "{\"v\":1", "\u{0}"] {
            assert!(matches!(parse(bad.as_bytes()), Err(Fault::NotAnEntry(_))), "{bad}");
        }
        assert_eq!(parse(&vec![b' '; MAX_ENTRY + 1]), Err(Fault::TooLong(MAX_ENTRY + 1)));
        let empty: [&[u8]; 0] = [];
        assert_eq!(super::read(empty).unwrap_err().seq, 1);
    }

    #[test]
    fn the_longest_entry_is_read_and_one_byte_more_is_not() {
        let remark = |length: usize| {
            let text = "x".repeat(length);
            let event = crate::event::Event::RemarkMade(crate::event::RemarkMade { text, target: None });
            let (last, head) = told().entries.last().unwrap();
            let next = Entry::after(Some(head), last.packet.clone(), last.at, last.actor.clone(), event);
            crate::canonical::bytes(&next).unwrap()
        };
        let around = remark(0).len();
        let longest = remark(MAX_ENTRY - around);
        assert_eq!(longest.len(), MAX_ENTRY);
        assert!(parse(&longest).is_ok());
        assert_eq!(parse(&remark(MAX_ENTRY - around + 1)), Err(Fault::TooLong(MAX_ENTRY + 1)));
    }

    #[test]
    fn a_chain_tells_how_far_it_was_read() {
        let mut chain = Chain::default();
        assert_eq!(chain.head(), None);
        let lines = told().lines();
        let (entry, head) = chain.push(&lines[0]).unwrap();
        assert_eq!((entry.seq, head), (1, Head { seq: 1, digest: crate::canonical::Digest::of(&lines[0]) }));
        assert!(chain.push(&lines[2]).is_err());
        assert_eq!(chain.head(), Some(head), "what was refused is not taken");
        assert!(chain.push(&lines[1]).is_ok());
    }
}
