//! The book: the evidence that readiness is judged on, as it stood at an instant.
//!
//! The host fills it from its database, the command line from REST, the offline verifier from a bundle; the rules only
//! see this value, so they cannot tell the three apart. It holds what the packet needs ([`Needs`]): cited
//! evidence, what queries range over, requirement sets, exposures of the packet's subjects, and how well each
//! stream was read.
//!
//! Subjects in it are as the sources name them; [`crate::subject::SubjectMap`] says what those names mean.
//!
//! [`Examined`] is a book with its indexes: what rules that ask many questions are given.
//!
//! Deliberately absent: freshness (it depends on the instant and the board policy) and captured bytes.

mod collected;
mod coverage;
mod examined;
mod needs;
mod rebuild;
#[cfg(test)]
pub(crate) mod sample;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::evidence::{Item, Kind};
use crate::freshness::Dated;
use crate::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId, Subject};
use crate::instant::Instant;
use crate::page::CitedPlace;

pub use collected::{
    Collected, Declared, KeptEvidence, KeptPage, KeptRevision, KeptRun, KeptSighting, KeptStream,
    ListedRevision, Named, PageName, Streams,
};
pub use coverage::{Coverage, Lack, LackKind};
pub use examined::{Examined, Form};
pub(crate) use rebuild::Then;
pub use rebuild::rebuild;
pub(crate) use tally::{Group, Judged, Place, Ranks, Tally};

/// Evidence as it stood at an instant.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Book {
    pub records: BTreeMap<EvidenceId, Record>,
    /// Every stream of the connections the packet needs, in order of connection and stream.
    pub streams: Vec<StreamReading>,
}

/// One piece of evidence with the revisions that matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Record {
    pub id: EvidenceId,
    pub connection: ConnectionName,
    pub connection_id: ConnectionId,
    pub stream: StreamId,
    /// Instant of the last page that contained it, whichever revision.
    pub last_seen: Instant,
    /// Missing from two consecutive complete sweeps.
    pub absent: bool,
    /// The newest, last, and before it those that are cited; for evidence that is or was an exposure, all. In order of number.
    pub revisions: Vec<Revision>,
}

/// One revision of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Revision {
    /// 1 for the first.
    pub number: u32,
    /// [`Item::content_hash`].
    pub content: Digest,
    pub item: Item,
    /// Where it was first seen.
    pub cited: Vec<CitedPlace>,
    /// When the host got its bytes first, and when it committed it.
    pub collected: Instant,
    pub recorded: Instant,
    pub run: RunId,
    pub component: Digest,
}

impl Record {
    /// The newest revision. `None` only in a book that was tampered with.
    pub fn newest(&self) -> Option<&Revision> {
        self.revisions.last()
    }

    /// A revision by its number.
    pub fn revision(&self, number: u32) -> Option<&Revision> {
        let at = self.revisions.binary_search_by_key(&number, |revision| revision.number).ok()?;
        self.revisions.get(at)
    }

    /// What freshness depends on, by one of its revisions.
    pub const fn dated(&self, revision: &Revision, max_age: Option<Duration>) -> Dated {
        Dated {
            kind: revision.item.kind(),
            source_time: revision.item.source_time,
            expires: revision.item.expires,
            last_seen: self.last_seen,
            max_age,
        }
    }

    /// The kind, by the newest revision.
    pub fn kind(&self) -> Option<Kind> {
        self.newest().map(|revision| revision.item.kind())
    }
}

/// How a stream was read, as far as was known at the instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StreamReading {
    pub connection: ConnectionName,
    pub connection_id: ConnectionId,
    pub stream: StreamId,
    /// The kinds of evidence it brings, as its component declares.
    pub kinds: Vec<Kind>,
    /// The last full sweep that ended complete, if there is one.
    pub sweep: Option<SweepReading>,
    /// What runs that ended after that sweep began could not read.
    pub gaps: Vec<GapReading>,
    /// Rows of page manifests whose revision is not there: something was lost or taken away.
    pub missing: Vec<MissingRevision>,
}

/// A complete full sweep of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SweepReading {
    pub run: RunId,
    /// When it was begun, on database time: what it saw is at least as new as this.
    pub began: Instant,
    pub ended: Instant,
    /// Items it returned, by its own count.
    pub examined: u32,
    /// Rows in its page manifests. Not the same number as `examined`: something was lost.
    pub listed: u32,
}

/// Something a run could not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GapReading {
    pub run: RunId,
    /// What it concerns, where the connector knew; `None` may concern anything.
    pub subject: Option<String>,
    pub message: String,
}

/// A row of a page manifest that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MissingRevision {
    pub evidence: EvidenceId,
    pub revision: u32,
    pub run: RunId,
}

/// What a packet needs to be judged: what a book for it must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Needs {
    /// Cited evidence, with the revisions that are cited; the newest is needed always.
    pub cited: BTreeMap<EvidenceId, BTreeSet<u32>>,
    /// All evidence of these kinds in these connections.
    pub kinds: BTreeMap<ConnectionName, BTreeSet<Kind>>,
    /// Evidence that is or was an exposure, in every connection, about any of these: names as sources write
    /// them, the subject map's aliases included.
    pub exposed: BTreeSet<String>,
}

impl Book {
    /// A record that must be there.
    pub fn get(&self, id: &EvidenceId) -> Option<&Record> {
        self.records.get(id)
    }

    /// The streams of a connection that bring a kind.
    pub fn streams_of(
        &self,
        connection: &ConnectionName,
        kind: Kind,
    ) -> impl Iterator<Item = &StreamReading> {
        self.streams
            .iter()
            .filter(move |stream| stream.connection == *connection && stream.kinds.contains(&kind))
    }

    /// Present records of a kind in a connection.
    pub fn of_kind(&self, connection: &ConnectionName, kind: Kind) -> impl Iterator<Item = &Record> {
        self.records.values().filter(move |record| {
            record.connection == *connection && !record.absent && record.kind() == Some(kind)
        })
    }
}

/// Whether a record is about a subject, by the names its newest revision has.
pub fn is_about(revision: &Revision, subject: &Subject, subjects: &crate::subject::SubjectMap) -> bool {
    revision.item.subjects.iter().any(|name| subjects.means(name, subject))
}
