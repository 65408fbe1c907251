//! What one caller can take from the others.

use std::sync::atomic::Ordering;
use std::time::Duration;

use probity::api::Limits;

use super::fixture::{Setup, Site};

#[tokio::test]
async fn a_large_body_is_refused() {
    let site = Site::open().await;
    let large = format!("{{\"streams\": [\"{}\"]}}", "x".repeat(100_000));
    let request = || {
        site.client
            .post(site.url("/api/v1/connections/tracker/runs"))
            .header("content-type", "application/json")
    };
    let said = site.send(request().body(large.clone())).await;
    assert_eq!((said.status, said.code().as_str()), (413, "request.too-large"));
    let pieces = futures::stream::iter(
        large
            .into_bytes()
            .chunks(1_000)
            .map(|piece| Ok::<_, std::io::Error>(piece.to_vec()))
            .collect::<Vec<_>>(),
    );
    let said = site.send(request().body(reqwest::Body::wrap_stream(pieces))).await;
    assert_eq!((said.status, said.code().as_str()), (413, "request.too-large"), "without a length, too");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up_but_the_work_is_not() {
    let limits = Limits { time: Duration::from_millis(200), ..Limits::default() };
    let site = Site::set_up(Setup { limits, ..Setup::default() }).await;
    site.script.slow.store(true, Ordering::SeqCst);
    let said = site.send(site.client.post(site.url("/api/v1/connections/tracker/runs"))).await;
    assert_eq!((said.status, said.code().as_str()), (503, "host.time"));
    assert_eq!(said.header("retry-after"), "5");
    site.script.gate.notify_one();
    site.script.started.notified().await;
    assert_eq!(site.store.run_open().await.unwrap().len(), 1, "the run was begun all the same");
}

#[tokio::test]
async fn work_goes_on_when_the_client_hangs_up() {
    use tokio::io::AsyncWriteExt as _;
    let site = Site::open().await;
    site.script.slow.store(true, Ordering::SeqCst);
    let mut stream = tokio::net::TcpStream::connect(site.address).await.unwrap();
    let request = format!("POST /api/v1/connections/tracker/runs HTTP/1.1\r\nHost: {}\r\n\r\n", site.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    site.script.waiting.notified().await;
    // Closed with a reset, so that the server notices at once.
    stream.set_zero_linger().unwrap();
    drop(stream);
    site.script.slow.store(false, Ordering::SeqCst);
    // The server has had its chance to notice once it answered somebody else.
    for _ in 0..20 {
        assert_eq!(site.get("/livez").await.status, 200);
    }
    site.script.gate.notify_one();
    site.script.started.notified().await;
    assert_eq!(site.store.run_open().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_panic_is_a_problem_of_one_request_only() {
    let site = Site::open().await;
    site.script.panics.store(true, Ordering::SeqCst);
    let said = site.send(site.client.post(site.url("/api/v1/connections/tracker/check"))).await;
    assert_eq!((said.status, said.code().as_str()), (500, "host.internal"));
    assert!(!said.text.contains("the script says so"), "what went wrong inside is not told: {}", said.text);
    assert_eq!(site.get("/api/v1/connections").await.status, 200);
}
