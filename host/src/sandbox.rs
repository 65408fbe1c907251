//! Running components that nobody trusts.
//!
//! Loading (size, shape, imports, digest), the authenticated cache of compiled code, the engine's limits, the
//! three doors as the guest sees them, one fresh store per page, and replay. The only module that names
//! wasmtime.
//!
//! The sandbox decides nothing about the network: what comes through the doors is given to it as [`Doors`].

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::connector::{Capture, Failure, FileEntry, Manifest, Request, Response};
use probity_core::instant::Instant;
use probity_core::journal::Journal;
use probity_core::page::Page;

/// What is behind the doors for the time of one page: the world (`collect`) or a journal (replay).
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
}

// Sketch of the facade, to be written:
//
// Sandbox::new(Limits, Option<CodeCache>) -> Result<Sandbox, LoadError>
// Sandbox::load(&self, bytes: Vec<u8>) -> Result<Connector, LoadError>     (async; describe with every door shut)
// Connector::{digest, manifest, check, collect}
//   collect(&self, call: &PageCall, doors: Box<dyn Doors>) -> Result<Execution, PageError>
//   check(&self, call: &PageCall, doors: Box<dyn Doors>) -> Result<Vec<String>, PageError>
//   replay(&self, journal: &Journal, captures: &BTreeMap<Digest, Capture>) -> Result<Page, ReplayError>
