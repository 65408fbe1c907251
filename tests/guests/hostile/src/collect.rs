//! The behaviours.

use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::exports::probity::connector::source::{Gap, Next, Page};
use crate::probe;
use crate::probity::connector::schema::{
    Body, Finding, FindingState, Item, Monitoring, MonitoringState, Secret, Severity,
};
use crate::probity::connector::types::{Citation, Failure, FailureKind, Locator};
use crate::probity::connector::{files, http, log};

/// Kept from call to call, if the host were to let it.
static CALLS: AtomicU32 = AtomicU32::new(0);

pub fn collect(behaviour: &str, feed: &str, cursor: Option<String>) -> Result<Page, Failure> {
    match behaviour {
        "honest" => honest(feed),
        "loop" => spin(),
        "sleep" => loop {
            std::thread::sleep(std::time::Duration::MAX);
        },
        "grow" => grow(),
        "recurse" => Ok(done(vec![item(&recurse(1).to_string())])),
        "huge-list" => {
            Ok(done(vec![item(&http::fetch_all(&vec![request("findings"); 300_000]).len().to_string())]))
        }
        "huge-log" => {
            log::emit(log::Level::Info, &"x".repeat(16 << 20), &[]);
            Ok(done(vec![]))
        }
        "huge-page" => Ok(done(vec![Item { summary: "x".repeat(9 << 20), ..item("huge") }])),
        "many-calls" => loop {
            drop(http::fetch(&request("findings")));
        },
        "stuck" => Ok(Page { next: Next::More(cursor.unwrap_or_else(|| "same".into())), ..done(vec![]) }),
        "circle" => {
            let next = if cursor.as_deref() == Some("a") { "b" } else { "a" };
            Ok(Page { next: Next::More(next.into()), ..done(vec![]) })
        }
        "cites-nothing" => Ok(done(vec![Item { citations: vec![], ..item("one") }])),
        "cites-foreign" => Ok(done(vec![Item { citations: vec![citation(99)], ..item("one") }])),
        "undeclared" => http::fetch(&request("passwords")).map(|_| done(vec![])),
        "failure" => Err(Failure {
            kind: FailureKind::RateLimited(Some(7)),
            message: format!("slow\ndown{}", "!".repeat(10_000)),
        }),
        "trap" => {
            let _ = http::fetch(&request("findings"));
            panic!("it\u{7} was me")
        }
        "exit" => std::process::exit(0),
        "stdout" => flood_output(),
        "log" => {
            for number in 0..5000 {
                log::emit(log::Level::Warn, "again\nand again", &[("number".into(), number.to_string())]);
            }
            Ok(done(vec![]))
        }
        "probe" => Ok(done(vec![Item { summary: probe::everything(), ..item("probe") }])),
        "static" => {
            let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
            Ok(done(vec![item(&calls.to_string())]))
        }
        "doors" => every_door(),
        "numbers" => Ok(done(numbers())),
        "instants" => Ok(done(instants())),
        _ => Err(Failure { kind: FailureKind::Config, message: format!("no behaviour `{behaviour}`") }),
    }
}

/// Computes for ever, and cannot be optimized away.
pub fn spin() -> ! {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}

fn honest(feed: &str) -> Result<Page, Failure> {
    let response = http::fetch(&request("findings"))?;
    log::emit(log::Level::Info, "fetched", &[("status".into(), response.status.to_string())]);
    let title = String::from_utf8_lossy(&response.body).into_owned();
    Ok(done(vec![Item {
        title: format!("{feed}: {title}"),
        citations: vec![citation(response.capture)],
        ..item("one")
    }]))
}

