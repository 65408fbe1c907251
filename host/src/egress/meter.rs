//! Counting what arrives, before anything interprets it.
//!
//! The count stands below HTTP, so it covers what no body limit sees: floods of interim responses, chunk
//! extensions, trailers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// More arrived than the limit allows.
#[derive(Debug, thiserror::Error)]
#[error("more bytes arrived than are allowed")]
pub(super) struct OverLimit;

/// A wire whose incoming bytes are counted and limited.
pub(super) struct Metered<W> {
    wire: W,
    left: u64,
}

impl<W> Metered<W> {
    pub(super) const fn new(wire: W, limit: u64) -> Self {
        Self { wire, left: limit }
    }
}

impl<W: AsyncRead + Unpin> AsyncRead for Metered<W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.wire).poll_read(cx, buf))?;
        let read = (buf.filled().len() - before) as u64;
        Poll::Ready(match self.left.checked_sub(read) {
            None => Err(io::Error::other(OverLimit)),
            Some(left) => {
                self.left = left;
                Ok(())
            }
        })
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Metered<W> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
