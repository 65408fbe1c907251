//! Answers that lie, never end, come slowly or unpack to more than they should.

use std::io::Write as _;
use std::time::{Duration, Instant};

use probity::egress::EgressLimits;
use probity_core::connector::{FailureKind, Method};
use probity_tests::hostile::{Act, Hostile, answer, json};

use super::{Plan, ask, assert_denied, assert_failed, endpoint, text};

/// Limits that end slow sources within a test's patience.
fn impatient(limits: &mut EgressLimits) {
    limits.grace = Duration::from_millis(200);
    limits.rate = 1024;
}

async fn outcome_of(
    bytes: impl Into<Vec<u8>>,
) -> Result<probity_core::connector::Response, probity_core::connector::Failure> {
    let source = Hostile::answering(bytes).await.unwrap();
    Plan::for_source(&source).get().await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    answer("200 OK", &format!("content-type: application/json\r\ncontent-encoding: {coding}\r\n"), body)
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

#[tokio::test]
async fn each_coding_we_ask_for_is_undone() {
    let body = br#"{"count": 1}"#;
    let zstd = zstd::encode_all(&body[..], 3).unwrap();
    for (coding, bytes) in [
        ("identity", body.to_vec()),
        ("gzip", gzip(body)),
        ("x-gzip", gzip(body)),
        ("deflate", deflate(body)),
        ("ZSTD", zstd),
    ] {
        let response = outcome_of(coded(coding, &bytes)).await.unwrap();
        assert_eq!(response.body.bytes.as_ref(), body, "{coding}");
        assert_eq!(response.body.media_type.as_deref(), Some("application/json"));
        assert!(
            !response.headers.iter().any(|(name, _)| name == "content-encoding" || name == "content-length")
        );
    }
}

#[tokio::test]
async fn members_of_one_coding_are_one_body() {
    let both = [gzip(b"[1,"), gzip(b"2]")].concat();
    assert_eq!(text(&outcome_of(coded("gzip", &both)).await.unwrap()), "[1,2]");
}

#[tokio::test]
async fn an_empty_body_has_no_coding() {
    assert_eq!(text(&outcome_of(coded("gzip", b"")).await.unwrap()), "");
    let source =
        Hostile::answering(&b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 9\r\n\r\n"[..])
            .await
            .unwrap();
    let plan = Plan::for_source(&source).endpoints(vec![endpoint("items", Method::Head, "/items/")]);
    assert_eq!(plan.get().await.unwrap().status, 200);
}

#[tokio::test]
async fn other_and_nested_codings_are_refused() {
    let body = b"{}";
    for bytes in [
        coded("br", body),
        coded("gzip, gzip", &gzip(&gzip(body))),
        coded("gzip, identity, zstd", &gzip(body)),
        answer("200 OK", "content-encoding: gzip\r\ncontent-encoding: gzip\r\n", gzip(&gzip(body))),
        coded("compress", body),
    ] {
        assert_failed(outcome_of(bytes).await, "egress.coding", FailureKind::Shape);
    }
}

#[tokio::test]
async fn a_broken_coding_is_told_and_nothing_of_it_is_let_in() {
    let body = br#"{"findings": [1, 2, 3, 4, 5, 6, 7, 8, 9]}"#;
    let gzipped = gzip(body);
    let zstd = zstd::encode_all(&body[..], 3).unwrap();
    let deflated = deflate(body);
    let mut flipped = gzipped.clone();
    let at = flipped.len() - 6;
    flipped[at] ^= 1;
    for (coding, bytes) in [
        ("gzip", gzipped[..gzipped.len() - 9].to_vec()),
        ("gzip", gzipped[..12].to_vec()),
        ("gzip", flipped),
        ("gzip", body.to_vec()),
        ("gzip", [&gzipped[..], b"trailing"].concat()),
        ("deflate", deflated[..deflated.len() - 5].to_vec()),
        ("deflate", [&deflated[..], b"trailing"].concat()),
        ("zstd", zstd[..zstd.len() - 3].to_vec()),
        ("zstd", [&zstd[..], b"trailing"].concat()),
        ("zstd", body.to_vec()),
    ] {
        assert_failed(outcome_of(coded(coding, &bytes)).await, "egress.coding", FailureKind::Shape);
    }
}

#[tokio::test]
async fn a_bomb_ends_at_its_ratio_and_at_its_size() {
    let bomb = vec![b' '; 40 << 20];
    let zstd = zstd::encode_all(&bomb[..], 3).unwrap();
    for (coding, bytes) in [("gzip", gzip(&bomb)), ("deflate", deflate(&bomb)), ("zstd", zstd)] {
        let source = Hostile::answering(coded(coding, &bytes)).await.unwrap();
        let by_ratio = Plan::for_source(&source).get().await;
        assert!(by_ratio.as_ref().unwrap_err().message.contains("unpacks"), "{by_ratio:?}");
        assert_failed(by_ratio, "egress.too-large", FailureKind::TooLarge);
        let by_size = Plan::for_source(&source).limits(|limits| limits.ratio = u64::MAX).get().await;
        assert!(by_size.as_ref().unwrap_err().message.contains("a decoded body"), "{by_size:?}");
        assert_failed(by_size, "egress.too-large", FailureKind::TooLarge);
    }
}

#[tokio::test]
async fn zstd_windows_beyond_eight_mebibytes_are_refused() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(27).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.write_all(&vec![b' '; 1 << 20]).unwrap();
    let bytes = encoder.finish().unwrap();
    assert_failed(outcome_of(coded("zstd", &bytes)).await, "egress.coding", FailureKind::Shape);
}

#[tokio::test]
async fn a_body_over_the_cap_ends_before_it_is_read() {
    let announced = &b"HTTP/1.1 200 OK\r\ncontent-length: 1099511627776\r\n\r\n[]"[..];
    assert_failed(outcome_of(announced).await, "egress.too-large", FailureKind::TooLarge);
}

#[tokio::test]
async fn a_body_without_end_ends_at_the_cap() {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let plain = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    // Chunk extensions carry nothing, so no limit on bodies sees them; hyper has one of its own.
    let extensions = format!("1;{}\r\nx\r\n", "x".repeat(8000)).into_bytes();
    for (head, more, code, kind) in [
        (chunked.clone(), chunk(&[b' '; 16 * 1024]), "egress.too-large", FailureKind::TooLarge),
        (plain, vec![b' '; 16 * 1024], "egress.too-large", FailureKind::TooLarge),
        (chunked, extensions, "egress.framing", FailureKind::Shape),
    ] {
        let script = vec![Act::Send(head), Act::Forever(more)];
        let source = Hostile::scripted(move |_| script.clone()).await.unwrap();
        let plan = Plan::for_source(&source).limits(|limits| limits.wire = 1 << 20);
        assert_failed(plan.get().await, code, kind);
    }
}

#[tokio::test]
async fn heads_are_limited_in_size_and_number() {
    let long_line = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-many: 1\r\n".repeat(101));
    for bytes in [long_line, many] {
        assert_failed(outcome_of(bytes).await, "egress.too-large", FailureKind::TooLarge);
    }
    for (start, more) in [("HTTP/1.1 200 OK\r\n", "x-endless: 1\r\n"), ("", "HTTP/1.1 100 Continue\r\n\r\n")]
    {
        let script = vec![Act::Send(start.into()), Act::Forever(more.into())];
        let source = Hostile::scripted(move |_| script.clone()).await.unwrap();
        let plan = Plan::for_source(&source).limits(|limits| limits.wire = 1 << 20);
        assert_failed(plan.get().await, "egress.too-large", FailureKind::TooLarge);
    }
}

#[tokio::test]
async fn a_slow_body_ends_with_its_name() {
    let script = vec![
        Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n".to_vec()),
        Act::Drip { bytes: vec![b' '; 1000], pause: Duration::from_millis(50) },
    ];
    let source = Hostile::scripted(move |_| script.clone()).await.unwrap();
    let plan = Plan::for_source(&source).limits(impatient);
    assert_failed(plan.get().await, "egress.slow", FailureKind::Unavailable);
}

#[tokio::test]
async fn a_slow_body_under_a_coding_is_slow_too() {
    let body = gzip(&b"{}".repeat(500));
    let script = vec![
        Act::Send(
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len())
                .into(),
        ),
        Act::Drip { bytes: body, pause: Duration::from_millis(50) },
    ];
    let source = Hostile::scripted(move |_| script.clone()).await.unwrap();
    assert_failed(
        Plan::for_source(&source).limits(impatient).get().await,
        "egress.slow",
        FailureKind::Unavailable,
    );
}

