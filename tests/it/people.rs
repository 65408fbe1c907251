//! People and keys as the operator adds them from the command line, while a host runs beside it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use probity_core::board::SAMPLE;
use probity_core::registry::Registry;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::cli::{Ended, command, probity};

/// Sample keys; the private halves were thrown away.
const ED25519: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII9+NAB21snQHDkkT1cwcb+MVz0r2IU2daqEuR1U+qf4 ed25519@sample";
const SECOND: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA8w9zFrA8L5vgBTc9pF6DUS8i1S2v4Tn6hoRYaCXZDC second@sample";
const P256: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAmt3uBwtzaoGFLXg4KYYZTdjv8+RduS6E7gHmhs6cljkXsYZJz1LVNNJsg0B9ElTooOKlTog7QuAaDY93S+W1k= p256@sample";

/// A folder with a configuration.
struct Place(TempDir);

impl Place {
    fn with(config: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::write(place.config(), config).unwrap();
        place
    }

    fn config(&self) -> PathBuf {
        self.path("probity.toml")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        probity(&self.config(), arguments)
    }

    /// Runs a command that must do what it is told, and what it wrote.
    fn json(&self, arguments: &[&str]) -> Value {
        let ended = self.run(&[arguments, &["--output", "json"]].concat());
        assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap()
    }

    /// Runs one that must be refused, and what it said.
    fn refused(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (1, ""), "{arguments:?}: {}", ended.stderr);
        ended.stderr
    }

    fn add(&self, id: &str, kind: &str, role: &str) -> String {
        let added = self.json(&["principal", "add", id, "--kind", kind, "--role", role]);
        added["token"].as_str().unwrap().to_owned()
    }

    fn whoami(&self, variable: &str, value: &str) -> Ended {
        let mut command = command();
        command.env(variable, value).arg("--config").arg(self.config()).args(["principal", "whoami"]);
        command.output().unwrap().into()
    }

    fn key(&self, line: &str) -> PathBuf {
        let file = self.path("key.pub");
        fs::write(&file, format!("{line}\n")).unwrap();
        file
    }

    fn enrol(&self, principal: &str, line: &str) -> Value {
        let file = self.key(line);
        self.json(&["key", "enrol", principal, file.to_str().unwrap()])
    }
}

