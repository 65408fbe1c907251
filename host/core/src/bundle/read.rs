//! Reading a bundle's files: each against `bundle.json`, then as what its name says it is.
//!
//! What cannot be read is a failed check and is then as if it were not there, so that one damaged file does not hide
//! what is wrong with the next.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::form::{Manifest, Name, Stub, VERSION};
use super::verification::{Checks, Part};
use super::{Documents, Files, Limits};
use crate::book::{Collected, KeptEvidence, KeptPage, KeptRevision, KeptRun, PageName};
use crate::canonical::{self, Digest};
use crate::journal::Journal;

/// What a bundle holds, as far as it can be read.
#[derive(Debug, Default)]
pub(super) struct Contents<'a> {
    pub manifest: Option<Manifest>,
    pub ledger: Option<&'a [u8]>,
    pub registry: Option<&'a [u8]>,
    pub documents: Documents,
    pub collected: Collected,
    pub journals: BTreeMap<PageName, Journal>,
    pub captures: BTreeMap<Digest, &'a [u8]>,
    pub stubs: BTreeMap<Digest, Stub>,
    pub components: BTreeMap<Digest, &'a [u8]>,
    pub checkpoint: Option<&'a str>,
    pub checkpoint_key: Option<&'a str>,
    pub report: Option<&'a [u8]>,
}

/// Reads a bundle, or nothing of it where it is larger than any bundle.
pub(super) fn read<'a>(files: &'a Files, limits: &Limits, checks: &mut Checks) -> Contents<'a> {
    let mut contents = Contents::default();
    if let Some(why) = too_large(files, limits) {
        checks.failed(Part::Files, "bundle.json", why);
        return contents;
    }
    contents.manifest = manifest(files, checks);
    if let Some(manifest) = &contents.manifest {
        listed(manifest, files, checks);
    }
    for (text, bytes) in files {
        match Name::read(text) {
            Some(name) => contents.take(name, text, bytes, checks),
            None => checks.failed(Part::Files, text.as_str(), "no file of a bundle has such a name"),
        }
    }
    checks.verified(Part::Files, format!("{} files are those that bundle.json lists", files.len()));
    contents
}

fn too_large(files: &Files, limits: &Limits) -> Option<String> {
    if !limits.admit(files.len(), 0, 0) {
        return Some(format!("there are {} files; a bundle has at most {}", files.len(), limits.files));
    }
    let mut total = 0_usize;
    for (name, bytes) in files {
        total = total.saturating_add(bytes.len());
        if !limits.admit(files.len(), bytes.len(), total) {
            let (file, total) = (limits.file, limits.total);
            return Some(format!("{name}: a file has at most {file} bytes, all together at most {total}"));
        }
    }
    None
}

fn manifest(files: &Files, checks: &mut Checks) -> Option<Manifest> {
    let name = Name::Manifest.to_string();
    let Some(bytes) = files.get(&name) else {
        checks.failed(Part::Files, name, "it is missing: this is no bundle, or not all of one");
        return None;
    };
    let manifest: Manifest =
        json(bytes).map_err(|problem| checks.failed(Part::Files, name.as_str(), problem)).ok()?;
    if manifest.v != VERSION {
        checks.failed(
            Part::Files,
            name,
            format!("it is of version {}; this program knows version {VERSION}", manifest.v),
        );
        return None;
    }
    Some(manifest)
}

fn listed(manifest: &Manifest, files: &Files, checks: &mut Checks) {
    if !manifest.files.is_sorted_by(|one, other| one.name < other.name) {
        checks.failed(Part::Files, "bundle.json", "its files are not in order, each once");
    }
    let listed: BTreeMap<&str, _> = manifest.files.iter().map(|file| (file.name.as_str(), file)).collect();
    for file in &manifest.files {
        match files.get(&file.name) {
            None => checks.failed(Part::Files, file.name.as_str(), "it is listed and not there"),
            Some(bytes) if bytes.len() as u64 != file.size => {
                let found = format!("it has {} bytes; bundle.json lists {}", bytes.len(), file.size);
                checks.failed(Part::Files, file.name.as_str(), found);
            }
            Some(bytes) if Digest::of(bytes) != file.digest => {
                checks.failed(
                    Part::Files,
                    file.name.as_str(),
                    "its bytes are not those that bundle.json lists",
                );
            }
            Some(_) => {}
        }
    }
    for name in files.keys().filter(|name| *name != "bundle.json" && !listed.contains_key(name.as_str())) {
        checks.failed(Part::Files, name.as_str(), "it is there and not listed");
    }
}

