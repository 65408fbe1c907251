//! Deriving reports: the same steps for who writes a bundle and for who verifies it.

use std::collections::{BTreeMap, BTreeSet};

use crate::board::Board;
use crate::book::{Collected, Needs, rebuild};
use crate::canonical::Digest;
use crate::claim::Citation;
use crate::event::{Decision, Event};
use crate::id::EvidenceId;
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::{NotOpened, Packet};
use crate::readiness::{Report, readiness};
use crate::subject::SubjectMap;

/// Board policies and subject maps, by the digest of their text.
#[derive(Debug, Default)]
pub struct Documents {
    policies: BTreeMap<Digest, Result<Board, String>>,
    subjects: BTreeMap<Digest, Result<SubjectMap, String>>,
}

/// Why a report cannot be derived.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotDerived {
    #[error("no entry had been made by then")]
    NoEntries,
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    #[error("the {what} {digest}, which the packet had adopted, is not there")]
    NoDocument { what: &'static str, digest: Digest },
    #[error("the {what} {digest} cannot be read by this program: {problem}")]
    Unreadable { what: &'static str, digest: Digest, problem: String },
}

/// Something a report is derived from: what a packet needed at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    pub at: Instant,
    pub needs: Needs,
}

impl Documents {
    /// Takes a board policy's text.
    pub fn add_policy(&mut self, text: &str) {
        let read = Board::parse(text).map_err(|bad| bad.to_string());
        self.policies.insert(Digest::of(text.as_bytes()), read);
    }

    /// Takes a subject map's text.
    pub fn add_subjects(&mut self, text: &str) {
        let read = SubjectMap::parse(text).map_err(|bad| bad.to_string());
        self.subjects.insert(Digest::of(text.as_bytes()), read);
    }

    /// A board policy that was adopted.
    pub fn policy(&self, digest: Digest) -> Result<&Board, NotDerived> {
        taken(&self.policies, "board policy", digest)
    }

    /// A subject map that was adopted.
    pub fn subjects(&self, digest: Digest) -> Result<&SubjectMap, NotDerived> {
        taken(&self.subjects, "subject map", digest)
    }
}

fn taken<'a, T>(
    kept: &'a BTreeMap<Digest, Result<T, String>>,
    what: &'static str,
    digest: Digest,
) -> Result<&'a T, NotDerived> {
    match kept.get(&digest) {
        None => Err(NotDerived::NoDocument { what, digest }),
        Some(Err(problem)) => Err(NotDerived::Unreadable { what, digest, problem: problem.clone() }),
        Some(Ok(document)) => Ok(document),
    }
}

/// What the reports of a bundle are derived from: the one at `instant`, and those that handoffs were signed on.
pub fn wants(
    entries: &[(Entry, Head)],
    documents: &Documents,
    instant: Instant,
) -> Result<Vec<Want>, NotDerived> {
    let mut wants = vec![want(through(entries, instant), documents, instant)?];
    for (_, shown, at) in handed_off(entries) {
        wants.push(want(shown, documents, at)?);
    }
    Ok(wants)
}

fn want(entries: &[(Entry, Head)], documents: &Documents, at: Instant) -> Result<Want, NotDerived> {
    let packet = fold(entries)?;
    let (board, subjects) = (documents.policy(packet.policy)?, documents.subjects(packet.subjects)?);
    Ok(Want { at, needs: Needs::of(&packet, board, subjects) })
}

/// The report of a packet as these entries leave it, at an instant, under the policy it had adopted.
pub fn report_at(
    entries: &[(Entry, Head)],
    documents: &Documents,
    collected: &Collected,
    at: Instant,
) -> Result<Report, NotDerived> {
    let packet = fold(entries)?;
    let (board, subjects) = (documents.policy(packet.policy)?, documents.subjects(packet.subjects)?);
    let book = rebuild(collected, &Needs::of(&packet, board, subjects), at);
    Ok(readiness(&packet, &book, board, subjects, at))
}

fn fold(entries: &[(Entry, Head)]) -> Result<Packet, NotDerived> {
    if entries.is_empty() {
        return Err(NotDerived::NoEntries);
    }
    Ok(Packet::fold(entries)?)
}

/// The entries that had been made by an instant.
pub(super) fn through(entries: &[(Entry, Head)], at: Instant) -> &[(Entry, Head)] {
    &entries[..entries.partition_point(|(entry, _)| entry.at <= at)]
}

/// Each handoff: its entry, the entries it was shown, and the instant of what it was shown.
pub(super) fn handed_off(
    entries: &[(Entry, Head)],
) -> impl Iterator<Item = (&(Entry, Head), &[(Entry, Head)], Instant)> {
    entries.iter().filter_map(move |of| match &of.0.event {
        Event::Decided(decided) if matches!(decided.statement.decides, Decision::PacketHandedOff { .. }) => {
            let shown = usize::try_from(decided.statement.head.seq).unwrap_or(usize::MAX).min(entries.len());
            Some((of, &entries[..shown], decided.statement.instant))
        }
        _ => None,
    })
}

/// Every revision that the ledger names.
pub(super) fn named(entries: &[(Entry, Head)]) -> BTreeSet<(EvidenceId, u32)> {
    let mut named = BTreeSet::new();
    for (entry, _) in entries {
        named.extend(cited(&entry.event).map(|citation| (citation.evidence.clone(), citation.revision)));
        match &entry.event {
            Event::ExposureDetected(event) => {
                named.insert((event.evidence.clone(), event.revision));
            }
            Event::Decided(decided) => {
                named.extend(
                    decided.statement.evidence.iter().map(|shown| (shown.evidence.clone(), shown.revision)),
                );
            }
            _ => {}
        }
    }
    named
}

/// The citations of an event.
pub(super) fn cited(event: &Event) -> impl Iterator<Item = &Citation> {
    let (one, several, more): (Option<&Citation>, &[Citation], &[Citation]) = match event {
        Event::PassageProposed(event) => (event.quotes.as_ref(), &[], &[]),
        Event::ClaimMade(event) => (None, &event.claim.citations, &event.claim.addresses),
        Event::ClaimReaffirmed(event) => (None, &event.citations, &event.addresses),
        Event::ObjectionAnswered(event) => (None, &event.citations, &[]),
        _ => (None, &[], &[]),
    };
    one.into_iter().chain(several).chain(more)
}
