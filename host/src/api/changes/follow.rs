//! `GET /api/v1/events`

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use probity_core::instant::Instant;
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use utoipa::IntoParams;

use crate::api::ApiState;
use crate::api::extract::{Permit, Query};
use crate::api::problem::{Code, Problem};
use crate::api::serve::Closing;
use crate::authz::{Authorized, ReadChanges};
use crate::casework::view::InstantText;
use crate::store::changes::{Change, Changed};

/// The instant after which a client goes on that was cut off.
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// How often the database is asked. Other hosts write to it, too, so there is nothing to be told by.
const EVERY: Duration = Duration::from_secs(1);

/// How long an answer goes on. After that the client comes again, and whether it still may is asked anew.
const LONGEST: Duration = Duration::from_mins(10);

/// How many changes are read at once.
const AT_ONCE: u32 = 200;

/// Since when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// From the first change after this instant on; without it, from now on.
    #[param(value_type = Option<InstantText>)]
    after: Option<Instant>,
}

/// Follow changes
///
/// The feed of `/api/v1/changes` as server-sent events: `event` is the kind of change, `id` the instant it was recorded, `data`
/// the change. A client that was cut off sends the last `id` as `Last-Event-ID`, as browsers do by themselves, and misses nothing.
/// The answer ends after ten minutes; come again.
#[utoipa::path(
    get, path = "/api/v1/events", operation_id = "change-follow", tag = "changes",
    params(Parameters,
        ("Last-Event-ID" = Option<InstantText>, Header, description = "`id` of the last event received; goes before `after`")),
    responses((status = 200, description = "Events, until the client or the host ends it", body = String,
        content_type = "text/event-stream",
        example = json!("event: entry-appended\nid: 2026-11-22T21:29:10.02Z\ndata: {…}\n\n"))),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadChanges>,
    Query(Parameters { after }): Query<Parameters>,
    closing: Option<Extension<Closing>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = last_seen(&headers)?.or(after);
    let place = state.0.followers.join().ok_or_else(full)?;
    let casework = state.casework();
    let after = match after {
        Some(after) => after,
        None => casework.change_mark(&permit).await?,
    };
    // Asked once before answering, so that what is wrong is a problem and not a stream that ends.
    let (first, _) = casework.change_list(&permit, Some(after), AT_ONCE).await?;
    let closing = closing.map_or_else(CancellationToken::new, |Extension(Closing(closing))| closing);
    let following = Following { state, permit, closing, after, waiting: first.into_iter(), _place: place };
    let mut response = Sse::new(following.events()).keep_alive(KeepAlive::default()).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Somebody who follows.
struct Following {
    state: ApiState,
    permit: Authorized<ReadChanges>,
    closing: CancellationToken,
    after: Instant,
    waiting: std::vec::IntoIter<Change>,
    _place: OwnedSemaphorePermit,
}

impl Following {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        let deadline = Box::pin(tokio::time::sleep(LONGEST));
        futures::stream::unfold((self, deadline), |(mut following, mut deadline)| async move {
            let closing = following.closing.clone();
            let change = tokio::select! {
                () = closing.cancelled() => None,
                () = &mut deadline => None,
                change = following.next() => change,
            }?;
            Some((Ok(event(&change)), (following, deadline)))
        })
    }

    /// The next change, once there is one. `None` when the store cannot be read: the client comes again.
    async fn next(&mut self) -> Option<Change> {
        loop {
            if let Some(change) = self.waiting.next() {
                self.after = change.recorded;
                return Some(change);
            }
            let (more, _) =
                self.state.casework().change_list(&self.permit, Some(self.after), AT_ONCE).await.ok()?;
            if more.is_empty() {
                tokio::time::sleep(EVERY).await;
            }
            self.waiting = more.into_iter();
        }
    }
}

fn event(change: &Change) -> Event {
    let kind = match change.what {
        Changed::PageCommitted { .. } => "page-committed",
        Changed::RunEnded { .. } => "run-ended",
        Changed::EntryAppended { .. } => "entry-appended",
    };
    let event = Event::default().event(kind).id(change.recorded.to_string());
    // A change is names and numbers, which have a JSON form.
    event.json_data(change).unwrap_or_default()
}

fn last_seen(headers: &HeaderMap) -> Result<Option<Instant>, Problem> {
    let Some(value) = headers.get(LAST_EVENT) else { return Ok(None) };
    let seen = value.to_str().ok().and_then(|text| text.parse().ok());
    seen.map(Some).ok_or_else(|| {
        Problem::new(
            Code::Header,
            "`Last-Event-ID` is not the id of an event: those are instants.",
            "Send the `id` of the last event as it was received, or leave the header out.",
        )
    })
}

fn full() -> Problem {
    Problem::new(
        Code::Followers,
        "As many as may follow the changes do so already.",
        "Ask /api/v1/changes now and then instead, or try again later.",
    )
}
