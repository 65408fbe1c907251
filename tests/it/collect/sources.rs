//! Sources that attack a whole run, and configurations that do not fit their connectors.

use std::io::Write as _;

use probity::collect::CollectError;
use probity::demo::dojo::Tracker;
use probity_core::run::RunState;
use probity_tests::host::TestHost;
use probity_tests::hostile::{Act, Hostile, answer, json};

use super::{clock, dojo, dojo_connection, scratch};

/// Gzip of a hundred megabytes of nothing: about a hundred kilobytes.
fn bomb() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..100 {
        packed.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    packed.finish().unwrap()
}

/// What a source answers to everything, and the code or word its run must end with.
fn attacks() -> Vec<(&'static str, Vec<Act>, &'static str)> {
    let send = |bytes: Vec<u8>| vec![Act::Send(bytes)];
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    vec![
        ("JSON nested 10,000 deep", send(json(deep)), "shape"),
        (
            "a redirect to a metadata address",
            send(answer("302 Found", "location: http://169.254.169.254/latest/meta-data/\r\n", "")),
            "302",
        ),
        ("a gzip bomb", send(answer("200 OK", "content-encoding: gzip\r\n", bomb())), "egress.too-large"),
        (
            "an endless body",
            vec![
                Act::Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()),
                Act::Forever([b"10000\r\n".as_slice(), &[b' '; 65_536], b"\r\n"].concat()),
            ],
            "egress.too-large",
        ),
        (
            "a body shorter than announced",
            send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{}".to_vec()),
            "egress.closed-early",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_hostile_source_ends_its_own_run_by_name_and_no_other() {
    let (folder, good) = (scratch(), dojo(Tracker::large(11, 5)).await);
    let mut config = dojo_connection(&good, &folder, 10, &[]);
    let mut sources = Vec::new();
    for (number, (what, acts, expected)) in attacks().into_iter().enumerate() {
        let source = Hostile::scripted(move |_| acts.clone()).await.unwrap();
        let connection = format!("hostile-{number}");
        config.push_str(
            &dojo_connection(&good, &folder, 10, &[])
                .replace("connection.dojo", &format!("connection.{connection}"))
                .replace(&good.base_url(), &format!("http://127.0.0.1:{}", source.port())),
        );
        sources.push((connection, what, expected, source));
    }
    let host = TestHost::start(folder, &config, clock()).await;
    for (connection, what, expected, _source) in &sources {
        let run = host.collect(connection).await;
        assert_eq!(run.state, RunState::Failed, "{what}");
        let failure = run.streams[0].failure.as_ref().unwrap();
        assert!(failure.to_string().contains(expected), "{what}: {failure}");
    }
    assert_eq!(host.collect("dojo").await.state, RunState::Complete);
    host.finish().await;
}

#[tokio::test]
async fn a_grant_wider_than_the_manifest_starts_nothing() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(1, 1)).await);
    let config = dojo_connection(&dojo, &folder, 10, &[])
        .replace("\"findings\"", "\"findings\", \"delete-everything\"")
        .replace("page-size = 10", "page-size = \"ten\"");
    let Err(CollectError::Invalid(invalid)) = TestHost::try_start(folder.clone(), &config, clock()).await
    else {
        panic!("the configuration was taken");
    };
    let message = invalid.to_string();
    for part in [
        "probity.toml",
        "connection.dojo.grant.endpoints",
        "delete-everything",
        "page-size",
        "nothing was started",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(dojo.asked().is_empty());
}
