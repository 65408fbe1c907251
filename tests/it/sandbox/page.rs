//! What a page gives back, good or bad.

use async_trait::async_trait;
use probity::sandbox::{Doors, PageError};
use probity_core::connector::{Capture, Failure, FailureKind, FileEntry, Request, Response};
use probity_core::journal::{Call, Outcome};
use probity_core::page::Next;
use probity_tests::guests;

use super::{call, collect, doors, ends_badly, hostile, impatient};

#[tokio::test]
async fn an_honest_page_comes_with_its_captures_and_its_journal() {
    let connector = hostile().await;
    let doors = doors();
    let execution = connector.collect(&call("honest"), Box::new(doors.clone())).await.unwrap();
    assert_eq!(execution.page.items[0].title, r#"findings: {"count": 1}"#);
    assert_eq!(execution.page.next, Next::Done { bookmark: None });
    assert_eq!(execution.captures.len(), 1);
    assert_eq!(&*execution.captures[0].bytes, br#"{"count": 1}"#);
    assert_eq!(execution.journal.connector, connector.digest());
    assert_eq!(execution.journal.page, execution.page.digest().unwrap());
    assert_eq!(execution.journal.config, call("honest").config);
    assert_eq!(doors.asked(), ["fetch findings"]);
}

#[tokio::test]
async fn every_door_call_is_journaled_in_order_with_captures_by_position() {
    let execution = collect(&hostile().await, "doors").await.unwrap();
    let shape: Vec<_> = execution.journal.calls.iter().map(shape).collect();
    assert_eq!(
        shape,
        [
            "fetch-all findings=0 passwords=egress-denied findings=1",
            "follow findings=2",
            "entries notes=2",
            "read a.md=3",
            "read b/c.md=4",
            "read missing.md=not-found",
        ]
    );
    assert_eq!(execution.captures.len(), 5);
    let cited: Vec<_> =
        execution.page.items.iter().map(|item| (item.id.as_str(), item.citations[0].capture)).collect();
    assert_eq!(cited, [("all-0", 0), ("all-2", 1), ("followed", 2), ("a.md", 3), ("b/c.md", 4)]);
    for item in &execution.page.items {
        let capture = &execution.captures[item.citations[0].capture as usize];
        assert_eq!(item.summary.as_bytes(), &*capture.bytes);
    }
    let gaps: Vec<_> = execution.page.gaps.iter().map(|gap| gap.reason.kind).collect();
    assert_eq!(gaps, [FailureKind::EgressDenied, FailureKind::NotFound]);
}

fn shape(call: &Call) -> String {
    fn at<T>(outcome: &Outcome<T>, index: impl Fn(&T) -> u32) -> String {
        match outcome {
            Outcome::Ok(value) => index(value).to_string(),
            Outcome::Failure(failure) => failure.kind.code().to_owned(),
        }
    }
    match call {
        Call::Fetch { all, exchanges } => {
            let mut text = if *all { "fetch-all".to_owned() } else { "fetch".to_owned() };
            for exchange in exchanges {
                text += &format!(
                    " {}={}",
                    exchange.request.endpoint,
                    at(&exchange.outcome, |answer| answer.capture.index)
                );
            }
            text
        }
        Call::Follow { endpoint, outcome, .. } => {
            format!("follow {endpoint}={}", at(outcome, |answer| answer.capture.index))
        }
        Call::Entries { mount, outcome, .. } => {
            format!("entries {mount}={}", at(outcome, |entries| u32::try_from(entries.len()).unwrap()))
        }
        Call::Read { path, outcome, .. } => {
            format!("read {path}={}", at(outcome, |reference| reference.index))
        }
    }
}

#[tokio::test]
async fn an_undeclared_endpoint_is_the_doors_to_refuse_and_the_connector_tells_it() {
    let error = ends_badly(&hostile().await, "undeclared").await;
    assert_eq!(error.code(), "failure.egress-denied");
}

#[tokio::test]
async fn a_failure_of_the_connector_is_passed_on_with_its_text_made_plain() {
    let PageError::Failure(failure) = ends_badly(&hostile().await, "failure").await else { panic!() };
    assert_eq!(failure.kind, FailureKind::RateLimited { retry_after: Some(7) });
    assert!(failure.message.starts_with("slow\\u{a}down!!!"));
    assert!(failure.message.len() <= 4200);
}

#[tokio::test]
async fn a_crash_is_told_with_the_last_words_made_plain() {
    let error = ends_badly(&hostile().await, "trap").await;
    assert_eq!(error.code(), "guest.trap");
    let PageError::Trap { trap, last_words } = error else { panic!() };
    assert!(trap.contains("unreachable"), "{trap}");
    assert!(last_words.contains("it\\u{7} was me"), "{last_words}");
    assert!(!last_words.contains('\n') && !last_words.contains('\u{7}'));
}

#[tokio::test]
async fn exit_is_no_way_to_return() {
    let error = ends_badly(&hostile().await, "exit").await;
    assert!(matches!(error, PageError::Exit { status: 0 }), "{error}");
    assert_eq!(error.code(), "guest.exit");
}

#[tokio::test]
async fn what_admission_refuses_is_returned_as_it_is() {
    let connector = hostile().await;
    let again = super::PageCall { cursor: Some("c".into()), ..call("stuck") };
    let stuck = connector.collect(&again, Box::new(doors())).await.unwrap();
    assert_eq!(stuck.page.next, Next::More { cursor: "c".into() });
    assert!(collect(&connector, "cites-nothing").await.unwrap().page.items[0].citations.is_empty());
    assert_eq!(collect(&connector, "cites-foreign").await.unwrap().page.items[0].citations[0].capture, 99);
}

#[tokio::test]
async fn numbers_that_cannot_be_hashed_become_gaps() {
    let page = collect(&hostile().await, "numbers").await.unwrap().page;
    let ids: Vec<_> = page.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["good", "2^53-1"]);
    let gaps: Vec<_> = page.gaps.iter().map(|gap| gap.reason.to_string()).collect();
    assert_eq!(
        gaps,
        [
            "shape: item nan left out: field body.coverage: NaN is not a finite number within 2^53",
            "shape: item infinity left out: field body.coverage: inf is not a finite number within 2^53",
            "shape: item 2^53 left out: field body.rotation-period-seconds: 9007199254740992 is beyond 2^53 and \
             would be mistaken for its neighbours",
        ]
    );
}

#[tokio::test]
async fn instants_that_are_none_become_gaps_of_their_subject() {
    let page = collect(&hostile().await, "instants").await.unwrap().page;
    assert_eq!(page.items.len(), 1);
    let gaps: Vec<_> =
        page.gaps.iter().map(|gap| (gap.subject.as_deref(), gap.reason.message.as_str())).collect();
    let payments = Some("service:payments");
    let rule = "is not an instant; write RFC 3339 in UTC with `Z` and at most microseconds";
    assert_eq!(
        gaps,
        [
            (
                payments,
                &*format!("item local left out: field body.last-rotated: `2026-11-22T21:29:09+01:00` {rule}")
            ),
            (
                payments,
                &*format!("item word\\u{{1b}}[1m left out: field body.last-rotated: `yesterday` {rule}")
            ),
            (None, &*format!("item empty left out: field source-time: `` {rule}")),
        ]
    );
}

#[tokio::test]
async fn check_says_what_works_in_plain_lines() {
    let connector = hostile().await;
    let lines = connector.check(&call("honest"), Box::new(doors())).await.unwrap();
    assert_eq!(lines, ["the door opens", "\\u{1b}[2Jand\\u{a}shuts"]);
    let error = connector.check(&call("unknown"), Box::new(doors())).await.unwrap_err();
    assert_eq!(error.code(), "failure.config");
}

#[tokio::test]
async fn a_check_has_the_limits_of_a_page() {
    let connector = impatient().load(guests::hostile()).await.unwrap();
    let error = connector.check(&call("loop"), Box::new(doors())).await.unwrap_err();
    assert_eq!(error.code(), "limit.cpu");
}

/// Doors with a defect of their own.
struct Broken;

#[async_trait]
impl Doors for Broken {
    async fn fetch(&mut self, _: &[Request]) -> Vec<Result<Response, Failure>> {
        vec![]
    }

    async fn follow(&mut self, _: &str, _: &str) -> Result<Response, Failure> {
        panic!("behind the door")
    }

    async fn entries(&mut self, _: &str, _: &str) -> Result<Vec<FileEntry>, Failure> {
        Ok(vec![])
    }

    async fn read(&mut self, _: &str, _: &str) -> Result<Capture, Failure> {
        Err(Failure::new(FailureKind::Internal, "not here"))
    }
}

#[tokio::test]
async fn a_defect_behind_the_doors_costs_a_page_and_no_more() {
    let connector = hostile().await;
    let error = connector.collect(&call("doors"), Box::new(Broken)).await.unwrap_err();
    assert_eq!(error.code(), "host.internal");
    let error = connector.collect(&call("honest"), Box::new(Broken)).await.unwrap_err();
    assert_eq!(error.code(), "failure.internal", "a request without an answer is a failure");
    assert!(collect(&connector, "honest").await.is_ok());
}

#[tokio::test]
async fn a_page_that_is_given_up_leaves_the_sandbox_usable() {
    let connector = hostile().await;
    for _ in 0..20 {
        // Polled once, which enters the guest and stops at the hanging door, and dropped there.
        let call = call("honest");
        let page = connector.collect(&call, Box::new(doors().hanging()));
        assert!(futures::FutureExt::now_or_never(page).is_none());
    }
    assert!(collect(&connector, "honest").await.is_ok());
}
