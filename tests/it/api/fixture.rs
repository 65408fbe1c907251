//! A host to call: real store, real blobs, the real router on a loopback socket. Only collecting is scripted, since
//! the API asks no more of it than [`Collecting`]. Sample data throughout.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use probity::api::{ApiState, Limits, router, serve};
use probity::authz::hosts::{HostName, Hosts};
use probity::authz::{Principal, PrincipalKind, Principals, Role, TokenHash};
use probity::casework::view::{
    ConnectionView, ConnectorRefView, CredentialKind, EndpointView, GrantView, OriginView, StreamView,
};
use probity::casework::{Casework, Collecting, RunRequest, StartError};
use probity::clock::Clock;
use probity::store::blobs::Blobs;
use probity::store::sqlite::SqliteStore;
use probity::store::{
    CaptureRecord, ComponentRecord, NewRun, PageCommit, Run, Store, StoreError, StreamEnd, StreamPlan,
};
use probity_core::canonical::Digest;
use probity_core::connector::{
    Effect, Endpoint, Failure, FailureKind, Manifest, Method, Request, Stream, SyncMode,
};
use probity_core::evidence::{Body, Citation, Item, Kind, Locator};
use probity_core::id::{ConnectionId, ConnectionName, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::journal::{Answer, Call, CaptureRef, Exchange, Journal, Outcome, VERSION};
use probity_core::page::{Admitted, AdmittedPage, CitedPlace, Gap, Next};
use probity_core::run::{Mode, RunState, Trigger};
use serde_json::{Value, json};
use tokio::sync::{Notify, oneshot};

use super::description::Description;

/// What the component of the sample connector consists of.
const COMPONENT: &[u8] = b"a component";

/// A running host.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Clock,
    pub(super) script: Arc<Script>,
    pub(super) client: reqwest::Client,
    pub(super) description: Description,
    blobs: Blobs,
    connection: ConnectionId,
    _folder: tempfile::TempDir,
    _stop: oneshot::Sender<()>,
}

/// How a host is set up. The default is what an operator gets: loopback, nobody configured.
#[derive(Default)]
pub(super) struct Setup {
    pub(super) principals: Principals,
    pub(super) hosts: Vec<&'static str>,
    pub(super) limits: Limits,
}

/// An answer, checked against the API's description.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) text: String,
}

