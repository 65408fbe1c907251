//! The common schema as Rust values: `wit/v0_1/schema.wit`, field for field.
//!
//! The WIT file is the source; a test compares the two. The JSON form (API, pointers, hashes) has kebab-case
//! keys, none omitted, variants as `{"kind": …}`, 64-bit integers as strings, instants in RFC 3339 UTC.
//!
//! Every string that came from a connector can be visited ([`Leaves`]), so that the rules about text (control
//! characters, length) and numbers live in one place ([`crate::page`]) and no field is forgotten.
//!
//! Deliberately absent: values relative to now (ages, days remaining), and secrets.

mod date;
mod leaves;
mod schema;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::canonical::{self, Digest, NotCanonical};
use crate::instant::Instant;

pub use date::{Date, NotADate};
pub use leaves::{Leaf, Leaves};
pub use schema::*;

use leaves::record;

/// The place inside a capture (`types.locator`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Locator {
    Whole,
    /// A JSON Pointer (RFC 6901).
    Pointer {
        pointer: String,
    },
    /// Lines, 1-based and inclusive.
    Lines {
        first: u32,
        last: u32,
    },
}

/// Where an item comes from, as the connector says it (`types.citation`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Citation {
    /// Index among the page's captures.
    pub capture: u32,
    pub locator: Locator,
}

/// The kinds of evidence, one for each case of [`Body`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Finding,
    Exception,
    ControlReview,
    Requirement,
    PipelineRun,
    Deployment,
    RollbackTest,
    Milestone,
    Ownership,
    Dependency,
    Secret,
    AccessGrant,
    AccessReview,
    Monitoring,
    Disposition,
}

impl Kind {
    /// Every kind, in the order of the schema.
    pub const ALL: &'static [Self] = &[
        Self::Finding,
        Self::Exception,
        Self::ControlReview,
        Self::Requirement,
        Self::PipelineRun,
        Self::Deployment,
        Self::RollbackTest,
        Self::Milestone,
        Self::Ownership,
        Self::Dependency,
        Self::Secret,
        Self::AccessGrant,
        Self::AccessReview,
        Self::Monitoring,
        Self::Disposition,
    ];

    /// As it is written everywhere: `control-review`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Exception => "exception",
            Self::ControlReview => "control-review",
            Self::Requirement => "requirement",
            Self::PipelineRun => "pipeline-run",
            Self::Deployment => "deployment",
            Self::RollbackTest => "rollback-test",
            Self::Milestone => "milestone",
            Self::Ownership => "ownership",
            Self::Dependency => "dependency",
            Self::Secret => "secret",
            Self::AccessGrant => "access-grant",
            Self::AccessReview => "access-review",
            Self::Monitoring => "monitoring",
            Self::Disposition => "disposition",
        }
    }
}

/// The word is not a kind of evidence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a kind of evidence; the kinds are {all}", all = Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", "))]
pub struct NotAKind(String);

impl FromStr for Kind {
    type Err = NotAKind;

