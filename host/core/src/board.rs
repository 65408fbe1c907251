//! The board policy: what a review board asks of every packet (`board.toml`).
//!
//! The operator keeps the file; packets adopt it as an entry and are judged by the text they adopted, whose digest stands in every
//! statement and report. What is not written is not allowed: a kind without a maximum age is never fresh, a discipline
//! without reviewers cannot be satisfied.
//!
//! Deliberately absent: switches. A board that wants less writes a policy that asks for less, under its own name.

mod required;
pub mod requirement;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::canonical::Digest;
use crate::event::Section;
use crate::evidence::{Kind, RequirementClass, Severity};
use crate::id::{ConnectionName, Discipline, PrincipalId};

pub use required::{Required, requirements};
pub use text::{BadBoard, SAMPLE};

/// A board policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// Digest of the text.
    pub digest: Digest,
    /// What the board calls itself.
    pub name: String,
    /// Sections that need human-accepted language.
    pub sections: BTreeSet<Section>,
    /// Who may review for each discipline. Every discipline named here must approve.
    pub disciplines: BTreeMap<Discipline, BTreeSet<PrincipalId>>,
    /// How old evidence of a kind may be and still count. A kind that is not here never counts.
    pub max_age: BTreeMap<Kind, Duration>,
    /// The longest an exception may last, from the opening of its packet.
    pub longest_exception: Duration,
    /// The worst severity of an objection whose risk can still be accepted.
    pub risk_ceiling: Severity,
    /// Kinds whose exposures freeze the loop; empty for all of them.
    pub exposure_kinds: BTreeSet<Kind>,
    /// What must be scheduled for after the handoff.
    pub follow_ups: BTreeMap<String, RequiredFollowUp>,
    /// Which requirements a packet must address.
    pub requirement_sets: Vec<RequirementSet>,
    /// Whether only signatures by hardware keys count.
    pub hardware_keys: bool,
    /// The intake the package is filed with: a configured intake connection, or `queue` for Probity's own.
    pub intake: String,
}

/// A follow-up that the board asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredFollowUp {
    pub what: String,
    /// Latest due date, counted from the instant asked about.
    pub within: Duration,
}

/// Requirements that must be addressed: those of a connection, narrowed by document, section and class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementSet {
    pub name: String,
    pub connection: ConnectionName,
    /// The document's id; none for all.
    pub document: Option<String>,
    /// A heading that the requirement stands below; none for all.
    pub section: Option<String>,
    /// None for all.
    pub class: Option<RequirementClass>,
    /// References that must be among them: were one missing, somebody took out a rule.
    pub key: BTreeSet<String>,
}
