//! What notices promise.

use futures::future::join_all;
use probity::store::Store;
use probity::store::notices::{NewNotice, NoticeMark};

use super::chain::*;

pub(super) async fn there_is_one_notice_a_cause(store: &dyn Store) {
    let (packet, _) = chain(store, 1).await;
    let many: Vec<_> = (0..16).map(|_| notice(&packet, "escalated")).collect();
    let added = join_all(many.iter().map(|notice| store.notice_add(notice))).await;
    assert_eq!(added.iter().filter(|added| *added.as_ref().unwrap()).count(), 1);
    assert!(store.notice_add(&notice(&packet, "goes stale")).await.unwrap());
    assert!(store.notice_add(&notice(&super::chain::packet(), "x")).await.is_err(), "no such packet");
    assert_eq!(store.notice_due(minute(59), 10).await.unwrap().len(), 2);
}

pub(super) async fn a_notice_is_due_until_delivered_or_given_up(store: &dyn Store) {
    let (packet, _) = chain(store, 1).await;
    let new = notice(&packet, "escalated");
    let later = NewNotice { next_attempt: Some(minute(5)), ..notice(&packet, "later") };
    let silent = NewNotice { next_attempt: None, ..notice(&packet, "silent") };
    for notice in [&later, &new, &silent] {
        assert!(store.notice_add(notice).await.unwrap());
    }
    let due = async |at, limit| {
        let due = store.notice_due(minute(at), limit).await.unwrap();
        due.into_iter().map(|notice| notice.cause).collect::<Vec<_>>()
    };
    assert_eq!(due(2, 10).await, Vec::<String>::new());
    assert_eq!(due(4, 10).await, ["escalated"]);
    assert_eq!(due(59, 10).await, ["escalated", "later"], "the longest due first");
    assert_eq!(due(59, 1).await, ["escalated"]);

    let mut mark = NoticeMark {
        delivered: None,
        attempts: 1,
        next_attempt: Some(minute(20)),
        problem: Some(String::from("connection refused")),
    };
    assert!(store.notice_mark(&new.id, &mark).await.unwrap());
    assert_eq!(due(19, 10).await, ["later"]);
    mark = NoticeMark { delivered: Some(minute(21)), attempts: 2, next_attempt: None, problem: None };
    assert!(store.notice_mark(&new.id, &mark).await.unwrap());
    let again = NoticeMark { delivered: None, attempts: 3, next_attempt: Some(minute(22)), problem: None };
    assert!(!store.notice_mark(&new.id, &again).await.unwrap(), "delivered stays delivered");
    assert!(!store.notice_mark("nothing", &again).await.unwrap());
    let kept = store.notice_get(&new.id).await.unwrap().unwrap();
    assert_eq!((kept.delivered, kept.attempts, kept.body), (Some(minute(21)), 2, new.body));
    assert_eq!(store.notice_get("nothing").await.unwrap(), None);

    let given_up = NoticeMark { delivered: None, attempts: 9, next_attempt: None, problem: None };
    assert!(store.notice_mark(&later.id, &given_up).await.unwrap());
    assert_eq!(due(59, 10).await, Vec::<String>::new());
}