/// A value from its canonical JSON.
fn json<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, String> {
    let value: T =
        serde_json::from_slice(bytes).map_err(|error| format!("it is not what it should be: {error}"))?;
    match canonical::bytes(&value) {
        Ok(canonical) if canonical == bytes => Ok(value),
        _ => Err("it is not written as canonical JSON (RFC 8785)".to_owned()),
    }
}

impl<'a> Contents<'a> {
    fn take(&mut self, name: Name, text: &str, bytes: &'a [u8], checks: &mut Checks) {
        match name {
            Name::Manifest => {}
            Name::Ledger => self.ledger = Some(bytes),
            Name::Registry => self.registry = Some(bytes),
            Name::Report => self.report = Some(bytes),
            Name::Checkpoint => self.checkpoint = utf8(Part::Checkpoint, text, bytes, checks),
            Name::CheckpointKey => self.checkpoint_key = utf8(Part::Checkpoint, text, bytes, checks),
            Name::Policy(digest) | Name::Subjects(digest) if Digest::of(bytes) != digest => {
                checks.failed(
                    Part::Documents,
                    text,
                    "its bytes are not those that its name, and the ledger, give the digest of",
                );
            }
            Name::Policy(_) => {
                utf8(Part::Documents, text, bytes, checks)
                    .into_iter()
                    .for_each(|text| self.documents.add_policy(text));
            }
            Name::Subjects(_) => {
                utf8(Part::Documents, text, bytes, checks)
                    .into_iter()
                    .for_each(|text| self.documents.add_subjects(text));
            }
            Name::Capture(digest) if Digest::of(bytes) != digest => {
                checks.failed(
                    Part::Captures,
                    text,
                    "its bytes are not those that were captured: its name is their digest",
                );
            }
            Name::Capture(digest) => {
                self.captures.insert(digest, bytes);
            }
            Name::Component(digest) if Digest::of(bytes) != digest => {
                checks.failed(
                    Part::Components,
                    text,
                    "its bytes are not those of the component: its name is their digest",
                );
            }
            Name::Component(digest) => {
                self.components.insert(digest, bytes);
            }
            other => self.take_json(other, text, bytes, checks),
        }
    }

    fn take_json(&mut self, name: Name, text: &str, bytes: &[u8], checks: &mut Checks) {
        const NAMED: &str = "what it holds has another name";
        let (part, taken) = match name {
            Name::Streams => (Part::Collection, json(bytes).map(|streams| self.collected.streams = streams)),
            Name::Listed => (Part::Collection, json(bytes).map(|listed| self.collected.listed = listed)),
            Name::Run(id) => (
                Part::Collection,
                json(bytes).and_then(|run: KeptRun| {
                    let fits = run.id == id;
                    self.collected.runs.insert(id, run);
                    fits.then_some(()).ok_or_else(|| NAMED.to_owned())
                }),
            ),
            Name::Page(page) => (
                Part::Collection,
                json(bytes).and_then(|kept: KeptPage| {
                    let fits = kept.page == page;
                    self.collected.pages.insert(page, kept);
                    fits.then_some(()).ok_or_else(|| NAMED.to_owned())
                }),
            ),
            Name::Journal(page) => (
                Part::Collection,
                json(bytes).map(|journal| {
                    self.journals.insert(page, journal);
                }),
            ),
            Name::Evidence(id) => (
                Part::Revisions,
                json(bytes).and_then(|evidence: KeptEvidence| {
                    let fits = evidence.id == id;
                    self.collected.evidence.insert(id, evidence);
                    fits.then_some(()).ok_or_else(|| NAMED.to_owned())
                }),
            ),
            Name::Revision(id, number) => (
                Part::Revisions,
                json(bytes).and_then(|revision: KeptRevision| {
                    let fits = revision.evidence == id && revision.number == number;
                    self.collected.revisions.entry(id).or_default().insert(number, revision);
                    fits.then_some(()).ok_or_else(|| NAMED.to_owned())
                }),
            ),
            Name::Stub(digest) => (
                Part::Captures,
                json(bytes).and_then(|stub: Stub| {
                    let fits = stub.digest == digest;
                    self.stubs.insert(digest, stub);
                    fits.then_some(()).ok_or_else(|| NAMED.to_owned())
                }),
            ),
            _ => return,
        };
        if let Err(problem) = taken {
            checks.failed(part, text, problem);
        }
    }
}

fn utf8<'a>(part: Part, name: &str, bytes: &'a [u8], checks: &mut Checks) -> Option<&'a str> {
    std::str::from_utf8(bytes)
        .map_err(|error| checks.failed(part, name, format!("it is not text: {error}")))
        .ok()
}
