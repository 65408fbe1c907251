//! Queries: a saved evidence filter with an expected count.
use crate::evidence::{Kind, Severity};
use crate::id::{ConnectionName, Subject};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `no finding open with severity critical on service:payments-bridge in dojo, github`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Query {
    pub kind: Kind,
    /// The body's own words for where it stands; empty for any.
    pub states: BTreeSet<String>,
    /// Empty for any.
    pub severities: BTreeSet<Severity>,
    pub subject: Subject,
    /// The connections it ranges over; at least one.
    pub connections: BTreeSet<ConnectionName>,
    pub expected: Expected,
}

/// How many there must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Expected {
    /// All that are present count, fresh or not.
    AtMost { count: u32 },
    /// Only fresh ones count.
    AtLeast { count: u32 },
}
