//! `GET /api/v1/packets/{id}`

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
use crate::casework::view::{PacketIdText, PacketSchema, sample};

/// One packet
///
/// The fold of its ledger: everything the ledger says. The `ETag` is the packet's head, which commands name.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}", operation_id = "packet-get", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"), At,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The packet", body = PacketSchema,
            headers(("ETag" = String, description = "Digest of the packet's last entry")),
            example = json!(sample::packet())),
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
    let packet = state.casework().packet_get(&permit, &id, at).await?;
    listing::versioned(&headers, &packet.head.digest, &packet)
}
