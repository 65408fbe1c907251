//! How much of everything a source or a connector may use.
//!
//! Each default says why it is that number; operators may lower them, tests lower them to stay fast.

use std::time::Duration;

/// Limits of one connection's exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EgressLimits {
    /// Resolving, connecting and the TLS handshake together. A source that needs longer is down.
    pub connect: Duration,
    /// The whole exchange, from resolving to the last byte. Slow reports of real trackers take 10 to 20 s.
    pub whole: Duration,
    /// How long a body may stay below [`Self::rate`], counted from the response's head.
    pub grace: Duration,
    /// The least average rate of a body after the grace, in bytes a second. Slower is a stalled or hostile
    /// source that would hold a slot until the deadline.
    pub rate: u64,
    /// A response's head, in bytes; servers themselves commonly limit requests to 8 to 64 KiB.
    pub head: usize,
    /// A response's header fields.
    pub fields: usize,
    /// A body as it arrives, in bytes.
    pub wire: u64,
    /// A body after decoding, in bytes: what a capture may hold.
    pub decoded: u64,
    /// Decoded bytes for each byte that arrived, looked at once a body exceeds [`Self::ratio_from`]. JSON that
    /// repeats itself packs 20 to 50 times; a bomb packs 1000 times.
    pub ratio: u64,
    /// Decoded bytes below which the ratio is not looked at.
    pub ratio_from: u64,
    /// A request's body, in bytes. Requests that read are small.
    pub request_body: usize,
    /// A request's URL, in bytes; servers commonly refuse more than 8 KiB.
    pub url: usize,
    /// Requests in one page.
    pub page_requests: u32,
    /// Decoded bytes in one page.
    pub page_bytes: u64,
    /// Exchanges of one page at the same time: polite to sources, and enough to hide latency.
    pub parallel: usize,
}

impl Default for EgressLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            whole: Duration::from_secs(30),
            grace: Duration::from_secs(10),
            rate: 1024,
            head: 64 * 1024,
            fields: 100,
            wire: 16 << 20,
            decoded: 16 << 20,
            ratio: 200,
            ratio_from: 1 << 20,
            request_body: 256 * 1024,
            url: 8 * 1024,
            page_requests: 200,
            page_bytes: 64 << 20,
            parallel: 4,
        }
    }
}

impl EgressLimits {
    /// The limits of an intake's exchanges: a package with its attachments is a larger request than any that
    /// reads. Below what a connector may hand to the host in one go, which would end the call less kindly.
    pub fn filing() -> Self {
        Self { request_body: 6 << 20, ..Self::default() }
    }
}

/// Limits of the files door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MountLimits {
    /// Directory entries looked at in one listing: a mount pointed at a home directory by mistake must end.
    pub walked: usize,
    /// Files returned by one listing.
    pub listed: usize,
    /// Nesting of directories.
    pub depth: usize,
    /// One file, in bytes: what a capture may hold.
    pub file: u64,
    /// Listings and reads in one page.
    pub page_calls: u32,
    /// Bytes read in one page.
    pub page_bytes: u64,
}

impl Default for MountLimits {
    fn default() -> Self {
        Self {
            walked: 100_000,
            listed: 20_000,
            depth: 64,
            file: 16 << 20,
            page_calls: 2_000,
            page_bytes: 64 << 20,
        }
    }
}
