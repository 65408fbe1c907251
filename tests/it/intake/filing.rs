//! Filing as it should be, and receipts that should not be believed.

use probity::intake::{Intake as _, SubmitError};
use probity_core::connector::FailureKind;
use probity_core::evidence::DispositionState;
use probity_tests::hostile::{Act, answer, json};
use probity_tests::notes::{Note, Notes};

use super::{board, open_queue, queue, reached, submission, submit};

#[tokio::test]
async fn a_package_is_filed_once_and_its_receipt_is_the_queues_word() {
    let (queue, notes) = (open_queue().await, Notes::default());
    let receipt = submit("honest", &queue, &notes).await.unwrap();
    assert_eq!(receipt.reference, "CR-7");
    assert_eq!(receipt.url.as_deref(), Some("https://board.example/tickets/CR-7"));
    assert_eq!(receipt.received_at.unwrap().to_string(), "2026-11-23T12:00:01Z");
    assert!(!receipt.existed);
    assert_eq!(reached(&queue), ["GET /tickets", "POST /tickets"]);
    let filed = &queue.requests()[1];
    for part in [r#""submission":"packet-1.7""#, r#""size":3"#, &submission().digest.hex()] {
        assert!(filed.contains(part), "{part} in {filed}");
    }
}

#[tokio::test]
async fn a_package_that_is_there_already_is_found_and_not_filed_twice() {
    let queue = queue(|_| vec![Act::Send(json(r#"{"tickets": [{"reference": "CR-7"}]}"#))]).await;
    let notes = Notes::default();
    let receipt = submit("honest", &queue, &notes).await.unwrap();
    assert!(receipt.existed && receipt.reference == "CR-7");
    assert_eq!(reached(&queue), ["GET /tickets"]);
}

#[tokio::test]
async fn a_receipt_for_nothing_is_refused() {
    for behaviour in ["forge", "forge-found", "forge-after-search"] {
        let (queue, notes) = (open_queue().await, Notes::default());
        let error = submit(behaviour, &queue, &notes).await.unwrap_err();
        assert!(matches!(error, SubmitError::NotFiled(_)), "{behaviour}: {error}");
        assert!(error.to_string().contains("guest.intake.unfounded"), "{behaviour}: {error}");
    }
}

#[tokio::test]
async fn a_receipt_that_is_not_what_it_seems_is_refused_and_something_may_have_been_filed() {
    for (behaviour, code) in [
        ("huge", "guest.intake.size"),
        ("control", "guest.intake.text"),
        ("link", "guest.intake.text"),
        ("instant", "guest.contract: the connector broke the contract: field received-at"),
    ] {
        let (queue, notes) = (open_queue().await, Notes::default());
        let error = submit(behaviour, &queue, &notes).await.unwrap_err();
        assert!(error.may_be_filed() && error.to_string().contains(code), "{behaviour}: {error}");
        assert!(error.to_string().len() < 1_000 && !error.to_string().contains('\u{1b}'), "{error:?}");
    }
}

#[tokio::test]
async fn what_is_not_granted_or_not_declared_does_not_leave() {
    for (behaviour, code) in
        [("ungranted", "egress.not-granted"), ("undeclared", "egress.undeclared-endpoint")]
    {
        let (queue, notes) = (open_queue().await, Notes::default());
        let error = submit(behaviour, &queue, &notes).await.unwrap_err();
        assert!(
            matches!(&error, SubmitError::NotFiled(failure) if failure.message.contains(code)),
            "{error}"
        );
        assert_eq!((queue.connections(), notes.all()), (0, vec![]), "{behaviour}");
    }
    let (queue, notes) = (open_queue().await, Notes::default());
    let error = submit("ungranted", &queue, &notes).await.unwrap_err();
    assert!(error.to_string().contains("under `[intake.board.grant]`"), "{error}");
}

#[tokio::test]
async fn only_submit_may_write() {
    let (queue, notes) = (open_queue().await, Notes::default());
    let probed = board("write-in-check", &queue).await.check().await.unwrap_err();
    let asked = board("write-in-status", &queue).await.status("CR-7", &mut notes.clone()).await.unwrap_err();
    for failure in [probed, asked] {
        assert_eq!(failure.kind, FailureKind::EgressDenied, "{failure}");
        assert!(failure.message.contains("intake.only-submit"), "{failure}");
    }
    assert_eq!((queue.connections(), notes.all()), (0, vec![]));
}

#[tokio::test]
async fn a_probe_tells_what_works() {
    let queue = open_queue().await;
    let lines = board("honest", &queue).await.check().await.unwrap();
    assert_eq!(lines, ["the queue answers 200"]);
}

#[tokio::test]
async fn what_the_board_did_is_told_and_safe_to_show() {
    let ticket =
        "{\"submission\": \"packet-1.7\", \"state\": \"bounced\", \"reasons\": [\"no\\u202e owner\"]}";
    let queue = queue(move |_| vec![Act::Send(json(ticket))]).await;
    let notes = Notes::default();
    let disposition = board("honest", &queue).await.status("CR-7", &mut notes.clone()).await.unwrap();
    assert_eq!(disposition.state, DispositionState::Bounced);
    assert_eq!(disposition.reasons, ["no\\u{202e} owner"]);
    assert_eq!(reached(&queue), ["GET /tickets/CR-7"]);
    assert_eq!(notes.in_words(), ["asked 0 ticket", "answered 0 200"]);

    let huge = board("huge", &queue).await.status("CR-7", &mut notes.clone()).await.unwrap();
    assert!(huge.reasons[0].len() < 4_100);
    let named = board("control", &queue).await.status("CR-7", &mut notes.clone()).await.unwrap_err();
    assert!(named.message.contains("guest.intake.text"), "{named}");
}

#[tokio::test]
async fn requests_in_one_go_leave_one_by_one_and_links_are_followed_like_requests() {
    let (queue, notes) = (open_queue().await, Notes::default());
    submit("all-at-once", &queue, &notes).await.unwrap();
    assert_eq!(
        notes.in_words(),
        [
            "asked 0 search",
            "answered 0 200",
            "asked 1 create",
            "answered 1 201",
            "asked 2 search",
            "answered 2 200"
        ]
    );
    let indices: Vec<_> = notes.all().into_iter().filter_map(index).collect();
    assert_eq!(indices, [0, 1, 2]);

    let notes = Notes::default();
    assert!(submit("follow", &queue, &notes).await.unwrap().existed);
    assert_eq!(notes.in_words(), ["asked 0 search", "answered 0 200"]);
}

fn index(note: Note) -> Option<u32> {
    match note {
        Note::Answered { outcome: probity_core::journal::Outcome::Ok(answer), body: Some(body), .. } => {
            assert_eq!(answer.capture.digest, body.digest);
            Some(answer.capture.index)
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_refusal_of_the_queue_is_no_filing() {
    let queue =
        super::queue_that_answers_writes(Act::Send(answer("422 Unprocessable Content", "", ""))).await;
    let notes = Notes::default();
    let error = submit("honest", &queue, &notes).await.unwrap_err();
    assert!(matches!(&error, SubmitError::NotFiled(failure) if failure.message.contains("422")), "{error}");
}
