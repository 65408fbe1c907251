//! What goes wrong on the way out, and what the connector is told of it.
//!
//! A message starts with a stable code and says what was attempted, the rule, and what to change, down to the
//! line of configuration. It never holds a secret, and no address that a name resolved to: a connector could
//! learn an internal network from refusals. The host's log has the details.

use std::io;

use probity_core::connector::{Failure, FailureKind};
use probity_core::header::BadHeader;
use probity_core::secret_bearing::SecretBearing;
use probity_core::template::{BadTemplate, BadValues};
use probity_core::text::excerpt;

/// Why a policy cannot be used. Found when the connection is prepared, before anything runs.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("the endpoint `{endpoint}` has a path that is no template: {problem}")]
    Template { endpoint: String, problem: BadTemplate },
    #[error("the endpoint `{endpoint}` {problem}")]
    Endpoint { endpoint: String, problem: String },
    #[error("the endpoint `{endpoint}` is refused whatever is granted: {problem}")]
    SecretBearing { endpoint: String, problem: SecretBearing },
    #[error(
        "the endpoint `{endpoint}` writes, and the way out of a connection only lets through what reads; what \
         files packages is configured under `[intake.NAME]`"
    )]
    Writes { endpoint: String },
    #[error(
        "the endpoint `{endpoint}` uses the origin `{slot}`, which has no base URL; give it one with \
         `url = \"https://…\"` under `[{section}.origin.{slot}]`"
    )]
    Unbound { section: String, endpoint: String, slot: String },
    #[error("the origin `{slot}` has the base URL `{base}`, which {problem}")]
    Base { slot: String, base: String, problem: &'static str },
    #[error("the origin `{slot}` has a credential that cannot be used: {problem}")]
    Credential { slot: String, problem: String },
    #[error("the connection's secrets cannot be looked for in answers: {problem}")]
    Secrets { problem: String },
    #[error("`{pointer}` is not a place to redact: {problem}")]
    Redact { pointer: String, problem: String },
    #[error("the origin `{slot}` cannot use TLS: its `ca` file or the system's certificates do not load")]
    Tls {
        slot: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Why an exchange was refused or did not come about.
#[derive(Debug, thiserror::Error)]
pub enum EgressError {
    #[error("the connector asked for the endpoint `{endpoint}`, which its manifest does not declare")]
    Undeclared { endpoint: String },
    #[error(
        "the endpoint `{endpoint}` is declared, but not granted to the connection; to grant it, write \
         `endpoints = [{granted}]` under `[{section}.grant]`"
    )]
    NotGranted { section: String, endpoint: String, granted: String },
    #[error("the path of `{endpoint}` cannot be built: {source}")]
    Path {
        endpoint: String,
        #[source]
        source: BadValues,
    },
    #[error("the URL for `{endpoint}` {problem}")]
    Url { endpoint: String, problem: &'static str },
    #[error("the query parameter `{name}` of `{endpoint}` {problem}")]
    Query { endpoint: String, name: String, problem: &'static str },
    #[error("the header `{name}` of `{endpoint}` {problem}")]
    Header { endpoint: String, name: String, problem: HeaderProblem },
    #[error("the body for `{endpoint}` {problem}")]
    Body { endpoint: String, problem: String },
    #[error("the link for `{endpoint}` cannot be followed: {problem}")]
    Link { endpoint: String, problem: String },
    #[error("the request to `{endpoint}` is refused whatever is granted: {source}")]
    SecretBearing {
        endpoint: String,
        #[source]
        source: SecretBearing,
    },
    #[error("the request to `{endpoint}` contains the connection's own secret in its {place}")]
    Secret { endpoint: String, place: &'static str },
    #[error(
        "`{host}` would be spoken to without encryption outside the granted ranges; use https, or grant the \
         range its address is in: `networks = [\"…\"]` under `[{section}.origin.{slot}]`"
    )]
    Scheme { section: String, slot: String, host: String },
    #[error(
        "`{host}` has an address that is not on the public Internet, and its range is not granted; the host's \
         log names it. To grant it, write `networks = [\"…\"]` under `[{section}.origin.{slot}]`"
    )]
    Address { section: String, slot: String, host: String },
    #[error(
        "`{host}` has an address that is refused whatever is granted (a cloud's metadata service, a multicast or \
         an unspecified address)"
    )]
    AddressNever { host: String },
    #[error("the page has used up its {what} ({limit}); end it and go on with a cursor")]
    Budget { what: &'static str, limit: u64 },

    #[error("the name `{host}` does not resolve to an address")]
    Dns {
        host: String,
        #[source]
        source: Option<io::Error>,
    },
    #[error("no connection to `{host}`: {}", source.kind())]
    Connect {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("no trusted TLS session with `{host}`: {}", excerpt(&source.to_string(), 200))]
    Tls {
        host: String,
        #[source]
        source: io::Error,
    },
    #[error("{doing} took longer than {limit_ms} ms")]
    Timeout { doing: &'static str, limit_ms: u128 },
    #[error("the body came slower than {rate} bytes a second")]
    Slow { rate: u64 },
    #[error("the source closed the connection before its answer was complete")]
    ClosedEarly {
        #[source]
        source: Option<io::Error>,
    },
    #[error("the answer has {what} of more than {limit} {unit}")]
    TooLarge { what: &'static str, limit: u64, unit: &'static str },
    #[error("the answer unpacks to more than {limit} times its size")]
    Ratio { limit: u64 },
    #[error("the answer cannot be decoded: {problem}")]
    Coding { problem: String },
    #[error("the answer is not well-formed HTTP/1.1: {problem}")]
    Framing { problem: &'static str },
    #[error(
        "the answer of `{endpoint}` is not JSON, so what must be redacted in it cannot be found; it was not let in"
    )]
    Redact { endpoint: String },

    #[error("the mount `{mount}` is not declared by the connector's manifest")]
    MountUndeclared { mount: String },
    #[error(
        "the mount `{mount}` is declared, but no directory is granted to it; to grant one, write \
         `{mount} = \"/path\"` under `[connection.{connection}.grant.mounts]`"
    )]
    MountNotGranted { connection: String, mount: String },
    #[error("the path `{path}` in the mount `{mount}` {problem}")]
    FilePath { mount: String, path: String, problem: &'static str },
    #[error("the glob `{glob}` {problem}")]
    Glob { glob: String, problem: String },
    #[error("there is no file `{path}` in the mount `{mount}`")]
    NoFile { mount: String, path: String },
    #[error("`{path}` in the mount `{mount}` cannot be read: {}", source.kind())]
    File {
        mount: String,
        path: String,
        #[source]
        source: io::Error,
    },
    #[error("the mount `{mount}` has {what} of more than {limit} {unit}")]
    MountTooLarge { mount: String, what: &'static str, limit: u64, unit: &'static str },
    #[error("the host stopped before the file was read")]
    Stopped,
}

