//! The bundle: everything a packet rests on, in files that anybody can verify without a server and without a network.
//!
//! A bundle is a set of named files; `bundle.json` lists every other one with its size and digest. A store finds out what
//! a packet rests on with [`wants`], hands over what it kept of that, leaves in it what matters with [`cut`], and gets the files from
//! [`write()`]. [`verify()`] believes none of it: it holds the files to each other, the ledger to its chain, decisions to the keys of
//! people, evidence to captured bytes, and derives the report anew. It always says what it could not derive.
//!
//! | file | what |
//! |---|---|
//! | `bundle.json` | [`Manifest`] |
//! | `ledger.jsonl`, `registry.jsonl` | entries of the ledger and of the key registry, one canonical line each |
//! | `policies/HEX.toml`, `subjects/HEX.toml` | every board policy and subject map that the ledger adopted |
//! | `streams.json`, `runs/RUN.json`, `pages/RUN/STREAM/N.json` | how evidence was collected, page manifests included |
//! | `pages/RUN/STREAM/N.journal.json` | how a page came about |
//! | `evidence/ID.json`, `revisions/ID/N.json` | evidence and its revisions |
//! | `listed.json` | revisions that are known to be there and are not carried (minimal bundles) |
//! | `captures/HEX`, `captures/HEX.stub.json` | captured bytes, or what of them is cited (minimal bundles) |
//! | `components/HEX.wasm` | the connectors that ran (full bundles) |
//! | `checkpoint.txt`, `checkpoint.vkey` | a ledger checkpoint and the key that it names |
//! | `report.json` | the readiness report at the bundle's instant |
//!
//! Deliberately absent: the archive around the files, which is read and written at the edge, and replay, which needs a sandbox.

mod cut;
mod derive;
mod form;
mod read;
mod verification;
mod verify;
mod write;

use std::collections::BTreeMap;

pub use cut::{captures, cut};
pub use derive::{Documents, NotDerived, Want, report_at, wants};
pub use form::{Excerpt, ListedFile, Manifest, Scope, Stub, VERSION};
pub use verification::{Check, Keys, Outcome, Part, Verification};
pub use verify::{Reader, verify};
pub use write::{Parts, SignedCheckpoint, write};

/// A bundle's files, by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The most files a bundle has, `bundle.json` among them.
pub const MAX_FILES: usize = 1_000_000;

/// The most bytes one file has: captures are smaller.
pub const MAX_FILE: usize = 256 * 1024 * 1024;

/// The most bytes all files together have.
pub const MAX_TOTAL: usize = 2 * 1024 * 1024 * 1024;

/// How much of what it is given a reader looks at. Who writes a bundle says how large it is, and may mean harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many files.
    pub files: usize,
    /// Bytes of one file, and of all together.
    pub file: usize,
    pub total: usize,
}

impl Limits {
    /// Those of every bundle.
    pub const BUNDLE: Self = Self { files: MAX_FILES, file: MAX_FILE, total: MAX_TOTAL };

    /// Whether this many files, the largest of this many bytes, are still looked at.
    pub const fn admit(&self, files: usize, largest: usize, total: usize) -> bool {
        files <= self.files && largest <= self.file && total <= self.total
    }
}

#[cfg(test)]
mod tests;
