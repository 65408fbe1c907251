use std::path::Path;

use probity_core::board::SAMPLE;

use super::{Config, ConnectorRef};
use crate::authz::{Addition, Principal, PrincipalKind, Principals, Role, TokenHash};

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
fn another_machine_is_not_listened_to_while_nobody_has_a_token() {
    let config = Config::parse(
        Path::new("/etc/probity/probity.toml"),
        "[serve]\nlisten = \"0.0.0.0:7171\"\nhosts = [\"probity.example.org\"]\n",
    )
    .unwrap();
    let message = config.check_listening(&Principals::none()).unwrap_err().to_string();
    assert!(message.contains("serve.listen") && message.contains("probity principal add"), "{message}");
    let ada = Principal {
        id: "ada".to_owned(),
        kind: PrincipalKind::Human,
        role: Role::Operator,
        token_sha256: TokenHash::of("t"),
    };
    let added = Principals::none().with([Addition { principal: ada, revoked: false }]);
    assert!(config.check_listening(&added).is_ok());
    assert_eq!(config.checkpoints.origin, "probity.example.org");
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

const BOARD: &str = "[board]\npolicy = \"board.toml\"\nsubjects = \"subjects.toml\"\n";
const STANDARDS: &str = "[connection.standards]\nconnector = \"standards\"\n";

/// A folder with these files, and what comes of a configuration there.
fn in_folder(files: &[(&str, &str)], text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    Config::parse(&folder.path().join("probity.toml"), text).map_err(|invalid| invalid.to_string())
}

#[test]
fn the_boards_files_are_read_as_they_stand() {
    let subjects = "[\"service:bridge\"]\naliases = [\"product:bridge\"]\n";
    let files = [("board.toml", SAMPLE), ("subjects.toml", subjects)];
    let config = in_folder(&files, &format!("{BOARD}{STANDARDS}")).unwrap();
    let board = config.board.unwrap();
    assert_eq!((board.text.as_str(), board.board.intake.as_str()), (SAMPLE, "queue"));
    assert_eq!(config.subjects.1, subjects);
    let bare = Config::parse(Path::new("/etc/probity/probity.toml"), "").unwrap();
    assert!(bare.board.is_none() && bare.subjects.1.is_empty());
}

#[test]
fn a_policy_may_name_only_what_is_configured() {
    let policy = SAMPLE.replace("intake = \"queue\"", "intake = \"board\"");
    let files = [("board.toml", policy.as_str()), ("subjects.toml", "")];
    let message = in_folder(&files, BOARD).unwrap_err();
    for part in [
        "board.policy: ",
        "board.toml: intake: no intake `board` is configured",
        "add [intake.board]",
        "requirement-set.exception-criteria.connection: no connection `standards` is configured",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    // A section with a mistake of its own is there all the same.
    let message = in_folder(&files, &format!("{BOARD}{STANDARDS}digest = \"x\"\n")).unwrap_err();
    assert!(!message.contains("no connection `standards`"), "{message}");
    let wired = format!("{BOARD}{STANDARDS}[intake.board]\nconnector = \"rt-intake\"\n");
    assert!(in_folder(&files, &wired).is_ok());
}

#[test]
fn every_fault_of_the_boards_files_is_told_with_its_file() {
    let policy =
        SAMPLE.replace("risk-ceiling = \"high\"", "").replace("finding = \"7d\"", "finding = \"soon\"");
    let files = [("board.toml", policy.as_str()), ("subjects.toml", "[\"nonsense\"]\naliases = []\n")];
    let message = in_folder(&files, &format!("{BOARD}{STANDARDS}")).unwrap_err();
    for part in [
        "board.toml: risk-ceiling: it is missing",
        "to mend it: write risk-ceiling = \"high\"",
        "board.toml: max-age.finding:",
        "board.subjects: ",
        "subjects.toml: the subject map is not the TOML",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let message = in_folder(&[], BOARD).unwrap_err();
    assert_eq!(message.matches("cannot be read").count(), 2, "{message}");
}

#[test]
fn the_queue_is_nobody_elses_name() {
    let message = faults("[intake.queue]\nconnector = \"a\"\n");
    assert!(message.contains("intake.queue: this is the name of Probity's own queue"), "{message}");
}

#[test]
fn a_webhook_needs_a_secret_and_a_url_that_carries_none() {
    let notify = "[notify]\nurl = \"https://notices.example.org/probity?to=board\"\nsecret = { file = \"key\" }\nnetworks = [\"10.0.0.0/8\"]\n";
    let config = in_folder(&[("key", "hunter2-of-the-tests\n")], notify).unwrap();
    let told = config.notify.unwrap();
    assert_eq!((told.url.query(), told.networks.len()), (Some("to=board"), 1));
    assert!(!format!("{told:?}").contains("hunter2"));
    let message = faults(
        "[notify]\nurl = \"https://me:hunter2@x.example\"\nsecret = { file = \"/none/such\" }\nnetworks = [\"x\"]\n",
    );
    for part in ["notify.url", "notify.secret", "notify.networks"] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!message.contains("hunter2"), "{message}");
}

#[test]
fn checkpoints_lie_outside_the_data_folder_under_a_name_that_fits_on_a_line() {
    let config = Config::parse(Path::new("/etc/probity/probity.toml"), "").unwrap();
    assert_eq!(config.checkpoints.folder, Path::new("/etc/probity/checkpoints"));
    assert_eq!(config.checkpoints.origin, "127.0.0.1:7171");
    let message = faults("[checkpoints]\nfolder = \".probity/notes\"\norigin = \"two words\"\n");
    assert!(message.contains("checkpoints.folder") && message.contains("checkpoints.origin"), "{message}");
    assert!(faults("[store]\nfolder = \".\"\n").contains("lies in the data folder"));
}
