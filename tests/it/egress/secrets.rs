//! Secrets neither leave through a connector nor come back to one.

use probity::egress::{Credential, PolicyError};
use probity::secret::Secret;
use probity_core::connector::{FailureKind, Request};
use probity_tests::hostile::{Hostile, answer, json};

use super::{Plan, SECRET, ask, assert_denied, assert_failed, endpoint, items, pairs, text};
use probity_core::connector::Method;

/// `SECRET` and `ada:SECRET` in the forms that sources echo them in.
fn echoes() -> Vec<String> {
    [
        SECRET,
        "Bearer s3cr3t/Token+with=chars",
        "czNjcjN0L1Rva2VuK3dpdGg9Y2hhcnM=",
        "czNjcjN0L1Rva2VuK3dpdGg9Y2hhcnM",
        "YWRhOnMzY3IzdC9Ub2tlbit3aXRoPWNoYXJz",
        "s3cr3t%2FToken%2Bwith%3Dchars",
        "s3cr3t%2fToken%2bwith%3dchars",
        "7333637233742f546f6b656e2b776974683d6368617273",
        "7333637233742F546F6B656E2B776974683D6368617273",
        "s3cr3t\\/Token+with=chars",
    ]
    .map(str::to_owned)
    .to_vec()
}

fn basic() -> Credential {
    Credential::Basic { user: "ada".into(), secret: Secret::new(SECRET) }
}

#[tokio::test]
async fn an_echoed_secret_is_removed_from_body_and_headers() {
    for echo in echoes() {
        let headers =
            format!("content-type: application/json\r\nx-debug: sent {echo}\r\nlocation: /?t={echo}\r\n");
        let body = format!("{{\"detail\": \"Invalid token {echo}.\"}}");
        let source = Hostile::answering(answer("401 Unauthorized", &headers, &body)).await.unwrap();
        let response = Plan::for_source(&source).credential(basic()).get().await.unwrap();
        assert_eq!(response.status, 401);
        assert!(text(&response).contains("[secret removed]"), "{echo}: {}", text(&response));
        for (name, value) in &response.headers {
            assert!(!value.contains(&echo), "{name}: {value}");
        }
        assert!(!text(&response).contains(&echo));
        assert!(
            serde_json::from_slice::<serde_json::Value>(&response.body.bytes).is_ok(),
            "{}",
            text(&response)
        );
    }
}

#[tokio::test]
async fn a_secret_is_removed_from_compressed_and_failing_answers_too() {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(format!("token={SECRET}").as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    let source = Hostile::answering(answer("200 OK", "content-encoding: gzip\r\n", body)).await.unwrap();
    let response = Plan::for_source(&source).bearer().get().await.unwrap();
    assert_eq!(text(&response), "token=[secret removed]");

    let source =
        Hostile::answering(answer("200 OK", &format!("content-encoding: {SECRET}\r\n"), "x")).await.unwrap();
    let failure = Plan::for_source(&source).bearer().get().await.unwrap_err();
    assert!(failure.message.starts_with("egress.coding: "), "{failure}");
    assert!(!failure.message.to_lowercase().contains(&SECRET.to_lowercase()), "{failure}");
}

#[tokio::test]
async fn response_headers_that_carry_identity_are_left_out() {
    let headers = "Set-Cookie: a=b\r\nSet-Cookie2: a=b\r\nWWW-Authenticate: Basic\r\nAuthorization: x\r\nProxy-Authenticate: \
                   x\r\nX-Probity-Capture: 7\r\nKeep-Alive: timeout=5\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Tracker: 1\r\nETag: \"x\"\r\nLink: </items/?page=2>; \
                   rel=\"next\"\r\n";
    let source = Hostile::answering(answer("200 OK", headers, "[]")).await.unwrap();
    let credential =
        Credential::Header { name: "x-tracker".into(), prefix: String::new(), secret: Secret::new(SECRET) };
    let response = Plan::for_source(&source).credential(credential).get().await.unwrap();
    assert_eq!(response.headers, pairs(&[("etag", "\"x\""), ("link", "</items/?page=2>; rel=\"next\"")]));
}

#[tokio::test]
async fn a_secret_does_not_leave_through_a_request() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let endpoints = || {
        vec![
            items(),
            endpoint("notes", Method::Get, "/items/{id}/notes/"),
            endpoint("search", Method::Post, "/s"),
        ]
    };
    for echo in echoes() {
        let around = format!("x{echo}y");
        let mut requests: Vec<Request> = vec![ask("items"), ask("items"), ask("items"), ask("search")];
        requests[0].query = pairs(&[("q", &around)]);
        requests[1].query = pairs(&[(&around, "1")]);
        requests[2].headers = pairs(&[("x-note", &around)]);
        requests[3].body = Some(around.clone().into_bytes());
        if !around.contains(['/', '\\']) {
            let mut notes = ask("notes");
            notes.path = pairs(&[("id", &around)]);
            requests.push(notes);
        }
        for request in requests {
            let plan = Plan::for_source(&source).endpoints(endpoints()).credential(basic());
            assert_denied(plan.ask(request).await, "egress.secret");
        }
    }
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn a_refusal_does_not_repeat_a_secret() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let outcomes = [
        Plan::for_source(&source).bearer().ask(ask(SECRET)).await,
        Plan::for_source(&source).bearer().egress().page().follow("items", &format!("ftp://{SECRET}")).await,
    ];
    for outcome in outcomes {
        let failure = outcome.unwrap_err();
        assert!(!failure.message.contains(SECRET), "{failure}");
    }
}

