//! What only a human-held key may bring about: a token alone brings about none of it.

use std::time::Duration;

use probity_core::event::Decision;
use probity_tests::packet::Key;
use serde_json::{Value, json};

use super::desk::{Desk, decided};

/// A decision of every word.
fn decisions() -> Vec<Value> {
    let until = "2026-12-20T00:00:00Z";
    let decisions = vec![
        json!({"kind": "ownership-offered", "to": "petra"}),
        json!({"kind": "ownership-accepted"}),
        json!({"kind": "owner-replaced", "owner": "petra", "reason": "away"}),
        json!({"kind": "review-recorded", "discipline": "security", "verdict": "approve", "note": ""}),
        json!({"kind": "objection-withdrawn", "objection": "objection-3", "reason": "answered"}),
        json!({"kind": "risk-accepted", "objection": "objection-3", "rationale": "small", "expires": until}),
        json!({"kind": "loop-resumed", "causes": [], "incident": "INC-1", "outcome": "rotated"}),
        json!({"kind": "readiness-accepted"}),
        json!({"kind": "packet-handed-off"}),
    ];
    let words: Vec<_> = decisions.iter().map(|decision| decision["kind"].as_str().unwrap()).collect();
    assert_eq!(words, Decision::WORDS, "every decision there is");
    decisions
}

#[tokio::test]
async fn no_agent_decides_whoever_signed() {
    let desk = Desk::open().await;
    let id = desk.office.ready().await;
    let before = desk.head(&id).await;
    for decision in decisions() {
        for signer in ["drafter", "omar", "maya"] {
            // The statement an agent is shown for itself, and the one a person was shown.
            for shown_to in ["drafter", signer] {
                let shown = desk.statement(shown_to, &id, &decision).await;
                assert_eq!(shown.status, 200, "{shown:?}");
                let said = desk.append("drafter", &id, Some(&before), &decided(&shown.json(), signer)).await;
                assert_eq!(
                    (said.status, said.code().as_str()),
                    (403, "packet.not-yours"),
                    "{decision} {signer}"
                );
                assert_eq!(said.json()["refusal"]["code"], "who.signer", "{decision} {signer}");
            }
        }
    }
    assert_eq!(desk.head(&id).await, before, "nothing was written");
}

#[tokio::test]
async fn a_stolen_token_decides_nothing_without_the_key() {
    let desk = Desk::open().await;
    let id = desk.office.ready().await;
    let before = desk.head(&id).await;
    for decision in decisions() {
        for stolen in ["maya", "omar", "imani", "bianca"] {
            let shown = desk.statement(stolen, &id, &decision).await.json();
            // Signed by nobody's key, by another person's, by an agent's, and not at all.
            let mut commands: Vec<_> = ["thief", "lucia", "drafter"].map(|key| decided(&shown, key)).to_vec();
            let mut unsigned = decided(&shown, stolen);
            unsigned["signature"] = json!({"kind": "ssh", "armored": ""});
            commands.push(unsigned);
            for command in commands {
                let said = desk.append(stolen, &id, Some(&before), &command).await;
                assert_eq!(
                    (said.status, said.code().as_str()),
                    (422, "packet.refused"),
                    "{decision} {stolen}"
                );
                assert_eq!(said.json()["refusal"]["code"], "signature.refused", "{decision} {stolen}");
            }
            // A good signature of the person whose statement it is does not count for somebody else.
            let other = if stolen == "maya" { "omar" } else { "maya" };
            let said = desk.append(other, &id, Some(&before), &decided(&shown, stolen)).await;
            assert_eq!(said.json()["refusal"]["code"], "who.signer", "{decision} {stolen}");
        }
    }
    assert_eq!(desk.head(&id).await, before, "nothing was written");
    let handed = desk.sign("omar", &id, &json!({"kind": "packet-handed-off"})).await;
    assert_eq!(handed.status, 201, "the person with the key does: {handed:?}");
}

#[tokio::test]
async fn a_decision_is_no_command() {
    let desk = Desk::open().await;
    let id = desk.office.ready().await;
    let before = desk.head(&id).await;
    for decision in decisions() {
        let said = desk.append("omar", &id, Some(&before), &decision).await;
        assert_eq!((said.status, said.code().as_str()), (422, "request.body"), "{decision}");
    }
}

#[tokio::test]
async fn a_key_that_ended_while_its_holder_read_signs_nothing_more_and_keeps_what_it_signed() {
    let desk = Desk::open().await;
    let id = desk.office.ready().await;
    let shown = desk.statement("omar", &id, &json!({"kind": "packet-handed-off"})).await.json();
    desk.office.clock.advance(Duration::from_secs(1));
    let key = Key::of("omar").public().fingerprint();
    let operator = desk.office.permit("olga");
    desk.office.casework.key_revoke(&operator, &key, "the laptop was lost".to_owned()).await.unwrap();
    let late = desk.append("omar", &id, None, &decided(&shown, "omar")).await;
    assert_eq!(
        (late.status, &late.json()["refusal"]["code"]),
        (422, &json!("signature.refused")),
        "{late:?}"
    );
    assert!(late.json()["refusal"]["rule"].as_str().unwrap().contains("was revoked"), "{late:?}");
    let report = desk.get("omar", &format!("/api/v1/packets/{id}/readiness")).await.json();
    assert_eq!(report["verdict"], "ready", "what the key signed before counts as it did");
}
