//! From what a connector asks to what is sent.
//!
//! The connector names an endpoint and gives values; every part of the request is built here from the declaration.
//! What comes out holds no credential: that is attached when the connection is made.

use std::borrow::Cow;

use hyper::body::Bytes;
use hyper::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use probity_core::connector::{Method, Request};
use probity_core::secret_bearing::{self, Asked};
use probity_core::text::excerpt;
use url::Url;

use super::Egress;
use super::enforce;
use super::error::{EgressError, HeaderProblem};
use super::policy::{Granted, Origin};

/// How the host calls itself. Some sources (GitHub) refuse requests without a name.
pub(super) const AGENT: &str = concat!("probity/", env!("CARGO_PKG_VERSION"));

/// What we can decode; nothing else is asked for.
const CODINGS: &str = "gzip, deflate, zstd";

/// In queries everything but RFC 3986's unreserved characters is encoded, so that no server finds another
/// separator in a value (`;`, `+`).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request that passed every check which needs no network.
pub(super) struct Outgoing<'a> {
    pub(super) granted: &'a Granted,
    pub(super) origin: &'a Origin,
    pub(super) url: Url,
    /// Without the credential.
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

/// The parts of a request besides its path.
struct Parts<'a> {
    query: Vec<(String, String)>,
    headers: &'a [(String, String)],
    body: Option<&'a [u8]>,
}

impl Egress {
    /// The endpoint of that id, if it is declared and granted.
    pub(super) fn granted(&self, id: &str) -> Result<(&Granted, &Origin), EgressError> {
        let Some(granted) = self.granted.get(id) else { return Err(self.not_granted(id)) };
        // Every granted endpoint's slot was found when the policy was prepared.
        let origin = self.origins.get(&granted.endpoint.origin).ok_or_else(|| self.not_granted(id))?;
        Ok((granted, origin))
    }

    fn not_granted(&self, id: &str) -> EgressError {
        // Scrubbed first: what is cut in two is no longer found.
        let endpoint = excerpt(&self.scrub(id), 80);
        if !self.declared.contains(id) {
            return EgressError::Undeclared { endpoint };
        }
        let ids = self.granted.keys().map(String::as_str).chain([id]);
        let granted = ids.map(|id| format!("{id:?}")).collect::<Vec<_>>().join(", ");
        EgressError::NotGranted { section: self.section.clone(), endpoint, granted }
    }

