//! What filings, exchanges and the intake queue promise.

use futures::future::join_all;
use probity::store::handoff::{
    Decided, ExchangeCall, FilingState, FilingUpdate, QueueDecision, QueueFilter, QueueItem, QueueState,
};
use probity::store::ledger::Effect;
use probity::store::{Keyset, Store, StoreError};
use probity_core::canonical::Digest;

use super::chain::*;
use super::fixture::{LEASE, all};

pub(super) fn update() -> FilingUpdate {
    FilingUpdate {
        state: FilingState::Received,
        attempts: 1,
        next_attempt: None,
        problem: None,
        receipt: Some(String::from(r#"{"number":"B-7"}"#)),
        keep_lease: false,
    }
}

fn is_fenced<T: std::fmt::Debug>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::FilingFenced { .. }))
}

pub(super) async fn a_filing_is_due_until_nothing_is_to_be_done(store: &dyn Store) {
    let (_, _) = filed(store, "s-1").await;
    let due = async |at| {
        let due = store.filing_due(minute(at)).await.unwrap();
        due.into_iter().map(|filing| filing.submission).collect::<Vec<_>>()
    };
    assert_eq!(due(9).await, Vec::<String>::new());
    assert_eq!(due(10).await, ["s-1"]);
    let claimed = store.filing_claim("s-1", "host-1", LEASE).await.unwrap().unwrap();
    assert_eq!((claimed.state, claimed.attempts, claimed.lease.unwrap().epoch), (FilingState::Waiting, 0, 1));
    assert_eq!(due(10).await, Vec::<String>::new(), "somebody works on it");

    let later = FilingUpdate {
        state: FilingState::Unknown,
        next_attempt: Some(minute(15)),
        problem: Some(String::from("timed out")),
        receipt: None,
        ..update()
    };
    let kept =
        store.filing_update("s-1", 1, &FilingUpdate { keep_lease: true, ..later.clone() }).await.unwrap();
    assert!(kept.lease.is_some());
    assert_eq!((kept.state, kept.problem.as_deref()), (FilingState::Unknown, Some("timed out")));
    let given_back = store.filing_update("s-1", 1, &later).await.unwrap();
    assert_eq!(given_back.lease, None);
    assert_eq!((due(14).await.len(), due(15).await.len()), (0, 1));

    let claimed = store.filing_claim("s-1", "host-1", LEASE).await.unwrap().unwrap();
    let epoch = claimed.lease.unwrap().epoch;
    let received = store.filing_update("s-1", epoch, &update()).await.unwrap();
    assert_eq!(due(59).await, Vec::<String>::new());
    assert_eq!(store.filing_get("s-1").await.unwrap(), Some(received.clone()));
    store.filing_claim("s-1", "host-1", LEASE).await.unwrap().unwrap();
    let without = FilingUpdate { receipt: None, ..update() };
    let again = store.filing_update("s-1", epoch + 1, &without).await.unwrap();
    assert_eq!(again.receipt, received.receipt, "a receipt stays");
}

pub(super) async fn a_filing_is_worked_on_by_one(store: &dyn Store) {
    filed(store, "s-1").await;
    let claims = join_all((0..16).map(|_| store.filing_claim("s-1", "host-1", LEASE))).await;
    assert_eq!(claims.iter().filter(|claim| claim.as_ref().unwrap().is_some()).count(), 1);
    assert_eq!(store.filing_claim("s-9", "host-1", LEASE).await.unwrap(), None);
    for (submission, epoch) in [("s-1", 0), ("s-1", 2), ("s-9", 1)] {
        assert!(is_fenced(&store.filing_update(submission, epoch, &update()).await));
        assert!(is_fenced(&store.exchange_asked(submission, epoch, 1, ExchangeCall::Submit, b"x").await));
    }
    store.filing_update("s-1", 1, &update()).await.unwrap();
    assert!(is_fenced(&store.filing_update("s-1", 1, &update()).await), "the lease was given back");
}

pub(super) async fn what_an_intake_said_is_recorded_with_its_entry(store: &dyn Store) {
    let (packet, head) = filed(store, "s-1").await;
    store.filing_claim("s-1", "host-1", std::time::Duration::ZERO).await.unwrap().unwrap();
    store.filing_claim("s-1", "host-2", LEASE).await.unwrap().expect("the lease has lapsed");
    let mut recorded = entry(&packet, Some(head), "received");
    let effect = |epoch| Effect::Filing { submission: String::from("s-1"), epoch, update: update() };
    recorded.also = vec![effect(1)];
    assert!(store.ledger_append(&recorded, Some(head)).await.is_err(), "that epoch is over");
    assert_eq!(store.ledger_head(&packet).await.unwrap(), Some(head));
    recorded.also = vec![effect(2)];
    append(store, &recorded, Some(head)).await;
    assert_eq!(store.filing_get("s-1").await.unwrap().unwrap().state, FilingState::Received);
}

