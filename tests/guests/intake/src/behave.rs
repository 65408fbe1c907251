//! The behaviours.

use crate::exports::probity::connector::intake::{Receipt, Submission};
use crate::failure;
use crate::probity::connector::http;
use crate::probity::connector::schema::{Disposition, DispositionState};
use crate::probity::connector::types::{Failure, FailureKind};
use crate::queue::{self, to};

pub fn check(behaviour: &str) -> Result<Vec<String>, Failure> {
    match behaviour {
        "write-in-check" => http::fetch(&to("create")).map(|_| vec!["it wrote".into()]),
        _ => http::fetch(&to("search")).map(|answer| vec![format!("the queue answers {}", answer.status)]),
    }
}

pub fn submit(behaviour: &str, submission: &Submission) -> Result<Receipt, Failure> {
    match behaviour {
        "honest" => queue::file(submission),
        // Receipts for nothing.
        "forge" => Ok(receipt("CR-1")),
        "forge-found" => Ok(Receipt { existed: true, ..receipt("CR-1") }),
        "forge-after-search" => queue::found(submission).map(|_| receipt("CR-1")),
        // Receipts that are not what they seem.
        "huge" => queue::create(submission).map(|_| receipt(&"7".repeat(1 << 20))),
        "control" => queue::create(submission).map(|_| receipt("CR-1\u{1b}[2J\u{202e}")),
        "link" => queue::create(submission)
            .map(|_| Receipt { url: Some("javascript:alert(1)".into()), ..receipt("CR-1") }),
        "instant" => queue::create(submission)
            .map(|_| Receipt { received_at: Some("yesterday".into()), ..receipt("CR-1") }),
        // Requests that must not come through.
        "ungranted" => http::fetch(&to("annotate")).map(|_| receipt("CR-1")),
        "undeclared" => http::fetch(&to("delete-everything")).map(|_| receipt("CR-1")),
        "many-calls" => loop {
            drop(http::fetch(&to("search")));
        },
        // Several requests in one go: two that read and one that writes.
        "all-at-once" => {
            let mut answers = http::fetch_all(&[to("search"), to("create"), to("search")]).into_iter();
            answers
                .nth(1)
                .unwrap_or_else(|| unreachable!("as many answers as requests"))
                .map(|_| receipt("CR-1"))
        }
        "follow" => http::follow("search", "https://elsewhere.example/tickets?page=2")
            .map(|_| Receipt { existed: true, ..receipt("CR-1") }),
        // Bad ends, before and after the write.
        "trap-before" => panic!("before anything"),
        "trap-after-search" => {
            drop(queue::found(submission));
            panic!("after the search")
        }
        "trap-after-create" => {
            drop(queue::create(submission));
            panic!("after the write")
        }
        "loop-before" => spin(),
        "loop-after-create" => {
            drop(queue::create(submission));
            spin()
        }
        "gives-up-after-create" => {
            drop(queue::create(submission));
            Err(failure(FailureKind::Unavailable, "I give up"))
        }
        _ => Err(failure(FailureKind::Config, format!("no behaviour `{behaviour}`"))),
    }
}

pub fn status(behaviour: &str, reference: &str) -> Result<Disposition, Failure> {
    match behaviour {
        "honest" => {
            let ticket = queue::ticket(reference)?;
            let bounced = ticket["state"] == "bounced";
            Ok(Disposition {
                state: if bounced { DispositionState::Bounced } else { DispositionState::Queued },
                reasons: ticket["reasons"]
                    .as_array()
                    .map(|reasons| reasons.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
                    .unwrap_or_default(),
                ..disposition(ticket["submission"].as_str().unwrap_or_default())
            })
        }
        "write-in-status" => http::fetch(&to("create")).map(|_| disposition("s")),
        "control" => Ok(disposition("packet\n1")),
        "huge" => Ok(Disposition { reasons: vec!["x".repeat(1 << 20)], ..disposition("packet-1.7") }),
        _ => Err(failure(FailureKind::Config, format!("no behaviour `{behaviour}`"))),
    }
}

fn receipt(reference: &str) -> Receipt {
    Receipt { reference: reference.into(), url: None, received_at: None, existed: false }
}

fn disposition(submission: &str) -> Disposition {
    Disposition {
        submission: submission.into(),
        state: DispositionState::Queued,
        reasons: vec![],
        decision: None,
        by: None,
        at: None,
    }
}

/// Computes for ever, and cannot be optimized away.
fn spin() -> ! {
    let mut number = 0_u64;
    loop {
        number = std::hint::black_box(number.wrapping_add(1));
    }
}
