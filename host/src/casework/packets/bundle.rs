//! Bundles: everything a packet rests on, gathered from the store; and the package.
//!
//! What a packet rests on is core's to say (`probity_core::bundle::wants`); here it is only fetched. A bundle is of an instant: entries,
//! pages and revisions recorded later are not in it.
//!
//! Deliberately absent: the archive around the files ([`crate::archive`]).

use std::collections::{BTreeMap, BTreeSet};

use probity_core::book::{
    Collected, Declared, KeptEvidence, KeptPage, KeptRevision, KeptRun, KeptSighting, KeptStream, PageName,
    Streams,
};
use probity_core::bundle::{self, Documents, Files, Parts, Scope, SignedCheckpoint, Want};
use probity_core::canonical::Digest;
use probity_core::connector::Capture;
use probity_core::event::Event;
use probity_core::id::{ConnectionId, PacketId, RunId};
use probity_core::instant::Instant;
use probity_core::journal::Journal;
use probity_core::package::Package;
use probity_core::readiness::readiness;

use super::Loaded;
use crate::authz::{Authorized, ReadPackets};
use crate::casework::{Casework, CaseworkError};
use crate::store::{Evidence, EvidenceFilter, Keyset};

impl Casework {
    /// The package of a packet at an instant: what the board would get.
    pub async fn packet_package(
        &self,
        _: &Authorized<ReadPackets>,
        id: &PacketId,
        at: Option<Instant>,
    ) -> Result<Package, CaseworkError> {
        let (loaded, as_of) = self.settled(id, at).await?;
        let book = self.book(&loaded, as_of).await?;
        let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, as_of);
        Package::of(&loaded.entries, &loaded.packet, &report, &book, &loaded.board)
            .map_err(|error| CaseworkError::NotExported(error.to_string()))
    }

    /// The files of a packet's bundle at an instant, with the last ledger checkpoint when there is one.
    pub async fn packet_bundle(
        &self,
        _: &Authorized<ReadPackets>,
        id: &PacketId,
        at: Option<Instant>,
        scope: Scope,
        checkpoint: Option<SignedCheckpoint>,
    ) -> Result<Files, CaseworkError> {
        let (loaded, as_of) = self.settled(id, at).await?;
        let (policies, subjects) = self.adopted(&loaded).await?;
        let mut documents = Documents::default();
        policies.iter().for_each(|text| documents.add_policy(text));
        subjects.iter().for_each(|text| documents.add_subjects(text));
        let wants = bundle::wants(&loaded.entries, &documents, as_of)
            .map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        let (collected, journals) = self.collected(&wants, as_of).await?;
        let collected = bundle::cut(&collected, &wants, &loaded.entries, scope);
        let journals: BTreeMap<PageName, Journal> =
            journals.into_iter().filter(|(page, _)| collected.pages.contains_key(page)).collect();
        let mut captures = BTreeMap::new();
        for digest in bundle::captures(&collected, &journals, scope) {
            captures.insert(digest, self.captured(&digest).await?);
        }
        let ran: BTreeSet<Digest> = match scope {
            Scope::Full => collected.runs.values().map(|run| run.component).collect(),
            Scope::Minimal => BTreeSet::new(),
        };
        let mut components = BTreeMap::new();
        for component in ran {
            components.insert(component, self.blobs.get(&component).await?);
        }
        let book = self.book(&loaded, as_of).await?;
        let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, as_of);
        let entries = self.store_lines(id, loaded.packet.head.seq).await?;
        let registry = self.store.registry_entries().await?.into_iter().map(|entry| entry.bytes).collect();
        let parts = Parts {
            packet: id.clone(),
            instant: as_of,
            head: loaded.packet.head,
            entries,
            registry,
            policies,
            subjects,
            collected,
            journals,
            captures,
            components,
            checkpoint,
            report,
        };
        bundle::write(&parts, scope).map_err(|error| CaseworkError::Unsealed(error.to_string()))
    }

    /// The texts of every policy and subject map that the ledger adopted.
    async fn adopted(&self, loaded: &Loaded) -> Result<(Vec<String>, Vec<String>), CaseworkError> {
        let (mut policies, mut subjects) = (BTreeSet::new(), BTreeSet::new());
        for (entry, _) in &loaded.entries {
            match &entry.event {
                Event::PacketOpened(event) => {
                    policies.insert(event.policy);
                    subjects.insert(event.subjects);
                }
                Event::PolicyAdopted(event) => {
                    policies.insert(event.policy);
                    subjects.insert(event.subjects);
                }
                _ => {}
            }
        }
        Ok((self.texts(policies).await?, self.texts(subjects).await?))
    }

    async fn texts(&self, digests: BTreeSet<Digest>) -> Result<Vec<String>, CaseworkError> {
        let mut texts = Vec::with_capacity(digests.len());
        for digest in digests {
            let bytes = self.blobs.get(&digest).await?;
            texts.push(String::from_utf8(bytes).map_err(|error| CaseworkError::Unsealed(error.to_string()))?);
        }
        Ok(texts)
    }

    async fn store_lines(&self, id: &PacketId, upto: u32) -> Result<Vec<Vec<u8>>, CaseworkError> {
        let entries = self.entries(id).await?;
        let kept = entries.into_iter().filter(|(entry, _)| entry.seq <= upto);
        kept.map(|(entry, _)| entry.sealed().map(|sealed| sealed.bytes))
            .collect::<Result<_, _>>()
            .map_err(|error| CaseworkError::Unsealed(error.to_string()))
    }

    async fn captured(&self, digest: &Digest) -> Result<Capture, CaseworkError> {
        let bytes = self.blobs.get(digest).await?;
        let record = self.store.capture_get(digest).await?;
        let media_type = record.and_then(|record| record.media_type);
        Ok(Capture { digest: *digest, bytes: bytes.into(), media_type })
    }

    /// All that was collected over the connections these wants range over, by an instant.
    async fn collected(
        &self,
        wants: &[Want],
        at: Instant,
    ) -> Result<(Collected, BTreeMap<PageName, Journal>), CaseworkError> {
        let mut connections: BTreeSet<ConnectionId> = BTreeSet::new();
        for want in wants {
            let book = self.book_of(&want.needs, want.at).await?;
            connections.extend(book.streams.iter().map(|stream| stream.connection_id.clone()));
            connections.extend(book.records.values().map(|record| record.connection_id.clone()));
        }
        let (mut collected, mut journals) = (Collected::default(), BTreeMap::new());
        for connection in &connections {
            self.collect_connection(connection, at, &mut collected, &mut journals).await?;
        }
        Ok((collected, journals))
    }

    async fn collect_connection(
        &self,
        connection: &ConnectionId,
        at: Instant,
        collected: &mut Collected,
        journals: &mut BTreeMap<PageName, Journal>,
    ) -> Result<(), CaseworkError> {
        let names = self.store.connection_names(connection).await?;
        let named = names.last().map(|named| named.name.clone());
        collected.streams.connections.insert(connection.clone(), names);
        let mut runs: BTreeMap<RunId, KeptRun> = BTreeMap::new();
        for stream in self.store.stream_runs(connection, at).await? {
            let kept = KeptStream {
                stream: stream.stream.clone(),
                mode: stream.mode,
                state: stream.state,
                ended: stream.ended,
                pages: 0,
                items: u32::try_from(stream.items).unwrap_or(u32::MAX),
            };
            if let Some(run) = runs.get_mut(&stream.run) {
                run.streams.push(kept);
                continue;
            }
            let Some(run) = self.store.run_get(&stream.run).await? else { continue };
            let kept = KeptRun {
                id: run.id.clone(),
                connection: connection.clone(),
                component: run.component,
                trigger: run.trigger,
                config: run.config,
                seed: run.seed,
                state: run.state,
                started: run.started,
                began: stream.began,
                ended: run.ended,
                streams: vec![kept],
            };
            self.declared_by(&run.component, &mut collected.streams).await?;
            runs.insert(run.id, kept);
        }
        for run in runs.values_mut() {
            for (stream, number) in self.store.page_list(&run.id).await? {
                let Some(page) = self.store.page_get(&run.id, &stream, number).await? else { continue };
                if page.recorded > at {
                    continue;
                }
                if let Some(kept) = run.streams.iter_mut().find(|kept| kept.stream == stream) {
                    kept.pages += 1;
                }
                let name = PageName { run: run.id.clone(), stream, number };
                let journal =
                    page.journal.digest().map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
                let sightings = page.manifest.into_iter().map(|seen| KeptSighting {
                    evidence: seen.evidence,
                    revision: seen.revision,
                    item: seen.item,
                    cited: seen.cited,
                });
                let kept = KeptPage {
                    page: name.clone(),
                    instant: page.instant,
                    recorded: page.recorded,
                    journal,
                    sightings: sightings.collect(),
                    gaps: page.gaps,
                };
                collected.pages.insert(name.clone(), kept);
                journals.insert(name, page.journal);
            }
        }
        collected.runs.append(&mut runs);
        if let Some(name) = named {
            self.collect_evidence(&name, connection, at, collected).await?;
        }
        Ok(())
    }

    async fn declared_by(&self, component: &Digest, streams: &mut Streams) -> Result<(), CaseworkError> {
        if streams.declared.iter().any(|declared| declared.component == *component) {
            return Ok(());
        }
        let record = self.store.component_get(component).await?;
        let declared = record.into_iter().flat_map(|record| record.manifest.streams);
        streams.declared.extend(declared.filter_map(|stream| {
            Some(Declared { component: *component, stream: stream.id.parse().ok()?, kinds: stream.kinds })
        }));
        streams.declared.sort();
        Ok(())
    }

    async fn collect_evidence(
        &self,
        name: &probity_core::id::ConnectionName,
        connection: &ConnectionId,
        at: Instant,
        collected: &mut Collected,
    ) -> Result<(), CaseworkError> {
        let filter =
            EvidenceFilter { connection: Some(name.clone()), absent: true, ..EvidenceFilter::default() };
        let mut after = None;
        loop {
            let some = self.store.evidence_list(&filter, &Keyset { after, limit: 500 }).await?;
            let last = some.len() < 500;
            after = some.last().map(|evidence| evidence.id.to_string());
            for evidence in some {
                let mut revisions = self.store.evidence_revisions(&evidence.id).await?;
                revisions.retain(|revision| revision.recorded <= at);
                if revisions.is_empty() {
                    continue;
                }
                let kept = KeptEvidence {
                    id: evidence.id.clone(),
                    connection: connection.clone(),
                    stream: evidence.stream.clone(),
                    kind: evidence.item.kind(),
                    item: evidence.item.id.clone(),
                };
                collected.evidence.insert(evidence.id.clone(), kept);
                let revisions =
                    revisions.into_iter().map(|revision| (revision.revision, kept_revision(revision)));
                collected.revisions.insert(evidence.id, revisions.collect());
            }
            if last {
                return Ok(());
            }
        }
    }
}

fn kept_revision(evidence: Evidence) -> KeptRevision {
    KeptRevision {
        evidence: evidence.id,
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
