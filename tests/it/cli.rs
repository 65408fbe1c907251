//! The real binary as its users meet it: exit codes, what goes to stdout, and what it says when something is wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The binary under test, built beforehand.
pub(super) fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the test binary has a path");
    // <target>/<profile>/deps/<test binary>
    let binary = test.ancestors().nth(2).expect("it lies in a target folder").join("probity");
    assert!(binary.is_file(), "{} is missing: run `cargo build -p probity`", binary.display());
    binary
}

/// How a command ended.
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The binary with nothing of the caller's environment that it reads.
pub(super) fn command() -> Command {
    let mut command = Command::new(binary());
    for variable in [
        "PROBITY_CONFIG",
        "PROBITY_OUTPUT",
        "PROBITY_LOG",
        "PROBITY_LOG_FORMAT",
        "PROBITY_SDK",
        "PROBITY_TOKEN",
        "PROBITY_TOKEN_FILE",
    ] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null());
    command
}

/// Runs it with a configuration.
pub(super) fn probity(config: &Path, arguments: &[&str]) -> Ended {
    command().arg("--config").arg(config).args(arguments).output().unwrap().into()
}

/// A demo's folder, collected once. Its findings tracker is gone.
pub(super) fn once() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let ended: Ended =
        command().args(["demo", "--once", "--folder"]).arg(folder.path()).output().unwrap().into();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    folder
}

fn configuration(folder: &TempDir) -> PathBuf {
    folder.path().join("probity.toml")
}

/// The first item's id of a listing.
fn first_id(config: &Path, listing: &[&str]) -> String {
    let ended = probity(config, &[listing, &["--output", "json"]].concat());
    let value: Value = serde_json::from_str(&ended.stdout).unwrap();
    value["items"][0]["id"].as_str().expect("there is one").to_owned()
}

fn dojo_run(config: &Path) -> String {
    first_id(config, &["run", "list", "--connection", "dojo"])
}

fn exception(config: &Path) -> String {
    first_id(config, &["evidence", "list", "--kind", "exception"])
}

#[test]
fn commands_end_with_the_documented_codes() {
    let folder = once();
    let config = configuration(&folder);
    assert_eq!(probity(&config, &["run", "list"]).code, 0);
    assert_eq!(probity(&config, &["run", "show", "01a20628-aa1d-74c7-9857-87138ff43432"]).code, 1);
    assert_eq!(probity(&config, &["collect", "nobody"]).code, 1);
    for wrong in
        [&["wurst"][..], &["evidence", "list", "--kind", "wurst"], &["collect"], &["run", "show", "x"]]
    {
        let ended = probity(&config, wrong);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{wrong:?}");
    }
    let dead = probity(&config, &["check", "dojo"]);
    assert_eq!(dead.code, 3, "{}{}", dead.stdout, dead.stderr);
    assert!(dead.stdout.contains("dojo: does not work"), "{}", dead.stdout);
    assert_eq!(probity(&config, &["check", "standards"]).code, 0);
    assert_eq!(probity(&folder.path().join("none.toml"), &["run", "list"]).code, 4);
    assert_eq!(probity(&config, &["replay", &dojo_run(&config)]).code, 0);
}

