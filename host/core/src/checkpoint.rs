//! Ledger checkpoints: a signed note of every chain's head, kept outside the database.
//!
//! A hash chain alone cannot show that its end was cut off, that it was written anew from the start, or that a whole
//! packet is gone: whoever holds the database can make a chain that fits. A checkpoint that left the database
//! (a file on another machine, a mail, a commit) can. It is a C2SP signed note, so that common tools read it:
//!
//! ```text
//! probity.example/ledger
//! ledger checkpoint 1
//! 2026-11-22T21:29:09Z
//! registry 5 sha256:…
//! packets 2
//! 0197a3c0-… 12 sha256:…
//! 0197a3c1-… 3 sha256:…
//!
//! — probity.example/ledger Az3grl…
//! ```
//!
//! Deliberately absent: where checkpoints are kept, and a tree over the heads: a board has hundreds of packets, not
//! millions, and a list can be read by a person.

mod note;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use crate::canonical::Digest;
use crate::chain::Head;
use crate::instant::Instant;
use crate::text::excerpt;

pub use note::{BadNote, SigningKey, VerifierKey};

/// What the second line says, so that no other note by the same key can be taken for a checkpoint.
const FORMAT: &str = "ledger checkpoint 1";

/// The heads of all chains at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which Probity this is: `probity.example/ledger`.
    pub origin: String,
    pub at: Instant,
    /// The key registry's head; none while no key was enrolled.
    pub registry: Option<Head>,
    /// Each packet's head, by packet id.
    pub packets: BTreeMap<String, Head>,
}

/// A chain that a checkpoint covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chain {
    Registry,
    Packet(String),
}

/// A chain that is not what was checkpointed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{chain} is not what was checkpointed at its entry {}: {what}", checkpointed.seq)]
pub struct Discrepancy {
    pub chain: Chain,
    pub checkpointed: Head,
    pub what: Loss,
}

/// What happened to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Loss {
    #[error("it is gone")]
    Vanished,
    #[error("it ends at entry {kept}")]
    Truncated { kept: u32 },
    #[error("that entry is now {found}")]
    Rewritten { found: Digest },
}

/// Why a text is not a checkpoint, or cannot become one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    #[error(transparent)]
    Note(#[from] BadNote),
    #[error("line {line} of the checkpoint `{found}` is wrong: {rule}")]
    Line { line: usize, found: String, rule: &'static str },
    #[error(
        "`{0}` cannot be written into a checkpoint: use 1 to 200 visible ASCII characters without spaces"
    )]
    Name(String),
}

impl Checkpoint {
    /// The text that is signed.
    pub fn text(&self) -> Result<String, BadCheckpoint> {
        if let Some(name) =
            std::iter::once(&self.origin).chain(self.packets.keys()).find(|name| !is_name(name))
        {
            return Err(BadCheckpoint::Name(excerpt(name, 80)));
        }
        let registry = self.registry.map_or_else(|| "none".to_owned(), |head| head.to_string());
        let mut text = format!("{}\n{FORMAT}\n{}\nregistry {registry}\n", self.origin, self.at);
        text.push_str(&format!("packets {}\n", self.packets.len()));
        for (packet, head) in &self.packets {
            text.push_str(&format!("{packet} {head}\n"));
        }
        Ok(text)
    }

