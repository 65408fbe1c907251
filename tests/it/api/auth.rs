//! Every operation, with nobody, with a wrong token and with each role: exactly what the table says.

use probity::api::routes::{Access, ROUTES, Route};
use probity::authz::{Role, allowed};
use probity::casework::view::sample;
use probity_core::canonical::Digest;
use probity_tests::packet::POLICY;
use serde_json::json;

use super::fixture::{Said, Setup, Site, one_of_each_role, token};

/// A request to a route that would succeed for whoever may.
fn request(site: &Site, route: &Route, ids: &[(&str, String)]) -> reqwest::RequestBuilder {
    let mut path = route.path.to_owned();
    for (name, value) in ids {
        path = path.replace(name, value);
    }
    match route.method {
        "GET" => site.client.get(site.url(&path)),
        "POST" if path.ends_with("lookup") => {
            let id =
                ids.iter().find(|(name, _)| *name == "evidence/{id}").unwrap().1.split_once('/').unwrap().1;
            site.client.post(site.url(&path)).json(&json!({"ids": [id]}))
        }
        "POST" if path == "/api/v1/packets" => site.client.post(site.url(&path)).json(&sample::opening()),
        "POST" if path.ends_with("/ledger") => site.client.post(site.url(&path)).json(&sample::command()),
        "POST" if path.ends_with("/statement") => {
            site.client.post(site.url(&path)).json(&json!({"kind": "readiness-accepted"}))
        }
        "POST" if path.ends_with("/decision") => {
            site.client.post(site.url(&path)).json(&json!({"kind": "accept"}))
        }
        "POST" => site.client.post(site.url(&path)),
        other => panic!("this test does not know how to send {other}"),
    }
}

/// Values for the parameters in paths.
async fn ids(site: &Site) -> Vec<(&'static str, String)> {
    let run = site.begin().await;
    let capture = site.page(&run, 1, None, &[("F-1", "One")]).await;
    let filter = probity::store::EvidenceFilter::default();
    let keyset = probity::store::Keyset { after: None, limit: 1 };
    let evidence = site.store.evidence_list(&filter, &keyset).await.unwrap().remove(0).id;
    vec![
        ("evidence/{id}", format!("evidence/{evidence}")),
        ("runs/{id}", format!("runs/{}", run.id)),
        ("connectors/{digest}", format!("connectors/{}", run.component)),
        ("documents/{digest}", format!("documents/{}", Digest::of(POLICY.as_bytes()))),
        ("packets/{id}", format!("packets/{}", packet(site).await)),
        ("{format}", "html".to_owned()),
        ("{submission}", "019aab3c-5c01-7bb0-8000-1f4be5d0c002:7".to_owned()),
        ("{digest}", capture.to_string()),
        ("{name}", "tracker".to_owned()),
        ("{file}", "index.css".to_owned()),
    ]
}

/// A packet of the role author's principal, where there is one; else the id of none.
async fn packet(site: &Site) -> String {
    let opening = json!({"owner": "approval-owner", "title": "Sample", "exception": "sample", "renews": null,
        "terms": {"system": "service:payments-bridge", "credential": null, "expires": "2026-12-24T00:00:00Z"}});
    let request = site.client.post(site.url("/api/v1/packets")).json(&opening);
    let said = site.send(request.bearer_auth(token(Role::Author))).await;
    match said.status {
        201 => said.json()["entry"]["packet"].as_str().unwrap().to_owned(),
        _ => "019aab3c-5c01-7bb0-8000-1f4be5d0c002".to_owned(),
    }
}

/// What an operation answers to somebody the table lets in: what was asked for, or a refusal of another sort than that of the table.
fn is_let_in(said: &Said, route: &Route) -> bool {
    match said.status {
        200 | 202 => true,
        // The connection is being collected, and a command needs the head it was made for.
        409 | 428 => true,
        // The owner in the sample is not known here, and only an author may open a packet at all.
        403 | 422 => ["packet.not-yours", "packet.refused"].contains(&said.code().as_str()),
        404 => route.path.contains("{submission}") && said.code() == "queue.unknown",
        _ => false,
    }
}

