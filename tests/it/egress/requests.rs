//! Requests by a connector that means harm: each is refused before anybody is connected to.

use probity::egress::PolicyError;
use probity_core::connector::{Endpoint, Method, Place, Request};
use probity_tests::hostile::{Hostile, json};

use super::{Plan, SECRET, ask, assert_denied, endpoint, fixed, pairs};

fn notes() -> Endpoint {
    endpoint("notes", Method::Get, "/items/{id}/notes/")
}

fn search() -> Endpoint {
    let search = endpoint("search", Method::Post, "/graphql");
    fixed(search, Place::Body, "/query", "\"{ viewer { login } }\"")
}

fn plan(source: &Hostile) -> Plan {
    Plan::for_source(source).endpoints(vec![
        fixed(super::items(), Place::Query, "hide_secret", "true"),
        notes(),
        search(),
        endpoint("form", Method::Post, "/form"),
        fixed(
            endpoint("aws", Method::Post, "/"),
            Place::Header,
            "X-Amz-Target",
            "secretsmanager.ListSecrets",
        ),
    ])
}

fn with(endpoint: &str, change: impl FnOnce(&mut Request)) -> Request {
    let mut request = ask(endpoint);
    change(&mut request);
    request
}

/// The request is refused with this code, and the source never hears of it.
async fn assert_refused(request: Request, code: &str) {
    let source = Hostile::answering(json("[]")).await.unwrap();
    assert_denied(plan(&source).bearer().ask(request).await, code);
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn only_declared_and_granted_endpoints_answer() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let undeclared = Plan::for_source(&source).ask(ask("delete-everything")).await;
    assert_denied(undeclared, "egress.undeclared-endpoint");
    let not_granted = Plan::for_source(&source).ask(ask("notes")).await;
    let message = not_granted.as_ref().unwrap_err().message.clone();
    assert!(
        message.contains("`endpoints = [\"items\", \"notes\"]` under `[connection.tracker.grant]`"),
        "{message}"
    );
    assert_denied(not_granted, "egress.not-granted");
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn a_path_parameter_stays_in_its_segment() {
    for value in [
        "",
        ".",
        "..",
        "../..",
        "a/b",
        "a\\b",
        "..;a",
        "a\r\nhost: evil",
        "a\0b",
        "\u{7f}",
        &"x".repeat(9000),
    ] {
        assert_refused(with("notes", |request| request.path = pairs(&[("id", value)])), "egress.path").await;
    }
    for path in [&[][..], &[("id", "1"), ("id", "2")], &[("id", "1"), ("other", "2")], &[("ID", "1")]] {
        assert_refused(with("notes", |request| request.path = pairs(path)), "egress.path").await;
    }
    for (value, sent) in [
        ("a b", "a%20b"),
        ("%2e%2e", "%252e%252e"),
        ("a?b#c&d", "a%3Fb%23c%26d"),
        ("http://evil", ""),
        ("é;:@", "%C3%A9%3B%3A%40"),
        ("7", "7"),
    ] {
        let source = Hostile::answering(json("[]")).await.unwrap();
        let outcome =
            plan(&source).ask(with("notes", |request| request.path = pairs(&[("id", value)]))).await;
        if sent.is_empty() {
            assert_denied(outcome, "egress.path");
            continue;
        }
        outcome.unwrap();
        let line = format!("GET /items/{sent}/notes/ HTTP/1.1\r\n");
        assert!(source.requests()[0].starts_with(&line), "{:?}", source.requests());
    }
}

#[tokio::test]
async fn a_fixed_query_parameter_cannot_be_overridden() {
    for name in [
        "hide_secret",
        "Hide_Secret",
        "HIDE_SECRET",
        "hide_secret[]",
        "hide.secret",
        "hide secret",
        " hide_secret",
        "_method",
        "_METHOD",
        "X-HTTP-Method-Override",
    ] {
        let request = with("items", |request| request.query = pairs(&[("a", "1"), (name, "false")]));
        assert_refused(request, "egress.query").await;
    }
    for (name, value) in [("a", "b\r\nhost: evil"), ("a\0", "b"), ("a", "\u{1b}[2J")] {
        assert_refused(with("items", |request| request.query = pairs(&[(name, value)])), "egress.query")
            .await;
    }
    let many = with("items", |request| request.query = vec![("a".to_owned(), "b".to_owned()); 101]);
    assert_refused(many, "egress.query").await;
    let long = with("items", |request| request.query = pairs(&[("a", &"x".repeat(9000))]));
    assert_refused(long, "egress.path").await;
}

#[tokio::test]
async fn a_query_is_encoded_so_that_no_server_splits_it_elsewhere() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let query = pairs(&[("q", "a&hide_secret=false"), ("r", "b;hide_secret=false#x"), ("s t", "c+d=é")]);
    plan(&source).ask(with("items", |request| request.query = query)).await.unwrap();
    let line = "GET /items/?hide_secret=true&q=a%26hide_secret%3Dfalse&r=b%3Bhide_secret%3Dfalse%23x&s%20t=c%2Bd%3D%C3%A9 HTTP/1.1";
    assert_eq!(source.requests()[0].lines().next(), Some(line));
}