pub(super) async fn exchanges_are_written_before_and_after(store: &dyn Store) {
    filed(store, "s-1").await;
    store.filing_claim("s-1", "host-1", LEASE).await.unwrap().unwrap();
    let conflict = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Conflict { .. }));
    assert!(conflict(store.exchange_answered("s-1", 1, b"early").await), "nothing was asked");
    let asked = store.exchange_asked("s-1", 1, 1, ExchangeCall::Submit, b"take this").await.unwrap();
    let known = store.exchanges("s-1").await.unwrap();
    assert_eq!((known.len(), known[0].asked, &known[0].answer), (1, asked, &None), "nobody knows");
    for wrong in [0, 1, 3] {
        let result = store.exchange_asked("s-1", 1, wrong, ExchangeCall::Status, b"?").await.map(drop);
        assert!(conflict(result), "{wrong}");
    }
    store.filing_update("s-1", 1, &update()).await.unwrap();
    store.exchange_answered("s-1", 1, b"taken").await.unwrap();
    store.exchange_answered("s-1", 1, b"taken").await.unwrap();
    assert!(conflict(store.exchange_answered("s-1", 1, b"refused").await));
    store.filing_claim("s-1", "host-2", LEASE).await.unwrap().unwrap();
    store.exchange_asked("s-1", 2, 2, ExchangeCall::Status, b"and now?").await.unwrap();

    let known = store.exchanges("s-1").await.unwrap();
    assert_eq!(
        known.iter().map(|one| (one.ordinal, one.call)).collect::<Vec<_>>(),
        [(1, ExchangeCall::Submit), (2, ExchangeCall::Status)]
    );
    assert_eq!(
        (known[0].request.as_slice(), known[1].request.as_slice()),
        (&b"take this"[..], &b"and now?"[..])
    );
    let answer = known[0].answer.as_ref().unwrap();
    assert_eq!(answer.bytes, b"taken");
    assert!(answer.answered > asked);
    assert_eq!(known[1].answer, None);
    assert!(store.exchanges("s-9").await.unwrap().is_empty());
}

fn decision(from: QueueState, to: QueueState) -> QueueDecision {
    QueueDecision {
        submission: String::from("s-1"),
        from,
        to,
        reasons: vec![String::from("evidence quality")],
        decision: Some(String::from("granted until March")),
        by: String::from("bo"),
        changed: minute(30),
    }
}

pub(super) async fn a_submission_is_received_once(store: &dyn Store) {
    let packet = packet();
    let item = queued("s-1", &packet);
    let received = store.queue_receive(&item).await.unwrap();
    assert_eq!((received.existed, &received.item), (false, &item));
    let other = QueueItem { package: Digest::of(b"other"), title: String::from("Other"), ..item.clone() };
    let again = store.queue_receive(&other).await.unwrap();
    assert_eq!((again.existed, &again.item), (true, &item), "what is kept is told, and stays");
    let many = (0..16).map(|_| queued("s-2", &packet)).collect::<Vec<_>>();
    let many = join_all(many.iter().map(|item| store.queue_receive(item))).await;
    assert_eq!(many.iter().filter(|one| !one.as_ref().unwrap().existed).count(), 1);
}

pub(super) async fn a_board_decides_on_what_it_saw(store: &dyn Store) {
    let packet = packet();
    store.queue_receive(&queued("s-1", &packet)).await.unwrap();
    let accept = decision(QueueState::Received, QueueState::Accepted);
    let all_at_once = join_all((0..16).map(|_| store.queue_decide(&accept))).await;
    let won = all_at_once.iter().filter(|one| matches!(one, Ok(Decided::Changed(_)))).count();
    let told =
        all_at_once.iter().filter(|one| matches!(one, Ok(Decided::Otherwise(QueueState::Accepted)))).count();
    assert_eq!((won, told), (1, 15));

    let decide = decision(QueueState::Accepted, QueueState::Decided);
    let Decided::Changed(item) = store.queue_decide(&decide).await.unwrap() else { panic!("it changed") };
    assert_eq!(store.queue_get("s-1").await.unwrap(), Some(item.clone()));
    assert_eq!(
        (item.state, &item.reasons, item.by.as_deref()),
        (QueueState::Decided, &decide.reasons, Some("bo"))
    );
    assert_eq!(
        (item.decision, item.changed, item.received),
        (decide.decision.clone(), minute(30), minute(12))
    );
    let nowhere = QueueDecision { submission: String::from("s-9"), ..decide };
    assert_eq!(store.queue_decide(&nowhere).await.unwrap(), Decided::Missing);
}

pub(super) async fn the_queue_is_listed_by_state_and_packet(store: &dyn Store) {
    let mut packets = [packet(), packet()];
    packets.sort();
    let [one, other] = packets;
    // In order of packet and entry, whatever the submissions are called: the tenth entry is not before the ninth.
    for (submission, packet, seq) in
        [("s-1", &one, 9), ("s-3", &other, 4), ("s-2", &other, 5), ("s-0", &one, 10)]
    {
        store.queue_receive(&QueueItem { seq, ..queued(submission, packet) }).await.unwrap();
    }
    store.queue_decide(&decision(QueueState::Received, QueueState::Accepted)).await.unwrap();
    let listed = async |filter: QueueFilter, keyset: Keyset| {
        let items = store.queue_list(&filter, &keyset).await.unwrap();
        items.into_iter().map(|item| item.submission).collect::<Vec<_>>()
    };
    let none = QueueFilter::default;
    assert_eq!(listed(none(), all()).await, ["s-1", "s-0", "s-3", "s-2"]);
    let received = QueueFilter { state: Some(QueueState::Received), ..none() };
    assert_eq!(listed(received, all()).await, ["s-0", "s-3", "s-2"]);
    assert_eq!(listed(QueueFilter { packet: Some(one), ..none() }, all()).await, ["s-1", "s-0"]);
    for (after, next) in [("s-1", "s-0"), ("s-0", "s-3"), ("s-3", "s-2")] {
        let keyset = Keyset { after: Some(after.to_owned()), limit: 1 };
        assert_eq!(listed(none(), keyset).await, [next], "after {after}");
    }
}
