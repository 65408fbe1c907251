//! A host on a scratch folder: real database, real blobs, real components in the real sandbox.
//!
//! [`TestHost::finish`] is part of every test that collects: it replays every run of the host to byte-identical
//! records and checks that the database holds together, so each such test is also a test of the two
//! promises nobody should have to remember. A host that is dropped without it fails the test.

use std::sync::Arc;
use std::time::Duration;

use probity::casework::{Casework, Policies, RunRequest};
use probity::clock::Clock;
use probity::collect::{Collector, Parts, Reporter, Settings, replay_run};
use probity::config::Config;
use probity::sandbox::{CodeCache, Limits, Sandbox};
use probity::store::blobs::Blobs;
use probity::store::sqlite::SqliteStore;
use probity::store::{Evidence, EvidenceFilter, Keyset, Run, RunFilter, Store};
use probity_core::run::{Backoff, Trigger};
use tempfile::TempDir;

/// A host on a scratch folder.
pub struct TestHost {
    pub folder: Arc<TempDir>,
    pub clock: Clock,
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    pub sandbox: Sandbox,
    pub collector: Collector,
    /// What replay is expected to find; a test that tampers says so.
    tampered: bool,
    finished: bool,
}

/// Collection without waiting: the same attempts, a thousandth of the pauses.
pub fn quick() -> Settings {
    Settings {
        backoff: Backoff {
            base: Duration::from_millis(1),
            cap: Duration::from_millis(20),
            ..Backoff::default()
        },
        ..Settings::default()
    }
}

impl TestHost {
    /// Starts a host with this configuration text, which may refer to files in `folder`.
    pub async fn start(folder: Arc<TempDir>, config: &str, clock: Clock) -> Self {
        Self::try_start(folder, config, clock).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same, for configurations that may be refused.
    pub async fn try_start(
        folder: Arc<TempDir>,
        config: &str,
        clock: Clock,
    ) -> Result<Self, probity::collect::CollectError> {
        Self::with(folder, config, clock, quick()).await
    }

    /// The same with other settings.
    pub async fn with(
        folder: Arc<TempDir>,
        config: &str,
        clock: Clock,
        settings: Settings,
    ) -> Result<Self, probity::collect::CollectError> {
        probity::egress::install_crypto();
        let file = folder.path().join("probity.toml");
        std::fs::write(&file, config).expect("the scratch folder can be written");
        let config = Config::load(&file)?;
        let store = open_store(&config, &clock).await;
        let now = clock.clone();
        let blobs =
            Blobs::local(&config.folder.join("blobs"), Arc::new(move || now.now())).expect("a blob folder");
        let sandbox = sandbox(&clock);
        let parts = Parts {
            store: store.clone(),
            blobs: blobs.clone(),
            sandbox: sandbox.clone(),
            clock: clock.clone(),
            settings,
            reporter: Reporter::default(),
            hosts: config.folder.join("hosts"),
        };
        let collector = Collector::open(&config, parts).await?;
        Ok(Self { folder, clock, store, blobs, sandbox, collector, tampered: false, finished: false })
    }

    /// Collects a connection once, as the plan says, and returns the ended run.
    pub async fn collect(&self, connection: &str) -> Run {
        self.collect_as(connection, &RunRequest::default()).await
    }

    /// Collects a connection once, as asked.
    pub async fn collect_as(&self, connection: &str, request: &RunRequest) -> Run {
        let run = self.collector.start(connection, request, Trigger::Manual).await.expect("the run begins");
        tokio::time::timeout(Duration::from_secs(120), self.collector.wait(&run))
            .await
            .expect("the run ends within two minutes")
            .expect("the run is kept")
    }

    /// All evidence that a filter lets through, in order.
    pub async fn evidence(&self, filter: &EvidenceFilter) -> Vec<Evidence> {
        let mut all: Vec<Evidence> = Vec::new();
        loop {
            let after = all.last().map(|last| last.id.to_string());
            let page =
                self.store.evidence_list(filter, &Keyset { after, limit: 500 }).await.expect("a listing");
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// The use cases over what this host keeps, under the board policy of its configuration.
    pub async fn casework(&self) -> Casework {
        let config = Config::load(&self.folder.path().join("probity.toml")).expect("the configuration");
        let policies = policies(&config);
        policies.keep(&*self.store, &self.blobs).await.expect("the policies are kept");
        Casework {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            max_ages: config.max_age.clone(),
            collector: Arc::new(self.collector.clone()),
            clock: self.clock.clone(),
            policies: Arc::new(policies),
            principals: config.principals,
            gates: Arc::default(),
        }
    }

    /// Says that this test changed what is kept, so that replay must not be expected to pass.
    pub fn tampered(&mut self) {
        self.tampered = true;
    }

    /// Ends the host: every run replays byte for byte, and the database holds together.
    pub async fn finish(mut self) {
        self.finished = true;
        self.collector.shut_down().await;
        assert_eq!(self.store.check().await.expect("the check runs"), Vec::<String>::new());
        if self.tampered {
            return;
        }
        let runs = self
            .store
            .run_list(&RunFilter::default(), &Keyset { after: None, limit: 1_000 })
            .await
            .expect("a listing");
        for run in runs {
            let report =
                replay_run(&*self.store, &self.blobs, &self.sandbox, &run.id).await.expect("the run replays");
            assert!(report.is_identical(), "{report:#?}");
        }
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        assert!(self.finished || std::thread::panicking(), "end each TestHost with finish()");
    }
}

fn policies(config: &Config) -> Policies {
    let board = config.board.as_ref().map(|files| (files.board.clone(), files.text.clone()));
    Policies::new(board, config.subjects.clone())
}

async fn open_store(config: &Config, clock: &Clock) -> Arc<dyn Store> {
    let clock = clock.clone();
    let path = config.folder.join("probity.db");
    Arc::new(SqliteStore::open_with_clock(&path, Arc::new(move || clock.now())).await.expect("a store"))
}

/// A sandbox whose compiled code is kept between tests: compiling is tested elsewhere.
pub fn sandbox(clock: &Clock) -> Sandbox {
    let folder = crate::guests::folder().with_file_name("compiled-for-tests");
    let clock = clock.clone();
    let cache = CodeCache::open(&folder, move || clock.bytes()).expect("a cache folder");
    Sandbox::new(Limits::default(), Some(cache)).expect("a sandbox")
}
