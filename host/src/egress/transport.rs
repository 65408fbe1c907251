//! One connection to a vetted address.
//!
//! The name is resolved once. If one of its addresses may not be connected to, none is: a mixed answer is how a
//! rebinding attack gets its foot in. The socket is opened to an address that was judged, and TLS names the host,
//! so no second look-up happens between judging and connecting.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use url::Host;

use super::Egress;
use super::address::{Verdict, judge};
use super::error::{EgressError, PolicyError};
use super::policy::Origin;

/// Addresses tried, of those that were vetted. A source with many is as reachable by its first few.
const TRIED: usize = 3;

/// What an exchange runs over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Egress {
    /// Resolves, judges, connects and, where the origin is https, completes the handshake.
    pub(super) async fn open(&self, origin: &Origin) -> Result<Box<dyn Wire>, EgressError> {
        let limit = self.limits.connect;
        let open = async {
            let addresses = self.vetted(origin).await?;
            let socket = self.connect(origin, &addresses).await?;
            handshake(origin, socket).await
        };
        let late = |_| EgressError::Timeout { doing: "connecting", limit_ms: limit.as_millis() };
        timeout(limit, open).await.map_err(late)?
    }

    /// The origin's addresses, each of which may be connected to.
    async fn vetted(&self, origin: &Origin) -> Result<Vec<SocketAddr>, EgressError> {
        let addresses = match &origin.host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => {
                let host = name.clone();
                let resolved = self.resolver.resolve(name).await;
                resolved.map_err(|source| EgressError::Dns { host, source: Some(source) })?
            }
        };
        if addresses.is_empty() {
            return Err(EgressError::Dns { host: origin.name(), source: None });
        }
        for address in &addresses {
            self.vet(origin, *address)?;
        }
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, origin.port)).collect())
    }

    fn vet(&self, origin: &Origin, address: IpAddr) -> Result<(), EgressError> {
        let verdict = judge(address, &origin.networks);
        let (section, slot, host) = (self.section.clone(), origin.slot.clone(), origin.name());
        let refusal = match verdict {
            Verdict::Granted => return Ok(()),
            Verdict::Public if origin.tls.is_some() => return Ok(()),
            Verdict::Public => EgressError::Scheme { section, slot, host },
            Verdict::Private => EgressError::Address { section, slot, host },
            Verdict::Never => EgressError::AddressNever { host },
        };
        tracing::warn!(
            connection = %self.connection, origin = %origin.slot, %address, ?verdict,
            "Refused to connect to `{}`", origin.name()
        );
        Err(refusal)
    }

    /// A socket to the first address that answers. Each has its share of the time, so that one that swallows
    /// packets (IPv6 without a way out) does not take it all.
    async fn connect(&self, origin: &Origin, addresses: &[SocketAddr]) -> Result<TcpStream, EgressError> {
        let share = match addresses.len() {
            0 | 1 => self.limits.connect,
            _ => self.limits.connect / 4,
        };
        let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in addresses.iter().take(TRIED) {
            let socket = timeout(share, TcpStream::connect(address)).await;
            match socket.map_err(io::Error::from).flatten().and_then(|socket| same_peer(socket, *address)) {
                Ok(socket) => return Ok(socket),
                Err(error) => failed = error,
            }
        }
        Err(EgressError::Connect { host: origin.name(), source: failed })
    }
}

/// A last look: the peer is the address that was judged.
fn same_peer(socket: TcpStream, vetted: SocketAddr) -> io::Result<TcpStream> {
    socket.set_nodelay(true)?;
    if socket.peer_addr()?.ip().to_canonical() == vetted.ip().to_canonical() {
        Ok(socket)
    } else {
        Err(io::Error::other("the peer is not the address that was judged"))
    }
}

async fn handshake(origin: &Origin, socket: TcpStream) -> Result<Box<dyn Wire>, EgressError> {
    let Some(config) = &origin.tls else { return Ok(Box::new(socket)) };
    let fault = |source| EgressError::Tls { host: origin.name(), source };
    let name = match &origin.host {
        Host::Domain(name) => {
            ServerName::try_from(name.clone()).map_err(|error| fault(io::Error::other(error)))?
        }
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
    };
    let session = TlsConnector::from(Arc::clone(config)).connect(name, socket).await.map_err(fault)?;
    Ok(Box::new(session))
}

/// TLS for one origin: the system's certificates and the operator's, HTTP/1.1 only, sessions resumed with this
/// origin alone.
pub(super) fn tls_config(slot: &str, ca: Option<&[u8]>) -> Result<Arc<ClientConfig>, PolicyError> {
    type Fault = Box<dyn std::error::Error + Send + Sync>;
    let build = || -> Result<ClientConfig, Fault> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let extra: Vec<_> = match ca {
            None => Vec::new(),
            Some(pem) => CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>()?,
        };
        if ca.is_some() && extra.is_empty() {
            return Err("the `ca` file has no certificate in PEM form".into());
        }
        let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    };
    build().map(Arc::new).map_err(|source| PolicyError::Tls { slot: slot.to_owned(), source })
}
