//! What stands before every handler: whose host this is, who calls, and what every answer carries.

use std::any::Any;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::problem::{Code, Problem};
use super::routes::{self, Access};
use super::{ApiState, extract};
use crate::casework::{CaseworkError, IdentifyError};

/// Names one request in answers and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What no answer may do in a browser: load or run anything, be framed, or be read by another site.
const CLOSED: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// On every answer, unless the handler said something stricter or needs something looser (`/docs`).
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, CLOSED),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// Puts the door around the routes. [`super`] says in which order.
pub(super) fn around(router: Router, state: ApiState) -> Router {
    router
        .layer(from_fn_with_state(state.clone(), check_host))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state, attend))
}

/// Request id, time limit, headers, counters, log line.
async fn attend(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let watch = state.0.clock.stopwatch();
    let id = state.0.clock.uuid().to_string();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let limit = state.0.limits.time;
    let mut response = match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(
            Code::Slow,
            format!("The request was not answered within {} seconds.", limit.as_secs()),
            "Ask for less at once, or try again later.",
        )
        .into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::try_from(&id) {
        headers.insert(REQUEST_ID, id);
    }
    let status = response.status().as_u16();
    let took = watch.elapsed();
    state.0.metrics.answered(method, &route, status, took);
    // The route, not the address: what was asked for may be nobody's business.
    tracing::info!(
        http.method = method,
        http.route = route,
        http.status = status,
        http.request = id,
        duration.ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "answered {method} {route} with {status}"
    );
    response
}

/// Refuses what a browser sends on behalf of another site, and what was meant for another host.
async fn check_host(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let Some(host) = host_of(&request).filter(|host| state.0.hosts.admit(host)) else {
        return Problem::new(
            Code::Host,
            "The `Host` of the request is not a name of this host.",
            "Call it by the address it listens on, or add the name you use to `serve.hosts`.",
        )
        .into_response();
    };
    let headers = request.headers();
    let same_origin = headers
        .get_all(header::ORIGIN)
        .iter()
        .all(|origin| origin.to_str().is_ok_and(|origin| state.0.hosts.is_same_origin(origin, &host)));
    if !same_origin || is_cross_site(headers) {
        return Problem::new(
            Code::Origin,
            "A page of another site sent this request; only pages of this host may.",
            "Open the page under the same name and port as this host; names behind a proxy belong in `serve.hosts`.",
        )
        .into_response();
    }
    next.run(request).await
}

/// The one name that the request gives its host: of the address line, if that has one, and of `Host`.
fn host_of(request: &Request) -> Option<String> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let header = hosts.next().map(HeaderValue::to_str);
    if hosts.next().is_some() {
        return None;
    }
    match (request.uri().authority(), header) {
        (None, Some(Ok(host))) => Some(host.to_owned()),
        (Some(authority), None) => Some(authority.as_str().to_owned()),
        (Some(authority), Some(Ok(host))) if authority.as_str() == host => Some(host.to_owned()),
        _ => None,
    }
}

/// What browsers say themselves about a request (Fetch Metadata). Opening a link is not forbidden: nothing that
/// is opened that way changes anything, and the other site cannot read it.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|said| said == value);
    let foreign = says("sec-fetch-site", "cross-site") || says("sec-fetch-site", "same-site");
    foreign && !says("sec-fetch-mode", "navigate")
}

/// Finds the route's row and who calls. A route without a row is answered by nobody.
pub(super) async fn admit_caller(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    let Some(route) = routes::find(request.method(), path) else {
        // The framework answers a method that the route does not have; anything else is our mistake.
        if routes::is_path(path) {
            return next.run(request).await;
        }
        tracing::error!(http.route = path, "a route has no row in the table of actions");
        return Problem::internal().into_response();
    };
    if route.access == Access::Open {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    match state.0.casework.identify(extract::bearer(&parts)).await {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(IdentifyError::Unidentified(unidentified)) => Problem::from(unidentified).into_response(),
        Err(IdentifyError::Store(error)) => Problem::from(CaseworkError::from(error)).into_response(),
    }
}

/// Nothing is served there.
pub(super) async fn no_route() -> Problem {
    Problem::new(
        Code::NoRoute,
        "Nothing is served at this address.",
        "See /docs or /openapi.json for what there is.",
    )
}

/// Something is served there, but not to this method.
pub(super) async fn wrong_method() -> Problem {
    Problem::new(
        Code::Method,
        "This address does not answer to that method.",
        "Use one of the methods in the `Allow` header.",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "the signature tower-http asks for")]
fn panicked(panic: Box<dyn Any + Send>) -> Response<Body> {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    tracing::error!(panic = words, "a request could not be answered");
    Problem::internal().into_response()
}

/// Methods are labels of counters; anybody can make up more of them.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
