//! Where the requirements of files go: a window over an endless list.
//!
//! Every page reads its file anew, in an instance that knows nothing of the page before. So a reader offers all
//! requirements of a file, in an order that depends on its bytes alone, and the sink takes those of this page. What
//! is outside the window is counted but never built.

use std::collections::{HashMap, HashSet};

use probity_sdk::prelude::*;

use crate::Config;

/// Requirements in a page. Each page of a large catalog reads all of it again, so fewer would read more often;
/// many more would be long texts in one transaction.
const MOST: usize = 250;

/// Bytes of text in a page, well below the 8 MiB a page may have.
const MOST_BYTES: usize = 2 << 20;

/// The longest id the contract allows.
const LONGEST_ID: usize = 512;

/// The requirements of one page.
pub(crate) struct Sink<'a> {
    pub config: &'a Config,
    pub collected: Collected,
    bytes: usize,
    /// Offers to let pass, since earlier pages took them.
    skip: usize,
    /// Offers of this file so far.
    offered: usize,
    references: HashSet<String>,
    repeated: HashMap<String, usize>,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(config: &'a Config) -> Self {
        Self {
            config,
            collected: Collected::default(),
            bytes: 0,
            skip: 0,
            offered: 0,
            references: HashSet::new(),
            repeated: HashMap::new(),
        }
    }

    /// Begins a file, whose first requirements an earlier page took.
    pub(crate) fn begin(&mut self, skip: usize) {
        self.skip = skip;
        self.offered = 0;
        self.references.clear();
        self.repeated.clear();
    }

    /// Whether nothing more goes into this page.
    pub(crate) fn is_full(&self) -> bool {
        self.collected.items.len() >= MOST || self.bytes >= MOST_BYTES
    }

    /// Offers that were taken by this page and those before, of the file at hand.
    pub(crate) const fn taken(&self) -> usize {
        if self.offered > self.skip { self.offered } else { self.skip }
    }

    /// A name for a requirement that no other of the file has: forges write `-1` behind the second of a name.
    pub(crate) fn unique(&mut self, reference: &str) -> String {
        if self.references.insert(reference.to_owned()) {
            return reference.to_owned();
        }
        let count = self.repeated.entry(reference.to_owned()).or_default();
        loop {
            *count += 1;
            let candidate = format!("{reference}-{count}");
            if self.references.insert(candidate.clone()) {
                return candidate;
            }
        }
    }

    /// Offers the next requirement of the file. `false` once the page is full: then the file is read on with the next
    /// page.
    pub(crate) fn offer(&mut self, make: impl FnOnce() -> Item) -> bool {
        if self.offered < self.skip {
            self.offered += 1;
            return true;
        }
        if self.is_full() {
            return false;
        }
        self.offered += 1;
        let item = make();
        if let Body::Requirement(body) = &item.body {
            self.bytes +=
                body.text.len() + body.resolved.as_ref().map_or(0, String::len) + item.summary.len();
        }
        self.collected.items.push(item);
        true
    }

    /// Tells of something in a file that could not be read.
    pub(crate) fn gap(&mut self, path: &str, failure: Failure) {
        let subject = self.config.sole_subject().map(str::to_owned);
        self.collected.gaps.push(Gap { subject, reason: failure.during(format_args!("`{path}`")) });
    }
}

/// The id of a requirement: its file and its reference there. One that would be too long ends in a hash of itself.
pub(crate) fn id(path: &str, reference: &str) -> String {
    let id = format!("{path}#{reference}");
    if id.len() <= LONGEST_ID {
        return id;
    }
    let end = (0..=LONGEST_ID - 17).rev().find(|at| id.is_char_boundary(*at)).unwrap_or(0);
    format!("{}~{:016x}", &id[..end], fnv(id.as_bytes()))
}

/// FNV-1a: tells whether a file is still the one it was. It guards against change, not against an attacker: whoever
/// can write the file can write requirements into it.
pub(crate) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The beginning of a text, on one line.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
