//! Every limit, met by a component that wants more. Each ends as its named error, and the host goes on.

use std::time::Duration;

use probity::sandbox::{Limits, Sandbox};
use probity_tests::guests;

use super::crafted::{Crafted, collecting};
use super::{call, collect, doors, ends_badly, hostile, impatient, sandbox};

#[tokio::test]
async fn an_endless_loop_ends_at_the_cpu_limit() {
    let connector = impatient().load(guests::hostile()).await.unwrap();
    assert_eq!(ends_badly(&connector, "loop").await.code(), "limit.cpu");
}

#[tokio::test]
async fn sleeping_takes_no_time_so_a_sleeper_ends_at_the_cpu_limit() {
    let connector = impatient().load(guests::hostile()).await.unwrap();
    assert_eq!(ends_badly(&connector, "sleep").await.code(), "limit.cpu");
}

#[tokio::test]
async fn a_door_that_never_answers_ends_at_the_wall_limit() {
    let sandbox =
        Sandbox::new(Limits { wall: Duration::from_millis(300), ..Limits::default() }, Some(guests::cache()))
            .unwrap();
    let connector = sandbox.load(guests::hostile()).await.unwrap();
    let error = connector.collect(&call("honest"), Box::new(doors().hanging())).await.unwrap_err();
    assert_eq!(error.code(), "limit.wall");
    assert_eq!(collect(&connector, "honest").await.unwrap().page.items.len(), 1);
}

#[tokio::test]
async fn growing_memory_ends_at_the_memory_limit() {
    let error = ends_badly(&hostile().await, "grow").await;
    assert_eq!(error.code(), "limit.memory");
    assert!(error.to_string().contains("64 MiB"), "{error}");
}

#[tokio::test]
async fn two_memories_share_one_limit_however_the_growing_is_done() {
    // 40 MiB each, with a hopeless growth after every step: the engine reports its failure without having
    // asked, which must not be mistaken for room given back.
    let body = "
        (local $steps i32)
        (loop $again
          (drop (memory.grow $main (i32.const 16)))
          (drop (memory.grow $main (i32.const 65535)))
          (drop (memory.grow $second (i32.const 16)))
          (drop (memory.grow $second (i32.const 65535)))
          (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $steps) (i32.const 40))))
        (if (i32.gt_u (i32.add (memory.size $main) (memory.size $second)) (i32.const 1024))
          (then (return (call $page))))
        unreachable";
    let guest = Crafted { parts: "(memory $second 1)", ..collecting(body) };
    let connector = sandbox().load(guest.component()).await.unwrap();
    assert_eq!(collect(&connector, "any").await.unwrap_err().code(), "limit.memory");
}

#[tokio::test]
async fn growing_a_table_ends_at_the_table_limit() {
    let body = "
        (loop $again
          (br_if $again (i32.ne (table.grow $wide (ref.null func) (i32.const 1000)) (i32.const -1))))
        unreachable";
    let guest = Crafted { parts: "(table $wide 1 funcref)", ..collecting(body) };
    let connector = sandbox().load(guest.component()).await.unwrap();
    assert_eq!(collect(&connector, "any").await.unwrap_err().code(), "limit.table");
}

#[tokio::test]
async fn recursion_ends_at_the_stack_limit() {
    assert_eq!(ends_badly(&hostile().await, "recurse").await.code(), "limit.stack");
}

#[tokio::test]
async fn whatever_is_too_much_for_one_call_of_the_host_is_refused() {
    let connector = hostile().await;
    for behaviour in ["huge-list", "huge-log", "huge-page"] {
        assert_eq!(ends_badly(&connector, behaviour).await.code(), "limit.hostcall", "{behaviour}");
    }
}

/// Takes this many streams and keeps them, then returns a page.
fn keeping(handles: u32) -> Vec<u8> {
    let body = format!(
        "(local $kept i32)
        (loop $again
          (drop (call $stdout))
          (local.set $kept (i32.add (local.get $kept) (i32.const 1)))
          (br_if $again (i32.lt_u (local.get $kept) (i32.const {handles}))))
        (return (call $page))"
    );
    let imports = r#"(import "wasi:cli/stdout@0.2.0" "get-stdout" (func $stdout (result i32)))"#;
    Crafted { imports, ..collecting(&body) }.component()
}

