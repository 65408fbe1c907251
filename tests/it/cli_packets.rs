//! The readiness loop on the command line: the real binary, real collected evidence, real SSH keys, from opening a packet to its
//! handoff.

mod board;
mod elsewhere;
mod lying;
mod shown;

use std::cell::RefCell;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use probity_core::canonical::Digest;
use serde_json::Value;
use tempfile::TempDir;

use super::cli::{Ended, binary, once};

/// What the board asks for: little, so that a packet is ready after a few steps.
const POLICY: &str = r#"
name = "production-exceptions"
sections = ["summary", "rollback"]
longest-exception = "90d"
risk-ceiling = "high"
intake = "queue"

[max-age]
finding = "14d"
control-review = "30d"

[discipline.security]
reviewers = ["imani"]

[discipline.sre]
reviewers = ["lucia"]
"#;

/// Everybody in here, and what they are for.
const PEOPLE: [(&str, &str, &str); 7] = [
    ("maya", "human", "author"),
    ("omar", "human", "approval-owner"),
    ("imani", "human", "reviewer"),
    ("lucia", "human", "reviewer"),
    ("bianca", "human", "board"),
    ("scribe", "agent", "agent"),
    ("olga", "human", "operator"),
];

/// A demo's host under another board policy, with people who each have a token and a key. The demo's own packet is there, too.
struct Office {
    folder: TempDir,
    /// What `PROBITY_PACKET` says, once a packet was opened.
    packet: RefCell<Option<String>>,
}