/// Why a header was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderProblem {
    #[error("{0}")]
    Bad(BadHeader),
    #[error("is fixed by the manifest and cannot be set by a request")]
    Fixed,
    #[error("is where the host attaches the connection's credential")]
    Credential,
    #[error("may only be a fixed part of an endpoint: it chooses what the request does")]
    Chooses,
    #[error("is one too many; at most 32 headers and 16 KiB of them can be added")]
    TooMany,
}

impl EgressError {
    /// The stable code that starts the message.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Undeclared { .. } => "egress.undeclared-endpoint",
            Self::NotGranted { .. } => "egress.not-granted",
            Self::Path { .. } | Self::Url { .. } => "egress.path",
            Self::Query { .. } => "egress.query",
            Self::Header { .. } => "egress.header",
            Self::Body { .. } => "egress.body",
            Self::Link { .. } => "egress.link",
            Self::SecretBearing { .. } => "egress.secret-bearing",
            Self::Secret { .. } => "egress.secret",
            Self::Scheme { .. } => "egress.scheme",
            Self::Address { .. } | Self::AddressNever { .. } => "egress.address",
            Self::Budget { .. } => "egress.budget",
            Self::Dns { .. } => "egress.dns",
            Self::Connect { .. } => "egress.connect",
            Self::Tls { .. } => "egress.tls",
            Self::Timeout { .. } => "egress.timeout",
            Self::Slow { .. } => "egress.slow",
            Self::ClosedEarly { .. } => "egress.closed-early",
            Self::TooLarge { .. } | Self::Ratio { .. } => "egress.too-large",
            Self::Coding { .. } => "egress.coding",
            Self::Framing { .. } => "egress.framing",
            Self::Redact { .. } => "egress.redact",
            Self::MountUndeclared { .. } => "files.undeclared-mount",
            Self::MountNotGranted { .. } => "files.not-granted",
            Self::FilePath { .. } => "files.path",
            Self::Glob { .. } => "files.glob",
            Self::NoFile { .. } => "files.not-found",
            Self::File { .. } => "files.unreadable",
            Self::MountTooLarge { .. } => "files.too-large",
            Self::Stopped => "host.stopped",
        }
    }

    /// The kind the connector is told.
    pub const fn kind(&self) -> FailureKind {
        match self {
            Self::Undeclared { .. }
            | Self::NotGranted { .. }
            | Self::Path { .. }
            | Self::Url { .. }
            | Self::Query { .. }
            | Self::Header { .. }
            | Self::Body { .. }
            | Self::Link { .. }
            | Self::SecretBearing { .. }
            | Self::Secret { .. }
            | Self::Scheme { .. }
            | Self::Address { .. }
            | Self::AddressNever { .. }
            | Self::Budget { .. }
            | Self::MountUndeclared { .. }
            | Self::MountNotGranted { .. }
            | Self::FilePath { .. }
            | Self::Glob { .. } => FailureKind::EgressDenied,
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::Slow { .. }
            | Self::ClosedEarly { .. }
            | Self::File { .. }
            | Self::Stopped => FailureKind::Unavailable,
            Self::TooLarge { .. } | Self::Ratio { .. } | Self::MountTooLarge { .. } => FailureKind::TooLarge,
            Self::Coding { .. } | Self::Framing { .. } | Self::Redact { .. } => FailureKind::Shape,
            Self::NoFile { .. } => FailureKind::NotFound,
        }
    }
}

impl From<EgressError> for Failure {
    fn from(error: EgressError) -> Self {
        Self::new(error.kind(), format!("{}: {error}", error.code()))
    }
}
