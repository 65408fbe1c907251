//! `GET /readyz`

use axum::extract::State;

use crate::api::ApiState;
use crate::api::problem::Problem;

/// Ready
///
/// The store answers.
#[utoipa::path(
    get, path = "/readyz", operation_id = "readyz", tag = "operations",
    responses((status = 200, description = "It does", body = String, content_type = "text/plain; charset=utf-8",
        example = json!("ready\n"))),
)]
pub async fn handler(State(state): State<ApiState>) -> Result<&'static str, Problem> {
    state.casework().is_ready().await?;
    Ok("ready\n")
}
