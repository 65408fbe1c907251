//! Packets over real evidence: collected by real connectors in the real sandbox, judged through the use cases everybody has.

mod killed;
mod places;

use std::sync::Arc;

use probity::casework::Casework;
use probity::clock::Clock;
use probity::demo::dojo::{SampleDojo, Token, Tracker};
use probity::demo::{packet, story};
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_tests::host::TestHost;
use tempfile::TempDir;

/// The instant at which these tests begin; the sample tracker's own data is dated around it.
fn noon() -> Instant {
    "2026-11-23T12:00:00Z".parse().expect("an instant")
}

/// The demonstration's host: sources collected once, the packet prepared.
struct Prepared {
    host: TestHost,
    dojo: SampleDojo,
    casework: Casework,
    packet: PacketId,
    _folder: Arc<TempDir>,
}

impl Prepared {
    async fn new(seed: u64) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a scratch folder"));
        let dojo =
            SampleDojo::start(Tracker::story(noon()), Token::from_bytes([7; 20])).await.expect("a tracker");
        let file = story::write(folder.path(), &dojo).expect("the folder can be written");
        let config = std::fs::read_to_string(file).expect("the configuration");
        let host = TestHost::start(folder.clone(), &config, Clock::fixed(noon(), seed)).await;
        for connection in ["dojo", "standards"] {
            host.collect(connection).await;
        }
        let casework = host.casework().await;
        let packet = packet::prepare(&casework, folder.path()).await.expect("the packet is prepared");
        Self { host, dojo, casework, packet, _folder: folder }
    }
}
