//! Leaving of what collection kept what a bundle needs: enough to derive every report that its reader derives, and no more.

use std::collections::{BTreeMap, BTreeSet};

use super::derive::named;
use super::{Scope, Want};
use crate::book::{Collected, Declared, ListedRevision, PageName, Streams, Then, rebuild};
use crate::canonical::Digest;
use crate::id::{EvidenceId, RunId};
use crate::journal::{Call, Journal, Outcome};
use crate::ledger::{Entry, Head};

/// What is left of `collected` in a bundle: the books that are wanted can be rebuilt from it as from all of it, and every revision
/// that the ledger names is in it. A full one has all revisions seen in its pages; a minimal one lists those that no book has.
pub fn cut(collected: &Collected, wants: &[Want], entries: &[(Entry, Head)], scope: Scope) -> Collected {
    let mut kept = Kept { revisions: named(entries), ..Kept::default() };
    for want in wants {
        kept.want(collected, want);
    }
    kept.seen_since(collected);
    kept.origins(collected);
    if scope == Scope::Full {
        for page in kept.pages.iter().filter_map(|page| collected.pages.get(page)) {
            kept.revisions.extend(page.sightings.iter().map(|seen| (seen.evidence.clone(), seen.revision)));
        }
    }
    kept.of(collected)
}

/// The captures that a bundle of this carries: those cited, and in a full one those that its journals name.
pub fn captures(
    collected: &Collected,
    journals: &BTreeMap<PageName, Journal>,
    scope: Scope,
) -> BTreeSet<Digest> {
    let revisions = collected.revisions.values().flat_map(BTreeMap::values);
    let mut digests: BTreeSet<Digest> =
        revisions.flat_map(|revision| &revision.cited).map(|place| place.capture).collect();
    if scope == Scope::Full {
        digests.extend(journals.values().flat_map(|journal| &journal.calls).flat_map(answered));
    }
    digests
}

/// The captures that a call was answered with.
pub(super) fn answered(call: &Call) -> Vec<Digest> {
    match call {
        Call::Fetch { exchanges, .. } => exchanges
            .iter()
            .filter_map(|exchange| match &exchange.outcome {
                Outcome::Ok(answer) => Some(answer.capture.digest),
                Outcome::Failure(_) => None,
            })
            .collect(),
        Call::Follow { outcome: Outcome::Ok(answer), .. } => vec![answer.capture.digest],
        Call::Read { outcome: Outcome::Ok(capture), .. } => vec![capture.digest],
        Call::Follow { .. } | Call::Read { .. } | Call::Entries { .. } => Vec::new(),
    }
}

#[derive(Default)]
struct Kept {
    runs: BTreeSet<RunId>,
    pages: BTreeSet<PageName>,
    revisions: BTreeSet<(EvidenceId, u32)>,
    /// Evidence that a book has.
    needed: BTreeSet<EvidenceId>,
}

impl Kept {
    fn want(&mut self, collected: &Collected, want: &Want) {
        let then = Then::of(collected, want.at);
        let book = rebuild(collected, &want.needs, want.at);
        for reading in &book.streams {
            let Some(stream) = then.streams.get(&(&reading.connection_id, &reading.stream)) else { continue };
            let since = stream.horizon(want.at);
            let pages = stream.pages.iter().filter(|page| since.is_none_or(|since| page.recorded >= since));
            self.pages.extend(pages.map(|page| page.page.clone()));
            let sweeps = stream.sweeps(want.at);
            let sweeps = sweeps.iter().filter(|sweep| since.is_none_or(|since| sweep.run.began >= since));
            self.runs.extend(sweeps.map(|sweep| sweep.run.id.clone()));
            self.runs.extend(stream.runs.last().map(|(run, _)| run.id.clone()));
        }
        for record in book.records.values() {
            self.pages.extend(then.last_pages.get(&record.id).map(|page| page.page.clone()));
            self.needed.insert(record.id.clone());
            self.revisions
                .extend(record.revisions.iter().map(|revision| (record.id.clone(), revision.number)));
        }
    }

