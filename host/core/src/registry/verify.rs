//! Whether the lines of a registry are the ones that were written.
//!
//! Trust runs backwards: a head kept elsewhere vouches for the entry it names, and each entry for the one before. So the
//! walk goes from the end to the start, and the entry that is named as altered is the one whose bytes changed.

use super::{Registry, RegistryEntry, VERSION};
use crate::canonical::Digest;
use crate::chain::Head;

/// The longest line that is read.
pub(super) const MAX_LINE: usize = 64 * 1024;

/// The entry at which a registry stops being the one that was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key registry is broken at entry {seq}: {what}")]
pub struct BrokenChain {
    /// The entry's place, counted from 1.
    pub seq: u32,
    pub what: Break,
}

/// What is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    #[error("it is no registry entry ({0})")]
    Unreadable(String),
    #[error("it is not in canonical form, so it is not as it was written")]
    NotCanonical,
    #[error("it is of version {0}; version {VERSION} is read")]
    Version(u32),
    #[error("it says it is entry {0}")]
    Misplaced(u32),
    #[error("its bytes are not those that were vouched for")]
    Altered,
    #[error("it does not follow the entry before it")]
    DoesNotFollow,
    #[error("it is earlier than the entry before it")]
    BackInTime,
    #[error("it is missing: the head names {} entries", .0.seq)]
    Missing(Head),
}

impl BrokenChain {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self.what {
            Break::Unreadable(_) => "registry.unreadable",
            Break::NotCanonical => "registry.not-canonical",
            Break::Version(_) => "registry.version",
            Break::Misplaced(_) => "registry.misplaced",
            Break::Altered => "registry.altered",
            Break::DoesNotFollow => "registry.does-not-follow",
            Break::BackInTime => "registry.back-in-time",
            Break::Missing(_) => "registry.missing",
        }
    }
}

impl Registry {
    /// Reads a registry's lines and checks their chain, against a head kept elsewhere if there is one. Without a head
    /// nothing vouches for the last entry, nor for there having been more.
    pub fn verify_chain<L: AsRef<[u8]>>(lines: &[L], kept: Option<&Head>) -> Result<Self, BrokenChain> {
        let mut entries = Vec::with_capacity(lines.len());
        for (seq, line) in (1..).zip(lines) {
            entries.push(read(seq, line.as_ref())?);
        }
        check_kept(&entries, kept)?;
        check_links(&entries, kept)?;
        for pair in entries.windows(2) {
            if pair[1].at < pair[0].at {
                return Err(broken(pair[1].seq, Break::BackInTime));
            }
        }
        Ok(Self::fold(&entries))
    }
}

fn broken(seq: u32, what: Break) -> BrokenChain {
    BrokenChain { seq, what }
}

fn read(seq: u32, line: &[u8]) -> Result<RegistryEntry, BrokenChain> {
    if line.len() > MAX_LINE {
        return Err(broken(seq, Break::Unreadable(format!("it is longer than {MAX_LINE} bytes"))));
    }
    let entry: RegistryEntry =
        serde_json::from_slice(line).map_err(|error| broken(seq, Break::Unreadable(error.to_string())))?;
    if entry.v != VERSION {
        return Err(broken(seq, Break::Version(entry.v)));
    }
    if entry.bytes() != line {
        return Err(broken(seq, Break::NotCanonical));
    }
    if entry.seq == seq { Ok(entry) } else { Err(broken(seq, Break::Misplaced(entry.seq))) }
}

/// The head's own entry is there and is the one it names.
fn check_kept(entries: &[RegistryEntry], kept: Option<&Head>) -> Result<(), BrokenChain> {
    let Some(head) = kept else { return Ok(()) };
    let place = usize::try_from(head.seq).ok().and_then(|seq| seq.checked_sub(1));
    match place.and_then(|place| entries.get(place)) {
        None => {
            let next = u32::try_from(entries.len()).unwrap_or(u32::MAX).saturating_add(1);
            Err(broken(next, Break::Missing(*head)))
        }
        Some(entry) if entry.digest() != head.digest => Err(broken(head.seq, Break::Altered)),
        Some(_) => Ok(()),
    }
}

fn check_links(entries: &[RegistryEntry], kept: Option<&Head>) -> Result<(), BrokenChain> {
    for at in (0..entries.len()).rev() {
        let entry = &entries[at];
        let before = at.checked_sub(1).map(|before| &entries[before]);
        let follows: Option<Digest> = before.map(RegistryEntry::digest);
        if entry.prev == follows {
            continue;
        }
        return Err(match before {
            // The entry before is vouched for, or there is none: it is this one that says something else.
            None => broken(entry.seq, Break::DoesNotFollow),
            Some(before) if kept.is_some_and(|head| head.seq == before.seq) => {
                broken(entry.seq, Break::DoesNotFollow)
            }
            Some(before) => broken(before.seq, Break::Altered),
        });
    }
    Ok(())
}