impl Office {
    fn open() -> Self {
        let office = Self { folder: once(), packet: RefCell::default() };
        fs::write(office.path("board.toml"), POLICY).unwrap();
        for (who, kind, role) in PEOPLE {
            let token = office.path(&format!("{who}.token"));
            let token = token.to_str().unwrap();
            office.done(
                "olga",
                &["principal", "add", who, "--kind", kind, "--role", role, "--token-file", token],
            );
            if kind == "human" {
                let key = office.path(who);
                let made = Command::new("ssh-keygen")
                    .args(["-q", "-t", "ed25519", "-N", "", "-C", who, "-f"])
                    .arg(&key)
                    .stdin(Stdio::null())
                    .status();
                assert!(made.unwrap().success(), "ssh-keygen makes keys");
                office.done(
                    "olga",
                    &["key", "enrol", who, office.path(&format!("{who}.pub")).to_str().unwrap()],
                );
            }
        }
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary as somebody runs it, with their token.
    fn command(&self, who: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        for variable in
            ["PROBITY_CONFIG", "PROBITY_OUTPUT", "PROBITY_LOG", "PROBITY_TOKEN", "PROBITY_TOKEN_FILE"]
        {
            command.env_remove(variable);
        }
        for variable in ["PROBITY_PACKET", "PROBITY_KEY", "SSH_AUTH_SOCK"] {
            command.env_remove(variable);
        }
        let token = self.path(&format!("{who}.token"));
        if token.is_file() {
            command.env("PROBITY_TOKEN_FILE", token);
        }
        if let Some(packet) = &*self.packet.borrow() {
            command.env("PROBITY_PACKET", packet);
        }
        command.arg("--config").arg(self.path("probity.toml")).args(arguments).stdin(Stdio::null());
        command
    }

    fn run(&self, who: &str, arguments: &[&str]) -> Ended {
        self.command(who, arguments).output().unwrap().into()
    }

    /// Something that works, as JSON.
    fn done(&self, who: &str, arguments: &[&str]) -> Value {
        let ended = self.run(who, &[arguments, &["--output", "json"]].concat());
        assert_eq!(ended.code, 0, "{who} {arguments:?}\n{}{}", ended.stdout, ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {}", ended.stdout))
    }

    /// The part that a command made.
    fn made(&self, who: &str, arguments: &[&str]) -> String {
        let done = self.done(who, arguments);
        done["made"].as_str().unwrap_or_else(|| panic!("{arguments:?} made nothing: {done}")).to_owned()
    }

    /// Decides with one's own key.
    fn signed(&self, who: &str, arguments: &[&str]) -> Value {
        let key = self.path(who);
        self.done(who, &[arguments, &["--key", key.to_str().unwrap()]].concat())
    }

    /// Something a rule refuses; what it says.
    fn refused(&self, who: &str, arguments: &[&str]) -> String {
        let ended = self.run(who, arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (6, ""), "{who} {arguments:?}\n{}", ended.stderr);
        ended.stderr
    }

    /// The evidence with these words in its title.
    fn evidence(&self, kind: &str, words: &str) -> String {
        let listed = self.done("maya", &["evidence", "list", "--kind", kind, "--text", words]);
        listed["items"][0]["id"].as_str().unwrap_or_else(|| panic!("no `{words}`: {listed}")).to_owned()
    }

    fn verdict(&self) -> String {
        let ended = self.run("maya", &["packet", "readiness", "--output", "json"]);
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        let verdict = report["verdict"].as_str().unwrap().to_owned();
        let is_through = ["ready", "handing-off", "handed-off"].contains(&verdict.as_str());
        assert_eq!(ended.code, if is_through { 0 } else { 3 }, "{verdict}: {}", ended.stderr);
        verdict
    }

    /// Maya opens a packet that omar is to own.
    fn opened(&self) -> String {
        let opened = self.done(
            "maya",
            &[
                "packet",
                "open",
                "--title",
                "Shared broker credential",
                "--exception",
                "shared-credential",
                "--system",
                "service:payments-bridge",
                "--credential",
                "credential:legacy-broker/shared",
                "--expires",
                &self.in_days(60),
                "--owner",
                "omar",
            ],
        );
        let packet = opened["entry"]["packet"].as_str().unwrap().to_owned();
        self.packet.replace(Some(packet.clone()));
        packet
    }

    /// A day so many days from now, as the binary's clock has it.
    fn in_days(&self, days: u64) -> String {
        let listed = self.done("maya", &["evidence", "list", "--limit", "1"]);
        let now: probity_core::instant::Instant = listed["as-of"].as_str().unwrap().parse().unwrap();
        let then = now.plus(std::time::Duration::from_hours(24 * days)).unwrap();
        then.to_string().chars().take(10).collect()
    }

    /// Everything but what people decide: claims, language, reviewers, condition.
    fn drafted(&self) {
        let rotation = format!("{}:/body/outcome", self.evidence("control-review", "credential rotation"));
        let claim = self.made(
            "maya",
            &[
                "packet",
                "claim",
                "--text",
                "The credential's rotation is an effective control",
                "--reasoning",
                "Its last review says so",
                "--cite",
                &rotation,
                "--check",
                "/body/outcome == \"effective\"",
            ],
        );
        self.made(
            "maya",
            &[
                "packet",
                "claim",
                "--text",
                "No critical finding is open",
                "--reasoning",
                "The tracker was swept whole",
                "--query",
                "no finding with state open and severity critical on service:payments-bridge in dojo",
            ],
        );
        for section in ["summary", "rollback"] {
            let passage = self.made(
                "maya",
                &[
                    "packet",
                    "propose",
                    "--section",
                    section,
                    "--text",
                    "Until the platform hardening milestone.",
                    "--leans-on",
                    &claim,
                ],
            );
            self.done("maya", &["packet", "accept", &passage]);
        }
        self.done("maya", &["packet", "name-reviewer", "imani", "--for", "security"]);
        self.done("maya", &["packet", "name-reviewer", "lucia", "--for", "sre"]);
        self.signed("omar", &["packet", "own"]);
        self.done(
            "omar",
            &["packet", "condition", "--text", "Rotation was reviewed this month", "--claim", &claim],
        );
    }
}

#[test]
fn a_packet_goes_from_its_opening_to_the_board_on_the_command_line() {
    let office = Office::open();
    let packet = office.opened();
    assert_eq!(office.verdict(), "held");
    office.drafted();
    let objection = office.made(
        "imani",
        &[
            "packet",
            "object",
            "--topic",
            "rollback",
            "--severity",
            "medium",
            "--issue",
            "Rollback was never tried",
            "--rationale",
            "A rotation that fails locks every service out",
            "--removes",
            "A test of it",
        ],
    );
    assert_eq!(office.verdict(), "in-review");
    let finding = format!("{}:/body/state", office.evidence("finding", "Shared Production Credential"));
    office.done(
        "maya",
        &["packet", "answer", &objection, "--text", "It was tried on the 12th", "--cite", &finding],
    );
    office.signed("imani", &["packet", "withdraw", &objection, "--reason", "The test convinces"]);
    office.signed("imani", &["packet", "review", "--for", "security", "--approve"]);
    office.signed("lucia", &["packet", "review", "--for", "sre", "--approve", "--note", "Watch the alerts"]);
    assert_eq!(office.verdict(), "awaiting-signatures");
    office.signed("maya", &["packet", "sign"]);

    let rehearsed = office.run("omar", &["packet", "hand-off", "--dry-run", "--output", "json"]);
    assert_eq!(rehearsed.code, 3, "omar has not signed: {}", rehearsed.stderr);
    office.signed("omar", &["packet", "sign"]);
    assert_eq!(office.verdict(), "ready");
    let rehearsed = office.done("omar", &["packet", "hand-off", "--dry-run"]);
    assert!(
        rehearsed["package"].as_str().unwrap().contains("The test convinces"),
        "dissent is in the package"
    );
    let handed = office.signed("omar", &["packet", "hand-off"]);
    assert_eq!(rehearsed["submission"], format!("{packet}:{}", handed["head"]["seq"]));
    assert_eq!(office.verdict(), "handing-off");
    let filings = office.done("nobody", &["packet", "filings"]);
    assert_eq!(filings["items"][0]["submission"], rehearsed["submission"]);
    assert_eq!(filings["items"][0]["state"], "waiting");
    let again = office.done("omar", &["packet", "file-again"]);
    assert_eq!(again, filings["items"][0], "what goes on by itself is left as it is");
    let not_hers = office.run("imani", &["packet", "file-again"]);
    assert_eq!(not_hers.code, 6, "{}", not_hers.stderr);
    assert!(not_hers.stderr.contains("author or owner"), "{}", not_hers.stderr);
}

#[test]
fn a_bundle_is_verified_without_the_host_that_wrote_it() {
    let office = Office::open();
    office.opened();
    office.drafted();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = |name: &str| elsewhere.path().join(name).to_str().unwrap().to_owned();
    let (whole, minimal, trust) = (path("whole.tar"), path("minimal.tar"), path("allowed_signers"));
    office.done("nobody", &["packet", "bundle", "--to", &whole]);
    office.done("nobody", &["packet", "bundle", "--to", &minimal, "--minimal"]);
    assert!(fs::metadata(&minimal).unwrap().len() < fs::metadata(&whole).unwrap().len());
    assert_eq!(office.run("nobody", &["packet", "bundle", "--to", &whole]).code, 1, "nothing is replaced");
    let signers = ["omar", "maya"].map(|who| {
        let key = fs::read_to_string(office.path(&format!("{who}.pub"))).unwrap();
        format!("{who} namespaces=\"probity\" {key}")
    });
    fs::write(&trust, signers.concat()).unwrap();
    let verify = |arguments: &[&str]| -> Ended {
        let mut command = Command::new(binary());
        command.current_dir(&elsewhere).env_remove("PROBITY_CONFIG").arg("verify").args(arguments);
        command.stdin(Stdio::null()).output().unwrap().into()
    };
    let held = verify(&[&whole, "--trust", &trust, "--replay"]);
    assert_eq!(held.code, 0, "{}{}", held.stdout, held.stderr);
    for part in
        ["the bundle holds", "verdict, derived here: in-review", "vouched for", "ok replay", "not re-derived"]
    {
        assert!(held.stdout.contains(part), "{part} is not in\n{}", held.stdout);
    }
    let stranger = verify(&[&minimal]);
    assert_eq!(stranger.code, 0, "{}{}", stranger.stdout, stranger.stderr);
    assert!(stranger.stdout.contains("self-asserted keys"), "{}", stranger.stdout);
    assert!(stranger.stdout.contains("-- replay"), "what was not done is said: {}", stranger.stdout);
    let json = verify(&[&minimal, "--output", "json"]);
    assert!(serde_json::from_str::<Value>(&json.stdout).is_ok(), "{}", json.stdout);

    let missing = verify(&[&path("none.tar")]);
    assert!(missing.code == 1 && missing.stderr.contains("cannot read"), "{}", missing.stderr);
    let folder = verify(&[elsewhere.path().to_str().unwrap()]);
    assert_eq!((folder.code, folder.stdout.as_str()), (1, ""), "{}", folder.stderr);
    let oversized = fs::File::create(path("oversized.tar")).unwrap();
    oversized.set_len(2 * probity_core::bundle::MAX_TOTAL as u64 + 1).unwrap();
    let oversized = verify(&[&path("oversized.tar")]);
    assert!(oversized.code == 1 && oversized.stderr.contains("no bundle has more"), "{}", oversized.stderr);

    let mut bytes = fs::read(&whole).unwrap();
    let at = bytes.windows(13).position(|window| window == b"packet-opened").expect("the ledger is in it");
    bytes[at] = b'q';
    fs::write(&whole, bytes).unwrap();
    let changed = verify(&[&whole, "--trust", &trust, "--replay"]);
    assert_eq!(changed.code, 5, "{}", changed.stdout);
    assert!(
        changed.stdout.contains("DOES NOT HOLD") && changed.stdout.contains("NO ledger"),
        "{}",
        changed.stdout
    );
    assert!(
        !changed.stdout.contains("ok replay"),
        "what does not hold together is not run: {}",
        changed.stdout
    );
}

#[test]
fn a_decision_can_be_signed_on_another_machine() {
    let office = Office::open();
    office.opened();
    let (statement, signature) = (office.path("statement"), office.path("statement.sig"));
    let (statement, signature) = (statement.to_str().unwrap(), signature.to_str().unwrap());
    let shown = office.run("omar", &["packet", "own", "--statement-to", statement]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stderr.contains("the approval of this packet is yours from now on"), "{}", shown.stderr);
    let bytes = fs::read(statement).unwrap();
    assert_eq!(shown.stdout.trim(), Digest::of(&bytes).to_string());
    let signed = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "probity", "-f"])
        .arg(office.path("omar"))
        .arg(statement)
        .stdin(Stdio::null())
        .status();
    assert!(signed.unwrap().success());
    let submit = ["--statement", statement, "--signature", signature];
    let other = office.run("omar", &[&["packet", "sign"][..], &submit].concat());
    assert_eq!(other.code, 1, "it decides something else: {}", other.stderr);
    assert!(other.stderr.contains("decides ownership-accepted"), "{}", other.stderr);
    let stolen = office.refused("imani", &[&["packet", "own"][..], &submit].concat());
    assert!(stolen.contains("who could: omar"), "{stolen}");
    office.done("omar", &[&["packet", "own"][..], &submit].concat());

