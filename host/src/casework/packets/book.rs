//! Filling the book from the store: what a packet needs, as it stood at an instant.
//!
//! More may be read than is needed; [`Book::cut`] leaves exactly what the rules look at, so that a book from here, from REST and
//! from a bundle are the same value.

use std::collections::{BTreeMap, BTreeSet};

use probity_core::book::{Book, GapReading, Needs, Record, Revision, StreamReading, SweepReading};
use probity_core::canonical::Digest;
use probity_core::evidence::Kind;
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId, StreamId};
use probity_core::instant::Instant;
use probity_core::run::{Mode, RunState};

use super::Loaded;
use crate::casework::{Casework, CaseworkError};
use crate::store::reading::StreamRun;
use crate::store::{Evidence, EvidenceFilter, Keyset};

/// Rows read at once.
const AT_ONCE: u32 = 1_000;

impl Casework {
    /// The book of what a packet needs, as it stood at `at`.
    pub(crate) async fn book(&self, loaded: &Loaded, at: Instant) -> Result<Book, CaseworkError> {
        let needs = Needs::of(&loaded.packet, &loaded.board, &loaded.subjects);
        self.book_of(&needs, at).await
    }

    /// The book of these needs, as it stood at `at`.
    pub(crate) async fn book_of(&self, needs: &Needs, at: Instant) -> Result<Book, CaseworkError> {
        let mut newest: BTreeMap<EvidenceId, Evidence> = BTreeMap::new();
        let cited: Vec<EvidenceId> = needs.cited.keys().cloned().collect();
        let found = self.store.evidence_of(&cited, Some(at)).await?;
        newest.extend(found.into_iter().map(|evidence| (evidence.id.clone(), evidence)));
        for (connection, kinds) in &needs.kinds {
            for kind in kinds {
                let filter = EvidenceFilter {
                    kind: Some(*kind),
                    connection: Some(connection.clone()),
                    ..as_it_stood(at)
                };
                self.gather(filter, &mut newest).await?;
            }
        }
        let mut whole: BTreeSet<EvidenceId> = BTreeSet::new();
        for subject in &needs.exposed {
            let mut exposed = BTreeMap::new();
            let filter =
                EvidenceFilter { subject: Some(subject.clone()), exposed: Some(true), ..as_it_stood(at) };
            self.gather(filter, &mut exposed).await?;
            whole.extend(exposed.keys().cloned());
            newest.append(&mut exposed);
        }
        let mut records = Vec::with_capacity(newest.len());
        for (id, evidence) in newest {
            let needs_more = whole.contains(&id) || needs.cited.contains_key(&id);
            records.push(if needs_more { self.whole(evidence, at).await? } else { with_newest(evidence) });
        }
        let mut connections: BTreeMap<ConnectionName, ConnectionId> = BTreeMap::new();
        let seen = records.iter().map(|record| (record.connection.clone(), record.connection_id.clone()));
        connections.extend(seen);
        for known in self.store.connection_list().await? {
            if needs.kinds.contains_key(&known.name) {
                connections.entry(known.name).or_insert(known.id);
            }
        }
        let mut streams = Vec::new();
        for (name, id) in &connections {
            streams.extend(self.streams(name, id, at).await?);
        }
        Ok(Book::cut(records, streams, needs))
    }

    async fn gather(
        &self,
        filter: EvidenceFilter,
        into: &mut BTreeMap<EvidenceId, Evidence>,
    ) -> Result<(), CaseworkError> {
        let mut after = None;
        loop {
            let some = self.store.evidence_list(&filter, &Keyset { after, limit: AT_ONCE }).await?;
            let last = some.len() < AT_ONCE as usize;
            after = some.last().map(|evidence| evidence.id.to_string());
            into.extend(some.into_iter().map(|evidence| (evidence.id.clone(), evidence)));
            if last {
                return Ok(());
            }
        }
    }

    /// A record with all revisions that had been recorded.
    async fn whole(&self, newest: Evidence, at: Instant) -> Result<Record, CaseworkError> {
        let mut revisions = self.store.evidence_revisions(&newest.id).await?;
        revisions.retain(|revision| revision.recorded <= at);
        let mut record = with_newest(newest);
        record.revisions = revisions.into_iter().map(revision).collect();
        Ok(record)
    }

