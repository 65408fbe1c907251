//! `GET /api/v1/packets/{id}/filings`

use axum::Json;
use axum::extract::State;
use probity_core::id::PacketId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::CaseworkError;
use crate::casework::view::{FilingView, PacketIdText, sample};

/// A packet's filings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FilingList)]
pub struct Filings {
    /// Oldest first; one for each time it was handed off.
    items: Vec<FilingView>,
}

/// A packet's filings
///
/// Where each package that was handed off is on its way to the board's intake, and what stands in its way.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}/filings", operation_id = "packet-filings", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id")),
    responses((status = 200, description = "The filings", body = Filings,
        example = json!({"items": [sample::filing()]}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Path(id): Path<PacketId>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<Filings>, Problem> {
    let filings = state.casework().filing_list(&permit, &id).await?;
    let items = filings.into_iter().map(FilingView::try_from).collect::<Result<_, CaseworkError>>()?;
    Ok(Json(Filings { items }))
}
