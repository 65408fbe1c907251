//! `POST /api/v1/queue/{submission}/decision`

use axum::Json;
use axum::extract::State;
use probity_core::event::BounceReason;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::extract::{Body, Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::api::{ApiState, carry_out};
use crate::authz::DecideQueue;
use crate::casework::BoardAct;
use crate::casework::view::{AppendedView, BoardDecisionSchema, SubmissionView, sample};

/// What the board does. Described in the vocabulary of the loop.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum BoardDecision {
    Accept {},
    Bounce { reasons: Vec<BounceReason> },
    Decide { decision: String, granted: bool },
}

impl From<BoardDecision> for BoardAct {
    fn from(decision: BoardDecision) -> Self {
        match decision {
            BoardDecision::Accept {} => Self::Accept,
            BoardDecision::Bounce { reasons } => Self::Bounce { reasons },
            BoardDecision::Decide { decision, granted } => Self::Decide { decision, granted },
        }
    }
}

/// What the board's decision did.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardDecided {
    /// As it stands now.
    submission: SubmissionView,
    /// What was written to the packet's ledger with it.
    appended: AppendedView,
}

/// Decide on a submission
///
/// Takes it up, sends it back with reasons, or decides on the exception. The queue and the packet's ledger change together or
/// not at all; of several who decide at once one is first.
#[utoipa::path(
    post, path = "/api/v1/queue/{submission}/decision", operation_id = "queue-decide", tag = "queue",
    params(("submission" = String, Path, description = "The submission's name", example = "019aab3c-6a10-7bb0-8000-1f4be5d0c004:42")),
    request_body(content = BoardDecisionSchema, example = json!({"kind": "bounce", "reasons": [
        {"rule": "requirements", "text": "The rollback of the broker is not addressed."}]})),
    responses((status = 200, description = "It is decided", body = BoardDecided,
        example = json!({"submission": sample::submission(), "appended": sample::appended()}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<DecideQueue>,
    Path(submission): Path<String>,
    Query(NoQuery {}): Query<NoQuery>,
    Body(decision): Body<BoardDecision>,
) -> Result<Json<BoardDecided>, Problem> {
    let casework = state.casework().clone();
    let (item, appended) =
        carry_out(async move { Ok(casework.queue_decide(&permit, &submission, decision.into()).await?) })
            .await?;
    Ok(Json(BoardDecided { submission: item.into(), appended: appended.into() }))
}
