//! What the sample tracker holds: products, engagements, tests, findings, notes and accepted risks.
//!
//! Changes move the times that DefectDojo moves and no others (a note moves `updated` and `last_reviewed`,
//! an edit of the mitigation only `updated`), because a reader that trusts the wrong one loses changes.
//! How a finding stands is one value here; its many flags are made of it when it is written as JSON.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use probity_core::instant::Instant;

/// The contents of a findings tracker. Every id refers to an entry of the same tracker.
#[derive(Debug, Clone)]
pub struct Tracker {
    /// What the tracker takes the time to be: `age` and `sla_days_remaining` are counted from it.
    pub now: Instant,
    /// The first one is whom the token belongs to.
    pub people: Vec<Person>,
    pub products: Vec<Product>,
    pub engagements: Vec<Engagement>,
    pub tests: Vec<Test>,
    pub findings: Vec<Finding>,
    pub risk_acceptances: Vec<RiskAcceptance>,
    /// With a seed, lists come in an order of the server's own, the same for every page, whatever was asked.
    pub disorder: Option<u64>,
}

/// A user of the tracker.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: u64,
    pub username: String,
}

/// What findings are about: here, a service.
#[derive(Debug, Clone)]
pub struct Product {
    pub id: u64,
    pub name: String,
    pub description: String,
    pub created: Instant,
    pub tags: Vec<String>,
}

/// A piece of testing work on a product.
#[derive(Debug, Clone)]
pub struct Engagement {
    pub id: u64,
    pub product: u64,
    pub name: String,
    pub created: Instant,
    pub updated: Instant,
    pub start: Date,
    pub end: Date,
}

/// One tool's or person's pass within an engagement.
#[derive(Debug, Clone)]
pub struct Test {
    pub id: u64,
    pub engagement: u64,
    /// The tool or kind of test: `Manual Code Review`.
    pub kind: String,
    pub created: Instant,
    pub updated: Instant,
}

/// Declared from worst to least, so that they sort as DefectDojo's `numerical_severity` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Critical,
    High,
    Medium,
    Low,
    Info,
}

/// How a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Active,
    UnderReview,
    /// Closed by an accepted risk: written as inactive. A finding that is `Active` and still named by a risk
    /// acceptance is what rows inserted past the API look like.
    RiskAccepted,
    Mitigated {
        at: Instant,
        by: u64,
    },
    FalsePositive,
    OutOfScope,
    Duplicate {
        of: u64,
    },
    Inactive,
}

/// The part of a product where a finding is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub name: String,
    pub version: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Finding {
    pub id: u64,
    pub test: u64,
    pub reporter: u64,
    /// The server writes titles with capitals; so should the sample.
    pub title: String,
    pub severity: Severity,
    pub status: Status,
    pub verified: bool,
    pub description: String,
    pub mitigation: String,
    pub impact: String,
    /// The day it was found.
    pub date: Date,
    pub created: Instant,
    /// Moves with every change.
    pub updated: Instant,
    /// Moves with changes of `status` only.
    pub last_status_update: Instant,
    /// Moves with notes and reviews.
    pub last_reviewed: Option<Instant>,
    /// The day the service level wants it closed; none for what has no service level.
    pub due: Option<Date>,
    pub planned_remediation: Option<Date>,
    pub cwe: Option<u32>,
    pub vulnerability_ids: Vec<String>,
    pub known_exploited: bool,
    pub component: Option<Component>,
    pub file_path: Option<String>,
    pub line: Option<u32>,
    pub url: Option<String>,
    pub service: Option<String>,
    pub tags: Vec<String>,
    pub notes: Vec<Note>,
    /// Recorded traffic, request and response. Real ones hold cookies and passwords; nobody downstream
    /// may keep it.
    pub traffic: Vec<(String, String)>,
}

/// A remark on a finding or an accepted risk.
#[derive(Debug, Clone)]
pub struct Note {
    pub id: u64,
    pub author: u64,
    pub entry: String,
    pub date: Instant,
    pub private: bool,
    pub edit: Option<Edit>,
}

/// The last edit of a note.
#[derive(Debug, Clone)]
pub struct Edit {
    pub by: u64,
    pub at: Instant,
    /// What the note said before.
    pub before: String,
}

/// What was decided about a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Accept,
    Avoid,
    Mitigate,
    Fix,
    Transfer,
}

#[derive(Debug, Clone)]
pub struct RiskAcceptance {
    pub id: u64,
    pub name: String,
    pub recommendation: Decision,
    pub recommendation_details: Option<String>,
    pub decision: Decision,
    /// Compensating controls and conditions, in DefectDojo.
    pub decision_details: Option<String>,
    /// Free text, not an identity.
    pub accepted_by: Option<String>,
    pub owner: u64,
    pub expires: Option<Instant>,
    /// When the tracker warned that it would expire.
    pub warned: Option<Instant>,
    /// When the tracker noticed that it had expired.
    pub handled: Option<Instant>,
    pub reactivates: bool,
    pub created: Instant,
    pub updated: Instant,
    pub findings: Vec<u64>,
    pub notes: Vec<Note>,
}

