//! `GET /api/v1/runs/{id}/manifest`

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use probity_core::id::RunId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::{self, Limit};
use crate::api::problem::Problem;
use crate::authz::ReadRuns;
use crate::casework::Slice;
use crate::casework::view::{ManifestPageView, RunIdText, sample};

/// How many pages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// At most so many pages of the run.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 50, default = 10)]
    limit: Limit<50, 10>,
    /// Go on after this page; see `next`.
    #[param(example = "findings:10")]
    after: Option<String>,
}

/// Pages of a run, in the order of their commits.
#[derive(Debug, Serialize, ToSchema)]
pub struct Manifest {
    items: Vec<ManifestPageView>,
    /// The next pages; null when there are none.
    #[schema(example = "/api/v1/runs/019aab3c-5c01-7bb0-8000-1f4be5d0c002/manifest?after=findings%3A10")]
    next: Option<String>,
}

/// Who was seen
///
/// The page manifests of a run: for every committed page, when it was made, the digest of its journal, who was
/// seen where, and what could not be read.
#[utoipa::path(
    get, path = "/api/v1/runs/{id}/manifest", operation_id = "run-manifest", tag = "runs",
    params(("id" = RunIdText, Path, description = "The run's id"), Parameters),
    responses((status = 200, description = "Some pages", body = Manifest,
        headers(("Link" = String, description = "The next pages, if there are any")),
        example = json!({"items": [sample::manifest_page()], "next": null}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadRuns>,
    Path(id): Path<RunId>,
    Query(Parameters { limit, after }): Query<Parameters>,
    uri: Uri,
) -> Result<Response, Problem> {
    let listing = state.casework().run_manifest(&permit, &id, &Slice { limit: limit.0, after }).await?;
    listing::respond(&uri, listing, |items, next| Manifest { items, next })
}
