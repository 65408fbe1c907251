//! Noted before it happens: what cannot be noted does not happen.

use std::sync::Arc;

use probity::intake::{Intake as _, SubmitError};
use probity_core::intake::Standing;
use probity_tests::notes::{Note, Notes};

use super::{board, open_queue, reached, submission, submit};

#[tokio::test]
async fn each_request_is_noted_before_it_leaves_and_each_answer_before_the_guest_goes_on() {
    let queue = Arc::new(open_queue().await);
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (looking, counts) = (Arc::clone(&queue), Arc::clone(&seen));
    let notes = Notes::before(move |_| {
        counts.lock().unwrap().push(looking.connections());
        Ok(())
    });
    submit("honest", &queue, &notes).await.unwrap();
    assert_eq!(notes.in_words(), ["asked 0 search", "answered 0 200", "asked 1 create", "answered 1 201"]);
    // Nothing had reached the queue when the search was noted, only the search when its answer and the write were.
    assert_eq!(*seen.lock().unwrap(), [0, 1, 1, 2]);
    let Note::Answered { body: Some(body), .. } = &notes.all()[3] else { panic!("an answer with a body") };
    assert_eq!(&*body.bytes, super::TICKET.as_bytes(), "the bytes of the answer are there to be kept");
}

#[tokio::test]
async fn a_request_that_cannot_be_noted_does_not_leave() {
    let queue = open_queue().await;
    let full = Notes::before(|note| match note {
        Note::Asked { ordinal: 1, .. } => Err("the disk is full".into()),
        _ => Ok(()),
    });
    let error = submit("honest", &queue, &full).await.unwrap_err();
    assert!(matches!(&error, SubmitError::NotFiled(_)), "{error}");
    assert!(
        error.to_string().contains("host.journal") && error.to_string().contains("the disk is full"),
        "{error}"
    );
    assert_eq!(reached(&queue), ["GET /tickets"], "the write did not leave");
    assert_eq!(full.standing(), Standing::NothingLeft);
}

#[tokio::test]
async fn an_answer_that_cannot_be_noted_is_not_handed_in() {
    let queue = open_queue().await;
    let broken = Notes::before(|note| match note {
        Note::Answered { ordinal: 0, .. } => Err("the disk is gone".into()),
        _ => Ok(()),
    });
    // Had the guest seen the answer to its search, it would have gone on to create.
    let error = submit("honest", &queue, &broken).await.unwrap_err();
    assert!(
        matches!(&error, SubmitError::NotFiled(failure) if failure.message.contains("host.journal")),
        "{error}"
    );
    assert_eq!(reached(&queue), ["GET /tickets"]);

    let broken = Notes::before(|note| match note {
        Note::Answered { ordinal: 1, .. } => Err("the disk is gone".into()),
        _ => Ok(()),
    });
    let error = submit("honest", &queue, &broken).await.unwrap_err();
    assert!(error.may_be_filed(), "the write left: {error}");
    assert_eq!(broken.standing(), Standing::Uncertain);
}

#[tokio::test]
async fn a_probe_needs_no_journal_and_a_status_that_cannot_be_noted_gives_nothing() {
    let queue = open_queue().await;
    let broken = Notes::before(|_| Err("the disk is gone".into()));
    let board = board("honest", &queue).await;
    board.check().await.unwrap();
    let failure = board.status("CR-7", &mut broken.clone()).await.unwrap_err();
    assert!(failure.message.contains("host.journal"), "{failure}");
    assert_eq!(queue.connections(), 1, "only the probe's request left");
    // The connector is as good as before.
    board.submit(&submission(), &mut Notes::default()).await.unwrap();
}
