//! The one write: what it is conditional on, who is first, and what is made of nonsense.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use probity::rounds::{Rounds, Settings};
use probity_core::ledger::MAX_ENTRY;
use probity_tests::packet::POLICY;
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{Desk, decided, remark};

#[tokio::test]
async fn a_command_names_the_head_it_was_made_for() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let head = desk.head(&id).await;
    let without = desk.append("maya", &id, None, &remark("one")).await;
    assert_eq!((without.status, without.code().as_str()), (428, "packet.head-wanted"));
    for wrong in ["*", "\"1\"", "", &format!("W/{head}"), &format!("{head}, {head}"), head.trim_matches('"')]
    {
        let said = desk.append("maya", &id, Some(wrong), &remark("one")).await;
        assert_eq!((said.status, said.code().as_str()), (400, "request.header"), "{wrong}");
    }
    assert_eq!(desk.append("maya", &id, Some(&head), &remark("one")).await.status, 201);
    let late = desk.append("imani", &id, Some(&head), &remark("two")).await;
    assert_eq!((late.status, late.code().as_str()), (412, "packet.moved"));
    let now = late.json()["head"]["digest"].as_str().unwrap().to_owned();
    assert_eq!(format!("\"{now}\""), desk.head(&id).await, "the problem says where the packet stands");
    let again = desk.append("imani", &id, Some(&format!("\"{now}\"")), &remark("two")).await;
    assert_eq!(again.status, 201);
    assert_eq!(again.json()["head"]["seq"], late.json()["head"]["seq"].as_u64().unwrap() + 1);
}

#[tokio::test]
async fn a_signed_statement_is_held_to_what_it_shows_and_to_no_head() {
    let desk = Desk::open().await;
    let id = desk.office.awaiting_signatures().await;
    let accepts = json!({"kind": "readiness-accepted"});
    let (maya, omar) =
        (desk.statement("maya", &id, &accepts).await, desk.statement("omar", &id, &accepts).await);
    let stale = desk.head(&id).await;
    assert_eq!(desk.append("imani", &id, Some(&stale), &remark("one")).await.status, 201);
    for (who, shown, seen) in [("maya", maya, "*"), ("omar", omar, stale.as_str())] {
        let signed = desk.append(who, &id, Some(seen), &decided(&shown.json(), who)).await;
        assert_eq!(signed.status, 201, "`If-Match: {seen}` is not looked at: {signed:?}");
    }

    // What a statement shows is looked at, whatever head is named beside it.
    let shown = desk.statement("omar", &id, &json!({"kind": "packet-handed-off"})).await.json();
    let scheduled = json!({"kind": "follow-up-scheduled", "what": "Look again", "owner": "omar",
        "due": "2026-12-01T00:00:00Z", "required": null});
    assert_eq!(desk.append("omar", &id, Some(&desk.head(&id).await), &scheduled).await.status, 201);
    let head = desk.head(&id).await;
    let late = desk.append("omar", &id, Some(&head), &decided(&shown, "omar")).await;
    assert_eq!((late.status, &late.json()["refusal"]["code"]), (422, &json!("statement.moved")), "{late:?}");
    assert_eq!(desk.head(&id).await, head);
}

/// Waits until the host did something that nobody waits for.
async fn until<F: AsyncFn() -> bool>(done: F) {
    for _ in 0..100 {
        if done().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it was not done within ten seconds");
}

#[tokio::test]
async fn what_was_asked_for_is_done_when_the_client_hangs_up() {
    let desk = Desk::open().await;
    let (id, submission) = desk.office.handed_off().await;
    Rounds::new(desk.office.casework.clone(), Settings::default()).file().await.unwrap();
    let decision = format!("/api/v1/queue/{submission}/decision");
    let before = desk.office.words(&id).await.len();
    let head = desk.head(&id).await;
    let turn = desk.office.casework.gates.turn(&id).await;
    let patience = Duration::from_millis(700);
    let remarks = tokio::time::timeout(patience, desk.append("maya", &id, Some(&head), &remark("one"))).await;
    let accepts =
        tokio::time::timeout(patience, desk.post("bianca", &decision, &json!({"kind": "accept"}))).await;
    assert!(
        remarks.is_err() && accepts.is_err(),
        "both wait for the packet's turn, and their senders went away"
    );
    // The host has had its chance to notice once it answered somebody else.
    for _ in 0..20 {
        assert_eq!(desk.get("maya", "/api/v1/queue").await.status, 200);
    }
    drop(turn);
    until(async || desk.office.words(&id).await.len() == before + 2).await;
}

#[tokio::test]
async fn nobody_is_told_of_an_instant_while_an_entry_is_on_its_way_into_it() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let path = format!("/api/v1/packets/{id}");
    // An entry has its instant before it is written: whoever looked in between would see another past later.
    let turn = desk.office.casework.gates.turn(&id).await;
    let parts = ["", "/readiness", "/evidence", "/exports/markdown", "/bundle?minimal=true"];
    for part in parts {
        let path = format!("{path}{part}");
        let early = tokio::time::timeout(Duration::from_millis(300), desk.get("maya", &path)).await;
        assert!(early.is_err(), "{part}");
    }
    drop(turn);
    for part in parts {
        assert_eq!(desk.get("maya", &format!("{path}{part}")).await.status, 200, "{part}");
    }
}

