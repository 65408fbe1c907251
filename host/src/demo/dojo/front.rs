//! What stands before every view: the list of requests, the misbehaviour, and the question for the token.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use serde_json::json;

use super::answer::json_response;
use super::site::{Asked, Site};
use super::trouble::Misbehaviour;

/// Remembers the request, misbehaves if told to, asks for the token, and lets it pass.
pub(super) async fn front(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    // Taken before the request is remembered: whoever waits for the request and then lets go, lets it go.
    let gate = site.gate();
    let credential = Credential::of(&site, request.headers());
    site.note(asked(&request, matches!(credential, Credential::Right)));
    let presented = request.headers().get(header::AUTHORIZATION).cloned();
    let trouble = site.troubles().take(request.uri().path());
    match trouble {
        None => {}
        Some(Misbehaviour::TooManyRequests { retry_after }) => {
            return too_many_requests(retry_after.as_deref());
        }
        Some(Misbehaviour::Status(status)) => return broken(status),
        Some(Misbehaviour::Drop) => return dropped(),
        Some(Misbehaviour::EchoToken) => return echo(presented.as_ref()),
        Some(Misbehaviour::Slow(pause)) => tokio::time::sleep(pause).await,
        Some(Misbehaviour::Hold) => gate.released().await,
        Some(Misbehaviour::CutShort) => return cut_short(pass(credential, request, next).await).await,
    }
    pass(credential, request, next).await
}

async fn pass(credential: Credential, request: Request, next: Next) -> Response {
    // 403 and no `WWW-Authenticate`, whatever is wrong: a reader cannot tell a bad token from a missing right.
    let refuse = |detail: &str| json_response(StatusCode::FORBIDDEN, &json!({ "detail": detail }));
    match credential {
        Credential::Right => next.run(request).await,
        Credential::Wrong => refuse("Invalid token."),
        Credential::Empty => refuse("Invalid token header. No credentials provided."),
        Credential::None => refuse("Authentication credentials were not provided."),
    }
}

/// What a request presented. `Bearer` and everything else that is not `Token` counts as nothing.
#[derive(Clone, Copy)]
enum Credential {
    None,
    /// The scheme alone.
    Empty,
    Wrong,
    Right,
}

impl Credential {
    fn of(site: &Site, headers: &HeaderMap) -> Self {
        let presented = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let presented = presented.map(|text| text.split_once(' ').unwrap_or((text, "")));
        match presented {
            Some((scheme, _)) if !scheme.eq_ignore_ascii_case("token") => Self::None,
            Some((_, key)) if key.trim().is_empty() => Self::Empty,
            Some((_, key)) if key.trim() == site.token().expose() => Self::Right,
            Some(_) => Self::Wrong,
            None => Self::None,
        }
    }
}

fn asked(request: &Request, authorized: bool) -> Asked {
    let host = request.headers().get(header::HOST).and_then(|value| value.to_str().ok());
    Asked {
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        host: host.unwrap_or_default().to_owned(),
        authorized,
    }
}

fn too_many_requests(retry_after: Option<&str>) -> Response {
    let detail = json!({ "detail": "Request was throttled." });
    let mut response = json_response(StatusCode::TOO_MANY_REQUESTS, &detail);
    if let Some(value) = retry_after.and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn broken(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n");
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn echo(presented: Option<&HeaderValue>) -> Response {
    let presented = presented.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let body = json!({
        "message": "Internal server error",
        "request": { "headers": { "Authorization": presented } },
    });
    json_response(StatusCode::INTERNAL_SERVER_ERROR, &body)
}

/// A body that fails before its first byte: the server closes the connection with nothing written.
fn dropped() -> Response {
    Body::from_stream(stream::once(async { Err::<Bytes, _>(closed()) })).into_response()
}

/// The first half of an answer that announced its full length.
async fn cut_short(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(whole) = axum::body::to_bytes(body, usize::MAX).await else { return dropped() };
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = stream::once(std::future::ready(Ok(whole.slice(..whole.len() / 2))));
    // Waiting one turn lets the first half out before the connection is closed.
    let end = stream::once(async {
        tokio::task::yield_now().await;
        Err(closed())
    });
    Response::from_parts(parts, Body::from_stream(half.chain(end)))
}

fn closed() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "closed on purpose")
}
