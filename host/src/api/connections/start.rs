//! `POST /api/v1/connections/{name}/runs`

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_core::id::{ConnectionName, RunId, StreamId};
use probity_core::run::Mode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::extract::{Body, Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::api::{ApiState, carry_out};
use crate::authz;
use crate::casework::RunRequest;
use crate::casework::view::{ConnectionNameText, ModeText, RunIdText, StreamIdText};

/// Which streams to read, and how. An empty object, or no body, reads all of them.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StartRun {
    /// All of the connection's, unless some are named.
    #[serde(default)]
    #[schema(value_type = Vec<StreamIdText>, required = false)]
    streams: Vec<StreamId>,
    /// Incremental where a bookmark allows it, unless one is asked for.
    #[serde(default)]
    #[schema(value_type = Option<ModeText>)]
    mode: Option<Mode>,
}

/// A run that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Started {
    #[schema(value_type = RunIdText)]
    run: RunId,
    /// Where its progress can be seen.
    #[schema(example = "/api/v1/runs/019aab3c-5c01-7bb0-8000-1f4be5d0c002")]
    href: String,
}

/// Collect from a connection
///
/// Begins a run and answers once it is recorded; collecting goes on in the background. A connection is
/// collected by one run at a time, so asking twice is safe: the second is refused with `connection.busy`.
#[utoipa::path(
    post, path = "/api/v1/connections/{name}/runs", operation_id = "run-start", tag = "connections",
    params(("name" = ConnectionNameText, Path, description = "The connection's name")),
    request_body(content = Option<StartRun>, example = json!({"streams": ["findings"], "mode": "full"})),
    responses((status = 202, description = "It has begun", body = Started,
        headers(("Location" = String, description = "Where its progress can be seen")),
        example = json!({"run": "019aab3c-5c01-7bb0-8000-1f4be5d0c002",
            "href": "/api/v1/runs/019aab3c-5c01-7bb0-8000-1f4be5d0c002"}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<authz::StartRun>,
    Path(name): Path<ConnectionName>,
    Query(NoQuery {}): Query<NoQuery>,
    body: Option<Body<Option<StartRun>>>,
) -> Result<Response, Problem> {
    let StartRun { streams, mode } = body.and_then(|Body(body)| body).unwrap_or_default();
    let casework = state.casework().clone();
    let request = RunRequest { streams, mode };
    let run = carry_out(async move { Ok(casework.run_start(&permit, &name, request).await?) }).await?;
    let href = format!("/api/v1/runs/{run}");
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, href.clone())], Json(Started { run, href }))
        .into_response())
}
