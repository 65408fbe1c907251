//! `GET /api/v1/connections`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadConnections;
use crate::casework::view::{ConnectionView, sample};

/// Connections.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectionList)]
pub struct Connections {
    items: Vec<ConnectionView>,
}

/// Connections
///
/// Every configured connection with its grant and its latest run. There are few; the list has one page.
#[utoipa::path(
    get, path = "/api/v1/connections", operation_id = "connection-list", tag = "connections",
    responses((status = 200, description = "All of them", body = Connections,
        example = json!({"items": [sample::connection()]}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadConnections>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<Connections>, Problem> {
    let items = state.casework().connection_list(&permit).await?;
    Ok(Json(Connections { items }))
}