#[tokio::test]
async fn headers_that_belong_to_the_host_are_refused() {
    for name in [
        "Host",
        "host",
        "Authorization",
        "AUTHORIZATION",
        "Proxy-Authorization",
        "Cookie",
        "X-Api-Key",
        "X-Vault-Token",
        "PRIVATE-TOKEN",
        "Connection",
        "Keep-Alive",
        "Transfer-Encoding",
        "Content-Length",
        "TE",
        "Trailer",
        "Upgrade",
        "Expect",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Forwarded",
        "Via",
        "X-Real-IP",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-Probity-Capture",
        "Accept-Encoding",
        "Content-Encoding",
        "User-Agent",
        "Range",
        "Proxy-Connection",
        ":authority",
        "bad name",
        "",
        "a:b",
        "x\r\ny",
        "X-Amz-Target",
    ] {
        let request = with("items", |request| request.headers = pairs(&[("accept", "a/b"), (name, "1")]));
        assert_refused(request, "egress.header").await;
    }
    for value in ["1\r\nhost: evil", "1\n", "\0", "\u{7f}", "é"] {
        let request = with("items", |request| request.headers = pairs(&[("x-note", value)]));
        assert_refused(request, "egress.header").await;
    }
    let many = with("items", |request| request.headers = vec![("x-a".to_owned(), "b".to_owned()); 33]);
    assert_refused(many, "egress.header").await;
    let twice =
        with("aws", |request| request.headers = pairs(&[("x-amz-target", "secretsmanager.GetSecretValue")]));
    assert_refused(twice, "egress.header").await;
}

#[tokio::test]
async fn a_fixed_header_is_sent_as_declared_and_only_so() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let typed = fixed(super::items(), Place::Header, "Accept", "application/json");
    let plan = || Plan::for_source(&source).endpoints(vec![typed.clone()]);
    for name in ["accept", "Accept"] {
        let request = with("items", |request| request.headers = pairs(&[(name, "text/html")]));
        assert_denied(plan().ask(request).await, "egress.header");
    }
    plan().get().await.unwrap();
    assert_eq!(source.requests().len(), 1);
    assert!(source.requests()[0].contains("accept: application/json\r\n"), "{:?}", source.requests());
}

#[tokio::test]
async fn the_header_of_the_credential_belongs_to_the_host_whatever_its_name() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let credential = probity::egress::Credential::Header {
        name: "X-Tracker".into(),
        prefix: String::new(),
        secret: probity::secret::Secret::new(SECRET),
    };
    let request = with("items", |request| request.headers = pairs(&[("x-tracker", "mine")]));
    assert_denied(plan(&source).credential(credential).ask(request).await, "egress.header");
    assert_eq!(source.connections(), 0);
}

#[tokio::test]
async fn a_fixed_member_of_a_body_cannot_be_changed() {
    for body in [
        r#"{"query": "mutation { deleteAll }"}"#,
        r#"{"query": "{ viewer { login } }", "Query": "mutation"}"#,
        r#"{"query": "{ viewer { login } }", "qu\u0065ry": "mutation"}"#,
        "[]",
        "null",
        "query=mutation",
        "",
    ] {
        let request = with("search", |request| request.body = Some(body.as_bytes().to_vec()));
        assert_refused(request, "egress.body").await;
    }
    let form = with("search", |request| {
        request.headers = pairs(&[("content-type", "application/x-www-form-urlencoded")]);
        request.body = Some(b"{}".to_vec());
    });
    assert_refused(form, "egress.body").await;

    let source = Hostile::answering(json("[]")).await.unwrap();
    let body = r#"{"query": "mutation", "query": "{ viewer { login } }", "variables": {"n": 1}}"#;
    plan(&source).ask(with("search", |request| request.body = Some(body.into()))).await.unwrap();
    let sent = &source.requests()[0];
    assert!(sent.ends_with("\r\n\r\n{\"query\":\"{ viewer { login } }\",\"variables\":{\"n\":1}}"), "{sent}");
    assert!(sent.contains("content-type: application/json\r\n"), "{sent}");
}