/// All doors once, good and bad answers, each told in the page.
fn every_door() -> Result<Page, Failure> {
    let mut page = done(vec![]);
    let mut told = |result: Result<(String, Vec<u8>, u32), Failure>| match result {
        Ok((id, bytes, capture)) => page.items.push(Item {
            summary: String::from_utf8_lossy(&bytes).into_owned(),
            citations: vec![citation(capture)],
            ..item(&id)
        }),
        Err(reason) => page.gaps.push(Gap { subject: None, reason }),
    };
    let requests = ["findings", "passwords", "findings"].map(request);
    for (at, outcome) in http::fetch_all(&requests).into_iter().enumerate() {
        told(outcome.map(|response| (format!("all-{at}"), response.body, response.capture)));
    }
    let link = "https://elsewhere.example/findings?page=2";
    told(http::follow("findings", link).map(|response| ("followed".into(), response.body, response.capture)));
    match files::entries("notes", "**/*.md") {
        Err(reason) => told(Err(reason)),
        Ok(entries) => {
            for files::Entry { path, .. } in entries {
                let read = files::read("notes", &path);
                told(read.map(|file| (path, file.bytes, file.capture)));
            }
        }
    }
    told(files::read("notes", "missing.md").map(|file| ("missing".into(), file.bytes, file.capture)));
    Ok(page)
}

fn grow() -> Result<Page, Failure> {
    let mut kept: Vec<Vec<u8>> = Vec::new();
    loop {
        kept.push(vec![1; 1 << 20]);
        if kept.len() > 4000 {
            return Ok(done(vec![item("nobody stopped it")]));
        }
    }
}

fn recurse(depth: u64) -> u64 {
    // It ends, but no stack is that deep, and the compiler cannot know.
    if std::hint::black_box(depth) == u64::MAX { 0 } else { depth + std::hint::black_box(recurse(depth + 1)) }
}

fn flood_output() -> Result<Page, Failure> {
    let line = [b'x'; 1024];
    for _ in 0..4096 {
        let _ = std::io::stdout().write_all(&line);
        let _ = std::io::stderr().write_all(&line);
    }
    Ok(done(vec![item("one")]))
}

fn numbers() -> Vec<Item> {
    let coverage = |id: &str, coverage| Item {
        body: Body::Monitoring(Monitoring {
            target: "t".into(),
            monitor: "m".into(),
            state: MonitoringState::Healthy,
            coverage: Some(coverage),
            window_seconds: None,
            condition: None,
            last_evaluated: None,
        }),
        ..item(id)
    };
    let period = |id: &str, period| Item { body: Body::Secret(secret(Some(period), None)), ..item(id) };
    vec![
        coverage("nan", f64::NAN),
        coverage("infinity", f64::INFINITY),
        coverage("good", 99.5),
        period("2^53", 1 << 53),
        period("2^53-1", (1 << 53) - 1),
    ]
}

fn instants() -> Vec<Item> {
    let rotated = |id: &str, instant: &str| Item {
        body: Body::Secret(secret(None, Some(instant.into()))),
        subjects: vec!["service:payments".into()],
        ..item(id)
    };
    vec![
        rotated("good", "2026-11-22T21:29:09.354959Z"),
        rotated("local", "2026-11-22T21:29:09+01:00"),
        rotated("word\u{1b}[1m", "yesterday"),
        Item { source_time: Some(String::new()), subjects: vec![], ..item("empty") },
    ]
}

fn secret(period: Option<u64>, rotated: Option<String>) -> Secret {
    Secret {
        path: "kv/broker".into(),
        engine: None,
        owner: None,
        created: None,
        last_rotated: rotated,
        next_rotation: None,
        rotation_enabled: None,
        rotation_period_seconds: period,
        last_used: None,
        versions: vec![],
    }
}

pub fn request(endpoint: &str) -> http::Request {
    http::Request { endpoint: endpoint.into(), path: vec![], query: vec![], headers: vec![], body: None }
}

const fn citation(capture: u32) -> Citation {
    Citation { capture, locator: Locator::Whole }
}

const fn done(items: Vec<Item>) -> Page {
    Page { items, next: Next::Done(None), gaps: vec![] }
}

fn item(id: &str) -> Item {
    Item {
        id: id.into(),
        title: "A finding".into(),
        summary: String::new(),
        url: None,
        subjects: vec![],
        source_time: None,
        expires: None,
        labels: vec![],
        citations: vec![citation(0)],
        exposure: None,
        body: Body::Finding(Finding {
            severity: Severity::Low,
            state: FindingState::Open,
            verified: None,
            description: String::new(),
            impact: None,
            mitigation: None,
            found: None,
            mitigated_at: None,
            due: None,
            weakness: None,
            vulnerabilities: vec![],
            component: None,
            location: None,
            known_exploited: None,
            exceptions: vec![],
        }),
    }
}
