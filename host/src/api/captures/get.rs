//! `GET /api/v1/captures/{digest}`

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_core::canonical::Digest;
use probity_core::evidence::Locator;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::ApiState;
use crate::api::extract::{Path, Permit, Query};
use crate::api::listing;
use crate::api::problem::{Code, Problem};
use crate::authz::ReadCaptures;
use crate::casework::Part;
use crate::casework::view::{CaptureSlice, DigestText};

/// Captures are whatever a source sent, so a browser may do nothing with them but keep them.
const SANDBOX: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/// Which part.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Parameters {
    /// Only the JSON value at this pointer (RFC 6901), byte for byte.
    #[param(example = "/results/3")]
    pointer: Option<String>,
    /// Only these lines, 1-based and inclusive: `3` or `3-7`.
    #[param(example = "3-7")]
    lines: Option<String>,
}

/// Raw bytes
///
/// A capture as it was kept, or the part that a citation names. Sent as a download of a harmless type, whatever
/// the source called it; the `ETag` of a whole capture is its digest.
#[utoipa::path(
    get, path = "/api/v1/captures/{digest}", operation_id = "capture-get", tag = "evidence",
    params(("digest" = DigestText, Path, description = "The capture's digest"), Parameters,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of an answer the caller still has")),
    responses(
        (status = 200, description = "The bytes", headers(("ETag" = String, description = "Digest of these bytes")),
            content(
                (Vec<u8> = "application/octet-stream"),
                (String = "application/json", example = json!("{\"id\": 412, \"severity\": \"High\"}")),
                (String = "text/plain; charset=utf-8", example = json!("Rotate the credential every 30 days."))
            )),
        (status = 304, description = "The caller's copy is still right"),
    ),
)]
pub async fn handler(
    State(state): State<ApiState>,
    Permit(permit): Permit<ReadCaptures>,
    Path(digest): Path<Digest>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let part = parameters.part()?;
    let slice = state.casework().capture_open(&permit, &digest, &part).await?;
    Ok(respond(&headers, slice))
}

impl Parameters {
    fn part(self) -> Result<Part, Problem> {
        match (self.pointer, self.lines) {
            (None, None) => Ok(Part::All),
            (Some(pointer), None) => Ok(Part::Cited(Locator::Pointer { pointer })),
            (None, Some(lines)) => {
                let (first, last) = listing::lines(&lines)?;
                Ok(Part::Cited(Locator::Lines { first, last }))
            }
            (Some(_), Some(_)) => Err(Problem::new(
                Code::Query,
                "A place is a pointer or lines, not both.",
                "Send `pointer` or `lines`.",
            )),
        }
    }
}

fn respond(asked: &HeaderMap, slice: CaptureSlice) -> Response {
    let media_type = harmless(slice.media_type.as_deref());
    let tag = Digest::of(&slice.bytes);
    let name = format!("attachment; filename=\"{}\"", slice.digest.hex());
    let mut response = match listing::is_known(asked, &tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => slice.bytes.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    listing::tag(headers, &tag);
    response
}

/// A type no browser makes anything of: never HTML, SVG, scripts or styles.
fn harmless(media_type: Option<&str>) -> &'static str {
    let essence =
        media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/json" => "application/json",
        json if json.starts_with("application/") && json.ends_with("+json") => "application/json",
        "text/plain" | "text/markdown" | "text/csv" | "application/yaml" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn nothing_is_served_as_something_a_browser_runs() {
        assert_eq!(harmless(Some("Application/JSON; charset=x")), "application/json");
        assert_eq!(harmless(Some("application/vnd.api+json")), "application/json");
        assert_eq!(harmless(Some("text/markdown")), "text/plain; charset=utf-8");
        for other in
            ["text/html", "image/svg+xml", "text/javascript", "text/css", "application/xhtml+xml", "", "x"]
        {
            assert_eq!(harmless(Some(other)), "application/octet-stream", "{other}");
        }
        assert_eq!(harmless(None), "application/octet-stream");
    }
}