    fs::write(statement, [bytes.as_slice(), b"\n"].concat()).unwrap();
    let changed = office.run("omar", &[&["packet", "own"][..], &submit].concat());
    assert!(changed.code == 1 && changed.stderr.contains("was changed"), "{}", changed.stderr);
}

#[test]
fn a_refusal_says_the_rule_who_could_and_what_to_do() {
    let office = Office::open();
    office.opened();
    let before = office.done("maya", &["packet", "list"])["items"][0]["head"].clone();
    let said = office.refused("imani", &["packet", "condition", "--text", "x"]);
    for part in ["condition-stated is refused", "the rule: ", "who could: omar", "what to do: ", "code: who."]
    {
        assert!(said.contains(part), "{part} is not in {said}");
    }
    let denied = office.refused("olga", &["packet", "remark", "--text", "x"]);
    assert!(denied.contains("`olga` has the role operator"), "{denied}");
    let forged = office.run("maya", &["packet", "sign", "--key", office.path("omar").to_str().unwrap()]);
    assert_eq!(forged.code, 6, "another's key is no key: {}", forged.stderr);
    let unsigned = office.run("omar", &["packet", "own"]);
    assert!(unsigned.code == 1 && unsigned.stderr.contains("nothing was signed"), "{}", unsigned.stderr);
    let nobody = office.run("nobody", &["packet", "remark", "--text", "x"]);
    assert!(nobody.code == 1 && nobody.stderr.contains("PROBITY_TOKEN_FILE"), "{}", nobody.stderr);
    for wrong in [
        &["packet", "claim", "--text", "x", "--reasoning", "y"][..],
        &["packet", "claim", "--text", "x", "--reasoning", "y", "--cite", "finding"],
        &["packet", "object", "--topic", "colour"],
        &["packet", "accept", "objection-3"],
        &["packet", "review", "--for", "sre"],
    ] {
        assert_eq!(office.run("maya", wrong).code, 2, "{wrong:?}");
    }
    assert_eq!(office.done("maya", &["packet", "list"])["items"][0]["head"], before, "nothing was written");
}

