//! `POST /api/v1/packets`

use axum::extract::State;
use axum::response::Response;
use probity_core::event::Terms;
use probity_core::id::{PacketId, PrincipalId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::append;
use crate::api::extract::{Body, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::api::{ApiState, carry_out};
use crate::authz::WritePackets;
use crate::casework;
use crate::casework::view::{AppendedView, PacketIdText, PrincipalIdText, TermsSchema, sample};

/// What a packet begins with. The board policy and the subject map are those in force.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Opening {
    #[schema(example = "Shared production credential for the legacy broker")]
    title: String,
    /// What sort of exception it is.
    #[schema(example = "shared-credential")]
    exception: String,
    #[schema(value_type = TermsSchema)]
    terms: Terms,
    /// The approval owner: a person, and not the author.
    #[schema(value_type = PrincipalIdText)]
    owner: PrincipalId,
    /// The packet of a granted exception that this one goes on from; its dissent comes along.
    #[serde(default)]
    #[schema(value_type = Option<PacketIdText>)]
    renews: Option<PacketId>,
}

/// Open a packet
///
/// Its author is who asks. What follows is appended to its ledger.
#[utoipa::path(
    post, path = "/api/v1/packets", operation_id = "packet-open", tag = "packets",
    request_body(content = Opening, example = json!(sample::opening())),
    responses((status = 201, description = "It is open", body = AppendedView,
        headers(("Location" = String, description = "The packet"), ("ETag" = String, description = "Its head")),
        example = json!(sample::appended()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<WritePackets>,
    Query(NoQuery {}): Query<NoQuery>,
    Body(Opening { title, exception, terms, owner, renews }): Body<Opening>,
) -> Result<Response, Problem> {
    let casework = state.casework().clone();
    let opening = casework::Opening { title, exception, terms, owner, renews };
    let appended = carry_out(async move { Ok(casework.packet_open(&permit, opening).await?) }).await?;
    let location = format!("/api/v1/packets/{}", appended.packet);
    Ok(append::created(appended, location))
}