#[tokio::test]
async fn handles_that_are_never_dropped_end_at_the_limit_of_either_side() {
    for (kept, fits) in [(1000, true), (1100, false)] {
        let connector = sandbox().load(keeping(kept)).await.unwrap();
        let code = collect(&connector, "any").await.map_err(|error| error.code());
        assert_eq!(code.err(), (!fits).then_some("limit.handles"), "resources of the host: {kept}");
    }
    let many = Limits { resources: 1 << 20, ..Limits::default() };
    let sandbox = Sandbox::new(many, Some(guests::cache())).unwrap();
    for (kept, fits) in [(4000, true), (4200, false)] {
        let connector = sandbox.load(keeping(kept)).await.unwrap();
        let code = collect(&connector, "any").await.map_err(|error| error.code());
        assert_eq!(code.err(), (!fits).then_some("limit.handles"), "handles of the component: {kept}");
    }
}

#[tokio::test]
async fn too_much_randomness_at_once_is_refused() {
    for (bytes, fits) in [(65_536_u64, true), (65_537, false), (1 << 62, false)] {
        let body = format!("(call $random (i64.const {bytes}) (i32.const 64)) (return (call $page))");
        let imports =
            r#"(import "wasi:random/random@0.2.0" "get-random-bytes" (func $random (param i64 i32)))"#;
        // Room for the bytes: what comes back is written where `cabi_realloc` says.
        let guest = Crafted {
            imports,
            parts: "(func $room (drop (memory.grow $main (i32.const 2)))) (start $room)",
            ..collecting(&body)
        };
        let connector = sandbox().load(guest.component()).await.unwrap();
        let code = collect(&connector, "any").await.map_err(|error| error.code());
        assert_eq!(code.err(), (!fits).then_some("limit.hostcall"), "{bytes} bytes");
    }
}

#[tokio::test]
async fn too_many_door_calls_end_at_their_limit() {
    let error = ends_badly(&hostile().await, "many-calls").await;
    assert_eq!(error.code(), "limit.calls");
    assert!(error.to_string().contains("at most 1000 door calls"), "{error}");
}

#[tokio::test]
async fn a_flood_of_output_or_log_lines_is_cut_and_told() {
    let connector = hostile().await;
    let stdout = collect(&connector, "stdout").await.unwrap();
    assert!(stdout.usage.output_truncated);
    assert_eq!(stdout.page.items.len(), 1, "the connector does not notice");
    let log = collect(&connector, "log").await.unwrap();
    assert_eq!((log.usage.log_lines, log.usage.log_lines_dropped), (1000, 4000));
    assert!(!log.usage.output_truncated);
}

#[tokio::test]
async fn pages_beyond_the_places_wait_instead_of_failing() {
    let sandbox =
        Sandbox::new(Limits { pages_at_once: 2, ..Limits::default() }, Some(guests::cache())).unwrap();
    let connector = sandbox.load(guests::hostile()).await.unwrap();
    let pages = (0..12).map(|_| {
        let connector = connector.clone();
        tokio::spawn(async move { collect(&connector, "honest").await.map(|execution| execution.page) })
    });
    for page in futures::future::join_all(pages).await {
        assert_eq!(page.unwrap().unwrap().items.len(), 1);
    }
}

#[tokio::test]
async fn a_looping_page_does_not_hold_up_others_on_the_same_thread() {
    let connector = impatient().load(guests::hostile()).await.unwrap();
    let looping = collect(&connector, "loop");
    // Polled in this order, on one thread: were the loop not to yield, it would be the first to end.
    tokio::select! {
        biased;
        looping = looping => panic!("the loop held up everything: {:?}", looping.map(|execution| execution.page)),
        honest = collect(&connector, "honest") => assert!(honest.is_ok()),
    }
}
