//! Packets: the loop over HTTP. There is one write, appending to the ledger, whose vocabulary is core's.

use axum::http::{HeaderMap, header};
use probity_core::canonical::Digest;
use probity_core::instant::Instant;
use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::{Code, Problem};
use crate::casework::view::InstantText;

pub(super) mod append;
pub(super) mod bundle;
pub(super) mod evidence;
pub(super) mod export;
pub(super) mod file_again;
pub(super) mod filings;
pub(super) mod get;
pub(super) mod ledger;
pub(super) mod list;
pub(super) mod open;
pub(super) mod readiness;
pub(super) mod statement;

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct At {
    /// As it stood at this instant.
    #[param(value_type = Option<InstantText>)]
    at: Option<Instant>,
}

/// The head that the sender of a command saw: one strong tag, as `ETag` gave it. A weak one, several, or `*` say nothing about
/// what was seen.
fn head_seen(headers: &HeaderMap) -> Result<Option<Digest>, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return if headers.contains_key(header::IF_MATCH) { Err(not_a_head()) } else { Ok(None) };
    };
    let tag = value.to_str().unwrap_or_default().trim();
    let digest = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    digest.and_then(|digest| digest.parse().ok()).map(Some).ok_or_else(not_a_head)
}

fn not_a_head() -> Problem {
    Problem::new(
        Code::Header,
        "`If-Match` names the one head that was seen, and this is not the tag of one.",
        "Send the `ETag` of the packet you looked at, as it was given: `If-Match: \"sha256:…\"`.",
    )
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::head_seen;

    const TAG: &str = "\"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"";

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::IF_MATCH, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn a_head_is_one_strong_tag() {
        assert_eq!(head_seen(&headers(&[])), Ok(None));
        let seen = head_seen(&headers(&[TAG])).unwrap().unwrap();
        assert_eq!(format!("\"{seen}\""), TAG);
        let (weak, two) = (format!("W/{TAG}"), format!("{TAG}, {TAG}"));
        for wrong in
            [&["*"][..], &[&weak], &[&two], &[TAG, TAG], &[TAG.trim_matches('"')], &["\"1\""], &[""], &["\""]]
        {
            assert!(head_seen(&headers(wrong)).is_err(), "{wrong:?}");
        }
    }
}
