//! Running components that nobody trusts.
//!
//! Loading (size, shape, imports, digest), the authenticated cache of compiled code, the engine's limits, the
//! three doors as the guest sees them, one fresh store per call, and replay. The only module that names
//! wasmtime.
//!
//! Two worlds are hosted by the same means: connectors that read a source ([`Connector`]), and those that file
//! packages into an intake queue ([`IntakeConnector`]). A component of one is refused as the other.
//!
//! The sandbox decides nothing about the network: what comes through the doors is given to it as [`Doors`].
//!
//! Reading order: [`limits`](Limits) (what a connector may use), `engine`, `load` (from bytes to a
//! [`Connector`]) with `link` (what each world is offered), `call` (one call) with `page` and `filing` (what it is
//! about), `doorway` (what the connector sees of the world, and the journal of it),
//! `wasi` (the deterministic profile), `convert`, `replay`, `trap` and `error` (how it ends badly), `cache`.
//!
//! Deliberately absent: any way to run a page without limits, to keep an instance for a second page, or to
//! hand a connector a file, a socket, a variable or the time of day.

mod bindings;
mod cache;
mod call;
mod convert;
mod doorway;
mod engine;
mod error;
mod filing;
mod guard;
mod imports;
mod limits;
mod link;
mod load;
mod log;
mod output;
mod page;
mod replay;
mod state;
mod text;
mod trap;
mod wasi;

use std::sync::Arc;

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::connector::{Capture, Failure, FileEntry, Manifest, Request, Response, World};
use probity_core::instant::Instant;
use probity_core::journal::Journal;
use probity_core::page::Page;
use tokio::sync::Semaphore;
use wasmtime::Engine;

pub use cache::{CacheError, CacheStats, CodeCache};
pub use engine::Allocation;
pub use error::{Limit, LoadError, PageError, ReplayError};
pub use filing::IntakeCall;
pub use limits::Limits;
pub use replay::captures_of;

use link::{Linked, Linkers};

/// What is behind the doors for the time of one call: the world (`collect`, `intake`) or a journal (replay).
///
/// Outcomes are handed to the guest and journaled as they are; nothing here may carry a credential.
#[async_trait]
pub trait Doors: Send {
    /// Sends requests, with bounded parallelism, and answers in their order.
    async fn fetch(&mut self, requests: &[Request]) -> Vec<Result<Response, Failure>>;
    async fn follow(&mut self, endpoint: &str, link: &str) -> Result<Response, Failure>;
    async fn entries(&mut self, mount: &str, glob: &str) -> Result<Vec<FileEntry>, Failure>;
    async fn read(&mut self, mount: &str, path: &str) -> Result<Capture, Failure>;
}

/// What one call of `collect` is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageCall {
    pub stream: String,
    pub cursor: Option<String>,
    /// The connection's configuration as JSON text.
    pub config: String,
    /// What the wall clock says inside, all through the page.
    pub instant: Instant,
    /// What randomness inside grows from.
    pub seed: u64,
}

/// A page that was executed: what the connector returned and how it came about.
#[derive(Debug, Clone)]
pub struct Execution {
    /// As returned; not yet admitted.
    pub page: Page,
    pub journal: Journal,
    /// By index: what citations name.
    pub captures: Vec<Capture>,
    /// What it took: for the operator, no part of the evidence and not the same in a replay.
    pub usage: Usage,
}

/// What a page took and what of its remarks was thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Computing time, in steps of ten milliseconds.
    pub ticks: u64,
    /// Linear memory, in bytes.
    pub memory: usize,
    pub log_lines: u32,
    pub log_lines_dropped: u64,
    /// Whether it wrote more to stdout or stderr than is kept.
    pub output_truncated: bool,
}

/// The engine with everything connectors have in common. Cheap to clone: all clones are the same sandbox.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    engine: Engine,
    allocation: Allocation,
    linkers: Linkers,
    limits: Limits,
    cache: Option<CodeCache>,
    /// One compilation at a time: the compiler uses all cores by itself.
    compiling: Arc<Semaphore>,
    /// Places for pages; who gets one finds the pool not full.
    running: Semaphore,
}

impl Sandbox {
    /// A sandbox with these limits, keeping compiled code in `cache` if there is one.
    ///
    /// Starts the thread that makes computing interruptible; it ends when the sandbox and all connectors
    /// loaded in it are gone.
    pub fn new(limits: Limits, cache: Option<CodeCache>) -> Result<Self, LoadError> {
        let (engine, allocation) = engine::engine(&limits)?;
        let linkers = Linkers::new(&engine).map_err(LoadError::engine)?;
        engine::ticker(&engine).map_err(|error| LoadError::Engine { source: error.into() })?;
        let running = Semaphore::new(limits.pages_at_once as usize);
        let compiling = Arc::new(Semaphore::new(1));
        Ok(Self(Arc::new(Inner { engine, allocation, linkers, limits, cache, compiling, running })))
    }

    /// The limits of this sandbox.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Where instances live on this machine.
    pub fn allocation(&self) -> Allocation {
        self.0.allocation
    }

    /// What the cache of compiled code has done, if there is one.
    pub fn cache_stats(&self) -> Option<CacheStats> {
        self.0.cache.as_ref().map(CodeCache::stats)
    }

    fn engine(&self) -> &Engine {
        &self.0.engine
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("allocation", &self.0.allocation).finish_non_exhaustive()
    }
}

/// A loaded component that reads: compiled, known to fit, described. Cheap to clone; any number of pages may
/// run at once, each in an instance of its own.
#[derive(Clone)]
pub struct Connector(Arc<Loaded>);

/// A loaded component that files: the same for the world `intake-connector`.
#[derive(Clone)]
pub struct IntakeConnector(Arc<Loaded>);

/// A component of either world.
#[derive(Debug, Clone)]
pub enum AnyConnector {
    Source(Connector),
    Intake(IntakeConnector),
}

impl AnyConnector {
    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Source(connector) => connector.digest(),
            Self::Intake(connector) => connector.digest(),
        }
    }

    /// What it said about itself.
    pub fn manifest(&self) -> &Manifest {
        match self {
            Self::Source(connector) => connector.manifest(),
            Self::Intake(connector) => connector.manifest(),
        }
    }

    /// What it is written for.
    pub const fn world(&self) -> World {
        match self {
            Self::Source(_) => World::Source,
            Self::Intake(_) => World::Intake,
        }
    }
}

#[derive(Clone)]
struct Loaded {
    sandbox: Sandbox,
    digest: Digest,
    manifest: Manifest,
    linked: Linked,
    /// What it is called in the log.
    label: Arc<str>,
}

impl Connector {
    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What it said about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Connector({} {})", self.0.label, self.0.digest)
    }
}

impl std::fmt::Debug for IntakeConnector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "IntakeConnector({} {})", self.0.label, self.0.digest)
    }
}