impl Tracker {
    /// The finding of that id.
    pub fn finding(&self, id: u64) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.id == id)
    }

    /// The finding of that id, to be changed. Moving its times is the caller's part; see the other methods.
    pub fn finding_mut(&mut self, id: u64) -> Option<&mut Finding> {
        self.findings.iter_mut().find(|finding| finding.id == id)
    }

    /// The accepted risk of that id.
    pub fn risk_acceptance_mut(&mut self, id: u64) -> Option<&mut RiskAcceptance> {
        self.risk_acceptances.iter_mut().find(|acceptance| acceptance.id == id)
    }

    /// Changes how a finding stands: `updated` and `last_status_update` move. Whether there was one.
    pub fn set_status(&mut self, id: u64, status: Status, at: Instant) -> bool {
        self.finding_mut(id).is_some_and(|finding| {
            finding.status = status;
            finding.updated = at;
            finding.last_status_update = at;
            true
        })
    }

    /// Rewrites how to mitigate a finding: only `updated` moves. Whether there was one.
    pub fn set_mitigation(&mut self, id: u64, mitigation: &str, at: Instant) -> bool {
        self.finding_mut(id).is_some_and(|finding| {
            mitigation.clone_into(&mut finding.mitigation);
            finding.updated = at;
            true
        })
    }

    /// Adds a note to a finding: `updated` and `last_reviewed` move. The note's id, if there is such a finding.
    pub fn add_note(&mut self, finding: u64, author: u64, entry: &str, at: Instant) -> Option<u64> {
        let id = self.next_note();
        let finding = self.finding_mut(finding)?;
        finding.notes.push(Note {
            id,
            author,
            entry: entry.to_owned(),
            date: at,
            private: false,
            edit: None,
        });
        finding.updated = at;
        finding.last_reviewed = Some(at);
        Some(id)
    }

    /// Takes a finding out, and out of every accepted risk. Whether there was one.
    pub fn delete_finding(&mut self, id: u64) -> bool {
        let before = self.findings.len();
        self.findings.retain(|finding| finding.id != id);
        for acceptance in &mut self.risk_acceptances {
            acceptance.findings.retain(|finding| *finding != id);
        }
        self.findings.len() < before
    }

    /// Puts an accepted risk in, as the API does it: its findings become inactive and risk-accepted.
    pub fn accept_risk(&mut self, acceptance: RiskAcceptance) {
        for id in acceptance.findings.clone() {
            self.set_status(id, Status::RiskAccepted, acceptance.created);
        }
        self.risk_acceptances.push(acceptance);
    }

    /// An id that no note has yet.
    pub fn next_note(&self) -> u64 {
        let of_findings = self.findings.iter().flat_map(|finding| &finding.notes);
        let of_risks = self.risk_acceptances.iter().flat_map(|acceptance| &acceptance.notes);
        of_findings.chain(of_risks).map(|note| note.id).max().map_or(1, |last| last + 1)
    }

    pub(super) fn person(&self, id: u64) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(super) fn product(&self, id: u64) -> Option<&Product> {
        self.products.iter().find(|product| product.id == id)
    }

    pub(super) fn engagement(&self, id: u64) -> Option<&Engagement> {
        self.engagements.iter().find(|engagement| engagement.id == id)
    }

    pub(super) fn test(&self, id: u64) -> Option<&Test> {
        self.tests.iter().find(|test| test.id == id)
    }
}

impl Severity {
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// As DefectDojo writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
            Self::Info => "Info",
        }
    }

    /// DefectDojo's `numerical_severity`: `S0` is the worst.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Critical => "S0",
            Self::High => "S1",
            Self::Medium => "S2",
            Self::Low => "S3",
            Self::Info => "S4",
        }
    }

    /// How many days the sample's service level allows, where there is one.
    pub const fn allowed_days(self) -> Option<i64> {
        match self {
            Self::Critical => Some(7),
            Self::High => Some(30),
            Self::Medium => Some(90),
            Self::Low => Some(120),
            Self::Info => None,
        }
    }
}

impl Decision {
    /// The letter DefectDojo writes for it.
    pub const fn letter(self) -> &'static str {
        match self {
            Self::Accept => "A",
            Self::Avoid => "V",
            Self::Mitigate => "M",
            Self::Fix => "F",
            Self::Transfer => "T",
        }
    }
}

/// The day of an instant in UTC, where the sample tracker keeps its calendar.
pub(super) fn day(instant: Instant) -> Date {
    jiff::Timestamp::from(instant).to_zoned(TimeZone::UTC).date()
}