impl Said {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The code of the problem it is.
    pub(super) fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert!(problem["fix"].as_str().unwrap().len() > 10, "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// The token of a role's principal.
pub(super) fn token(role: Role) -> String {
    format!("token-of-the-{}", role.as_str())
}

/// One principal for each role.
pub(super) fn one_of_each_role() -> Principals {
    let principal = |role: Role| Principal {
        id: role.as_str().to_owned(),
        kind: if role == Role::Agent { PrincipalKind::Agent } else { PrincipalKind::Human },
        role,
        token_sha256: TokenHash::of(&token(role)),
    };
    Principals::new(Role::ALL.iter().copied().map(principal).collect()).unwrap()
}

impl Site {
    pub(super) async fn open() -> Self {
        Self::set_up(Setup::default()).await
    }

    pub(super) async fn set_up(setup: Setup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::fixed("2026-11-22T12:00:00Z".parse().unwrap(), 7);
        let database = folder.path().join("probity.sqlite");
        let store = SqliteStore::open_with_clock(&database, clock.teller()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let blobs = Blobs::local(&folder.path().join("blobs"), clock.teller()).unwrap();
        let connection = register(&*store, &clock).await;
        let script = Arc::new(Script::new(store.clone(), clock.clone(), connection.clone()));
        let policies = probity_tests::packet::policies(probity_tests::packet::POLICY);
        policies.keep(&*store, &blobs).await.unwrap();
        let casework = Casework {
            store: store.clone(),
            blobs: blobs.clone(),
            max_ages: BTreeMap::from([(Kind::Finding, Duration::from_secs(86_400))]),
            collector: script.clone(),
            clock: clock.clone(),
            policies: Arc::new(policies),
            principals: setup.principals.clone(),
            gates: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let hosts = setup.hosts.iter().map(|host| host.parse::<HostName>().unwrap()).collect();
        let state = ApiState::with_limits(
            Arc::new(casework),
            Hosts::new(address, hosts),
            clock.clone(),
            setup.limits,
        );
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve(listener, router(state), async move {
            let _ = stopped.await;
        }));
        Self {
            address,
            store,
            clock,
            script,
            client: client(),
            description: Description::made(),
            blobs,
            connection,
            _folder: folder,
            _stop: stop,
        }
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) async fn get(&self, path: &str) -> Said {
        self.send(self.client.get(self.url(path))).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Said {
        self.send(self.client.post(self.url(path)).json(body)).await
    }

    /// Sends a request; the answer must be one that the description promises.
    pub(super) async fn send(&self, request: reqwest::RequestBuilder) -> Said {
        exchange(&self.description, request).await
    }

    /// Collects these findings from one page in a complete full sweep.
    pub(super) async fn sweep(&self, findings: &[(&str, &str)]) -> Run {
        let run = self.begin().await;
        self.page(&run, 1, None, findings).await;
        self.end(&run, RunState::Complete).await;
        self.store.run_get(&run.id).await.unwrap().unwrap()
    }

    pub(super) async fn begin(&self) -> Run {
        self.store.run_begin(&new_run(&*self.store, &self.clock, &self.connection).await).await.unwrap()
    }

    /// Commits a page of findings, as if it had been fetched. With `next`, another page follows.
    pub(super) async fn page(
        &self,
        run: &Run,
        number: u32,
        next: Option<&str>,
        findings: &[(&str, &str)],
    ) -> Digest {
        let results: Vec<_> = findings.iter().map(|(id, title)| json!({"id": id, "title": title})).collect();
        let bytes = serde_json::to_vec(&json!({"count": findings.len(), "results": results})).unwrap();
        let capture = self.blobs.put(&bytes).await.unwrap();
        let items =
            findings.iter().enumerate().map(|(at, (id, title))| admitted(finding(id, title), capture, at));
        let stream = run.streams[0].stream.clone();
        let cursor = (number > 1).then(|| format!("page-{number}"));
        let commit = PageCommit {
            run: run.id.clone(),
            epoch: run.lease.as_ref().unwrap().epoch,
            stream: stream.clone(),
            number,
            page: AdmittedPage {
                items: items.collect(),
                next: match next {
                    Some(cursor) => Next::More { cursor: cursor.to_owned() },
                    None => Next::Done { bookmark: None },
                },
                gaps: vec![Gap {
                    subject: Some("service:payments-bridge".to_owned()),
                    reason: Failure::new(FailureKind::Permission, "the notes may not be read"),
                }],
            },
            journal: journal(&stream, cursor, capture, self.clock.now()),
            captures: vec![CaptureRecord {
                digest: capture,
                size: bytes.len() as u64,
                media_type: Some("application/json".to_owned()),
            }],
            fresh_ids: findings.iter().map(|_| self.clock.evidence_id()).collect(),
        };
        self.store.page_commit(&commit).await.unwrap();
        capture
    }

    pub(super) async fn end(&self, run: &Run, state: RunState) {
        let epoch = run.lease.as_ref().unwrap().epoch;
        let end = StreamEnd { state, failure: None };
        self.store.stream_end(&run.id, epoch, &run.streams[0].stream, &end).await.unwrap();
        self.store.run_end(&run.id, epoch, state).await.unwrap();
        self.clock.advance(Duration::from_secs(1));
    }

    /// Keeps bytes as a capture that nothing cites, by way of an empty page.
    pub(super) async fn keep(&self, bytes: &[u8], media_type: &str) -> Digest {
        let capture = self.blobs.put(bytes).await.unwrap();
        let run = self.begin().await;
        let stream = run.streams[0].stream.clone();
        let commit = PageCommit {
            run: run.id.clone(),
            epoch: 1,
            stream: stream.clone(),
            number: 1,
            page: AdmittedPage { items: vec![], next: Next::Done { bookmark: None }, gaps: vec![] },
            journal: journal(&stream, None, capture, self.clock.now()),
            captures: vec![CaptureRecord {
                digest: capture,
                size: bytes.len() as u64,
                media_type: Some(media_type.to_owned()),
            }],
            fresh_ids: vec![],
        };
        self.store.page_commit(&commit).await.unwrap();
        self.end(&run, RunState::Failed).await;
        capture
    }

    /// Keeps bytes that are no capture, as components are kept.
    pub(super) async fn keep_blob(&self, bytes: &[u8]) -> Digest {
        self.blobs.put(bytes).await.unwrap()
    }

    /// The id of the finding with that title.
    pub(super) async fn id_of(&self, title: &str) -> String {
        let list = self.get("/api/v1/evidence?limit=500&absent=true").await.json();
        let items = list["items"].as_array().unwrap();
        let found: Vec<_> = items.iter().filter(|item| item["title"] == title).collect();
        assert_eq!(found.len(), 1, "{title}");
        found[0]["id"].as_str().unwrap().to_owned()
    }
}

/// Sends a request; the answer must be one that the description promises. A stream of events is left unread: it does not end.
pub(super) async fn exchange(description: &Description, request: reqwest::RequestBuilder) -> Said {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let (method, path) = (request.method().to_string(), request.url().path().to_owned());
    let answer = client.execute(request).await.unwrap();
    let headers = answer.headers().clone();
    let endless = headers.get("content-type").is_some_and(|said| said == "text/event-stream");
    let status = answer.status().as_u16();
    let bytes = if endless { Vec::new() } else { answer.bytes().await.unwrap().to_vec() };
    let said = Said { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() };
    description.check(&method, &path, &said);
    said
}

pub(super) fn client() -> reqwest::Client {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(60))
        .build()
        .unwrap()
}

async fn register(store: &dyn Store, clock: &Clock) -> ConnectionId {
    let recorded = store.now().await.unwrap();
    let digest = Digest::of(COMPONENT);
    let size = COMPONENT.len() as u64;
    store.component_put(&ComponentRecord { digest, size, manifest: manifest(), recorded }).await.unwrap();
    let name = "tracker".parse().unwrap();
    store.connection_register(&name, None, clock.connection_id()).await.unwrap().id
}

fn manifest() -> Manifest {
    Manifest {
        name: "sample".to_owned(),
        version: "1.0.0".to_owned(),
        title: "Sample".to_owned(),
        summary: "Findings of a sample tracker.".to_owned(),
        config_schema: "{\"type\": \"object\"}".to_owned(),
        auth: vec![probity_core::connector::AuthScheme::Bearer],
        endpoints: vec![Endpoint {
            id: "findings".to_owned(),
            origin: "api".to_owned(),
            method: Method::Get,
            path: "/findings".to_owned(),
            effect: Effect::Read,
            purpose: "Findings.".to_owned(),
            fixed: vec![],
            redact: vec!["/results/*/token".to_owned()],
        }],
        mounts: vec![],
        streams: vec![Stream {
            id: "findings".to_owned(),
            purpose: "Findings.".to_owned(),
            kinds: vec![Kind::Finding],
            sync: SyncMode::Full,
        }],
    }
}

async fn new_run(store: &dyn Store, clock: &Clock, connection: &ConnectionId) -> NewRun {
    NewRun {
        id: clock.run_id(),
        connection: connection.clone(),
        component: Digest::of(COMPONENT),
        trigger: Trigger::Manual,
        config: "{}".to_owned(),
        seed: u64::MAX,
        started: store.now().await.unwrap(),
        streams: vec![StreamPlan { stream: "findings".parse().unwrap(), mode: Mode::Full, cursor: None }],
        owner: "host-1".to_owned(),
        lease: Duration::from_secs(3_600),
    }
}

/// A finding that says `title`.
pub(super) fn finding(id: &str, title: &str) -> Item {
    let body: Body =
        serde_json::from_value(probity::casework::view::sample::evidence()["body"].clone()).unwrap();
    Item {
        id: id.to_owned(),
        title: title.to_owned(),
        summary: "a shared production credential".to_owned(),
        url: Some(format!("https://tracker.example/{id}")),
        subjects: vec!["service:payments-bridge".to_owned()],
        source_time: None,
        expires: None,
        labels: vec![("environment".to_owned(), "production".to_owned())],
        citations: vec![Citation { capture: 0, locator: Locator::Whole }],
        exposure: None,
        body,
    }
}

fn admitted(item: Item, capture: Digest, place: usize) -> Admitted {
    Admitted {
        content: item.content_hash().unwrap(),
        digest: item.digest().unwrap(),
        cited: vec![CitedPlace {
            capture,
            locator: Locator::Pointer { pointer: format!("/results/{place}") },
        }],
        item,
    }
}

fn journal(stream: &StreamId, cursor: Option<String>, capture: Digest, instant: Instant) -> Journal {
    let answer = Answer {
        url: "https://tracker.example/findings?limit=100".to_owned(),
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        capture: CaptureRef { index: 0, digest: capture, media_type: Some("application/json".to_owned()) },
    };
    let request = Request {
        endpoint: "findings".to_owned(),
        path: vec![],
        query: vec![("limit".to_owned(), "100".to_owned())],
        headers: vec![],
        body: None,
    };
    Journal {
        v: VERSION,
        connector: Digest::of(COMPONENT),
        stream: stream.to_string(),
        cursor,
        config: "{}".to_owned(),
        instant,
        seed: 7,
        calls: vec![Call::Fetch {
            all: false,
            exchanges: vec![Exchange { request, outcome: Outcome::Ok(answer) }],
        }],
        page: Digest::of(b"a page"),
    }
}

/// Collecting, by script: one connection, whose runs begin in the real store and then wait.
pub(super) struct Script {
    store: Arc<dyn Store>,
    clock: Clock,
    id: ConnectionId,
    /// While set, the source does not answer checks.
    pub(super) broken: AtomicBool,
    /// While set, looking at connections panics.
    pub(super) panics: AtomicBool,
    /// While set, starting a run waits for `gate` after it said so on `waiting`.
    pub(super) slow: AtomicBool,
    pub(super) waiting: Notify,
    pub(super) gate: Notify,
    pub(super) started: Notify,
}

impl Script {
    fn new(store: Arc<dyn Store>, clock: Clock, id: ConnectionId) -> Self {
        Self {
            store,
            clock,
            id,
            broken: AtomicBool::new(false),
            panics: AtomicBool::new(false),
            slow: AtomicBool::new(false),
            waiting: Notify::new(),
            gate: Notify::new(),
            started: Notify::new(),
        }
    }
}

#[async_trait]
impl Collecting for Script {
    fn connections(&self) -> Vec<ConnectionView> {
        assert!(!self.panics.load(Ordering::SeqCst), "the script says so");
        let manifest = manifest();
        vec![ConnectionView {
            id: self.id.clone(),
            name: "tracker".parse().unwrap(),
            connector: Some(ConnectorRefView::new(Digest::of(COMPONENT), &manifest)),
            problem: None,
            streams: manifest.streams.iter().map(StreamView::from).collect(),
            grant: GrantView {
                origins: vec![OriginView {
                    slot: "api".to_owned(),
                    url: "https://tracker.example".to_owned(),
                    credential: CredentialKind::Bearer,
                    private_network: false,
                }],
                endpoints: manifest.endpoints.iter().map(EndpointView::from).collect(),
                mounts: vec![],
            },
            every_seconds: Some(3_600),
            last_run: None,
        }]
    }

    fn connection(&self, name: &ConnectionName) -> Option<ConnectionView> {
        self.connections().into_iter().find(|connection| connection.name == *name)
    }

    async fn check(&self, name: &ConnectionName) -> Option<Result<Vec<String>, Failure>> {
        self.connection(name)?;
        if self.broken.load(Ordering::SeqCst) {
            let kind = FailureKind::RateLimited { retry_after: Some(30) };
            return Some(Err(Failure::new(kind, "the tracker asks to be left alone")));
        }
        Some(Ok(vec!["signed in as probity".to_owned()]))
    }

    async fn start(&self, name: &ConnectionName, request: RunRequest) -> Result<RunId, StartError> {
        self.connection(name).ok_or(StartError::Unknown)?;
        if let Some(stream) = request.streams.into_iter().find(|stream| stream.as_str() != "findings") {
            return Err(StartError::Stream { stream, known: vec!["findings".parse().unwrap()] });
        }
        if self.slow.load(Ordering::SeqCst) {
            self.waiting.notify_one();
            self.gate.notified().await;
        }
        let run = new_run(&*self.store, &self.clock, &self.id).await;
        let begun = self.store.run_begin(&run).await.map_err(|error| match error {
            StoreError::Busy { run, .. } => StartError::Busy(run),
            error => StartError::Store(error),
        })?;
        self.started.notify_one();
        Ok(begun.id)
    }
}
