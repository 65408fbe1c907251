//! How loading, running and replaying can end badly. Each error has a stable code, says what was
//! attempted, which rule ended it and what to change.
//!
//! Texts that came from the component itself are escaped and cut before they get here.

use std::time::Duration;

use probity_core::canonical::Digest;
use probity_core::connector::{Failure, FailureKind, World};

use super::Execution;

/// Why a sandbox was not made or a component was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot make the sandbox: the WebAssembly engine refuses its configuration")]
    Engine { source: Box<dyn std::error::Error + Send + Sync> },
    #[error(
        "cannot load the connector: its file has {size} bytes and the limit is {limit}; strip debug information \
         (`wasm-tools strip`) or raise the limit"
    )]
    TooLarge { size: usize, limit: usize },
    /// Not a component at all.
    #[error("cannot load the connector: {found}; {remedy}")]
    NotAComponent { found: &'static str, remedy: &'static str },
    #[error(
        "cannot load the connector: it is not a valid component this host supports ({reason}); build it again for wasm32-wasip2"
    )]
    Invalid { reason: String },
    #[error(
        "cannot load the connector: compiling it takes longer than {limit:?}; make it smaller or raise the limit"
    )]
    CompileTimeout { limit: Duration },
    #[error(
        "cannot load the connector: the compiler is still busy with another one after {limit:?}; try again later"
    )]
    CompileBusy { limit: Duration },
    #[error("cannot load the connector: the compiler gave up on it; it is damaged or made to do harm")]
    CompilerFailed,
    /// It asks for more than the contract offers; one line a difference.
    #[error("cannot load the connector: {}; a connector may import {offered} and nothing else", differences.join("; "))]
    ImportDenied { differences: Vec<String>, offered: String },
    #[error("cannot load the connector: {missing}; implement the world `{world}` of probity:connector@0.1.0")]
    ExportMissing { missing: String, world: &'static str },
    /// It is of the other world.
    #[error("cannot load the connector: {}", another_world(*wanted))]
    OtherWorld { wanted: World },
    #[error("cannot load the connector: {excess}; the limits of the sandbox do not allow it")]
    Resources { excess: String },
    #[error(
        "cannot load the connector: `describe` must answer by itself, with every door shut, and it did not"
    )]
    Describe {
        #[source]
        source: PageError,
    },
    #[error(
        "cannot load the connector: `describe` gave two different answers ({difference}); it must depend on nothing, \
         not on time, randomness or the order of a hash map"
    )]
    DescribeUnstable { difference: String },
    #[error("cannot load the connector: its manifest is wrong: {}", faults.join("; "))]
    Manifest { faults: Vec<String> },
    #[error(
        "cannot load the connector: endpoint `{endpoint}` declares `effect: write`, and a connector of the reading \
         world can only read; declare it `read` if it is, or leave it out"
    )]
    WriteEffect { endpoint: String },
}

impl LoadError {
    pub(super) fn engine(source: wasmtime::Error) -> Self {
        Self::Engine { source: source.into() }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Engine { .. } => "load.engine",
            Self::TooLarge { .. } => "load.too-large",
            Self::NotAComponent { .. } | Self::Invalid { .. } | Self::CompilerFailed => "load.invalid",
            Self::CompileTimeout { .. } | Self::CompileBusy { .. } => "load.compile-timeout",
            Self::ImportDenied { .. } => "load.import-denied",
            Self::ExportMissing { .. } => "load.export-missing",
            Self::OtherWorld { .. } => "load.other-world",
            Self::Resources { .. } => "load.resources",
            Self::Describe { .. } | Self::DescribeUnstable { .. } => "load.describe",
            Self::Manifest { .. } => "load.manifest",
            Self::WriteEffect { .. } => "load.write-effect",
        }
    }
}

/// What is wrong with a component that is of the other world than the wanted one.
const fn another_world(wanted: World) -> &'static str {
    match wanted {
        World::Source => {
            "it is of the world `intake-connector` and files packages, so nothing can be collected with it; \
             configure it under `[intake.NAME]`"
        }
        World::Intake => {
            "it is of the world `connector` and reads a source, so nothing can be filed with it; configure it \
             under `[connection.NAME]`"
        }
    }
}

/// Which limit a page met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    Cpu,
    Wall,
    Memory,
    Table,
    Stack,
    Hostcall,
    Handles,
    Calls,
}

