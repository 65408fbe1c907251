//! What a connector declares, what it asks the host, and what it is answered: `wit/v0_1` as Rust values.
//!
//! The WIT package is the source of these shapes; the sandbox converts between the two. JSON form:
//! kebab-case keys, none omitted, variants as `{"kind": …}`.

mod check;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::evidence::Kind;

pub use check::{BrokenRule, ManifestFault};

/// Why something could not be done (`types.failure-kind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FailureKind {
    Config,
    Auth,
    Permission,
    /// Seconds until the source answers again, where it said so.
    #[serde(rename_all = "kebab-case")]
    RateLimited {
        retry_after: Option<u32>,
    },
    Unavailable,
    Shape,
    EgressDenied,
    TooLarge,
    NotFound,
    Internal,
}

impl FailureKind {
    /// Whether trying again later may help without anybody changing anything.
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Unavailable)
    }

    /// The kind's stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::RateLimited { .. } => "rate-limited",
            Self::Unavailable => "unavailable",
            Self::Shape => "shape",
            Self::EgressDenied => "egress-denied",
            Self::TooLarge => "too-large",
            Self::NotFound => "not-found",
            Self::Internal => "internal",
        }
    }
}

/// A failure as the connector and the host tell each other (`types.failure`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Failure {
    #[serde(flatten)]
    pub kind: FailureKind,
    /// For a person: what was attempted, the rule, what to change.
    pub message: String,
}

impl Failure {
    /// A failure with its explanation.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.message)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    Get,
    Head,
    Post,
}

impl Method {
    /// As it stands in a request line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    Read,
    Write,
}

/// Where a fixed part of a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    Query,
    Header,
    Body,
}

/// A part of every request to an endpoint that the connector cannot change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Fixed {
    pub place: Place,
    pub name: String,
    pub value: String,
}

/// One thing a connector may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Endpoint {
    pub id: String,
    /// The slot the operator binds to a base URL and a credential.
    pub origin: String,
    pub method: Method,
    /// `/api/v2/findings/{id}/notes/`; `{x}` is one encoded segment, `{x+}` one or several.
    pub path: String,
    pub effect: Effect,
    pub purpose: String,
    pub fixed: Vec<Fixed>,
    /// JSON Pointers blanked by the host before capture; `*` matches every element or member.
    pub redact: Vec<String>,
}

/// A directory the operator may grant, read-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mount {
    pub id: String,
    pub purpose: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SyncMode {
    Full,
    Incremental,
}

/// One kind of thing a connector reads (`manifest.feed`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Stream {
    pub id: String,
    pub purpose: String,
    pub kinds: Vec<Kind>,
    pub sync: SyncMode,
}

/// How an origin's credential may be presented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum AuthScheme {
    Anonymous,
    Bearer,
    Basic,
    Header { name: String, prefix: String },
}

/// Which world of the contract a component is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum World {
    /// It reads a source system.
    #[serde(rename = "connector")]
    Source,
    /// It files packages into a review board's intake queue.
    #[serde(rename = "intake-connector")]
    Intake,
}

impl World {
    /// The world's name in the contract.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "connector",
            Self::Intake => "intake-connector",
        }
    }
}

/// What a connector says about itself (`manifest.manifest`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    pub name: String,
    pub version: String,
    pub title: String,
    pub summary: String,
    /// JSON Schema of the connection's configuration, as text.
    pub config_schema: String,
    pub auth: Vec<AuthScheme>,
    pub endpoints: Vec<Endpoint>,
    pub mounts: Vec<Mount>,
    pub streams: Vec<Stream>,
}

impl Manifest {
    /// The endpoint of that id.
    pub fn endpoint(&self, id: &str) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.id == id)
    }

    /// The stream of that id.
    pub fn stream(&self, id: &str) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.id == id)
    }
}

/// A request for a declared endpoint (`http.request`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    pub endpoint: String,
    pub path: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    /// The body's bytes; in JSON, lower-case hexadecimal.
    #[serde(with = "crate::canonical::hex_bytes_option")]
    pub body: Option<Vec<u8>>,
}

/// Bytes the host kept, and their digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// SHA-256 of `bytes`.
    pub digest: Digest,
    /// What the connector got: decoded, redacted, scrubbed.
    pub bytes: std::sync::Arc<[u8]>,
    /// The media type the source gave, or one guessed from a file's name.
    pub media_type: Option<String>,
}

impl Capture {
    /// Keeps some bytes under their digest.
    pub fn new(bytes: impl Into<std::sync::Arc<[u8]>>, media_type: Option<String>) -> Self {
        let bytes = bytes.into();
        Self { digest: Digest::of(&bytes), bytes, media_type }
    }
}

/// What the source answered (`http.response`), before the capture has its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Lower-case names, as handed in.
    pub headers: Vec<(String, String)>,
    pub body: Capture,
    /// The full URL that was asked, without credentials: for the journal and the trace, never for the guest.
    pub url: String,
}

/// A regular file below a mount (`files.entry`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FileEntry {
    pub path: String,
    #[serde(with = "crate::canonical::u64_string")]
    pub size: u64,
}
