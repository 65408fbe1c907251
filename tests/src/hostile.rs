//! A source that answers exact bytes.
//!
//! HTTP libraries refuse to misbehave, so this is a bare TCP listener on loopback: it reads one request and then does
//! what its script says. It remembers what it was sent and how often it was connected to, since for many
//! attacks the assertion is that nothing arrived.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// One thing a hostile source does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends bytes at once.
    Send(Vec<u8>),
    /// Sends bytes one by one, with a pause before each.
    Drip { bytes: Vec<u8>, pause: Duration },
    /// Sends the same bytes again and again until nobody listens.
    Forever(Vec<u8>),
    /// Sends nothing and keeps the connection open until the other side closes it.
    Stall,
}

/// What is done for a request, given as text.
pub type Script = dyn Fn(&str) -> Vec<Act> + Send + Sync;

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
}

/// A running hostile source; it ends when dropped.
pub struct Hostile {
    address: SocketAddr,
    seen: Arc<Seen>,
    listening: JoinHandle<()>,
}

impl Hostile {
    /// Does what the script says for each request, then closes.
    pub async fn scripted(
        script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Seen::default());
        let script: Arc<Script> = Arc::new(script);
        let listening = tokio::spawn(listen(listener, Arc::clone(&seen), script, None));
        Ok(Self { address, seen, listening })
    }

    /// The same over TLS, with a certificate and its key as PEM. A client that hangs up during the handshake
    /// is connected, but has sent no request.
    pub async fn encrypted(
        script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static,
        certificate: &[u8],
        key: &[u8],
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let seen = Arc::new(Seen::default());
        let tls = TlsAcceptor::from(Arc::new(server_config(certificate, key)?));
        let listening = tokio::spawn(listen(listener, Arc::clone(&seen), Arc::new(script), Some(tls)));
        Ok(Self { address, seen, listening })
    }

    /// Answers every request with the same bytes, then closes.
    pub async fn answering(bytes: impl Into<Vec<u8>>) -> std::io::Result<Self> {
        let bytes = bytes.into();
        Self::scripted(move |_| vec![Act::Send(bytes.clone())]).await
    }

    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// The requests that arrived, head and body as text.
    pub fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

fn server_config(certificate: &[u8], key: &[u8]) -> anyhow::Result<ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(certificate).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_no_client_auth().with_single_cert(chain, key)?)
}

async fn listen(listener: TcpListener, seen: Arc<Seen>, script: Arc<Script>, tls: Option<TlsAcceptor>) {
    while let Ok((socket, _)) = listener.accept().await {
        seen.connections.fetch_add(1, Ordering::SeqCst);
        let (seen, script, tls) = (Arc::clone(&seen), Arc::clone(&script), tls.clone());
        tokio::spawn(async move {
            // What goes wrong here is the other side hanging up, which is what it should do.
            let _ = match tls {
                None => serve(socket, &seen, &*script).await,
                Some(tls) => match tls.accept(socket).await {
                    Ok(session) => serve(session, &seen, &*script).await,
                    Err(error) => Err(error),
                },
            };
        });
    }
}

async fn serve(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    seen: &Seen,
    script: &Script,
) -> std::io::Result<()> {
    let request = request(&mut socket).await?;
    seen.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    for act in script(&request) {
        perform(&mut socket, act).await?;
    }
    socket.shutdown().await
}

async fn perform(socket: &mut (impl AsyncRead + AsyncWrite + Unpin), act: Act) -> std::io::Result<()> {
    match act {
        Act::Send(bytes) => {
            socket.write_all(&bytes).await?;
            socket.flush().await
        }
        Act::Drip { bytes, pause } => {
            for byte in bytes {
                tokio::time::sleep(pause).await;
                socket.write_all(&[byte]).await?;
                socket.flush().await?;
            }
            Ok(())
        }
        Act::Forever(bytes) => loop {
            socket.write_all(&bytes).await?;
        },
        Act::Stall => loop {
            if socket.read(&mut [0; 1024]).await? == 0 {
                return Ok(());
            }
        },
    }
}

/// Reads one request: its head, and as much body as it announces.
async fn request(socket: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return Ok(text);
            }
        }
        let mut step = [0; 4096];
        match socket.read(&mut step).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&step[..read]),
        }
    }
}

/// An answer with a status, headers as given, and a body whose length is announced truly.
pub fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// An answer of 200 with JSON.
pub fn json(body: impl AsRef<[u8]>) -> Vec<u8> {
    answer("200 OK", "content-type: application/json\r\n", body)
}
