//! `GET /api/v1/runs`

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use probity_core::id::ConnectionName;
use probity_core::run::RunState;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::{self, PageLimit};
use crate::api::problem::Problem;
use crate::authz::ReadRuns;
use crate::casework::view::{ConnectionNameText, RunIdText, RunStateText, RunView, sample};
use crate::casework::{RunQuery, Slice};

/// Which runs, and how many.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only of this connection.
    #[param(value_type = Option<ConnectionNameText>)]
    connection: Option<ConnectionName>,
    /// Only in this state.
    #[param(value_type = Option<RunStateText>)]
    state: Option<RunState>,
    /// At most so many.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500, default = 50)]
    limit: PageLimit,
    /// Go on after this run; see `next`.
    #[param(value_type = Option<RunIdText>)]
    after: Option<String>,
}

/// Runs, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RunList)]
pub struct Runs {
    items: Vec<RunView>,
    /// The next page; null on the last.
    #[schema(example = "/api/v1/runs?after=019aab3c-5c01-7bb0-8000-1f4be5d0c002")]
    next: Option<String>,
}

/// Runs
///
/// Newest first.
#[utoipa::path(
    get, path = "/api/v1/runs", operation_id = "run-list", tag = "runs",
    params(Parameters),
    responses((status = 200, description = "A page of them", body = Runs,
        headers(("Link" = String, description = "The next page, if there is one")),
        example = json!({"items": [sample::run()], "next": null}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadRuns>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
) -> Result<Response, Problem> {
    let Parameters { connection, state: run_state, limit, after } = parameters;
    let query = RunQuery { connection, state: run_state };
    let listing = state.casework().run_list(&permit, query, &Slice { limit: limit.0, after }).await?;
    listing::respond(&uri, listing, |items, next| Runs { items, next })
}
