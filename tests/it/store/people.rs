//! What principals and the key registry promise.

use futures::future::join_all;
use probity::store::ledger::{AppendError, Head};
use probity::store::people::NewPrincipal;
use probity::store::{Store, StoreError};
use probity_core::canonical::Digest;

use super::chain::{is_broken, moved};

fn principal(id: &str, token: Option<&str>) -> NewPrincipal {
    NewPrincipal {
        id: id.to_owned(),
        kind: String::from("human"),
        role: String::from("reviewer"),
        token_sha256: token.map(|token| Digest::of(token.as_bytes())),
    }
}

pub(super) async fn a_principal_is_added_once_and_revoked_for_good(store: &dyn Store) {
    let ana = store.principal_add(&principal("ana", Some("token a"))).await.unwrap();
    let ben = store.principal_add(&principal("ben", None)).await.unwrap();
    store.principal_add(&principal("cy", None)).await.unwrap();
    assert_eq!((ana.token_sha256, ana.revoked), (Some(Digest::of(b"token a")), None));

    let revoked = store.principal_revoke("ana").await.unwrap().unwrap();
    assert!(revoked.revoked.unwrap() > ben.added);
    assert_eq!(store.principal_revoke("ana").await.unwrap(), Some(revoked.clone()), "revoked since then");
    assert_eq!(store.principal_revoke("nobody").await.unwrap(), None);
    let everybody = store.principal_list().await.unwrap();
    assert_eq!(everybody[..2], [revoked, ben]);
    assert_eq!(everybody.len(), 3);

    for (taken, told) in [
        (principal("ana", Some("token b")), "the id ana was"),
        (principal("ben", None), "the id ben is"),
        (principal("dot", Some("token a")), "that of ana"),
    ] {
        match store.principal_add(&taken).await {
            Err(StoreError::Conflict { rule, .. }) => assert!(rule.contains(told), "{rule}"),
            other => panic!("{taken:?}: {other:?}"),
        }
    }
    assert_eq!(store.principal_list().await.unwrap(), everybody);
}

async fn enrol(
    store: &dyn Store,
    words: &str,
    head: Option<Head>,
) -> Result<probity::store::ledger::Appended, AppendError> {
    store.registry_append(words.as_bytes(), Digest::of(words.as_bytes()), head).await
}

pub(super) async fn the_key_registry_is_one_chain(store: &dyn Store) {
    let one = enrol(store, "enrolled", None).await.unwrap();
    let two = enrol(store, "revoked", Some(one.head)).await.unwrap();
    assert_eq!(two.head, Head { seq: 2, digest: Digest::of(b"revoked") });
    for stale in [None, Some(one.head), Some(Head { seq: 2, ..one.head })] {
        assert_eq!(moved(&enrol(store, "late", stale).await), Some(two.head));
    }
    let forged = store.registry_append(b"other bytes", Digest::of(b"bytes"), Some(two.head)).await;
    assert!(is_broken(&forged, "not that of its bytes"));

    let entries = store.registry_entries().await.unwrap();
    let chain: Vec<_> = entries.iter().map(|entry| (entry.seq, entry.hash, entry.prev)).collect();
    assert_eq!(chain, [(1, one.head.digest, None), (2, two.head.digest, Some(one.head.digest))]);
    assert_eq!(entries[1].bytes, b"revoked");
    assert_eq!([entries[0].recorded, entries[1].recorded], [one.recorded, two.recorded]);
}

pub(super) async fn of_many_enrolments_on_one_head_one_wins(store: &dyn Store) {
    let words: Vec<_> = (0..32).map(|n| format!("key {n}")).collect();
    let results = join_all(words.iter().map(|words| enrol(store, words, None))).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(store.registry_entries().await.unwrap().len(), 1);
}