    /// How each stream of a connection was read, as far as was known at `at`; the words are in `probity_core::book::rebuild`.
    async fn streams(
        &self,
        connection: &ConnectionName,
        id: &ConnectionId,
        at: Instant,
    ) -> Result<Vec<StreamReading>, CaseworkError> {
        let mut by_stream: BTreeMap<StreamId, Vec<StreamRun>> = BTreeMap::new();
        for run in self.store.stream_runs(id, at).await? {
            by_stream.entry(run.stream.clone()).or_default().push(run);
        }
        let mut readings = Vec::with_capacity(by_stream.len());
        for (stream, runs) in by_stream {
            let mut sweeps: Vec<(Instant, &StreamRun)> = runs
                .iter()
                .filter(|run| run.mode == Mode::Full && run.state == RunState::Complete)
                .filter_map(|run| Some((run.ended.filter(|ended| *ended <= at)?, run)))
                .collect();
            sweeps.sort_by_key(|(ended, run)| (*ended, run.began));
            let since = sweeps.iter().rev().filter(|(_, run)| run.items > 0).nth(1).map(|(_, run)| run.began);
            let sweep = match sweeps.last() {
                None => None,
                Some((ended, run)) => Some(SweepReading {
                    run: run.run.clone(),
                    began: run.began,
                    ended: *ended,
                    examined: u32::try_from(run.items).unwrap_or(u32::MAX),
                    listed: self.store.stream_listed(&run.run, &stream, at).await?,
                }),
            };
            let component = runs.last().map(|run| run.component);
            readings.push(StreamReading {
                connection: connection.clone(),
                connection_id: id.clone(),
                kinds: self.declared(component, &stream).await?,
                gaps: self.gaps(id, &stream, &runs, sweep.as_ref().map(|sweep| sweep.began), at).await?,
                missing: self.store.stream_missing(id, &stream, since, at).await?,
                stream,
                sweep,
            });
        }
        Ok(readings)
    }

    async fn declared(
        &self,
        component: Option<Digest>,
        stream: &StreamId,
    ) -> Result<Vec<Kind>, CaseworkError> {
        let Some(component) = component else { return Ok(Vec::new()) };
        let record = self.store.component_get(&component).await?;
        let streams = record.into_iter().flat_map(|record| record.manifest.streams);
        Ok(streams
            .filter(|declared| declared.id == stream.as_str())
            .flat_map(|declared| declared.kinds)
            .collect())
    }

    /// Gaps of runs whose reading of the stream had not ended when the last sweep began.
    async fn gaps(
        &self,
        connection: &ConnectionId,
        stream: &StreamId,
        runs: &[StreamRun],
        swept_from: Option<Instant>,
        at: Instant,
    ) -> Result<Vec<GapReading>, CaseworkError> {
        let past: BTreeSet<_> = runs
            .iter()
            .filter(|run| run.ended.zip(swept_from).is_some_and(|(ended, began)| ended <= began))
            .map(|run| &run.run)
            .collect();
        let gaps = self.store.stream_gaps(connection, stream, at).await?;
        let current = gaps.into_iter().filter(|(run, _)| !past.contains(run));
        Ok(current
            .map(|(run, gap)| GapReading { run, subject: gap.subject, message: gap.reason.message })
            .collect())
    }
}

/// All there was at an instant, absent evidence too.
fn as_it_stood(at: Instant) -> EvidenceFilter {
    EvidenceFilter { absent: true, at: Some(at), ..EvidenceFilter::default() }
}

fn with_newest(evidence: Evidence) -> Record {
    Record {
        id: evidence.id.clone(),
        connection: evidence.connection_name.clone(),
        connection_id: evidence.connection.clone(),
        stream: evidence.stream.clone(),
        last_seen: evidence.last_seen,
        absent: evidence.absent,
        revisions: vec![revision(evidence)],
    }
}

fn revision(evidence: Evidence) -> Revision {
    Revision {
        number: evidence.revision,
        content: evidence.content,
        item: evidence.item,
        cited: evidence.cited,
        collected: evidence.collected,
        recorded: evidence.recorded,
        run: evidence.run,
        component: evidence.component,
    }
}
