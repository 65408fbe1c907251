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
use crate::store::{Evidence, EvidenceFilter, Keyset, RunFilter};

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

    /// How each stream of a connection was read, as far as was known at `at`.
    async fn streams(
        &self,
        connection: &ConnectionName,
        id: &ConnectionId,
        at: Instant,
    ) -> Result<Vec<StreamReading>, CaseworkError> {
        let runs = self.runs_by(connection, at).await?;
        let mut components: BTreeMap<Digest, BTreeMap<StreamId, Vec<Kind>>> = BTreeMap::new();
        let mut kinds: BTreeMap<StreamId, Vec<Kind>> = BTreeMap::new();
        for run in &runs {
            if !components.contains_key(&run.component) {
                let declared = self.declared(&run.component).await?;
                components.insert(run.component, declared);
            }
            // The newest run's component says what the stream brings.
            for stream in &run.streams {
                let declared =
                    components.get(&run.component).and_then(|declared| declared.get(&stream.stream));
                kinds.entry(stream.stream.clone()).or_insert_with(|| declared.cloned().unwrap_or_default());
            }
        }
        let mut readings = Vec::with_capacity(kinds.len());
        for (stream, kinds) in kinds {
            let sweeps = self.store.sweeps(connection, &stream, Some(at)).await?;
            let complete =
                sweeps.iter().find(|sweep| sweep.mode == Mode::Full && sweep.state == RunState::Complete);
            let mut sweep = None;
            let mut missing = Vec::new();
            let mut gaps = Vec::new();
            if let Some((found, ended)) = complete.and_then(|sweep| sweep.ended.map(|ended| (sweep, ended))) {
                let manifest = self.store.sweep_manifest(&found.run, &stream).await?;
                missing = manifest.missing;
                sweep = Some(SweepReading {
                    run: found.run.clone(),
                    began: found.began,
                    ended,
                    examined: u32::try_from(found.examined).unwrap_or(u32::MAX),
                    listed: manifest.listed,
                });
                for run in
                    runs.iter().filter(|run| run.ended.is_some_and(|over| over > found.began && over <= at))
                {
                    gaps.extend(self.gaps(&run.id, &stream).await?);
                }
            }
            readings.push(StreamReading {
                connection: connection.clone(),
                connection_id: id.clone(),
                stream,
                kinds,
                sweep,
                gaps,
                missing,
            });
        }
        Ok(readings)
    }

    /// A connection's runs that had begun by `at`, newest first.
    async fn runs_by(
        &self,
        connection: &ConnectionName,
        at: Instant,
    ) -> Result<Vec<crate::store::Run>, CaseworkError> {
        let filter = RunFilter { connection: Some(connection.clone()), state: None };
        // Enough for a month of hourly runs; what is older bears on nothing that is in date.
        let mut runs = self.store.run_list(&filter, &Keyset { after: None, limit: AT_ONCE }).await?;
        runs.retain(|run| run.started <= at);
        Ok(runs)
    }

    async fn declared(&self, component: &Digest) -> Result<BTreeMap<StreamId, Vec<Kind>>, CaseworkError> {
        let record = self.store.component_get(component).await?;
        let streams = record.into_iter().flat_map(|record| record.manifest.streams);
        Ok(streams.filter_map(|stream| Some((stream.id.parse().ok()?, stream.kinds))).collect())
    }

    async fn gaps(
        &self,
        run: &probity_core::id::RunId,
        stream: &StreamId,
    ) -> Result<Vec<GapReading>, CaseworkError> {
        let gaps = self.store.gap_list(run).await?;
        Ok(gaps
            .into_iter()
            .filter(|(of, _, _)| of == stream)
            .map(|(_, _, gap)| GapReading {
                run: run.clone(),
                subject: gap.subject,
                message: gap.reason.message,
            })
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
