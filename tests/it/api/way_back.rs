//! From a question about evidence back to the bytes, and the use cases along the way.

use std::sync::atomic::Ordering;
use std::time::Duration;

use probity_core::canonical::Digest;
use serde_json::json;

use super::fixture::Site;

#[tokio::test]
async fn evidence_leads_back_to_the_cited_bytes() {
    let site = Site::open().await;
    let run = site.sweep(&[("F-1", "Shared credential"), ("F-2", "Old \"broker\"")]).await;
    let id = site.id_of("Old \"broker\"").await;

    let trace = site.get(&format!("/api/v1/evidence/{id}/trace")).await.json();
    let sighting = &trace["sightings"][0];
    assert_eq!(sighting["run"], json!(run.id));
    assert_eq!(sighting["page"], 1);
    assert_eq!(sighting["connector"], json!(run.component));
    let citation = &sighting["citations"][0];
    assert_eq!(citation["locator"], json!({"kind": "pointer", "pointer": "/results/1"}));
    let words = r#"{"id":"F-2","title":"Old \"broker\""}"#;
    assert_eq!(citation["excerpt"]["text"], words);
    assert_eq!(citation["excerpt"]["digest"], json!(Digest::of(words.as_bytes())));
    assert_eq!(
        citation["obtained"],
        json!({"kind": "response", "endpoint": "findings", "status": 200,
            "url": "https://tracker.example/findings?limit=100"})
    );

    let slice = site.get(citation["href"].as_str().unwrap()).await;
    assert_eq!(slice.text, words);
    let whole = site.get(&format!("/api/v1/captures/{}", citation["capture"].as_str().unwrap())).await;
    assert_eq!(json!(Digest::of(whole.text.as_bytes())), citation["capture"]);
    assert_eq!(citation["size"], json!(whole.text.len().to_string()));
    let lines =
        site.get(&format!("/api/v1/captures/{}?lines=1", citation["capture"].as_str().unwrap())).await;
    assert_eq!(lines.text, whole.text);

    let manifest = site.get(&format!("/api/v1/runs/{}/manifest", run.id)).await.json();
    assert_eq!(manifest["items"][0]["journal"], sighting["journal"]);
    assert_eq!(manifest["items"][0]["seen"][1]["evidence"], json!(id));
}

#[tokio::test]
async fn an_earlier_instant_answers_as_it_did() {
    let site = Site::open().await;
    site.sweep(&[("F-1", "Before")]).await;
    let id = site.id_of("Before").await;
    let before = site.get("/api/v1/evidence").await.json()["as-of"].as_str().unwrap().to_owned();
    site.clock.advance(Duration::from_secs(3_600));
    site.sweep(&[("F-1", "Before"), ("F-9", "Other")]).await;
    site.sweep(&[("F-1", "After"), ("F-2", "New")]).await;

    let now = site.get(&format!("/api/v1/evidence/{id}")).await.json();
    assert_eq!((&now["evidence"]["title"], &now["evidence"]["revision"]), (&json!("After"), &json!(2)));
    assert_eq!(now["revisions"].as_array().unwrap().len(), 2);
    let then = site.get(&format!("/api/v1/evidence/{id}?at={before}")).await.json();
    assert_eq!(
        (&then["evidence"]["title"], then["revisions"].as_array().unwrap().len()),
        (&json!("Before"), 1)
    );
    let list = site.get(&format!("/api/v1/evidence?at={before}")).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["title"], "Before");
    let trace = site.get(&format!("/api/v1/evidence/{id}/trace?at={before}")).await.json();
    assert_eq!(trace["evidence"]["revision"], 1);
    let trace = site.get(&format!("/api/v1/evidence/{id}/trace?revision=1")).await.json();
    assert_eq!(trace["evidence"]["title"], "Before");

    let new = site.id_of("New").await;
    assert_eq!(site.get(&format!("/api/v1/evidence/{new}?at={before}")).await.code(), "evidence.unknown");
    let trace = site.get(&format!("/api/v1/evidence/{id}/trace?at={before}&limit=1")).await.json();
    assert_eq!(trace["sightings"].as_array().unwrap().len(), 1, "later sightings are looked past");
    let lookup = json!({"ids": [new, id], "at": before});
    let found = site.post("/api/v1/evidence/lookup", &lookup).await.json();
    assert_eq!(found["missing"], json!([new]));
    assert_eq!(found["found"][0]["title"], "Before");
}

#[tokio::test]
async fn freshness_is_told_and_can_be_asked_for() {
    let site = Site::open().await;
    site.sweep(&[("F-1", "Seen once")]).await;
    let fresh = site.get("/api/v1/evidence?fresh=true").await.json();
    assert_eq!(fresh["items"][0]["freshness"], json!({"kind": "fresh", "until": "2026-11-23T12:00:00Z"}));
    site.clock.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(site.get("/api/v1/evidence?fresh=true").await.json()["items"], json!([]));
    let stale = site.get("/api/v1/evidence?fresh=false").await.json();
    assert_eq!(stale["items"][0]["freshness"]["because"], "max-age");
}

