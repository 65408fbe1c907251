//! A tracker of any size, the same for the same seed: for measuring and for the tests of loss and repetition.

use std::time::Duration;

use jiff::{Timestamp, ToSpan as _};
use probity_core::instant::Instant;

use super::tracker::{Component, Engagement, Finding, Person, Product, Severity, Status, Test, Tracker, day};

/// 2026-01-15T09:00:00Z: what the large tracker takes the time to be, so that every run writes the same bytes.
const NOW: Timestamp = Timestamp::constant(1_768_467_600, 0);
const DAY: u64 = 86_400_000_000;
const SERVICES: [&str; 5] =
    ["payments-bridge", "ledger-core", "checkout-web", "notification-hub", "partner-gateway"];
const TOOLS: [&str; 4] = ["Dependency Scan", "Static Analysis", "Container Scan", "Manual Code Review"];
const WEAKNESSES: [(u32, &str, &str); 8] = [
    (798, "Hard-Coded Credential", "a credential is part of the source and reaches every copy of it"),
    (89, "Unbound Query Parameter", "text from a request becomes part of a database statement"),
    (79, "Unescaped Template Value", "a value from a request is written into a page as markup"),
    (1104, "Unmaintained Dependency", "a library receives no security fixes any more"),
    (319, "Cleartext Connection", "a connection inside the network is not encrypted"),
    (532, "Secret In Log Line", "a session token is written to the log at debug level"),
    (770, "Unbounded Allocation", "a length from the wire is allocated without a limit"),
    (295, "Unchecked Certificate", "a client accepts any certificate the other side presents"),
];

/// Small, fast and the same everywhere: the `SplitMix64` sequence. Nothing secret may be made of it.
struct Sequence(u64);

