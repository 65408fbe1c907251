//! The story's tracker: what a newcomer finds in it after `probity demo`.
//!
//! `payments-bridge` signs in to a legacy broker with a production credential that other services share. The
//! risk is accepted until the next hardening milestone, the compensating controls are reviewed in notes, an
//! older exception has expired, another is about to, and a critical finding is open, but in another service.
//! Every time is relative to the instant given, so that the story is as fresh on any day.

mod exceptions;
mod findings;

use std::time::Duration;

use jiff::civil::Date;
use probity_core::instant::Instant;

use super::tracker::{Edit, Engagement, Note, Person, Product, Test, Tracker, day};

/// Stands in the recorded traffic of a finding. It must not be found in anything that Probity keeps.
pub const CAPTURED_SECRET: &str = "sample-session-1f4e-must-not-be-kept";

/// Whom the token belongs to.
pub(super) const READER: u64 = 1;
pub(super) const ANALYST: u64 = 2;
pub(super) const APPROVER: u64 = 3;
pub(super) const RELIABILITY: u64 = 4;
pub(super) const SCANNER: u64 = 5;

const PEOPLE: [(u64, &str); 5] = [
    (READER, "sample-evidence-reader"),
    (ANALYST, "sample-analyst"),
    (APPROVER, "sample-security-approver"),
    (RELIABILITY, "sample-reliability-engineer"),
    (SCANNER, "sample-scanner-import"),
];

const PRODUCTS: [(&str, &str, &str); 5] = [
    ("payments-bridge", "Carries card payments to the acquirers over the legacy broker.", "revenue-critical"),
    ("ledger-core", "Books what the payments services report.", "revenue-critical"),
    ("checkout-web", "The shop's checkout pages.", "internet-facing"),
    ("notification-hub", "Sends receipts and reminders.", "internal"),
    ("legacy-broker", "The message broker that the platform hardening replaces.", "end-of-life"),
];

/// Product (counted from 1) and kind of each test; findings name a test by its place here, counted from 1.
const TESTS: [(u64, &str); 9] = [
    (1, "Manual Code Review"),
    (1, "Dependency Scan"),
    (1, "Infrastructure Scan"),
    (2, "Static Analysis"),
    (2, "Dependency Scan"),
    (3, "Web Application Scan"),
    (3, "Dependency Scan"),
    (4, "Container Scan"),
    (5, "Configuration Review"),
];

/// The milestone that ends the exception: days from now.
const MILESTONE: u64 = 52;

/// A point in the story.
#[derive(Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    /// So many days ago, at an odd time of that day: a source's times are seldom round.
    pub(super) fn ago(self, days: u64) -> Instant {
        let odd = Duration::from_micros(1 + days * 7_919_123 % 3_600_000_000);
        let days = Duration::from_secs(days * 86_400);
        self.0.minus(days + odd).unwrap_or(self.0)
    }

    /// So many days from now.
    fn ahead(self, days: u64) -> Instant {
        self.0.plus(Duration::from_secs(days * 86_400)).unwrap_or(self.0)
    }

    pub(super) fn day_ago(self, days: u64) -> Date {
        day(self.ago(days))
    }
}

impl Tracker {
    /// The tracker of the demonstration, as it stands at an instant.
    pub fn story(now: Instant) -> Self {
        let clock = Clock(now);
        let mut tracker = Self {
            now,
            people: PEOPLE.map(|(id, name)| Person { id, username: name.to_owned() }).into(),
            products: products(clock),
            engagements: engagements(clock),
            tests: tests(clock),
            findings: findings::all(clock),
            risk_acceptances: exceptions::all(clock),
            disorder: None,
        };
        review_controls(&mut tracker, clock);
        tracker
    }
}

fn products(clock: Clock) -> Vec<Product> {
    let product = |(id, (name, description, tag)): (u64, (&str, &str, &str))| Product {
        id,
        name: name.to_owned(),
        description: description.to_owned(),
        created: clock.ago(700),
        tags: vec![tag.to_owned()],
    };
    (1..).zip(PRODUCTS).map(product).collect()
}

fn engagements(clock: Clock) -> Vec<Engagement> {
    let engagement = |(id, (name, _, _)): (u64, (&str, &str, &str))| Engagement {
        id,
        product: id,
        name: format!("{name} security review"),
        created: clock.ago(240),
        updated: clock.ago(2),
        start: clock.day_ago(240),
        end: day(clock.ahead(MILESTONE)),
    };
    (1..).zip(PRODUCTS).map(engagement).collect()
}

fn tests(clock: Clock) -> Vec<Test> {
    let test = |(id, (engagement, kind)): (u64, (u64, &str))| Test {
        id,
        engagement,
        kind: kind.to_owned(),
        created: clock.ago(239),
        updated: clock.ago(2),
    };
    (1..).zip(TESTS).map(test).collect()
}

/// The compensating controls of the broker exception, as their reviewers noted them on the findings.
fn review_controls(tracker: &mut Tracker, clock: Clock) {
    let notes_of = [(1, credential_notes(clock)), (13, rotation_notes(clock))];
    for (finding, notes) in notes_of {
        let Some(finding) = tracker.finding_mut(finding) else { continue };
        let last = notes.iter().map(|note| note.date).max();
        finding.last_reviewed = last;
        finding.updated = last.map_or(finding.updated, |last| last.max(finding.updated));
        finding.notes = notes;
    }
}

