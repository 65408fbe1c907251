use std::path::Path;

use super::{Config, ConnectorRef};

fn faults(text: &str) -> String {
    Config::parse(Path::new("/etc/probity/probity.toml"), text).unwrap_err().to_string()
}

#[test]
fn an_empty_file_is_a_valid_configuration() {
    let config = Config::parse(Path::new("/etc/probity/probity.toml"), "").unwrap();
    assert_eq!(config.folder, Path::new("/etc/probity/.probity"));
    assert!(config.serve.listen.ip().is_loopback());
}

#[test]
fn a_misspelt_key_is_named_with_its_line() {
    let message = faults("[connection.dojo]\nconnector = \"defectdojo\"\nevrey = \"6h\"\n");
    assert!(message.contains("line 3"), "{message}");
    assert!(message.contains("connection.dojo.evrey"), "{message}");
    assert!(message.contains("unknown field `evrey`"), "{message}");
}

#[test]
fn a_missing_secret_names_the_variable_and_how_to_set_it() {
    let message = faults(
        r#"
        [connection.dojo]
        connector = "defectdojo"
        [connection.dojo.origin.api]
        url = "https://dojo.example.org"
        credential = { scheme = "bearer", secret = { env = "PROBITY_TEST_NO_SUCH_VARIABLE" } }
        "#,
    );
    assert!(message.contains("connection.dojo.origin.api.credential.secret"), "{message}");
    assert!(message.contains("export PROBITY_TEST_NO_SUCH_VARIABLE="), "{message}");
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    let message = faults(
        "[connection.dojo]\nconnector = \"defectdojo\"\n[connection.dojo.origin.api]\nurl = \"https://me:hunter2@dojo.example.org\"\n",
    );
    assert!(message.contains("connection.dojo.origin.api.url"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn all_faults_are_told_at_once() {
    let message = faults(
        "[freshness.max-age]\nfindings = \"24h\"\n[connection.dojo]\nconnector = \"defectdojo\"\ndigest = \"abc\"\n[connection.dojo.origin.api]\nurl = \"ftp://x\"\nnetworks = [\"10.0.0.1/99\"]\n",
    );
    for part in
        ["freshness.max-age.findings", "connection.dojo.digest", "origin.api.url", "origin.api.networks"]
    {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[test]
fn another_machine_is_not_listened_to_without_principals() {
    let message = faults("[serve]\nlisten = \"0.0.0.0:7171\"\n");
    assert!(message.contains("[[principal]]"), "{message}");
}

#[test]
fn a_connector_is_bundled_or_a_file_beside_the_configuration() {
    let config = Config::parse(
        Path::new("/etc/probity/probity.toml"),
        "[connection.a]\nconnector = \"standards\"\n[connection.b]\nconnector = \"./mine.wasm\"\n",
    )
    .unwrap();
    let connectors: Vec<_> = config.connections.values().map(|one| one.wiring.connector.clone()).collect();
    assert_eq!(
        connectors,
        [
            ConnectorRef::Bundled("standards".to_owned()),
            ConnectorRef::File("/etc/probity/./mine.wasm".into())
        ]
    );
}

#[test]
fn an_intake_is_wired_like_a_connection_and_has_no_schedule_and_no_folders() {
    let intake = r#"
        [intake.board]
        connector = "./board.wasm"
        config = { project = "ARB" }
        [intake.board.origin.api]
        url = "https://board.example.org"
        [intake.board.grant]
        endpoints = ["search", "create"]
        "#;
    let config = Config::parse(Path::new("/etc/probity/probity.toml"), intake).unwrap();
    let board = config.intakes.values().next().unwrap();
    assert_eq!(board.name.as_str(), "board");
    assert_eq!(board.wiring.endpoints, ["search", "create"]);
    assert_eq!(board.wiring.config, serde_json::json!({"project": "ARB"}));
    assert!(board.wiring.origins.contains_key("api") && config.connections.is_empty());
    for line in ["every = \"6h\"", "streams = [\"a\"]", "grant = { mounts = { a = \"/\" } }"] {
        let message = faults(&format!("[intake.board]\nconnector = \"a\"\n{line}\n"));
        assert!(message.contains("unknown field") && message.contains("intake.board"), "{message}");
    }
    let twice = faults("[intake.a]\nconnector = \"x\"\n[connection.a]\nconnector = \"x\"\n");
    assert!(twice.contains("intake.a: there is a connection of this name"), "{twice}");
}
