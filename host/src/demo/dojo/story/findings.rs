//! The story's findings, a line or two each.

use jiff::ToSpan as _;
use probity_core::instant::Instant;

use super::{ANALYST, CAPTURED_SECRET, Clock, SCANNER};
use crate::demo::dojo::tracker::{Component, Finding, Severity, Status};

use Severity::{Critical, High, Info, Low, Medium};
use Stands::{Accepted, Again, Closed, Confirmed, Dropped, False, Open, Outside, Review};

/// How a finding stands, in days before now where it matters.
#[derive(Clone, Copy)]
enum Stands {
    Open,
    /// Open, and a person has looked.
    Confirmed,
    Review,
    Accepted(u64),
    Closed(u64),
    False(u64),
    Outside(u64),
    /// A duplicate of another finding.
    Again(u64),
    Dropped,
}

/// Test, severity, days since it was found, how it stands, CWE, title, what was seen.
type Row = (u64, Severity, u64, Stands, u32, &'static str, &'static str);

#[rustfmt::skip]
const ROWS: [Row; 54] = [
    // payments-bridge
    (1, High, 44, Accepted(38), 798, "Shared Production Credential In Legacy Broker Path",
     "payments-bridge signs in to the legacy broker as `svc-settlement`, the account that four other services use. Whoever holds its password can read and write the settlement queues, and the broker's log cannot tell the services apart."),
    (1, Medium, 44, Accepted(38), 290, "Broker Session Is Not Bound To A Client",
     "A broker session goes on when the client's address changes. The allow-list is checked at sign-in only."),
    (3, Medium, 120, Confirmed, 327, "Retired Cipher Suite On Broker Connection",
     "The broker offers no suite newer than the one retired last year; payments-bridge has to accept it."),
    (2, High, 70, Closed(41), 502, "Known Exploited Deserialization In Message Codec",
     "The codec's version creates any type that a message names. Attacks in the wild are known."),
    (3, Low, 25, Open, 209, "Verbose Error Page On Health Endpoint",
     "The health endpoint answers a malformed request with a stack trace."),
    (1, Medium, 18, Accepted(16), 770, "Retry Queue Has No Upper Bound",
     "While the broker is away, retries pile up in memory until the process ends."),
    (2, Low, 90, Open, 1104, "Unmaintained Dependency Reads Xml Receipts",
     "The library that reads the acquirers' receipts has had no release for three years."),
    (2, Medium, 60, Closed(12), 1395, "Outdated Tls Library",
     "The library's version is two security releases behind."),
    (1, Info, 200, Open, 1053, "Repository Names No Security Contact",
     "Whoever finds a weakness finds no address to report it to."),
    (3, Medium, 33, Closed(20), 532, "Session Token In Debug Log",
     "At debug level the bridge logs the headers of the acquirers' requests, session tokens among them."),
    (3, Low, 24, Again(5), 209, "Stack Trace On Malformed Health Request",
     "The same place as the verbose error page, found by the second scanner."),
    (3, High, 15, False(13), 250, "Container Runs As Root",
     "The scanner read the build stage of the image; the running stage has a user of its own."),
    (1, Medium, 40, Confirmed, 262, "Credential Rotation Depends On A Manual Step",
     "The broker's password is rotated by a person with a runbook. Nothing notices when a month is left out."),
    (1, Low, 28, Review, 1188, "Stale Feature Flag Guards Broker Fallback",
     "The flag that would move traffic to the fallback broker has not been tried for a year."),
    // ledger-core
    (4, Critical, 3, Confirmed, 294, "Settlement Messages Can Be Replayed",
     "A settlement message is booked again when it is sent again: nothing remembers its number after a restart."),
    (4, High, 22, Open, 89, "Unbound Query Parameter In Export",
     "The export's sort column is pasted into the statement."),
    (5, High, 50, Closed(30), 400, "Regular Expression Takes Exponential Time",
     "The parser of booking texts stalls on a crafted line."),
    (4, Medium, 64, Open, 367, "Balance Is Checked Before The Lock",
     "Two withdrawals at the same moment both see the old balance."),
    (4, Low, 80, Open, 563, "Unused Administrative Route",
     "A route from the first migration still answers, to administrators only."),
    (5, Medium, 35, Open, 1104, "Dependency Past Its Support",
     "The date library's branch is no longer supported."),
    (4, Low, 150, Dropped, 1164, "Dead Code In Reconciliation",
     "Nothing calls the module any more."),
    // checkout-web
    (6, Medium, 12, Open, 79, "Unescaped Coupon Name",
     "The coupon's name is written into the basket page as markup."),
    (6, Medium, 91, Accepted(85), 613, "Checkout Session Lives Thirty Days",
     "A session ends after thirty days, whatever happened in it."),
    (6, Low, 40, Open, 1021, "Page May Be Framed",
     "The confirmation page does not forbid being framed."),
    (7, High, 30, Closed(24), 1321, "Prototype Pollution In Form Library",
     "A crafted field name changes the behaviour of every form on the page."),
    (6, Low, 40, Closed(33), 614, "Cookie Without Secure Attribute",
     "The language cookie was sent over plain connections, too."),
    (7, Medium, 16, Open, 1104, "Icon Font Package Has No Maintainer",
     "The package was handed over to an unknown account."),
    (6, Info, 58, Outside(55), 200, "Server Header Names Version",
     "The header belongs to the content network, which is not ours."),
    (6, Low, 9, Review, 601, "Open Redirect After Sign Out",
     "The address to go on to is checked by prefix only."),
    (6, Medium, 45, False(44), 352, "Form Without Token",
     "The form is sent by script with the token in a header, which the scanner does not see."),
    // notification-hub
    (8, High, 105, Confirmed, 1395, "Base Image With Known Weaknesses",
     "The base image is eleven months old. The exception for it has run out."),
    (8, Medium, 55, Open, 276, "Template Folder Is Writable",
     "The process may change the templates it renders."),
    (8, Low, 55, Open, 732, "World Readable Configuration",
     "The configuration can be read by every user of the container; it holds no secret."),
    (8, Low, 20, Closed(6), 1104, "Old Mail Library",
     "Two releases behind, neither about security."),
    (8, Info, 55, Open, 1059, "No Image Label For Source",
     "The image does not say which revision it was built from."),
    // legacy-broker
    (9, High, 130, Confirmed, 1391, "Broker Accounts Are Shared Between Services",
     "Three of the broker's eleven accounts are used by more than one service."),
    (9, Medium, 130, Confirmed, 778, "Broker Log Does Not Name The Client Service",
     "The log has the account and the address, and neither is the service."),
    (9, Medium, 130, Open, 1104, "Broker Version Past Its Support",
     "The vendor's support ended; the platform hardening replaces the broker."),
    (9, Low, 100, Closed(70), 521, "Default Account Still Enabled",
     "The vendor's default account was enabled, without rights."),
    (9, Info, 130, Open, 1053, "Runbook Names A Former Team",
     "The broker's runbook sends the reader to a team that no longer exists."),
    // payments-bridge, found since
    (2, High, 48, Closed(37), 400, "Header Parser Takes Quadratic Time",
     "A long header keeps a worker busy for seconds."),
    (2, Medium, 31, Open, 1104, "Dependency Scanner Cannot Read Vendored Client",
     "The broker's client library is vendored without a version, so nothing can be matched against it."),
    (3, Medium, 27, Closed(19), 319, "Metrics Endpoint Without Encryption",
     "The collector read the bridge's metrics over a plain connection."),
    (1, Medium, 26, Confirmed, 1188, "Rollback Needs The Old Credential",
     "The rehearsed rollback signs in with the password from before the last rotation."),
    (1, Low, 26, Open, 778, "Sign-in Failures Are Counted, Not Logged",
     "The bridge counts refused sign-ins at the broker and does not say which account was refused."),
    (3, Low, 23, Open, 732, "Broker Settings Readable By The Deploy Group",
     "The file names the account, not the password; nine people are in the group."),
    (3, Medium, 21, Outside(20), 693, "Broker Port Open In Test Network",
     "The test network is torn down every night and reaches no production host."),
    (2, Low, 19, Closed(8), 1104, "Old Release Of Retry Library",
     "One release behind."),
    (1, Low, 17, Review, 117, "Acquirer Text Reaches The Log Unescaped",
     "A line feed in an acquirer's message begins a new log line."),
    (3, Info, 14, Open, 1053, "Dashboard Links To A Retired Runbook",
     "The link leads to the runbook of the broker's former team."),
    (2, Medium, 10, Open, 1395, "Json Library With A Known Weakness",
     "The weak function is not called by the bridge; the scanner cannot see that."),
    (1, Medium, 8, Confirmed, 613, "Broker Session Outlives A Rotation",
     "Sessions opened before a rotation go on with the old password until they are closed."),
    (3, Low, 6, Open, 1295, "Error Counter Names The Queue",
     "The public status page shows the internal name of a queue."),
    (2, Info, 2, Open, 1059, "Licence File Missing In One Dependency",
     "The dependency names its licence in its manifest only."),
];

