//! Queries: a saved evidence filter with an expected count.
//!
//! As people write them: `no finding with state open, under-review and severity critical on service:payments-bridge in
//! dojo, github`, `at least 1 rollback-test with state succeeded on service:payments-bridge in ci`.
//!
//! Deliberately absent: patterns, "or" over subjects, and words the schema does not have. A misspelt state would match
//! nothing, and nothing is just what some claims hope for.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::evidence::{Kind, Severity};
use crate::id::{ConnectionName, Subject};
use crate::text::excerpt;

/// `no finding with state open and severity critical on service:payments-bridge in dojo, github`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Query {
    /// What it counts. In JSON not `kind`, which says that the claim's test is a query.
    #[serde(rename = "evidence-kind")]
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

/// Why a text is no query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a query: {rule}")]
pub struct BadQuery {
    pub text: String,
    pub rule: String,
}

const FORM: &str =
    "write `no finding with state open and severity critical on service:payments-bridge in dojo, github`";

impl Query {
    /// What is wrong with it, whatever evidence there is. Queries that were read as JSON need to be asked; those that
    /// were parsed have been.
    pub fn fault(&self) -> Option<String> {
        let words = self.kind.states();
        if let Some(state) = self.states.iter().find(|state| !words.contains(&state.as_str())) {
            let state = excerpt(state, 40);
            return Some(if words.is_empty() {
                format!("{} evidence has no state, so `{state}` matches nothing", self.kind)
            } else {
                format!(
                    "`{state}` is no state of {} evidence; its states are {}",
                    self.kind,
                    words.join(", ")
                )
            });
        }
        if !self.severities.is_empty() && self.kind != Kind::Finding {
            return Some(format!("{} evidence has no severity; only findings have one", self.kind));
        }
        if self.connections.is_empty() {
            return Some("it names no connection to range over".to_owned());
        }
        (self.expected == Expected::AtLeast { count: 0 })
            .then(|| "at least 0 asks for nothing; write how many there must be".to_owned())
    }
}

impl FromStr for Query {
    type Err = BadQuery;

    fn from_str(text: &str) -> Result<Self, BadQuery> {
        read(text.trim()).map_err(|rule| BadQuery { text: excerpt(text, 300), rule })
    }
}

fn read(text: &str) -> Result<Query, String> {
    let form = || FORM.to_owned();
    let (expected, rest) = expected(text).ok_or_else(form)?;
    // Neither a kind nor a state holds ` on `, no connection holds ` in `; a subject may hold both.
    let (what, rest) = rest.split_once(" on ").ok_or_else(form)?;
    let (subject, connections) = rest.rsplit_once(" in ").ok_or_else(form)?;
    let (kind, filters) =
        what.trim().split_once(" with ").map_or((what, None), |(kind, with)| (kind, Some(with)));
    let (states, severities) = filters.map_or(Ok(Default::default()), read_filters)?;
    let connections = connections.split(',').map(|name| name.trim().parse());
    let query = Query {
        kind: kind.trim().parse().map_err(|error| format!("{error}"))?,
        states,
        severities,
        subject: subject.trim().parse().map_err(|error| format!("{error}"))?,
        connections: connections.collect::<Result<_, _>>().map_err(|error| format!("{error}"))?,
        expected,
    };
    query.fault().map_or(Ok(query), Err)
}

fn expected(text: &str) -> Option<(Expected, &str)> {
    if let Some(rest) = text.strip_prefix("no ") {
        return Some((Expected::AtMost { count: 0 }, rest));
    }
    let (at_most, rest) = match text.strip_prefix("at most ") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("at least ")?),
    };
    let (digits, rest) = rest.trim_start().split_once(' ')?;
    let count =
        Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()?;
    Some((if at_most { Expected::AtMost { count } } else { Expected::AtLeast { count } }, rest))
}

/// `state open, under-review and severity critical`, either part alone, in any order.
fn read_filters(text: &str) -> Result<(BTreeSet<String>, BTreeSet<Severity>), String> {
    let (mut states, mut severities) = (BTreeSet::new(), BTreeSet::new());
    for filter in text.split(" and ") {
        let (word, list) = filter.trim().split_once(' ').ok_or_else(|| FORM.to_owned())?;
        let words = list.split(',').map(str::trim);
        match word {
            "state" => states.extend(words.map(str::to_owned)),
            "severity" => {
                for word in words {
                    severities.insert(severity(word)?);
                }
            }
            other => return Err(format!("`{}` is neither `state` nor `severity`", excerpt(other, 40))),
        }
    }
    Ok((states, severities))
}

fn severity(word: &str) -> Result<Severity, String> {
    Severity::ALL.iter().copied().find(|severity| severity.as_str() == word).ok_or_else(|| {
        let all: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
        format!("`{}` is no severity; they are {}", excerpt(word, 40), all.join(", "))
    })
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected {
            Expected::AtMost { count: 0 } => f.write_str("no ")?,
            Expected::AtMost { count } => write!(f, "at most {count} ")?,
            Expected::AtLeast { count } => write!(f, "at least {count} ")?,
        }
        write!(f, "{}", self.kind)?;
        let states = self.states.iter().map(String::as_str);
        let severities = self.severities.iter().map(|severity| severity.as_str());
        let filters = [("state", joined(states)), ("severity", joined(severities))];
        let written: Vec<_> = filters.iter().filter(|(_, words)| !words.is_empty()).collect();
        for (at, (word, words)) in written.iter().enumerate() {
            write!(f, " {} {word} {words}", if at == 0 { "with" } else { "and" })?;
        }
        write!(f, " on {} in {}", self.subject, joined(self.connections.iter().map(ConnectionName::as_str)))
    }
}

fn joined<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
