//! `GET /api/v1/packets`

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use probity_core::id::PrincipalId;
use probity_core::readiness::Verdict;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::{self, PageLimit};
use crate::api::problem::Problem;
use crate::authz::ReadPackets;
use crate::casework::view::{PacketIdText, PacketRowView, PrincipalIdText, VerdictText, sample};
use crate::casework::{Listing, PacketQuery, Slice};

/// Which packets, and how many of them. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only with this verdict at their last entry.
    #[param(value_type = Option<VerdictText>)]
    state: Option<Verdict>,
    /// Only by this author.
    #[param(value_type = Option<PrincipalIdText>)]
    author: Option<PrincipalId>,
    /// Only of this approval owner.
    #[param(value_type = Option<PrincipalIdText>)]
    owner: Option<PrincipalId>,
    /// Words that all occur in title, author, owner or system, whatever their case.
    #[param(example = "payments bridge")]
    text: Option<String>,
    /// At most so many.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500, default = 50)]
    limit: PageLimit,
    /// Go on after this packet; see `next`.
    #[param(value_type = Option<PacketIdText>)]
    after: Option<String>,
}

/// Packets, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PacketList)]
pub struct PacketPage {
    items: Vec<PacketRowView>,
    /// The next page; null on the last.
    #[schema(example = "/api/v1/packets?state=held&after=019aab3c-6a10-7bb0-8000-1f4be5d0c004")]
    next: Option<String>,
}

/// Packets
///
/// Newest first, as each stood at its last entry. What evidence did since is in the readiness report.
#[utoipa::path(
    get, path = "/api/v1/packets", operation_id = "packet-list", tag = "packets",
    params(Parameters),
    responses((status = 200, description = "A page of them", body = PacketPage,
        headers(("Link" = String, description = "The next page, if there is one")),
        example = json!({"items": [sample::packet_row()], "next": null}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadPackets>,
    Query(Parameters { state: verdict, author, owner, text, limit, after }): Query<Parameters>,
    uri: Uri,
) -> Result<Response, Problem> {
    let query = PacketQuery {
        state: verdict.map(|verdict| verdict.as_str().to_owned()),
        author: author.map(|author| author.to_string()),
        owner: owner.map(|owner| owner.to_string()),
        text,
    };
    let slice = Slice { limit: limit.0, after };
    let Listing { items, next } = state.casework().packet_list(&permit, query, &slice).await?;
    let items = items.into_iter().map(PacketRowView::try_from).collect::<Result<Vec<_>, _>>()?;
    listing::respond(&uri, Listing { items, next }, |items, next| PacketPage { items, next })
}