/// All of them, with what the rows leave out.
pub(super) fn all(clock: Clock) -> Vec<Finding> {
    let mut findings: Vec<Finding> = (1..).zip(ROWS).map(|(id, row)| finding(clock, id, row)).collect();
    for finding in &mut findings {
        detail(finding, clock);
    }
    findings
}

fn finding(clock: Clock, id: u64, row: Row) -> Finding {
    let (test, severity, age, stands, cwe, title, description) = row;
    let created = clock.ago(age);
    let (status, changed) = status(stands, clock);
    let changed = changed.map_or(created, |days| clock.ago(days));
    Finding {
        id,
        test,
        reporter: if matches!(test, 1 | 9) { ANALYST } else { SCANNER },
        title: title.to_owned(),
        severity,
        status,
        verified: matches!(stands, Confirmed | Accepted(_) | Closed(_)),
        description: description.to_owned(),
        mitigation: String::new(),
        impact: String::new(),
        date: clock.day_ago(age),
        created,
        updated: changed,
        last_status_update: changed,
        last_reviewed: None,
        due: severity.allowed_days().and_then(|days| clock.day_ago(age).checked_add(days.days()).ok()),
        planned_remediation: None,
        cwe: Some(cwe),
        vulnerability_ids: Vec::new(),
        known_exploited: false,
        component: None,
        file_path: None,
        line: None,
        url: None,
        service: None,
        tags: Vec::new(),
        notes: Vec::new(),
        traffic: Vec::new(),
    }
}