fn credential_notes(clock: Clock) -> Vec<Note> {
    vec![
        Note {
            edit: Some(Edit {
                by: ANALYST,
                at: clock.ago(29),
                before: "Compensating control: break-glass account monitored.".to_owned(),
            }),
            ..note(
                1,
                (ANALYST, clock.ago(30)),
                format!(
                    "Compensating control: break-glass account monitoring reviewed {}. Sign-ins raise an alert, \
                     but it reached nobody outside office hours. Outcome: partial.",
                    clock.day_ago(30)
                ),
            )
        },
        note(
            2,
            (RELIABILITY, clock.ago(21)),
            "Asked the broker team for the date of the per-service accounts; they plan with the hardening milestone."
                .to_owned(),
        ),
        note(
            3,
            (ANALYST, clock.ago(9)),
            format!(
                "Compensating control: IP allow-list reviewed {}. All four broker listeners admit only the two \
                 subnets of payments-bridge; a sign-in from the build network was refused. Outcome: effective.",
                clock.day_ago(9)
            ),
        ),
        note(
            4,
            (RELIABILITY, clock.ago(4)),
            format!(
                "Compensating control: break-glass account monitored, reviewed {}. A test sign-in at night reached \
                 the engineer on call within three minutes. Outcome: effective.",
                clock.day_ago(4)
            ),
        ),
        Note {
            private: true,
            ..note(5, (APPROVER, clock.ago(3)), "Will not renew a second time without a rehearsed rollback.".to_owned())
        },
    ]
}

fn rotation_notes(clock: Clock) -> Vec<Note> {
    vec![note(
        6,
        (RELIABILITY, clock.ago(11)),
        format!(
            "Compensating control: credential rotation reviewed {}. The shared credential was rotated in the change \
             window of that night; all five consumers signed in again. Outcome: effective.",
            clock.day_ago(11)
        ),
    )]
}

fn note(id: u64, (author, date): (u64, Instant), entry: String) -> Note {
    Note { id, author, entry, date, private: false, edit: None }
}

#[cfg(test)]
mod tests {
    use super::super::tracker::{Severity, Status, Tracker};
    use crate::demo::dojo::render;

    fn story() -> Tracker {
        Tracker::story("2026-11-22T21:29:09.354959Z".parse().unwrap())
    }

    #[test]
    fn every_reference_leads_somewhere_and_no_id_is_given_twice() {
        let tracker = story();
        let mut ids: Vec<u64> = tracker.findings.iter().map(|finding| finding.id).collect();
        ids.dedup();
        assert_eq!(ids, (1..=tracker.findings.len() as u64).collect::<Vec<_>>());
        for finding in &tracker.findings {
            assert!(tracker.test(finding.test).is_some(), "{}", finding.title);
            assert!(tracker.person(finding.reporter).is_some(), "{}", finding.title);
        }
        for acceptance in &tracker.risk_acceptances {
            assert!(
                acceptance.findings.iter().all(|id| tracker.finding(*id).is_some()),
                "{}",
                acceptance.name
            );
        }
        let notes = tracker.findings.iter().flat_map(|finding| &finding.notes);
        assert!(notes.clone().all(|note| tracker.person(note.author).is_some()));
        assert!(notes.count() >= 5);
    }

    #[test]
    fn nothing_has_happened_yet_that_lies_ahead() {
        let tracker = story();
        for finding in &tracker.findings {
            assert!(
                finding.created <= finding.updated && finding.updated <= tracker.now,
                "{}",
                finding.title
            );
            assert!(finding.last_status_update <= finding.updated, "{}", finding.title);
        }
        assert!(
            tracker
                .risk_acceptances
                .iter()
                .all(|one| one.created <= one.updated && one.updated < tracker.now)
        );
    }

    #[test]
    fn the_story_is_told() {
        let tracker = story();
        let product_of = |finding: &super::super::Finding| {
            let test = tracker.test(finding.test).unwrap();
            tracker.product(tracker.engagement(test.engagement).unwrap().product).unwrap().name.clone()
        };
        let credential = tracker.finding(1).unwrap();
        assert_eq!(
            (product_of(credential).as_str(), credential.severity, credential.status),
            ("payments-bridge", Severity::High, Status::RiskAccepted)
        );
        let critical: Vec<_> = tracker
            .findings
            .iter()
            .filter(|one| one.severity == Severity::Critical && one.status == Status::Active)
            .map(product_of)
            .collect();
        assert_eq!(critical, ["ledger-core"]);
        let exploited: Vec<_> = tracker.findings.iter().filter(|one| one.known_exploited).collect();
        assert!(matches!(exploited[..], [one] if matches!(one.status, Status::Mitigated { .. })));
        // Of the service the packet is about: one exception holds, one has run out, one is about to.
        let days = |one: &super::super::RiskAcceptance| {
            let expires = jiff::Timestamp::from(one.expires.unwrap());
            expires.duration_since(tracker.now.into()).as_hours() / 24
        };
        let of = |id| tracker.risk_acceptances.iter().find(|one| one.id == id).unwrap();
        assert_eq!([days(of(1)), days(of(5)), days(of(6))], [52, -14, 5]);
        assert!(of(5).handled.is_some() && tracker.finding(7).unwrap().status == Status::Active);
        assert!(tracker.findings.len() >= 38, "{}", tracker.findings.len());
    }

    #[test]
    fn a_risk_accepted_past_the_api_leaves_its_finding_active() {
        let tracker = story();
        let json = render::finding(&tracker, tracker.finding(3).unwrap(), false);
        assert_eq!((&json["active"], &json["risk_accepted"]), (&true.into(), &false.into()));
        assert_eq!(json["accepted_risks"][0]["id"], 4);
    }
}
