//! What pages of other sites can make a browser send, and what must come of it: nothing.

use probity::api::routes::ROUTES;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::fixture::{Setup, Site};

/// Sends bytes as they are and returns the answer's first line.
async fn raw(site: &Site, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(site.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_rebound_name_reaches_nothing() {
    let site = Site::open().await;
    let port = site.address.port();
    for host in [
        format!("evil.example:{port}"),
        "evil.example".to_owned(),
        "localhost".to_owned(),
        format!("localhost.evil.example:{port}"),
        format!("127.0.0.1:{}", port ^ 1),
        format!("0.0.0.0:{port}"),
        format!("192.0.2.1:{port}"),
    ] {
        for route in ROUTES {
            let method = reqwest::Method::from_bytes(route.method.as_bytes()).unwrap();
            let request = site
                .client
                .request(method, site.url(&route.path.replace(['{', '}'], "")))
                .header("host", &host);
            let said = site.send(request).await;
            assert_eq!((said.status, said.code().as_str()), (421, "request.host"), "{host} {}", route.path);
            assert!(said.json()["fix"].as_str().unwrap().contains("`serve.hosts`"), "the setting is named");
        }
        let nowhere = site.client.get(site.url("/nowhere")).header("host", &host);
        assert_eq!(site.send(nowhere).await.status, 421, "{host}");
    }
    for ours in [format!("localhost:{port}"), format!("[::1]:{port}"), format!("127.0.0.1:{port}")] {
        let said = site.send(site.client.get(site.url("/api/v1/runs")).header("host", &ours)).await;
        assert_eq!(said.status, 200, "{ours}");
    }
}

#[tokio::test]
async fn a_host_must_be_said_once_and_only_one_way() {
    let site = Site::open().await;
    let ours = site.address;
    for (request, status) in [
        (format!("GET /livez HTTP/1.1\r\nHost: {ours}\r\nConnection: close\r\n\r\n"), "200"),
        (format!("GET http://{ours}/livez HTTP/1.1\r\nHost: {ours}\r\nConnection: close\r\n\r\n"), "200"),
        ("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), "421"),
        ("GET /livez HTTP/1.0\r\n\r\n".to_owned(), "421"),
        (
            format!("GET /livez HTTP/1.1\r\nHost: {ours}\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
            "421",
        ),
        (format!("GET /livez HTTP/1.1\r\nHost: {ours}\r\nHost: {ours}\r\nConnection: close\r\n\r\n"), "421"),
        (
            format!("GET http://evil.example/livez HTTP/1.1\r\nHost: {ours}\r\nConnection: close\r\n\r\n"),
            "421",
        ),
        (
            format!("GET http://{ours}/livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
            "421",
        ),
        (
            format!(
                "GET /livez HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: {ours}\r\nConnection: close\r\n\r\n"
            ),
            "421",
        ),
    ] {
        let line = raw(&site, &request).await;
        assert!(line.contains(&format!(" {status} ")), "{request:?} was answered {line}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let site = Site::open().await;
    let port = site.address.port();
    for origin in [
        "http://evil.example".to_owned(),
        "null".to_owned(),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{}", port ^ 1),
        "https://127.0.0.1".to_owned(),
    ] {
        let begin = site.client.post(site.url("/api/v1/connections/tracker/runs")).header("origin", &origin);
        let said = site.send(begin).await;
        assert_eq!((said.status, said.code().as_str()), (403, "request.origin"), "{origin}");
        assert!(said.json()["fix"].as_str().unwrap().contains("`serve.hosts`"), "the setting is named");
        assert_eq!(said.header("access-control-allow-origin"), "");
        let preflight =
            site.client.request(reqwest::Method::OPTIONS, site.url("/api/v1/runs")).header("origin", &origin);
        assert_eq!(site.send(preflight).await.status, 403, "{origin}");
    }
    let own = format!("http://{}", site.address);
    let begin = site.client.post(site.url("/api/v1/connections/tracker/runs")).header("origin", own);
    assert_eq!(site.send(begin).await.status, 202);
}

#[tokio::test]
async fn embedded_requests_of_other_sites_are_refused_but_links_may_be_opened() {
    let site = Site::open().await;
    let ask = |from: &str, mode: &str| {
        site.client.get(site.url("/docs/")).header("sec-fetch-site", from).header("sec-fetch-mode", mode)
    };
    for from in ["cross-site", "same-site"] {
        assert_eq!(site.send(ask(from, "no-cors")).await.code(), "request.origin");
        assert_eq!(site.send(ask(from, "navigate")).await.status, 200);
    }
    assert_eq!(site.send(ask("same-origin", "cors")).await.status, 200);
    assert_eq!(site.send(ask("none", "navigate")).await.status, 200);
}

#[tokio::test]
async fn a_configured_name_is_ours_too() {
    let site = Site::set_up(Setup { hosts: vec!["probity.example.org"], ..Setup::default() }).await;
    let ask = |host: &str, origin: &str| {
        site.client.get(site.url("/api/v1/runs")).header("host", host).header("origin", origin)
    };
    assert_eq!(site.send(ask("probity.example.org", "https://probity.example.org")).await.status, 200);
    assert_eq!(site.send(ask("probity.example.org", "https://evil.example")).await.status, 403);
    assert_eq!(site.send(ask("other.example.org", "https://other.example.org")).await.status, 421);
}

#[tokio::test]
async fn every_answer_is_closed_to_browsers() {
    let site = Site::open().await;
    let capture = site.keep(b"x", "text/html").await;
    let foreign = site.client.get(site.url("/livez")).header("host", "evil.example");
    let mut answers = vec![site.send(foreign).await];
    for path in [
        "/livez",
        "/api/v1/runs",
        "/api/v1/nothing",
        "/api/v1/runs/x",
        "/docs/",
        "/docs/swagger-ui.css",
        "/openapi.json",
        "/metrics",
    ] {
        answers.push(site.get(path).await);
    }
    answers.push(site.get(&format!("/api/v1/captures/{capture}")).await);
    for said in answers {
        assert_eq!(said.header("x-content-type-options"), "nosniff", "{said:?}");
        assert_eq!(said.header("referrer-policy"), "no-referrer", "{said:?}");
        assert_eq!(said.header("cross-origin-resource-policy"), "same-origin", "{said:?}");
        assert!(["no-store", "private, no-cache"].contains(&said.header("cache-control")), "{said:?}");
        let policy = said.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{said:?}"
        );
        assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    }
}
