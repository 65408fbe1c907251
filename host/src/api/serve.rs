//! Answering on a socket.

use std::io;

use axum::Router;
use tokio::net::TcpListener;

/// Serves until `shutdown` resolves, then lets what is under way be answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}
