//! Notices on their way to a real receiver, which verifies what it gets.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit as _, Mac as _};
use probity::egress::IpNet;
use probity::notify::{Notifier, Sent, Target};
use probity::rounds::Rounds;
use probity::secret::Secret;
use probity_core::event::{Event, ExposureDeclared};
use probity_tests::packet::Office;
use sha2::Sha256;

use super::rounds;

const SECRET: &str = "a secret that both sides know";

/// What arrived: id, instant signed, body; and how many are still to be turned down.
#[derive(Default)]
struct Inbox {
    arrived: Mutex<Vec<(String, i64, String)>>,
    refuse: Mutex<u32>,
}

async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: String) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signature = header("probity-signature");
    let Some((seconds, hex)) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{seconds}.{body}").as_bytes());
    if mac.verify_slice(&hex::decode(hex).unwrap()).is_err() {
        return StatusCode::FORBIDDEN;
    }
    let seconds = seconds.parse().unwrap();
    inbox.arrived.lock().unwrap().push((header("probity-notice").to_owned(), seconds, body));
    let mut refuse = inbox.refuse.lock().unwrap();
    if *refuse > 0 {
        *refuse -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::NO_CONTENT
}

async fn receiver() -> (Arc<Inbox>, u16) {
    let inbox = Arc::new(Inbox::default());
    let router = Router::new().route("/hooks/probity", post(receive)).with_state(inbox.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (inbox, port)
}

fn telling(office: &Office, port: u16, networks: &[&str], secret: &str) -> Rounds {
    let target = Target {
        url: format!("http://127.0.0.1:{port}/hooks/probity").parse().unwrap(),
        networks: networks.iter().map(|network| network.parse::<IpNet>().unwrap()).collect(),
        ca: None,
        secret: Secret::new(secret),
    };
    rounds(office).with_notifier(Notifier::new(target, office.clock.clone()).unwrap())
}

async fn escalated(office: &Office) {
    let packet = office.in_review().await;
    let declared = ExposureDeclared { reason: "the credential is public".to_owned(), evidence: None };
    office.command("imani", &packet, Event::ExposureDeclared(declared)).await;
}

#[tokio::test]
async fn a_notice_is_signed_sent_again_until_it_is_taken_and_then_never_more() {
    let office = Office::open().await;
    escalated(&office).await;
    let (inbox, port) = receiver().await;
    *inbox.refuse.lock().unwrap() = 2;
    let rounds = telling(&office, port, &["127.0.0.0/8"], SECRET);
    for _ in 0..5 {
        rounds.tell().await.unwrap();
        office.clock.advance(Duration::from_hours(3));
    }
    let arrived = inbox.arrived.lock().unwrap().clone();
    assert_eq!(arrived.len(), 3, "turned down twice, then taken");
    assert!(
        arrived.iter().all(|(id, _, body)| *id == arrived[0].0 && *body == arrived[0].2),
        "the same notice"
    );
    assert!(arrived[0].1 < arrived[2].1, "each sending is signed at its own instant");
    let body: serde_json::Value = serde_json::from_str(&arrived[0].2).unwrap();
    assert_eq!((body["kind"].as_str(), body["verdict"].as_str()), (Some("escalated"), Some("escalated")));
    assert_eq!(body["text"], "the credential is public");
}

#[tokio::test]
async fn a_receiver_that_is_away_loses_nothing() {
    let office = Office::open().await;
    escalated(&office).await;
    // Nobody listens there.
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let sent = telling(&office, port, &["127.0.0.0/8"], SECRET).tell().await.unwrap();
    assert_eq!(sent, Sent { delivered: 0, postponed: 1, given_up: 0 });
    office.clock.advance(Duration::from_hours(3));
    let (inbox, port) = receiver().await;
    let sent = telling(&office, port, &["127.0.0.0/8"], SECRET).tell().await.unwrap();
    assert_eq!(sent, Sent { delivered: 1, postponed: 0, given_up: 0 });
    assert_eq!(inbox.arrived.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_notice_under_another_secret_is_not_taken_and_a_private_address_is_not_spoken_to_ungranted() {
    let office = Office::open().await;
    escalated(&office).await;
    let (inbox, port) = receiver().await;
    let sent = telling(&office, port, &["127.0.0.0/8"], "a secret of somebody else").tell().await.unwrap();
    assert_eq!(sent.postponed, 1, "the receiver verifies");
    office.clock.advance(Duration::from_hours(3));
    let sent = telling(&office, port, &[], SECRET).tell().await.unwrap();
    assert_eq!(sent.postponed, 1);
    assert!(inbox.arrived.lock().unwrap().is_empty());
    let due = office.store.notice_due(office.in_hours(24), 10).await.unwrap();
    assert!(due[0].problem.as_deref().unwrap().contains("under `[notify]`"), "{:?}", due[0].problem);
}

#[tokio::test]
async fn a_receiver_that_never_takes_a_notice_is_asked_less_and_less_and_after_days_no_more() {
    let office = Office::open().await;
    escalated(&office).await;
    let (inbox, port) = receiver().await;
    *inbox.refuse.lock().unwrap() = u32::MAX;
    let rounds = telling(&office, port, &["127.0.0.0/8"], SECRET);
    let begun = office.clock.now();
    let mut waits = Vec::new();
    let given_up = loop {
        let now = office.clock.now();
        let sent = rounds.tell().await.unwrap();
        let due = office.store.notice_due(office.in_hours(24 * 365), 10).await.unwrap();
        let Some(notice) = due.first() else { break sent.given_up };
        let next = notice.next_attempt.unwrap();
        waits.push(next.since(now));
        assert!(waits.len() < 1_000, "it ends");
        office.clock.set(next);
    };
    assert_eq!(given_up, 1);
    assert!(
        waits[0] < Duration::from_mins(1) && waits.iter().max().unwrap() > &Duration::from_hours(1),
        "{waits:?}"
    );
    let took = office.clock.now().since(begun);
    assert!(took > Duration::from_hours(48) && took < Duration::from_hours(24 * 5), "{took:?}");
    office.clock.advance(Duration::from_hours(24 * 30));
    assert_eq!(rounds.tell().await.unwrap(), Sent::default(), "it is not taken up again");
}
