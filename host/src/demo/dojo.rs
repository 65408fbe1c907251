//! A findings tracker on loopback that answers like DefectDojo 3.2, as far as a reader sees it.
//!
//! What it copies is what has bitten real readers: every refused credential is a 403 without a challenge,
//! unknown query parameters are silently ignored, `next` links are built from the request's `Host` header,
//! pages have no upper limit, an accepted risk looks inactive, and findings carry recorded traffic that may
//! hold secrets. Its contents are a [`Tracker`], which can be changed while it serves, and it can be told to
//! misbehave ([`Misbehaviour`]).
//!
//! Deliberately absent: writing over HTTP, users' permissions, and the date filters by choice (`created=2`),
//! which are checked as the original checks them and then not applied.

mod answer;
mod filter;
mod front;
mod large;
mod order;
mod page;
mod render;
mod site;
mod story;
mod tracker;
mod trouble;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use site::Site;

pub use site::{Asked, Token};
pub use story::CAPTURED_SECRET;
pub use tracker::{
    Component, Decision, Edit, Engagement, Finding, Note, Person, Product, RiskAcceptance, Severity, Status,
    Test, Tracker,
};
pub use trouble::Misbehaviour;

/// A running sample tracker. It stops when it is dropped.
#[derive(Debug)]
pub struct SampleDojo {
    address: SocketAddr,
    site: Arc<Site>,
    /// Dropping it is the signal to stop.
    running: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<std::io::Result<()>>>,
}

impl SampleDojo {
    /// Serves a tracker on a free port of 127.0.0.1, to whoever presents the token.
    pub async fn start(tracker: Tracker, token: Token) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = Arc::new(Site::new(tracker, token));
        let (running, stopped) = oneshot::channel::<()>();
        let service = answer::router(Arc::clone(&site));
        let serving = tokio::spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(async move {
                    let _ = stopped.await;
                })
                .await
        });
        Ok(Self { address, site, running: Some(running), serving: Some(serving) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, what a connection's `api` origin is set to.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a reader has to present.
    pub fn token(&self) -> &Token {
        self.site.token()
    }

    /// Looks at the tracker, or changes it. The next request sees the change; none sees half of it.
    pub fn change<R>(&self, change: impl FnOnce(&mut Tracker) -> R) -> R {
        change(&mut self.site.tracker())
    }

    /// The next `times` requests are answered badly; further calls queue behind.
    pub fn misbehave(&self, how: Misbehaviour, times: u32) {
        self.misbehave_at("/", how, times);
    }

    /// The same, only for requests whose path begins with `path`, for example `/api/v2/findings/`.
    pub fn misbehave_at(&self, path: &str, how: Misbehaviour, times: u32) {
        self.site.troubles().add(path, how, times);
    }

    /// Forgets all misbehaviour that is left, and lets held requests go on.
    pub fn behave(&self) {
        self.site.troubles().clear();
        self.site.release();
    }

    /// All requests so far, in the order of their arrival.
    pub fn asked(&self) -> Vec<Asked> {
        self.site.asked()
    }

    /// Waits until that many requests have arrived since the start.
    pub async fn wait_for_requests(&self, count: usize) {
        self.site.wait_for_requests(count).await;
    }

    /// Stops serving and returns when the port is closed.
    pub async fn stop(mut self) {
        self.site.release();
        self.running.take();
        if let Some(serving) = self.serving.take() {
            let _ = serving.await;
        }
    }
}

impl Drop for SampleDojo {
    fn drop(&mut self) {
        // A held request would keep the server waiting for it.
        self.site.release();
    }
}
