//! Filing a package into a review board's intake queue: what is filed, what comes back, and what is known of a
//! filing that was cut short.
//!
//! The shapes are those of `wit/v0_1/intake.wit`. A connector of that world is as hostile as any other: what it
//! returns is [admitted](Receipt::admit) before anybody believes it. Nothing it returns decides whether
//! something was filed; that is read from the notes the host made about its requests ([`Traffic`]), which
//! are there after a crash as well.
//!
//! Deliberately absent: whether a packet may be handed off at all, and the keeping of the notes.

mod admit;
mod outcome;
mod traffic;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::instant::Instant;

pub use admit::Misreport;
pub use outcome::outcome;
pub use traffic::{Question, Standing, Traffic};

/// A file that belongs to a submission (`intake.attachment`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Attachment {
    pub name: String,
    pub media_type: String,
    /// In JSON, lower-case hexadecimal.
    #[serde(with = "crate::canonical::hex_bytes")]
    pub bytes: Vec<u8>,
}

/// A package that is filed (`intake.submission`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Submission {
    /// Stable for one handoff: by it the connector finds a submission whose answer was lost.
    pub id: String,
    pub title: String,
    /// The package as Markdown.
    pub text: String,
    /// Of the package's bundle. The connector gets its 64 hexadecimal digits.
    pub digest: Digest,
    pub attachments: Vec<Attachment>,
}

/// What the queue answered (`intake.receipt`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Receipt {
    /// The queue's own name for the submission (a ticket number).
    pub reference: String,
    pub url: Option<String>,
    /// When the queue says it took the submission in.
    pub received_at: Option<Instant>,
    /// Whether the submission was found already there.
    pub existed: bool,
}
