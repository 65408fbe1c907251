//! Readiness over REST from a server that does not tell the truth: whatever can be checked is, and nothing else is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::{Office, Server};
use crate::cli::Ended;

/// How a server lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lie {
    None,
    /// A document is another text than its digest says.
    Document,
    /// An entry of the ledger says something else.
    Entry,
    /// The ledger is another packet's.
    Ledger,
    /// More follows, and nothing comes.
    Endless,
    /// It is all to be had elsewhere.
    Elsewhere,
    /// The answer is there, under a status that says it is not.
    Status,
}

/// A server between the command line and the real one.
struct Between {
    lie: Lie,
    real: String,
    /// Another packet of the real server.
    other: String,
    client: reqwest::Client,
    asked: AtomicUsize,
    /// Where a redirect leads.
    elsewhere: String,
}

async fn answer(State(between): State<Arc<Between>>, request: Request) -> Response {
    assert!(between.asked.fetch_add(1, Ordering::SeqCst) < 50, "it asks for ever");
    let mut path = request.uri().path_and_query().unwrap().to_string();
    if between.lie == Lie::Elsewhere {
        let to = format!("{}{path}", between.elsewhere);
        return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, to)]).into_response();
    }
    let is_ledger = path.contains("/ledger");
    if is_ledger && between.lie == Lie::Ledger {
        let place = path.split("packets/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        path = path.replace(&place, &between.other);
    }
    let token = request.headers()[header::AUTHORIZATION].to_str().unwrap().to_owned();
    let asked = between.client.get(format!("{}{path}", between.real)).header("authorization", token);
    let said = asked.send().await.unwrap();
    let status = said.status();
    let mut text = said.text().await.unwrap();
    if path.contains("/documents/") && between.lie == Lie::Document {
        text = text.replace("high", "critical");
    }
    if is_ledger && [Lie::Entry, Lie::Endless].contains(&between.lie) {
        let mut page: Value = serde_json::from_str(&text).unwrap();
        if between.lie == Lie::Entry {
            page["items"][0]["entry"]["event"]["title"] = json!("Something harmless");
        } else {
            page["next"] = json!("/api/v1/more");
        }
        text = page.to_string();
    }
    let status = if between.lie == Lie::Status { StatusCode::NON_AUTHORITATIVE_INFORMATION } else { status };
    (status, Body::from(text)).into_response()
}

/// Somewhere a token must not go.
async fn elsewhere() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counts = asked.clone();
    let router = Router::new().fallback(move |_: HeaderMap| {
        counts.fetch_add(1, Ordering::SeqCst);
        async { StatusCode::OK }
    });
    (listen(router).await, asked)
}

async fn listen(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_server_says_otherwise_than_it_is_is_found() {
    let office = Office::open();
    let listed = office.done("maya", &["packet", "list"]);
    let other = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let packet = office.opened();
    office.drafted();
    let server = Server::start(&office);
    let (elsewhere, strangers) = elsewhere().await;
    probity::egress::install_crypto();
    for (lie, said) in [
        (Lie::None, ""),
        (Lie::Document, "the server gave another text than sha256:"),
        (Lie::Entry, "does not hold"),
        (Lie::Ledger, "the server gave the ledger of packet"),
        (Lie::Endless, "more follows, and gives nothing"),
        (Lie::Elsewhere, "answered 307"),
        (Lie::Status, "answered 203"),
    ] {
        let between = Arc::new(Between {
            lie,
            real: server.url.clone(),
            other: other.clone(),
            client: reqwest::Client::new(),
            asked: AtomicUsize::new(0),
            elsewhere: elsewhere.clone(),
        });
        let url = listen(Router::new().fallback(answer).with_state(between.clone())).await;
        let ended: Ended = office.run("maya", &["packet", "readiness", &packet, "--server", &url]);
        if lie == Lie::None {
            assert_eq!(ended.code, 3, "the one between changes nothing by itself: {}", ended.stderr);
            continue;
        }
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{lie:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(said), "{lie:?}: {}", ended.stderr);
        assert!(between.asked.load(Ordering::SeqCst) > 0, "{lie:?}");
    }
    assert_eq!(
        strangers.load(Ordering::SeqCst),
        0,
        "a token goes to the server that was named and to no other"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_worked_out_without_what_came_later() {
    let office = Office::open();
    let packet = office.opened();
    let at = office.done("maya", &["evidence", "list", "--limit", "1"])["as-of"].as_str().unwrap().to_owned();
    office.drafted();
    let server = Server::start(&office);
    let asked = ["packet", "readiness", &packet, "--at", &at, "--output", "json"];
    let here = office.run("maya", &asked);
    let there = office.run("maya", &[&asked[..], &["--server", &server.url]].concat());
    assert_eq!((there.code, there.stderr.as_str()), (3, ""));
    assert_eq!(there.stdout, here.stdout, "an entry made since is in neither");
}
