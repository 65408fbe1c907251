//! Errors as they are told: problem+json (RFC 9457) with a stable code and what to change.
//!
//! [`Code`] is the one place that knows status codes. What went wrong inside (SQL, paths, chains of
//! causes) is logged here, once, and not told.

use std::borrow::Cow;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use probity_core::decide::Refusal;
use probity_core::ledger::Head;
use serde::Serialize;
use utoipa::ToSchema;

use crate::authz::{Denied, Unidentified};
use crate::casework::CaseworkError;
use crate::casework::view::{HeadSchema, RefusalSchema};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $status:ident, $title:literal;)*) => {
        /// What can be wrong with a request, or with answering it. Codes are never reused for something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])* $name,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The status it is told with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$name => StatusCode::$status,)* }
            }

            /// The same sentence for every problem of this code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    Query = "request.query", BAD_REQUEST, "The query cannot be understood";
    Header = "request.header", BAD_REQUEST, "A header cannot be understood";
    Path = "request.path", BAD_REQUEST, "The address cannot be understood";
    Syntax = "request.syntax", BAD_REQUEST, "The body is not JSON";
    Body = "request.body", UNPROCESSABLE_ENTITY, "The body says something that cannot be done";
    MediaType = "request.media-type", UNSUPPORTED_MEDIA_TYPE, "The body is of another type";
    TooLarge = "request.too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    Future = "request.future", BAD_REQUEST, "The instant has not come yet";
    NoRoute = "request.no-route", NOT_FOUND, "There is nothing at this address";
    Method = "request.method", METHOD_NOT_ALLOWED, "This address does not answer to that method";
    Host = "request.host", MISDIRECTED_REQUEST, "The request is meant for another host";
    Origin = "request.origin", FORBIDDEN, "The request comes from another site";
    Unauthenticated = "auth.token", UNAUTHORIZED, "The caller is not known";
    Denied = "auth.denied", FORBIDDEN, "The caller may not do this";
    UnknownConnector = "connector.unknown", NOT_FOUND, "There is no such connector";
    UnknownConnection = "connection.unknown", NOT_FOUND, "There is no such connection";
    Unusable = "connection.unusable", CONFLICT, "The connection cannot be collected";
    Busy = "connection.busy", CONFLICT, "The connection is being collected";
    UnknownStream = "stream.unknown", UNPROCESSABLE_ENTITY, "The connection has no such stream";
    UnknownRun = "run.unknown", NOT_FOUND, "There is no such run";
    UnknownPacket = "packet.unknown", NOT_FOUND, "There is no such packet";
    UnknownDocument = "document.unknown", NOT_FOUND, "There is no such policy or subject map";
    NoBoard = "packet.no-board", CONFLICT, "This host keeps no board policy";
    People = "people.refused", UNPROCESSABLE_ENTITY, "This does not go with who is known and who holds which key";
    Refused = "packet.refused", UNPROCESSABLE_ENTITY, "The rules of the loop do not let this happen";
    NotYours = "packet.not-yours", FORBIDDEN, "The caller may not do this to this packet";
    HeadWanted = "packet.head-wanted", PRECONDITION_REQUIRED, "A command names the head its sender saw";
    Moved = "packet.moved", PRECONDITION_FAILED, "The packet moved on since";
    UnknownSubmission = "queue.unknown", NOT_FOUND, "There is no such submission";
    QueueMoved = "queue.moved", CONFLICT, "The submission stands otherwise by now";
    Export = "packet.export", INTERNAL_SERVER_ERROR, "The packet cannot be exported";
    Followers = "events.full", SERVICE_UNAVAILABLE, "Too many follow the changes already";
    UnknownEvidence = "evidence.unknown", NOT_FOUND, "There is no such evidence";
    UnknownRevision = "evidence.revision", NOT_FOUND, "The evidence has no such revision";
    UnknownCapture = "capture.unknown", NOT_FOUND, "There is no such capture";
    NotLocated = "capture.place", UNPROCESSABLE_ENTITY, "The capture has no such place";
    Unavailable = "host.unavailable", SERVICE_UNAVAILABLE, "The host cannot answer now";
    Slow = "host.time", SERVICE_UNAVAILABLE, "The answer takes too long";
    Internal = "host.internal", INTERNAL_SERVER_ERROR, "Something went wrong in the host";
}

/// A refusal or a failure, ready to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    /// What was attempted, and the rule.
    pub detail: Cow<'static, str>,
    /// What to change.
    pub fix: Cow<'static, str>,
    /// The rule of the loop that was met, for programs to act on.
    pub refusal: Option<Box<Refusal>>,
    /// Where the packet stands now, when it moved on.
    pub head: Option<Head>,
}