/// The output function of `SplitMix64` (Steele, Lea, Flood 2014): one-to-one on 64 bits.
pub(super) const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl Sequence {
    /// A number below a bound.
    fn below(&mut self, bound: u64) -> u64 {
        let value = mix(self.0);
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        value % bound.max(1)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        let at = usize::try_from(self.below(of.len() as u64)).ok()?;
        of.get(at).copied()
    }

    /// True once in so many times.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

impl Tracker {
    /// A tracker of that many findings over five products, about 2.2 KB each as JSON.
    pub fn large(seed: u64, findings: usize) -> Self {
        let now = Instant::from(NOW);
        let mut tracker = scaffold(now);
        let tests: Vec<u64> = tracker.tests.iter().map(|test| test.id).collect();
        let mut chance = Sequence(seed);
        let all = (1_u64..).take(findings);
        tracker.findings = all.map(|id| finding(&mut chance, id, &tests, now)).collect();
        tracker
    }
}

/// People, products, engagements and tests: one engagement and four tests for each service.
fn scaffold(now: Instant) -> Tracker {
    let started = ago(now, 300 * DAY);
    let people = ["sample-scanner-import", "sample-analyst"];
    let mut tracker = Tracker {
        now,
        people: (1..).zip(people).map(|(id, name)| Person { id, username: name.to_owned() }).collect(),
        products: Vec::new(),
        engagements: Vec::new(),
        tests: Vec::new(),
        findings: Vec::new(),
        risk_acceptances: Vec::new(),
        disorder: None,
    };
    for (id, service) in (1..).zip(SERVICES) {
        tracker.products.push(Product {
            id,
            name: service.to_owned(),
            description: format!("Sample service {service}"),
            created: started,
            tags: Vec::new(),
        });
        tracker.engagements.push(Engagement {
            id,
            product: id,
            name: format!("{service} continuous scanning"),
            created: started,
            updated: ago(now, DAY),
            start: day(started),
            end: day(now),
        });
        for (nth, tool) in (1..).zip(TOOLS) {
            tracker.tests.push(Test {
                id: (id - 1) * 4 + nth,
                engagement: id,
                kind: tool.to_owned(),
                created: started,
                updated: ago(now, DAY),
            });
        }
    }
    tracker
}

fn finding(chance: &mut Sequence, id: u64, tests: &[u64], now: Instant) -> Finding {
    let severity = severity(chance);
    let (cwe, name, what) = chance.pick(&WEAKNESSES).unwrap_or(WEAKNESSES[0]);
    let created = ago(now, DAY + chance.below(200 * DAY));
    let updated = ago(now, chance.below(now.since(created).as_micros().try_into().unwrap_or(DAY)));
    let module = format!("module-{}", chance.below(400));
    let line = u32::try_from(1 + chance.below(2_000)).ok();
    Finding {
        id,
        test: chance.pick(tests).unwrap_or(1),
        reporter: 1,
        title: format!("{name} In {module}"),
        severity,
        status: status(chance, updated, id),
        verified: chance.once_in(3),
        description: description(chance, what, &module),
        mitigation: "Follow the remediation guide of the platform team and have the change reviewed."
            .to_owned(),
        impact: format!("If it is used, {what}."),
        date: day(created),
        created,
        updated,
        last_status_update: created,
        last_reviewed: None,
        due: severity.allowed_days().and_then(|days| day(created).checked_add(days.days()).ok()),
        planned_remediation: None,
        cwe: Some(cwe),
        vulnerability_ids: if cwe == 1104 { vec![format!("SAMPLE-2025-{id:05}")] } else { Vec::new() },
        known_exploited: false,
        component: Some(Component {
            name: module.clone(),
            version: Some(format!("2.{}.0", chance.below(40))),
        }),
        file_path: Some(format!("src/{module}/handler.rs")),
        line,
        url: None,
        service: None,
        tags: vec![format!("sample-batch-{}", id / 1_000)],
        notes: Vec::new(),
        traffic: Vec::new(),
    }
}

/// Few are critical, as in life.
fn severity(chance: &mut Sequence) -> Severity {
    match chance.below(100) {
        0..2 => Severity::Critical,
        2..17 => Severity::High,
        17..55 => Severity::Medium,
        55..90 => Severity::Low,
        _ => Severity::Info,
    }
}

/// A third is mitigated; of the rest most are active.
fn status(chance: &mut Sequence, at: Instant, id: u64) -> Status {
    match chance.below(100) {
        0..33 => Status::Mitigated { at, by: 2 },
        33..36 => Status::FalsePositive,
        36..38 => Status::UnderReview,
        38..40 if id > 1 => Status::Duplicate { of: id - 1 },
        _ => Status::Active,
    }
}

/// A few sentences, so that the object has the size of a real one.
fn description(chance: &mut Sequence, what: &str, module: &str) -> String {
    let code = chance.below(1 << 40);
    format!(
        "A scan reported that in {module} {what}. The place was found by following the data from the \
         entry point to the call; three callers reach it, one of them without a session. The scan's own mark \
         for the place is {code:010x}.\n\nSample data: made from a seed, about no real system."
    )
}

fn ago(now: Instant, micros: u64) -> Instant {
    now.minus(Duration::from_micros(micros)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::Tracker;
    use crate::demo::dojo::render;

    fn bytes(tracker: &Tracker) -> Vec<String> {
        tracker.findings.iter().map(|one| render::finding(tracker, one, false).to_string()).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_bytes_and_another_seed_makes_others() {
        let first = bytes(&Tracker::large(7, 50));
        assert_eq!(first, bytes(&Tracker::large(7, 50)));
        assert_ne!(first, bytes(&Tracker::large(8, 50)));
    }

    #[test]
    fn a_finding_is_about_as_large_as_a_real_one() {
        let sizes: Vec<usize> = bytes(&Tracker::large(7, 200)).iter().map(String::len).collect();
        let mean = sizes.iter().sum::<usize>() / sizes.len();
        assert!((2_000..2_800).contains(&mean), "{mean} bytes");
    }

    #[test]
    fn what_a_finding_refers_to_is_there_and_it_changed_after_it_was_made() {
        let tracker = Tracker::large(1, 2_000);
        assert_eq!(tracker.findings.len(), 2_000);
        let sound = |one: &super::Finding| tracker.test(one.test).is_some() && one.created <= one.updated;
        assert!(tracker.findings.iter().all(|one| sound(one) && one.updated <= tracker.now));
    }
}
