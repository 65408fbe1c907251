//! `GET /api/v1/packets/{id}/exports/{format}`

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use probity_core::canonical::Digest;
use probity_core::export::Format;
use probity_core::id::PacketId;
use serde::Deserialize;

use super::At;
use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing;
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::{FormatText, PacketIdText, sample};

/// What an exported page may do in a browser: show its own style. It loads and runs nothing, and is of no origin.
const STYLED: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'none'; sandbox";

/// Which packet, as what.
#[derive(Debug, Deserialize)]
pub struct Which {
    id: PacketId,
    format: Format,
}

/// Export a packet
///
/// The package as the board would get it at an instant: as Markdown, as one HTML file, or as an OSCAL plan of action and
/// milestones. Nothing can be left out of it. It comes as a file to be saved.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}/exports/{format}", operation_id = "packet-export", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"),
        ("format" = FormatText, Path, description = "What to export it as"), At,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The file",
            headers(("ETag" = String, description = "Digest of the file")),
            content(
                (String = "text/markdown; charset=utf-8", example = json!("# Shared production credential…")),
                (String = "text/html; charset=utf-8", example = json!("<!DOCTYPE html>…")),
                (Object = "application/json", example = json!(sample::oscal()))
            )),
        (status = 304, description = "The caller's copy is still right"),
    ),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Path(Which { id, format }): Path<Which>,
    Query(At { at }): Query<At>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let bytes = state.casework().packet_export(&permit, &id, format, at).await?;
    let mut response = listing::as_is(&headers, &Digest::of(&bytes), format.media_type(), bytes);
    let file = format!("attachment; filename=\"packet-{id}.{}\"", format.extension());
    if let Ok(file) = HeaderValue::try_from(file) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    if format == Format::Html {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(STYLED));
    }
    Ok(response)
}
