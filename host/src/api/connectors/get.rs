//! `GET /api/v1/connectors/{digest}`

use axum::Json;
use axum::extract::State;
use probity_core::canonical::Digest;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadConnections;
use crate::casework::view::{ConnectorView, DigestText, sample};

/// One connector
///
/// By the digest of its component: what it says about itself, which is all that it could ever do.
#[utoipa::path(
    get, path = "/api/v1/connectors/{digest}", operation_id = "connector-get", tag = "connectors",
    params(("digest" = DigestText, Path, description = "The component's digest")),
    responses((status = 200, description = "The connector", body = ConnectorView,
        example = json!(sample::connector()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadConnections>,
    Path(digest): Path<Digest>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<ConnectorView>, Problem> {
    Ok(Json(state.casework().connector_get(&permit, &digest).await?))
}
