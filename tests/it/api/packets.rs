//! A packet over HTTP: from its opening to the board, and everything that is told about it on the way.

use probity::rounds::{Rounds, Settings};
use probity_core::board::Board;
use probity_core::book::Book;
use probity_core::canonical::Digest;
use probity_core::ledger;
use probity_core::packet::Packet;
use probity_core::readiness::readiness;
use probity_core::subject::SubjectMap;
use probity_tests::packet::{CONDITION, POLICY};
use reqwest::Method;
use serde_json::{Value, json};

use super::desk::{Desk, remark};

fn opening() -> Value {
    json!({
        "title": "Shared credential to the legacy broker", "exception": "shared-credential", "owner": "omar",
        "terms": {"system": "service:payments-bridge", "credential": "credential:legacy-broker",
            "expires": "2027-01-10T00:00:00Z"},
        "renews": null
    })
}

#[tokio::test]
async fn a_packet_is_opened_at_an_address_of_its_own() {
    let desk = Desk::open().await;
    let opened = desk.post("maya", "/api/v1/packets", &opening()).await;
    assert_eq!(opened.status, 201, "{opened:?}");
    let packet = desk.get("imani", opened.header("location")).await;
    assert_eq!((packet.status, packet.header("etag")), (200, opened.header("etag")));
    assert_eq!(packet.header("etag"), format!("\"{}\"", opened.json()["head"]["digest"].as_str().unwrap()));
    assert_eq!((&packet.json()["author"], &packet.json()["owner"]["id"]), (&json!("maya"), &json!("omar")));
    assert_eq!(opened.json()["verdict"], "held");

    let agent = desk.post("drafter", "/api/v1/packets", &opening()).await;
    assert_eq!((agent.status, agent.code().as_str()), (403, "packet.not-yours"));
    let refusal = &agent.json()["refusal"];
    assert_eq!(
        (&refusal["code"], &refusal["attempted"]),
        (&json!("who.author-only"), &json!("packet-opened"))
    );
    assert!(refusal["who"].as_str().unwrap().contains("author"), "{refusal}");
    let mut own = opening();
    own["owner"] = json!("maya");
    let own = desk.post("maya", "/api/v1/packets", &own).await;
    assert_eq!((own.status, own.code().as_str()), (422, "packet.refused"));
    assert_eq!(own.json()["refusal"]["code"], "owner.is-author");
    let list = desk.get("maya", "/api/v1/packets").await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing was opened by what was refused");
}

#[tokio::test]
async fn the_tag_of_a_packet_is_its_head() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let path = format!("/api/v1/packets/{id}");
    let before = desk.head(&id).await;
    let again = desk.send(desk.request("maya", Method::GET, &path).header("if-none-match", &before)).await;
    assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", before.as_str()));
    let appended = desk.append("maya", &id, Some(&before), &remark("one")).await;
    assert_eq!((appended.status, appended.header("etag")), (201, desk.head(&id).await.as_str()));
    let entry = desk.get("maya", appended.header("location")).await.json();
    assert_eq!(entry["items"][0]["entry"], appended.json()["entry"]);
    let moved = desk.send(desk.request("maya", Method::GET, &path).header("if-none-match", &before)).await;
    assert_eq!(moved.status, 200);
    assert_eq!(
        serde_json::to_value(
            desk.office.casework.packet_get(&desk.office.permit("maya"), &id, None).await.unwrap()
        )
        .unwrap(),
        moved.json()
    );
}

