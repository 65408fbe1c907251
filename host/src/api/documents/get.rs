//! `GET /api/v1/documents/{digest}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use probity_core::canonical::Digest;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::{self, NoQuery};
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::DigestText;

/// A board policy or a subject map
///
/// The text as the operator wrote it, by the digest that packets and reports name.
#[utoipa::path(
    get, path = "/api/v1/documents/{digest}", operation_id = "document-get", tag = "packets",
    params(("digest" = DigestText, Path, description = "The text's digest"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The text", body = String, content_type = "text/plain; charset=utf-8",
            headers(("ETag" = String, description = "The digest again")),
            example = json!("name = \"production-exceptions\"\n…")),
        (status = 304, description = "The caller's copy is still right"),
    ),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Path(digest): Path<Digest>,
    Query(NoQuery {}): Query<NoQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let text = state.casework().document_text(&permit, &digest).await?;
    Ok(listing::as_is(&headers, &digest, "text/plain; charset=utf-8", text))
}
