//! `GET /api/v1/packets/{id}/ledger`

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use probity_core::id::PacketId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing::{self, PageLimit};
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::{EntryRecordSchema, PacketIdText, sample};
use crate::casework::{EntryRecord, Slice};

/// How many entries, and after which.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// At most so many.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500, default = 50)]
    limit: PageLimit,
    /// Go on after the entry of this number; see `next`.
    #[param(example = "42")]
    after: Option<String>,
}

/// Entries of a ledger, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntryList)]
pub struct EntryPage {
    #[schema(value_type = Vec<EntryRecordSchema>)]
    items: Vec<EntryRecord>,
    /// The next page; null on the last.
    #[schema(example = "/api/v1/packets/019aab3c-6a10-7bb0-8000-1f4be5d0c004/ledger?after=50")]
    next: Option<String>,
}

/// A packet's ledger
///
/// Oldest entry first. Each entry's hash is the SHA-256 of its canonical JSON (RFC 8785), and each names the one before.
#[utoipa::path(
    get, path = "/api/v1/packets/{id}/ledger", operation_id = "packet-ledger", tag = "packets",
    params(("id" = PacketIdText, Path, description = "The packet's id"), Parameters),
    responses((status = 200, description = "A page of it", body = EntryPage,
        headers(("Link" = String, description = "The next page, if there is one")),
        example = json!({"items": [sample::entry_record()], "next": null}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Path(id): Path<PacketId>,
    Query(Parameters { limit, after }): Query<Parameters>,
    uri: Uri,
) -> Result<Response, Problem> {
    let slice = Slice { limit: limit.0, after };
    let listing = state.casework().packet_ledger(&permit, &id, &slice).await?;
    listing::respond(&uri, listing, |items, next| EntryPage { items, next })
}
