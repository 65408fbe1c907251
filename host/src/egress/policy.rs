//! What one connection may do, and its preparation.
//!
//! Everything that can be wrong with a policy is found here, once, so that a request only meets values that are
//! known to be good.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hyper::header::{HeaderName, HeaderValue};
use ipnet::IpNet;
use probity_core::connector::{Effect, Endpoint, Method, Place};
use probity_core::template::PathTemplate;
use probity_core::{header, secret_bearing};
use rustls::ClientConfig;
use url::{Host, Url};

use super::enforce::FixedBody;
use super::error::PolicyError;
use super::redact::Redaction;
use super::scrub::Scrubber;
use super::{Credential, Egress, EgressLimits, Resolve, transport};

/// What the way out is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Collecting evidence: nothing that writes may leave, whatever is declared.
    Collecting,
    /// Filing packages: what is declared to write may leave as well.
    Filing,
}

impl Purpose {
    /// The section of the configuration in which such a use is described.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Collecting => "connection",
            Self::Filing => "intake",
        }
    }
}

/// What a connection may do: the connector's declaration, cut down to what the operator granted.
pub struct EgressPolicy {
    pub purpose: Purpose,
    /// The connection's name, for messages.
    pub connection: String,
    /// Declared and granted.
    pub endpoints: Vec<Endpoint>,
    /// The ids of all endpoints the manifest declares.
    pub declared: BTreeSet<String>,
    /// What the operator bound to each slot.
    pub origins: BTreeMap<String, OriginPolicy>,
    /// The operator's own redactions, applied to every answer besides the endpoint's.
    pub redact: Vec<String>,
    pub limits: EgressLimits,
    pub resolver: Arc<dyn Resolve>,
}

/// One origin: where, as whom, and through which networks.
#[derive(Debug, Clone)]
pub struct OriginPolicy {
    /// The base URL; endpoints' paths are below it.
    pub base: Url,
    pub credential: Option<Credential>,
    /// Ranges besides the public Internet that may be connected to.
    pub networks: Vec<IpNet>,
    /// Whether a base URL with `http` is meant. Only addresses in `networks` are then spoken to.
    pub plain_http: bool,
    /// Certificates, as PEM, that are trusted besides the system's.
    pub ca: Option<Vec<u8>>,
}

/// An endpoint, ready for requests.
pub(super) struct Granted {
    pub(super) endpoint: Endpoint,
    pub(super) template: PathTemplate,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: FixedBody,
    pub(super) redaction: Redaction,
}

