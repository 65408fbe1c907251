//! The board at the queue kept here.

use futures::future::join_all;
use probity::casework::{BoardAct, CaseworkError, Slice};
use probity::store::handoff::{QueueDecision, QueueFilter, QueueState};
use probity_core::event::BounceReason;
use probity_core::readiness::{Rule, Verdict};
use probity_tests::packet::Office;

use super::rounds;

#[tokio::test]
async fn a_bounce_changes_queue_and_ledger_together_and_the_packet_is_in_review_again() {
    let office = Office::open().await;
    let (packet, submission) = office.handed_off().await;
    let board = office.permit("bianca");
    let bounce = || BoardAct::Bounce {
        reasons: vec![BounceReason { rule: Some(Rule::Sections), text: "the rollback is thin".to_owned() }],
    };
    let early = office.casework.queue_decide(&board, &submission, bounce()).await;
    assert!(matches!(early, Err(CaseworkError::QueueMoved { state: None, .. })), "it has not arrived");

    rounds(&office).file().await.unwrap();
    office.casework.queue_decide(&board, &submission, BoardAct::Accept).await.unwrap();
    let none = office.casework.queue_decide(&board, &submission, BoardAct::Bounce { reasons: vec![] }).await;
    assert!(matches!(none, Err(CaseworkError::Refused(_))), "{none:?}");
    let item = office.casework.queue_get(&office.permit("maya"), &submission).await.unwrap();
    assert_eq!(item.state, QueueState::Accepted, "what the ledger refused did not happen in the queue");

    let (item, _) = office.casework.queue_decide(&board, &submission, bounce()).await.unwrap();
    assert_eq!((item.state, item.by.as_deref()), (QueueState::Bounced, Some("bianca")));
    let report = office.report(&packet).await;
    assert_eq!(report.verdict, Verdict::InReview, "{report:?}");
    let (reader, everything) = (office.permit("maya"), QueueFilter::default());
    let listed = office.casework.queue_list(&reader, &everything, &Slice::first(10)).await.unwrap();
    assert_eq!(listed.items.len(), 1);

    // Handed off anew it is another submission.
    office.review(&packet).await;
    office.accept_readiness(&packet).await;
    let again = office.hand_off(&packet).await;
    assert_ne!(again, submission);
    rounds(&office).file().await.unwrap();
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandedOff);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_submission_that_moved_on_meanwhile_leaves_the_ledger_as_it_was() {
    let office = Office::open().await;
    let (packet, submission) = office.handed_off().await;
    rounds(&office).file().await.unwrap();
    let before = office.words(&packet).await;
    // The decision was made for the submission as it stood, and waits for its turn on the packet.
    let turn = office.casework.gates.turn(&packet).await;
    let (casework, board, named) = (office.casework.clone(), office.permit("bianca"), submission.clone());
    let deciding = tokio::spawn(async move { casework.queue_decide(&board, &named, BoardAct::Accept).await });
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let elsewhere = QueueDecision {
        submission: submission.clone(),
        from: QueueState::Received,
        to: QueueState::Bounced,
        reasons: vec!["no rollback".to_owned()],
        decision: None,
        by: "boris".to_owned(),
        changed: office.clock.now(),
    };
    office.store.queue_decide(&elsewhere).await.unwrap();
    drop(turn);
    let told = deciding.await.unwrap().unwrap_err();
    assert!(matches!(told, CaseworkError::QueueMoved { state: Some(QueueState::Bounced), .. }), "{told}");
    assert_eq!(office.words(&packet).await, before, "neither happened");
}

#[tokio::test]
async fn the_queue_is_read_on_from_a_submission_that_is_in_it() {
    let office = Office::open().await;
    let (_, submission) = office.handed_off().await;
    rounds(&office).file().await.unwrap();
    let reader = office.permit("maya");
    let list = async |after: &str| {
        let slice = Slice { limit: 10, after: Some(after.to_owned()) };
        office.casework.queue_list(&reader, &QueueFilter::default(), &slice).await
    };
    assert!(list(&submission).await.unwrap().items.is_empty());
    for nowhere in ["", "x", &format!("{submission}0")] {
        let refused = list(nowhere).await.unwrap_err();
        assert!(matches!(refused, CaseworkError::NotAPlace(_)), "{nowhere}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixty_four_who_decide_at_once_one_decides() {
    let office = Office::open().await;
    let (packet, submission) = office.handed_off().await;
    rounds(&office).file().await.unwrap();
    let office = std::sync::Arc::new(office);
    let deciding = (0..64).map(|number| {
        let (office, submission) = (office.clone(), submission.clone());
        tokio::spawn(async move {
            let who = if number % 2 == 0 { "bianca" } else { "boris" };
            let decision = format!("Decision {number}");
            let act = BoardAct::Decide { decision: decision.clone(), granted: number % 3 == 0 };
            office.casework.queue_decide(&office.permit(who), &submission, act).await.map(|_| decision)
        })
    });
    let outcomes: Vec<_> = join_all(deciding).await.into_iter().map(Result::unwrap).collect();
    let won: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    for lost in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(
            matches!(lost, CaseworkError::Refused(_) | CaseworkError::QueueMoved { .. }),
            "they are told: {lost}"
        );
    }
    let item = office.store.queue_get(&submission).await.unwrap().unwrap();
    assert_eq!(item.decision.as_ref(), Some(won[0]));
    let recorded = office.words(&packet).await;
    assert_eq!(recorded.iter().filter(|word| **word == "intake-recorded").count(), 2, "received and decided");
}
