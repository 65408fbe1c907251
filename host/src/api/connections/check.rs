//! `POST /api/v1/connections/{name}/check`

use axum::Json;
use axum::extract::State;
use probity_core::id::ConnectionName;

use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::api::{ApiState, carry_out};
use crate::authz::CheckConnection;
use crate::casework::view::{CheckView, ConnectionNameText, sample};

/// Check a connection
///
/// Asks the source, with the connection's credential, whether the connection works. That it does not is an
/// answer, too: `works` is false and `failure` says why. Nothing is collected.
#[utoipa::path(
    post, path = "/api/v1/connections/{name}/check", operation_id = "connection-check", tag = "connections",
    params(("name" = ConnectionNameText, Path, description = "The connection's name")),
    responses((status = 200, description = "What works, and what does not", body = CheckView,
        example = json!(sample::check()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<CheckConnection>,
    Path(name): Path<ConnectionName>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<CheckView>, Problem> {
    let casework = state.casework().clone();
    let check = carry_out(async move { Ok(casework.connection_check(&permit, &name).await?) }).await?;
    Ok(Json(check))
}
