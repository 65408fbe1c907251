//! The sample tracker over HTTP: it must be as awkward as the original, or tests against it prove nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use axum::http::StatusCode;
use probity::demo::dojo::{Asked, CAPTURED_SECRET, Misbehaviour, SampleDojo, Status, Token, Tracker};
use probity_core::instant::Instant;
use reqwest::header;
use serde_json::Value;

const FINDINGS: &str = "/api/v2/findings/";

fn now() -> Instant {
    "2026-11-22T21:29:09.354959Z".parse().unwrap()
}

async fn serve(tracker: Tracker) -> SampleDojo {
    SampleDojo::start(tracker, Token::from_bytes([0xa5; 20])).await.unwrap()
}

async fn story() -> SampleDojo {
    serve(Tracker::story(now())).await
}

/// A request with the right token.
async fn ask(dojo: &SampleDojo, path_and_query: &str) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}{path_and_query}", dojo.base_url());
    let token = format!("Token {}", dojo.token().expose());
    client().get(url).header(header::AUTHORIZATION, token).send().await
}

fn client() -> &'static reqwest::Client {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
        // Nothing here speaks TLS, but the client insists on a provider; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Each test has a runtime of its own, and a kept connection would not survive the one it was made in.
        reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap()
    });
    &CLIENT
}

async fn json(dojo: &SampleDojo, path_and_query: &str) -> Value {
    let response = ask(dojo, path_and_query).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{path_and_query}");
    parsed(response).await
}

