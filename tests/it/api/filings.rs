//! Where a package is on its way to the board's intake, and taking up one that stopped.

use std::sync::Arc;
use std::time::Duration;

use probity::intake::{Intake, Queue};
use probity::rounds::{Intakes, Rounds, Settings};
use probity_core::run::Backoff;
use probity_tests::packet::{Office, POLICY};
use serde_json::{Value, json};

use super::desk::Desk;

/// An office whose board's intake is called `board`.
async fn desk() -> Desk {
    Desk::over(Office::under(&POLICY.replace("intake = \"queue\"", "intake = \"board\"")).await).await
}

/// Rounds that know no intake, and give up after two attempts.
fn rounds(desk: &Desk) -> Rounds {
    let retry = Backoff { attempts: 2, ..Settings::default().retry };
    Rounds::new(desk.office.casework.clone(), Settings { retry, ..Settings::default() })
}

async fn only(desk: &Desk, path: &str) -> Value {
    let said = desk.get("bianca", path).await;
    assert_eq!(said.status, 200, "{said:?}");
    assert_eq!(said.json()["items"].as_array().unwrap().len(), 1, "{said:?}");
    said.json()["items"][0].clone()
}

#[tokio::test]
async fn a_filing_that_stopped_is_shown_with_its_cause_and_taken_up_by_the_owner() {
    let desk = desk().await;
    let (packet, submission) = desk.office.handed_off().await;
    let path = format!("/api/v1/packets/{packet}/filings");
    let again = format!("{path}/{submission}/again");
    let waiting = only(&desk, &path).await;
    assert_eq!((&waiting["state"], &waiting["submission"]), (&json!("waiting"), &json!(submission)));
    let early = desk.post("omar", &again, &json!({})).await;
    assert_eq!((early.status, early.json()), (200, waiting), "it goes on by itself");

    for _ in 0..2 {
        rounds(&desk).file().await.unwrap();
        desk.office.clock.advance(Duration::from_hours(1));
    }
    let stopped = only(&desk, &path).await;
    assert_eq!((&stopped["state"], &stopped["next-attempt"]), (&json!("refused"), &Value::Null));
    assert!(stopped["problem"].as_str().unwrap().contains("add [intake.board]"), "{stopped}");

    for (who, code) in
        [("imani", "packet.not-yours"), ("drafter", "packet.not-yours"), ("bianca", "packet.not-yours")]
    {
        let refused = desk.post(who, &again, &json!({})).await;
        assert_eq!((refused.status, refused.code().as_str()), (403, code), "{who}");
    }
    assert_eq!(only(&desk, &path).await, stopped, "a refusal changes nothing");

    let taken_up = desk.post("maya", &again, &json!({})).await;
    assert_eq!((taken_up.status, &taken_up.json()["state"]), (200, &json!("unknown")), "{taken_up:?}");
    let queue = Arc::new(Queue::new(desk.office.store.clone())) as Arc<dyn Intake>;
    rounds(&desk).with_intakes(Intakes::from([("board".to_owned(), queue)])).file().await.unwrap();
    let received = only(&desk, &path).await;
    assert_eq!((&received["state"], &received["problem"]), (&json!("received"), &Value::Null));
    assert!(received["reference"].is_string(), "{received}");
}

#[tokio::test]
async fn a_filing_is_reached_through_its_own_packet_only() {
    let desk = desk().await;
    let (packet, submission) = desk.office.handed_off().await;
    let other = desk.office.open_packet().await;
    let none = desk.get("maya", &format!("/api/v1/packets/{other}/filings")).await;
    assert_eq!((none.status, none.json()), (200, json!({"items": []})));
    for named in [format!("{packet}:1"), "nothing".to_owned()] {
        let missing =
            desk.post("maya", &format!("/api/v1/packets/{packet}/filings/{named}/again"), &json!({})).await;
        assert_eq!((missing.status, missing.code().as_str()), (404, "queue.unknown"), "{named}");
    }
    let elsewhere = format!("/api/v1/packets/{other}/filings/{submission}/again");
    let elsewhere = desk.post("maya", &elsewhere, &json!({})).await;
    assert_eq!((elsewhere.status, elsewhere.code().as_str()), (404, "queue.unknown"));
}