#[tokio::test]
async fn a_body_that_stops_is_slow() {
    let script = vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n[1,".to_vec()), Act::Stall];
    let source = Hostile::scripted(move |_| script.clone()).await.unwrap();
    assert_failed(
        Plan::for_source(&source).limits(impatient).get().await,
        "egress.slow",
        FailureKind::Unavailable,
    );
}

#[tokio::test]
async fn a_source_that_never_answers_meets_the_deadline() {
    let dripping =
        vec![Act::Drip { bytes: b"HTTP/1.1 200 OK\r\nx: ".repeat(100), pause: Duration::from_millis(40) }];
    for script in [vec![Act::Stall], dripping] {
        let source = Hostile::scripted(move |_| script.clone()).await.unwrap();
        let plan = Plan::for_source(&source).limits(|limits| limits.whole = Duration::from_millis(300));
        let started = Instant::now();
        assert_failed(plan.get().await, "egress.timeout", FailureKind::Unavailable);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn lengths_that_lie_are_told() {
    let too_long = &b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n[]"[..];
    assert_failed(outcome_of(too_long).await, "egress.closed-early", FailureKind::Unavailable);
    let cut_chunk = &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1"[..];
    assert_failed(outcome_of(cut_chunk).await, "egress.closed-early", FailureKind::Unavailable);
    let no_last_chunk = &b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n"[..];
    assert_failed(outcome_of(no_last_chunk).await, "egress.closed-early", FailureKind::Unavailable);
    assert_failed(outcome_of("").await, "egress.closed-early", FailureKind::Unavailable);
    for bytes in [
        &b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]and more"[..],
        b"HTTP/1.1 204 No Content\r\n\r\n[1, 2]",
        b"HTTP/1.1 304 Not Modified\r\n\r\n[1, 2]",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[] ",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header line\r\n\r\n[]",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ] {
        assert_failed(outcome_of(bytes).await, "egress.framing", FailureKind::Shape);
    }
}

#[tokio::test]
async fn any_status_is_an_answer() {
    for (status, headers, body) in [
        ("200 OK", "content-type: text/html\r\n", "<html>a log-in page</html>"),
        ("429 Too Many Requests", "retry-after: 999999999\r\n", "slow down"),
        ("429 Too Many Requests", "retry-after: -5\r\n", ""),
        ("503 Service Unavailable", "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n", ""),
        ("500 Internal Server Error", "", "{\"detail\": \"oops\"}"),
        ("401 Unauthorized", "www-authenticate: Basic realm=x\r\n", ""),
        ("599 Whatever", "", ""),
    ] {
        let response = outcome_of(answer(status, headers, body)).await.unwrap();
        assert_eq!(response.status.to_string(), status[..3]);
        assert_eq!(text(&response), body);
        let retry_after = headers.strip_prefix("retry-after: ").map(str::trim_end);
        let handed_in = response.headers.iter().find(|(name, _)| name == "retry-after");
        assert_eq!(handed_in.map(|(_, value)| value.as_str()), retry_after, "{status}");
    }
}

#[tokio::test]
async fn the_answer_is_captured_as_it_is_handed_in() {
    let response = outcome_of(json("{\"a\": 1}")).await.unwrap();
    assert_eq!(
        response.body,
        probity_core::connector::Capture::new(&b"{\"a\": 1}"[..], Some("application/json".into()))
    );
}

#[tokio::test]
async fn a_page_has_only_so_many_requests_and_bytes() {
    let source = Hostile::answering(json([b' '; 600])).await.unwrap();
    let plan = Plan::for_source(&source).limits(|limits| limits.page_requests = 3);
    let egress = plan.egress();
    let mut page = egress.page();
    let outcomes = page.fetch(&[ask("items"), ask("items"), ask("items"), ask("items")]).await;
    assert!(outcomes[..3].iter().all(Result::is_ok));
    assert_denied(outcomes[3].clone(), "egress.budget");
    assert_denied(page.follow("items", "/items/?page=2").await, "egress.budget");
    assert_eq!(source.connections(), 3);
    assert!(egress.page().fetch(&[ask("items")]).await[0].is_ok(), "the next page has its own budget");

    let egress = Plan::for_source(&source).limits(|limits| limits.page_bytes = 1000).egress();
    let mut page = egress.page();
    assert!(page.fetch(&[ask("items")]).await[0].is_ok());
    assert_denied(page.fetch(&[ask("items")]).await.remove(0), "egress.budget");
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_requests_whichever_is_faster() {
    let source = Hostile::scripted(|request| {
        let body = if request.contains("at=0") { "0" } else { "other" };
        let answer = Act::Send(json(body));
        // The first answers after the others.
        if body == "0" {
            vec![Act::Drip { bytes: json(body), pause: Duration::from_millis(2) }]
        } else {
            vec![answer]
        }
    })
    .await
    .unwrap();
    let request = |at: usize| {
        let mut request = ask("items");
        request.query.push(("at".into(), at.to_string()));
        request
    };
    let requests: Vec<_> = (0..9).map(request).collect();
    let outcomes = Plan::for_source(&source).egress().page().fetch(&requests).await;
    let bodies: Vec<_> = outcomes.iter().map(|outcome| text(outcome.as_ref().unwrap())).collect();
    assert_eq!(bodies[0], "0");
    assert!(bodies[1..].iter().all(|body| body == "other"));
}
