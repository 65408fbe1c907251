//! What collection kept, and nothing computed from it: runs, pages with their sightings, revisions, names.
//!
//! It is what a bundle carries and what [`super::rebuild()`] makes a book of. The host fills it from its database; a test there holds the
//! book that SQL finds to the book rebuilt from these. All instants named `recorded`, `began`, `ended` and `since` are
//! database time; `instant`, `collected` and `started` are what a host's clock said.
//!
//! Deliberately absent: captured bytes and journals, which a book is not made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::evidence::{Item, Kind};
use crate::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId};
use crate::instant::Instant;
use crate::page::{CitedPlace, Gap};
use crate::run::{Mode, RunState, Trigger};

/// What collection kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Collected {
    pub streams: Streams,
    pub runs: BTreeMap<RunId, KeptRun>,
    pub pages: BTreeMap<PageName, KeptPage>,
    pub evidence: BTreeMap<EvidenceId, KeptEvidence>,
    pub revisions: BTreeMap<EvidenceId, BTreeMap<u32, KeptRevision>>,
    /// Revisions that are known to be there and are not carried, because the packet does not rest on them.
    pub listed: Vec<ListedRevision>,
}

/// A page's place: its run, its stream, its number there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PageName {
    pub run: RunId,
    pub stream: StreamId,
    /// 1 for the run's first page of the stream.
    pub number: u32,
}

/// How connections were called, and what streams bring.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Streams {
    /// Every name a connection had, the oldest first.
    pub connections: BTreeMap<ConnectionId, Vec<Named>>,
    pub declared: Vec<Declared>,
}

/// A connection's name from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Named {
    pub since: Instant,
    pub name: ConnectionName,
}

/// The kinds of evidence a component says that a stream brings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Declared {
    pub component: Digest,
    pub stream: StreamId,
    pub kinds: Vec<Kind>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptRun {
    pub id: RunId,
    pub connection: ConnectionId,
    pub component: Digest,
    pub trigger: Trigger,
    pub config: String,
    #[serde(with = "crate::canonical::u64_string")]
    pub seed: u64,
    pub state: RunState,
    pub started: Instant,
    pub began: Instant,
    pub ended: Option<Instant>,
    /// In the order they were read.
    pub streams: Vec<KeptStream>,
}

/// One stream of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptStream {
    pub stream: StreamId,
    pub mode: Mode,
    pub state: RunState,
    pub ended: Option<Instant>,
    pub pages: u32,
    /// Items it returned, by its own count.
    pub items: u32,
}

/// A page: who was seen in it, and what could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptPage {
    pub page: PageName,
    pub instant: Instant,
    pub recorded: Instant,
    /// Digest of its journal.
    pub journal: Digest,
    /// The page manifest, in order.
    pub sightings: Vec<KeptSighting>,
    pub gaps: Vec<Gap>,
}

/// One row of a page manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptSighting {
    pub evidence: EvidenceId,
    pub revision: u32,
    /// [`Item::digest`] of the item as it was seen in this page.
    pub item: Digest,
    /// Where it was seen in this page.
    pub cited: Vec<CitedPlace>,
}

/// What a piece of evidence is, over all its revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptEvidence {
    pub id: EvidenceId,
    pub connection: ConnectionId,
    pub stream: StreamId,
    pub kind: Kind,
    /// Its id in its source.
    pub item: String,
}

/// A revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeptRevision {
    pub evidence: EvidenceId,
    /// 1 for the first.
    pub number: u32,
    /// [`Item::content_hash`].
    pub content: Digest,
    pub item: Item,
    /// Where it was first seen.
    pub cited: Vec<CitedPlace>,
    /// Instant, and commit, of the page it was first seen in.
    pub collected: Instant,
    pub recorded: Instant,
    pub run: RunId,
    pub component: Digest,
}

/// A revision that is not carried.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ListedRevision {
    pub evidence: EvidenceId,
    pub revision: u32,
    pub kind: Kind,
    pub content: Digest,
    pub recorded: Instant,
}

impl Collected {
    /// A revision that is carried.
    pub fn revision(&self, evidence: &EvidenceId, number: u32) -> Option<&KeptRevision> {
        self.revisions.get(evidence)?.get(&number)
    }

    /// What a connection was called at an instant: the last name it had got by then, or its first.
    pub fn name(&self, connection: &ConnectionId, at: Instant) -> Option<&ConnectionName> {
        let names = self.streams.connections.get(connection)?;
        let then = names.iter().rev().find(|named| named.since <= at).or(names.first());
        then.map(|named| &named.name)
    }
}
