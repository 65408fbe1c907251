//! `GET /metrics`

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::api::ApiState;
use crate::api::extract::Permit;
use crate::api::problem::Problem;
use crate::authz::ReadMetrics;

/// Counters
///
/// In Prometheus' text format. Labels are routes, methods and statuses, never ids.
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "operations",
    responses((status = 200, description = "All of them", body = String,
        content_type = "text/plain; version=0.0.4; charset=utf-8",
        example = json!("# HELP probity_runs_open Runs under way.\n# TYPE probity_runs_open gauge\nprobity_runs_open 0\n"))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadMetrics>,
) -> Result<impl IntoResponse, Problem> {
    let open_runs = state.casework().runs_open(&permit).await?;
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((content_type, state.0.metrics.render(open_runs)))
}
