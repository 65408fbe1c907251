//! `GET /api/v1/evidence/{id}`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use probity_core::id::EvidenceId;
use probity_core::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing;
use crate::api::problem::Problem;
use crate::authz::ReadEvidence;
use crate::casework::view::{EvidenceIdText, EvidenceView, InstantText, sample};

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// As it stood at this instant.
    #[param(value_type = Option<InstantText>)]
    at: Option<Instant>,
}

/// A piece of evidence with its history.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct EvidenceWithHistory {
    /// The revision that stands, or stood.
    evidence: EvidenceView,
    /// All revisions up to then, oldest first.
    revisions: Vec<EvidenceView>,
}

/// One piece of evidence
///
/// With all its revisions. The `ETag` changes with what is said here, freshness included.
#[utoipa::path(
    get, path = "/api/v1/evidence/{id}", operation_id = "evidence-get", tag = "evidence",
    params(("id" = EvidenceIdText, Path, description = "The evidence's id"), Parameters,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The evidence", body = EvidenceWithHistory,
            headers(("ETag" = String, description = "Digest of this answer")),
            example = json!({"evidence": sample::evidence(), "revisions": [sample::evidence()]})),
        (status = 304, description = "The caller's copy is still right"),
    ),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadEvidence>,
    Path(id): Path<EvidenceId>,
    Query(Parameters { at }): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let evidence = state.casework().evidence_get(&permit, &id, at).await?;
    let revisions = state.casework().evidence_revisions(&permit, &id, at).await?;
    listing::tagged(&headers, &EvidenceWithHistory { evidence, revisions })
}