#[test]
fn an_agents_words_are_drafts_until_a_person_takes_them() {
    let office = Office::open();
    office.opened();
    let passage = office.made(
        "scribe",
        &["packet", "propose", "--section", "summary", "--text", "It is all perfectly safe."],
    );
    let refused = office.refused("scribe", &["packet", "accept", &passage, "--narrative"]);
    assert!(refused.contains("who could: maya"), "{refused}");
    let shown = office.run("maya", &["packet", "show"]).stdout;
    assert!(shown.contains("DRAFTS (NOT PACKET LANGUAGE)") && shown.contains("an agent"), "{shown}");
    office.done("maya", &["packet", "decline", &passage, "--reason", "overstated"]);
    let finding = format!("{}:/title", office.evidence("finding", "Shared Production Credential"));
    let quoted = office.made("scribe", &["packet", "propose", "--section", "summary", "--quote", &finding]);
    office.done("maya", &["packet", "accept", &quoted, "--narrative"]);
    let shown = office.run("maya", &["packet", "show"]).stdout;
    assert!(shown.contains("Shared Production Credential In Legacy Broker Path"), "{shown}");
    assert!(shown.contains("of finding by scribe, accepted by maya; narrative"), "{shown}");
}

#[test]
fn the_ledger_is_written_so_that_its_lines_can_be_hashed() {
    let office = Office::open();
    office.opened();
    office.done("maya", &["packet", "remark", "--text", "First things first"]);
    let ledger = office.run("maya", &["packet", "ledger", "--output", "json"]);
    let lines: Vec<&str> = ledger.stdout.lines().collect();
    let hash = |line: &str| Digest::of(line.as_bytes()).to_string();
    let second: Value = serde_json::from_str(lines[1]).unwrap();
    assert_eq!((lines.len(), &second["prev"]), (2, &Value::String(hash(lines[0]))));
    let listed = office.done("maya", &["packet", "list"]);
    assert_eq!(listed["items"][0]["head"]["digest"], hash(lines[1]));
    let after = office.run("maya", &["packet", "ledger", "--after", "1", "--output", "json"]);
    assert_eq!(after.stdout.trim_end(), lines[1]);
    let verified = office.done("olga", &["ledger", "verify"]);
    assert_eq!(
        (&verified["packets"][1]["head"]["digest"], &verified["problems"]),
        (&Value::String(hash(lines[1])), &serde_json::json!([]))
    );
}

