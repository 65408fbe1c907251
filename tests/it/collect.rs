//! Runs end to end: real connectors in the real sandbox, a real database, sources on loopback.
//!
//! Each host here ends with [`TestHost::finish`], which replays every run of the test to byte-identical records
//! and checks the database.

mod hostile;
mod kill;
mod schedule;
mod sources;
mod standards;
mod story;
mod trouble;

use std::sync::Arc;

use probity::clock::Clock;
use probity::demo::dojo::{SampleDojo, Token, Tracker};
use probity_core::instant::Instant;
use tempfile::TempDir;

/// The instant at which these tests begin; the sample tracker's own data is dated around it.
fn noon() -> Instant {
    "2026-11-23T12:00:00Z".parse().expect("an instant")
}

fn clock() -> Clock {
    Clock::fixed(noon(), 7)
}

fn scratch() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().expect("a scratch folder"))
}

async fn dojo(tracker: Tracker) -> SampleDojo {
    SampleDojo::start(tracker, Token::from_bytes([7; 20])).await.expect("a sample tracker")
}

/// A connection to a sample tracker, with this page size and these further endpoints taken out of the grant.
fn dojo_connection(dojo: &SampleDojo, folder: &TempDir, page_size: u32, without: &[&str]) -> String {
    std::fs::write(folder.path().join("dojo-token"), dojo.token().expose()).expect("a token file");
    let endpoints =
        ["findings", "finding-notes", "risk-acceptances", "products", "engagement", "user-profile"];
    let granted: Vec<_> = endpoints.iter().filter(|endpoint| !without.contains(endpoint)).collect();
    format!(
        r#"
[connection.dojo]
connector = "defectdojo"
config = {{ page-size = {page_size}, subjects = ["service:payments-bridge"] }}
[connection.dojo.origin.api]
url = "{url}"
networks = ["127.0.0.0/8"]
credential = {{ scheme = "header", name = "Authorization", prefix = "Token ", secret = {{ file = "dojo-token" }} }}
[connection.dojo.grant]
endpoints = {granted:?}
"#,
        url = dojo.base_url(),
    )
}