#[tokio::test]
async fn a_refusal_says_the_rule_who_could_and_what_to_do() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let head = desk.head(&id).await;
    let state = json!({"kind": "condition-stated", "text": "Whenever", "claims": []});
    let said = desk.append("maya", &id, Some(&head), &state).await;
    assert_eq!((said.status, said.code().as_str()), (403, "packet.not-yours"));
    let refusal = &said.json()["refusal"];
    assert_eq!(
        (&refusal["code"], &refusal["attempted"]),
        (&json!("who.not-yours"), &json!("condition-stated"))
    );
    assert!(refusal["who"].as_str().unwrap().contains("omar") && refusal["fix"].as_str().unwrap().len() > 5);
    let withdraw = json!({"kind": "claim-retracted", "claim": "claim-999", "reason": "none"});
    let said = desk.append("maya", &id, Some(&head), &withdraw).await;
    assert_eq!((said.status, said.code().as_str()), (422, "packet.refused"));
    assert_eq!(desk.head(&id).await, head, "nothing was written");
}

/// Sends the same command for the same head from so many clients, over these desks in turn; how many were answered how.
async fn race(desks: &[&Desk], id: &probity_core::id::PacketId, clients: usize) -> Vec<(u16, Value)> {
    let head = desks[0].head(id).await;
    let one = async |at: usize| {
        let desk = desks[at % desks.len()];
        let said = desk.append("maya", id, Some(&head), &remark(&format!("from client {at}"))).await;
        (said.status, said.json())
    };
    futures::future::join_all((0..clients).map(one)).await
}

#[tokio::test]
async fn of_many_clients_on_one_head_exactly_one_writes() {
    let desk = Desk::open().await;
    // A second host over the same store: nothing but the store keeps the two apart.
    let other = Desk::over(desk.office.reopened(POLICY).await).await;
    let id = desk.office.in_review().await;
    for desks in [&[&desk][..], &[&desk, &other]] {
        let before = desk.office.words(&id).await.len();
        let answers = race(desks, &id, 64).await;
        let written: Vec<_> = answers.iter().filter(|(status, _)| *status == 201).collect();
        assert_eq!((written.len(), answers.len()), (1, 64), "{answers:?}");
        for (status, problem) in answers.iter().filter(|(status, _)| *status != 201) {
            assert_eq!((*status, &problem["code"]), (412, &json!("packet.moved")));
            assert_eq!(problem["head"], written[0].1["head"]);
        }
        assert_eq!(desk.office.words(&id).await.len(), before + 1);
        assert!(
            desk.office.casework.projections_check().await.unwrap().is_empty(),
            "nothing is half written"
        );
    }
}

#[tokio::test]
async fn an_agent_that_drafts_without_a_pause_keeps_nobody_from_signing() {
    let desk = Desk::open().await;
    // Over one host, whose packet has turns, and over two, which meet in the store.
    let other = Desk::over(desk.office.reopened(POLICY).await).await;
    for agents in [&desk, &other] {
        signs_beside_an_agent(&desk, agents).await;
    }
}

async fn signs_beside_an_agent(desk: &Desk, agents: &Desk) {
    let id = desk.office.awaiting_signatures().await;
    let draft = json!({"kind": "passage-proposed", "section": "summary", "text": "Better words", "origin": "agent",
        "quotes": null, "objection": null, "leans-on": [], "replaces": null});
    let done = AtomicBool::new(false);
    let drafting = async {
        let mut drafted = 0;
        while !done.load(Ordering::SeqCst) {
            let head = agents.head(&id).await;
            if agents.append("drafter", &id, Some(&head), &draft).await.status == 201 {
                drafted += 1;
            }
        }
        drafted
    };
    let signing = async {
        for who in ["maya", "omar"] {
            let shown = desk.statement(who, &id, &json!({"kind": "readiness-accepted"})).await.json();
            // The agent goes on while the person reads.
            while desk.head(&id).await.trim_matches('"') == shown["statement"]["head"]["digest"] {
                tokio::task::yield_now().await;
            }
            let signed = desk.append(who, &id, None, &decided(&shown, who)).await;
            assert_eq!(signed.status, 201, "{who} signs at the first attempt: {signed:?}");
        }
        done.store(true, Ordering::SeqCst);
    };
    let (drafted, ()) = tokio::join!(drafting, signing);
    assert!(drafted >= 2, "the agent was drafting all the while");
    assert_eq!(desk.office.report(&id).await.verdict.as_str(), "ready");
}

