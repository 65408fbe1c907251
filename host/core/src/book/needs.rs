//! What a packet needs of all the evidence there is, and the book cut to it.
//!
//! The host asks its database by these needs, the offline verifier cuts a bundle by them. Both cut with [`Book::cut`], so
//! they judge by the same book.
//!
//! Deliberately absent: how to find it. That is each store's own business.

use std::collections::BTreeSet;

use super::{Book, Needs, Record, StreamReading};
use crate::board::Board;
use crate::claim::{Citation, Test};
use crate::evidence::Kind;
use crate::id::{ConnectionName, EvidenceId};
use crate::packet::exposure::CauseSource;
use crate::packet::{Claim, ClaimState, Packet, Passage, PassageState};
use crate::subject::SubjectMap;

impl Needs {
    /// What a packet needs under a board policy. Drafts need their evidence too, so that they show how they stand.
    pub fn of(packet: &Packet, board: &Board, subjects: &SubjectMap) -> Self {
        let mut needs = Self::default();
        for claim in packet.claims.values().filter(|claim| is_at_stake(claim)) {
            needs.claim(claim);
        }
        let passages = packet.passages.values().filter(|passage| may_be_read(passage));
        let answers = packet.objections.values().flat_map(|objection| &objection.answers);
        let quoted = passages.filter_map(|passage| passage.quotes.as_ref());
        for citation in quoted.chain(answers.flat_map(|answer| &answer.citations)) {
            needs.cite(citation);
        }
        for cause in packet.causes.values() {
            needs.cause(&cause.source);
        }
        for set in &board.requirement_sets {
            needs.all_of(&set.connection, Kind::Requirement);
        }
        let of_the_terms = [Some(&packet.terms.system), packet.terms.credential.as_ref()];
        for subject in of_the_terms.into_iter().flatten() {
            needs.exposed.extend(subjects.names(subject).map(str::to_owned));
        }
        needs
    }

    fn claim(&mut self, claim: &Claim) {
        let text = &claim.claim;
        text.citations.iter().chain(&text.addresses).for_each(|citation| self.cite(citation));
        if let Some(Test::Query(query)) = &text.test {
            query.connections.iter().for_each(|connection| self.all_of(connection, query.kind));
        }
    }

    fn cause(&mut self, source: &CauseSource) {
        match source {
            CauseSource::Detected { evidence, revision } => self.revision(evidence, Some(*revision)),
            CauseSource::Declared { evidence: Some(evidence), .. } => self.revision(evidence, None),
            CauseSource::Declared { evidence: None, .. } => {}
        }
    }

    fn cite(&mut self, citation: &Citation) {
        self.revision(&citation.evidence, Some(citation.revision));
    }

    fn revision(&mut self, evidence: &EvidenceId, number: Option<u32>) {
        self.cited.entry(evidence.clone()).or_default().extend(number);
    }

    fn all_of(&mut self, connection: &ConnectionName, kind: Kind) {
        self.kinds.entry(connection.clone()).or_default().insert(kind);
    }

    /// Whether a record is or was an exposure of what the packet is about.
    fn exposes(&self, record: &Record) -> bool {
        record.revisions.iter().any(|revision| revision.item.exposure.is_some())
            && record
                .revisions
                .iter()
                .flat_map(|revision| &revision.item.subjects)
                .any(|name| self.exposed.contains(name))
    }

    fn is_of_a_kind(&self, record: &Record) -> bool {
        let kinds = self.kinds.get(&record.connection);
        record.kind().zip(kinds).is_some_and(|(kind, kinds)| kinds.contains(&kind))
    }
}

impl Book {
    /// The book of what is needed, cut from all there is: cited evidence with its cited and newest revisions, the newest
    /// revisions of what queries and requirement sets range over, and exposures whole.
    pub fn cut(
        all: impl IntoIterator<Item = Record>,
        streams: impl IntoIterator<Item = StreamReading>,
        needs: &Needs,
    ) -> Self {
        let mut book = Self::default();
        for mut record in all {
            let cited = needs.cited.get(&record.id);
            record.revisions.sort_by_key(|revision| revision.number);
            if !needs.exposes(&record) {
                if cited.is_none() && !needs.is_of_a_kind(&record) {
                    continue;
                }
                keep(&mut record, cited);
            }
            book.records.insert(record.id.clone(), record);
        }
        let named = needs.kinds.keys().chain(book.records.values().map(|record| &record.connection));
        let connections: BTreeSet<&ConnectionName> = named.collect();
        let mut streams: Vec<_> =
            streams.into_iter().filter(|stream| connections.contains(&stream.connection)).collect();
        streams.sort_by(|one, other| (&one.connection, &one.stream).cmp(&(&other.connection, &other.stream)));
        book.streams = streams;
        book
    }
}

/// Leaves the newest revision and those that are cited.
fn keep(record: &mut Record, cited: Option<&BTreeSet<u32>>) {
    let newest = record.newest().map(|revision| revision.number);
    record.revisions.retain(|revision| {
        Some(revision.number) == newest || cited.is_some_and(|cited| cited.contains(&revision.number))
    });
}

const fn is_at_stake(claim: &Claim) -> bool {
    matches!(claim.state, ClaimState::Draft | ClaimState::Accepted { .. })
}

const fn may_be_read(passage: &Passage) -> bool {
    matches!(passage.state, PassageState::Proposed | PassageState::Accepted(_))
}

#[cfg(test)]
mod tests;
