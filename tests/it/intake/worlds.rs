//! Two worlds: a component of one is refused as the other, and nothing that writes gets into the reading one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use probity::egress::{
    Egress, EgressLimits, EgressPolicy, OriginPolicy, PolicyError, Purpose, SystemResolver,
};
use probity::sandbox::LoadError;
use probity_core::connector::{Effect, World};
use probity_tests::guests;

use super::sandbox;

#[tokio::test]
async fn a_component_of_one_world_is_refused_as_the_other_and_told_where_it_belongs() {
    let filing = sandbox().load(guests::component("intake")).await.unwrap_err();
    assert_eq!(filing.code(), "load.other-world");
    assert!(filing.to_string().contains("world `intake-connector`"), "{filing}");
    assert!(filing.to_string().contains("under `[intake.NAME]`"), "{filing}");

    let reading = sandbox().load_intake(guests::hostile()).await.unwrap_err();
    assert_eq!(reading.code(), "load.other-world");
    assert!(reading.to_string().contains("under `[connection.NAME]`"), "{reading}");
}

#[tokio::test]
async fn either_world_is_recognized_where_it_does_not_matter_which() {
    let filing = sandbox().load_any(guests::component("intake")).await.unwrap();
    assert_eq!((filing.world(), filing.manifest().name.as_str()), (World::Intake, "intake"));
    assert_eq!(sandbox().load_any(guests::hostile()).await.unwrap().world(), World::Source);
}

#[tokio::test]
async fn an_intake_connector_has_no_files_door() {
    let component = wat::parse_str(
        r#"(component
            (import "probity:connector/files@0.1.0" (instance))
            (instance $none)
            (export "probity:connector/intake@0.1.0" (instance $none)))"#,
    )
    .unwrap();
    let error = sandbox().load_intake(component).await.unwrap_err();
    let LoadError::ImportDenied { differences, offered } = &error else { panic!("{error}") };
    assert_eq!(differences, &["it needs `probity:connector/files@0.1.0`, which the host does not offer"]);
    assert!(offered.starts_with("probity:connector/{http,log,types,schema}"), "{offered}");
}

#[tokio::test]
async fn what_an_intake_must_export_is_named() {
    let component = wat::parse_str(
        r#"(component (instance $none) (export "probity:connector/intake@0.1.0" (instance $none)))"#,
    )
    .unwrap();
    let error = sandbox().load_intake(component).await.unwrap_err();
    assert_eq!(error.code(), "load.export-missing");
    assert!(error.to_string().contains("implement the world `intake-connector`"), "{error}");
}

#[tokio::test]
async fn the_way_out_of_a_connection_can_not_be_given_an_endpoint_that_writes() {
    probity::egress::install_crypto();
    let intake = sandbox().load_intake(guests::component("intake")).await.unwrap();
    let policy = |purpose| {
        let origin = OriginPolicy {
            base: "https://board.example/".parse().unwrap(),
            credential: None,
            networks: vec![],
            plain_http: false,
            ca: None,
        };
        EgressPolicy {
            purpose,
            connection: "board".into(),
            endpoints: intake.manifest().endpoints.clone(),
            declared: BTreeSet::new(),
            origins: BTreeMap::from([("api".to_owned(), origin)]),
            redact: vec![],
            limits: EgressLimits::default(),
            resolver: Arc::new(SystemResolver),
        }
    };
    assert!(intake.manifest().endpoints.iter().any(|endpoint| endpoint.effect == Effect::Write));
    let refused = Egress::new(policy(Purpose::Collecting)).unwrap_err();
    assert!(matches!(&refused, PolicyError::Writes { endpoint } if endpoint == "create"), "{refused}");
    Egress::new(policy(Purpose::Filing)).unwrap();
}
