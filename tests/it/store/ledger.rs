//! What ledgers, projections and documents promise.

use std::collections::BTreeSet;

use futures::FutureExt as _;
use futures::future::join_all;
use probity::store::handoff::{QueueDecision, QueueState};
use probity::store::ledger::{AppendError, DocumentKind, Effect, Head, PacketFilter};
use probity::store::{Keyset, Store, StoreError};
use probity_core::canonical::Digest;

use super::chain::*;
use super::fixture::{all, dropped};

pub(super) async fn an_appended_entry_is_read_back_as_it_was(store: &dyn Store) {
    let packet = packet();
    assert_eq!(store.ledger_head(&packet).await.unwrap(), None);
    let first = entry(&packet, None, "opened");
    let one = append(store, &first, None).await;
    assert_eq!(one.head, Head { seq: 1, digest: first.hash });
    let second = entry(&packet, Some(one.head), "revised");
    let two = append(store, &second, Some(one.head)).await;
    assert!(two.recorded > one.recorded, "each has an instant of its own");

    let kept = store.ledger_entries(&packet, 0, 10).await.unwrap();
    for ((kept, given), appended) in kept.iter().zip([&first, &second]).zip([one, two]) {
        assert_eq!(
            (kept.seq, kept.hash, kept.prev, kept.at, &kept.bytes),
            (given.seq, given.hash, given.prev, given.at, &given.bytes)
        );
        assert_eq!(kept.recorded, appended.recorded);
    }
    assert_eq!(kept.len(), 2);
    assert_eq!(store.ledger_entries(&packet, 1, 10).await.unwrap(), kept[1..]);
    assert_eq!(store.ledger_entries(&packet, 0, 1).await.unwrap(), kept[..1]);
    assert_eq!(store.ledger_head(&packet).await.unwrap(), Some(two.head));
    let row = store.projection_get(&packet).await.unwrap().unwrap();
    assert_eq!((row.head, &row.projection, row.opened), (two.head, &second.projection, first.at));
}

pub(super) async fn an_append_on_another_head_writes_nothing(store: &dyn Store) {
    let (packet, head) = chain(store, 2).await;
    let before = (store.ledger_entries(&packet, 0, 10).await, store.projection_get(&packet).await);
    let mut late = entry(&packet, Some(head), "late");
    late.also = vec![Effect::Notify(notice(&packet, "late"))];
    let other = Head { seq: 2, digest: Digest::of(b"another history") };
    let earlier = Head { seq: 1, digest: store.ledger_entries(&packet, 0, 1).await.unwrap()[0].hash };
    for expected in [None, Some(other), Some(earlier)] {
        assert_eq!(moved(&store.ledger_append(&late, expected).await), Some(head));
    }
    let nowhere = super::chain::packet();
    assert_eq!(moved(&store.ledger_append(&entry(&nowhere, Some(head), "x"), Some(head)).await), None);
    let after = (store.ledger_entries(&packet, 0, 10).await, store.projection_get(&packet).await);
    assert_eq!((before.0.unwrap(), before.1.unwrap()), (after.0.unwrap(), after.1.unwrap()));
    assert!(store.notice_due(minute(59), 10).await.unwrap().is_empty());
    assert_eq!(store.heads().await.unwrap(), [(packet, head)], "nor was a packet made");
}

pub(super) async fn an_entry_that_breaks_its_chain_is_refused(store: &dyn Store) {
    let (packet, head) = chain(store, 2).await;
    let good = entry(&packet, Some(head), "three");
    let with = |change: &dyn Fn(&mut probity::store::ledger::NewEntry)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad
    };
    for (bad, rule) in [
        (with(&|entry| entry.seq = 4), "the next entry is 3"),
        (with(&|entry| entry.seq = 2), "the next entry is 3"),
        (with(&|entry| entry.prev = None), "`prev`"),
        (with(&|entry| entry.prev = Some(Digest::of(b"another"))), "`prev`"),
        (with(&|entry| entry.at = minute(1)), "before 2026-11-22T09:02:00Z"),
        (with(&|entry| entry.bytes.push(b' ')), "not that of its bytes"),
    ] {
        let result = store.ledger_append(&bad, Some(head)).await;
        assert!(is_broken(&result, rule), "{rule}: {result:?}");
    }
    let fresh = super::chain::packet();
    let second = entry(&fresh, Some(head), "second without a first");
    assert!(is_broken(&store.ledger_append(&second, None).await, "the next entry is 1"));
    assert_eq!(store.heads().await.unwrap(), [(packet.clone(), head)]);
    let same_instant = with(&|entry| entry.at = minute(2));
    append(store, &same_instant, Some(head)).await;
}

