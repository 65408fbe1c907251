//! What one caller can take from the others.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use probity::api::{Limits, Lines, serve_within};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};

use super::fixture::{Setup, Site};

/// What must happen, within a time that no working host needs.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), what).await.expect("it happens within half a minute")
}

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
    soon(site.script.started.notified()).await;
    assert_eq!(site.store.run_open().await.unwrap().len(), 1, "the run was begun all the same");
}

#[tokio::test]
async fn work_goes_on_when_the_client_hangs_up() {
    let site = Site::open().await;
    site.script.slow.store(true, Ordering::SeqCst);
    let mut stream = TcpStream::connect(site.address).await.unwrap();
    let request = format!("POST /api/v1/connections/tracker/runs HTTP/1.1\r\nHost: {}\r\n\r\n", site.address);
    stream.write_all(request.as_bytes()).await.unwrap();
    soon(site.script.waiting.notified()).await;
    // Closed with a reset, so that the server notices at once.
    stream.set_zero_linger().unwrap();
    drop(stream);
    site.script.slow.store(false, Ordering::SeqCst);
    // The server has had its chance to notice once it answered somebody else.
    for _ in 0..20 {
        assert_eq!(site.get("/livez").await.status, 200);
    }
    site.script.gate.notify_one();
    soon(site.script.started.notified()).await;
    assert_eq!(site.store.run_open().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_panic_is_a_problem_of_one_request_only() {
    let site = Site::open().await;
    site.script.panics.store(true, Ordering::SeqCst);
    let in_a_task = site.client.post(site.url("/api/v1/connections/tracker/check"));
    let in_a_handler = site.client.get(site.url("/api/v1/connections"));
    for request in [in_a_task, in_a_handler] {
        let said = site.send(request).await;
        assert_eq!((said.status, said.code().as_str()), (500, "host.internal"));
        assert_eq!(said.header("x-request-id").len(), 36, "it can be found in the log");
        assert!(
            !said.text.contains("the script says so"),
            "what went wrong inside is not told: {}",
            said.text
        );
    }
    site.script.panics.store(false, Ordering::SeqCst);
    assert_eq!(site.get("/api/v1/connections").await.status, 200);
}

/// A router whose answers wait for a sign, and what to call it by.
async fn slow_server(
    lines: Lines,
) -> (std::net::SocketAddr, Arc<Notify>, Arc<Notify>, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let (asked, sign) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (was_asked, waits_for) = (asked.clone(), sign.clone());
    let handler = move || async move {
        was_asked.notify_one();
        waits_for.notified().await;
        "answered"
    };
    let router = axum::Router::new().route("/", axum::routing::get(handler));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(async move {
        let stopped = async {
            let _ = stopped.await;
        };
        serve_within(listener, router, stopped, lines).await.unwrap();
    });
    (address, asked, sign, stop, served)
}

#[tokio::test]
async fn a_line_that_says_nothing_is_closed() {
    let lines = Lines { head: Duration::from_millis(100), ..Lines::default() };
    let (address, _, _, _stop, _) = slow_server(lines).await;
    for said in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow:"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "the server hung up after {said:?}");
        assert!(!String::from_utf8_lossy(&rest).contains("200"));
    }
}

#[tokio::test]
async fn only_so_many_lines_are_held_and_more_wait() {
    let lines = Lines { most: 1, ..Lines::default() };
    let (address, asked, sign, _stop, _) = slow_server(lines).await;
    let ask = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(ask).await.unwrap();
    soon(asked.notified()).await;
    let mut second = TcpStream::connect(address).await.unwrap();
    second.write_all(ask).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(200), asked.notified()).await;
    assert!(early.is_err(), "the second is not looked at while the first is held");
    sign.notify_one();
    let mut answer = String::new();
    soon(first.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("answered"));
    soon(asked.notified()).await;
    sign.notify_one();
    soon(second.read_to_string(&mut answer)).await.unwrap();
}

#[tokio::test]
async fn a_stop_lets_what_is_under_way_be_answered() {
    let (address, asked, sign, stop, served) = slow_server(Lines::default()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    soon(asked.notified()).await;
    stop.send(()).unwrap();
    // Once nothing new is taken, the stop has been heard.
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!served.is_finished(), "it waits for the answer");
    sign.notify_one();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.ends_with("answered"), "{answer}");
    served.await.unwrap();
}
