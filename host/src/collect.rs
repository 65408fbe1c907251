//! Collection: runs over connections, from "it is due" to "it is committed".
//!
//! A [`Collector`] holds the configured connections, each bound to a loaded component whose manifest its
//! grant was checked against. A run goes stream by stream, page by page: the page is executed in the sandbox
//! with the doors open, admitted by core, its blobs written, and committed in one transaction fenced by the
//! run's lease, while the next page is already being fetched. What can pass is retried; what cannot ends
//! the stream with its reason. A host that dies leaves an open run; the next one takes it over at the
//! last committed cursor.
//!
//! Deliberately absent: rules about records (core), SQL (`store`), anything about wasm (`sandbox`) or URLs
//! (`egress`).

mod bind;
mod doors;
mod lease;
mod offered;
mod page;
mod plan;
mod progress;
mod replay;
mod run;
mod schedule;
mod stream;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use probity_core::connector::Failure;
use probity_core::id::{ConnectionId, ConnectionName, RunId, StreamId};
use probity_core::run::{Backoff, Trigger};
use tokio_util::sync::CancellationToken;

use crate::binding::list;
use crate::casework::RunRequest;
use crate::clock::Clock;
use crate::config::{Config, Connection, Fault, Invalid};
use crate::sandbox::{Connector, LoadError, PageCall, Sandbox};
use crate::store::blobs::Blobs;
use crate::store::{Run, Store, StoreError};

pub use bind::Bound;
pub use progress::{Progress, Reporter};
pub use replay::bundled::replay_bundle;
pub use replay::{ReplayReport, replay_run};

/// What collecting can fail with before or outside a run. Inside one, failures are the run's outcome.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("there is no connection `{name}`; the connections are: {known}")]
    UnknownConnection { name: String, known: String },
    #[error("connection {connection} has no stream `{stream}`; its streams are: {known}", known = list(known.iter().map(StreamId::as_str)))]
    UnknownStream { connection: ConnectionName, stream: StreamId, known: Vec<StreamId> },
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    #[error(
        "connection {connection} is already being collected by run {run}; wait for it, or look at it with `probity run show {run}`"
    )]
    Busy { connection: ConnectionName, run: RunId },
    #[error("the component {digest} of run {run} is not kept here, so nothing can be replayed")]
    ComponentMissing { run: RunId, digest: probity_core::canonical::Digest },
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How collection behaves. The defaults suit an operator; tests shorten the waits.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How a page is tried again after a failure that can pass.
    pub backoff: Backoff,
    /// How long a host may be silent before another takes its run over.
    pub lease: Duration,
    /// Runs at the same time, over all connections: a run is mostly waiting, a page's CPU time is bounded.
    pub concurrency: usize,
    /// Pages of one stream in one run. A source that never ends is a source that lies.
    pub max_pages: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            backoff: Backoff::default(),
            lease: Duration::from_secs(15),
            concurrency: 4,
            max_pages: 10_000,
        }
    }
}

/// Everything collection needs from outside.
#[derive(Clone)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    pub sandbox: Sandbox,
    pub clock: Clock,
    pub settings: Settings,
    pub reporter: Reporter,
    /// The folder of lock files by which processes on one machine know each other alive.
    pub hosts: std::path::PathBuf,
}

/// The configured connections, ready to be collected. Cheap to clone.
#[derive(Clone)]
pub struct Collector {
    inner: Arc<Inner>,
}

/// Connections whose components are loaded and whose grants fit.
pub struct Prepared<'a>(Vec<(&'a Connection, bind::Loaded, bind::Checked)>);

impl Prepared<'_> {
    /// Each connection, its connector, and the streams it collects.
    pub fn connections(&self) -> impl Iterator<Item = (&Connection, &Connector, &[StreamId])> {
        self.0
            .iter()
            .map(|(connection, loaded, checked)| (*connection, &loaded.connector, checked.streams.as_slice()))
    }
}

struct Inner {
    parts: Parts,
    connections: BTreeMap<ConnectionName, Arc<Bound>>,
    /// Names this process in leases.
    host: lease::Host,
    slots: Arc<tokio::sync::Semaphore>,
    max_age: BTreeMap<probity_core::evidence::Kind, Duration>,
    stop: CancellationToken,
    running: tokio_util::task::TaskTracker,
}

impl Collector {
    /// [`Collector::prepare`] and [`Collector::begin`] in one.
    pub async fn open(config: &Config, parts: Parts) -> Result<Self, CollectError> {
        let prepared = Self::prepare(config, &parts.sandbox).await?;
        Self::begin(config, prepared, parts).await
    }

