//! Listings: pages by key, with a link to the next.
//!
//! A place in a listing is the id after which to go on, so rows that come in meanwhile are neither
//! skipped nor shown twice.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use probity_core::canonical::{self, Digest};
use serde::{Deserialize, Serialize};

use super::problem::{Code, Problem};
use crate::casework::{Listing, Slice};

/// How many are listed when nobody says.
pub(super) const DEFAULT_LIMIT: u32 = 50;

/// `limit` as it was asked for, if it is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(super) struct Limit<const MAX: u32, const DEFAULT: u32>(pub u32);

impl<const MAX: u32, const DEFAULT: u32> Default for Limit<MAX, DEFAULT> {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl<const MAX: u32, const DEFAULT: u32> TryFrom<u32> for Limit<MAX, DEFAULT> {
    type Error = String;

    fn try_from(limit: u32) -> Result<Self, String> {
        if (1..=MAX).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(format!("limit is 1 to {MAX}, not {limit}"))
        }
    }
}

/// The limit of most listings.
pub(super) type PageLimit = Limit<{ Slice::MAX }, DEFAULT_LIMIT>;

/// Writes a listing with its `next` link, in the body and as `Link` (RFC 8288).
pub(super) fn respond<T, V: Serialize>(
    uri: &Uri,
    listing: Listing<T>,
    view: impl FnOnce(Vec<T>, Option<String>) -> V,
) -> Result<Response, Problem> {
    let next = listing.next.map(|after| next_link(uri, &after));
    let link = next.as_ref().map(|next| HeaderValue::try_from(format!("<{next}>; rel=\"next\"")));
    let mut response = Json(view(listing.items, next)).into_response();
    match link {
        None => {}
        Some(Ok(link)) => {
            response.headers_mut().insert(header::LINK, link);
        }
        Some(Err(_)) => return Err(Problem::internal()),
    }
    Ok(response)
}

/// The same request, going on after `after`.
fn next_link(uri: &Uri, after: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(pairs.filter(|(name, _)| name != "after"));
    query.append_pair("after", after);
    format!("{}?{}", uri.path(), query.finish())
}

/// No parameters: whatever is sent is refused.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoQuery {}

/// Answers with a value and the digest of what is sent, or with nothing when the caller has that already.
pub(super) fn tagged(asked: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| unwritable(&error))?;
    Ok(as_is(asked, &Digest::of(&bytes), "application/json", bytes))
}

/// The same under a tag that is not the digest of what is sent, but changes with it.
pub(super) fn versioned(
    asked: &HeaderMap,
    tag: &Digest,
    value: &impl Serialize,
) -> Result<Response, Problem> {
    let bytes = serde_json::to_vec(value).map_err(|error| unwritable(&error))?;
    Ok(as_is(asked, tag, "application/json", bytes))
}

/// The same in canonical JSON (RFC 8785): the same value is the same bytes, wherever it is written.
pub(super) fn canonical(asked: &HeaderMap, value: &impl Serialize) -> Result<Response, Problem> {
    let bytes = canonical::bytes(value).map_err(|error| unwritable(&error))?;
    Ok(as_is(asked, &Digest::of(&bytes), "application/json", bytes))
}

/// Answers with these bytes under a tag, or with nothing when the caller has that already.
pub(super) fn as_is(asked: &HeaderMap, tag: &Digest, media_type: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = match is_known(asked, tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => bytes.into_response(),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    self::tag(response.headers_mut(), tag);
    response
}

fn unwritable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error, "an answer could not be written");
    Problem::internal()
}

/// Whether the caller says it has exactly these bytes (RFC 9110, section 13.1.2).
pub(super) fn is_known(asked: &HeaderMap, digest: &Digest) -> bool {
    let tag = format!("\"{digest}\"");
    let mut tags = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.any(|tags| {
        tags.split(',').map(str::trim).any(|known| known.trim_start_matches("W/") == tag || known == "*")
    })
}

/// Says which bytes these are. They may be kept, but not used without asking whether the caller still may.
pub(super) fn tag(headers: &mut HeaderMap, digest: &Digest) {
    if let Ok(tag) = HeaderValue::try_from(format!("\"{digest}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
}

/// Reads a line or a range of lines: `3` or `3-7`.
pub(super) fn lines(text: &str) -> Result<(u32, u32), Problem> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) => Ok((first, last)),
        _ => Err(Problem::new(
            Code::Query,
            "`lines` is not a line or a range of lines.",
            "Write `lines=3` or `lines=3-7`.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::next_link;

    #[test]
    fn the_next_link_keeps_the_question_and_replaces_the_place() {
        let uri = "/api/v1/evidence?text=a%26b+c&after=old&limit=2".parse().unwrap();
        assert_eq!(next_link(&uri, "new"), "/api/v1/evidence?text=a%26b+c&limit=2&after=new");
    }
}
