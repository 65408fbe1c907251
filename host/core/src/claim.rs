//! Claims: material readiness statements, and what they rest on.
//!
//! A claim cites revisions of evidence with the quoted value, and may carry one test: a *check*, a typed comparison on
//! what it cites, or a *query*, a counted filter over evidence ("no critical finding is open"). Whether a
//! claim is supported is never stored: [`support`] computes it from evidence at an instant.
//!
//! Deliberately absent: any state of support. A claim that was supported yesterday has no memory of it.

mod check;
mod cite;
mod count;
mod query;
mod support;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{Digest, NotCanonical};
use crate::id::EvidenceId;

pub use crate::book::Examined;
pub use check::{BadCheck, Check, Checked, Comparison, Literal, NotChecked, Operand};
pub use cite::{MAX_QUOTE, NotCited};
pub use query::{BadQuery, Expected, Query};
pub use support::{Standing, Support, Why, cited, support};

/// A place in evidence that somebody points at; what stands there is quoted by Probity, not by them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cite {
    pub evidence: EvidenceId,
    /// None for the newest.
    #[serde(default)]
    pub revision: Option<u32>,
    /// A JSON Pointer (RFC 6901) into the evidence's JSON form: `/body/last-rotated`.
    pub pointer: String,
}

/// A revision of evidence, a place in it, and the value that stood there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Citation {
    pub evidence: EvidenceId,
    pub revision: u32,
    /// Content hash of that revision.
    pub content: Digest,
    /// A JSON Pointer (RFC 6901) into the evidence's JSON form: `/body/last-rotated`.
    pub pointer: String,
    /// The value that stands there.
    pub quoted: Value,
    /// [`quote_digest`] of `quoted`.
    pub digest: Digest,
}

/// The digest of a quoted value.
pub fn quote_digest(value: &Value) -> Result<Digest, NotCanonical> {
    Digest::of_value("probity/quote/1", value)
}

/// What a claim is tested by, beside its citations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Test {
    Check(Check),
    Query(Query),
}

/// What a claim says and rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ClaimText<C = Citation> {
    /// The statement.
    pub text: String,
    /// How it follows from what is cited.
    pub reasoning: String,
    /// May be empty only beside a query.
    pub citations: Vec<C>,
    pub test: Option<Test>,
    /// Requirements it addresses, each cited by its quoted text.
    pub addresses: Vec<C>,
}
