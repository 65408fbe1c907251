//! Reading a body: one content coding at most, counted on both sides of it, never slower than it may be.
//!
//! Nested codings multiply what a small body can become, and no honest server sends them; the limits on
//! decoded bytes, on their ratio to what arrived, and on zstd's window hold for the one that is left.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_compression::tokio::bufread::{GzipDecoder, ZlibDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use futures::TryStreamExt as _;
use http_body_util::BodyDataStream;
use hyper::body::{Body as _, Bytes, Incoming};
use hyper::header::{CONTENT_ENCODING, HeaderMap};
use probity_core::text::excerpt;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _};
use tokio::time::{Instant, timeout_at};
use tokio_util::io::StreamReader;

use super::error::EgressError;
use super::page::ByteBudget;
use super::{Egress, EgressLimits};

/// 8 MiB, the window that RFC 9659 makes every decoder support and no encoder exceed.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Bytes decoded at a time.
const STEP: usize = 32 * 1024;

/// What a body is read under.
pub(super) struct Reading<'a> {
    pub(super) egress: &'a Egress,
    pub(super) budget: &'a ByteBudget,
}

/// The content codings we undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Deflate,
    Zstd,
}

/// Carries our error through the reader that decoders read from.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Broken(EgressError);

/// Reads a body whole.
pub(super) async fn read(
    reading: &Reading<'_>,
    incoming: Incoming,
    headers: &HeaderMap,
) -> Result<Vec<u8>, EgressError> {
    let limits = &reading.egress.limits;
    if incoming.size_hint().lower() > limits.wire {
        return Err(reading.egress.over_wire());
    }
    if incoming.is_end_stream() {
        return Ok(Vec::new());
    }
    let coding = coding(headers)?;
    let broken = |error| io::Error::other(Broken(reading.egress.classified(error)));
    let arrived = AtomicU64::new(0);
    let count = |data: &Bytes| {
        arrived.fetch_add(data.len() as u64, Ordering::Relaxed);
    };
    let wire = StreamReader::new(BodyDataStream::new(incoming).inspect_ok(count).map_err(broken));
    let pace = Pace { limits, arrived: &arrived, since: Instant::now() };
    let mut wire = Box::pin(wire);
    // An empty body has no coding, whatever the header says.
    if pace.keep(async { Ok(wire.fill_buf().await?.is_empty()) }).await? {
        return Ok(Vec::new());
    }
    let mut decoder = decoder(coding, wire);
    let (mut body, mut step) = (Vec::new(), vec![0; STEP]);
    loop {
        let read = pace.keep(decoder.read(&mut step)).await?;
        if read == 0 {
            return Ok(body);
        }
        reading.budget.spend(read as u64)?;
        body.extend_from_slice(&step[..read]);
        pace.check_size(body.len() as u64)?;
    }
}

/// Holds a body to its limits while it is read.
struct Pace<'a> {
    limits: &'a EgressLimits,
    /// Bytes of the body, as they came.
    arrived: &'a AtomicU64,
    since: Instant,
}

impl Pace<'_> {
    fn arrived(&self) -> u64 {
        self.arrived.load(Ordering::Relaxed)
    }

    /// Until when the next byte must arrive for the average to hold.
    fn patience(&self) -> Instant {
        let limits = self.limits;
        let paid_millis = self.arrived().saturating_mul(1000) / limits.rate.max(1);
        self.since + limits.grace + Duration::from_millis(paid_millis)
    }

    /// Waits for one step of reading as long as bytes keep arriving fast enough.
    async fn keep<T>(&self, step: impl Future<Output = io::Result<T>>) -> Result<T, EgressError> {
        let mut step = std::pin::pin!(step);
        loop {
            let patience = self.patience();
            match timeout_at(patience, &mut step).await {
                Ok(done) => return done.map_err(in_our_words),
                Err(_) if self.patience() <= patience => {
                    return Err(EgressError::Slow { rate: self.limits.rate });
                }
                // Some bytes came meanwhile, though the step is not done.
                Err(_) => {}
            }
        }
    }

    fn check_size(&self, decoded: u64) -> Result<(), EgressError> {
        let limits = self.limits;
        if decoded > limits.decoded {
            return Err(EgressError::TooLarge {
                what: "a decoded body",
                limit: limits.decoded,
                unit: "bytes",
            });
        }
        if decoded > limits.ratio_from && decoded > self.arrived().saturating_mul(limits.ratio) {
            return Err(EgressError::Ratio { limit: limits.ratio });
        }
        Ok(())
    }
}

/// Errors of reading: ours, carried through a decoder, or the decoder's own.
fn in_our_words(error: io::Error) -> EgressError {
    let problem = excerpt(&error.to_string(), 120);
    match error.into_inner().map(|inner| inner.downcast::<Broken>()) {
        Some(Ok(broken)) => broken.0,
        _ => EgressError::Coding { problem },
    }
}

/// Exactly one coding, or none.
fn coding(headers: &HeaderMap) -> Result<Coding, EgressError> {
    let fault = |problem: String| Err(EgressError::Coding { problem });
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let Ok(value) = value.to_str() else { return fault("its content-encoding is not text".into()) };
        codings.extend(value.split(',').map(str::trim).filter(|coding| !coding.is_empty()));
    }
    codings.retain(|coding| !coding.eq_ignore_ascii_case("identity"));
    match codings.as_slice() {
        [] => Ok(Coding::Identity),
        [one] => match one.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Ok(Coding::Gzip),
            "deflate" => Ok(Coding::Deflate),
            "zstd" => Ok(Coding::Zstd),
            // Not quoted: it is as much the source's text as a body is.
            _ => fault("its coding is none of those that were asked for".into()),
        },
        several => {
            fault(format!("it has {} content codings inside each other; one is allowed", several.len()))
        }
    }
}

type Decoder<'a> = Box<dyn AsyncRead + Send + Unpin + 'a>;

fn decoder<'a>(coding: Coding, wire: impl AsyncBufRead + Send + Unpin + 'a) -> Decoder<'a> {
    // Several members are one body (RFC 1952, RFC 8878); anything else after the end is then an error.
    match coding {
        Coding::Identity => Box::new(wire),
        Coding::Gzip => {
            let mut decoder = GzipDecoder::new(wire);
            decoder.multiple_members(true);
            Box::new(decoder)
        }
        Coding::Deflate => {
            let mut decoder = ZlibDecoder::new(wire);
            decoder.multiple_members(true);
            Box::new(decoder)
        }
        Coding::Zstd => {
            let window = DParameter::window_log_max(ZSTD_WINDOW_LOG);
            let mut decoder = ZstdDecoder::with_params(wire, &[window]);
            decoder.multiple_members(true);
            Box::new(decoder)
        }
    }
}
