//! One request, one answer, one connection.
//!
//! `connection: close` is asked for, so bytes after the end of an answer can be seen and refused instead of being
//! taken for the next one.

use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::client::conn::http1::{Builder, Parts};
use hyper::header::HeaderMap;
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::Egress;
use super::body::{self, Reading};
use super::error::EgressError;
use super::meter::{Metered, OverLimit};
use super::page::ByteBudget;
use super::request::Outgoing;

/// hyper's least buffer; a smaller limit on heads is not possible.
const LEAST_HEAD: usize = 8 * 1024;

/// How long the connection may take to settle after the last byte of the answer.
const SETTLE: Duration = Duration::from_secs(1);

/// An answer as it arrived, decoded; nobody has seen it yet.
pub(super) struct Arrived {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Egress {
    /// Sends a request and reads the whole answer, under the deadline for all of it.
    pub(super) async fn exchange(
        &self,
        outgoing: &Outgoing<'_>,
        budget: &ByteBudget,
    ) -> Result<Arrived, EgressError> {
        let limit = self.limits.whole;
        let late = |_| EgressError::Timeout { doing: "the whole exchange", limit_ms: limit.as_millis() };
        timeout(limit, self.unhurried(outgoing, budget)).await.map_err(late)?
    }

    async fn unhurried(&self, outgoing: &Outgoing<'_>, budget: &ByteBudget) -> Result<Arrived, EgressError> {
        let request = self.sealed(outgoing)?;
        let allowed = self.limits.wire.saturating_add(self.limits.head as u64);
        let wire = Metered::new(self.open(outgoing.origin).await?, allowed);
        let (mut sender, connection) = Builder::new()
            .max_buf_size(self.limits.head.max(LEAST_HEAD))
            .max_headers(self.limits.fields)
            .handshake(TokioIo::new(wire))
            .await
            .map_err(|error| self.classified(error))?;
        let connection = AbortOnDropHandle::new(tokio::spawn(connection.without_shutdown()));
        let response = sender.send_request(request).await.map_err(|error| self.classified(error))?;
        let (head, incoming) = response.into_parts();
        if head.status.is_informational() {
            return Err(EgressError::Framing { problem: "it switches protocols unasked" });
        }
        let reading = Reading { egress: self, budget };
        let body = body::read(&reading, incoming, &head.headers).await?;
        drop(sender);
        no_surplus(connection).await?;
        Ok(Arrived { status: head.status, headers: head.headers, body })
    }

    /// The request with the credential on it: the last thing that happens before it is sent.
    fn sealed(&self, outgoing: &Outgoing<'_>) -> Result<Request<Full<Bytes>>, EgressError> {
        let fault = || EgressError::Url {
            endpoint: outgoing.granted.endpoint.id.clone(),
            problem: "does not fit into a request line",
        };
        let target = match outgoing.url.query() {
            None => outgoing.url.path().to_owned(),
            Some(query) => format!("{}?{query}", outgoing.url.path()),
        };
        let mut request = Request::new(Full::new(outgoing.body.clone().unwrap_or_default()));
        *request.uri_mut() = target.parse::<Uri>().map_err(|_| fault())?;
        *request.method_mut() = outgoing.granted.endpoint.method.as_str().parse().map_err(|_| fault())?;
        *request.headers_mut() = outgoing.headers.clone();
        if let Some((name, value)) = &outgoing.origin.credential {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        Ok(request)
    }

    /// hyper's errors in our words.
    pub(super) fn classified(&self, error: hyper::Error) -> EgressError {
        if error.is_parse_too_large() {
            let limit = self.limits.head as u64;
            return EgressError::TooLarge { what: "a head (or header fields)", limit, unit: "bytes" };
        }
        if error.is_parse() {
            return EgressError::Framing { problem: "its head or its lengths are malformed" };
        }
        match io_cause(&error) {
            Some(cause) if is_over_limit(cause) => self.over_wire(),
            // hyper's reader of chunks tells malformed ones with these kinds.
            Some(cause)
                if matches!(
                    cause.kind(),
                    std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData
                ) =>
            {
                EgressError::Framing { problem: "a chunk of its body is malformed" }
            }
            Some(cause) => EgressError::ClosedEarly {
                source: Some(std::io::Error::new(cause.kind(), error.to_string())),
            },
            None => EgressError::ClosedEarly { source: None },
        }
    }

    pub(super) const fn over_wire(&self) -> EgressError {
        EgressError::TooLarge { what: "a body, as it arrives,", limit: self.limits.wire, unit: "bytes" }
    }
}

fn io_cause(error: &hyper::Error) -> Option<&std::io::Error> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

fn is_over_limit(error: &std::io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<OverLimit>())
}

/// Refuses an answer that goes on after its end: one of its two lengths is a lie.
async fn no_surplus<W>(
    connection: AbortOnDropHandle<Result<Parts<W>, hyper::Error>>,
) -> Result<(), EgressError> {
    let problem = "bytes follow its end";
    match timeout(SETTLE, connection).await {
        Ok(Ok(Ok(parts))) if !parts.read_buf.is_empty() => Err(EgressError::Framing { problem }),
        // With all of the answer read, what is left to go wrong without the socket is an unasked message.
        Ok(Ok(Err(error))) if io_cause(&error).is_none() => Err(EgressError::Framing { problem }),
        _ => Ok(()),
    }
}
