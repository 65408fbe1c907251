//! The feed of changes, asked for and followed: nothing is missed, nothing comes twice.

use std::time::Duration;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt as _};
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{Desk, remark};

/// Somebody who follows.
struct Stream {
    bytes: BoxStream<'static, reqwest::Result<Bytes>>,
    unread: String,
}

/// An event as it came.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    kind: String,
    id: String,
    data: Value,
}

impl Stream {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"text/event-stream".parse().unwrap())
        );
        Self { bytes: answer.bytes_stream().boxed(), unread: String::new() }
    }

    /// The next event, within a time that no working host needs; `None` when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.unread.split_once("\n\n") {
                let member =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let read = member("data: ").map(|data| Event {
                    kind: member("event: ").unwrap(),
                    id: member("id: ").unwrap(),
                    data: serde_json::from_str(&data).unwrap(),
                });
                self.unread = rest.to_owned();
                match read {
                    Some(event) => return Some(event),
                    // A comment that keeps the line open.
                    None => continue,
                }
            }
            let more = tokio::time::timeout(Duration::from_secs(30), self.bytes.next()).await;
            let piece = more.expect("something comes within half a minute")?;
            self.unread.push_str(std::str::from_utf8(&piece.ok()?).unwrap());
        }
    }

    async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.next().await.unwrap());
        }
        events
    }
}

fn follow(desk: &Desk, query: &str) -> reqwest::RequestBuilder {
    desk.request("imani", Method::GET, &format!("/api/v1/events{query}"))
}

#[tokio::test]
async fn the_feed_is_read_piece_by_piece_without_a_gap() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let whole = desk.get("imani", "/api/v1/changes?limit=500").await.json();
    assert_eq!(whole["more"], false);
    let mut pieces = Vec::new();
    let mut path = "/api/v1/changes?limit=3".to_owned();
    loop {
        let piece = desk.get("imani", &path).await.json();
        pieces.extend(piece["items"].as_array().unwrap().clone());
        path = format!("/api/v1/changes?limit=3&after={}", piece["next"].as_str().unwrap());
        if piece["more"] == false {
            break;
        }
    }
    assert_eq!(Value::Array(pieces), whole["items"]);
    let end = desk.get("imani", &path).await.json();
    assert_eq!((&end["items"], &end["next"]), (&json!([]), &whole["next"]), "the mark stays where it was");
    desk.append("maya", &id, Some(&desk.head(&id).await), &remark("one")).await;
    let late = desk.get("imani", &path).await.json();
    assert_eq!(late["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&late["items"][0]["what"]["kind"], &late["items"][0]["what"]["packet"]),
        (&json!("entry-appended"), &json!(id))
    );
    let ahead = desk.get("imani", "/api/v1/changes?after=2099-01-01T00:00:00Z").await;
    assert_eq!((ahead.status, ahead.code().as_str()), (400, "request.future"));
}

#[tokio::test]
async fn who_was_cut_off_goes_on_where_they_were() {
    let desk = Desk::open().await;
    let mut stream = Stream::of(follow(&desk, "")).await;
    let id = desk.office.in_review().await;
    let entries = desk.office.words(&id).await.len();
    let live = stream.take(entries).await;
    let seqs: Vec<_> = live.iter().map(|event| event.data["what"]["seq"].as_u64().unwrap()).collect();
    assert_eq!(
        seqs,
        (1..=entries as u64).collect::<Vec<_>>(),
        "only what happened since, each once, in order"
    );
    assert!(live.iter().all(|event| event.kind == "entry-appended" && event.data["recorded"] == event.id));

    drop(stream);
    desk.office.collect("tracker", &[]).await;
    let resumed = follow(&desk, "?after=2026-11-01T00:00:00Z").header("last-event-id", &live[3].id);
    let missed = Stream::of(resumed).await.take(entries - 4 + 2).await;
    assert_eq!(missed[..entries - 4], live[4..], "the header goes before the query");
    let kinds: Vec<_> = missed[entries - 4..].iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["page-committed", "run-ended"]);

    let whole = desk.get("imani", "/api/v1/changes?limit=500").await.json();
    let whole = whole["items"].as_array().unwrap();
    let mut stream = Stream::of(follow(&desk, "?after=2020-01-01T00:00:00Z")).await;
    let told: Vec<_> = stream.take(whole.len()).await.into_iter().map(|event| event.data).collect();
    assert_eq!(told, *whole, "it is the same feed");
}

#[tokio::test]
async fn a_mark_that_is_none_is_refused() {
    let desk = Desk::open().await;
    for (mark, code) in
        [("nonsense", "request.header"), ("", "request.header"), ("2099-01-01T00:00:00Z", "request.future")]
    {
        let said = desk.send(follow(&desk, "").header("last-event-id", mark)).await;
        assert_eq!((said.status, said.code().as_str()), (400, code), "{mark}");
    }
}

#[tokio::test]
async fn only_so_many_follow_and_a_place_comes_free_again() {
    let desk = Desk::open().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(Stream::of(follow(&desk, "?after=2020-01-01T00:00:00Z")).await);
    }
    let said = desk.send(follow(&desk, "")).await;
    assert_eq!((said.status, said.code().as_str(), said.header("retry-after")), (503, "events.full", "5"));
    assert_eq!(desk.get("imani", "/api/v1/changes").await.status, 200, "everything else is answered");
    streams.clear();
    let id = desk.office.open_packet().await;
    for attempt in 0.. {
        assert!(attempt < 300, "a place comes free once its holder is gone");
        // The host notices that somebody is gone when it has something to tell them.
        desk.append("maya", &id, Some(&desk.head(&id).await), &remark("still here")).await;
        if desk.send(follow(&desk, "")).await.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_stop_ends_the_streams() {
    let desk = Desk::open().await;
    let mut stream = Stream::of(follow(&desk, "")).await;
    let closed = tokio::time::timeout(Duration::from_secs(20), desk.close()).await;
    assert!(closed.is_ok(), "nobody who follows keeps the host from stopping");
    assert_eq!(stream.next().await, None);
}