    fn from_str(text: &str) -> Result<Self, NotAKind> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| NotAKind(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What an item says, by kind (`schema.body`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Body {
    Finding(Finding),
    Exception(Exception),
    ControlReview(ControlReview),
    Requirement(Requirement),
    PipelineRun(PipelineRun),
    Deployment(Deployment),
    RollbackTest(RollbackTest),
    Milestone(Milestone),
    Ownership(Ownership),
    Dependency(Dependency),
    Secret(Secret),
    AccessGrant(AccessGrant),
    AccessReview(AccessReview),
    Monitoring(Monitoring),
    Disposition(Disposition),
}

impl Body {
    /// The body's kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Finding(_) => Kind::Finding,
            Self::Exception(_) => Kind::Exception,
            Self::ControlReview(_) => Kind::ControlReview,
            Self::Requirement(_) => Kind::Requirement,
            Self::PipelineRun(_) => Kind::PipelineRun,
            Self::Deployment(_) => Kind::Deployment,
            Self::RollbackTest(_) => Kind::RollbackTest,
            Self::Milestone(_) => Kind::Milestone,
            Self::Ownership(_) => Kind::Ownership,
            Self::Dependency(_) => Kind::Dependency,
            Self::Secret(_) => Kind::Secret,
            Self::AccessGrant(_) => Kind::AccessGrant,
            Self::AccessReview(_) => Kind::AccessReview,
            Self::Monitoring(_) => Kind::Monitoring,
            Self::Disposition(_) => Kind::Disposition,
        }
    }
}

impl Leaves for Body {
    fn leaves(&mut self, visit: &mut dyn FnMut(Leaf<'_>)) {
        match self {
            Self::Finding(body) => body.leaves(visit),
            Self::Exception(body) => body.leaves(visit),
            Self::ControlReview(body) => body.leaves(visit),
            Self::Requirement(body) => body.leaves(visit),
            Self::PipelineRun(body) => body.leaves(visit),
            Self::Deployment(body) => body.leaves(visit),
            Self::RollbackTest(body) => body.leaves(visit),
            Self::Milestone(body) => body.leaves(visit),
            Self::Ownership(body) => body.leaves(visit),
            Self::Dependency(body) => body.leaves(visit),
            Self::Secret(body) => body.leaves(visit),
            Self::AccessGrant(body) => body.leaves(visit),
            Self::AccessReview(body) => body.leaves(visit),
            Self::Monitoring(body) => body.leaves(visit),
            Self::Disposition(body) => body.leaves(visit),
        }
    }
}

record! {
    /// One normalized record of evidence, as a connector returned it (`schema.item`).
    pub struct Item {
    /// Stable in its source; unique within the feed and kind. At most 512 bytes.
    pub id: String,
    pub title: String,
    pub summary: String,
    /// Where a person finds it in the source.
    pub url: Option<String>,
    pub subjects: Vec<String>,
    /// When the source says it last changed (for a state) or happened (for an event).
    pub source_time: Option<Instant>,
    /// When it ceases to hold, by the source's own word.
    pub expires: Option<Instant>,
    pub labels: Vec<(String, String)>,
    /// At least one.
    pub citations: Vec<Citation>,
    /// Why this is an immediate exposure (a live credential in public, an exploited weakness), or none.
    pub exposure: Option<String>,
    pub body: Body,
    }
}

/// What the content hash covers: never where it was found or when the host saw it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Content<'a> {
    title: &'a str,
    summary: &'a str,
    subjects: &'a [String],
    labels: &'a [(String, String)],
    expires: Option<Instant>,
    exposure: &'a Option<String>,
    source_time: Option<Instant>,
    body: &'a Body,
}

impl Item {
    /// The item's kind.
    pub const fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The digest of what the item says. Two sightings with the same content hash are the same revision.
    ///
    /// It covers title, summary, subjects, labels, expiry, exposure and body, and for event-like kinds
    /// the source time (two runs of the same test are two things to say). It never covers the URL,
    /// citations or the time of collection, so a re-sighting at another place of another page is not a new revision.
    pub fn content_hash(&self) -> Result<Digest, NotCanonical> {
        let source_time = match self.kind().basis() {
            Basis::Event => self.source_time,
            Basis::State => None,
        };
        Digest::of_value(
            "probity/content/1",
            &Content {
                title: &self.title,
                summary: &self.summary,
                subjects: &self.subjects,
                labels: &self.labels,
                expires: self.expires,
                exposure: &self.exposure,
                source_time,
                body: &self.body,
            },
        )
    }

    /// The digest of the whole item, citations included: what replay compares item by item.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        self.measured_digest().map(|(digest, _)| digest)
    }

    /// The same, with the size of the item's canonical form in bytes.
    pub(crate) fn measured_digest(&self) -> Result<(Digest, usize), NotCanonical> {
        let canonical = canonical::bytes(self)?;
        Ok((Digest::of_canonical("probity/item/1", &canonical), canonical.len()))
    }
}

/// What a kind's freshness is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// It holds now (a finding is open, a policy says X): counted from the last page that contained it.
    State,
    /// It happened once (a rollback test, a review): counted from the source's own time, so that fetching
    /// an old event again never makes it fresh.
    Event,
}

impl Kind {
    /// Whether evidence of this kind is a state or an event.
    pub const fn basis(self) -> Basis {
        match self {
            Self::Finding
            | Self::Exception
            | Self::Requirement
            | Self::Milestone
            | Self::Ownership
            | Self::Dependency
            | Self::Secret
            | Self::AccessGrant
            | Self::Monitoring => Basis::State,
            Self::ControlReview
            | Self::PipelineRun
            | Self::Deployment
            | Self::RollbackTest
            | Self::AccessReview
            | Self::Disposition => Basis::Event,
        }
    }
}