pub(super) async fn of_sixty_four_appends_on_one_head_one_wins(store: &dyn Store) {
    let (packet, head) = chain(store, 1).await;
    for opening in [None, Some(head)] {
        let on = if opening.is_some() { packet.clone() } else { super::chain::packet() };
        let entries: Vec<_> = (0..64).map(|n| entry(&on, opening, &format!("writer {n}"))).collect();
        let results = join_all(entries.iter().map(|entry| store.ledger_append(entry, opening))).await;
        let won: Vec<_> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
        assert_eq!(won.len(), 1);
        for lost in results.iter().filter(|result| result.is_err()) {
            assert_eq!(moved(lost), Some(won[0].head), "the losers are told where it stands");
        }
        let length = if opening.is_some() { 2 } else { 1 };
        assert_eq!(store.ledger_entries(&on, 0, 100).await.unwrap().len(), length);
    }
}

pub(super) async fn packets_grow_side_by_side(store: &dyn Store) {
    let chains = join_all((0..8).map(|_| chain(store, 8))).await;
    let mut expected = chains.clone();
    expected.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(store.heads().await.unwrap(), expected);
    let mut recorded = BTreeSet::new();
    for (packet, _) in &chains {
        let entries = store.ledger_entries(packet, 0, 100).await.unwrap();
        assert!(entries.is_sorted_by(|one, next| one.recorded < next.recorded));
        recorded.extend(entries.iter().map(|entry| entry.recorded));
    }
    assert_eq!(recorded.len(), 64, "no two are recorded at the same instant");
}

pub(super) async fn what_goes_with_an_entry_happens_with_it(store: &dyn Store) {
    let (packet, head) = chain(store, 1).await;
    let mut handed_off = entry(&packet, Some(head), "handed off");
    handed_off.also = vec![
        Effect::File(filing("s-1")),
        Effect::Receive(queued("s-1", &packet)),
        Effect::Notify(notice(&packet, "handed off")),
        Effect::Notify(notice(&packet, "handed off")),
    ];
    let appended = append(store, &handed_off, Some(head)).await;
    let filed = store.filing_get("s-1").await.unwrap().unwrap();
    assert_eq!((&filed.packet, filed.seq, filed.recorded), (&packet, 2, appended.recorded));
    assert_eq!(store.filing_list(&packet).await.unwrap(), [filed]);
    assert_eq!(store.queue_get("s-1").await.unwrap().unwrap(), queued("s-1", &packet));
    assert_eq!(store.notice_due(minute(59), 10).await.unwrap().len(), 1, "one notice a cause");
}

/// Whether an error is the one that is due.
type Told = fn(&AppendError) -> bool;

pub(super) async fn an_effect_that_fails_takes_its_entry_along(store: &dyn Store) {
    let (packet, head) = filed(store, "s-1").await;
    store.queue_receive(&queued("s-1", &packet)).await.unwrap();
    let decide = |from, submission: &str| {
        Effect::Decide(QueueDecision {
            submission: submission.to_owned(),
            from,
            to: QueueState::Bounced,
            reasons: vec![String::from("no rollback")],
            decision: None,
            by: String::from("bo"),
            changed: minute(20),
        })
    };
    let notified = Effect::Notify(notice(&packet, "bounced"));
    let mut next = entry(&packet, Some(head), "bounced");
    let refusals: [(Effect, Told); 4] = [
        (decide(QueueState::Accepted, "s-1"), |error| {
            matches!(error, AppendError::Queue { state: Some(QueueState::Received), .. })
        }),
        (decide(QueueState::Received, "s-9"), |error| {
            matches!(error, AppendError::Queue { state: None, .. })
        }),
        (Effect::File(filing("s-1")), |error| {
            matches!(error, AppendError::Store(StoreError::Conflict { .. }))
        }),
        (
            Effect::Filing { submission: String::from("s-1"), epoch: 1, update: super::handoff::update() },
            |error| matches!(error, AppendError::Store(StoreError::FilingFenced { .. })),
        ),
    ];
    for (effect, told) in refusals {
        next.also = vec![notified.clone(), effect];
        let error = store.ledger_append(&next, Some(head)).await.unwrap_err();
        assert!(told(&error), "{error:?}");
        assert_eq!(store.ledger_head(&packet).await.unwrap(), Some(head));
        assert_eq!(store.projection_get(&packet).await.unwrap().unwrap().head, head);
        assert!(store.notice_due(minute(59), 10).await.unwrap().is_empty());
    }
    next.also = vec![notified, decide(QueueState::Received, "s-1")];
    append(store, &next, Some(head)).await;
    assert_eq!(store.queue_get("s-1").await.unwrap().unwrap().state, QueueState::Bounced);
}

pub(super) async fn a_dropped_append_is_all_or_nothing(store: &dyn Store) {
    let (packet, mut head) = chain(store, 1).await;
    for attempt in 0..100_u32 {
        let mut next = entry(&packet, Some(head), &format!("attempt {attempt}"));
        let cause = format!("attempt {attempt}");
        next.also = vec![Effect::Notify(notice(&packet, &cause))];
        match dropped(store, store.ledger_append(&next, Some(head)), attempt * attempt % 61).await {
            Some(result) => assert_eq!(result.unwrap().head.digest, next.hash),
            // Not heard of again: it is there whole, or not at all and may be tried again.
            None => match store.ledger_append(&next, Some(head)).await {
                Ok(_) | Err(AppendError::Moved { .. }) => {}
                Err(error) => panic!("{error}"),
            },
        }
        head = Head { seq: next.seq, digest: next.hash };
        assert_eq!(store.ledger_head(&packet).await.unwrap(), Some(head));
        assert_eq!(store.projection_get(&packet).await.unwrap().unwrap().head, head);
        let told = store.notice_due(minute(59), 1000).await.unwrap();
        assert_eq!(told.len() as u32, attempt + 1, "its notice came with it");
    }
}

