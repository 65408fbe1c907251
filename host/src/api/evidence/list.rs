//! `GET /api/v1/evidence`

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use probity_core::evidence::Kind;
use probity_core::id::{ConnectionName, StreamId};
use probity_core::instant::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::{self, PageLimit};
use crate::api::problem::Problem;
use crate::authz::ReadEvidence;
use crate::casework::view::{
    ConnectionNameText, EvidenceIdText, EvidenceView, InstantText, KindText, StreamIdText, sample,
};
use crate::casework::{EvidenceQuery, Slice};

/// Which evidence, as of when, and how much of it. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only of this kind.
    #[param(value_type = Option<KindText>)]
    kind: Option<Kind>,
    /// Only about this subject.
    #[param(example = "service:payments-bridge")]
    subject: Option<String>,
    /// Only from this connection.
    #[param(value_type = Option<ConnectionNameText>)]
    connection: Option<ConnectionName>,
    /// Only of this stream.
    #[param(value_type = Option<StreamIdText>)]
    stream: Option<StreamId>,
    /// Only where the body says it stands so: `open`, `succeeded`, …
    #[param(example = "open")]
    state: Option<String>,
    /// Words that all occur in title, summary or the source's id, whatever their case.
    #[param(example = "broker credential")]
    text: Option<String>,
    /// Only what is fresh, or only what is not.
    fresh: Option<bool>,
    /// Also what is no longer in its source.
    #[serde(default)]
    #[param(required = false, default = false)]
    absent: bool,
    /// As it stood at this instant.
    #[param(value_type = Option<InstantText>)]
    at: Option<Instant>,
    /// At most so many.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500, default = 50)]
    limit: PageLimit,
    /// Go on after this piece of evidence; see `next`.
    #[param(value_type = Option<EvidenceIdText>)]
    after: Option<String>,
}

/// Evidence, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = EvidenceList)]
pub struct EvidencePage {
    items: Vec<EvidenceView>,
    /// The next page; null on the last.
    #[schema(example = "/api/v1/evidence?kind=finding&after=019aab3c-5d10-7aa0-8000-1f4be5d0c001")]
    next: Option<String>,
    /// The instant this was answered for, on the database's clock.
    #[schema(value_type = InstantText)]
    as_of: Instant,
}

/// Evidence
///
/// The revision of each that stands, or stood `at` an instant; oldest evidence first. Evidence that is absent
/// from its source is left out unless asked for.
#[utoipa::path(
    get, path = "/api/v1/evidence", operation_id = "evidence-list", tag = "evidence",
    params(Parameters),
    responses((status = 200, description = "A page of it", body = EvidencePage,
        headers(("Link" = String, description = "The next page, if there is one")),
        example = json!({"items": [sample::evidence()], "next": null, "as-of": "2026-11-22T21:30:00Z"}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadEvidence>,
    Query(parameters): Query<Parameters>,
    uri: Uri,
) -> Result<Response, Problem> {
    let (query, slice) = parameters.split();
    let (listing, as_of) = state.casework().evidence_list(&permit, query, &slice).await?;
    listing::respond(&uri, listing, |items, next| EvidencePage { items, next, as_of })
}

impl Parameters {
    fn split(self) -> (EvidenceQuery, Slice) {
        let Self { kind, subject, connection, stream, state, text, fresh, absent, at, limit, after } = self;
        let query = EvidenceQuery { kind, subject, connection, stream, state, text, fresh, absent, at };
        (query, Slice { limit: limit.0, after })
    }
}
