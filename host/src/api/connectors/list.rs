//! `GET /api/v1/connectors`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadConnections;
use crate::casework::view::{ConnectorView, sample};

/// Connectors.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConnectorList)]
pub struct Connectors {
    items: Vec<ConnectorView>,
}

/// Connectors
///
/// Every connector this host ever loaded, with all that it could ever ask for. There are few; the list has one page.
#[utoipa::path(
    get, path = "/api/v1/connectors", operation_id = "connector-list", tag = "connectors",
    responses((status = 200, description = "All of them", body = Connectors,
        example = json!({"items": [sample::connector()]}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadConnections>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<Connectors>, Problem> {
    let items = state.casework().connector_list(&permit).await?;
    Ok(Json(Connectors { items }))
}