/// An origin, ready for connections.
pub(super) struct Origin {
    pub(super) slot: String,
    pub(super) base: Url,
    pub(super) host: Host,
    pub(super) port: u16,
    /// The base URL's path without the slash at its end: what stands before every path.
    pub(super) prefix: String,
    pub(super) credential: Option<(HeaderName, HeaderValue)>,
    pub(super) networks: Vec<IpNet>,
    /// None: the origin is spoken to without TLS.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

impl Origin {
    /// The host, as messages show it.
    pub(super) fn name(&self) -> String {
        self.host.to_string()
    }
}

/// Checks a policy and makes it ready.
pub(super) fn prepare(policy: EgressPolicy) -> Result<Egress, PolicyError> {
    let section = format!("{}.{}", policy.purpose.section(), policy.connection);
    let scrubber = Scrubber::new(policy.origins.values().filter_map(|origin| origin.credential.as_ref()))?;
    let mut granted = BTreeMap::new();
    for endpoint in policy.endpoints {
        // The manifest of a connector that reads was refused for this already; it is looked at again where
        // it would do harm.
        if policy.purpose == Purpose::Collecting && endpoint.effect == Effect::Write {
            return Err(PolicyError::Writes { endpoint: endpoint.id });
        }
        if !policy.origins.contains_key(&endpoint.origin) {
            return Err(PolicyError::Unbound { section, endpoint: endpoint.id, slot: endpoint.origin });
        }
        granted.insert(endpoint.id.clone(), prepare_endpoint(endpoint, &policy.redact)?);
    }
    let origins = policy
        .origins
        .into_iter()
        .map(|(slot, origin)| Ok((slot.clone(), prepare_origin(slot, origin)?)))
        .collect::<Result<_, PolicyError>>()?;
    Ok(Egress {
        connection: policy.connection,
        section,
        granted,
        declared: policy.declared,
        origins,
        scrubber,
        limits: policy.limits,
        resolver: policy.resolver,
    })
}

fn prepare_endpoint(endpoint: Endpoint, redact: &[String]) -> Result<Granted, PolicyError> {
    let fault = |problem: String| PolicyError::Endpoint { endpoint: endpoint.id.clone(), problem };
    let template = PathTemplate::parse(&endpoint.path)
        .map_err(|problem| PolicyError::Template { endpoint: endpoint.id.clone(), problem })?;
    let (mut query, mut headers, mut members) = (Vec::new(), Vec::new(), Vec::new());
    for fixed in &endpoint.fixed {
        let pair = (fixed.name.clone(), fixed.value.clone());
        match fixed.place {
            Place::Query => query.push(pair),
            Place::Header => {
                header::check(&fixed.name, &fixed.value).map_err(|problem| {
                    fault(format!("fixes the header `{}`, which {problem}", fixed.name))
                })?;
                headers.push((fixed.name.to_ascii_lowercase(), fixed.value.clone()));
            }
            Place::Body => members.push(pair),
        }
    }
    if !members.is_empty() && endpoint.method != Method::Post {
        return Err(fault("fixes members of a body, but only `post` has one".into()));
    }
    let body = FixedBody::new(&members).map_err(&fault)?;
    secret_bearing::check_template(&template, &query, &headers)
        .map_err(|problem| PolicyError::SecretBearing { endpoint: endpoint.id.clone(), problem })?;
    let redaction = Redaction::new(endpoint.redact.iter().chain(redact))?;
    Ok(Granted { template, query, headers, body, redaction, endpoint })
}

fn prepare_origin(slot: String, origin: OriginPolicy) -> Result<Origin, PolicyError> {
    let fault = |problem| Err(PolicyError::Base { slot: slot.clone(), base: shown(&origin.base), problem });
    let base = &origin.base;
    let Some(host) = base.host().map(|host| host.to_owned()) else { return fault("has no host") };
    let Some(port) = base.port_or_known_default() else { return fault("has no port") };
    if matches!(&host, Host::Domain(name) if name.ends_with('.')) {
        return fault("has a host that ends with a dot; leave the dot out");
    }
    if !base.username().is_empty() || base.password().is_some() {
        return fault("has a user or a password in it; configure a credential instead");
    }
    if base.query().is_some() || base.fragment().is_some() {
        return fault("has a query or a fragment; endpoints have their own");
    }
    let prefix = base.path().trim_end_matches('/');
    if !prefix.is_empty() && PathTemplate::parse(prefix).is_err() {
        return fault("has a path with empty or encoded segments; write it plainly");
    }
    match base.scheme() {
        "https" => {}
        "http" if origin.plain_http => {}
        "http" => return fault("is not encrypted, which was not asked for; use https"),
        _ => return fault("is neither https nor http"),
    }
    let tls = match base.scheme() {
        "https" => Some(transport::tls_config(&slot, origin.ca.as_deref())?),
        _ => None,
    };
    let credential = origin.credential.as_ref().map(|credential| credential.header(&slot)).transpose()?;
    let prefix = prefix.to_owned();
    Ok(Origin { prefix, host, port, credential, networks: origin.networks, tls, base: origin.base, slot })
}

/// A base URL as a message may show it: without user and password.
fn shown(base: &Url) -> String {
    let mut base = base.clone();
    // Both fail only for URLs that cannot have them.
    let _ = base.set_username("");
    let _ = base.set_password(None);
    base.into()
}
