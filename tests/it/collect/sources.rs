//! Configurations that do not fit their connectors: nothing starts.

use probity::collect::CollectError;
use probity::demo::dojo::Tracker;
use probity_tests::host::TestHost;

use super::{clock, dojo, dojo_connection, scratch};

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
