//! `GET /api/v1/queue`

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use probity_core::id::PacketId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::listing::{self, PageLimit};
use crate::api::problem::Problem;
use crate::authz::ReadQueue;
use crate::casework::view::{PacketIdText, QueueStateText, SubmissionView, sample};
use crate::casework::{Listing, Slice};
use crate::store::handoff::{QueueFilter, QueueState};

/// Which submissions, and how many of them. Everything given must hold.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only those that stand so.
    #[param(value_type = Option<QueueStateText>)]
    state: Option<QueueState>,
    /// Only those of this packet.
    #[param(value_type = Option<PacketIdText>)]
    packet: Option<PacketId>,
    /// At most so many.
    #[serde(default)]
    #[param(value_type = u32, required = false, minimum = 1, maximum = 500, default = 50)]
    limit: PageLimit,
    /// Go on after this submission; see `next`.
    #[param(example = "019aab3c-6a10-7bb0-8000-1f4be5d0c004:42")]
    after: Option<String>,
}

/// Submissions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubmissionList)]
pub struct Submissions {
    items: Vec<SubmissionView>,
    /// The next page; null on the last.
    #[schema(example = "/api/v1/queue?state=received&after=019aab3c-6a10-7bb0-8000-1f4be5d0c004%3A42")]
    next: Option<String>,
}

/// The intake queue
///
/// Packages that were handed off to the board that works with this host, in order of packet and entry.
#[utoipa::path(
    get, path = "/api/v1/queue", operation_id = "queue-list", tag = "queue",
    params(Parameters),
    responses((status = 200, description = "A page of it", body = Submissions,
        headers(("Link" = String, description = "The next page, if there is one")),
        example = json!({"items": [sample::submission()], "next": null}))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadQueue>,
    Query(Parameters { state: stands, packet, limit, after }): Query<Parameters>,
    uri: Uri,
) -> Result<Response, Problem> {
    let filter = QueueFilter { state: stands, packet };
    let slice = Slice { limit: limit.0, after };
    let Listing { items, next } = state.casework().queue_list(&permit, &filter, &slice).await?;
    let items = items.into_iter().map(SubmissionView::from).collect();
    listing::respond(&uri, Listing { items, next }, |items, next| Submissions { items, next })
}
