//! `GET /api/v1/packets/{id}/evidence`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use probity_core::book::Book;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use serde::Serialize;

use super::At;
use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing;
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::{PacketEvidenceSchema, PacketIdText, sample};

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Shown {
    as_of: Instant,
    book: Book,
}

/// The evidence a packet is judged on
///
/// Exactly what the readiness report of the same instant is made from, in canonical JSON (RFC 8785): cited evidence, what queries
/// range over, requirement sets, exposures, and how well each stream was read.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}/evidence", operation_id = "packet-evidence", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"), At,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The evidence", body = PacketEvidenceSchema,
            headers(("ETag" = String, description = "Digest of this answer")),
            example = json!(sample::packet_evidence())),
        (status = 304, description = "The caller's copy is still right"),
    ),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Path(id): Path<PacketId>,
    Query(At { at }): Query<At>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (book, as_of) = state.casework().packet_book(&permit, &id, at).await?;
    listing::canonical(&headers, &Shown { as_of, book })
}
