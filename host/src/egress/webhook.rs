//! The one way out that is not a connector's: a signed notice to the address the operator named.
//!
//! It passes the same judgement of addresses, the same limits and the same client; what differs is that the whole URL is the
//! operator's. Each notice is signed over its instant and its body, so that a receiver can tell it from another's and from one
//! that is sent again later: `Probity-Signature: t=SECONDS,v1=HEX`, an HMAC-SHA256 of `SECONDS.BODY` under the shared secret.
//!
//! Deliberately absent: trying again, and reading the answer beyond its status.

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use hyper::body::Bytes;
use ipnet::IpNet;
use probity_core::connector::{Effect, Endpoint, Method};
use probity_core::instant::Instant;
use sha2::Sha256;
use url::Url;

use super::error::{EgressError, PolicyError};
use super::limits::EgressLimits;
use super::policy::{EgressPolicy, OriginPolicy, Purpose};
use super::resolve::SystemResolver;
use super::{Credential, Egress};
use crate::secret::Secret;

/// The endpoint and the origin, as messages name them.
const NAME: &str = "notify";

/// Where notices go, and what signs them.
pub struct Webhook {
    egress: Arc<Egress>,
    url: Url,
    secret: Secret,
}

/// Why a notice did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    #[error("the webhook answered with status {0}; it must answer 2xx when it has taken a notice")]
    Status(u16),
    #[error(
        "the webhook's host has an address that is not public and was not granted, or would be spoken to without \
         encryption; use https, or grant its range: `networks = [\"…\"]` under `[notify]`"
    )]
    Address,
    #[error("the webhook cannot be reached: {0}")]
    Egress(String),
}

impl Webhook {
    /// Prepares the way out. What is wrong with it is said here.
    pub fn new(
        url: Url,
        networks: Vec<IpNet>,
        ca: Option<Vec<u8>>,
        secret: Secret,
    ) -> Result<Self, PolicyError> {
        // Made a credential only to have its shape judged: it is never attached, but it must not come back in an answer.
        Credential::Bearer(secret.clone()).header(NAME)?;
        let mut base = url.clone();
        base.set_path("/");
        base.set_query(None);
        base.set_fragment(None);
        let plain_http = url.scheme() == "http";
        let egress = Egress::new(EgressPolicy {
            purpose: Purpose::Filing,
            connection: NAME.to_owned(),
            endpoints: vec![Endpoint {
                id: NAME.to_owned(),
                origin: NAME.to_owned(),
                method: Method::Post,
                path: "/".to_owned(),
                effect: Effect::Write,
                purpose: "Tell people.".to_owned(),
                fixed: Vec::new(),
                redact: Vec::new(),
            }],
            declared: [NAME.to_owned()].into(),
            origins: [(NAME.to_owned(), OriginPolicy { base, credential: None, networks, plain_http, ca })]
                .into(),
            redact: Vec::new(),
            // A receiver has little to answer.
            limits: EgressLimits {
                wire: 64 << 10,
                decoded: 64 << 10,
                page_bytes: 64 << 10,
                ..EgressLimits::default()
            },
            resolver: Arc::new(SystemResolver),
        })?;
        Ok(Self { egress, url, secret })
    }

    /// Sends one notice, once. `id` is the same when it is sent again.
    pub async fn post(&self, id: &str, at: Instant, body: &str) -> Result<(), Undelivered> {
        let headers = [("probity-notice", id.to_owned()), ("probity-signature", self.signature(at, body))];
        let status = self.egress.post(&self.url, &headers, body).await.map_err(|error| match error {
            EgressError::Address { .. } | EgressError::Scheme { .. } => Undelivered::Address,
            error => Undelivered::Egress(format!("{}: {error}", error.code())),
        })?;
        if (200..300).contains(&status) { Ok(()) } else { Err(Undelivered::Status(status)) }
    }

    fn signature(&self, at: Instant, body: &str) -> String {
        let seconds = at.as_micros().div_euclid(1_000_000);
        let mut mac = match Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes()) {
            Ok(mac) => mac,
            Err(_) => unreachable!("HMAC takes keys of any length (RFC 2104)"),
        };
        mac.update(format!("{seconds}.").as_bytes());
        mac.update(body.as_bytes());
        format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
    }
}

impl Egress {
    /// Posts JSON to a whole URL of this egress's only origin; gives the status.
    async fn post(
        &self,
        url: &Url,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<u16, EgressError> {
        let (granted, origin) = self.granted(NAME)?;
        let mut pairs = vec![("content-type".to_owned(), "application/json".to_owned())];
        pairs.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let headers = super::request::header_map(granted, origin, &pairs)?;
        let body = Some(Bytes::copy_from_slice(body.as_bytes()));
        let outgoing = super::request::Outgoing { granted, origin, url: url.clone(), headers, body };
        let budget = super::page::ByteBudget::new(self.limits.page_bytes);
        Ok(self.exchange(&outgoing, &budget).await?.status.as_u16())
    }
}

impl std::fmt::Debug for Webhook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}