/// A host that serves, ended with the value.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(config: &Path) -> Self {
        let mut command = command();
        command.arg("--config").arg(config).args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| {
            said.push_str(&line);
            line.strip_prefix("listening on http://").map(|rest| rest.split('/').next().unwrap().to_owned())
        });
        let address = address.unwrap_or_else(|| panic!("the host did not come up; it said {said}"));
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    async fn runs(&self, token: Option<&str>) -> u16 {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut request = reqwest::Client::new().get(format!("http://{}/api/v1/runs", self.address));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        request.send().await.unwrap().status().as_u16()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_running_host_knows_at_once_whom_another_process_added_or_revoked() {
    let place = Place::with("");
    let host = Served::start(&place.config());
    assert_eq!(host.runs(None).await, 200, "nobody has a token: whoever reaches loopback is the operator");
    let ada = place.add("ada", "human", "author");
    assert_eq!((host.runs(None).await, host.runs(Some(&ada)).await), (401, 200));
    let ben = place.add("ben", "human", "reviewer");
    assert_eq!(host.runs(Some(&ben)).await, 200);
    place.json(&["principal", "revoke", "ada"]);
    assert_eq!((host.runs(Some(&ada)).await, host.runs(Some(&ben)).await), (401, 200));
    place.json(&["principal", "revoke", "ben"]);
    for token in [None, Some(ada.as_str()), Some(ben.as_str())] {
        assert_eq!(
            host.runs(token).await,
            401,
            "the last one was revoked; nobody becomes the operator by it"
        );
    }
}

#[test]
fn a_token_is_shown_once_and_kept_nowhere() {
    let place = Place::with("");
    let token = place.add("ada", "human", "author");
    assert!(token.starts_with("probity_") && token.len() == 51, "{token}");
    let file = place.path("ben.token");
    let path = file.to_str().unwrap();
    let arguments =
        ["principal", "add", "ben", "--kind", "human", "--role", "reviewer", "--token-file", path];
    let ended = place.run(&arguments);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let written = fs::read_to_string(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!ended.stdout.contains(written.trim()), "{}", ended.stdout);
    // A file that is there is not written over, and nobody is added.
    let taken = ["principal", "add", "cleo", "--kind", "human", "--role", "board", "--token-file", path];
    assert!(place.refused(&taken).contains("not there yet"));
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    assert_eq!(place.json(&["principal", "list"]).as_array().unwrap().len(), 2);

    for command_line in
        [&["principal", "list"][..], &["principal", "whoami"], &["key", "list"], &["config", "check"]]
    {
        let mut command = command();
        command.env("PROBITY_LOG", "trace").env("PROBITY_TOKEN_FILE", &file);
        let ended: Ended = command.arg("-c").arg(place.config()).args(command_line).output().unwrap().into();
        assert_eq!(ended.code, 0, "{command_line:?}: {}", ended.stderr);
        let said = ended.stdout + &ended.stderr;
        for secret in [token.as_str(), written.trim()] {
            assert!(!said.contains(secret), "{command_line:?} shows a token");
        }
    }
    for part in ["probity.db", "probity.db-wal"] {
        let Ok(bytes) = fs::read(place.path(".probity").join(part)) else { continue };
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{part} holds a token");
    }
}

#[test]
fn who_acts_is_known_by_the_token_of_the_environment() {
    let place = Place::with("");
    let nobody = place.whoami("PROBITY_TOKEN", "probity_x");
    assert_eq!(nobody.code, 1);
    assert!(nobody.stderr.contains("nobody has a token on this host yet"), "{}", nobody.stderr);
    let token = place.add("ada", "human", "approval-owner");
    let file = place.path("token");
    fs::write(&file, format!("{token}\n")).unwrap();
    for (variable, value) in
        [("PROBITY_TOKEN", token.as_str()), ("PROBITY_TOKEN_FILE", file.to_str().unwrap())]
    {
        let known = place.whoami(variable, value);
        assert_eq!((known.code, known.stdout.trim()), (0, "ada, human with the role approval-owner"));
    }
    let unset = place.refused(&["principal", "whoami"]);
    assert!(unset.contains("export PROBITY_TOKEN_FILE="), "{unset}");
    let wrong = place.whoami("PROBITY_TOKEN", &token.to_uppercase());
    assert_eq!(wrong.code, 1);
    assert!(
        wrong.stderr.contains("nobody's") && !wrong.stderr.contains(&token.to_uppercase()),
        "{}",
        wrong.stderr
    );
    place.json(&["principal", "revoke", "ada"]);
    assert_eq!(place.whoami("PROBITY_TOKEN", &token).code, 1);
}

#[test]
fn a_principal_has_a_role_of_its_kind_and_a_name_of_its_own() {
    let place = Place::with(
        "[[principal]]\nid = \"cleo\"\nkind = \"human\"\nrole = \"operator\"\ntoken-sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
    );
    place.add("ada", "human", "author");
    for (id, kind, role, said) in [
        ("bot", "agent", "author", "an agent is an agent"),
        ("bot", "agent", "approval-owner", "an agent is an agent"),
        ("cron", "service", "board", "a service is an operator or a monitor"),
        ("eve", "human", "agent", "a human is never one"),
        ("local", "human", "author", "the host's own entries"),
        ("probity", "service", "operator", "the host's own entries"),
        ("A b", "human", "author", "an id is 1 to 63"),
        ("ada", "human", "reviewer", "never given to another"),
        ("cleo", "human", "author", "the configuration has one of that name"),
    ] {
        let error = place.refused(&["principal", "add", id, "--kind", kind, "--role", role]);
        assert!(error.contains(said), "{id}: {error}");
    }
    place.json(&["principal", "revoke", "ada"]);
    let again = place.refused(&["principal", "add", "ada", "--kind", "human", "--role", "author"]);
    assert!(again.contains("never given to another"), "{again}");
    assert!(place.refused(&["principal", "revoke", "cleo"]).contains("only the configuration ends it"));
    assert!(place.refused(&["principal", "revoke", "zoe"]).contains("nobody is known as `zoe`"));
    let all = place.json(&["principal", "list"]);
    let ids: Vec<_> = all.as_array().unwrap().iter().map(|one| (&one["id"], &one["source"])).collect();
    assert_eq!(ids, [(&json!("cleo"), &json!("configured")), (&json!("ada"), &json!("added"))]);
}

#[test]
fn a_revoked_name_does_not_come_back_by_way_of_the_configuration() {
    let place = Place::with("");
    place.add("ada", "human", "author");
    place.json(&["principal", "revoke", "ada"]);
    fs::write(
        place.config(),
        "[[principal]]\nid = \"ada\"\nkind = \"human\"\nrole = \"author\"\ntoken-sha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
    )
    .unwrap();
    let ended = place.run(&["run", "list"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("`ada` was revoked"), "{}", ended.stderr);
}

#[test]
fn another_address_is_listened_to_once_somebody_was_added() {
    let place = Place::with("[serve]\nlisten = \"0.0.0.0:7171\"\n");
    assert_eq!(place.run(&["config", "check"]).code, 4);
    place.json(&["principal", "add", "ada", "--kind", "human", "--role", "operator", "--no-token"]);
    assert_eq!(place.run(&["config", "check"]).code, 4, "who has no token cannot be asked for it");
    place.add("ben", "human", "operator");
    let checked = place.run(&["config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
}

#[tokio::test]
async fn the_registry_of_keys_is_one_chain_over_all_processes() {
    let place = Place::with("");
    place.add("ada", "human", "author");
    place.add("ben", "human", "reviewer");
    let first = place.enrol("ada", ED25519);
    assert_eq!((&first["comment"], &first["algorithm"]), (&json!("ed25519@sample"), &json!("ssh-ed25519")));
    let second = place.enrol("ben", P256);
    let fingerprint = first["fingerprint"].as_str().unwrap();
    let revoked = place.json(&["key", "revoke", fingerprint, "--reason", "the laptop was lost"]);
    assert_eq!((&revoked["revoked"]["by"], &revoked["revoked"]["seq"]), (&json!("local"), &json!(3)));
    let listed = place.json(&["key", "list"]);
    assert_eq!(listed, json!([revoked, second]));

    let database = place.path(".probity/probity.db");
    let clock = probity::clock::Clock::system();
    let store =
        probity::store::sqlite::SqliteStore::open_with_clock(&database, clock.teller()).await.unwrap();
    let entries = probity::store::people::PeopleStore::registry_entries(&store).await.unwrap();
    let lines: Vec<_> = entries.into_iter().map(|entry| entry.bytes).collect();
    let registry = Registry::verify_chain(&lines, None).unwrap();
    assert_eq!((registry.head().unwrap().seq, registry.ignored().len()), (3, 0));
    assert!(Registry::verify_chain(&lines[1..], None).is_err());
}

#[test]
fn a_key_is_enrolled_once_for_a_person_who_is_known_and_never_again() {
    let place = Place::with("");
    place.add("ada", "human", "author");
    place.add("ben", "human", "reviewer");
    place.add("bot", "agent", "agent");
    let file = place.key(ED25519);
    let enrol = |principal| place.refused(&["key", "enrol", principal, file.to_str().unwrap()]);
    assert!(enrol("zoe").contains("nobody is known as `zoe`"));
    assert!(enrol("bot").contains("only people hold keys"));
    let fingerprint = place.enrol("ada", ED25519)["fingerprint"].as_str().unwrap().to_owned();
    assert!(enrol("ada").contains("enrolled already"));
    assert!(enrol("ben").contains("another principal's key"));
    let revoke = ["key", "revoke", fingerprint.as_str(), "--reason", "replaced"];
    place.json(&revoke);
    assert!(enrol("ada").contains("never enrolled again"));
    assert!(place.refused(&revoke).contains("revoked already"));
    place.json(&["principal", "revoke", "ben"]);
    let other = place.key(P256);
    let revoked = place.refused(&["key", "enrol", "ben", other.to_str().unwrap()]);
    assert!(revoked.contains("nobody is known as `ben`"), "{revoked}");
}

#[test]
fn a_private_key_in_place_of_the_public_one_is_refused_and_not_repeated() {
    let place = Place::with("");
    place.add("ada", "human", "author");
    let file = place.key("-----BEGIN OPENSSH PRIVATE KEY-----\nc2FtcGxlLXNlY3JldA\n");
    let error = place.refused(&["key", "enrol", "ada", file.to_str().unwrap()]);
    assert!(error.contains("this is a private key") && !error.contains("c2FtcGxl"), "{error}");
}

#[test]
fn who_is_revoked_holds_no_key_any_more() {
    let place = Place::with("");
    place.add("ada", "human", "author");
    place.add("ben", "human", "reviewer");
    let lost = place.enrol("ada", SECOND)["fingerprint"].as_str().unwrap().to_owned();
    place.json(&["key", "revoke", &lost, "--reason", "the laptop was lost"]);
    let held = place.enrol("ada", ED25519);
    place.enrol("ben", P256);
    let revoked = place.json(&["principal", "revoke", "ada"]);
    assert!(revoked["revoked"].is_string(), "{revoked}");
    let ended = revoked["keys-ended"].as_array().unwrap();
    assert_eq!((ended.len(), &ended[0]["fingerprint"]), (1, &held["fingerprint"]), "{revoked}");
    assert_eq!(
        (&ended[0]["revoked"]["reason"], &ended[0]["revoked"]["by"]),
        (&json!("its holder was revoked"), &json!("local"))
    );
    let keys = place.json(&["key", "list"]);
    let reasons: Vec<_> = keys.as_array().unwrap().iter().map(|key| &key["revoked"]["reason"]).collect();
    let expected = [json!("the laptop was lost"), json!("its holder was revoked"), Value::Null];
    assert_eq!(reasons, expected.iter().collect::<Vec<_>>(), "each ends once, and nobody else's does");
    let again = place.json(&["principal", "revoke", "ada"]);
    assert_eq!(
        (&again["revoked"], &again["keys-ended"]),
        (&revoked["revoked"], &json!([])),
        "it is done already"
    );
}

const WIRED: &str = "[board]\npolicy = \"board.toml\"\n[connection.standards]\nconnector = \"standards\"\n[connection.standards.grant]\nmounts = { documents = \".\" }\n";

#[test]
fn a_board_policy_is_told_whole_or_with_every_fault() {
    let place = Place::with(WIRED);
    fs::write(place.path("board.toml"), SAMPLE).unwrap();
    let checked = place.run(&["board", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    for part in [
        "production-exceptions",
        "residual-risk",
        "discipline security: imani, sofia",
        "finding counts for 7d",
        "follow-up post-review within 30d",
        "requirement set exception-criteria: connection standards, document exceptions.md",
        "not looked at: nothing was collected yet",
    ] {
        assert!(checked.stdout.contains(part), "{part} is not in {}", checked.stdout);
    }
    assert!(!place.path(".probity").exists(), "a check makes nothing");

    let wrong = SAMPLE.replace("[max-age]", "[max-age]\nfindng = \"7d\"").replace("\"90d\"", "\"soon\"");
    fs::write(place.path("other.toml"), wrong).unwrap();
    let other = place.path("other.toml");
    let ended = place.run(&["board", "check", other.to_str().unwrap()]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{}", ended.stderr);
    for part in ["other.toml", "max-age.findng", "longest-exception", "to mend it"] {
        assert!(ended.stderr.contains(part), "{part} is not in {}", ended.stderr);
    }
}

#[test]
fn a_board_policy_is_held_against_what_was_collected_and_who_is_known() {
    let place = Place::with(WIRED);
    fs::write(place.path("board.toml"), SAMPLE).unwrap();
    let ended = place.run(&["run", "list"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let checked = place.run(&["board", "check", "--output", "json"]);
    assert_eq!(checked.code, 3, "{}", checked.stderr);
    let checked: Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!(checked["strangers"], json!(["imani", "kenji", "lucia", "sofia"]));
    let standing = &checked["standing"][0];
    assert_eq!((&standing["applies"], &standing["set"]), (&json!(0), &json!("exception-criteria")));
    assert!(!standing["faults"].as_array().unwrap().is_empty(), "{standing}");
    place.add("imani", "human", "reviewer");
    place.add("kenji", "agent", "agent");
    let checked = place.run(&["board", "check", "--output", "json"]);
    let checked: Value = serde_json::from_str(&checked.stdout).unwrap();
    assert_eq!(checked["strangers"], json!(["kenji", "lucia", "sofia"]), "an agent reviews nothing");
}
