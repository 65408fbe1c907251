//! `GET /api/v1/changes`

use axum::Json;
use axum::extract::State;
use probity_core::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::PageLimit;
use crate::api::problem::Problem;
use crate::authz::ReadChanges;
use crate::casework::view::{ChangeSchema, InstantText, sample};
use crate::store::changes::Change;

/// Since when, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only what was recorded after this instant; without it, from the beginning.
    #[param(value_type = Option<InstantText>)]
    after: Option<Instant>,
    /// At most so many.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500, default = 50)]
    limit: PageLimit,
}

/// Changes, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChangeList)]
pub struct Changes {
    #[schema(value_type = Vec<ChangeSchema>)]
    items: Vec<Change>,
    /// Ask for what came after this, now or later: it is the last change here, or the instant that was asked about.
    #[schema(value_type = Option<InstantText>)]
    next: Option<Instant>,
    /// Whether more is there already.
    more: bool,
}

/// Changes
///
/// Everything recorded, in the one order of database time: pages of evidence, ends of runs, ledger entries. Every change has an
/// instant of its own, so asking for what came after the last one misses nothing and repeats nothing.
#[utoipa::path(
    get, path = "/api/v1/changes", operation_id = "change-list", tag = "changes",
    params(Parameters),
    responses((status = 200, description = "What was recorded", body = Changes,
        example = json!({"items": [sample::change()], "next": "2026-11-22T21:29:10.02Z", "more": false}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadChanges>,
    Query(Parameters { after, limit }): Query<Parameters>,
) -> Result<Json<Changes>, Problem> {
    let (items, more) = state.casework().change_list(&permit, after, limit.0).await?;
    let next = items.last().map(|change| change.recorded).or(after);
    Ok(Json(Changes { items, next, more }))
}