/// A body and all bodies that have something else in place of one of its values.
fn mangled(value: &Value) -> Vec<Value> {
    let nested = (0..60).fold(json!(1), |inner, _| json!([inner]));
    let others = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!(""),
        json!("\u{0}\u{202e}"),
        json!("x".repeat(30_000)),
        json!([]),
        json!({}),
        nested,
    ];
    let mut made: Vec<Value> = others.to_vec();
    if let Value::Object(members) = value {
        for (name, inner) in members {
            for other in mangled(inner) {
                let mut members = members.clone();
                members.insert(name.clone(), other);
                made.push(Value::Object(members));
            }
            let mut fewer = members.clone();
            fewer.remove(name);
            made.push(Value::Object(fewer));
        }
    }
    made
}

#[tokio::test]
async fn whatever_is_sent_the_host_keeps_its_head() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let shown =
        desk.statement("omar", &id, &json!({"kind": "ownership-offered", "to": "petra"})).await.json();
    let (opening, ledger) = ("/api/v1/packets".to_owned(), format!("/api/v1/packets/{id}/ledger"));
    let sample = probity::casework::view::sample::command();
    let bodies = [
        (opening, probity::casework::view::sample::opening()),
        (
            format!("{ledger}/statement"),
            json!({"kind": "packet-handed-off", "report": null, "condition": "x"}),
        ),
        (
            format!("{ledger}/statement"),
            json!({"kind": "loop-resumed", "causes": [], "incident": "", "outcome": ""}),
        ),
        (ledger.clone(), sample),
        (ledger.clone(), decided(&shown, "petra")),
        (format!("/api/v1/queue/{id}:3/decision"), json!({"kind": "bounce", "reasons": []})),
    ];
    let before = desk.head(&id).await;
    let mut sent = 0;
    for (path, body) in bodies {
        let who = if path.contains("queue") { "bianca" } else { "omar" };
        for body in mangled(&body) {
            let head = desk.head(&id).await;
            let said =
                desk.send(desk.request(who, Method::POST, &path).header("if-match", head).json(&body)).await;
            assert!((200..500).contains(&said.status), "{path} {body}: {said:?}");
            sent += 1;
        }
    }
    assert!(sent > 500, "{sent}");
    assert_eq!(desk.head(&id).await, before, "none of it was anything omar may do");
    for (text, status) in [
        ("", 400),
        ("{", 400),
        ("nonsense", 400),
        ("[1,2]", 422),
        ("\u{feff}{}", 400),
        ("{\"kind\":\"remark-made\",\"kind\":\"remark-made\"}", 422),
    ] {
        let request = desk.request("omar", Method::POST, &ledger).header("content-type", "application/json");
        let said = desk.send(request.body(text)).await;
        assert_eq!(said.status, status, "{text}: {said:?}");
    }
}

#[tokio::test]
async fn a_statement_that_shows_much_fits_and_a_flood_does_not() {
    let desk = Desk::open().await;
    let id = desk.office.awaiting_signatures().await;
    let mut shown = desk.statement("omar", &id, &json!({"kind": "readiness-accepted"})).await.json();
    let one = shown["statement"]["evidence"][0].clone();
    shown["statement"]["evidence"] = Value::Array(vec![one.clone(); 4_000]);
    let much = desk.append("omar", &id, None, &decided(&shown, "omar")).await;
    assert_eq!(much.json()["refusal"]["code"], "statement.moved", "it was read, and is not what was shown");
    shown["statement"]["evidence"] = Value::Array(vec![one; MAX_ENTRY / 100]);
    let flood = desk.append("omar", &id, None, &decided(&shown, "omar")).await;
    assert_eq!((flood.status, flood.code().as_str()), (413, "request.too-large"));
    let statement = json!({"kind": "owner-replaced", "owner": "petra", "reason": "x".repeat(100_000)});
    assert_eq!(desk.statement("omar", &id, &statement).await.code(), "request.too-large");
}
