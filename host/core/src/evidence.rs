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

impl Kind {
    /// The words that [`Body::state`] has for this kind; none for kinds that have no such word.
    pub fn states(self) -> Vec<&'static str> {
        macro_rules! words {
            ($closed:ident) => {
                $closed::ALL.iter().map(|word| word.as_str()).collect()
            };
        }
        match self {
            Self::Finding => words!(FindingState),
            Self::Exception => words!(ExceptionState),
            Self::ControlReview => words!(ReviewOutcome),
            Self::PipelineRun | Self::Deployment | Self::RollbackTest => words!(Outcome),
            Self::Milestone => words!(MilestoneState),
            Self::AccessReview => words!(ReviewDecision),
            Self::Monitoring => words!(MonitoringState),
            Self::Disposition => words!(DispositionState),
            Self::Requirement | Self::Ownership | Self::Dependency | Self::Secret | Self::AccessGrant => {
                Vec::new()
            }
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

impl Body {
    /// The body's own word for where it stands: a state, an outcome or a decision. `None` for kinds that have
    /// no such word.
    pub const fn state(&self) -> Option<&'static str> {
        match self {
            Self::Finding(body) => Some(body.state.as_str()),
            Self::Exception(body) => Some(body.state.as_str()),
            Self::ControlReview(body) => Some(body.outcome.as_str()),
            Self::PipelineRun(body) => Some(body.outcome.as_str()),
            Self::Deployment(body) => Some(body.outcome.as_str()),
            Self::RollbackTest(body) => Some(body.outcome.as_str()),
            Self::Milestone(body) => Some(body.state.as_str()),
            Self::AccessReview(body) => Some(body.decision.as_str()),
            Self::Monitoring(body) => Some(body.state.as_str()),
            Self::Disposition(body) => Some(body.state.as_str()),
            Self::Requirement(_)
            | Self::Ownership(_)
            | Self::Dependency(_)
            | Self::Secret(_)
            | Self::AccessGrant(_) => None,
        }
    }

    /// How bad it is, where the kind knows that.
    pub const fn severity(&self) -> Option<Severity> {
        match self {
            Self::Finding(body) => Some(body.severity),
            _ => None,
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

#[cfg(test)]
mod tests {
    use super::{Body, Kind};
    use serde_json::{Value, json};

    fn body(value: Value) -> Body {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_body_says_where_it_stands_in_its_own_word() {
        let finding = body(json!({
            "kind": "finding", "severity": "high", "state": "risk-accepted", "verified": null, "description": "",
            "impact": null, "mitigation": null, "found": null, "mitigated-at": null, "due": null, "weakness": null,
            "vulnerabilities": [], "component": null, "location": null, "known-exploited": null, "exceptions": [],
        }));
        assert_eq!(
            (finding.state(), finding.severity().map(|severity| severity.as_str())),
            (Some("risk-accepted"), Some("high"))
        );
        assert!(Kind::Finding.states().contains(&"risk-accepted"));
        assert!(Kind::AccessReview.states().contains(&"not-reviewed"));
        assert!(Kind::Ownership.states().is_empty());
        let review = body(json!({
            "kind": "access-review", "campaign": "", "principal": "", "resource": "", "decision": "not-reviewed",
            "reviewer": null, "applied": null, "justification": null,
        }));
        assert_eq!(
            (review.kind(), review.state(), review.severity()),
            (Kind::AccessReview, Some("not-reviewed"), None)
        );
        let ownership =
            body(json!({"kind": "ownership", "owner": "a", "role": "owner", "since": null, "contact": null}));
        assert_eq!(ownership.state(), None);
    }

    #[test]
    fn a_word_outside_the_schema_is_refused() {
        let wrong = json!({"kind": "ownership", "owner": "a", "role": "owner", "since": null, "contact": null, "more": 1});
        assert!(serde_json::from_value::<Body>(wrong).is_err());
        assert!(serde_json::from_value::<super::FindingState>(json!("Open")).is_err());
        assert!("findings".parse::<Kind>().is_err());
    }
}
