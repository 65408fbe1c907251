//! The book of what collection kept, as it stood at an instant.
//!
//! Every host that answers from SQL must answer exactly this; the words below are the contract.
//!
//! - A **revision** is there when it was recorded by the instant. A piece of evidence is there when one of its revisions is.
//! - It was **last seen** in the page recorded last, by the instant, whose manifest has it, in whichever revision; the page
//!   that brought a revision saw it too. `last_seen` is that page's own instant, absence is counted from when it was recorded.
//! - A **sweep** is a stream of a run in mode full that ended complete by the instant. It began when its run did.
//! - Evidence is **absent** by [`is_absent`] over the sweeps of its stream.
//! - A connection is called what it was called at the instant. Its **streams** are those of all its runs that began by the
//!   instant; a stream brings the kinds that the component of the last of these runs which reads it declares.
//! - A stream's **sweep** is the one that ended last. **Gaps** are those told in pages, recorded by the instant, of runs
//!   whose reading of the stream had not ended when that sweep began; without a sweep, in all pages. They are in the order of
//!   the pages. That a later run failed as a whole is no gap: what the sweep saw is as true as it was.
//! - **Missing** are manifest rows, of pages recorded by the instant and since the last sweep but one that returned something
//!   began, whose revision is not there. What was last seen earlier is absent, whatever became of it. With fewer than two
//!   such sweeps, rows of all pages count.
//! - **Listed** are the manifest rows of the sweep's own pages.
//!
//! What is needed of all that is cut out by [`Book::cut`].

use std::collections::{BTreeMap, BTreeSet};

use super::collected::{Collected, KeptEvidence, KeptPage, KeptRevision, KeptRun, KeptStream};
use super::{Book, GapReading, MissingRevision, Needs, Record, Revision, StreamReading, SweepReading};
use crate::evidence::Kind;
use crate::id::{ConnectionId, EvidenceId, StreamId};
use crate::instant::Instant;
use crate::run::{Mode, RunState, Sweep, is_absent};

/// The book for what is needed, as it stood at an instant.
pub fn rebuild(collected: &Collected, needs: &Needs, at: Instant) -> Book {
    let then = Then::of(collected, at);
    let records = collected.evidence.values().filter_map(|evidence| then.record(evidence));
    Book::cut(records, then.readings(needs), needs)
}

/// A stream of a connection.
pub(crate) type Place<'a> = (&'a ConnectionId, &'a StreamId);

/// What had happened by an instant.
pub(crate) struct Then<'a> {
    collected: &'a Collected,
    at: Instant,
    pub(crate) streams: BTreeMap<Place<'a>, StreamThen<'a>>,
    /// The last page that has each piece of evidence.
    pub(crate) last_pages: BTreeMap<&'a EvidenceId, &'a KeptPage>,
}

/// What had happened to a stream.
#[derive(Default)]
pub(crate) struct StreamThen<'a> {
    /// In the order in which they began.
    pub(crate) runs: Vec<(&'a KeptRun, &'a KeptStream)>,
    /// In the order in which they were recorded.
    pub(crate) pages: Vec<&'a KeptPage>,
}

impl<'a> Then<'a> {
    pub(crate) fn of(collected: &'a Collected, at: Instant) -> Self {
        let mut then = Self { collected, at, streams: BTreeMap::new(), last_pages: BTreeMap::new() };
        let mut runs: Vec<_> = collected.runs.values().filter(|run| run.began <= at).collect();
        runs.sort_by_key(|run| (run.began, &run.id));
        for run in runs {
            for stream in &run.streams {
                then.streams.entry((&run.connection, &stream.stream)).or_default().runs.push((run, stream));
            }
        }
        let mut pages: Vec<_> = collected.pages.values().filter(|page| page.recorded <= at).collect();
        pages.sort_by_key(|page| (page.recorded, &page.page));
        for page in pages {
            for sighting in &page.sightings {
                then.last_pages.insert(&sighting.evidence, page);
            }
            if let Some(run) = collected.runs.get(&page.page.run) {
                then.streams.entry((&run.connection, &page.page.stream)).or_default().pages.push(page);
            }
        }
        then
    }

    fn record(&self, evidence: &KeptEvidence) -> Option<Record> {
        let all = self.collected.revisions.get(&evidence.id)?;
        let revisions: Vec<_> = all.values().filter(|revision| revision.recorded <= self.at).collect();
        let newest = revisions.last()?;
        let (mut recorded, mut last_seen) = (newest.recorded, newest.collected);
        if let Some(page) = self.last_pages.get(&evidence.id).filter(|page| page.recorded >= recorded) {
            (recorded, last_seen) = (page.recorded, page.instant);
        }
        let stream = self.streams.get(&(&evidence.connection, &evidence.stream));
        let sweeps: Vec<Sweep> =
            stream.into_iter().flat_map(|stream| stream.sweeps(self.at)).map(Looked::sweep).collect();
        Some(Record {
            id: evidence.id.clone(),
            connection: self.collected.name(&evidence.connection, self.at)?.clone(),
            connection_id: evidence.connection.clone(),
            stream: evidence.stream.clone(),
            last_seen,
            absent: is_absent(recorded, &sweeps),
            revisions: revisions.into_iter().map(Revision::from).collect(),
        })
    }

