//! What a connector writes to stdout and stderr: kept up to a limit for the message of a crash, thrown away
//! beyond it. Writing never fails and never waits, so that a chatty connector behaves the same in a replay.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{OutputStream, StreamResult};

/// One output, shared by all streams the connector opens on it.
#[derive(Clone)]
pub(super) struct Output {
    kept: Arc<Mutex<Kept>>,
    max: usize,
}

#[derive(Default)]
struct Kept {
    bytes: Vec<u8>,
    truncated: bool,
}

impl Output {
    pub(super) fn new(max: usize) -> Self {
        Self { kept: Arc::default(), max }
    }

    /// The first `max` bytes as text fit for a message.
    pub(super) fn beginning(&self, max: usize) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        super::text::plain(String::from_utf8_lossy(&kept.bytes).trim_end(), max)
    }

    /// Whether something was thrown away.
    pub(super) fn is_truncated(&self) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).truncated
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = self.max - kept.bytes.len();
        kept.truncated |= bytes.len() > room;
        kept.bytes.extend_from_slice(&bytes[..bytes.len().min(room)]);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        // What one write may carry; the usual size of a WASI stream's buffer.
        Ok(64 << 10)
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only WASI 0.3 asks for it, and that is not linked.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_the_limit_is_thrown_away_and_flagged() {
        let mut output = Output::new(8);
        output.write(Bytes::from_static(b"12345678")).unwrap();
        assert!(!output.is_truncated());
        for _ in 0..3 {
            output.write(Bytes::from_static(b"9")).unwrap();
        }
        assert!(output.is_truncated());
        assert_eq!(output.beginning(99), "12345678");
    }
}
