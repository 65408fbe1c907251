//! `POST /api/v1/packets/{id}/ledger`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_core::event::{Command, Event};
use probity_core::id::PacketId;

use super::head_seen;
use crate::api::extract::{Body, Path, Permit, Query};
use crate::api::listing::{self, NoQuery};
use crate::api::problem::Problem;
use crate::api::{ApiState, carry_out};
use crate::authz::WritePackets;
use crate::casework::Appended;
use crate::casework::view::{AppendedView, CommandSchema, PacketIdText, sample};

/// Append to a packet's ledger
///
/// The one way to change a packet: a command that becomes one entry, or a refusal that says which rule it met, who could,
/// and what to do instead. A command names the head its sender saw; when the packet moved on, nothing is written. What only a
/// human-held key may bring about is sent as `decided`, with the statement from `…/ledger/statement` and the signature over its
/// text. A signed statement says itself what it was shown, so `If-Match` is not looked at: what agents draft meanwhile keeps
/// nobody from signing.
#[utoipa::path(
    post, path = "/api/v1/packets/{id}/ledger", operation_id = "packet-append", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the packet that the sender saw; needed unless `kind` is `decided`")),
    request_body(content = CommandSchema, example = json!(sample::command())),
    responses((status = 201, description = "It happened", body = AppendedView,
        headers(("Location" = String, description = "The entry"), ("ETag" = String, description = "The packet's new head")),
        example = json!(sample::appended()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<WritePackets>,
    Path(id): Path<PacketId>,
    Query(NoQuery {}): Query<NoQuery>,
    headers: HeaderMap,
    Body(command): Body<Command>,
) -> Result<Response, Problem> {
    let seen = match &command {
        Event::Decided(_) => None,
        _ => head_seen(&headers)?,
    };
    let casework = state.casework().clone();
    let appended =
        carry_out(async move { Ok(casework.packet_append(&permit, &id, seen, command).await?) }).await?;
    let entry = appended.head.seq;
    let location =
        format!("/api/v1/packets/{}/ledger?after={}&limit=1", appended.packet, entry.saturating_sub(1));
    Ok(created(appended, location))
}

/// Tells what was appended, under the packet's new head.
pub(super) fn created(appended: Appended, location: String) -> Response {
    let head = appended.head.digest;
    let view = AppendedView::from(appended);
    let mut response = (StatusCode::CREATED, [(header::LOCATION, location)], Json(view)).into_response();
    listing::tag(response.headers_mut(), &head);
    response
}
