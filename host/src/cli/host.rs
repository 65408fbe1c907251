//! The parts a command needs, opened from the configuration.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use probity_core::connector::Failure;
use probity_core::id::{ConnectionName, RunId};

use crate::api::ApiState;
use crate::authz::hosts::Hosts;
use crate::authz::{Authorized, Caller, Permission};
use crate::casework::view::ConnectionView;
use crate::casework::{Casework, Collecting, Gates, Policies, RunRequest, StartError, clash, who_may_call};
use crate::clock::Clock;
use crate::collect::{Collector, Parts, Reporter, Settings};
use crate::config::{Config, Fault, Invalid};
use crate::sandbox::{CodeCache, Limits, Sandbox};
use crate::store::Store;
use crate::store::blobs::Blobs;
use crate::store::sqlite::SqliteStore;

/// A configuration and what it keeps.
pub struct Host {
    pub config: Config,
    pub clock: Clock,
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    pub policies: Arc<Policies>,
    gates: Arc<Gates>,
}

impl Host {
    /// Opens the store of a configuration. Nothing is loaded, nothing runs.
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        Self::with(Config::load(file)?).await
    }

    /// The same for a configuration at hand.
    pub async fn with(config: Config) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let store = open_store(&config, &clock).await?;
        let now = clock.clone();
        let blobs = Blobs::local(&config.folder.join("blobs"), Arc::new(move || now.now()))?;
        check_names(&config, &*store).await?;
        let board = config.board.as_ref().map(|files| (files.board.clone(), files.text.clone()));
        let policies = Policies::new(board, config.subjects.clone());
        policies.keep(&*store, &blobs).await?;
        Ok(Self { config, clock, store, blobs, policies: Arc::new(policies), gates: Arc::default() })
    }

    /// A sandbox with this host's cache of compiled connectors.
    pub fn sandbox(&self) -> anyhow::Result<Sandbox> {
        sandbox(&self.config, &self.clock)
    }

    /// Opens the store and makes every connection ready to be collected. The connections are checked first: a
    /// mistake in one is told before there is a database.
    pub async fn collecting(config: Config) -> anyhow::Result<(Self, Collector)> {
        let sandbox = sandbox(&config, &Clock::system())?;
        let checked = config.clone();
        let prepared = Collector::prepare(&checked, &sandbox).await?;
        let host = Self::with(config).await?;
        let parts = Parts {
            store: host.store.clone(),
            blobs: host.blobs.clone(),
            sandbox,
            clock: host.clock.clone(),
            settings: Settings::default(),
            reporter: Reporter::default(),
            hosts: host.config.folder.join("hosts"),
        };
        let collector = Collector::begin(&host.config, prepared, parts).await?;
        Ok((host, collector))
    }

    /// The use cases over what is kept, without anything that collects.
    pub fn casework(&self) -> Casework {
        self.casework_with(Arc::new(NotCollecting))
    }

    /// The use cases over what is kept and over collection.
    pub fn casework_with(&self, collector: Arc<dyn Collecting>) -> Casework {
        Casework {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            max_ages: self.config.max_age.clone(),
            collector,
            clock: self.clock.clone(),
            policies: self.policies.clone(),
            principals: self.config.principals.clone(),
            gates: self.gates.clone(),
        }
    }

    /// What the API answers from.
    pub fn api_state(&self, collector: &Collector, listens_on: SocketAddr) -> ApiState {
        let casework = self.casework_with(Arc::new(collector.clone()));
        let hosts = Hosts::new(listens_on, self.config.serve.hosts.clone());
        ApiState::new(Arc::new(casework), hosts, self.clock.clone())
    }
}

/// Permission for whoever runs the command: they could read the database file as well.
pub fn local<P: Permission>() -> anyhow::Result<Authorized<P>> {
    Ok(Caller::local().authorize()?)
}

/// For commands that only look at what is kept: no connector is loaded for them.
struct NotCollecting;

#[async_trait]
impl Collecting for NotCollecting {
    fn connections(&self) -> Vec<ConnectionView> {
        Vec::new()
    }

    fn connection(&self, _: &ConnectionName) -> Option<ConnectionView> {
        None
    }

    async fn check(&self, _: &ConnectionName) -> Option<Result<Vec<String>, Failure>> {
        None
    }

    async fn start(&self, _: &ConnectionName, _: RunRequest) -> Result<RunId, StartError> {
        Err(StartError::Unknown)
    }
}

/// A sandbox with the configuration's cache of compiled connectors.
pub fn sandbox(config: &Config, clock: &Clock) -> anyhow::Result<Sandbox> {
    let folder = config.folder.join("compiled");
    let clock = clock.clone();
    let cache = CodeCache::open(&folder, move || clock.bytes())
        .with_context(|| format!("cannot use the cache of compiled connectors in {}", folder.display()))?;
    Ok(Sandbox::new(Limits::default(), Some(cache))?)
}

/// Where a configuration's database is.
fn database(config: &Config) -> PathBuf {
    config.folder.join("probity.db")
}

/// Whether there is a store already.
pub fn has_store(config: &Config) -> bool {
    database(config).is_file()
}

/// Whether the host may listen where the configuration says, given everybody who is configured or was added. A store is opened
/// only if that decides, and is not made for it.
pub async fn check_listening(config: &Config) -> anyhow::Result<()> {
    if config.check_listening(&config.principals).is_ok() || !has_store(config) {
        return Ok(config.check_listening(&config.principals)?);
    }
    let store = open_store(config, &Clock::system()).await?;
    Ok(config.check_listening(&who_may_call(&config.principals, &*store).await?)?)
}

/// Nobody is configured whose name or token the store knows as somebody's.
async fn check_names(config: &Config, store: &dyn Store) -> anyhow::Result<()> {
    match clash(&config.principals, &store.principal_list().await?) {
        None => Ok(()),
        Some(problem) => Err(Invalid::one(
            &config.file,
            Fault::new("principal", problem)
                .fix("take the [[principal]] out, or give it another `id` and another token"),
        )
        .into()),
    }
}

async fn open_store(config: &Config, clock: &Clock) -> anyhow::Result<Arc<dyn Store>> {
    let clock = clock.clone();
    let store = SqliteStore::open_with_clock(&database(config), Arc::new(move || clock.now())).await?;
    Ok(Arc::new(store))
}
