//! `GET /api/v1/runs/{id}`

use axum::Json;
use axum::extract::State;
use probity_core::id::RunId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadRuns;
use crate::casework::view::{RunGapView, RunIdText, RunView, sample};

/// A run with what it could not read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RunWithGaps {
    run: RunView,
    /// In the order they were told; the first 200. The run's manifest has them all.
    gaps: Vec<RunGapView>,
}

/// One run
///
/// How far each stream came, and what could not be read.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}", operation_id = "run-get", tag = "runs",
    params(("id" = RunIdText, Path, description = "The run's id")),
    responses((status = 200, description = "The run", body = RunWithGaps,
        example = json!({"run": sample::run(), "gaps": [sample::gap()]}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadRuns>,
    Path(id): Path<RunId>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<RunWithGaps>, Problem> {
    let detail = state.casework().run_get(&permit, &id).await?;
    Ok(Json(RunWithGaps { run: detail.run, gaps: detail.gaps }))
}