pub(super) async fn an_append_once_begun_is_finished(store: &dyn Store) {
    let packet = packet();
    let first = entry(&packet, None, "opened");
    assert!(store.ledger_append(&first, None).now_or_never().is_none(), "it was dropped before it was done");
    // Each of these waits for the write before it.
    for _ in 0..10_000 {
        store.now().await.unwrap();
        if let Some(head) = store.ledger_head(&packet).await.unwrap() {
            return assert_eq!(head.digest, first.hash);
        }
    }
    panic!("the append got lost with its caller");
}

pub(super) async fn a_projection_is_made_anew_only_at_its_head(store: &dyn Store) {
    let (packet, head) = chain(store, 2).await;
    let anew = projection("Made anew");
    let earlier = Head { seq: 1, digest: store.ledger_entries(&packet, 0, 1).await.unwrap()[0].hash };
    assert!(!store.projection_put(&packet, earlier, &anew).await.unwrap());
    assert!(!store.projection_put(&super::chain::packet(), head, &anew).await.unwrap());
    assert_eq!(store.projection_get(&packet).await.unwrap().unwrap().projection.title, "entry 2");
    assert!(store.projection_put(&packet, head, &anew).await.unwrap());
    let row = store.projection_get(&packet).await.unwrap().unwrap();
    assert_eq!((row.projection, row.head), (anew, head));
    let broken = probity::store::ledger::Projection { summary: String::from("no json"), ..projection("x") };
    assert!(store.projection_put(&packet, head, &broken).await.is_err());
}

pub(super) async fn packets_are_listed_newest_first_and_every_filter_narrows(store: &dyn Store) {
    let mut made = Vec::new();
    for (title, state, author, owner) in [
        ("Shared broker CREDENTIAL", "held", "ana", "olu"),
        ("Éclair gateway 100%", "in-review", "ana", "eva"),
        ("Legacy path", "held", "ben", "olu"),
    ] {
        let packet = packet();
        let mut opened = entry(&packet, None, title);
        opened.projection.state = state.to_owned();
        opened.projection.author = author.to_owned();
        opened.projection.owner = owner.to_owned();
        append(store, &opened, None).await;
        made.push(packet);
    }
    let none = PacketFilter::default;
    let some = |text: &str| Some(text.to_owned());
    for (filter, expected) in [
        (none(), vec![2, 1, 0]),
        (PacketFilter { state: some("held"), ..none() }, vec![2, 0]),
        (PacketFilter { author: some("ana"), ..none() }, vec![1, 0]),
        (PacketFilter { owner: some("olu"), author: some("ana"), ..none() }, vec![0]),
        (PacketFilter { text: some("credential BROKER"), ..none() }, vec![0]),
        (PacketFilter { text: some("éclair"), ..none() }, vec![1]),
        (PacketFilter { text: some("100%"), ..none() }, vec![1]),
        (PacketFilter { text: some("%"), state: some("held"), ..none() }, vec![]),
        (PacketFilter { text: some("payments ben"), ..none() }, vec![2]),
        (PacketFilter { text: some("  "), ..none() }, vec![2, 1, 0]),
    ] {
        let listed = store.packet_list(&filter, &all()).await.unwrap();
        let listed: Vec<_> = listed.into_iter().map(|row| row.id).collect();
        let expected: Vec<_> = expected.into_iter().map(|at: usize| made[at].clone()).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
    let page = Keyset { after: Some(made[2].to_string()), limit: 1 };
    let rest = store.packet_list(&none(), &page).await.unwrap();
    assert_eq!(rest.iter().map(|row| &row.id).collect::<Vec<_>>(), [&made[1]]);
}

pub(super) async fn documents_and_packages_are_what_blobs_are_kept_for(store: &dyn Store) {
    let (policy, map) = (Digest::of(b"board.toml"), Digest::of(b"subjects.toml"));
    let first = store.document_put(DocumentKind::BoardPolicy, &policy).await.unwrap();
    let second = store.document_put(DocumentKind::SubjectMap, &map).await.unwrap();
    assert_eq!(store.document_put(DocumentKind::BoardPolicy, &policy).await.unwrap(), first);
    assert_eq!(store.document_list(None).await.unwrap(), [first, second]);
    assert_eq!(store.document_list(Some(DocumentKind::SubjectMap)).await.unwrap(), [second]);

    let (packet, _) = filed(store, "s-1").await;
    store.queue_receive(&queued("s-2", &packet)).await.unwrap();
    let kept: BTreeSet<_> = store.blob_references().await.unwrap().into_iter().collect();
    assert_eq!(kept, BTreeSet::from([policy, map, Digest::of(b"s-1"), Digest::of(b"s-2")]));
}
