//! The page journal: how a page came about.
//!
//! It lists, in order, every call a connector made at the host's doors during one page and what it was
//! answered, with the page's configuration, cursor, instant, seed and the component's digest. The
//! host's own retries are invisible: only the final outcome of a call is journaled. Running the same
//! component over the same journal gives the same page, byte for byte; that is what replay means.
//!
//! Deliberately absent: captured bytes (the journal holds their digests), credentials, the time a call took.

use serde::{Deserialize, Serialize};

use crate::canonical::{Digest, NotCanonical};
use crate::connector::{Capture, Failure, FileEntry, Request, Response};
use crate::instant::Instant;

/// Format version of [`Journal`].
pub const VERSION: u32 = 1;

/// How one page came about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Journal {
    pub v: u32,
    /// The component that ran.
    pub connector: Digest,
    pub stream: String,
    pub cursor: Option<String>,
    /// The connection's configuration, exactly the text handed in.
    pub config: String,
    /// What the wall clock said inside the sandbox, all through the page.
    pub instant: Instant,
    /// What randomness inside the sandbox grew from.
    #[serde(with = "crate::canonical::u64_string")]
    pub seed: u64,
    pub calls: Vec<Call>,
    /// Digest of the page the connector returned ([`crate::page::Page::digest`]), before admission.
    pub page: Digest,
}

impl Journal {
    /// The journal's own digest.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        Digest::of_value("probity/journal/1", self)
    }
}

/// One call at a door and its outcome. `log` is not journaled: nothing comes back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "door", rename_all = "kebab-case")]
pub enum Call {
    /// `http.fetch`: exactly one exchange. `http.fetch-all`: any number, in request order.
    Fetch { all: bool, exchanges: Vec<Exchange> },
    /// `http.follow`.
    Follow { endpoint: String, link: String, outcome: Outcome<Answer> },
    /// `files.entries`.
    Entries { mount: String, glob: String, outcome: Outcome<Vec<FileEntry>> },
    /// `files.read`.
    Read { mount: String, path: String, outcome: Outcome<CaptureRef> },
}

/// A request and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Exchange {
    pub request: Request,
    pub outcome: Outcome<Answer>,
}

/// A result with a JSON form of its own: `{"ok": …}` or `{"failure": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome<T> {
    Ok(T),
    Failure(Failure),
}

impl<T> From<Result<T, Failure>> for Outcome<T> {
    fn from(result: Result<T, Failure>) -> Self {
        match result {
            Ok(value) => Self::Ok(value),
            Err(failure) => Self::Failure(failure),
        }
    }
}

/// A response as handed in, its body by digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    pub url: String,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub capture: CaptureRef,
}

impl Answer {
    /// A response, its body kept as the capture of this index.
    pub fn of(response: &Response, index: u32) -> Self {
        Self {
            url: response.url.clone(),
            status: response.status,
            headers: response.headers.clone(),
            capture: CaptureRef::of(&response.body, index),
        }
    }
}

/// Some captured bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CaptureRef {
    /// Position among the page's captures: what citations name.
    pub index: u32,
    pub digest: Digest,
    pub media_type: Option<String>,
}

impl CaptureRef {
    /// A capture under its index.
    pub fn of(capture: &Capture, index: u32) -> Self {
        Self { index, digest: capture.digest, media_type: capture.media_type.clone() }
    }
}