#[tokio::test]
async fn a_run_is_begun_followed_and_not_begun_twice() {
    let site = Site::open().await;
    let begun = site
        .post("/api/v1/connections/tracker/runs", &json!({"streams": ["findings"], "mode": "full"}))
        .await;
    assert_eq!(begun.status, 202);
    let run = site.get(begun.header("location")).await.json();
    assert_eq!((&run["run"]["id"], &run["run"]["state"]), (&begun.json()["run"], &json!("running")));

    let again = site.post("/api/v1/connections/tracker/runs", &json!({})).await;
    assert_eq!((again.status, again.code().as_str()), (409, "connection.busy"));
    assert!(again.json()["detail"].as_str().unwrap().contains(begun.json()["run"].as_str().unwrap()));

    let connection = site.get("/api/v1/connections/tracker").await.json();
    assert_eq!(connection["last-run"]["id"], begun.json()["run"]);
    let metrics = site.get("/metrics").await.text;
    assert!(metrics.contains("\nprobity_runs_open 1\n"), "{metrics}");
    let counted = "probity_http_requests_total{method=\"POST\",route=\"/api/v1/connections/{name}/runs\",status=\"409\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[tokio::test]
async fn a_run_can_be_asked_for_without_a_body() {
    let site = Site::open().await;
    let begun = site.send(site.client.post(site.url("/api/v1/connections/tracker/runs"))).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    let null = site.post("/api/v1/connections/tracker/runs", &json!(null)).await;
    assert_eq!(null.code(), "connection.busy", "null is as good as nothing");
}

#[tokio::test]
async fn a_check_says_what_works_or_what_does_not() {
    let site = Site::open().await;
    let works = site.send(site.client.post(site.url("/api/v1/connections/tracker/check"))).await.json();
    assert_eq!(works, json!({"works": true, "findings": ["signed in as probity"], "failure": null}));
    site.script.broken.store(true, Ordering::SeqCst);
    let fails = site.send(site.client.post(site.url("/api/v1/connections/tracker/check"))).await;
    assert_eq!(fails.status, 200);
    assert_eq!(fails.json()["failure"]["kind"], "rate-limited");
    assert_eq!(fails.json()["failure"]["retry-after"], 30);
}

#[tokio::test]
async fn connectors_and_connections_show_all_that_they_can_reach() {
    let site = Site::open().await;
    let connectors = site.get("/api/v1/connectors").await.json();
    let digest = connectors["items"][0]["digest"].as_str().unwrap();
    let connector = site.get(&format!("/api/v1/connectors/{digest}")).await.json();
    assert_eq!(connector["endpoints"][0]["redact"], json!(["/results/*/token"]));
    let connections = site.get("/api/v1/connections").await.json();
    assert_eq!(connections["items"][0]["connector"]["digest"], digest);
    assert_eq!(connections["items"][0]["grant"]["origins"][0]["credential"], "bearer");
}

#[tokio::test]
async fn gaps_are_told_with_the_run() {
    let site = Site::open().await;
    let run = site.sweep(&[("F-1", "One")]).await;
    let detail = site.get(&format!("/api/v1/runs/{}", run.id)).await.json();
    assert_eq!(detail["run"]["streams"][0]["items"], "1");
    assert_eq!(detail["gaps"][0]["gap"]["reason"]["kind"], "permission");
}

#[tokio::test]
async fn an_answer_the_caller_has_is_not_sent_again() {
    let site = Site::open().await;
    site.sweep(&[("F-1", "One")]).await;
    let id = site.id_of("One").await;
    let trace = site.get(&format!("/api/v1/evidence/{id}/trace")).await.json();
    let capture = trace["sightings"][0]["citations"][0]["capture"].as_str().unwrap().to_owned();
    for path in
        [format!("/api/v1/evidence/{id}"), format!("/api/v1/captures/{capture}"), "/openapi.json".to_owned()]
    {
        let first = site.get(&path).await;
        let tag = first.header("etag").to_owned();
        let ask = |tag: &str| site.client.get(site.url(&path)).header("if-none-match", tag);
        let again = site.send(ask(&tag)).await;
        assert_eq!(
            (again.status, again.text.as_str(), again.header("etag")),
            (304, "", tag.as_str()),
            "{path}"
        );
        assert_eq!(site.send(ask("\"sha256:other\"")).await.status, 200, "{path}");
    }
    let whole = site.get(&format!("/api/v1/captures/{capture}")).await;
    assert_eq!(whole.header("etag"), format!("\"{capture}\""));
    site.clock.advance(Duration::from_secs(1));
    site.sweep(&[("F-1", "One, changed")]).await;
    let old = site
        .send(site.client.get(site.url(&format!("/api/v1/evidence/{id}"))).header("if-none-match", "x"))
        .await;
    assert_eq!(old.json()["evidence"]["revision"], 2);
}

#[tokio::test]
async fn captured_pages_cannot_do_anything_in_a_browser() {
    let site = Site::open().await;
    let capture = site.keep(b"<script>alert(1)</script>", "text/html").await;
    let page = site.get(&format!("/api/v1/captures/{capture}")).await;
    assert_eq!(page.header("content-type"), "application/octet-stream");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(page.header("content-disposition").starts_with("attachment"));
    assert!(page.header("content-security-policy").contains("sandbox"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
}

#[tokio::test]
async fn only_captures_are_opened_not_other_blobs() {
    let site = Site::open().await;
    let component = site.keep_blob(b"a component, not a capture").await;
    assert_eq!(site.get(&format!("/api/v1/captures/{component}")).await.code(), "capture.unknown");
}