/// A problem (RFC 9457). `code` is stable; `detail` and `fix` are for people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Problem)]
pub struct ProblemView {
    /// A name for the kind of problem; the same as `code`.
    #[serde(rename = "type")]
    #[schema(example = "urn:probity:problem:connection.busy")]
    pub kind: String,
    #[schema(example = "The connection is being collected")]
    pub title: &'static str,
    /// The status code again.
    #[schema(example = 409, minimum = 100, maximum = 599)]
    pub status: u16,
    /// What was attempted, and the rule.
    pub detail: String,
    /// What to change.
    pub fix: String,
    #[schema(value_type = String, example = "connection.busy")]
    pub code: &'static str,
    /// The rule of the loop that a command met; null for every other problem.
    #[schema(value_type = Option<RefusalSchema>)]
    pub refusal: Option<Refusal>,
    /// The packet's head now, when it is not the one that was named; null for every other problem.
    #[schema(value_type = Option<HeadSchema>)]
    pub head: Option<Head>,
}

impl Problem {
    /// A problem with its explanation and remedy.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>, fix: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), fix: fix.into(), refusal: None, head: None }
    }

    /// Something is wrong with the host; what, stands in its log.
    pub fn internal() -> Self {
        Self::new(
            Code::Internal,
            "The host met something it did not expect.",
            "Look for the `x-request-id` of this answer in the host's log; if it happens again, report it.",
        )
    }

    /// As it is written.
    pub fn view(&self) -> ProblemView {
        ProblemView {
            kind: format!("urn:probity:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: self.detail.to_string(),
            fix: self.fix.to_string(),
            code: self.code.as_str(),
            refusal: self.refusal.as_deref().cloned(),
            head: self.head,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.code.status(), Json(self.view())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        match self.code {
            Code::Unauthenticated => {
                headers
                    .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"probity\""));
            }
            Code::Unavailable | Code::Slow | Code::Followers => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
            }
            _ => {}
        }
        response
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(
            Code::Query,
            sentence(&rejection.body_text()),
            "Use the parameters that this operation has in /docs, each at most once.",
        )
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(Code::Path, sentence(&rejection.body_text()), "Take names and ids from the listings.")
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let detail = sentence(&rejection.body_text());
        match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                Self::new(Code::MediaType, detail, "Send `Content-Type: application/json`.")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(Code::TooLarge, detail, "Ask for less at once."),
            StatusCode::UNPROCESSABLE_ENTITY => {
                Self::new(Code::Body, detail, "Use the members that this operation has in /docs.")
            }
            _ => Self::new(Code::Syntax, detail, "Send one JSON value."),
        }
    }
}

impl From<Unidentified> for Problem {
    fn from(unidentified: Unidentified) -> Self {
        Self::new(
            Code::Unauthenticated,
            sentence(&unidentified.to_string()),
            "Send `Authorization: Bearer <token>` with the token of a principal: one that is configured, or was added by `probity principal add`.",
        )
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        let roles: Vec<_> = crate::authz::allowed(denied.action).iter().map(|role| role.as_str()).collect();
        let fix = format!("Ask somebody with one of the roles: {}.", roles.join(", "));
        Self::new(Code::Denied, sentence(&denied.to_string()), fix)
    }
}

