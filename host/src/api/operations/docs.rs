//! `GET /openapi.json`, `GET /docs`: what can be asked, for programs and for people.
//!
//! The page is Swagger UI out of the binary. It loads nothing from anywhere else, and its
//! content security policy would not let it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use probity_core::canonical::Digest;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::api::ApiState;
use crate::api::extract::Path;
use crate::api::listing;
use crate::api::problem::{Code, Problem};

/// Looser than everywhere else: Swagger UI runs scripts and sets styles, all of this host.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The description and the page's settings, made once.
pub(in crate::api) struct Docs {
    document: Bytes,
    tag: Digest,
    page: Arc<Config<'static>>,
}

impl Docs {
    pub(in crate::api) fn new(document: &OpenApi) -> Self {
        let document = document.to_pretty_json().unwrap_or_default();
        // Left alone, the page sends the description to a validator on the web.
        let page = Config::from("/openapi.json").validator_url("none").try_it_out_enabled(true);
        Self { tag: Digest::of(document.as_bytes()), document: document.into(), page: Arc::new(page) }
    }
}

/// This description
///
/// OpenAPI 3.1.
#[utoipa::path(
    get, path = "/openapi.json", operation_id = "openapi", tag = "operations",
    responses((status = 200, description = "The description", body = Object, content_type = "application/json",
            headers(("ETag" = String, description = "Digest of the description")),
            example = json!({"openapi": "3.1.0"})),
        (status = 304, description = "The caller's copy is still right")),
)]
pub async fn document(State(state): State<ApiState>, headers: HeaderMap) -> Response {
    let docs = &state.0.docs;
    let mut response = match listing::is_known(&headers, &docs.tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => docs.document.clone().into_response(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    listing::tag(response.headers_mut(), &docs.tag);
    response
}

/// To the page
#[utoipa::path(
    get, path = "/docs", operation_id = "docs-redirect", tag = "operations",
    responses((status = 308, description = "To `/docs/`", headers(("Location" = String, description = "`/docs/`")))),
)]
pub async fn redirect() -> Redirect {
    Redirect::permanent("/docs/")
}

/// A page to read and try the API
#[utoipa::path(
    get, path = "/docs/", operation_id = "docs", tag = "operations",
    responses((status = 200, description = "The page", body = String, content_type = "text/html",
        example = json!("<!DOCTYPE html>…"))),
)]
pub async fn index(State(state): State<ApiState>) -> Result<Response, Problem> {
    serve("index.html", &state)
}

/// What the page consists of
#[utoipa::path(
    get, path = "/docs/{file}", operation_id = "docs-file", tag = "operations",
    params(("file" = String, Path, description = "A file of the page", example = "swagger-ui.css")),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream")),
)]
pub async fn file(State(state): State<ApiState>, Path(file): Path<String>) -> Result<Response, Problem> {
    serve(&file, &state)
}

fn serve(file: &str, state: &ApiState) -> Result<Response, Problem> {
    let missing = || {
        Problem::new(
            Code::NoRoute,
            "The page has no such file.",
            "Open /docs/ and let it load what it needs.",
        )
    };
    let found =
        utoipa_swagger_ui::serve(file, state.0.docs.page.clone()).ok().flatten().ok_or_else(missing)?;
    let content_type = HeaderValue::try_from(found.content_type).map_err(|_| missing())?;
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP)),
    ];
    Ok((headers, found.bytes.into_owned()).into_response())
}
