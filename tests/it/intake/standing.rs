//! However a call ends, it is told whether something may have been filed; and nothing is sent twice.

use std::time::Duration;

use probity::intake::{Intake as _, SubmitError};
use probity_core::intake::Standing;
use probity_tests::hostile::{Act, answer};
use probity_tests::notes::{Note, Notes};

use super::{board, board_in, impatient, open_queue, queue_that_answers_writes, reached, submission, submit};

#[tokio::test]
async fn a_bad_end_before_any_write_filed_nothing() {
    for (behaviour, code) in [
        ("trap-before", "guest.trap"),
        ("trap-after-search", "guest.trap"),
        ("loop-before", "limit.cpu"),
        ("many-calls", "limit.calls"),
    ] {
        let (queue, notes) = (open_queue().await, Notes::default());
        let board = board_in(&impatient(), behaviour, &queue).await;
        let error = board.submit(&submission(), &mut notes.clone()).await.unwrap_err();
        assert!(matches!(error, SubmitError::NotFiled(_)), "{behaviour}: {error}");
        assert!(error.to_string().contains(code), "{behaviour}: {error}");
        assert_eq!(notes.standing(), Standing::NothingLeft);
    }
}

#[tokio::test]
async fn a_bad_end_after_a_write_may_have_filed() {
    for (behaviour, code) in [
        ("trap-after-create", "guest.trap"),
        ("loop-after-create", "limit.cpu"),
        ("gives-up-after-create", "I give up"),
    ] {
        let (queue, notes) = (open_queue().await, Notes::default());
        let board = board_in(&impatient(), behaviour, &queue).await;
        let error = board.submit(&submission(), &mut notes.clone()).await.unwrap_err();
        assert!(error.may_be_filed(), "{behaviour}: {error}");
        assert!(error.to_string().contains(code), "{behaviour}: {error}");
        assert_eq!(notes.standing(), Standing::Uncertain);
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_may_have_filed_and_is_sent_once() {
    let half = b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{".to_vec();
    for act in [Act::Send(Vec::new()), Act::Send(half), Act::Send(answer("503 Service Unavailable", "", ""))]
    {
        let (queue, notes) = (queue_that_answers_writes(act.clone()).await, Notes::default());
        let error = submit("honest", &queue, &notes).await.unwrap_err();
        assert!(error.may_be_filed(), "{act:?}: {error}");
        assert_eq!(reached(&queue), ["GET /tickets", "POST /tickets"], "sent once");
        assert_eq!(queue.connections(), 2);
    }
}

#[tokio::test]
async fn a_refusal_that_the_connector_did_not_read_as_one_is_not_believed() {
    let queue = queue_that_answers_writes(Act::Send(answer("403 Forbidden", "", ""))).await;
    let notes = Notes::default();
    let error = submit("trap-after-create", &queue, &notes).await.unwrap_err();
    assert!(error.may_be_filed(), "{error}");
    assert_eq!(notes.standing(), Standing::Refused);
}

#[tokio::test]
async fn a_queue_that_is_not_there_filed_nothing() {
    let queue = open_queue().await;
    let board = board("honest", &queue).await;
    drop(queue);
    let notes = Notes::default();
    let error = board.submit(&submission(), &mut notes.clone()).await.unwrap_err();
    assert!(matches!(error, SubmitError::NotFiled(_)), "{error}");
}

#[tokio::test]
async fn after_a_crash_the_notes_say_that_something_may_have_been_filed() {
    let (asked, mut waiting) = tokio::sync::mpsc::unbounded_channel();
    let queue = queue_that_answers_writes(Act::Stall).await;
    let notes = Notes::before(move |note| {
        if let Note::Asked { ordinal: 1, .. } = note {
            asked.send(()).map_err(|error| error.to_string())?;
        }
        Ok(())
    });
    let board = board("honest", &queue).await;
    {
        let mut journal = notes.clone();
        let submission = submission();
        let filing = board.submit(&submission, &mut journal);
        tokio::pin!(filing);
        let crash = async {
            waiting.recv().await;
            while reached(&queue).len() < 2 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = &mut filing => panic!("the queue never answers"),
            () = crash => {}
        }
        // The host dies here: the call is dropped where it waits.
    }
    assert_eq!(notes.in_words(), ["asked 0 search", "answered 0 200", "asked 1 create"]);
    assert_eq!(notes.standing(), Standing::Uncertain);
}

#[tokio::test]
async fn a_call_that_waits_too_long_is_ended_and_may_have_filed() {
    let limits =
        probity::sandbox::Limits { wall: Duration::from_millis(700), ..probity::sandbox::Limits::default() };
    let sandbox = probity::sandbox::Sandbox::new(limits, Some(probity_tests::guests::cache())).unwrap();
    let queue = queue_that_answers_writes(Act::Stall).await;
    let notes = Notes::default();
    let board = board_in(&sandbox, "honest", &queue).await;
    let error = board.submit(&submission(), &mut notes.clone()).await.unwrap_err();
    assert!(error.may_be_filed() && error.to_string().contains("limit.wall"), "{error}");
}
