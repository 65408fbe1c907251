//! `describe` runs with every door shut and answers the same each time, or the component does not load.

use probity::sandbox::{LoadError, PageError};
use probity_tests::guests;

use super::{impatient, sandbox};

async fn refused(mode: &str) -> LoadError {
    sandbox().load(guests::describing(mode)).await.unwrap_err()
}

#[tokio::test]
async fn an_honest_manifest_is_read_whole() {
    let connector = sandbox().load(guests::hostile()).await.unwrap();
    let manifest = connector.manifest();
    assert_eq!(manifest.name, "hostile");
    assert_eq!(manifest.endpoint("finding").unwrap().path, "/findings/{id}");
    assert_eq!(manifest.stream("findings").unwrap().kinds.len(), 3);
    assert_eq!(connector.digest(), probity_core::canonical::Digest::of(&guests::hostile()));
}

#[tokio::test]
async fn a_manifest_made_by_chance_or_of_the_time_is_refused() {
    for mode in ["random", "clock"] {
        let error = refused(mode).await;
        assert_eq!(error.code(), "load.describe");
        let LoadError::DescribeUnstable { difference } = error else { panic!("{mode}: {error}") };
        assert!(difference.contains(" and then "), "{difference}");
    }
}

#[tokio::test]
async fn a_door_that_is_tried_meanwhile_is_shut() {
    for (mode, shut) in [("fetch", "http.fetch"), ("read", "files.read"), ("log", "log.emit")] {
        let error = refused(mode).await;
        assert_eq!(error.code(), "load.describe");
        let LoadError::Describe { source } = error else { panic!("{mode}") };
        assert!(matches!(source, PageError::DoorShut { door } if door == shut), "{mode}: {source}");
    }
}

#[tokio::test]
async fn an_endless_describe_ends_at_the_cpu_limit() {
    let error = impatient().load(guests::describing("loop")).await.unwrap_err();
    let LoadError::Describe { source } = error else { panic!("{error}") };
    assert_eq!(source.code(), "limit.cpu");
}

#[tokio::test]
async fn a_writing_endpoint_is_refused_in_the_reading_world() {
    let error = refused("write").await;
    assert_eq!(error.code(), "load.write-effect");
    assert!(error.to_string().contains("`findings`"), "{error}");
}

#[tokio::test]
async fn a_manifest_that_breaks_its_rules_is_refused() {
    let error = refused("nameless").await;
    assert_eq!(error.code(), "load.manifest", "{error}");
}