#[tokio::test]
async fn every_filter_of_the_list_is_passed_on() {
    let desk = Desk::open().await;
    let held = desk.office.open_packet().await;
    let reviewed = desk.office.in_review().await;
    let ids = async |query: &str| -> Vec<String> {
        let list = desk.get("imani", &format!("/api/v1/packets?{query}")).await.json();
        list["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
    };
    let (held, reviewed) = (held.to_string(), reviewed.to_string());
    for both in ["", "author=maya", "owner=omar", "text=LEGACY%20broker", "text="] {
        assert_eq!(ids(both).await, [reviewed.clone(), held.clone()], "{both}");
    }
    assert_eq!(ids("state=held").await, std::slice::from_ref(&held));
    assert_eq!(ids("state=in-review").await, std::slice::from_ref(&reviewed));
    for none in ["author=noor", "owner=petra", "text=nowhere", "state=ready"] {
        assert!(ids(none).await.is_empty(), "{none}");
    }
    let first = desk.get("imani", "/api/v1/packets?limit=1").await;
    assert_eq!(first.json()["items"][0]["id"], reviewed);
    assert_eq!(first.header("link"), format!("<{}>; rel=\"next\"", first.json()["next"].as_str().unwrap()));
    let second = desk.get("imani", first.json()["next"].as_str().unwrap()).await.json();
    assert_eq!((&second["items"][0]["id"], &second["next"]), (&json!(held), &Value::Null));
}

/// Reads a listing to its end.
async fn all(desk: &Desk, path: &str) -> Vec<Value> {
    let (mut items, mut next) = (Vec::new(), Some(path.to_owned()));
    while let Some(path) = next {
        let page = desk.get("imani", &path).await;
        assert_eq!(page.status, 200, "{page:?}");
        items.extend(page.json()["items"].as_array().unwrap().clone());
        next = page.json()["next"].as_str().map(str::to_owned);
    }
    items
}

#[tokio::test]
async fn whoever_asks_over_http_makes_the_same_report_to_the_byte() {
    let desk = Desk::open().await;
    let id = desk.office.awaiting_signatures().await;
    desk.office.collect("tracker", &[probity_tests::packet::finding("finding-1", "high", None)]).await;
    let told = desk.get("imani", &format!("/api/v1/packets/{id}/readiness")).await;
    let instant = told.json()["instant"].as_str().unwrap().to_owned();
    assert_eq!(told.json()["verdict"], "awaiting-signatures", "{}", told.text);
    assert_eq!(told.header("etag"), format!("\"{}\"", Digest::of(told.text.as_bytes())));

    let lines: Vec<Vec<u8>> = all(&desk, &format!("/api/v1/packets/{id}/ledger?limit=7"))
        .await
        .iter()
        .map(|record| {
            let bytes = probity_core::canonical::bytes(&record["entry"]).unwrap();
            assert_eq!(json!(Digest::of(&bytes)), record["hash"]);
            bytes
        })
        .collect();
    assert!(lines.len() > 10);
    let entries = ledger::read(lines.iter().map(Vec::as_slice)).unwrap();
    let packet = Packet::fold(&entries).unwrap();
    let document =
        async |digest: Digest| desk.get("imani", &format!("/api/v1/documents/{digest}")).await.text;
    let board = Board::parse(&document(packet.policy).await).unwrap();
    let subjects = SubjectMap::parse(&document(packet.subjects).await).unwrap();
    assert_eq!((board.digest, subjects.digest), (packet.policy, packet.subjects));
    let evidence = desk.get("imani", &format!("/api/v1/packets/{id}/evidence?at={instant}")).await.json();
    assert_eq!(evidence["as-of"], instant);
    let book: Book = serde_json::from_value(evidence["book"].clone()).unwrap();
    let made = readiness(&packet, &book, &board, &subjects, instant.parse().unwrap());
    assert_eq!(String::from_utf8(made.bytes().unwrap()).unwrap(), told.text);

    desk.office.clock.advance(std::time::Duration::from_hours(24 * 20));
    let later = desk.get("imani", &format!("/api/v1/packets/{id}/readiness")).await;
    assert_eq!(later.json()["verdict"], "held", "evidence went out of date: {}", later.text);
    let then = desk.get("imani", &format!("/api/v1/packets/{id}/readiness?at={instant}")).await;
    assert_eq!(then.text, told.text, "the past does not change");
}

#[tokio::test]
async fn a_packet_is_shown_as_it_was_but_never_as_it_will_be() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let path = format!("/api/v1/packets/{id}");
    let ledger = all(&desk, &format!("{path}/ledger")).await;
    let (second, third) = (&ledger[1]["entry"]["at"], &ledger[2]["entry"]["at"]);
    assert!(second.as_str() < third.as_str());
    let then = desk.get("maya", &format!("{path}?at={}", second.as_str().unwrap())).await;
    assert_eq!((&then.json()["head"]["seq"], &then.json()["claims"]), (&json!(2), &json!({})));
    assert_eq!(then.header("etag"), format!("\"{}\"", ledger[1]["hash"].as_str().unwrap()));
    for what in ["", "/readiness", "/evidence", "/exports/markdown"] {
        let ahead = desk.get("maya", &format!("{path}{what}?at=2099-01-01T00:00:00Z")).await;
        assert_eq!((ahead.status, ahead.code().as_str()), (400, "request.future"), "{what}");
        let before = desk.get("maya", &format!("{path}{what}?at=2020-01-01T00:00:00Z")).await;
        assert_eq!((before.status, before.code().as_str()), (404, "packet.unknown"), "{what}");
    }
}

