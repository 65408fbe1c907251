//! A client of Probity's own REST API, for the command line.
//!
//! It is here because all that speaks HTTP outwards is here, with the same habits: one connection for one exchange, no redirects,
//! no cookies, no proxies, deadlines and caps on everything. It asks a server that a person named, not one that a connector
//! names, so there is no grant to enforce; but it sends a bearer token, so it sends nothing unencrypted to another machine.
//!
//! Deliberately absent: anything that writes.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONNECTION, HOST, HeaderValue, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use probity_core::text::excerpt;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_util::task::AbortOnDropHandle;
use url::{Host, Url};

use super::request::AGENT;
use super::transport::{Wire, tls_config};
use crate::secret::Secret;

/// How long one exchange may take.
const WHOLE: Duration = Duration::from_secs(60);
/// The most an answer holds: all evidence of a large packet at once.
const MOST: usize = 256 * 1024 * 1024;

/// Why a server was not asked, or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("`{0}` is no server: write http://127.0.0.1:7171 or https://probity.example.org")]
    NotAServer(String),
    #[error("will not speak plain HTTP with {0}, which is not this machine; use https")]
    Plain(String),
    #[error("the token is no text that fits into a header")]
    Token,
    #[error("the system's certificates cannot be used")]
    Tls(#[source] super::PolicyError),
    #[error("cannot reach {server}")]
    Connect {
        server: String,
        #[source]
        source: io::Error,
    },
    #[error("{url} did not answer as HTTP")]
    Http {
        url: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("{url} did not answer within {WHOLE:?}")]
    Late { url: String },
    #[error("{url} answered {status}: {problem}")]
    Status { url: String, status: u16, problem: String },
}

/// A server, and who asks.
pub struct Client {
    base: Url,
    host: Host<String>,
    port: u16,
    tls: Option<Arc<ClientConfig>>,
    token: Option<Secret>,
}

impl Client {
    /// A client of the API of this server. With a token, who holds it asks.
    pub fn new(server: &str, token: Option<Secret>) -> Result<Self, ClientError> {
        let not = || ClientError::NotAServer(excerpt(server, 200));
        let base: Url = server.parse().map_err(|_| not())?;
        let host = base.host().map(|host| host.to_owned()).ok_or_else(not)?;
        let port = base.port_or_known_default().ok_or_else(not)?;
        if !base.username().is_empty() || base.password().is_some() || base.query().is_some() {
            return Err(not());
        }
        let tls = match base.scheme() {
            "http" => None,
            "https" => Some(tls_config("server", None).map_err(ClientError::Tls)?),
            _ => return Err(not()),
        };
        Ok(Self { base, host, port, tls, token })
    }

    /// What the server answers for a path below `/api/v1/`.
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Vec<u8>, ClientError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/v1/{path}", self.base.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let late = |_| ClientError::Late { url: url.to_string() };
        timeout(WHOLE, self.exchange(&url)).await.map_err(late)?
    }

    async fn exchange(&self, url: &Url) -> Result<Vec<u8>, ClientError> {
        let http = |source: Box<dyn std::error::Error + Send + Sync>| ClientError::Http {
            url: url.to_string(),
            source,
        };
        let wire = self.open().await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(wire)).await.map_err(|error| http(error.into()))?;
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let response = sender.send_request(self.request(url)?).await.map_err(|error| http(error.into()))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST).collect().await.map_err(http)?.to_bytes();
        if status == StatusCode::OK {
            return Ok(body.into());
        }
        // What it says went wrong is for a person, and may be anything.
        let problem = excerpt(&String::from_utf8_lossy(&body), 500);
        Err(ClientError::Status { url: url.to_string(), status: status.as_u16(), problem })
    }

    fn request(&self, url: &Url) -> Result<Request<Empty<Bytes>>, ClientError> {
        let not = || ClientError::NotAServer(excerpt(self.base.as_str(), 200));
        let target =
            url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let authority = match url.port() {
            None => self.host.to_string(),
            Some(port) => format!("{}:{port}", self.host),
        };
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = target.parse().map_err(|_| not())?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_str(&authority).map_err(|_| not())?);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        if let Some(token) = &self.token {
            let value = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
            let mut value = value.map_err(|_| ClientError::Token)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(request)
    }

    /// Whether this is the machine a token may go to as it is set up.
    fn judge(&self, peer: IpAddr, server: &str) -> Result<(), ClientError> {
        if self.tls.is_some() || peer.to_canonical().is_loopback() {
            Ok(())
        } else {
            Err(ClientError::Plain(server.to_owned()))
        }
    }

    /// A connection to the server; without TLS only to this machine, as the socket says and not as a name does.
    async fn open(&self) -> Result<Box<dyn Wire>, ClientError> {
        let server = format!("{}:{}", self.host, self.port);
        // An address is judged before anything is sent there; what a name stands for shows on the socket.
        let literal: Option<IpAddr> = match &self.host {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some((*address).into()),
            Host::Ipv6(address) => Some((*address).into()),
        };
        literal.map_or(Ok(()), |address| self.judge(address, &server))?;
        let failed = |source| ClientError::Connect { server: server.clone(), source };
        let socket = match &self.host {
            Host::Domain(name) => TcpStream::connect((name.as_str(), self.port)).await,
            Host::Ipv4(address) => TcpStream::connect((*address, self.port)).await,
            Host::Ipv6(address) => TcpStream::connect((*address, self.port)).await,
        };
        let socket = socket.map_err(failed)?;
        let Some(config) = &self.tls else {
            self.judge(socket.peer_addr().map_err(failed)?.ip(), &server)?;
            return Ok(Box::new(socket));
        };
        let name = match &self.host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|error| failed(io::Error::other(error)))?
            }
            Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
            Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
        };
        let session = TlsConnector::from(Arc::clone(config)).connect(name, socket).await.map_err(failed)?;
        Ok(Box::new(session))
    }
}

#[cfg(test)]
mod tests {
    use super::{Client, ClientError};

    #[tokio::test]
    async fn plain_http_goes_nowhere_but_to_this_machine() {
        // Addresses for documentation: nothing is there to connect to, so the refusal came before.
        for elsewhere in
            ["http://192.0.2.1:7171", "http://[2001:db8::1]:7171", "http://[::ffff:192.0.2.1]:7171"]
        {
            let refused = Client::new(elsewhere, None).unwrap().get("packets", &[]).await.unwrap_err();
            assert!(matches!(refused, ClientError::Plain(_)), "{elsewhere}: {refused}");
        }
    }

    #[test]
    fn a_server_is_an_address_and_nothing_else() {
        for good in ["http://127.0.0.1:7171", "https://probity.example.org/below"] {
            assert!(Client::new(good, None).is_ok(), "{good}");
        }
        for bad in ["probity.example.org", "ftp://x", "https://me:secret@x", "https://x?y=z", ""] {
            assert!(matches!(Client::new(bad, None), Err(ClientError::NotAServer(_))), "{bad}");
        }
    }
}
