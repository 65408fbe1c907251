//! What the feed of changes promises.

use probity::store::Store;
use probity::store::changes::{Change, Changed};
use probity_core::run::RunState;

use super::chain::{append, chain, entry};
use super::fixture::*;

pub(super) async fn everything_recorded_is_told_once_in_order(store: &dyn Store) {
    assert_eq!(store.changes(None, 10).await.unwrap(), []);
    let tracker = connection(store, "tracker").await;
    let (packet, head) = chain(store, 1).await;
    let (run, page) = sweep(store, &tracker, vec![finding("F-1", "One")]).await;
    let next = entry(&packet, Some(head), "after the sweep");
    let last = append(store, &next, Some(head)).await;

    let told = store.changes(None, 10).await.unwrap();
    let ended = store.run_get(&run).await.unwrap().unwrap().ended.unwrap();
    let appended = |head: probity::store::ledger::Head| Changed::EntryAppended {
        packet: packet.clone(),
        seq: head.seq,
        hash: head.digest,
    };
    let connection = name("tracker");
    assert_eq!(
        told.iter().map(|change| &change.what).collect::<Vec<_>>(),
        [
            &appended(head),
            &Changed::PageCommitted {
                connection: connection.clone(),
                run: run.clone(),
                stream: stream("findings"),
                number: 1
            },
            &Changed::RunEnded { connection, run, state: RunState::Complete },
            &appended(last.head),
        ]
    );
    assert_eq!([told[1].recorded, told[2].recorded, told[3].recorded], [page.recorded, ended, last.recorded]);
    assert!(told.is_sorted_by(|one, next| one.recorded < next.recorded));
    assert_eq!(walk(store, 1).await, told, "a page of one at a time skips nothing and repeats nothing");
    assert_eq!(walk(store, 3).await, told);
    assert_eq!(store.changes(Some(store.now().await.unwrap()), 10).await.unwrap(), []);
}

async fn walk(store: &dyn Store, limit: u32) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    loop {
        let page = store.changes(all.last().map(|change| change.recorded), limit).await.unwrap();
        if page.is_empty() {
            return all;
        }
        assert!(page.len() <= limit as usize);
        all.extend(page);
    }
}

pub(super) async fn following_the_feed_while_it_grows_misses_nothing(store: &dyn Store) {
    let writing = futures::future::join_all((0..6).map(|_| chain(store, 12)));
    let reading = async {
        let mut seen: Vec<Change> = Vec::new();
        for _ in 0..10_000 {
            seen.extend(store.changes(seen.last().map(|change| change.recorded), 5).await.unwrap());
            if seen.len() == 72 {
                break;
            }
            tokio::task::yield_now().await;
        }
        seen
    };
    let (_, seen) = tokio::join!(writing, reading);
    assert_eq!(seen, store.changes(None, 1000).await.unwrap());
    assert_eq!(seen.len(), 72);
}