#[tokio::test]
async fn each_operation_lets_in_exactly_whom_the_table_says() {
    let site = Site::set_up(Setup { principals: one_of_each_role(), ..Setup::default() }).await;
    let ids = ids(&site).await;
    for route in ROUTES {
        let at = format!("{} {}", route.method, route.path);
        let nobody = site.send(request(&site, route, &ids)).await;
        let wrong = site.send(request(&site, route, &ids).bearer_auth("no-such-token")).await;
        let Access::Needs(action) = route.access else {
            for said in [nobody, wrong] {
                assert!([200, 308].contains(&said.status), "{at}: {said:?}");
            }
            continue;
        };
        for said in [nobody, wrong] {
            assert_eq!((said.status, said.code().as_str()), (401, "auth.token"), "{at}");
            assert_eq!(said.header("www-authenticate"), "Bearer realm=\"probity\"", "{at}");
        }
        for role in Role::ALL {
            let said = site.send(request(&site, route, &ids).bearer_auth(token(*role))).await;
            if allowed(action).contains(role) {
                assert!(is_let_in(&said, route), "{at} as {role:?}: {said:?}");
            } else {
                assert_eq!((said.status, said.code().as_str()), (403, "auth.denied"), "{at} as {role:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_counts_only_as_the_one_bearer_token() {
    let site = Site::set_up(Setup { principals: one_of_each_role(), ..Setup::default() }).await;
    let operator = token(Role::Operator);
    let ask = || site.client.get(site.url("/api/v1/runs"));
    assert_eq!(site.send(ask().bearer_auth(&operator)).await.status, 200);
    assert_eq!(site.send(ask().header("authorization", format!("bEaReR {operator}"))).await.status, 200);
    for value in
        [operator.clone(), format!("Basic {operator}"), format!("Bearer{operator}"), "Bearer ".to_owned()]
    {
        assert_eq!(site.send(ask().header("authorization", &value)).await.code(), "auth.token", "{value}");
    }
    let twice = ask()
        .header("authorization", format!("Bearer {operator}"))
        .header("authorization", format!("Bearer {operator}"));
    assert_eq!(site.send(twice).await.code(), "auth.token");
    let in_query = site.client.get(site.url(&format!("/api/v1/runs?access_token={operator}")));
    assert_eq!(site.send(in_query).await.code(), "auth.token");
}

#[tokio::test]
async fn without_principals_whoever_reaches_loopback_is_the_operator() {
    let site = Site::open().await;
    let ids = ids(&site).await;
    for route in ROUTES {
        let said = site.send(request(&site, route, &ids)).await;
        let at = format!("{} {}: {said:?}", route.method, route.path);
        let lets_in = |action| allowed(action).contains(&Role::Operator);
        match route.access {
            // No author is known here, so there is no packet to look at.
            Access::Needs(action) if lets_in(action) && route.path.contains("packets/{id}") => {
                assert_eq!((said.status, said.code().as_str()), (404, "packet.unknown"), "{at}");
            }
            Access::Needs(action) if lets_in(action) => assert!(is_let_in(&said, route), "{at}"),
            Access::Needs(_) => assert_eq!(said.code(), "auth.denied", "{at}"),
            Access::Open => assert!([200, 308].contains(&said.status), "{at}"),
        }
    }
}

#[tokio::test]
async fn a_refused_caller_learns_nothing_about_what_is_there() {
    let site = Site::set_up(Setup { principals: one_of_each_role(), ..Setup::default() }).await;
    let ids = ids(&site).await;
    let there = &ids.iter().find(|(name, _)| *name == "runs/{id}").unwrap().1;
    for path in [
        format!("/api/v1/{there}"),
        "/api/v1/runs/019aab3c-5c01-7bb0-8000-1f4be5d0c002".to_owned(),
        "/api/v1/runs/nonsense".to_owned(),
        "/api/v1/runs?nonsense=1".to_owned(),
    ] {
        assert_eq!(site.get(&path).await.code(), "auth.token", "{path}");
        let monitor = site.client.get(site.url(&path)).bearer_auth(token(Role::Monitor));
        assert_eq!(site.send(monitor).await.code(), "auth.denied", "{path}");
    }
}
