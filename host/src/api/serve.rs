//! Answering on a socket.
//!
//! One task a connection, HTTP/1.1. A connection that sends nothing is closed after a while and only so many are held at
//! once, so that nobody keeps the others out by holding lines open.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How connections are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// At most so many at once; more wait in the system's queue. Well below what a process may open.
    pub most: usize,
    /// How long a request's head may take to come, and how long a connection may be idle.
    pub head: Duration,
    /// How long a stop waits for answers under way: longer than any request may take.
    pub grace: Duration,
}

impl Default for Lines {
    fn default() -> Self {
        Self { most: 512, head: Duration::from_secs(20), grace: Duration::from_secs(35) }
    }
}

/// Tells answers that go on for long that the server stops.
#[derive(Debug, Clone)]
pub(super) struct Closing(pub CancellationToken);

/// Serves until `shutdown` resolves, then lets what is under way be answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_within(listener, router, shutdown, Lines::default()).await
}

/// The same, with connections held otherwise.
pub async fn serve_within(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    lines: Lines,
) -> io::Result<()> {
    let stop = CancellationToken::new();
    let router = router.layer(axum::Extension(Closing(stop.clone())));
    let answering = TaskTracker::new();
    let free = Arc::new(Semaphore::new(lines.most));
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (stream, line) = accept(&listener, &free) => {
                answering.spawn(answer(stream, line, router.clone(), lines.head, stop.clone()));
            }
        }
    }
    drop(listener);
    stop.cancel();
    answering.close();
    if tokio::time::timeout(lines.grace, answering.wait()).await.is_err() {
        tracing::warn!(connections.count = answering.len(), "stopped with requests unanswered");
    }
    Ok(())
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, free: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
    let Ok(line) = free.clone().acquire_owned().await else {
        // Nobody closes the semaphore.
        return std::future::pending().await;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, line),
            // A connection that was gone before it was taken, or a process that has no file left: neither is
            // a reason to stop serving, and the second passes.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn answer(
    stream: TcpStream,
    _line: OwnedSemaphorePermit,
    router: Router,
    head: Duration,
    stop: CancellationToken,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients hang up, or do not speak HTTP; that is theirs to know.
        tracing::debug!(%error, "a connection ended early");
    }
}
