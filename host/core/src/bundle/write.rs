//! Writing a bundle: the same parts give the same files, byte for byte.

use std::collections::{BTreeMap, BTreeSet};

use base64ct::{Base64, Encoding as _};
use serde::Serialize;

use super::Files;
use super::form::{Excerpt, ListedFile, Manifest, Name, Scope, Stub, VERSION};
use crate::book::{Collected, PageName};
use crate::canonical::{self, Digest, NotCanonical};
use crate::connector::Capture;
use crate::evidence::Locator;
use crate::id::PacketId;
use crate::instant::Instant;
use crate::journal::Journal;
use crate::ledger::Head;
use crate::locate::Captured;
use crate::readiness::Report;

/// What a bundle is made of, as a store hands it over.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    pub packet: PacketId,
    /// The instant of the report.
    pub instant: Instant,
    pub head: Head,
    /// The entries' canonical bytes, in order, up to `head`.
    pub entries: Vec<Vec<u8>>,
    /// The same of the key registry, all of it.
    pub registry: Vec<Vec<u8>>,
    /// The texts of every board policy and subject map that the ledger adopted.
    pub policies: Vec<String>,
    pub subjects: Vec<String>,
    /// As [`cut()`](super::cut()) leaves it.
    pub collected: Collected,
    /// Journals of its pages. A minimal bundle carries those of pages that a revision was first seen in.
    pub journals: BTreeMap<PageName, Journal>,
    /// What [`captures`](super::captures) names.
    pub captures: BTreeMap<Digest, Capture>,
    /// The components of its runs; not carried by a minimal bundle.
    pub components: BTreeMap<Digest, Vec<u8>>,
    pub checkpoint: Option<SignedCheckpoint>,
    /// As the host judged it.
    pub report: Report,
}

/// A ledger checkpoint, and what it can be verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// The signed note.
    pub note: String,
    /// `NAME+HASH+BASE64`.
    pub key: String,
}

/// The files of a bundle.
pub fn write(parts: &Parts, scope: Scope) -> Result<Files, NotCanonical> {
    let mut files = Writer { files: Files::new() };
    files.put(&Name::Ledger, lines(&parts.entries));
    files.put(&Name::Registry, lines(&parts.registry));
    for text in &parts.policies {
        files.put(&Name::Policy(Digest::of(text.as_bytes())), text.clone().into_bytes());
    }
    for text in &parts.subjects {
        files.put(&Name::Subjects(Digest::of(text.as_bytes())), text.clone().into_bytes());
    }
    files.collected(&parts.collected)?;
    files.bytes(parts, scope)?;
    if let Some(checkpoint) = &parts.checkpoint {
        files.put(&Name::Checkpoint, checkpoint.note.clone().into_bytes());
        files.put(&Name::CheckpointKey, format!("{}\n", checkpoint.key).into_bytes());
    }
    files.json(&Name::Report, &parts.report)?;
    let listed = files.files.iter().map(|(name, bytes)| ListedFile {
        name: name.clone(),
        size: bytes.len() as u64,
        digest: Digest::of(bytes),
    });
    let manifest = Manifest {
        v: VERSION,
        packet: parts.packet.clone(),
        instant: parts.instant,
        head: parts.head,
        scope,
        files: listed.collect(),
    };
    files.json(&Name::Manifest, &manifest)?;
    Ok(files.files)
}

fn lines(entries: &[Vec<u8>]) -> Vec<u8> {
    entries.iter().flat_map(|entry| entry.iter().chain(b"\n")).copied().collect()
}

struct Writer {
    files: Files,
}

impl Writer {
    fn put(&mut self, name: &Name, bytes: Vec<u8>) {
        self.files.insert(name.to_string(), bytes);
    }

    fn json(&mut self, name: &Name, value: &impl Serialize) -> Result<(), NotCanonical> {
        let bytes = canonical::bytes(value)?;
        self.put(name, bytes);
        Ok(())
    }

    fn collected(&mut self, collected: &Collected) -> Result<(), NotCanonical> {
        self.json(&Name::Streams, &collected.streams)?;
        for (id, run) in &collected.runs {
            self.json(&Name::Run(id.clone()), run)?;
        }
        for (name, page) in &collected.pages {
            self.json(&Name::Page(name.clone()), page)?;
        }
        for (id, evidence) in &collected.evidence {
            self.json(&Name::Evidence(id.clone()), evidence)?;
        }
        for (id, revisions) in &collected.revisions {
            for (number, revision) in revisions {
                self.json(&Name::Revision(id.clone(), *number), revision)?;
            }
        }
        if !collected.listed.is_empty() {
            self.json(&Name::Listed, &collected.listed)?;
        }
        Ok(())
    }

    fn bytes(&mut self, parts: &Parts, scope: Scope) -> Result<(), NotCanonical> {
        let origins = origins(&parts.collected);
        for (page, journal) in &parts.journals {
            if scope == Scope::Full || origins.contains(page) {
                self.json(&Name::Journal(page.clone()), journal)?;
            }
        }
        match scope {
            Scope::Full => {
                for capture in parts.captures.values() {
                    self.put(&Name::Capture(capture.digest), capture.bytes.to_vec());
                }
                for (digest, component) in &parts.components {
                    self.put(&Name::Component(*digest), component.clone());
                }
            }
            Scope::Minimal => {
                let places = places(&parts.collected);
                for capture in parts.captures.values() {
                    let cited = places.get(&capture.digest).map(Vec::as_slice).unwrap_or_default();
                    self.json(&Name::Stub(capture.digest), &stub(capture, cited))?;
                }
            }
        }
        Ok(())
    }
}

/// The pages in which the revisions were first seen.
pub(super) fn origins(collected: &Collected) -> BTreeSet<PageName> {
    let recorded: BTreeSet<_> =
        collected.revisions.values().flat_map(BTreeMap::values).map(|revision| revision.recorded).collect();
    let pages = collected.pages.values().filter(|page| recorded.contains(&page.recorded));
    pages.map(|page| page.page.clone()).collect()
}

/// The places that revisions cite, by capture.
fn places(collected: &Collected) -> BTreeMap<Digest, Vec<&Locator>> {
    let mut places: BTreeMap<Digest, Vec<&Locator>> = BTreeMap::new();
    for place in collected.revisions.values().flat_map(BTreeMap::values).flat_map(|revision| &revision.cited)
    {
        let of = places.entry(place.capture).or_default();
        if !of.contains(&&place.locator) {
            of.push(&place.locator);
        }
    }
    places
}

/// A place that is not there leaves no excerpt; who verifies finds that out.
fn stub(capture: &Capture, cited: &[&Locator]) -> Stub {
    let mut captured = Captured::new(&capture.bytes);
    let excerpt = |locator: &&Locator| {
        let quote = captured.quote(locator).ok()?;
        let bytes = Base64::encode_string(quote.bytes);
        Some(Excerpt { locator: (*locator).clone(), digest: quote.digest, bytes })
    };
    Stub {
        digest: capture.digest,
        size: capture.bytes.len() as u64,
        media_type: capture.media_type.clone(),
        excerpts: cited.iter().filter_map(excerpt).collect(),
    }
}
