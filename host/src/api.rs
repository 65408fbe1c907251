//! The REST API: one file an endpoint, each the same five steps: parse, authorize, use case, view, answer.
//!
//! Everything about a route is said once: its address, parameters, answers and examples beside its handler, its
//! action and refusals in [`routes::ROUTES`]. `/openapi.json` is made from both, and a request whose route has no row is
//! refused. Every error is a problem (RFC 9457, [`problem::Problem`]), the framework's own refusals too.
//!
//! Order of the layers, outermost first: panics become problems; each request gets an id, a time limit, a log line, counters
//! and the security headers; `Host` and `Origin` are checked; then routing; then, for each route, its row and the
//! caller. Handlers are dropped when a client goes away, so what must not stop halfway runs in a task of its own
//! ([`carry_out`]).
//!
//! Deliberately absent: TLS (a proxy's work), CORS (no other origin may read anything), and any rule.

mod captures;
mod changes;
mod connections;
mod connectors;
mod documents;
mod door;
mod evidence;
mod extract;
mod listing;
mod measures;
mod metrics;
pub mod openapi;
mod operations;
mod packets;
pub mod problem;
mod queue;
pub mod routes;
mod runs;
mod serve;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;

use crate::authz::hosts::Hosts;
use crate::casework::Casework;
use crate::clock::Clock;

pub use serve::{Lines, serve, serve_within};

/// What one request may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body: enough for a list of a few hundred ids, or for a passage's words. Routes that take signed
    /// statements take more ([`routes::ENTRY`]).
    pub body: usize,
    /// How long a request may take before it is answered with a problem.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { body: 64 * 1024, time: Duration::from_secs(30) }
    }
}

/// What the handlers share. Clones are cheap and share it.
#[derive(Clone)]
pub struct ApiState(Arc<Shared>);

struct Shared {
    casework: Arc<Casework>,
    hosts: Hosts,
    clock: Clock,
    limits: Limits,
    metrics: metrics::Metrics,
    followers: changes::Followers,
    docs: operations::Docs,
}

impl ApiState {
    /// Over the use cases, for those who are known to them, under these names.
    pub fn new(casework: Arc<Casework>, hosts: Hosts, clock: Clock) -> Self {
        Self::with_limits(casework, hosts, clock, Limits::default())
    }

    /// The same with other limits.
    pub fn with_limits(casework: Arc<Casework>, hosts: Hosts, clock: Clock, limits: Limits) -> Self {
        let docs = operations::Docs::new(&openapi::document());
        let metrics = metrics::Metrics::default();
        let followers = changes::Followers::default();
        Self(Arc::new(Shared { casework, hosts, clock, limits, metrics, followers, docs }))
    }

    fn casework(&self) -> &Arc<Casework> {
        &self.0.casework
    }
}

impl std::fmt::Debug for ApiState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiState").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

/// The whole API as a service.
pub fn router(state: ApiState) -> Router {
    let (router, _) = routes::all().split_for_parts();
    let router = router
        .route_layer(axum::middleware::from_fn_with_state(state.clone(), door::admit_caller))
        .method_not_allowed_fallback(door::wrong_method)
        .fallback(door::no_route)
        .layer(axum::extract::DefaultBodyLimit::max(state.0.limits.body))
        .with_state(state.clone());
    door::around(router, state)
}

/// Runs something to its end, even when the client that asked for it goes away.
async fn carry_out<T: Send + 'static>(
    work: impl Future<Output = Result<T, problem::Problem>> + Send + 'static,
) -> Result<T, problem::Problem> {
    tokio::spawn(work).await.unwrap_or_else(|stopped| {
        tracing::error!(error = %stopped, "work asked for over the API stopped");
        Err(problem::Problem::internal())
    })
}