    /// What a packet rests on is there in each revision that the pages show, or it would count as missing.
    fn seen_since(&mut self, collected: &Collected) {
        let seen =
            self.pages.iter().filter_map(|page| collected.pages.get(page)).flat_map(|page| &page.sightings);
        for sighting in seen.filter(|sighting| self.needed.contains(&sighting.evidence)) {
            self.revisions.insert((sighting.evidence.clone(), sighting.revision));
        }
    }

    /// The page that each revision was first seen in: the way back to its bytes.
    fn origins(&mut self, collected: &Collected) {
        let recorded: BTreeMap<_, _> =
            collected.pages.values().map(|page| (page.recorded, &page.page)).collect();
        for (evidence, number) in &self.revisions {
            let Some(revision) = collected.revision(evidence, *number) else { continue };
            self.pages.extend(recorded.get(&revision.recorded).map(|page| (*page).clone()));
        }
    }

    fn of(mut self, collected: &Collected) -> Collected {
        let pages: BTreeMap<_, _> = self
            .pages
            .iter()
            .filter_map(|name| Some((name.clone(), collected.pages.get(name)?.clone())))
            .collect();
        let mut left = Collected { pages, ..Collected::default() };
        for (evidence, number) in &self.revisions {
            let Some(revision) = collected.revision(evidence, *number) else { continue };
            self.runs.insert(revision.run.clone());
            left.revisions.entry(evidence.clone()).or_default().insert(*number, revision.clone());
        }
        self.runs.extend(left.pages.keys().map(|page| page.run.clone()));
        let evidence =
            left.revisions.keys().filter_map(|id| Some((id.clone(), collected.evidence.get(id)?.clone())));
        left.evidence = evidence.collect();
        left.runs =
            self.runs.iter().filter_map(|id| Some((id.clone(), collected.runs.get(id)?.clone()))).collect();
        left.streams = streams(collected, &left);
        left.listed = listed(collected, &left);
        left
    }
}

fn streams(collected: &Collected, left: &Collected) -> Streams {
    let connections: BTreeSet<_> = left.runs.values().map(|run| &run.connection).collect();
    let read: BTreeSet<_> = left
        .runs
        .values()
        .flat_map(|run| run.streams.iter().map(|stream| (run.component, &stream.stream)))
        .collect();
    let names = collected.streams.connections.iter().filter(|(id, _)| connections.contains(id));
    let mut declared: Vec<Declared> = collected
        .streams
        .declared
        .iter()
        .filter(|declared| read.contains(&(declared.component, &declared.stream)))
        .cloned()
        .collect();
    declared.sort();
    declared.dedup();
    Streams { connections: names.map(|(id, names)| (id.clone(), names.clone())).collect(), declared }
}

/// Revisions that are seen in pages that are left, and are themselves not.
fn listed(collected: &Collected, left: &Collected) -> Vec<ListedRevision> {
    let seen: BTreeSet<_> = left
        .pages
        .values()
        .flat_map(|page| &page.sightings)
        .map(|seen| (&seen.evidence, seen.revision))
        .collect();
    let known = collected.listed.iter().map(|listed| ((&listed.evidence, listed.revision), listed));
    let known: BTreeMap<_, _> = known.collect();
    let list = |(evidence, number): (&EvidenceId, u32)| {
        if left.revision(evidence, number).is_some() {
            return None;
        }
        match (collected.revision(evidence, number), collected.evidence.get(evidence)) {
            (Some(revision), Some(kept)) => Some(ListedRevision {
                evidence: evidence.clone(),
                revision: number,
                kind: kept.kind,
                content: revision.content,
                recorded: revision.recorded,
            }),
            _ => known.get(&(evidence, number)).map(|listed| (*listed).clone()),
        }
    };
    seen.into_iter().filter_map(list).collect()
}
