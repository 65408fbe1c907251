//! `GET /api/v1/connections/{name}`

use axum::Json;
use axum::extract::State;
use probity_core::id::ConnectionName;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadConnections;
use crate::casework::view::{ConnectionNameText, ConnectionView, sample};

/// One connection
///
/// What the operator configured, without credentials. Its grant is all that it can reach.
#[utoipa::path(
    get, path = "/api/v1/connections/{name}", operation_id = "connection-get", tag = "connections",
    params(("name" = ConnectionNameText, Path, description = "The connection's name")),
    responses((status = 200, description = "The connection", body = ConnectionView,
        example = json!(sample::connection()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadConnections>,
    Path(name): Path<ConnectionName>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<ConnectionView>, Problem> {
    Ok(Json(state.casework().connection_get(&permit, &name).await?))
}