#[test]
fn every_reading_command_shows_people_a_text_and_programs_a_value() {
    let office = Office::open();
    let packet = office.opened();
    office.drafted();
    let exported = office.path("package.html");
    let commands: [&[&str]; 9] = [
        &["packet", "list"],
        &["packet", "filings"],
        &["packet", "show"],
        &["packet", "show", &packet[..18]],
        &["packet", "readiness", &packet],
        &["packet", "diff", "1.."],
        &["packet", "diff", &packet, "2..4"],
        &["packet", "hand-off", "--dry-run"],
        &["packet", "export", "--format", "oscal"],
    ];
    for arguments in commands {
        let json = office.run("nobody", &[arguments, &["--output", "json"]].concat());
        assert!([0, 3].contains(&json.code), "{arguments:?}: {}", json.stderr);
        assert!(serde_json::from_str::<Value>(&json.stdout).is_ok(), "{arguments:?}: {}", json.stdout);
        assert_eq!(json.stderr, "", "{arguments:?}");
        let people = office.run("nobody", arguments);
        assert!(!people.stdout.contains('\u{1b}'), "{arguments:?}: colours in a pipe");
    }
    let to = exported.to_str().unwrap();
    assert_eq!(office.run("nobody", &["packet", "export", "--format", "html", "--to", to]).code, 0);
    assert!(fs::read_to_string(&exported).unwrap().contains("<html"));

    let report = office.run("nobody", &["packet", "readiness", "--output", "json"]).stdout;
    assert!(!report.ends_with('\n'), "its digest is that of what arrives");
    let picture = office.run("nobody", &["packet", "readiness"]).stdout;
    for part in ["IN-REVIEW", "ok  1  exposure", "NO  6  reviews", "-> imani", "what to do next"] {
        assert!(picture.contains(part), "{part} is not in\n{picture}");
    }
    let difference = office.done("nobody", &["packet", "diff", "1.."]);
    let changes = difference["changes"].as_array().unwrap();
    assert!(changes.iter().any(|change| change["of"] == "claim" && change["was"].is_null()), "{difference}");
    assert_eq!(office.done("nobody", &["packet", "diff", "3..3"])["changes"], serde_json::json!([]));
}

