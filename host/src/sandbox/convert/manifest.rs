//! What a connector says about itself. Whether it makes sense is core's to say.

use probity_core::connector::{
    AuthScheme, Effect, Endpoint, Fixed, Manifest, Method, Mount, Place, Stream, SyncMode,
};
use probity_core::evidence::Kind;

use crate::sandbox::bindings::exports::probity::connector::manifest as wit;

fn each<A, B: From<A>>(values: Vec<A>) -> Vec<B> {
    values.into_iter().map(Into::into).collect()
}

impl From<wit::Manifest> for Manifest {
    fn from(manifest: wit::Manifest) -> Self {
        let wit::Manifest { name, version, title, summary, config_schema, auth, endpoints, mounts, feeds } =
            manifest;
        Self {
            name,
            version,
            title,
            summary,
            config_schema,
            auth: each(auth),
            endpoints: each(endpoints),
            mounts: each(mounts),
            streams: each(feeds),
        }
    }
}

impl From<wit::Endpoint> for Endpoint {
    fn from(endpoint: wit::Endpoint) -> Self {
        let wit::Endpoint { id, origin, method, path, effect, purpose, fixed, redact } = endpoint;
        let method = match method {
            wit::Method::Get => Method::Get,
            wit::Method::Head => Method::Head,
            wit::Method::Post => Method::Post,
        };
        let effect = match effect {
            wit::Effect::Read => Effect::Read,
            wit::Effect::Write => Effect::Write,
        };
        Self { id, origin, method, path, effect, purpose, fixed: each(fixed), redact }
    }
}

impl From<wit::Fixed> for Fixed {
    fn from(wit::Fixed { place, name, value }: wit::Fixed) -> Self {
        let place = match place {
            wit::Place::Query => Place::Query,
            wit::Place::Header => Place::Header,
            wit::Place::Body => Place::Body,
        };
        Self { place, name, value }
    }
}

impl From<wit::Mount> for Mount {
    fn from(wit::Mount { id, purpose }: wit::Mount) -> Self {
        Self { id, purpose }
    }
}

impl From<wit::Feed> for Stream {
    fn from(wit::Feed { id, purpose, kinds, sync }: wit::Feed) -> Self {
        let sync = match sync {
            wit::SyncMode::Full => SyncMode::Full,
            wit::SyncMode::Incremental => SyncMode::Incremental,
        };
        Self { id, purpose, kinds: each(kinds), sync }
    }
}

impl From<wit::AuthScheme> for AuthScheme {
    fn from(scheme: wit::AuthScheme) -> Self {
        match scheme {
            wit::AuthScheme::Anonymous => Self::Anonymous,
            wit::AuthScheme::Bearer => Self::Bearer,
            wit::AuthScheme::Basic => Self::Basic,
            wit::AuthScheme::Header((name, prefix)) => Self::Header { name, prefix },
        }
    }
}

impl From<wit::Kind> for Kind {
    fn from(kind: wit::Kind) -> Self {
        match kind {
            wit::Kind::Finding => Self::Finding,
            wit::Kind::Exception => Self::Exception,
            wit::Kind::ControlReview => Self::ControlReview,
            wit::Kind::Requirement => Self::Requirement,
            wit::Kind::PipelineRun => Self::PipelineRun,
            wit::Kind::Deployment => Self::Deployment,
            wit::Kind::RollbackTest => Self::RollbackTest,
            wit::Kind::Milestone => Self::Milestone,
            wit::Kind::Ownership => Self::Ownership,
            wit::Kind::Dependency => Self::Dependency,
            wit::Kind::Secret => Self::Secret,
            wit::Kind::AccessGrant => Self::AccessGrant,
            wit::Kind::AccessReview => Self::AccessReview,
            wit::Kind::Monitoring => Self::Monitoring,
            wit::Kind::Disposition => Self::Disposition,
        }
    }
}
