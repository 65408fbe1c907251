//! `POST /api/v1/evidence/lookup`

use axum::Json;
use axum::extract::State;
use probity_core::id::EvidenceId;
use probity_core::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::ApiState;
use crate::api::extract::{Body, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::{Code, Problem};
use crate::authz::ReadEvidence;
use crate::casework::Found as FoundEvidence;
use crate::casework::view::{EvidenceIdText, EvidenceView, InstantText, sample};

/// Ids of one lookup: what a large packet cites in a few requests.
const MAX_IDS: usize = 200;

/// Which evidence, as of when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lookup {
    #[schema(value_type = Vec<EvidenceIdText>, min_items = 1, max_items = 200)]
    ids: Vec<EvidenceId>,
    /// As it stood at this instant.
    #[serde(default)]
    #[schema(value_type = Option<InstantText>)]
    at: Option<Instant>,
}

/// What is known of what was asked for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Found {
    /// In the order asked for.
    found: Vec<EvidenceView>,
    /// What is not known, or was not yet.
    #[schema(value_type = Vec<EvidenceIdText>)]
    missing: Vec<EvidenceId>,
    /// The instant this was answered for, on the database's clock.
    #[schema(value_type = InstantText)]
    as_of: Instant,
}

/// Look evidence up
///
/// Several by their ids at one instant, absent evidence included.
#[utoipa::path(
    post, path = "/api/v1/evidence/lookup", operation_id = "evidence-lookup", tag = "evidence",
    request_body(content = Lookup, example = json!({"ids": ["019aab3c-5d10-7aa0-8000-1f4be5d0c001"]})),
    responses((status = 200, description = "What was found", body = Found,
        example = json!({"found": [sample::evidence()], "missing": [], "as-of": "2026-11-22T21:30:00Z"}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadEvidence>,
    Query(NoQuery {}): Query<NoQuery>,
    Body(Lookup { ids, at }): Body<Lookup>,
) -> Result<Json<Found>, Problem> {
    if !(1..=MAX_IDS).contains(&ids.len()) {
        let detail = format!("A lookup takes 1 to {MAX_IDS} ids, not {}.", ids.len());
        return Err(Problem::new(Code::Body, detail, "Ask several times, or list with a filter."));
    }
    let FoundEvidence { found, missing, as_of } = state.casework().evidence_lookup(&permit, &ids, at).await?;
    Ok(Json(Found { found, missing, as_of }))
}
