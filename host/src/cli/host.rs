//! The parts a command needs, opened from the configuration.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::casework::Casework;
use crate::clock::Clock;
use crate::collect::{Collector, Parts, Reporter, Settings};
use crate::config::Config;
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
        let blobs = Blobs::local(&config.folder.join("blobs"))?;
        Ok(Self { config, clock, store, blobs })
    }

    /// A sandbox with this host's cache of compiled connectors.
    pub fn sandbox(&self) -> anyhow::Result<Sandbox> {
        let folder = self.config.folder.join("compiled");
        let clock = self.clock.clone();
        let cache = CodeCache::open(&folder, move || clock.bytes())
            .with_context(|| format!("cannot use the cache of compiled connectors in {}", folder.display()))?;
        Ok(Sandbox::new(Limits::default(), Some(cache))?)
    }

    /// Loads every connection and makes them ready to be collected.
    pub async fn collector(&self) -> anyhow::Result<Collector> {
        let parts = Parts {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            sandbox: self.sandbox()?,
            clock: self.clock.clone(),
            settings: Settings::default(),
            reporter: Reporter::default(),
            hosts: self.config.folder.join("hosts"),
        };
        Ok(Collector::open(&self.config, parts).await?)
    }

    /// The use cases over what is kept.
    pub fn casework(&self) -> Casework {
        Casework::new(self.store.clone(), self.blobs.clone(), self.clock.clone(), self.config.max_age.clone())
    }
}

async fn open_store(config: &Config, clock: &Clock) -> anyhow::Result<Arc<dyn Store>> {
    let clock = clock.clone();
    let store =
        SqliteStore::open(&config.folder.join("probity.db"), Arc::new(move || clock.now())).await?;
    Ok(Arc::new(store))
}
