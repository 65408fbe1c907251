//! Collection as the use cases see it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use probity_core::connector::{Failure, FailureKind};
use probity_core::id::{ConnectionName, RunId};
use probity_core::run::Trigger;

use super::{Bound, CollectError, Collector};
use crate::casework::view::{
    ConnectionView, ConnectorRefView, CredentialKind, EndpointView, GrantView, MountView, OriginView,
    StreamView,
};
use crate::casework::{Collecting, RunRequest, StartError};
use crate::config::{CredentialForm, Origin};

#[async_trait]
impl Collecting for Collector {
    fn connections(&self) -> Vec<ConnectionView> {
        Self::connections(self).map(|bound| view(bound)).collect()
    }

    fn connection(&self, name: &ConnectionName) -> Option<ConnectionView> {
        Self::connection(self, name.as_str()).ok().map(|bound| view(bound))
    }

    async fn check(&self, name: &ConnectionName) -> Option<Result<Vec<String>, Failure>> {
        Self::check(self, name.as_str()).await.ok()
    }

    async fn start(&self, name: &ConnectionName, request: RunRequest) -> Result<RunId, StartError> {
        Self::start(self, name.as_str(), &request, Trigger::Manual).await.map_err(|error| match error {
            CollectError::UnknownConnection { .. } => StartError::Unknown,
            CollectError::UnknownStream { stream, known, .. } => StartError::Stream { stream, known },
            CollectError::Busy { run, .. } => StartError::Busy(run),
            CollectError::Store(error) => StartError::Store(error),
            other => StartError::Unusable(Failure::new(FailureKind::Config, other.to_string())),
        })
    }
}

fn view(bound: &Bound) -> ConnectionView {
    let manifest = bound.connector.manifest();
    let streams: BTreeSet<&str> = bound.streams().iter().map(AsRef::as_ref).collect();
    ConnectionView {
        id: bound.record.id.clone(),
        name: bound.record.name.clone(),
        connector: Some(ConnectorRefView {
            digest: bound.connector.digest(),
            name: manifest.name.clone(),
            version: manifest.version.clone(),
        }),
        problem: None,
        streams: manifest
            .streams
            .iter()
            .filter(|stream| streams.contains(stream.id.as_str()))
            .map(StreamView::from)
            .collect(),
        grant: grant(bound),
        every_seconds: bound.every.map(|every| every.as_secs()),
        last_run: None,
    }
}

fn grant(bound: &Bound) -> GrantView {
    let manifest = bound.connector.manifest();
    GrantView {
        origins: bound.origins.iter().map(|(slot, origin)| origin_view(slot, origin)).collect(),
        endpoints: manifest
            .endpoints
            .iter()
            .filter(|endpoint| bound.granted.contains(&endpoint.id))
            .map(EndpointView::from)
            .collect(),
        mounts: manifest
            .mounts
            .iter()
            .filter(|mount| bound.mounted.contains(&mount.id))
            .map(MountView::from)
            .collect(),
    }
}

fn origin_view(slot: &str, origin: &Origin) -> OriginView {
    OriginView {
        slot: slot.to_owned(),
        url: origin.url.to_string(),
        credential: match origin.credential.as_ref().map(|credential| &credential.form) {
            None => CredentialKind::Anonymous,
            Some(CredentialForm::Bearer) => CredentialKind::Bearer,
            Some(CredentialForm::Basic { .. }) => CredentialKind::Basic,
            Some(CredentialForm::Header { .. }) => CredentialKind::Header,
        },
        private_network: !origin.networks.is_empty(),
    }
}