#[test]
fn which_packet_is_meant_is_never_guessed() {
    let office = Office::open();
    let shown = office.done("maya", &["packet", "show"]);
    let demo = shown["id"].as_str().expect("the only packet there is").to_owned();
    let mine = office.opened();
    office.packet.replace(None);
    let which = office.run("maya", &["packet", "show"]);
    assert_eq!(which.code, 1, "{}", which.stdout);
    assert!(which.stderr.contains(&demo) && which.stderr.contains(&mine), "{}", which.stderr);
    assert_eq!(office.done("maya", &["packet", "show", &mine])["id"], mine.as_str());
    let mut named = office.command("maya", &["packet", "remark", "--text", "this one"]);
    let named: Ended = named.env("PROBITY_PACKET", &mine).output().unwrap().into();
    assert!(named.code == 0 && named.stdout.contains(&mine), "{}{}", named.stdout, named.stderr);
    let nothing = office.run("maya", &["packet", "show", "ffffffff"]);
    assert!(nothing.code == 1 && nothing.stderr.contains("begins with"), "{}", nothing.stderr);
    office.done("maya", &["packet", "withdraw-packet", &mine, "--reason", "opened twice"]);
    assert_eq!(office.done("maya", &["packet", "show"])["id"], demo.as_str());
}

#[test]
fn readiness_worked_out_over_rest_is_the_same_to_the_byte() {
    let office = Office::open();
    let packet = office.opened();
    office.drafted();
    let server = Server::start(&office);
    let at = office.done("maya", &["evidence", "list", "--limit", "1"])["as-of"].as_str().unwrap().to_owned();
    let asked = ["packet", "readiness", &packet, "--at", &at];
    let here = office.run("maya", &[&asked[..], &["--output", "json"]].concat());
    let there = office.run("maya", &[&asked[..], &["--server", &server.url, "--output", "json"]].concat());
    assert_eq!((there.code, there.stderr.as_str()), (3, ""));
    assert_eq!(there.stdout, here.stdout);
    assert!(there.stdout.len() > 1_000, "{}", there.stdout);
    let there = office.run("maya", &[&asked[..], &["--server", &server.url]].concat());
    assert_eq!(there.stdout, office.run("maya", &asked).stdout);
    let stranger = office.run("nobody", &[&asked[..], &["--server", &server.url]].concat());
    assert!(stranger.code == 1 && stranger.stderr.contains("401"), "{}", stranger.stderr);
    let now =
        office.run("maya", &["packet", "readiness", &packet, "--server", &server.url, "--output", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&now.stdout).unwrap()["verdict"], "in-review");
}

/// `probity serve` on any free port.
struct Server {
    child: std::process::Child,
    url: String,
}

impl Server {
    fn start(office: &Office) -> Self {
        use std::io::{BufRead as _, BufReader};
        let mut command = office.command("olga", &["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let url = lines.by_ref().map(Result::unwrap).find_map(|line| {
            let (_, rest) = line.split_once("listening on ")?;
            rest.split_once("/ ").map(|(url, _)| url.to_owned())
        });
        // Whatever it still says is read, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url: url.expect("it says where it listens") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
