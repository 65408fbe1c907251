//! `GET /api/v1/metrics/evaluation`

use axum::Json;
use axum::extract::State;
use probity_core::measures::Measures;

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::{MeasuresSchema, sample};

/// The four measures
///
/// Over all packets: how long until they awaited signatures, how much of what agents drafted people corrected, whether ledger
/// and packet ever came apart, and what boards sent back.
#[utoipa::path(
    get, path = "/api/v1/metrics/evaluation", operation_id = "evaluation", tag = "packets",
    responses((status = 200, description = "The measures", body = MeasuresSchema, example = json!(sample::measures()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<Measures>, Problem> {
    Ok(Json(state.casework().evaluation(&permit).await?))
}