    /// Loads every connection's component and checks each grant against its manifest. All faults of all
    /// connections are told at once. Nothing is opened or written, so that a mistake leaves nothing behind.
    pub async fn prepare<'a>(config: &'a Config, sandbox: &Sandbox) -> Result<Prepared<'a>, Invalid> {
        let mut faults: Vec<Fault> = Vec::new();
        let mut loaded = Vec::new();
        for connection in config.connections.values() {
            match bind::load(connection, sandbox).await {
                Ok(component) => match bind::check(connection, &component.connector) {
                    Ok(checked) => loaded.push((connection, component, checked)),
                    Err(mut found) => faults.append(&mut found),
                },
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            Ok(Prepared(loaded))
        } else {
            Err(Invalid { file: config.file.clone(), faults })
        }
    }

    /// Notes prepared connections and their components in the store, and announces this process to its like.
    pub async fn begin(config: &Config, prepared: Prepared<'_>, parts: Parts) -> Result<Self, CollectError> {
        let mut connections = BTreeMap::new();
        for (connection, component, checked) in prepared.0 {
            let bound = bind::register(connection, component, checked, &parts).await?;
            connections.insert(connection.name.clone(), Arc::new(bound));
        }
        let host = lease::Host::announce(&parts.hosts, &parts.clock)?;
        let slots = Arc::new(tokio::sync::Semaphore::new(parts.settings.concurrency));
        Ok(Self {
            inner: Arc::new(Inner {
                parts,
                connections,
                host,
                slots,
                max_age: config.max_age.clone(),
                stop: CancellationToken::new(),
                running: tokio_util::task::TaskTracker::new(),
            }),
        })
    }

    /// What happens in runs from now on.
    pub fn progress(&self) -> tokio::sync::broadcast::Receiver<Progress> {
        self.inner.parts.reporter.subscribe()
    }

    /// The connections, by name.
    pub fn connections(&self) -> impl Iterator<Item = &Arc<Bound>> {
        self.inner.connections.values()
    }

    /// The connection of that name.
    pub fn connection(&self, name: &str) -> Result<&Arc<Bound>, CollectError> {
        name.parse::<ConnectionName>().ok().and_then(|name| self.inner.connections.get(&name)).ok_or_else(
            || CollectError::UnknownConnection {
                name: name.chars().take(80).collect(),
                known: list(self.inner.connections.keys().map(ConnectionName::as_str)),
            },
        )
    }

    fn by_id(&self, id: &ConnectionId) -> Option<&Arc<Bound>> {
        self.inner.connections.values().find(|bound| bound.record.id == *id)
    }

    /// Asks the connector to probe its source: what works, one line each, or the failure in its words.
    pub async fn check(&self, name: &str) -> Result<Result<Vec<String>, Failure>, CollectError> {
        let bound = self.connection(name)?;
        let clock = &self.inner.parts.clock;
        let call = PageCall {
            stream: String::new(),
            cursor: None,
            config: bound.config.clone(),
            instant: clock.now(),
            seed: clock.seed(),
        };
        let doors = doors::LiveDoors::open(bound);
        Ok(bound.connector.check(&call, Box::new(doors)).await.map_err(|error| error.to_failure()))
    }

    /// Begins a run and works on it in the background. Its outcome is in the store; [`Collector::wait`] waits for it.
    pub async fn start(
        &self,
        name: &str,
        request: &RunRequest,
        trigger: Trigger,
    ) -> Result<RunId, CollectError> {
        let bound = self.connection(name)?.clone();
        let run = plan::begin(self, &bound, request, trigger).await?;
        let id = run.id.clone();
        self.work(bound, run);
        Ok(id)
    }

    /// Works on a run that this host holds, as one task that nobody else's cancellation can cut.
    fn work(&self, bound: Arc<Bound>, run: Run) {
        let collector = self.clone();
        self.inner.running.spawn(async move {
            let Ok(_slot) = collector.inner.slots.clone().acquire_owned().await else { return };
            run::work(&collector, &bound, run).await;
        });
    }

    /// Waits until a run has ended, and returns it.
    pub async fn wait(&self, id: &RunId) -> Result<Run, CollectError> {
        let mut ended = self.inner.parts.reporter.subscribe();
        loop {
            let run = self
                .inner
                .parts
                .store
                .run_get(id)
                .await?
                .ok_or_else(|| CollectError::UnknownRun(id.clone()))?;
            if run.ended.is_some() {
                return Ok(run);
            }
            // A lagging or closed channel only means: look again.
            let _ = tokio::time::timeout(Duration::from_millis(500), ended.recv()).await;
        }
    }

    /// Takes over open runs that nobody works on: this host's own from before it died, and others' whose lease
    /// has lapsed. Returns those taken.
    pub async fn resume(&self) -> Result<Vec<RunId>, CollectError> {
        let mut taken = Vec::new();
        for open in self.inner.parts.store.run_open().await? {
            if self.inner.host.works_on(&open) {
                continue;
            }
            let Some(bound) = self.by_id(&open.connection).cloned() else { continue };
            if let Some(run) = lease::claim(self, &open.id).await? {
                tracing::info!(run = %run.id, connection = %bound.record.name, "Run {} goes on where it stopped", run.id);
                taken.push(run.id.clone());
                self.work(bound, run);
            }
        }
        Ok(taken)
    }

    /// Collects each connection that has a schedule when it is due, and takes over abandoned runs, until `stop`.
    pub async fn keep_schedule(&self, stop: CancellationToken) {
        schedule::keep(self, stop).await;
    }

    /// One look at the schedule: takes over abandoned runs, begins those that are due, and returns the latter.
    pub async fn collect_due(&self) -> Result<Vec<RunId>, CollectError> {
        schedule::look(self).await
    }

    /// Lets runs end their current page and stops. What is not finished is taken over later.
    pub async fn shut_down(&self) {
        self.inner.stop.cancel();
        self.inner.running.close();
        self.inner.running.wait().await;
    }
}