async fn parsed(response: reqwest::Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn ids(page: &Value) -> Vec<u64> {
    page["results"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

/// Follows `next` from a first page to the end.
async fn walk(dojo: &SampleDojo, first: &str) -> Vec<u64> {
    let mut all = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(link) = next {
        let page = json(dojo, link.strip_prefix(&dojo.base_url()).unwrap_or(&link)).await;
        all.extend(ids(&page));
        next = page["next"].as_str().map(str::to_owned);
    }
    all
}

#[tokio::test]
async fn pages_cover_all_findings_exactly_once() {
    let dojo = serve(Tracker::large(3, 1_003)).await;
    for first in ["?limit=100&o=id", "?limit=97", "?limit=250&o=-severity", "?limit=100000"] {
        let seen = walk(&dojo, &format!("{FINDINGS}{first}")).await;
        assert_eq!(seen.len(), 1_003, "{first}");
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), (1..=1_003).collect(), "{first}");
    }
    assert_eq!(ids(&json(&dojo, FINDINGS).await).len(), 25, "without a limit a page has 25");
}

#[test]
fn ten_thousand_findings_are_made_at_once() {
    let started = std::time::Instant::now();
    assert_eq!(Tracker::large(1, 10_000).findings.len(), 10_000);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_server_that_orders_as_it_likes_still_shows_everything_once() {
    let dojo = serve(Tracker::large(3, 300)).await;
    let ordered = walk(&dojo, &format!("{FINDINGS}?limit=50&o=id")).await;
    dojo.change(|tracker| tracker.disorder = Some(9));
    let disordered = walk(&dojo, &format!("{FINDINGS}?limit=50&o=id")).await;
    assert_ne!(ordered, disordered);
    assert_eq!(disordered.into_iter().collect::<BTreeSet<_>>(), ordered.into_iter().collect());
}

#[tokio::test]
async fn whatever_is_wrong_with_a_credential_the_answer_is_403_without_a_challenge() {
    let dojo = story().await;
    let token = dojo.token().expose().to_owned();
    let wrong = "0".repeat(40);
    let none = "Authentication credentials were not provided.";
    let cases = [
        (None, none),
        (Some(format!("Bearer {token}")), none),
        (Some(token.clone()), none),
        (Some(format!("Token {wrong}")), "Invalid token."),
        (Some("Token".to_owned()), "Invalid token header. No credentials provided."),
    ];
    for path in ["/api/v2/user_profile/", FINDINGS, "/api/v2/no_such_thing/"] {
        for (credential, detail) in &cases {
            let mut request = client().get(format!("{}{path}", dojo.base_url()));
            if let Some(credential) = credential {
                request = request.header(header::AUTHORIZATION, credential);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::FORBIDDEN, "{path} {detail}");
            assert!(!response.headers().contains_key(header::WWW_AUTHENTICATE));
            assert_eq!(parsed(response).await["detail"], *detail, "{path}");
        }
    }
    assert!(dojo.asked().iter().all(|asked| !asked.authorized));
    assert_eq!(json(&dojo, "/api/v2/user_profile/").await["user"]["username"], "sample-evidence-reader");
}

#[tokio::test]
async fn a_next_link_goes_where_the_host_header_pointed() {
    let dojo = story().await;
    let response = client()
        .get(format!("{}{FINDINGS}?limit=2&o=id&prefetch=test", dojo.base_url()))
        .header(header::AUTHORIZATION, format!("Token {}", dojo.token().expose()))
        .header(header::HOST, "metadata.example:1234")
        .send()
        .await
        .unwrap();
    let page = parsed(response).await;
    assert_eq!(
        page["next"],
        "http://metadata.example:1234/api/v2/findings/?limit=2&o=id&offset=2&prefetch=test"
    );
    assert_eq!(page["previous"], Value::Null);
    assert_eq!(page["prefetch"]["test"]["1"]["engagement"], 1);
}

#[tokio::test]
async fn unknown_filters_are_ignored_and_known_ones_are_not() {
    let dojo = story().await;
    let all = json(&dojo, FINDINGS).await["count"].as_u64().unwrap();
    for ignored in ["updated__gt=2099-01-01", "updated=2099-01-01", "no_such=1", "active=perhaps", "limit=x"]
    {
        assert_eq!(json(&dojo, &format!("{FINDINGS}?{ignored}")).await["count"], all, "{ignored}");
    }
    let bridge =
        json(&dojo, &format!("{FINDINGS}?test__engagement__product=1")).await["count"].as_u64().unwrap();
    assert!(bridge > 20 && bridge < all, "{bridge} of {all}");
    assert_eq!(json(&dojo, &format!("{FINDINGS}?product_name=PAYMENTS-b")).await["count"], bridge);
    assert_eq!(ids(&json(&dojo, &format!("{FINDINGS}?id=4,1,999&o=id")).await), [1, 4]);
    let critical = json(&dojo, &format!("{FINDINGS}?severity=Critical&active=true")).await;
    assert_eq!(ids(&critical), [15]);
    assert!(!ids(&json(&dojo, &format!("{FINDINGS}?active=true&limit=1000")).await).contains(&1));
}

#[tokio::test]
async fn known_parameters_with_unknown_values_are_400() {
    let dojo = story().await;
    for bad in ["o=-updated", "created=2026-01-01", "date=9", "discovered_after=yesterday"] {
        let response = ask(&dojo, &format!("{FINDINGS}?{bad}")).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{bad}");
        let body = parsed(response).await;
        assert!(body[bad.split('=').next().unwrap()][0].is_string(), "{body}");
    }
}

#[tokio::test]
async fn accepted_risks_can_be_asked_for_by_their_last_change() {
    let dojo = story().await;
    let path = "/api/v2/risk_acceptance/";
    assert_eq!(ids(&json(&dojo, path).await), [1, 2, 3, 4, 5, 6]);
    // The second was handled eight days ago, the third and the sixth were warned about five days ago.
    assert_eq!(
        ids(&json(&dojo, &format!("{path}?updated__gt=2026-11-13T00:00:00Z&o=-updated")).await),
        [3, 6, 2]
    );
    assert_eq!(ids(&json(&dojo, &format!("{path}?updated__lt=2026-11-01")).await), [4]);
    assert_eq!(ask(&dojo, &format!("{path}?updated__gt=x")).await.unwrap().status(), StatusCode::BAD_REQUEST);
    let notes = json(&dojo, &format!("{path}1/notes/")).await;
    assert_eq!(notes["risk_acceptance_id"], 1);
    assert_eq!(notes["notes"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_accepted_finding_is_whole_and_looks_inactive() {
    let dojo = story().await;
    let page = json(&dojo, &format!("{FINDINGS}?id=1")).await;
    let finding = &page["results"][0];
    let sample =
        ["active", "age", "accepted_risks", "epss_score", "finding_groups", "request_response", "cwes"];
    assert!(sample.iter().all(|member| finding.get(member).is_some()), "{finding}");
    assert_eq!(finding.as_object().unwrap().len(), 90);
    assert_eq!((&finding["active"], &finding["risk_accepted"]), (&false.into(), &true.into()));
    assert_eq!(finding["display_status"], "Inactive, Verified, Risk Accepted");
    assert_eq!((&finding["age"], &finding["sla_days_remaining"]), (&44.into(), &(-14).into()));
    let notes = json(&dojo, &format!("{FINDINGS}1/notes/")).await;
    assert_eq!((&notes["finding_id"], &notes["notes"]), (&1.into(), &finding["notes"]));
    assert!(
        notes["notes"][2]["entry"]
            .as_str()
            .unwrap()
            .starts_with("Compensating control: IP allow-list reviewed 2026-11-13")
    );
    let engagement = json(&dojo, "/api/v2/engagements/1/").await;
    assert_eq!(
        (&engagement["product"], &engagement["risk_acceptance"]),
        (&1.into(), &serde_json::json!([1, 4, 5, 6]))
    );
    let missing = ask(&dojo, &format!("{FINDINGS}9999/notes/")).await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn recorded_traffic_with_a_secret_is_there_to_be_redacted() {
    let dojo = story().await;
    let page = json(&dojo, &format!("{FINDINGS}?id=10")).await;
    let recorded = page["results"][0]["request_response"]["req_resp"][0]["request"].as_str().unwrap();
    assert!(recorded.contains(CAPTURED_SECRET));
}

#[tokio::test]
async fn a_change_is_seen_by_the_next_request_and_moves_the_right_times() {
    let dojo = story().await;
    let before = json(&dojo, &format!("{FINDINGS}?id=15")).await["results"][0].clone();
    let later = now().plus(Duration::from_secs(60)).unwrap();
    dojo.change(|tracker| {
        tracker.now = later;
        assert!(tracker.set_mitigation(15, "Remember the number.", later));
    });
    let edited = json(&dojo, &format!("{FINDINGS}?id=15")).await["results"][0].clone();
    assert_ne!(before["updated"], edited["updated"]);
    assert_eq!(before["last_status_update"], edited["last_status_update"]);
    assert_eq!(before["hash_code"], edited["hash_code"]);

    dojo.change(|tracker| {
        assert!(tracker.set_status(15, Status::Mitigated { at: later, by: 2 }, later));
        assert_eq!(tracker.add_note(15, 2, "Closed.", later), Some(42));
        assert!(tracker.delete_finding(1));
    });
    let closed = json(&dojo, &format!("{FINDINGS}?id=15")).await["results"][0].clone();
    assert_ne!(edited["last_status_update"], closed["last_status_update"]);
    assert_eq!((&closed["is_mitigated"], &closed["active"]), (&true.into(), &false.into()));
    assert_eq!((&closed["last_reviewed"], &closed["mitigated"]), (&closed["updated"], &closed["updated"]));
    assert_eq!(json(&dojo, &format!("{FINDINGS}?id=1")).await["count"], 0);
    let acceptance = &json(&dojo, "/api/v2/risk_acceptance/").await["results"][0]["accepted_findings"];
    assert_eq!(*acceptance, serde_json::json!([2]));
}

#[tokio::test]
async fn it_throttles_and_breaks_as_often_as_told_and_only_there() {
    let dojo = story().await;
    dojo.misbehave_at(FINDINGS, Misbehaviour::TooManyRequests { retry_after: Some("7".to_owned()) }, 2);
    dojo.misbehave_at(FINDINGS, Misbehaviour::Status(502), 1);
    assert_eq!(ask(&dojo, "/api/v2/tests/").await.unwrap().status(), StatusCode::OK);
    for _ in 0..2 {
        let response = ask(&dojo, FINDINGS).await.unwrap();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
    }
    let broken = ask(&dojo, FINDINGS).await.unwrap();
    assert_eq!(broken.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(broken.headers()[header::CONTENT_TYPE], "text/html");
    assert_eq!(ask(&dojo, FINDINGS).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn it_drops_connections_and_cuts_answers_short() {
    let dojo = story().await;
    dojo.misbehave(Misbehaviour::Drop, 1);
    let dropped = ask(&dojo, FINDINGS).await.unwrap_err();
    assert!(dropped.is_request(), "{dropped:?}");

    dojo.misbehave(Misbehaviour::CutShort, 1);
    let response = ask(&dojo, FINDINGS).await.unwrap();
    let announced = response.content_length().unwrap();
    assert!(announced > 10_000, "{announced}");
    assert!(response.bytes().await.is_err());
    assert_eq!(ask(&dojo, FINDINGS).await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn it_echoes_the_token_in_an_error() {
    let dojo = story().await;
    dojo.misbehave(Misbehaviour::EchoToken, 1);
    let response = ask(&dojo, FINDINGS).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.text().await.unwrap().contains(dojo.token().expose()));
}

#[tokio::test]
async fn a_held_request_waits_until_it_is_let_go() {
    let dojo = story().await;
    dojo.misbehave(Misbehaviour::Hold, 1);
    let token = format!("Token {}", dojo.token().expose());
    let first = client().get(format!("{}{FINDINGS}", dojo.base_url())).header(header::AUTHORIZATION, token);
    let held = tokio::spawn(first.send());
    dojo.wait_for_requests(1).await;
    // Others are answered meanwhile, often enough for an answer that is not held to be there, too.
    for _ in 0..20 {
        assert_eq!(ask(&dojo, "/api/v2/tests/").await.unwrap().status(), StatusCode::OK);
    }
    assert!(!held.is_finished());
    dojo.behave();
    let held = tokio::time::timeout(Duration::from_secs(30), held).await.expect("it was let go").unwrap();
    assert_eq!(held.unwrap().status(), StatusCode::OK);
    assert_eq!(dojo.asked().len(), 21);
}

#[tokio::test]
async fn a_slow_answer_is_late_and_right() {
    let dojo = story().await;
    dojo.misbehave(Misbehaviour::Slow(Duration::from_millis(200)), 1);
    let started = std::time::Instant::now();
    assert_eq!(ask(&dojo, FINDINGS).await.unwrap().status(), StatusCode::OK);
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn it_remembers_who_asked_what_and_answers_no_writing() {
    let dojo = story().await;
    let token = format!("Token {}", dojo.token().expose());
    let url = format!("{}{FINDINGS}?limit=1", dojo.base_url());
    let response = client().post(url).header(header::AUTHORIZATION, token).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    let host = dojo.address().to_string();
    let expected = Asked {
        method: "POST".to_owned(),
        path: FINDINGS.to_owned(),
        query: "limit=1".to_owned(),
        host,
        authorized: true,
    };
    assert_eq!(dojo.asked(), [expected]);
    assert!(!format!("{dojo:?}").contains(dojo.token().expose()));
}

#[tokio::test]
async fn a_stopped_tracker_refuses_connections() {
    let dojo = story().await;
    let url = format!("{}/api/v2/tests/", dojo.base_url());
    dojo.stop().await;
    assert!(client().get(url).send().await.unwrap_err().is_connect());
}