impl Limit {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cpu => "limit.cpu",
            Self::Wall => "limit.wall",
            Self::Memory => "limit.memory",
            Self::Table => "limit.table",
            Self::Stack => "limit.stack",
            Self::Hostcall => "limit.hostcall",
            Self::Handles => "limit.handles",
            Self::Calls => "limit.calls",
        }
    }
}

/// Why a call of a connector gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The connector returned a failure of its own accord.
    #[error("the connector could not do it: {0}")]
    Failure(Failure),
    #[error("the connector was stopped: {rule}; {remedy}")]
    Limit { limit: Limit, rule: String, remedy: &'static str },
    /// It crashed. `last_words` is the beginning of what it wrote to stderr.
    #[error("the connector crashed: {trap}{}{last_words}; this is a defect of the connector", if last_words.is_empty() { "" } else { "; it said: " })]
    Trap { trap: String, last_words: String },
    #[error("the connector called exit({status}) instead of returning; this is a defect of the connector")]
    Exit { status: i32 },
    #[error("the connector broke the contract: {breach}; this is a defect of the connector")]
    Contract { breach: String },
    /// A door was used where none may be: in `describe`.
    #[error(
        "the connector called `{door}` where every door is shut; call it where there is work to do, not in `describe`"
    )]
    DoorShut { door: &'static str },
    /// In a replay, a call that is not the journaled one.
    #[error("door call {call} differs from the journal: expected {expected}, the connector made {actual}")]
    Diverged { call: usize, expected: String, actual: String },
    #[error("the host failed while it ran the connector: {reason}; this is a defect of the host")]
    Host { reason: String },
}

impl PageError {
    /// What went wrong, in the words of the contract.
    pub fn to_failure(&self) -> Failure {
        match self {
            Self::Failure(failure) => failure.clone(),
            other => Failure::new(FailureKind::Internal, format!("{}: {other}", other.code())),
        }
    }

    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Failure(failure) => failure_code(failure.kind),
            Self::Limit { limit, .. } => limit.code(),
            Self::Trap { .. } => "guest.trap",
            Self::Exit { .. } => "guest.exit",
            Self::Contract { .. } => "guest.contract",
            Self::DoorShut { .. } => "guest.door-shut",
            Self::Diverged { .. } => "replay.diverged",
            Self::Host { .. } => "host.internal",
        }
    }
}

const fn failure_code(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Config => "failure.config",
        FailureKind::Auth => "failure.auth",
        FailureKind::Permission => "failure.permission",
        FailureKind::RateLimited { .. } => "failure.rate-limited",
        FailureKind::Unavailable => "failure.unavailable",
        FailureKind::Shape => "failure.shape",
        FailureKind::EgressDenied => "failure.egress-denied",
        FailureKind::TooLarge => "failure.too-large",
        FailureKind::NotFound => "failure.not-found",
        FailureKind::Internal => "failure.internal",
    }
}

/// Why a replay did not give the page again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("cannot replay: the journal has format version {found}, this host knows {known}")]
    Version { found: u32, known: u32 },
    #[error(
        "cannot replay: the journal is of component {journal}, this one is {component}; load the component the journal names"
    )]
    OtherComponent { journal: Digest, component: Digest },
    #[error("cannot replay: capture {digest} of door call {call} is missing; restore it from a backup")]
    MissingCapture { call: usize, digest: Digest },
    #[error(
        "the replay fails: the bytes kept as capture {digest} (door call {call}) have the digest {actual}: they were changed"
    )]
    CaptureChanged { call: usize, digest: Digest, actual: Digest },
    #[error(
        "the replay fails: door call {call} differs from the journal: expected {expected}, the connector made {actual}"
    )]
    Diverged { call: usize, expected: String, actual: String },
    #[error("the replay fails: the connector made {made} door calls and the journal has {journaled}")]
    Leftover { made: usize, journaled: usize },
    #[error("the replay fails: the page has the digest {actual}, the journal says {expected}")]
    PageDiffers { expected: Digest, actual: Digest, execution: Box<Execution> },
    #[error("the replay fails: the connector did not return a page")]
    Page {
        #[source]
        source: PageError,
    },
}

impl ReplayError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Version { .. } => "replay.version",
            Self::OtherComponent { .. } => "replay.other-component",
            Self::MissingCapture { .. } => "replay.missing-capture",
            Self::CaptureChanged { .. } => "replay.capture-changed",
            Self::Diverged { .. } => "replay.diverged",
            Self::Leftover { .. } => "replay.leftover",
            Self::PageDiffers { .. } => "replay.page-differs",
            Self::Page { .. } => "replay.page",
        }
    }
}
