//! The way out, against sources and connectors that mean harm. Each attack ends as its named error.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use probity::egress::{
    Credential, Egress, EgressLimits, EgressPolicy, OriginPolicy, PolicyError, Purpose, Resolve,
};
use probity::secret::Secret;
use probity_core::connector::{
    Effect, Endpoint, Failure, FailureKind, Fixed, Method, Place, Request, Response,
};
use probity_tests::hostile::Hostile;

mod addresses;
mod bodies;
mod links;
mod mounts;
mod requests;
mod secrets;
mod tls;

/// The secret of the connection in these tests.
const SECRET: &str = "s3cr3t/Token+with=chars";

/// An endpoint that reads.
fn endpoint(id: &str, method: Method, path: &str) -> Endpoint {
    Endpoint {
        id: id.into(),
        origin: "api".into(),
        method,
        path: path.into(),
        effect: Effect::Read,
        purpose: "to be tested".into(),
        fixed: Vec::new(),
        redact: Vec::new(),
    }
}

/// The same with a fixed part.
fn fixed(mut endpoint: Endpoint, place: Place, name: &str, value: &str) -> Endpoint {
    endpoint.fixed.push(Fixed { place, name: name.into(), value: value.into() });
    endpoint
}

fn items() -> Endpoint {
    endpoint("items", Method::Get, "/items/")
}

/// A policy under construction. It starts with one endpoint, `items`, and loopback granted.
struct Plan {
    policy: EgressPolicy,
}

impl Plan {
    fn for_source(source: &Hostile) -> Self {
        Self::for_base(&format!("http://127.0.0.1:{}/", source.port()))
    }

    fn for_base(base: &str) -> Self {
        let origin = OriginPolicy {
            base: base.parse().unwrap(),
            credential: None,
            networks: vec!["127.0.0.0/8".parse().unwrap()],
            plain_http: true,
            ca: None,
        };
        let policy = EgressPolicy {
            purpose: Purpose::Collecting,
            connection: "tracker".into(),
            endpoints: vec![items()],
            declared: BTreeSet::from(["items".to_owned(), "notes".to_owned()]),
            origins: BTreeMap::from([("api".to_owned(), origin)]),
            redact: Vec::new(),
            limits: EgressLimits::default(),
            resolver: Names::always(&["127.0.0.1"]),
        };
        Self { policy }
    }

    fn endpoints(mut self, endpoints: Vec<Endpoint>) -> Self {
        self.policy.declared.extend(endpoints.iter().map(|endpoint| endpoint.id.clone()));
        self.policy.endpoints = endpoints;
        self
    }

    fn limits(mut self, change: impl FnOnce(&mut EgressLimits)) -> Self {
        change(&mut self.policy.limits);
        self
    }

    fn origin(mut self, change: impl FnOnce(&mut OriginPolicy)) -> Self {
        change(self.policy.origins.get_mut("api").unwrap());
        self
    }

    fn credential(self, credential: Credential) -> Self {
        self.origin(|origin| origin.credential = Some(credential))
    }

    fn bearer(self) -> Self {
        self.credential(Credential::Bearer(Secret::new(SECRET)))
    }

    fn names(mut self, names: Arc<Names>) -> Self {
        self.policy.resolver = names;
        self
    }

    fn prepare(self) -> Result<Arc<Egress>, PolicyError> {
        Egress::new(self.policy)
    }

    fn egress(self) -> Arc<Egress> {
        self.prepare().unwrap()
    }

    /// Asks for `items` once.
    async fn get(self) -> Result<Response, Failure> {
        fetch(&self.egress(), ask("items")).await
    }

    /// Asks for something once.
    async fn ask(self, request: Request) -> Result<Response, Failure> {
        fetch(&self.egress(), request).await
    }
}

fn ask(endpoint: &str) -> Request {
    Request { endpoint: endpoint.into(), path: vec![], query: vec![], headers: vec![], body: None }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn fetch(egress: &Arc<Egress>, request: Request) -> Result<Response, Failure> {
    egress.page().fetch(&[request]).await.remove(0)
}

/// The outcome is a failure with this code and kind.
#[track_caller]
fn assert_failed(outcome: Result<Response, Failure>, code: &str, kind: FailureKind) {
    match outcome {
        Ok(response) => panic!("expected {code}, but {} answered {}", response.url, response.status),
        Err(failure) => {
            assert!(failure.message.starts_with(&format!("{code}: ")), "expected {code}, got {failure}");
            assert_eq!(failure.kind, kind, "{failure}");
        }
    }
}

#[track_caller]
fn assert_denied(outcome: Result<Response, Failure>, code: &str) {
    assert_failed(outcome, code, FailureKind::EgressDenied);
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body.bytes).into_owned()
}

/// A name server that answers what it was told, each time the next list; the last one again and again.
struct Names {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names {
    fn always(addresses: &[&str]) -> Arc<Self> {
        Self::one_after_another(&[addresses])
    }

    fn one_after_another(answers: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.get(at).or_else(|| self.answers.last());
        answer.cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}
