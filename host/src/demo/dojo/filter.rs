//! Which entries a query keeps.
//!
//! The rule that matters: **a parameter the server does not know is silently ignored**, so that
//! `updated__gt=2030-01-01` on findings returns every finding. The sample knows the filters that a reader of
//! evidence is likely to use; of the rest it cannot be told from the original.

use std::collections::BTreeSet;

use jiff::civil::Date;
use probity_core::instant::Instant;

use super::tracker::{Engagement, Finding, Product, RiskAcceptance, Status, Test, Tracker, day};

/// The query parameters of a request, decoded, in order.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The last value given for a name, as Django takes it; an empty one counts as not given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// All values of a name, each split at its commas.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        let all = self.0.iter().filter(|(known, _)| known == name);
        all.flat_map(|(_, value)| value.split(',')).filter(|value| !value.is_empty()).collect()
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// A parameter that is known, with a value that is not: answered with 400.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadValue {
    pub(super) parameter: String,
    pub(super) message: String,
}

impl BadValue {
    pub(super) fn choice(parameter: &str, value: &str) -> Self {
        let message = format!("Select a valid choice. {value} is not one of the available choices.");
        Self { parameter: parameter.to_owned(), message }
    }

    fn form(parameter: &str, message: &str) -> Self {
        Self { parameter: parameter.to_owned(), message: message.to_owned() }
    }
}

/// Whether one filter keeps an entry.
type Keep<'q, T> = Box<dyn Fn(&T) -> bool + 'q>;

/// What a query keeps of a list: the entries that all of these keep.
pub(super) type Keeps<'q, T> = Vec<Keep<'q, T>>;

/// The filters of `/findings/`.
pub(super) fn findings<'q>(tracker: &Tracker, query: &'q Query) -> Result<Keeps<'q, Finding>, BadValue> {
    let mut keeps: Keeps<'q, Finding> = Vec::new();
    for (name, value) in query.pairs().filter(|(_, value)| !value.is_empty()) {
        match name {
            "created" | "date" | "mitigated" | "last_reviewed" => check_range(name, value)?,
            "test__engagement" | "test__engagement__product" | "product_name" => {
                let tests = tests_below(tracker, name, value);
                keeps.push(Box::new(move |finding| tests.contains(&finding.test)));
            }
            "discovered_on" | "discovered_after" | "discovered_before" => {
                let bound = a_date(name, value)?;
                keeps.push(Box::new(move |finding| match name {
                    "discovered_on" => finding.date == bound,
                    "discovered_after" => finding.date > bound,
                    _ => finding.date < bound,
                }));
            }
            _ => keeps.extend(finding_member(name, value)),
        }
    }
    Ok(keeps)
}

/// The filters that look at one member of a finding.
fn finding_member<'q>(name: &'q str, value: &'q str) -> Option<Keep<'q, Finding>> {
    let flag: fn(&Finding) -> bool = match name {
        "active" => |finding| matches!(finding.status, Status::Active | Status::UnderReview),
        "verified" => |finding| finding.verified,
        "under_review" => |finding| finding.status == Status::UnderReview,
        "risk_accepted" => |finding| finding.status == Status::RiskAccepted,
        "false_p" => |finding| finding.status == Status::FalsePositive,
        "out_of_scope" => |finding| finding.status == Status::OutOfScope,
        "duplicate" => |finding| matches!(finding.status, Status::Duplicate { .. }),
        "is_mitigated" => |finding| {
            matches!(finding.status, Status::Mitigated { .. } | Status::FalsePositive | Status::OutOfScope)
        },
        "id" => return Some(Box::new(move |finding| has_id(value, finding.id))),
        "test" => return Some(Box::new(move |finding| has_id(value, finding.test))),
        "severity" => {
            return Some(Box::new(move |finding| {
                value.split(',').any(|one| one == finding.severity.as_str())
            }));
        }
        "tags" => {
            return Some(Box::new(move |finding| {
                value.split(',').any(|tag| finding.tags.iter().any(|t| t == tag))
            }));
        }
        _ => return None,
    };
    // A word that is neither yes nor no is dropped by the server's form.
    let wanted = match value {
        "true" | "True" | "1" => true,
        "false" | "False" | "0" => false,
        _ => return None,
    };
    Some(Box::new(move |finding| flag(finding) == wanted))
}

/// The tests below an engagement or a product.
fn tests_below(tracker: &Tracker, name: &str, value: &str) -> BTreeSet<u64> {
    let keeps = |test: &&Test| {
        let Some(engagement) = tracker.engagement(test.engagement) else { return false };
        match name {
            "test__engagement" => has_id(value, engagement.id),
            "test__engagement__product" => has_id(value, engagement.product),
            _ => tracker
                .product(engagement.product)
                .is_some_and(|product| product.name.to_lowercase().contains(&value.to_lowercase())),
        }
    };
    tracker.tests.iter().filter(keeps).map(|test| test.id).collect()
}