    /// From its text. A checkpoint has one spelling: packets are in the order of their bytes, each once.
    pub fn parse(text: &str) -> Result<Self, BadCheckpoint> {
        let mut lines = Lines { lines: text.lines(), at: 0 };
        let origin = lines.take("the origin", |line| is_name(line).then(|| line.to_owned()))?;
        lines.take("it must be `ledger checkpoint 1`", |line| (line == FORMAT).then_some(()))?;
        let at = lines.take("an instant in UTC", |line| {
            line.parse().ok().filter(|instant: &Instant| instant.to_string() == line)
        })?;
        let registry = lines.take("`registry` and its head, or `registry none`", |line| {
            let head = line.strip_prefix("registry ")?;
            if head == "none" { Some(None) } else { head.parse().ok().map(Some) }
        })?;
        let count = lines.take("`packets` and how many lines follow", |line| {
            let count = line.strip_prefix("packets ")?;
            count.parse().ok().filter(|number: &usize| number.to_string() == count)
        })?;
        let mut packets = BTreeMap::new();
        for _ in 0..count {
            let (packet, head) =
                lines.take("a packet, after the one before in order, and its head", |line| {
                    let (packet, head) = line.split_once(' ')?;
                    let is_next =
                        packets.last_key_value().is_none_or(|(last, _): (&String, _)| **last < *packet);
                    (is_name(packet) && is_next).then_some((packet.to_owned(), head.parse().ok()?))
                })?;
            packets.insert(packet, head);
        }
        lines.end()?;
        let checkpoint = Self { origin, at, registry, packets };
        // What `lines` forgives (line ends, a missing last one) is no checkpoint either.
        if checkpoint.text()? == text {
            Ok(checkpoint)
        } else {
            Err(lines.wrong("", "lines end with a single newline each"))
        }
    }

    /// The signed note.
    pub fn sign(&self, key: &SigningKey) -> Result<String, BadCheckpoint> {
        Ok(note::sign(&self.text()?, key)?)
    }

    /// The checkpoint in a note, once its signature by this key was verified.
    pub fn verify(note: &str, key: &VerifierKey) -> Result<Self, BadCheckpoint> {
        Self::parse(note::open(note, key)?)
    }

    /// What became of the checkpointed chains. `digest_of` gives the digest of a chain's entry, if it is there.
    /// That the entries between are what they were follows from each chain's own hashes.
    pub fn against(&self, digest_of: impl Fn(&Chain, u32) -> Option<Digest>) -> Vec<Discrepancy> {
        let registry = self.registry.map(|head| (Chain::Registry, head));
        let packets = self.packets.iter().map(|(packet, head)| (Chain::Packet(packet.clone()), *head));
        let mut discrepancies = Vec::new();
        for (chain, checkpointed) in registry.into_iter().chain(packets) {
            let what = match digest_of(&chain, checkpointed.seq) {
                Some(digest) if digest == checkpointed.digest => continue,
                Some(found) => Loss::Rewritten { found },
                None => match (1..checkpointed.seq).rev().find(|seq| digest_of(&chain, *seq).is_some()) {
                    Some(kept) => Loss::Truncated { kept },
                    None => Loss::Vanished,
                },
            };
            discrepancies.push(Discrepancy { chain, checkpointed, what });
        }
        discrepancies
    }
}

fn is_name(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A text's lines, with the place for messages.
struct Lines<'a> {
    lines: std::str::Lines<'a>,
    at: usize,
}

impl Lines<'_> {
    fn take<T>(
        &mut self,
        rule: &'static str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, BadCheckpoint> {
        self.at += 1;
        let line = self.lines.next().unwrap_or_default();
        read(line).ok_or_else(|| self.wrong(line, rule))
    }

    fn end(&mut self) -> Result<(), BadCheckpoint> {
        self.at += 1;
        match self.lines.next() {
            None => Ok(()),
            Some(line) => Err(self.wrong(line, "there are more lines than packets")),
        }
    }

    fn wrong(&self, line: &str, rule: &'static str) -> BadCheckpoint {
        BadCheckpoint::Line { line: self.at, found: excerpt(line, 80), rule }
    }
}

impl BadCheckpoint {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Note(bad) => bad.code(),
            Self::Line { .. } => "checkpoint.line",
            Self::Name(_) => "checkpoint.name",
        }
    }
}

impl Discrepancy {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self.what {
            Loss::Vanished => "checkpoint.vanished",
            Loss::Truncated { .. } => "checkpoint.truncated",
            Loss::Rewritten { .. } => "checkpoint.rewritten",
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("the key registry"),
            Self::Packet(packet) => write!(f, "the ledger of packet {packet}"),
        }
    }
}
