//! `GET /api/v1/evidence/{id}/trace`

use axum::Json;
use axum::extract::State;
use probity_core::id::EvidenceId;
use probity_core::instant::Instant;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::Limit;
use crate::api::problem::Problem;
use crate::authz::ReadEvidence;
use crate::casework::TraceQuery;
use crate::casework::view::{EvidenceIdText, InstantText, TraceView, sample};

/// Which revision, as of when, and how many sightings.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// This revision; without it, the one that stands or stood.
    #[param(minimum = 1)]
    revision: Option<u32>,
    /// As it stood at this instant.
    #[param(value_type = Option<InstantText>)]
    at: Option<Instant>,
    /// At most so many sightings, latest first.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 20, default = 3)]
    limit: Limit<{ TraceQuery::MAX_SIGHTINGS }, 3>,
}

/// The way back
///
/// From a revision to where it was seen: the run, the page and its journal, the connector, and for every citation the
/// capture, the place, the words that stand there, and what was asked to get them.
#[utoipa::path(
    get, path = "/api/v1/evidence/{id}/trace", operation_id = "evidence-trace", tag = "evidence",
    params(("id" = EvidenceIdText, Path, description = "The evidence's id"), Parameters),
    responses((status = 200, description = "The way back", body = TraceView, example = json!(sample::trace()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadEvidence>,
    Path(id): Path<EvidenceId>,
    Query(Parameters { revision, at, limit }): Query<Parameters>,
) -> Result<Json<TraceView>, Problem> {
    let query = TraceQuery { revision, at, limit: limit.0 };
    Ok(Json(state.casework().evidence_trace(&permit, &id, &query).await?))
}