impl From<CaseworkError> for Problem {
    fn from(error: CaseworkError) -> Self {
        let (code, fix) = match &error {
            CaseworkError::UnknownConnector(_) => (Code::UnknownConnector, "See /api/v1/connectors."),
            CaseworkError::UnknownConnection { .. } => (Code::UnknownConnection, "See /api/v1/connections."),
            CaseworkError::UnknownRun(_) => (Code::UnknownRun, "See /api/v1/runs."),
            CaseworkError::UnknownEvidence(_) => {
                (Code::UnknownEvidence, "See /api/v1/evidence; with `at`, it may not have been known yet.")
            }
            CaseworkError::UnknownRevision { .. } => {
                (Code::UnknownRevision, "See the revisions of /api/v1/evidence/{id}.")
            }
            CaseworkError::UnknownCapture(_) => {
                (Code::UnknownCapture, "Take digests from the `cited` places of evidence.")
            }
            CaseworkError::NotLocated { .. } => {
                (Code::NotLocated, "Take places from the `cited` places of evidence.")
            }
            CaseworkError::Future { .. } => (Code::Future, "Ask for an earlier instant, or leave `at` out."),
            CaseworkError::NotAPlace(_) => (Code::Query, "Follow the `next` link of the page before."),
            CaseworkError::Busy { .. } => (Code::Busy, "Wait until that run has ended, then ask again."),
            CaseworkError::UnknownStream { .. } => {
                (Code::UnknownStream, "See the connection's streams in /api/v1/connections/{name}.")
            }
            CaseworkError::Unusable { .. } => {
                (Code::Unusable, "Change the connection's configuration and start the host again.")
            }
            CaseworkError::UnknownPacket(_) => (Code::UnknownPacket, "See /api/v1/packets."),
            CaseworkError::UnknownDocument(_) => {
                (Code::UnknownDocument, "Take digests from the `policy` and `subjects` of packets.")
            }
            CaseworkError::NoBoard => (
                Code::NoBoard,
                "Name a board policy in the configuration: `[board]` with `policy = \"board.toml\"`.",
            ),
            CaseworkError::Refused(refusal) => {
                let code = if refusal.code.starts_with("who.") { Code::NotYours } else { Code::Refused };
                let problem = Self::new(code, sentence(&refusal.to_string()), sentence(&refusal.fix));
                return Self { refusal: Some(Box::new(refusal.clone())), ..problem };
            }
            CaseworkError::HeadWanted(_) => {
                (Code::HeadWanted, "Send `If-Match` with the `ETag` of the packet you looked at.")
            }
            CaseworkError::Moved { head, .. } => {
                let fix = "Look at the packet as it is now, and ask again if you still want it.";
                return Self { head: *head, ..Self::new(Code::Moved, sentence(&error.to_string()), fix) };
            }
            CaseworkError::QueueMoved { state: None, .. } => {
                (Code::UnknownSubmission, "See /api/v1/queue, or the filings of the packet.")
            }
            CaseworkError::QueueMoved { .. } => (
                Code::QueueMoved,
                "Look at the submission as it is now, and decide again if you still want to.",
            ),
            CaseworkError::NotExported(_) => {
                tracing::error!(%error, "a packet could not be exported");
                (Code::Export, "Report it, with the `x-request-id` of this answer.")
            }
            CaseworkError::People(error) => {
                return Self::new(Code::People, sentence(&error.to_string()), sentence(error.fix()));
            }
            CaseworkError::NotAnActor(_) => (Code::NotYours, "Act as a principal the operator added."),
            CaseworkError::Unsealed(_) => (Code::Refused, "Say it in fewer words, or in several commands."),
            CaseworkError::Store(error) => {
                tracing::error!(error = error as &dyn std::error::Error, "the store could not answer");
                return Self::new(
                    Code::Unavailable,
                    "The store could not answer; nothing was changed.",
                    "Try again soon; if it goes on, look for the `x-request-id` of this answer in the host's log.",
                );
            }
        };
        Self::new(code, sentence(&error.to_string()), fix)
    }
}

/// With a capital letter and a full stop, as it is read by itself.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let rest = letters.as_str();
    let stop = if rest.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Code, sentence};

    #[test]
    fn codes_are_unique_and_dotted() {
        let codes: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        assert!(codes.iter().all(|code| code.split('.').count() == 2));
        assert!(
            Code::ALL.iter().all(|code| code.status().is_client_error() || code.status().is_server_error())
        );
    }

    /// Programs act on them: one that is here keeps its name and its status for ever.
    #[test]
    fn codes_are_those_that_were_published() {
        const PUBLISHED: &str = "\
request.query 400
request.header 400
request.path 400
request.syntax 400
request.body 422
request.media-type 415
request.too-large 413
request.future 400
request.no-route 404
request.method 405
request.host 421
request.origin 403
auth.token 401
auth.denied 403
connector.unknown 404
connection.unknown 404
connection.unusable 409
connection.busy 409
stream.unknown 422
run.unknown 404
packet.unknown 404
document.unknown 404
packet.no-board 409
people.refused 422
packet.refused 422
packet.not-yours 403
packet.head-wanted 428
packet.moved 412
queue.unknown 404
queue.moved 409
packet.export 500
events.full 503
evidence.unknown 404
evidence.revision 404
capture.unknown 404
capture.place 422
host.unavailable 503
host.time 503
host.internal 500
";
        let row = |code: &Code| format!("{} {}\n", code.as_str(), code.status().as_u16());
        assert_eq!(Code::ALL.iter().map(row).collect::<String>(), PUBLISHED);
    }

    #[test]
    fn details_read_as_sentences() {
        assert_eq!(sentence("no such thing"), "No such thing.");
        assert_eq!(sentence(""), ".");
    }
}
