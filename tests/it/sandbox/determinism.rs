//! A page depends on its call and on the doors, and on nothing else.

use super::crafted::{Crafted, collecting};
use super::{PageCall, call, collect, doors, hostile, instant, sandbox};

#[tokio::test]
async fn nothing_of_the_machine_or_the_moment_is_to_be_seen() {
    let connector = hostile().await;
    let probe = collect(&connector, "probe").await.unwrap().page.items.remove(0).summary;
    for fact in [
        "wall=1795382949.354959s",
        "still=1795382949.354959s",
        "slept=86400.00000",
        "env=0",
        "args=0",
        r#"files=Err("none")"#,
        "passwd=false",
        "stdin=Ok(0)",
    ] {
        assert!(probe.contains(fact), "{fact} in {probe}");
    }
}

#[tokio::test]
async fn the_same_call_gives_the_same_bytes_and_another_seed_or_instant_others() {
    let connector = hostile().await;
    let page = async |call: PageCall| connector.collect(&call, Box::new(doors())).await.unwrap().journal.page;
    let first = page(call("probe")).await;
    assert_eq!(first, page(call("probe")).await);
    assert_ne!(first, page(PageCall { seed: 8, ..call("probe") }).await);
    assert_ne!(first, page(PageCall { instant: instant("2026-11-22T21:29:10Z"), ..call("probe") }).await);
}

#[tokio::test]
async fn secure_randomness_grows_from_the_seed_alone() {
    // The first word for seed 7; the same number stands in the host's own test.
    let guest = Crafted {
        imports: r#"(import "wasi:random/random@0.2.0" "get-random-u64" (func $random (result i64)))"#,
        ..collecting(
            "(if (i64.eq (call $random) (i64.const 11184519538420990834)) (then (return (call $page)))) unreachable",
        )
    };
    let connector = sandbox().load(guest.component()).await.unwrap();
    assert!(connector.collect(&call("any"), Box::new(doors())).await.is_ok());
    let other = PageCall { seed: 8, ..call("any") };
    assert!(connector.collect(&other, Box::new(doors())).await.is_err());
}

#[tokio::test]
async fn nothing_is_kept_from_page_to_page() {
    let connector = hostile().await;
    for _ in 0..3 {
        assert_eq!(collect(&connector, "static").await.unwrap().page.items[0].id, "1");
    }
}