/// The filters of `/risk_acceptance/`. Comparing `updated` works here and not on findings; servers from
/// before 2026-04 ignore it here, too.
pub(super) fn risk_acceptances(query: &Query) -> Result<Keeps<'_, RiskAcceptance>, BadValue> {
    let mut keeps: Keeps<'_, RiskAcceptance> = Vec::new();
    for (name, value) in query.pairs().filter(|(_, value)| !value.is_empty()) {
        match name {
            "id" => keeps.push(Box::new(move |one| has_id(value, one.id))),
            "owner" => keeps.push(Box::new(move |one| has_id(value, one.owner))),
            "name" => keeps.push(Box::new(move |one| one.name == value)),
            "decision" => keeps.push(Box::new(move |one| one.decision.letter() == value)),
            "accepted_findings" => {
                keeps.push(Box::new(move |one| one.findings.iter().any(|id| has_id(value, *id))));
            }
            "created" | "updated" => check_range(name, value)?,
            _ => {
                let Some((member, comparison)) = name.split_once("__") else { continue };
                let member: fn(&RiskAcceptance) -> Option<Instant> = match member {
                    "updated" => |one| Some(one.updated),
                    "created" => |one| Some(one.created),
                    "expiration_date" => |one| one.expires,
                    _ => continue,
                };
                let holds: fn(&Instant, &Instant) -> bool = match comparison {
                    "gt" => Instant::gt,
                    "gte" => Instant::ge,
                    "lt" => Instant::lt,
                    "lte" => Instant::le,
                    _ => continue,
                };
                let bound = an_instant(name, value)?;
                keeps.push(Box::new(move |one| member(one).is_some_and(|time| holds(&time, &bound))));
            }
        }
    }
    Ok(keeps)
}

/// The filters of `/tests/`.
pub(super) fn tests<'q>(tracker: &Tracker, query: &'q Query) -> Keeps<'q, Test> {
    let mut keeps: Keeps<'q, Test> = Vec::new();
    for (name, value) in query.pairs().filter(|(_, value)| !value.is_empty()) {
        match name {
            "id" => keeps.push(Box::new(move |test| has_id(value, test.id))),
            "engagement" => keeps.push(Box::new(move |test| has_id(value, test.engagement))),
            "engagement__product" => {
                let tests = tests_below(tracker, "test__engagement__product", value);
                keeps.push(Box::new(move |test| tests.contains(&test.id)));
            }
            _ => {}
        }
    }
    keeps
}

/// The filters of `/engagements/`.
pub(super) fn engagements(query: &Query) -> Keeps<'_, Engagement> {
    let mut keeps: Keeps<'_, Engagement> = Vec::new();
    for (name, value) in query.pairs().filter(|(_, value)| !value.is_empty()) {
        match name {
            "id" => keeps.push(Box::new(move |engagement| has_id(value, engagement.id))),
            "product" => keeps.push(Box::new(move |engagement| has_id(value, engagement.product))),
            _ => {}
        }
    }
    keeps
}

/// The filters of `/products/`.
pub(super) fn products(query: &Query) -> Keeps<'_, Product> {
    let mut keeps: Keeps<'_, Product> = Vec::new();
    for (name, value) in query.pairs().filter(|(_, value)| !value.is_empty()) {
        match name {
            "id" => keeps.push(Box::new(move |product| has_id(value, product.id))),
            "name_exact" => keeps.push(Box::new(move |product| product.name == value)),
            "name" => {
                let part = value.to_lowercase();
                keeps.push(Box::new(move |product| product.name.to_lowercase().contains(&part)));
            }
            _ => {}
        }
    }
    keeps
}

/// Whether a comma-separated list of numbers names an id.
pub(super) fn has_id(list: &str, id: u64) -> bool {
    list.split(',').any(|one| one.trim().parse() == Ok(id))
}

/// These parameters look like dates and are choices: 1 is today, 2 the last seven days, up to 8.
fn check_range(name: &str, value: &str) -> Result<(), BadValue> {
    match value.parse::<u8>() {
        Ok(1..=8) => Ok(()),
        _ => Err(BadValue::choice(name, value)),
    }
}

fn a_date(name: &str, value: &str) -> Result<Date, BadValue> {
    value.parse().map_err(|_| BadValue::form(name, "Enter a valid date."))
}

/// The server takes an instant, or a date for its first moment.
fn an_instant(name: &str, value: &str) -> Result<Instant, BadValue> {
    let whole_day =
        || format!("{value}T00:00:00Z").parse::<Instant>().ok().filter(|at| value == day(*at).to_string());
    let instant = value.parse().ok().or_else(whole_day);
    instant.ok_or_else(|| BadValue::form(name, "Enter a valid date/time."))
}
