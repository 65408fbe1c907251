//! The way back from evidence to the bytes it came from.

use probity_core::canonical::Digest;
use probity_core::evidence::Locator;
use probity_core::id::{RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::page::CitedPlace;
use serde::Serialize;
use utoipa::ToSchema;

use super::{DigestText, EvidenceView, InstantText, RunIdText, StreamIdText, U64Text};

/// A revision of evidence and where it was seen, latest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Trace)]
pub struct TraceView {
    pub evidence: EvidenceView,
    pub sightings: Vec<SightingView>,
}

/// One page of a run in which a revision was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Sighting)]
pub struct SightingView {
    #[schema(value_type = RunIdText)]
    pub run: RunId,
    #[schema(value_type = StreamIdText)]
    pub stream: StreamId,
    /// 1 for the run's first page of the stream.
    pub page: u32,
    /// When the host got the bytes.
    #[schema(value_type = InstantText)]
    pub collected: Instant,
    /// When it committed the page, on the database's clock.
    #[schema(value_type = InstantText)]
    pub recorded: Instant,
    /// The component that read them.
    #[schema(value_type = DigestText)]
    pub connector: Digest,
    /// Digest of the page journal, from which the page can be replayed.
    #[schema(value_type = DigestText)]
    pub journal: Digest,
    pub citations: Vec<CitationView>,
}

/// A cited place, its words, and how the host came by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Citation)]
pub struct CitationView {
    #[schema(value_type = DigestText)]
    pub capture: Digest,
    pub locator: LocatorView,
    /// Where the cited bytes are served; without its query, the whole capture.
    #[schema(
        example = "/api/v1/captures/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855?pointer=%2Fresults%2F3"
    )]
    pub href: String,
    /// Size of the whole capture in bytes.
    #[serde(with = "probity_core::canonical::u64_string")]
    #[schema(value_type = U64Text)]
    pub size: u64,
    pub media_type: Option<String>,
    /// The cited words; null when `problem` says why they cannot be shown.
    pub excerpt: Option<ExcerptView>,
    pub problem: Option<String>,
    /// How the host got the bytes; null when the page journal does not say.
    pub obtained: Option<ObtainedView>,
}

/// The bytes of a cited place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Excerpt)]
pub struct ExcerptView {
    /// The beginning of them; what is not UTF-8 is replaced.
    pub text: String,
    /// Whether there is more.
    pub truncated: bool,
    /// Digest of all cited bytes.
    #[schema(value_type = DigestText)]
    pub digest: Digest,
}

/// How the host came by some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = Obtained)]
pub enum ObtainedView {
    /// An answer to a request.
    Response {
        /// The connector's endpoint.
        endpoint: String,
        /// What was asked, without credentials.
        url: String,
        status: u16,
    },
    /// A file below a granted directory.
    File { mount: String, path: String },
}

/// A place in a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Cited)]
pub struct CitedView {
    #[schema(value_type = DigestText)]
    pub capture: Digest,
    pub locator: LocatorView,
}

/// A place inside a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = Locator)]
pub enum LocatorView {
    /// All of it.
    Whole,
    /// A value inside a JSON document, as a JSON Pointer (RFC 6901).
    Pointer { pointer: String },
    /// Lines of a text, 1-based and inclusive.
    Lines { first: u32, last: u32 },
}

impl From<&CitedPlace> for CitedView {
    fn from(place: &CitedPlace) -> Self {
        Self { capture: place.capture, locator: (&place.locator).into() }
    }
}

impl From<&Locator> for LocatorView {
    fn from(locator: &Locator) -> Self {
        match locator {
            Locator::Whole => Self::Whole,
            Locator::Pointer { pointer } => Self::Pointer { pointer: pointer.clone() },
            Locator::Lines { first, last } => Self::Lines { first: *first, last: *last },
        }
    }
}