    /// Checks and builds what a connector asks for.
    pub(super) fn plan(&self, request: &Request) -> Result<Outgoing<'_>, EgressError> {
        let (granted, origin) = self.granted(&request.endpoint)?;
        self.refuse_secrets(granted, request)?;
        let path = granted
            .template
            .expand(&request.path)
            .map_err(|source| EgressError::Path { endpoint: granted.endpoint.id.clone(), source })?;
        let query = enforce::query(granted, &request.query)?;
        let parts = Parts { query, headers: &request.headers, body: request.body.as_deref() };
        self.assemble(granted, origin, &path, &parts)
    }

    /// Checks and builds the request for a link that the source gave.
    pub(super) fn plan_link(&self, endpoint: &str, link: &str) -> Result<Outgoing<'_>, EgressError> {
        let (granted, origin) = self.granted(endpoint)?;
        if self.scrubber.finds(link.as_bytes()) {
            return Err(EgressError::Secret { endpoint: granted.endpoint.id.clone(), place: "link" });
        }
        let target = super::link::target(granted, origin, link)?;
        if target.elsewhere {
            tracing::info!(
                connection = %self.connection, endpoint = %granted.endpoint.id,
                "A link to another host was put onto the granted origin"
            );
        }
        let query = enforce::query(granted, &target.query)?;
        self.assemble(granted, origin, &target.path, &Parts { query, headers: &[], body: None })
    }

    /// Refuses what carries one of the connection's own secrets: a connector has no way to know one, so it was
    /// leaked to it, and this is where it would leave.
    fn refuse_secrets(&self, granted: &Granted, request: &Request) -> Result<(), EgressError> {
        let in_pairs = |pairs: &[(String, String)]| {
            pairs.iter().any(|(name, value)| {
                self.scrubber.finds(name.as_bytes()) || self.scrubber.finds(value.as_bytes())
            })
        };
        let found = [
            ("path", in_pairs(&request.path)),
            ("query", in_pairs(&request.query)),
            ("headers", in_pairs(&request.headers)),
            ("body", request.body.as_deref().is_some_and(|body| self.scrubber.finds(body))),
        ];
        match found.iter().find(|(_, found)| *found) {
            None => Ok(()),
            Some((place, _)) => Err(EgressError::Secret { endpoint: granted.endpoint.id.clone(), place }),
        }
    }

    fn assemble<'a>(
        &self,
        granted: &'a Granted,
        origin: &'a Origin,
        path: &str,
        parts: &Parts<'_>,
    ) -> Result<Outgoing<'a>, EgressError> {
        let url = self.url(granted, origin, path, &parts.query)?;
        let mut headers = enforce::headers(granted, origin, parts.headers)?;
        let body = self.body(granted, &mut headers, parts.body)?;
        let asked = Asked { path: url.path(), query: &parts.query, headers: &headers, body: body.as_deref() };
        secret_bearing::check(&asked)
            .map_err(|source| EgressError::SecretBearing { endpoint: granted.endpoint.id.clone(), source })?;
        let headers = header_map(granted, origin, &headers)?;
        Ok(Outgoing { granted, origin, url, headers, body: body.map(|body| Bytes::from(body.into_owned())) })
    }

    /// Base, path and query put together. The result must be what was put in: nothing may be normalized away.
    fn url(
        &self,
        granted: &Granted,
        origin: &Origin,
        path: &str,
        query: &[(String, String)],
    ) -> Result<Url, EgressError> {
        let fault = |problem| EgressError::Url { endpoint: granted.endpoint.id.clone(), problem };
        let path = format!("{}{path}", origin.prefix);
        let encode = |text: &'_ str| utf8_percent_encode(text, QUERY).to_string();
        let query = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let query = query.collect::<Vec<_>>().join("&");
        let mut url = origin.base.clone();
        url.set_path(&path);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        if url.path() != path || url.query().unwrap_or_default() != query {
            return Err(fault("is read differently than it was built; leave unusual characters out"));
        }
        if url.as_str().len() > self.limits.url {
            return Err(fault("is longer than servers accept; ask for less at once"));
        }
        Ok(url)
    }

    /// The body as it will be sent; gives it a media type if it has none.
    fn body<'b>(
        &self,
        granted: &Granted,
        headers: &mut Vec<(String, String)>,
        given: Option<&'b [u8]>,
    ) -> Result<Option<Cow<'b, [u8]>>, EgressError> {
        let fault = |problem: String| EgressError::Body { endpoint: granted.endpoint.id.clone(), problem };
        if granted.endpoint.method != Method::Post {
            return match given {
                None => Ok(None),
                Some(_) => Err(fault("is not allowed; only `post` has one".into())),
            };
        }
        if given.is_some_and(|body| body.len() > self.limits.request_body) {
            return Err(fault(format!("has more than {} bytes", self.limits.request_body)));
        }
        // Without a media type some frameworks take a body for a form.
        if !headers.iter().any(|(name, _)| name == CONTENT_TYPE.as_str()) {
            headers.push((CONTENT_TYPE.as_str().to_owned(), "application/json".to_owned()));
        }
        let media_types = headers.iter().filter(|(name, _)| name == CONTENT_TYPE.as_str());
        let media_types: Vec<_> = media_types.map(|(_, value)| value.as_str()).collect();
        let [media_type] = media_types.as_slice() else {
            return Err(fault("has several media types; send one `content-type`".into()));
        };
        if granted.body.is_empty() {
            let body = given.unwrap_or_default();
            enforce::free_body(media_type, body).map_err(|problem| fault(problem.to_owned()))?;
            return Ok(Some(Cow::Borrowed(body)));
        }
        let kind = enforce::essence(media_type);
        if kind != "application/json"
            && !kind.ends_with("+json")
            && !kind.starts_with("application/x-amz-json")
        {
            return Err(fault("has fixed members, so its `content-type` must be JSON".into()));
        }
        granted.body.enforce(given).map(|body| Some(Cow::Owned(body))).map_err(fault)
    }
}

/// All headers but the credential's.
pub(super) fn header_map(
    granted: &Granted,
    origin: &Origin,
    pairs: &[(String, String)],
) -> Result<HeaderMap, EgressError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let bad = |problem| EgressError::Header {
            endpoint: granted.endpoint.id.clone(),
            name: excerpt(name, 80),
            problem: HeaderProblem::Bad(problem),
        };
        let parsed = HeaderName::from_bytes(name.as_bytes());
        let parsed = parsed.map_err(|_| bad(probity_core::header::BadHeader::Name))?;
        let value = HeaderValue::from_str(value);
        headers.append(parsed, value.map_err(|_| bad(probity_core::header::BadHeader::Value))?);
    }
    let host = match origin.base.port() {
        None => origin.host.to_string(),
        Some(port) => format!("{}:{port}", origin.host),
    };
    let host = HeaderValue::from_str(&host).map_err(|_| EgressError::Url {
        endpoint: granted.endpoint.id.clone(),
        problem: "has a host that does not fit into a header",
    })?;
    headers.insert(HOST, host);
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(CODINGS));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    Ok(headers)
}
