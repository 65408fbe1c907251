//! Packets with ledgers to store. Sample data throughout; the bytes only have to differ.

use probity::store::Store;
use probity::store::handoff::{NewFiling, QueueItem, QueueState};
use probity::store::ledger::{AppendError, Appended, Effect, Head, NewEntry, Projection};
use probity::store::notices::NewNotice;
use probity_core::canonical::Digest;
use probity_core::id::PacketId;
use probity_core::instant::Instant;

use super::fixture::{instant, uuid};

pub(super) fn packet() -> PacketId {
    uuid().parse().unwrap()
}

/// A minute of one morning.
pub(super) fn minute(minute: u32) -> Instant {
    instant(&format!("2026-11-22T09:{minute:02}:00Z"))
}

pub(super) fn projection(title: &str) -> Projection {
    Projection {
        title: title.to_owned(),
        state: String::from("held"),
        author: String::from("ana"),
        owner: String::from("olu"),
        system: String::from("payments-bridge"),
        expires: Some(minute(59)),
        summary: String::from(r#"{"claims":0}"#),
    }
}

/// The entry after `head`, saying `words`.
pub(super) fn entry(packet: &PacketId, head: Option<Head>, words: &str) -> NewEntry {
    let seq = head.map_or(1, |head| head.seq + 1);
    let bytes = format!(r#"{{"packet":"{packet}","says":"{words}","seq":{seq}}}"#).into_bytes();
    NewEntry {
        packet: packet.clone(),
        seq,
        hash: Digest::of(&bytes),
        prev: head.map(|head| head.digest),
        at: minute(seq.min(30)),
        bytes,
        projection: projection(words),
        also: Vec::new(),
    }
}

pub(super) async fn append(store: &dyn Store, entry: &NewEntry, head: Option<Head>) -> Appended {
    store.ledger_append(entry, head).await.unwrap()
}

/// A packet with a ledger of so many entries, and its head.
pub(super) async fn chain(store: &dyn Store, length: u32) -> (PacketId, Head) {
    let packet = packet();
    let mut head = None;
    for n in 1..=length {
        head = Some(append(store, &entry(&packet, head, &format!("entry {n}")), head).await.head);
    }
    (packet, head.unwrap())
}

pub(super) fn filing(submission: &str) -> NewFiling {
    NewFiling {
        submission: submission.to_owned(),
        intake: String::from("board"),
        package: Digest::of(submission.as_bytes()),
        next_attempt: Some(minute(10)),
    }
}

/// A packet whose second entry files that submission.
pub(super) async fn filed(store: &dyn Store, submission: &str) -> (PacketId, Head) {
    let (packet, head) = chain(store, 1).await;
    let mut handed_off = entry(&packet, Some(head), "handed off");
    handed_off.also = vec![Effect::File(filing(submission))];
    let head = append(store, &handed_off, Some(head)).await.head;
    (packet, head)
}

pub(super) fn queued(submission: &str, packet: &PacketId) -> QueueItem {
    QueueItem {
        submission: submission.to_owned(),
        packet: packet.clone(),
        seq: 2,
        title: String::from("Shared broker credential until March"),
        package: Digest::of(submission.as_bytes()),
        received: minute(12),
        state: QueueState::Received,
        reasons: Vec::new(),
        decision: None,
        by: None,
        changed: minute(12),
    }
}

pub(super) fn notice(packet: &PacketId, cause: &str) -> NewNotice {
    NewNotice {
        id: uuid(),
        packet: packet.clone(),
        cause: cause.to_owned(),
        kind: String::from("escalated"),
        body: String::from("{}"),
        created: minute(3),
        next_attempt: Some(minute(3)),
    }
}

/// The head an append met instead of the expected one.
pub(super) fn moved(result: &Result<Appended, AppendError>) -> Option<Head> {
    match result {
        Err(AppendError::Moved { head }) => *head,
        other => panic!("it was not told that the head moved: {other:?}"),
    }
}

pub(super) fn is_broken(result: &Result<Appended, AppendError>, rule: &str) -> bool {
    matches!(result, Err(AppendError::Broken { rule: told, .. }) if told.contains(rule))
}