#[tokio::test]
async fn secrets_too_short_to_be_found_are_refused() {
    let plan = Plan::for_base("http://127.0.0.1/").credential(Credential::Bearer(Secret::new("short")));
    let error = plan.prepare().unwrap_err();
    assert!(matches!(error, PolicyError::Credential { .. }), "{error}");
    assert!(!error.to_string().contains("short"), "{error}");
}

#[tokio::test]
async fn redacted_values_are_never_seen() {
    let body = "{\"results\": [{\"id\": 1,  \"secret\": \"hunter2\", \"note\": {\"who\": \"x\"}}, {\"secret\": null}]}";
    let source = Hostile::answering(json(body)).await.unwrap();
    let mut redacting = items();
    redacting.redact = vec!["/results/*/secret".into()];
    let mut plan = Plan::for_source(&source).endpoints(vec![redacting]);
    plan.policy.redact = vec!["/results/*/note/who".into()];
    let response = plan.get().await.unwrap();
    assert_eq!(
        text(&response),
        "{\"results\": [{\"id\": 1,  \"secret\": \"[redacted]\", \"note\": {\"who\": \"[redacted]\"}}, {\"secret\": null}]}"
    );
}

#[tokio::test]
async fn an_answer_that_cannot_be_redacted_is_not_let_in() {
    let mut redacting = items();
    redacting.redact = vec!["/secret".into()];
    for body in ["<html>hunter2</html>", "{\"secret\": \"hunter2\"", "{\"a\":1}\n{\"secret\":\"hunter2\"}"] {
        let source = Hostile::answering(json(body)).await.unwrap();
        let outcome = Plan::for_source(&source).endpoints(vec![redacting.clone()]).get().await;
        assert_failed(outcome, "egress.redact", FailureKind::Shape);
        let source =
            Hostile::answering(answer("503 Service Unavailable", "retry-after: 7\r\n", body)).await.unwrap();
        let response = Plan::for_source(&source).endpoints(vec![redacting.clone()]).get().await.unwrap();
        assert_eq!((response.status, text(&response).as_str()), (503, "\"[redacted]\""));
    }
    let mut wrong = items();
    wrong.redact = vec!["secret".into()];
    let error = Plan::for_base("http://127.0.0.1/").endpoints(vec![wrong]).prepare().unwrap_err();
    assert!(matches!(error, PolicyError::Redact { .. }), "{error}");
}