    fn readings(&self, needs: &Needs) -> Vec<StreamReading> {
        let mut listed: BTreeMap<(&EvidenceId, u32), Kind> = BTreeMap::new();
        for revision in self.collected.listed.iter().filter(|revision| revision.recorded <= self.at) {
            listed.insert((&revision.evidence, revision.revision), revision.kind);
        }
        let reading = |(place, stream): (&Place<'a>, &StreamThen<'a>)| {
            let (connection_id, id) = *place;
            let connection = self.collected.name(connection_id, self.at)?.clone();
            // What the packet rests on has to be carried; that it is listed is not enough.
            let is_enough = |evidence: &EvidenceId, kind: Kind| {
                let of_kind = needs.kinds.get(&connection).is_some_and(|kinds| kinds.contains(&kind));
                !of_kind && !needs.cited.contains_key(evidence)
            };
            let is_there = |evidence: &EvidenceId, number: u32| {
                self.collected.revision(evidence, number).is_some_and(|revision| revision.recorded <= self.at)
                    || listed.get(&(evidence, number)).is_some_and(|kind| is_enough(evidence, *kind))
            };
            let sweep = stream.last_sweep(self.at);
            Some(StreamReading {
                kinds: self.kinds(stream, id),
                gaps: stream.gaps(sweep.map(|sweep| sweep.run.began)),
                missing: stream.missing(self.at, is_there),
                sweep: sweep.map(|sweep| stream.reading(sweep)),
                connection,
                connection_id: connection_id.clone(),
                stream: id.clone(),
            })
        };
        self.streams.iter().filter_map(reading).collect()
    }

    fn kinds(&self, stream: &StreamThen<'a>, id: &StreamId) -> Vec<Kind> {
        let component = stream.runs.last().map(|(run, _)| run.component);
        let mut declared = self.collected.streams.declared.iter();
        let declared =
            declared.find(|declared| Some(declared.component) == component && declared.stream == *id);
        declared.map(|declared| declared.kinds.clone()).unwrap_or_default()
    }
}

/// A sweep that had ended.
#[derive(Clone, Copy)]
pub(crate) struct Looked<'a> {
    pub(crate) run: &'a KeptRun,
    stream: &'a KeptStream,
    ended: Instant,
}

impl Looked<'_> {
    fn sweep(self) -> Sweep {
        Sweep { started: self.run.began, ended: self.ended, examined: u64::from(self.stream.items) }
    }
}

impl<'a> StreamThen<'a> {
    /// Complete full sweeps, in the order in which they ended.
    pub(crate) fn sweeps(&self, at: Instant) -> Vec<Looked<'a>> {
        let swept = |(run, stream): &(&'a KeptRun, &'a KeptStream)| {
            let ended = stream.ended.filter(|ended| *ended <= at)?;
            let is_sweep = stream.mode == Mode::Full && stream.state == RunState::Complete;
            is_sweep.then_some(Looked { run, stream, ended })
        };
        let mut sweeps: Vec<_> = self.runs.iter().filter_map(swept).collect();
        sweeps.sort_by_key(|sweep| (sweep.ended, sweep.run.began));
        sweeps
    }

    pub(crate) fn last_sweep(&self, at: Instant) -> Option<Looked<'a>> {
        self.sweeps(at).last().copied()
    }

    /// Since when what was seen still counts as present: the last sweep but one, of those that returned something.
    pub(crate) fn horizon(&self, at: Instant) -> Option<Instant> {
        let sweeps = self.sweeps(at);
        sweeps.iter().rev().filter(|sweep| sweep.stream.items > 0).nth(1).map(|sweep| sweep.run.began)
    }

    /// Pages of runs whose reading of the stream had not ended when the sweep began.
    fn gaps(&self, swept_from: Option<Instant>) -> Vec<GapReading> {
        let past: BTreeSet<_> = self
            .runs
            .iter()
            .filter(|(_, stream)| stream.ended.zip(swept_from).is_some_and(|(ended, began)| ended <= began))
            .map(|(run, _)| &run.id)
            .collect();
        let pages = self.pages.iter().filter(|page| !past.contains(&page.page.run));
        let gaps = pages.flat_map(|page| page.gaps.iter().map(|gap| (&page.page.run, gap)));
        gaps.map(|(run, gap)| GapReading {
            run: run.clone(),
            subject: gap.subject.clone(),
            message: gap.reason.message.clone(),
        })
        .collect()
    }

    fn missing(&self, at: Instant, is_there: impl Fn(&EvidenceId, u32) -> bool) -> Vec<MissingRevision> {
        let since = self.horizon(at);
        let pages = self.pages.iter().filter(|page| since.is_none_or(|since| page.recorded >= since));
        let rows = pages.flat_map(|page| page.sightings.iter().map(|sighting| (&page.page.run, sighting)));
        let missing: BTreeSet<_> = rows
            .filter(|(_, sighting)| !is_there(&sighting.evidence, sighting.revision))
            .map(|(run, sighting)| MissingRevision {
                evidence: sighting.evidence.clone(),
                revision: sighting.revision,
                run: run.clone(),
            })
            .collect();
        missing.into_iter().collect()
    }

    fn reading(&self, Looked { run, stream, ended }: Looked<'a>) -> SweepReading {
        let rows = self.pages.iter().filter(|page| page.page.run == run.id).map(|page| page.sightings.len());
        SweepReading {
            run: run.id.clone(),
            began: run.began,
            ended,
            examined: stream.items,
            listed: u32::try_from(rows.sum::<usize>()).unwrap_or(u32::MAX),
        }
    }
}

impl From<&KeptRevision> for Revision {
    fn from(kept: &KeptRevision) -> Self {
        Self {
            number: kept.number,
            content: kept.content,
            item: kept.item.clone(),
            cited: kept.cited.clone(),
            collected: kept.collected,
            recorded: kept.recorded,
            run: kept.run.clone(),
            component: kept.component,
        }
    }
}

#[cfg(test)]
mod tests;