#[tokio::test]
async fn exports_come_as_files_that_run_nothing() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    for (format, media_type, extension, begins) in [
        ("markdown", "text/markdown; charset=utf-8", "md", "#"),
        ("html", "text/html; charset=utf-8", "html", "<!"),
        ("oscal", "application/json", "oscal.json", "{"),
    ] {
        let path = format!("/api/v1/packets/{id}/exports/{format}");
        let export = desk.get("bianca", &path).await;
        assert_eq!((export.status, export.header("content-type")), (200, media_type));
        assert_eq!(
            export.header("content-disposition"),
            format!("attachment; filename=\"packet-{id}.{extension}\"")
        );
        assert!(export.text.trim_start().to_lowercase().starts_with(begins), "{}", &export.text[..80]);
        assert!(export.text.contains("Shared credential to the legacy broker"));
        let policy = export.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");
        assert_eq!(policy.contains("style-src 'unsafe-inline'"), format == "html", "{policy}");
        for closed in ["frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"] {
            assert!(policy.contains(closed), "{format}: {policy}");
        }
        assert_eq!(policy.ends_with("; sandbox"), format == "html", "a page of no origin: {policy}");
        assert_eq!(export.header("x-content-type-options"), "nosniff", "{format}");
        assert_eq!(export.header("etag"), format!("\"{}\"", Digest::of(export.text.as_bytes())));
    }
    let other = desk.get("bianca", &format!("/api/v1/packets/{id}/exports/pdf")).await;
    assert_eq!((other.status, other.code().as_str()), (400, "request.path"));
}

#[tokio::test]
async fn a_bundle_comes_as_an_archive_that_verifies() {
    let desk = Desk::open().await;
    let id = desk.office.in_review().await;
    let path = format!("/api/v1/packets/{id}/bundle");
    let tagged = desk.get("bianca", &format!("{path}?minimal=true")).await;
    assert_eq!((tagged.status, tagged.header("content-type")), (200, "application/x-tar"), "{tagged:?}");
    assert_eq!(tagged.header("content-disposition"), format!("attachment; filename=\"packet-{id}.tar\""));
    let answer = desk.request("bianca", Method::GET, &format!("{path}?minimal=true")).send().await.unwrap();
    let files = probity::archive::unpack(&answer.bytes().await.unwrap()).unwrap();
    let manifest: Value = serde_json::from_slice(&files["bundle.json"]).unwrap();
    assert_eq!((&manifest["packet"], &manifest["scope"]), (&json!(id), &json!("minimal")));
    let ahead = desk.get("bianca", &format!("{path}?at=2099-01-01T00:00:00Z")).await;
    assert_eq!((ahead.status, ahead.code().as_str()), (400, "request.future"));
}

