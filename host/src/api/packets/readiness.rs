//! `GET /api/v1/packets/{id}/readiness`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use probity_core::id::PacketId;

use super::At;
use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing;
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::{PacketIdText, ReportSchema, sample};

/// A packet's readiness
///
/// The report at an instant, in canonical JSON (RFC 8785). Whoever makes it elsewhere, from the ledger, `…/evidence`, the policy
/// and the subject map of the same instant, gets the same bytes. The `ETag` is the report's digest, which a handoff names.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}/readiness", operation_id = "packet-readiness", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"), At,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The report", body = ReportSchema,
            headers(("ETag" = String, description = "The report's digest")),
            example = json!(sample::report())),
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
    let report = state.casework().packet_readiness(&permit, &id, at).await?;
    listing::canonical(&headers, &report)
}
