//! Every mistake is told as a problem with a stable code and what to change.

use probity_core::canonical::Digest;
use serde_json::json;

use super::fixture::Site;

#[tokio::test]
async fn unknown_parameters_are_refused_with_the_known_ones() {
    let site = Site::open().await;
    let said = site.get("/api/v1/evidence?kinds=finding").await;
    assert_eq!((said.status, said.code().as_str()), (400, "request.query"));
    let detail = said.json()["detail"].as_str().unwrap().to_owned();
    for word in ["`kinds`", "`kind`", "`subject`", "`after`", "`limit`"] {
        assert!(detail.contains(word), "{detail}");
    }
    for path in [
        "/api/v1/connectors?x=1",
        "/api/v1/connections?x=1",
        "/api/v1/connections/tracker?x=1",
        "/api/v1/runs?x=1",
        "/api/v1/runs/019aab3c-5c01-7bb0-8000-1f4be5d0c002?x=1",
        "/api/v1/runs/019aab3c-5c01-7bb0-8000-1f4be5d0c002/manifest?x=1",
        "/api/v1/evidence/019aab3c-5c01-7bb0-8000-1f4be5d0c002?x=1",
        "/api/v1/evidence/019aab3c-5c01-7bb0-8000-1f4be5d0c002/trace?x=1",
        "/api/v1/packets?x=1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002?x=1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/ledger?x=1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/readiness?x=1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/evidence?x=1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/bundle?x=1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/exports/html?x=1",
        "/api/v1/documents/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855?x=1",
        "/api/v1/changes?x=1",
        "/api/v1/events?x=1",
        "/api/v1/queue?x=1",
        "/api/v1/queue/019aab3c-5c01-7bb0-8000-1f4be5d0c002:7?x=1",
        "/api/v1/metrics/evaluation?x=1",
        "/api/v1/packets?state=good",
        "/api/v1/packets?author=A",
        "/api/v1/queue?state=lost",
        "/api/v1/changes?after=yesterday",
        "/api/v1/changes?limit=0",
        "/api/v1/packets?after=nonsense",
        "/api/v1/packets?limit=501",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/ledger?after=nonsense",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/ledger?after=-1",
        "/api/v1/packets/019aab3c-5c01-7bb0-8000-1f4be5d0c002/ledger?after=4294967296",
        "/api/v1/queue?after=nonsense",
        "/api/v1/queue?after=019aab3c-5c01-7bb0-8000-1f4be5d0c002:7",
        "/api/v1/queue?limit=0",
        "/api/v1/runs?after=nonsense",
    ] {
        assert_eq!(site.get(path).await.code(), "request.query", "{path}");
    }
    for path in ["/api/v1/connections/tracker/check?x=1", "/api/v1/connections/tracker/runs?x=1"] {
        assert_eq!(site.send(site.client.post(site.url(path))).await.code(), "request.query", "{path}");
    }
    assert_eq!(site.post("/api/v1/evidence/lookup?x=1", &json!({"ids": []})).await.code(), "request.query");
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused() {
    let site = Site::open().await;
    for query in [
        "kind=nonsense",
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=x",
        "fresh=maybe",
        "at=yesterday",
        "at=2026-11-22T12:00:00",
        "after=nonsense",
        "connection=NOT A NAME",
        "stream=",
        "kind=finding&kind=secret",
    ] {
        let said = site.get(&format!("/api/v1/evidence?{query}")).await;
        assert_eq!((said.status, said.code().as_str()), (400, "request.query"), "{query}");
    }
    let ahead = site.get("/api/v1/evidence?at=2099-01-01T00:00:00Z").await;
    assert_eq!((ahead.status, ahead.code().as_str()), (400, "request.future"));
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000001";
    for query in ["lines=x", "lines=1-2-3", "lines=1&pointer=/a", "lines=", "lines=-"] {
        let said = site.get(&format!("/api/v1/captures/{digest}?{query}")).await;
        assert_eq!(said.code(), "request.query", "{query}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_told_by_what_was_looked_for() {
    let site = Site::open().await;
    let id = "019aab3c-5c01-7bb0-8000-1f4be5d0c002";
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000001";
    for (path, code) in [
        (format!("/api/v1/connectors/{digest}"), "connector.unknown"),
        ("/api/v1/connections/other".to_owned(), "connection.unknown"),
        (format!("/api/v1/runs/{id}"), "run.unknown"),
        (format!("/api/v1/runs/{id}/manifest"), "run.unknown"),
        (format!("/api/v1/evidence/{id}"), "evidence.unknown"),
        (format!("/api/v1/evidence/{id}/trace"), "evidence.unknown"),
        (format!("/api/v1/captures/{digest}"), "capture.unknown"),
        (format!("/api/v1/packets/{id}"), "packet.unknown"),
        (format!("/api/v1/packets/{id}/ledger"), "packet.unknown"),
        (format!("/api/v1/packets/{id}/readiness"), "packet.unknown"),
        (format!("/api/v1/packets/{id}/evidence"), "packet.unknown"),
        (format!("/api/v1/packets/{id}/bundle"), "packet.unknown"),
        (format!("/api/v1/packets/{id}/exports/oscal"), "packet.unknown"),
        (format!("/api/v1/documents/{}", Digest::of(b"nothing")), "document.unknown"),
        (format!("/api/v1/queue/{id}:7"), "queue.unknown"),
        ("/api/v1/nothing".to_owned(), "request.no-route"),
        ("/".to_owned(), "request.no-route"),
        ("/docs/../secret".to_owned(), "request.no-route"),
        ("/docs/nothing.js".to_owned(), "request.no-route"),
    ] {
        let said = site.get(&path).await;
        assert_eq!((said.status, said.code().as_str()), (404, code), "{path}");
    }
    let known = site.get("/api/v1/connections/other").await.json()["detail"].as_str().unwrap().to_owned();
    assert!(known.contains("`tracker`"), "{known}");
    site.sweep(&[("F-1", "One")]).await;
    let id = site.id_of("One").await;
    assert_eq!(
        site.get(&format!("/api/v1/evidence/{id}/trace?revision=9")).await.code(),
        "evidence.revision"
    );
}

#[tokio::test]
async fn addresses_that_are_none_are_refused() {
    let site = Site::open().await;
    for path in [
        "/api/v1/connectors/nonsense",
        "/api/v1/connections/NOT-A-NAME",
        "/api/v1/runs/1",
        "/api/v1/evidence/x",
        "/api/v1/captures/sha256:00",
        "/api/v1/evidence/%FF",
        "/api/v1/captures/..%2F..%2Fetc%2Fpasswd",
    ] {
        let said = site.get(path).await;
        assert_eq!((said.status, said.code().as_str()), (400, "request.path"), "{path}");
    }
}

#[tokio::test]
async fn places_that_a_capture_does_not_have_are_refused() {
    let site = Site::open().await;
    let capture = site.keep(br#"{"a": [1, {"b": " x "}]}"#, "application/json").await;
    let open = async |query: &str| site.get(&format!("/api/v1/captures/{capture}?{query}")).await;
    assert_eq!(open("pointer=/a/1/b").await.text, "\" x \"");
    assert_eq!(open("pointer=").await.text, r#"{"a": [1, {"b": " x "}]}"#);
    for query in ["pointer=/a/7", "pointer=a", "lines=2", "lines=0", "lines=3-1"] {
        let said = open(query).await;
        assert_eq!((said.status, said.code().as_str()), (422, "capture.place"), "{query}");
    }
}

#[tokio::test]
async fn bodies_are_refused_when_they_are_not_what_was_asked() {
    let site = Site::open().await;
    let runs = site.url("/api/v1/connections/tracker/runs");
    let json =
        |body: &'static str| site.client.post(&runs).header("content-type", "application/json").body(body);
    for (request, status, code) in [
        (json("{"), 400, "request.syntax"),
        (json("{\"streams\": 7}"), 422, "request.body"),
        (json("{\"stream\": []}"), 422, "request.body"),
        (json("{\"mode\": \"sideways\"}"), 422, "request.body"),
        (json("[1]"), 422, "request.body"),
        (json("{\"streams\": [\"other\"]}"), 422, "stream.unknown"),
        (site.client.post(&runs).header("content-type", "text/plain").body("{}"), 415, "request.media-type"),
        (site.client.post(&runs).body("{}"), 415, "request.media-type"),
    ] {
        let said = site.send(request).await;
        assert_eq!((said.status, said.code().as_str()), (status, code), "{}", said.text);
    }
    let unknown = site.send(json("{\"stream\": []}")).await.json()["detail"].as_str().unwrap().to_owned();
    assert!(unknown.contains("`streams`") && unknown.contains("`mode`"), "{unknown}");
    assert_eq!(site.post("/api/v1/evidence/lookup", &json!({"ids": []})).await.code(), "request.body");
    let many = vec!["019aab3c-5c01-7bb0-8000-1f4be5d0c002"; 201];
    assert_eq!(site.post("/api/v1/evidence/lookup", &json!({"ids": many})).await.code(), "request.body");
    assert_eq!(site.post("/api/v1/connections/other/runs", &json!({})).await.code(), "connection.unknown");
}

#[tokio::test]
async fn other_methods_are_refused_with_the_right_ones() {
    let site = Site::open().await;
    for (method, path, allow) in [
        (reqwest::Method::DELETE, "/api/v1/evidence", "GET,HEAD"),
        (reqwest::Method::PUT, "/api/v1/connections/tracker/runs", "POST"),
        (reqwest::Method::OPTIONS, "/api/v1/evidence", "GET,HEAD"),
        (reqwest::Method::POST, "/docs/", "GET,HEAD"),
        (reqwest::Method::GET, "/api/v1/connections/tracker/check", "POST"),
    ] {
        let said = site.send(site.client.request(method.clone(), site.url(path))).await;
        assert_eq!((said.status, said.code().as_str()), (405, "request.method"), "{method} {path}");
        assert_eq!(said.header("allow"), allow, "{method} {path}");
    }
}

#[tokio::test]
async fn every_answer_can_be_found_in_the_log() {
    let site = Site::open().await;
    let one = site.get("/livez").await;
    let other = site.client.get(site.url("/api/v1/nothing")).header("x-request-id", "mine");
    let other = site.send(other).await;
    assert_eq!(one.header("x-request-id").len(), 36);
    assert_eq!(other.header("x-request-id").len(), 36, "the host's own, not the caller's");
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}