#[tokio::test]
async fn bodies_are_limited_and_cannot_override_the_method() {
    assert_refused(with("items", |request| request.body = Some(vec![])), "egress.body").await;
    assert_refused(with("form", |request| request.body = Some(vec![b' '; 256 * 1024 + 1])), "egress.body")
        .await;
    let form = pairs(&[("content-type", "application/x-www-form-urlencoded")]);
    for body in ["a=1&_method=DELETE", "%5fmethod=DELETE", "_METHOD=PUT"] {
        let request = with("form", |request| {
            request.headers.clone_from(&form);
            request.body = Some(body.into());
        });
        assert_refused(request, "egress.body").await;
    }
    let twice = with("form", |request| {
        request.headers = pairs(&[("content-type", "text/plain"), ("Content-Type", "application/json")]);
        request.body = Some(b"{}".to_vec());
    });
    assert_refused(twice, "egress.body").await;
}

#[tokio::test]
async fn requests_that_hand_out_secrets_are_refused_whatever_is_granted() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    let vault = endpoint("vault", Method::Get, "/v1/{mount}/{what}/{path+}");
    let ask_vault = |what: &str| {
        with("vault", |request| {
            request.path = pairs(&[("mount", "secret"), ("what", what), ("path", "legacy-broker")])
        })
    };
    let plan =
        || Plan::for_source(&source).endpoints(vec![vault.clone(), endpoint("form", Method::Post, "/form")]);
    plan().ask(ask_vault("metadata")).await.unwrap();
    for what in ["data", "creds", "static-creds"] {
        assert_denied(plan().ask(ask_vault(what)).await, "egress.secret-bearing");
    }
    let form = with("form", |request| {
        request.headers = pairs(&[("content-type", "application/x-www-form-urlencoded")]);
        request.body = Some(b"Version=1&Action=GetSecretValue".to_vec());
    });
    assert_denied(plan().ask(form).await, "egress.secret-bearing");
    assert_eq!(source.connections(), 1);

    for declared in [
        endpoint("items", Method::Get, "/v1/secret/data/{path+}"),
        endpoint("items", Method::Get, "/repos/{o}/{r}/secret-scanning/alerts"),
        endpoint("items", Method::Get, "/api/v1/status/config"),
        fixed(
            endpoint("items", Method::Post, "/"),
            Place::Header,
            "x-amz-target",
            "secretsmanager.GetSecretValue",
        ),
    ] {
        let error = Plan::for_source(&source).endpoints(vec![declared]).prepare().unwrap_err();
        assert!(matches!(error, PolicyError::SecretBearing { .. }), "{error}");
    }
    // A base path does not hide it.
    let base = format!("http://127.0.0.1:{}/v1/", source.port());
    let hidden = endpoint("items", Method::Get, "/secret/data/x");
    let outcome = Plan::for_base(&base).endpoints(vec![hidden]).get().await;
    assert_denied(outcome, "egress.secret-bearing");
}

#[tokio::test]
async fn declarations_that_could_not_be_enforced_are_refused() {
    for bad in [
        fixed(super::items(), Place::Header, "authorization", "Bearer mine"),
        fixed(super::items(), Place::Header, "x-http-method-override", "DELETE"),
        fixed(super::items(), Place::Body, "/query", "1"),
        fixed(endpoint("items", Method::Post, "/x"), Place::Body, "query", "1"),
        fixed(endpoint("items", Method::Post, "/x"), Place::Body, "/query", "not json"),
    ] {
        let error = Plan::for_base("http://127.0.0.1/").endpoints(vec![bad]).prepare().unwrap_err();
        assert!(matches!(error, PolicyError::Endpoint { .. }), "{error}");
    }
    let unbound = Plan::for_base("http://127.0.0.1/")
        .endpoints(vec![Endpoint { origin: "other".into(), ..super::items() }]);
    assert!(matches!(unbound.prepare(), Err(PolicyError::Unbound { .. })));
    let template =
        Plan::for_base("http://127.0.0.1/").endpoints(vec![endpoint("items", Method::Get, "/a/../b")]);
    assert!(matches!(template.prepare(), Err(PolicyError::Template { .. })));
}

#[tokio::test]
async fn the_host_says_who_asks() {
    let source = Hostile::answering(json("[]")).await.unwrap();
    plan(&source)
        .ask(with("items", |request| request.headers = pairs(&[("Accept", "application/json")])))
        .await
        .unwrap();
    let request = source.requests().remove(0);
    for line in [
        "accept: application/json\r\n",
        &format!("host: 127.0.0.1:{}\r\n", source.port()),
        concat!("user-agent: probity/", env!("CARGO_PKG_VERSION"), "\r\n"),
        "accept-encoding: gzip, deflate, zstd\r\n",
        "connection: close\r\n",
    ] {
        assert!(request.contains(line), "{line}: {request}");
    }
}
