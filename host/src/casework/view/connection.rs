//! A connection as it is shown: what the operator configured, without credentials.

use probity_core::connector::{Failure, Mount};
use probity_core::id::{ConnectionId, ConnectionName, RunId};
use probity_core::instant::Instant;
use probity_core::run::RunState;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    ConnectionIdText, ConnectionNameText, ConnectorRefView, EndpointView, FailureView, InstantText,
    RunIdText, RunStateText, StreamView, U64Text,
};
use crate::store::Run;

/// An operator's configured use of a connector. Its `grant` is all that it can reach.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Connection)]
pub struct ConnectionView {
    #[schema(value_type = ConnectionIdText)]
    pub id: ConnectionId,
    #[schema(value_type = ConnectionNameText)]
    pub name: ConnectionName,
    /// The connector it uses; null while that could not be loaded.
    pub connector: Option<ConnectorRefView>,
    /// Why it cannot be collected now; null when it can.
    pub problem: Option<FailureView>,
    /// The streams it collects.
    pub streams: Vec<StreamView>,
    pub grant: GrantView,
    /// How often it is collected, in seconds; null when only by hand.
    #[serde(with = "probity_core::canonical::u64_string_option")]
    #[schema(value_type = Option<U64Text>)]
    pub every_seconds: Option<u64>,
    /// Its latest run; null before the first.
    pub last_run: Option<LastRunView>,
}

/// What a connection may reach: declared by the connector and granted by the operator.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Grant)]
pub struct GrantView {
    pub origins: Vec<OriginView>,
    pub endpoints: Vec<EndpointView>,
    pub mounts: Vec<MountView>,
}

/// A base URL bound to one of the connector's slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Origin)]
pub struct OriginView {
    /// The connector's slot.
    #[schema(example = "api")]
    pub slot: String,
    #[schema(example = "https://findings.example.org")]
    pub url: String,
    /// How its credential is presented, never the credential.
    pub credential: CredentialKind,
    /// Whether the operator allowed addresses of private networks.
    pub private_network: bool,
}

/// How a credential is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    Anonymous,
    Bearer,
    Basic,
    Header,
}

/// A directory, read-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Mount)]
pub struct MountView {
    pub id: String,
    pub purpose: String,
}

/// A connection's latest run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = LastRun)]
pub struct LastRunView {
    #[schema(value_type = RunIdText)]
    pub id: RunId,
    #[schema(value_type = RunStateText)]
    pub state: RunState,
    #[schema(value_type = InstantText)]
    pub started: Instant,
    #[schema(value_type = Option<InstantText>)]
    pub ended: Option<Instant>,
}

/// What a check of a connection found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Check)]
pub struct CheckView {
    /// Whether the source answered as it should.
    pub works: bool,
    /// What works, in the connector's words.
    pub findings: Vec<String>,
    /// What does not; null when everything asked does.
    pub failure: Option<FailureView>,
}

impl From<Result<Vec<String>, Failure>> for CheckView {
    fn from(outcome: Result<Vec<String>, Failure>) -> Self {
        match outcome {
            Ok(findings) => Self { works: true, findings, failure: None },
            Err(failure) => Self { works: false, findings: Vec::new(), failure: Some((&failure).into()) },
        }
    }
}

impl From<&Mount> for MountView {
    fn from(mount: &Mount) -> Self {
        Self { id: mount.id.clone(), purpose: mount.purpose.clone() }
    }
}

impl From<&Run> for LastRunView {
    fn from(run: &Run) -> Self {
        Self { id: run.id.clone(), state: run.state, started: run.started, ended: run.ended }
    }
}
