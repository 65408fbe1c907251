//! `GET /api/v1/queue/{submission}`

use axum::Json;
use axum::extract::State;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::authz::ReadQueue;
use crate::casework::view::{SubmissionView, sample};

/// One submission
///
/// How it stands with the board.
#[utoipa::path(
    get, path = "/api/v1/queue/{submission}", operation_id = "queue-get", tag = "queue",
    params(("submission" = String, Path, description = "Packet id, a colon, and the number of the entry that handed it off",
        example = "019aab3c-6a10-7bb0-8000-1f4be5d0c004:42")),
    responses((status = 200, description = "The submission", body = SubmissionView, example = json!(sample::submission()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadQueue>,
    Path(submission): Path<String>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<SubmissionView>, Problem> {
    Ok(Json(state.casework().queue_get(&permit, &submission).await?.into()))
}
