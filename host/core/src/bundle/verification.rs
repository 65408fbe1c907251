//! What verifying came to: an ordered list of checks.

use serde::{Deserialize, Serialize};

use crate::event::words;
use crate::id::PacketId;
use crate::instant::Instant;
use crate::readiness::Verdict;

words! {
    /// What was checked, in order.
    Part {
        /// Every file is the one that `bundle.json` lists, none is missing and none is extra.
        Files = "files",
        /// The ledger's chain.
        Ledger = "ledger",
        /// The ledger against a checkpoint.
        Checkpoint = "checkpoint",
        /// The key registry's chain.
        Registry = "registry",
        /// Board policies and subject maps are those that were adopted.
        Documents = "documents",
        /// Every decision binds to the packet before it and is signed by a key of who decided.
        Signatures = "signatures",
        /// Somebody outside the bundle vouches for the keys.
        Keys = "keys",
        /// Runs, pages and journals fit together.
        Collection = "collection",
        /// Every revision is what its content hash names.
        Revisions = "revisions",
        /// Every citation quotes what stands in its revision.
        Citations = "citations",
        /// Every cited place is there in captured bytes.
        Captures = "captures",
        /// The components are those that ran.
        Components = "components",
        /// The readiness report, derived anew.
        Report = "report",
        /// The reports that handoffs were signed on, derived anew.
        Handoffs = "handoffs",
        /// Connectors run again over what they were answered.
        Replay = "replay",
    }
}

words! {
    /// What came of a check.
    Outcome {
        Verified = "verified",
        Failed = "failed",
        /// The bundle, or who asks, does not have what it takes; nothing is said against it.
        NotReDerived = "not-re-derived",
    }
}

words! {
    /// Who says whose the keys are.
    Keys {
        /// A trust file of the reader's own vouches for every key that decided something.
        Vouched = "vouched",
        /// Only the bundle says so.
        SelfAsserted = "self-asserted",
        /// Nothing was decided.
        None = "none",
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    pub part: Part,
    pub outcome: Outcome,
    /// The file or the entry in question: `captures/2c26…`, `ledger.jsonl entry 17`; none for the part as a whole.
    pub place: Option<String>,
    /// What was found, for a person.
    pub found: String,
}

/// What verifying came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Verification {
    /// What the bundle says it is of, where that can be read.
    pub packet: Option<PacketId>,
    pub instant: Option<Instant>,
    /// The verdict as it was derived here; none where it could not be.
    pub verdict: Option<Verdict>,
    pub keys: Keys,
    /// In the order of [`Part`].
    pub checks: Vec<Check>,
}

impl Verification {
    /// Whether no check failed. What could not be derived is listed, and does not fail.
    pub fn holds(&self) -> bool {
        self.with(Outcome::Failed).next().is_none()
    }

    /// The checks of an outcome, in order.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(move |check| check.outcome == outcome)
    }

    /// What failed, in order.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.with(Outcome::Failed)
    }

    /// What could not be derived, in order.
    pub fn not_re_derived(&self) -> impl Iterator<Item = &Check> {
        self.with(Outcome::NotReDerived)
    }

    /// Takes in what came of running the connectors again, in place of saying that they were not.
    pub fn replayed(&mut self, checks: impl IntoIterator<Item = Check>) {
        self.checks.retain(|check| check.part != Part::Replay);
        self.checks.extend(checks);
    }
}

/// The most failures that are told of one part.
const MOST_TOLD: usize = 100;

/// Checks as they are made.
#[derive(Debug, Default)]
pub(super) struct Checks {
    checks: Vec<Check>,
}

impl Checks {
    /// Tells that a part, as a whole, holds: unless something of it failed.
    pub(super) fn verified(&mut self, part: Part, found: impl Into<String>) {
        if !self.has_failed(part) {
            self.push(part, Outcome::Verified, None, found.into());
        }
    }

    pub(super) fn failed(&mut self, part: Part, place: impl Into<String>, found: impl Into<String>) {
        let told = self.checks.iter().filter(|check| check.part == part && check.outcome == Outcome::Failed);
        match told.count() {
            MOST_TOLD => {
                self.push(
                    part,
                    Outcome::Failed,
                    None,
                    format!("more than {MOST_TOLD} failures; the rest are not told"),
                );
            }
            fewer if fewer < MOST_TOLD => self.push(part, Outcome::Failed, Some(place.into()), found.into()),
            _ => {}
        }
    }

    pub(super) fn not_derived(&mut self, part: Part, place: Option<String>, found: impl Into<String>) {
        self.push(part, Outcome::NotReDerived, place, found.into());
    }

    pub(super) fn has_failed(&self, part: Part) -> bool {
        self.checks.iter().any(|check| check.part == part && check.outcome == Outcome::Failed)
    }

    fn push(&mut self, part: Part, outcome: Outcome, place: Option<String>, found: String) {
        let (place, found) =
            (place.map(|place| crate::text::excerpt(&place, 300)), crate::text::excerpt(&found, 1000));
        self.checks.push(Check { part, outcome, place, found });
    }

    /// In the order of the parts; of one part, in the order they were made.
    pub(super) fn into_ordered(mut self) -> Vec<Check> {
        self.checks.sort_by_key(|check| check.part);
        self.checks
    }
}
