//! What is cited: each revision of evidence once, with where it comes from and its three times.

use serde::Serialize;

use crate::board::Board;
use crate::book::{Book, Record, Revision};
use crate::canonical::Digest;
use crate::claim::Citation;
use crate::evidence::Kind;
use crate::freshness::{Dated, Freshness, freshness};
use crate::id::{ConnectionName, EvidenceId, RunId, StreamId};
use crate::instant::Instant;
use crate::page;

/// A place in a source, with the value that stood there when it was cited.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CitedPlace {
    /// [`Source::number`].
    pub source: usize,
    pub pointer: String,
    pub quoted: serde_json::Value,
    /// Digest of the quoted value.
    pub digest: Digest,
}

/// A revision of evidence that something cites.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Source {
    /// 1 for the first, in the order in which they are cited.
    pub number: usize,
    pub evidence: EvidenceId,
    pub revision: u32,
    /// Content hash of the revision, as it was cited.
    pub content: Digest,
    pub in_book: InBook,
}

/// Whether the cited revision was at hand when the package was built.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum InBook {
    Found(Box<Found>),
    /// The evidence, or that revision of it, is not there.
    Missing,
    /// It is there, and says something else than what was cited.
    Altered {
        content: Digest,
    },
}

/// A revision that was at hand.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Found {
    pub title: String,
    #[serde(rename = "evidence-kind")]
    pub kind: Kind,
    pub connection: ConnectionName,
    pub stream: StreamId,
    /// Where a person finds it in the source.
    pub url: Option<String>,
    pub about: Vec<String>,
    /// When the source says it changed or happened.
    pub source_time: Option<Instant>,
    /// When the host got its bytes first, and when it recorded them.
    pub collected: Instant,
    pub recorded: Instant,
    /// The last page that contained it, whichever revision.
    pub last_seen: Instant,
    /// Until when evidence of its kind counts.
    pub freshness: Freshness,
    pub newest: u32,
    /// Missing from two consecutive complete sweeps.
    pub absent: bool,
    /// The captures it was found in.
    pub captures: Vec<Digest>,
    pub component: Digest,
    pub run: RunId,
}

/// Collects what is cited.
pub struct Sources<'a> {
    book: &'a Book,
    board: &'a Board,
    at: Instant,
    listed: Vec<Source>,
}

impl<'a> Sources<'a> {
    pub(super) const fn new(book: &'a Book, board: &'a Board, at: Instant) -> Self {
        Self { book, board, at, listed: Vec::new() }
    }

    /// The places of some citations, their sources listed.
    pub(super) fn cite<'c>(&mut self, citations: impl IntoIterator<Item = &'c Citation>) -> Vec<CitedPlace> {
        let place = |citation: &Citation| CitedPlace {
            source: self.number_of(citation),
            pointer: citation.pointer.clone(),
            quoted: citation.quoted.clone(),
            digest: citation.digest,
        };
        citations.into_iter().map(place).collect()
    }

    pub(super) fn listed(self) -> Vec<Source> {
        self.listed
    }

    fn number_of(&mut self, citation: &Citation) -> usize {
        let same = |source: &&Source| {
            source.evidence == citation.evidence
                && source.revision == citation.revision
                && source.content == citation.content
        };
        if let Some(known) = self.listed.iter().find(same) {
            return known.number;
        }
        let number = self.listed.len() + 1;
        self.listed.push(Source {
            number,
            evidence: citation.evidence.clone(),
            revision: citation.revision,
            content: citation.content,
            in_book: self.look_up(citation),
        });
        number
    }

    fn look_up(&self, citation: &Citation) -> InBook {
        let record = self.book.get(&citation.evidence);
        match record.and_then(|record| record.revision(citation.revision).map(|revision| (record, revision)))
        {
            None => InBook::Missing,
            Some((_, revision)) if revision.content != citation.content => {
                InBook::Altered { content: revision.content }
            }
            Some((record, revision)) => self.found(record, revision),
        }
    }

    fn found(&self, record: &Record, revision: &Revision) -> InBook {
        let item = &revision.item;
        let dated = Dated {
            kind: item.kind(),
            source_time: item.source_time,
            expires: item.expires,
            last_seen: record.last_seen,
            max_age: self.board.max_age.get(&item.kind()).copied(),
        };
        InBook::Found(Box::new(Found {
            title: item.title.clone(),
            kind: item.kind(),
            connection: record.connection.clone(),
            stream: record.stream.clone(),
            url: item.url.clone(),
            about: item.subjects.clone(),
            source_time: item.source_time,
            collected: revision.collected,
            recorded: revision.recorded,
            last_seen: record.last_seen,
            freshness: freshness(&dated, self.at),
            newest: record.newest().map_or(revision.number, |newest| newest.number),
            absent: record.absent,
            captures: captures(&revision.cited),
            component: revision.component,
            run: revision.run.clone(),
        }))
    }
}

/// Each capture once, in order.
fn captures(cited: &[page::CitedPlace]) -> Vec<Digest> {
    let mut captures: Vec<Digest> = Vec::new();
    for place in cited {
        if !captures.contains(&place.capture) {
            captures.push(place.capture);
        }
    }
    captures
}
