//! `POST /api/v1/packets/{id}/filings/{submission}/again`

use axum::Json;
use axum::extract::State;
use probity_core::id::PacketId;

use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::NoQuery;
use crate::api::problem::Problem;
use crate::api::{ApiState, carry_out};
use crate::authz::WritePackets;
use crate::casework::view::{FilingView, PacketIdText, sample};

/// File again
///
/// Takes up a filing that stopped (`refused`, `needs-human`) once its cause is mended. The intake is searched for the submission
/// first, so nothing is filed twice. The packet's author and owner may; a filing that goes on by itself is left as it is.
#[utoipa::path(
    post, path = "/api/v1/packets/{id}/filings/{submission}/again", operation_id = "packet-file-again", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"),
        ("submission" = String, Path, description = "The submission's name", example = "019aab3c-6a10-7bb0-8000-1f4be5d0c004:42")),
    responses((status = 200, description = "The filing as it stands now", body = FilingView, example = json!(sample::filing()))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<WritePackets>,
    Path((id, submission)): Path<(PacketId, String)>,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Json<FilingView>, Problem> {
    let casework = state.casework().clone();
    let filing =
        carry_out(async move { Ok(casework.filing_again(&permit, &id, &submission).await?) }).await?;
    Ok(Json(filing.try_into()?))
}
