//! A connector as it is shown: what it says about itself, which is all that it could ever do.

use probity_core::canonical::Digest;
use probity_core::connector::{AuthScheme, Effect, Endpoint, Manifest, Method, Place, Stream};
use probity_core::evidence::Kind;
use probity_core::instant::Instant;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{DigestText, InstantText, KindText, U64Text};
use crate::store::ComponentRecord;

/// A connector that was loaded at least once.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Connector)]
pub struct ConnectorView {
    /// The component's identity: the digest of its bytes.
    #[schema(value_type = DigestText)]
    pub digest: Digest,
    /// Size of the component in bytes.
    #[serde(with = "probity_core::canonical::u64_string")]
    #[schema(value_type = U64Text)]
    pub size: u64,
    /// When this host first loaded it.
    #[schema(value_type = InstantText)]
    pub recorded: Instant,
    pub name: String,
    pub version: String,
    pub title: String,
    pub summary: String,
    /// JSON Schema of a connection's configuration; null when the connector's text is not JSON.
    #[schema(value_type = Object, nullable)]
    pub config_schema: Value,
    /// How credentials may be presented.
    pub auth: Vec<AuthView>,
    /// Everything it may ever ask for.
    pub endpoints: Vec<EndpointView>,
    /// Directories that may be granted to it, read-only.
    pub mounts: Vec<super::MountView>,
    pub streams: Vec<StreamView>,
}

/// A connector, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ConnectorRef)]
pub struct ConnectorRefView {
    #[schema(value_type = DigestText)]
    pub digest: Digest,
    pub name: String,
    pub version: String,
}

/// How an origin's credential may be presented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = Auth)]
pub enum AuthView {
    Anonymous,
    Bearer,
    Basic,
    Header { name: String, prefix: String },
}

/// One thing a connector may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Endpoint)]
pub struct EndpointView {
    pub id: String,
    /// The slot that a connection binds to a base URL and a credential.
    pub origin: String,
    #[schema(value_type = String, example = "GET")]
    pub method: &'static str,
    /// `{x}` is one encoded segment, `{x+}` one or several.
    #[schema(example = "/api/v2/findings/{id}/notes/")]
    pub path: String,
    /// `read` or `write`; connectors that read never have a `write`.
    #[schema(value_type = String, example = "read")]
    pub effect: &'static str,
    pub purpose: String,
    /// Parts of every request that the connector cannot change.
    pub fixed: Vec<FixedView>,
    /// Places in the answer that the host blanks before anyone sees them.
    pub redact: Vec<String>,
}

/// A part of a request that the connector cannot change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Fixed)]
pub struct FixedView {
    /// `query`, `header` or `body`.
    #[schema(value_type = String, example = "query")]
    pub place: &'static str,
    pub name: String,
    pub value: String,
}

/// One kind of thing a connector reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Stream)]
pub struct StreamView {
    #[schema(example = "findings")]
    pub id: String,
    pub purpose: String,
    #[schema(value_type = Vec<KindText>)]
    pub kinds: Vec<Kind>,
    /// Whether it can be read incrementally.
    pub incremental: bool,
}

impl From<&ComponentRecord> for ConnectorView {
    fn from(component: &ComponentRecord) -> Self {
        let manifest = &component.manifest;
        Self {
            digest: component.digest,
            size: component.size,
            recorded: component.recorded,
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            title: manifest.title.clone(),
            summary: manifest.summary.clone(),
            config_schema: serde_json::from_str(&manifest.config_schema).unwrap_or_default(),
            auth: manifest.auth.iter().map(AuthView::from).collect(),
            endpoints: manifest.endpoints.iter().map(EndpointView::from).collect(),
            mounts: manifest.mounts.iter().map(super::MountView::from).collect(),
            streams: manifest.streams.iter().map(StreamView::from).collect(),
        }
    }
}

impl ConnectorRefView {
    /// A connector by the name it gives itself.
    pub fn new(digest: Digest, manifest: &Manifest) -> Self {
        Self { digest, name: manifest.name.clone(), version: manifest.version.clone() }
    }
}

impl From<&AuthScheme> for AuthView {
    fn from(scheme: &AuthScheme) -> Self {
        match scheme {
            AuthScheme::Anonymous => Self::Anonymous,
            AuthScheme::Bearer => Self::Bearer,
            AuthScheme::Basic => Self::Basic,
            AuthScheme::Header { name, prefix } => {
                Self::Header { name: name.clone(), prefix: prefix.clone() }
            }
        }
    }
}

impl From<&Endpoint> for EndpointView {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            id: endpoint.id.clone(),
            origin: endpoint.origin.clone(),
            method: Method::as_str(endpoint.method),
            path: endpoint.path.clone(),
            effect: match endpoint.effect {
                Effect::Read => "read",
                Effect::Write => "write",
            },
            purpose: endpoint.purpose.clone(),
            fixed: endpoint
                .fixed
                .iter()
                .map(|fixed| FixedView {
                    place: match fixed.place {
                        Place::Query => "query",
                        Place::Header => "header",
                        Place::Body => "body",
                    },
                    name: fixed.name.clone(),
                    value: fixed.value.clone(),
                })
                .collect(),
            redact: endpoint.redact.clone(),
        }
    }
}

impl From<&Stream> for StreamView {
    fn from(stream: &Stream) -> Self {
        Self {
            id: stream.id.clone(),
            purpose: stream.purpose.clone(),
            kinds: stream.kinds.clone(),
            incremental: stream.sync == probity_core::connector::SyncMode::Incremental,
        }
    }
}
