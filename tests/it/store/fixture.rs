//! Runs, pages and items to store. Sample data throughout.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use probity::store::{
    CaptureRecord, Committed, ComponentRecord, Evidence, EvidenceFilter, Keyset, NewRun, PageCommit, Run,
    Store, StoreError, StreamEnd, StreamPlan,
};
use probity_core::canonical::Digest;
use probity_core::connector::{Failure, FailureKind, Manifest};
use probity_core::evidence::{
    Body, Citation, Finding, FindingState, Item, Locator, Outcome, RollbackTest, Severity,
};
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::journal::{Journal, VERSION};
use probity_core::page::{Admitted, AdmittedPage, CitedPlace, Gap, Next};
use probity_core::run::{Mode, RunState, Trigger};

/// Long enough that no test outlives it.
pub(super) const LEASE: Duration = Duration::from_secs(3600);

/// A fresh id of version 7, later than all before it.
pub(super) fn uuid() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("0197a3c0-0000-7000-8000-{:012x}", NEXT.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn stream(id: &str) -> StreamId {
    id.parse().unwrap()
}

pub(super) fn name(name: &str) -> ConnectionName {
    name.parse().unwrap()
}

pub(super) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn all() -> Keyset {
    Keyset { after: None, limit: 1000 }
}

pub(super) async fn component(store: &dyn Store) -> Digest {
    let digest = Digest::of(b"a component");
    let manifest = Manifest {
        name: String::from("sample"),
        version: String::from("1.0.0"),
        title: String::from("Sample"),
        summary: String::new(),
        config_schema: String::from("{}"),
        auth: Vec::new(),
        endpoints: Vec::new(),
        mounts: Vec::new(),
        streams: Vec::new(),
    };
    let recorded = store.now().await.unwrap();
    store.component_put(&ComponentRecord { digest, size: 11, manifest, recorded }).await.unwrap();
    digest
}

pub(super) async fn connection(store: &dyn Store, named: &str) -> ConnectionId {
    store.connection_register(&name(named), None, uuid().parse().unwrap()).await.unwrap().id
}

pub(super) async fn new_run(
    store: &dyn Store,
    connection: &ConnectionId,
    streams: Vec<StreamPlan>,
) -> NewRun {
    NewRun {
        id: uuid().parse().unwrap(),
        connection: connection.clone(),
        component: component(store).await,
        trigger: Trigger::Manual,
        config: String::from("{}"),
        seed: u64::MAX,
        started: store.now().await.unwrap(),
        streams,
        owner: String::from("host-1"),
        lease: LEASE,
    }
}

pub(super) fn full(id: &str) -> StreamPlan {
    StreamPlan { stream: stream(id), mode: Mode::Full, cursor: None }
}

pub(super) fn incremental(id: &str, bookmark: &str) -> StreamPlan {
    StreamPlan { stream: stream(id), mode: Mode::Incremental, cursor: Some(bookmark.to_owned()) }
}

pub(super) async fn begin(store: &dyn Store, connection: &ConnectionId, plan: StreamPlan) -> Run {
    store.run_begin(&new_run(store, connection, vec![plan]).await).await.unwrap()
}

/// A finding that says `title`.
pub(super) fn finding(id: &str, title: &str) -> Item {
    Item {
        id: id.to_owned(),
        title: title.to_owned(),
        summary: String::new(),
        url: None,
        subjects: vec![String::from("service:payments-bridge")],
        source_time: None,
        expires: None,
        labels: Vec::new(),
        citations: vec![Citation { capture: 0, locator: Locator::Whole }],
        exposure: None,
        body: Body::Finding(Finding {
            severity: Severity::High,
            state: FindingState::Open,
            verified: None,
            description: String::from("a shared production credential"),
            impact: None,
            mitigation: None,
            found: None,
            mitigated_at: None,
            due: None,
            weakness: None,
            vulnerabilities: Vec::new(),
            component: None,
            location: None,
            known_exploited: None,
            exceptions: Vec::new(),
        }),
    }
}

/// A rollback test that happened at `at`: an event.
pub(super) fn rollback(id: &str, at: Option<Instant>) -> Item {
    let body = RollbackTest {
        environment: String::from("staging"),
        outcome: Outcome::Succeeded,
        from_version: None,
        to_version: None,
        by: None,
        duration_seconds: None,
        notes: None,
    };
    Item { source_time: at, body: Body::RollbackTest(body), ..finding(id, "Rollback tested") }
}

/// An item as admitted, cited at a place of a capture.
pub(super) fn admitted(item: Item, capture: Digest, place: usize) -> Admitted {
    Admitted {
        content: item.content_hash().unwrap(),
        digest: item.digest().unwrap(),
        cited: vec![CitedPlace {
            capture,
            locator: Locator::Pointer { pointer: format!("/results/{place}") },
        }],
        item,
    }
}

pub(super) fn gap(message: &str) -> Gap {
    Gap { subject: None, reason: Failure::new(FailureKind::Permission, message) }
}

/// What a page is: everything but its items.
#[derive(Clone)]
pub(super) struct Sheet {
    pub(super) run: RunId,
    pub(super) epoch: u64,
    pub(super) stream: StreamId,
    pub(super) number: u32,
    pub(super) cursor: Option<String>,
    pub(super) next: Next,
    /// The bytes the page captured.
    pub(super) bytes: String,
    pub(super) instant: Instant,
}

impl Sheet {
    /// The next page of the first stream of a run, the last one of it.
    pub(super) fn last(run: &Run) -> Self {
        let stream = &run.streams[0];
        let number = stream.pages + 1;
        Self {
            run: run.id.clone(),
            epoch: run.lease.as_ref().map_or(1, |lease| lease.epoch),
            stream: stream.stream.clone(),
            number,
            cursor: stream.cursor.clone(),
            next: Next::Done { bookmark: None },
            bytes: format!("page {number} of run {}", run.id),
            instant: instant("2026-11-22T12:00:00Z"),
        }
    }

    /// The page of that number in the middle of a first stream whose cursors are page numbers.
    pub(super) fn middle(run: &Run, number: u32) -> Self {
        Self {
            number,
            cursor: (number > 1).then(|| number.to_string()),
            next: Next::More { cursor: (number + 1).to_string() },
            bytes: format!("page {number} of run {}", run.id),
            ..Self::last(run)
        }
    }

    /// The page with these items.
    pub(super) fn with(self, items: Vec<Item>) -> PageCommit {
        let capture = Digest::of(self.bytes.as_bytes());
        let size = self.bytes.len() as u64;
        let fresh_ids = items.iter().map(|_| uuid().parse().unwrap()).collect();
        let items: Vec<_> =
            items.into_iter().enumerate().map(|(at, item)| admitted(item, capture, at)).collect();
        PageCommit {
            run: self.run,
            epoch: self.epoch,
            number: self.number,
            journal: Journal {
                v: VERSION,
                connector: Digest::of(b"a component"),
                stream: self.stream.to_string(),
                cursor: self.cursor,
                config: String::from("{}"),
                instant: self.instant,
                seed: 7,
                calls: Vec::new(),
                page: Digest::of(b"a page"),
            },
            stream: self.stream,
            page: AdmittedPage { items, next: self.next, gaps: Vec::new() },
            captures: vec![CaptureRecord { digest: capture, size, media_type: None }],
            fresh_ids,
        }
    }
}

pub(super) async fn commit(store: &dyn Store, page: &PageCommit) -> Committed {
    store.page_commit(page).await.unwrap()
}

pub(super) async fn end(store: &dyn Store, run: &Run, state: RunState) {
    let epoch = run.lease.as_ref().unwrap().epoch;
    for stream in &run.streams {
        let end = StreamEnd { state, failure: None };
        store.stream_end(&run.id, epoch, &stream.stream, &end).await.unwrap();
    }
    store.run_end(&run.id, epoch, state).await.unwrap();
}

/// A whole run over one stream, its items in one page.
pub(super) async fn pass(
    store: &dyn Store,
    connection: &ConnectionId,
    plan: StreamPlan,
    (state, items): (RunState, Vec<Item>),
) -> (RunId, Committed) {
    let run = begin(store, connection, plan).await;
    let committed = commit(store, &Sheet::last(&run).with(items)).await;
    end(store, &run, state).await;
    (run.id, committed)
}

/// A complete full sweep of the stream `findings`.
pub(super) async fn sweep(
    store: &dyn Store,
    connection: &ConnectionId,
    items: Vec<Item>,
) -> (RunId, Committed) {
    pass(store, connection, full("findings"), (RunState::Complete, items)).await
}

/// Everything, absent or not.
pub(super) async fn everything(store: &dyn Store) -> Vec<Evidence> {
    let filter = EvidenceFilter { absent: true, ..EvidenceFilter::default() };
    store.evidence_list(&filter, &all()).await.unwrap()
}

/// The item ids that a filter finds.
pub(super) async fn found(store: &dyn Store, filter: &EvidenceFilter) -> Vec<String> {
    store.evidence_list(filter, &all()).await.unwrap().into_iter().map(|one| one.item.id).collect()
}

/// The evidence of that item id.
pub(super) async fn evidence_of(store: &dyn Store, item: &str) -> Evidence {
    let mut found = everything(store).await;
    found.retain(|one| one.item.id == item);
    assert_eq!(found.len(), 1, "{item} is there once");
    found.remove(0)
}

pub(super) async fn id_of(store: &dyn Store, item: &str) -> EvidenceId {
    evidence_of(store, item).await.id
}

/// What a page would change, in numbers.
pub(super) async fn counts(store: &dyn Store, run: &RunId) -> (usize, usize, usize, usize) {
    (
        store.page_list(run).await.unwrap().len(),
        everything(store).await.len(),
        store.gap_list(run).await.unwrap().len(),
        store.blob_references().await.unwrap().len(),
    )
}

/// Drops some work on the store after so many reads: a client that hung up.
pub(super) async fn dropped<T>(store: &dyn Store, work: impl Future<Output = T>, reads: u32) -> Option<T> {
    tokio::select! {
        biased;
        result = work => Some(result),
        () = async {
            for _ in 0..reads {
                store.connection_list().await.unwrap();
            }
        } => None,
    }
}

pub(super) fn is_out_of_order(result: &Result<Committed, StoreError>) -> bool {
    matches!(result, Err(StoreError::OutOfOrder { .. }))
}

pub(super) fn is_fenced<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Fenced { .. }))
}
