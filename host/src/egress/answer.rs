//! From what arrived to what is handed in: redacted, without secrets, without headers that carry identity.
//!
//! After this nobody can get at what was taken out; the capture is made of what is left.

use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap};
use probity_core::connector::{Capture, Response};

use super::Egress;
use super::enforce::essence;
use super::error::EgressError;
use super::exchange::Arrived;
use super::redact::{NotJson, REDACTED};
use super::request::Outgoing;

/// Response headers that are never handed in: credentials and their echoes, and what described the body on
/// the wire, which is decoded and complete by now.
const DROPPED: [&str; 20] = [
    "authentication-info",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "set-cookie2",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
    "x-amz-security-token",
    "x-auth-token",
];

/// The host's own names, which no source may speak in.
const OURS: &str = "x-probity-";

/// A media type longer than this is not one.
const MAX_MEDIA_TYPE: usize = 127;

impl Egress {
    /// Makes an answer fit to be seen.
    pub(super) fn answer(&self, outgoing: &Outgoing<'_>, arrived: Arrived) -> Result<Response, EgressError> {
        let redaction = &outgoing.granted.redaction;
        let body = match redaction.apply(arrived.body) {
            Ok((body, _)) => body,
            // An error page in HTML is common, and its status says enough; what it holds is unknown.
            Err(NotJson) if !arrived.status.is_success() => REDACTED.as_bytes().to_vec(),
            Err(NotJson) => {
                return Err(EgressError::Redact { endpoint: outgoing.granted.endpoint.id.clone() });
            }
        };
        let (body, removed) = self.scrubber.scrub(body);
        // Both put more bytes in than they take out.
        if body.len() as u64 > self.limits.decoded {
            let limit = self.limits.decoded;
            return Err(EgressError::TooLarge { what: "a body, once redacted,", limit, unit: "bytes" });
        }
        if removed > 0 {
            tracing::warn!(
                connection = %self.connection, endpoint = %outgoing.granted.endpoint.id, removed,
                "The source echoed the credential; it was removed from the answer"
            );
        }
        let headers = self.headers(&arrived.headers);
        let media_type = headers.iter().find(|(name, _)| name == CONTENT_TYPE.as_str());
        let media_type = media_type.map(|(_, value)| essence(value));
        let is_one = |kind: &String| {
            (1..=MAX_MEDIA_TYPE).contains(&kind.len()) && kind.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let media_type = media_type.filter(is_one);
        Ok(Response {
            status: arrived.status.as_u16(),
            headers,
            body: Capture::new(body, media_type),
            url: outgoing.url.to_string(),
        })
    }

    fn headers(&self, arrived: &HeaderMap) -> Vec<(String, String)> {
        let named: Vec<String> = arrived
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let is_dropped = |name: &str| {
            DROPPED.contains(&name)
                || name.starts_with(OURS)
                || named.iter().any(|hop| hop == name)
                || self.scrubber.finds(name.as_bytes())
                || self
                    .origins
                    .values()
                    .any(|origin| origin.credential.as_ref().is_some_and(|(own, _)| own.as_str() == name))
        };
        let kept = arrived.iter().filter(|(name, _)| !is_dropped(name.as_str()));
        kept.map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.as_str().to_owned(), self.scrubber.scrub_text(&value))
        })
        .collect()
    }
}
