//! `GET /api/v1/packets/{id}/bundle`

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use probity_core::bundle::Scope;
use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing;
use crate::api::problem::Problem;
use crate::archive;
use crate::authz::ReadPackets;
use crate::casework::view::{InstantText, PacketIdText};

/// As of when, and how much of it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// As it stood at this instant.
    #[param(value_type = Option<InstantText>)]
    at: Option<Instant>,
    /// Only cited slices, with digests for the rest: smaller, and it shows less. It cannot be replayed.
    #[serde(default)]
    #[param(required = false, default = false)]
    minimal: bool,
}

/// Everything a packet rests on
///
/// One archive (a plain tar) with the ledger, the key registry, policies, evidence and the captured bytes behind it.
/// `probity verify FILE` checks it without a server and without a network.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}/bundle", operation_id = "packet-bundle", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"), Parameters,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The archive", body = Vec<u8>, content_type = "application/x-tar",
            headers(("ETag" = String, description = "Digest of the archive"))),
        (status = 304, description = "The caller's copy is still right"),
    ),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Path(id): Path<PacketId>,
    Query(Parameters { at, minimal }): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let scope = if minimal { Scope::Minimal } else { Scope::Full };
    let files = state.casework().packet_bundle(&permit, &id, at, scope, None).await?;
    let archive = archive::pack(&files).map_err(|error| {
        tracing::error!(%error, "a bundle could not be packed");
        Problem::internal()
    })?;
    let mut response = listing::as_is(&headers, &Digest::of(&archive), "application/x-tar", archive);
    if let Ok(file) = HeaderValue::try_from(format!("attachment; filename=\"packet-{id}.tar\"")) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(response)
}