#[tokio::test]
async fn only_documents_are_served_as_documents() {
    let desk = Desk::open().await;
    let policy = desk.get("imani", &format!("/api/v1/documents/{}", Digest::of(POLICY.as_bytes()))).await;
    assert_eq!((policy.text.as_str(), policy.header("content-type")), (POLICY, "text/plain; charset=utf-8"));
    let blob = desk.office.blobs.put(b"something else that is kept").await.unwrap();
    let other = desk.get("imani", &format!("/api/v1/documents/{blob}")).await;
    assert_eq!((other.status, other.code().as_str()), (404, "document.unknown"));
}

#[tokio::test]
async fn a_packet_goes_to_the_board_and_back_over_http() {
    let desk = Desk::open().await;
    let id = desk.office.awaiting_signatures().await;
    for who in ["maya", "omar"] {
        let signed = desk.sign(who, &id, &json!({"kind": "readiness-accepted"})).await;
        assert_eq!(signed.status, 201, "{signed:?}");
    }
    // The report and the condition of a handoff are the host's to fill in.
    let shown = desk.statement("omar", &id, &json!({"kind": "packet-handed-off"})).await.json();
    assert_eq!(shown["statement"]["decides"]["condition"], CONDITION);
    let report = probity_core::canonical::bytes(&shown["report"]).unwrap();
    assert_eq!(shown["statement"]["decides"]["report"], json!(Digest::of(&report)));
    let other = json!({"kind": "packet-handed-off", "condition": "another one"});
    let other = desk.sign("omar", &id, &other).await;
    assert_eq!((other.status, &other.json()["refusal"]["code"]), (422, &json!("handoff.condition")));
    let handed = desk.append("omar", &id, None, &super::desk::decided(&shown, "omar")).await;
    assert_eq!((handed.status, &handed.json()["verdict"]), (201, &json!("handing-off")), "{handed:?}");

    let submission = format!("{id}:{}", handed.json()["head"]["seq"]);
    Rounds::new(desk.office.casework.clone(), Settings::default()).file().await.unwrap();
    let queue = desk.get("bianca", &format!("/api/v1/queue?state=received&packet={id}")).await.json();
    assert_eq!(queue["items"][0]["submission"], submission);
    assert!(all(&desk, "/api/v1/queue?state=bounced").await.is_empty());
    let decision = format!("/api/v1/queue/{submission}/decision");
    let author = desk.post("maya", &decision, &json!({"kind": "accept"})).await;
    assert_eq!(author.code(), "auth.denied");
    let reasons = json!([{"rule": "requirements", "text": "The broker's rollback is not addressed"}]);
    let bounce = json!({"kind": "bounce", "reasons": reasons});
    let bounced = desk.post("bianca", &decision, &bounce).await;
    assert_eq!(bounced.status, 200, "{bounced:?}");
    assert_eq!(
        (&bounced.json()["submission"]["state"], &bounced.json()["submission"]["by"]),
        (&json!("bounced"), &json!("bianca"))
    );
    assert_eq!(bounced.json()["appended"]["verdict"], "in-review");
    let twice = desk.post("boris", &decision, &json!({"kind": "accept"})).await;
    assert!([409, 422].contains(&twice.status), "{twice:?}");
    let shown = desk.get("maya", &format!("/api/v1/queue/{submission}")).await.json();
    assert_eq!((&shown["state"], &shown["reasons"][0]), (&json!("bounced"), &reasons[0]["text"]));

    let measures = desk.get("maya", "/api/v1/metrics/evaluation").await.json();
    assert_eq!(measures["bounces"]["by-rule"], json!({"requirements": 1}));
    assert_eq!(measures["in-step"]["mismatches"], json!([]));
    assert!(measures["until-awaiting"]["median-seconds"].is_string(), "{measures}");
}
