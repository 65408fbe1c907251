//! Names to addresses, behind a trait so that tests can play a hostile name server.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Resolves host names. Asked once for each exchange; what it answers is judged, and only what was judged is
/// connected to.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// All addresses of a name. An empty answer counts as an unknown name.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// What the system's own resolver says (`getaddrinfo`).
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        // The port only satisfies the interface; the origin's own is used to connect.
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}