/// The status, and how many days ago it was given, unless that was when the finding was made.
fn status(stands: Stands, clock: Clock) -> (Status, Option<u64>) {
    match stands {
        Open | Confirmed => (Status::Active, None),
        Review => (Status::UnderReview, None),
        Accepted(days) => (Status::RiskAccepted, Some(days)),
        Closed(days) => (Status::Mitigated { at: clock.ago(days), by: ANALYST }, Some(days)),
        False(days) => (Status::FalsePositive, Some(days)),
        Outside(days) => (Status::OutOfScope, Some(days)),
        Again(of) => (Status::Duplicate { of }, None),
        Dropped => (Status::Inactive, None),
    }
}

/// What single findings have besides.
fn detail(finding: &mut Finding, clock: Clock) {
    match finding.id {
        1 => {
            finding.mitigation = "Give payments-bridge an identity of its own on the new broker and retire \
                                  `svc-settlement`. Until then: IP allow-list, monitored break-glass account, \
                                  rotation every 30 days."
                .to_owned();
            finding.impact =
                "All settlement queues, for every tenant. An outage of the credential stops revenue."
                    .to_owned();
            finding.planned_remediation = Some(super::day(clock.ahead(super::MILESTONE)));
            finding.component =
                Some(Component { name: "broker-client".to_owned(), version: Some("4.2.1".to_owned()) });
            finding.file_path = Some("deploy/production/broker.yaml".to_owned());
            finding.line = Some(17);
            finding.service = Some("payments-bridge".to_owned());
            finding.tags = ["legacy-broker", "shared-credential"].map(str::to_owned).into();
        }
        2 | 3 => finding.tags = vec!["legacy-broker".to_owned()],
        4 => {
            finding.known_exploited = true;
            finding.vulnerability_ids = vec!["SAMPLE-2025-0404".to_owned()];
            finding.component =
                Some(Component { name: "message-codec".to_owned(), version: Some("1.9.3".to_owned()) });
            finding.mitigation = "Version 1.9.4 creates the types of a fixed list only.".to_owned();
        }
        10 => finding.traffic = vec![captured_traffic()],
        15 => finding.impact = "Amounts are booked twice.".to_owned(),
        // Their exceptions ran out, and the tracker opened them again.
        7 => reopened(finding, clock.ago(13)),
        31 => reopened(finding, clock.ago(8)),
        _ => {}
    }
}

fn reopened(finding: &mut Finding, at: Instant) {
    finding.last_status_update = at;
    finding.updated = at;
}

/// What a proxy recorded. It holds a session, as recorded traffic does.
fn captured_traffic() -> (String, String) {
    (
        format!(
            "POST /authorize HTTP/1.1\r\nHost: acquirer.example\r\nCookie: session={CAPTURED_SECRET}\r\n\r\n"
        ),
        format!("HTTP/1.1 200 OK\r\nSet-Cookie: session={CAPTURED_SECRET}; HttpOnly\r\n\r\n"),
    )
}