#[test]
fn every_reading_command_writes_one_json_value_and_nothing_else() {
    let folder = once();
    let config = configuration(&folder);
    let (run, evidence) = (dojo_run(&config), exception(&config));
    let commands: [&[&str]; 13] = [
        &["evidence", "list"],
        &["evidence", "list", "--text", "no such words"],
        &["evidence", "show", &evidence],
        &["evidence", "trace", &evidence],
        &["run", "list"],
        &["run", "show", &run],
        &["replay", &run],
        &["connector", "list"],
        &["connector", "inspect", "defectdojo"],
        &["config", "check"],
        &["principal", "list"],
        &["key", "list"],
        &["check", "standards"],
    ];
    for arguments in commands {
        let json = probity(&config, &[arguments, &["--output", "json"]].concat());
        assert_eq!(json.code, 0, "{arguments:?}: {}", json.stderr);
        assert!(serde_json::from_str::<Value>(&json.stdout).is_ok(), "{arguments:?}: {}", json.stdout);
        assert_eq!(json.stderr, "", "{arguments:?}");
        let table = probity(&config, arguments);
        assert!(!format!("{}{}", table.stdout, table.stderr).contains('\u{1b}'), "{arguments:?}: colours");
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn one_changed_byte_of_what_was_kept_is_an_integrity_failure() {
    let folder = once();
    let config = configuration(&folder);
    let (run, evidence) = (dojo_run(&config), exception(&config));
    let traced = probity(&config, &["evidence", "trace", &evidence, "--output", "json"]);
    let traced: Value = serde_json::from_str(&traced.stdout).unwrap();
    let capture = traced["sightings"][0]["citations"][0]["capture"].as_str().unwrap();
    let digest = capture.strip_prefix("sha256:").unwrap();
    let blobs = folder.path().join("state/blobs/sha256");
    let blob = files(&blobs)
        .into_iter()
        .find(|path| path.display().to_string().replace('/', "").contains(digest))
        .expect("the capture is kept");
    let mut content = zstd::decode_all(fs::File::open(&blob).unwrap()).unwrap();
    let last = content.len() - 1;
    content[last] ^= 1;
    fs::remove_file(&blob).unwrap();
    fs::write(&blob, zstd::encode_all(content.as_slice(), 3).unwrap()).unwrap();
    let replayed = probity(&config, &["replay", &run]);
    assert_eq!(replayed.code, 5, "{}{}", replayed.stdout, replayed.stderr);
    let traced = probity(&config, &["evidence", "trace", &evidence]);
    assert_eq!(traced.code, 5, "{}{}", traced.stdout, traced.stderr);
}

/// A mistake, the key that the message must name, and words of what it must advise.
struct Mistake {
    text: &'static str,
    key: &'static str,
    fix: &'static str,
}

const DOJO: &str = "[connection.dojo]\nconnector = \"defectdojo\"\n";

#[rustfmt::skip]
const MISTAKES: [Mistake; 11] = [
    Mistake { text: "[connection.dojo]\nconnector = \"defectdojo\"\nevrey = \"6h\"\n", key: "connection.dojo.evrey", fix: "correct the key's name" },
    Mistake { text: "@[connection.dojo.origin.api]\nurl = \"https://dojo.example.org\"\ncredential = { scheme = \"bearer\", secret = { env = \"NO_SUCH_SECRET\" } }\n", key: "connection.dojo.origin.api.credential.secret", fix: "export NO_SUCH_SECRET=" },
    Mistake { text: "@[connection.dojo.origin.api]\nurl = \"dojo\"\n", key: "connection.dojo.origin.api.url", fix: "url = \"https://" },
    Mistake { text: "[serve]\nlisten = \"0.0.0.0:7171\"\n", key: "serve.listen", fix: "[[principal]]" },
    Mistake { text: "@[connection.dojo.grant]\nendpoints = [\"delete-everything\"]\n", key: "connection.dojo.grant.endpoints", fix: "take it out" },
    Mistake { text: "@[connection.dojo.grant]\nmounts = { documents = \".\" }\n", key: "connection.dojo.grant.mounts.documents", fix: "take it out" },
    Mistake { text: "@streams = [\"tickets\"]\n", key: "connection.dojo.streams", fix: "its streams are" },
    Mistake { text: "[connection.x]\nconnector = \"jira\"\n", key: "connection.x.connector", fix: "defectdojo" },
    Mistake { text: "@[connection.dojo.config]\npage-size = \"many\"\n", key: "connection.dojo.config.page-size", fix: "connector inspect defectdojo" },
    Mistake { text: "@digest = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\n", key: "connection.dojo.digest", fix: "connector inspect" },
    Mistake { text: "@[connection.dojo.origin.api]\nurl = \"https://dojo.example.org\"\ncredential = { scheme = \"bearer\", secret = { file = \"secret\" } }\n", key: "connection.dojo.origin.api.credential", fix: "scheme = \"header\"" },
];

#[test]
fn a_wrong_configuration_is_told_with_file_key_and_remedy_and_starts_nothing() {
    for Mistake { text, key, fix } in MISTAKES {
        let folder = tempfile::tempdir().unwrap();
        let config = configuration(&folder);
        fs::write(folder.path().join("secret"), "hunter2-of-the-tests\n").unwrap();
        fs::write(&config, text.replace('@', DOJO)).unwrap();
        for arguments in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let ended = probity(&config, arguments);
            let said = &ended.stderr;
            assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{key}: {said}");
            for part in [config.to_str().unwrap(), key, "to mend it", fix] {
                assert!(said.contains(part), "{part} is not in {said}");
            }
            assert_eq!(said.matches("to mend it").count(), 1, "one mistake, one message: {said}");
            assert!(!said.contains("hunter2"), "{said}");
            let database = folder.path().join(".probity/probity.db");
            assert!(!database.exists(), "{key}: {} was made", database.display());
        }
    }
}

#[test]
fn the_secret_is_in_no_output_and_no_log() {
    let demo = super::readme::Demo::start();
    let config = configuration(&demo.folder);
    let secret = fs::read_to_string(demo.folder.path().join("dojo-token")).unwrap();
    let evidence = exception(&config);
    for arguments in [
        &["check"][..],
        &["collect", "dojo", "--full"],
        &["config", "check"],
        &["evidence", "trace", &evidence, "--output", "json"],
    ] {
        let output = command().env("PROBITY_LOG", "trace").arg("-c").arg(&config).args(arguments).output();
        let ended: Ended = output.unwrap().into();
        assert_eq!(ended.code, 0, "{arguments:?}");
        let logged = ["TRACE", "DEBUG"].iter().any(|level| ended.stderr.contains(level));
        assert!(logged, "{arguments:?} logs nothing, so this shows nothing");
        let said = ended.stdout + &ended.stderr;
        assert!(!said.contains(secret.trim()), "{arguments:?} shows the secret");
    }
}

#[test]
fn a_new_connector_builds_and_tests_offline_and_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let here = |arguments: &[&str]| -> Ended {
        // Kept from one test run to the next: the SDK's dependencies are built once.
        let target = binary().parent().unwrap().join("../tmp/scaffold");
        fs::create_dir_all(&target).unwrap();
        let target = target.canonicalize().unwrap();
        command()
            .args(arguments)
            .current_dir(folder.path())
            .env("CARGO_TARGET_DIR", target)
            .output()
            .unwrap()
            .into()
    };
    let made = here(&["connector", "new", "my-tracker"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let before = fs::read_to_string(folder.path().join("my-tracker/src/lib.rs")).unwrap();
    let again = here(&["connector", "new", "my-tracker"]);
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("exists already"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(folder.path().join("my-tracker/src/lib.rs")).unwrap(), before);
    let tested = here(&["connector", "test", "--offline", "my-tracker", "--output", "json"]);
    assert_eq!(tested.code, 0, "{}", tested.stderr);
    let tested: Value = serde_json::from_str(&tested.stdout).unwrap();
    assert_eq!(tested["connector"], "my-tracker");
}

#[test]
fn the_help_is_as_it_was_agreed() {
    let ended: Ended = command().arg("--help").env("COLUMNS", "100").output().unwrap().into();
    let agreed = include_str!("../data/help.txt");
    assert_eq!(ended.stdout, agreed, "if the change is meant, write it to tests/data/help.txt");
}

#[test]
fn checking_a_good_configuration_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let config = configuration(&folder);
    let text = "[connection.standards]\nconnector = \"standards\"\n[connection.standards.grant]\nmounts = { documents = \".\" }\n";
    fs::write(&config, text).unwrap();
    let ended = probity(&config, &["config", "check"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["probity.toml"]);
}
