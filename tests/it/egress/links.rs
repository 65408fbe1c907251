//! Links that sources give, and where they are allowed to lead.

use probity_core::connector::{Failure, Method, Place, Response};
use probity_tests::hostile::{Hostile, json};

use super::{Plan, SECRET, assert_denied, endpoint, fixed};

fn notes() -> probity_core::connector::Endpoint {
    endpoint("notes", Method::Get, "/items/{id}/notes/")
}

fn plan(source: &Hostile) -> Plan {
    Plan::for_source(source).endpoints(vec![
        fixed(super::items(), Place::Query, "hide_secret", "true"),
        notes(),
        endpoint("search", Method::Post, "/search"),
    ])
}

async fn follow(plan: Plan, endpoint: &str, link: &str) -> Result<Response, Failure> {
    plan.egress().page().follow(endpoint, link).await
}

/// The target of the only request that arrived.
fn asked(source: &Hostile) -> String {
    let requests = source.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    requests[0].split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_link_is_put_onto_the_granted_origin_whatever_host_it_names() {
    for link in [
        "/items/?offset=100&hide_secret=true",
        "?offset=100",
        "https://169.254.169.254/items/?offset=100",
        "HTTP://evil.example:8080/items/?offset=100&hide_secret=true",
        "//evil.example/items/?offset=100",
        "http://[::1]:9/items/?offset=100#fragment",
        "/items/?offset=%31%30%30",
        "/it%65ms/?offset=100",
    ] {
        let source = Hostile::answering(json("[]")).await.unwrap();
        let response = follow(plan(&source), "items", link).await.unwrap();
        assert_eq!(asked(&source), "/items/?hide_secret=true&offset=100", "{link}");
        assert_eq!(
            response.url,
            format!("http://127.0.0.1:{}/items/?hide_secret=true&offset=100", source.port())
        );
        assert!(source.requests()[0].contains(&format!("host: 127.0.0.1:{}\r\n", source.port())));
    }
}

#[tokio::test]
async fn links_that_lead_elsewhere_are_refused() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    for (endpoint, link) in [
        ("items", ""),
        ("items", "/admin/"),
        ("items", "/items/7/notes/"),
        ("items", "/items"),
        ("items", "/items//"),
        ("items", "/items/../admin/"),
        ("items", "/items/..;/admin/"),
        ("items", "/items/%2e%2e/admin/"),
        ("items", "/./items/"),
        ("notes", "/items/../notes/"),
        ("notes", "/items/%2e%2e/notes/"),
        ("notes", "/items/a%2fb/notes/"),
        ("notes", "/items/a\\..\\b/notes/"),
        ("notes", "/items/%5c/notes/"),
        ("notes", "/items/%00/notes/"),
        ("notes", "?page=2"),
        ("items", "/items/\t?x=1"),
        ("items", "/items/?x=a b"),
        ("items", "/items/?x=a\\b"),
        ("items", "/items/?x=1\r\nhost: evil"),
        ("items", "\\\\evil.example\\items\\"),
        ("items", "https:\\\\evil.example/items/"),
        ("items", "https://user@127.0.0.1/items/"),
        ("items", "https://127.0.0.1@evil.example/items/"),
        ("items", "https:///items/"),
        ("items", "items/"),
        ("items", "javascript:alert(1)"),
        ("items", "file:///items/"),
        ("items", "/items/?hide_secret=false"),
        ("items", "/items/?hide%5Fsecret=false"),
        ("items", "/items/?hide_secret=true&hide_secret=false"),
        ("items", "/items/?x=%ff"),
        ("search", "/search"),
    ] {
        assert_denied(follow(plan(&source), endpoint, link).await, "egress.link");
    }
    assert_denied(follow(plan(&source), "items", "/items/?Hide_Secret=false").await, "egress.query");
    assert_denied(follow(plan(&source), "items", "/items/?hide_secret[]=false").await, "egress.query");
    assert_denied(follow(plan(&source), "items", "/items/?_method=delete").await, "egress.query");
    assert_denied(follow(plan(&source), "other", "/items/").await, "egress.undeclared-endpoint");
    assert_denied(
        follow(plan(&source).bearer(), "items", &format!("/items/?t={SECRET}")).await,
        "egress.secret",
    );
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn the_base_path_stands_before_every_path_once() {
    for link in ["/dojo/items/?offset=1", "/items/?offset=1", "http://other/dojo/items/?offset=1"] {
        let source = Hostile::answering(json("[]")).await.unwrap();
        let base = format!("http://127.0.0.1:{}/dojo/", source.port());
        let response = follow(Plan::for_base(&base), "items", link).await.unwrap();
        assert_eq!(asked(&source), "/dojo/items/?offset=1", "{link}");
        assert!(response.url.ends_with("/dojo/items/?offset=1"));
    }
    let source = Hostile::answering(json("[]")).await.unwrap();
    let base = format!("http://127.0.0.1:{}/dojo", source.port());
    assert_denied(follow(Plan::for_base(&base), "items", "/dojoitems/").await, "egress.link");
    let pages = || Plan::for_base(&base).endpoints(vec![endpoint("pages", Method::Get, "/{page+}")]);
    follow(pages(), "pages", "/dojoitems/x").await.unwrap();
    assert_eq!(asked(&source), "/dojo/dojoitems/x", "the base path ends at a slash");
}
