//! The connector against a real Request Tracker: `make request-tracker` starts one and runs this.
//!
//! It goes through the test kit's live doors, natively. With PROBITY_RT_RECORD set to a folder every scene is written
//! there as a recording, which is how those in `tests/recorded` came about. The board's side, which the connector
//! never takes, is played with curl.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;

use probity_connector_request_tracker::{Config, RequestTracker};
use probity_sdk::doors::{Doors, Entry, File, Level, Request, Response};
use probity_sdk::testing::{self, Live};
use probity_sdk::{
    Disposition, DispositionState, Failure, FailureKind, Receipt, Result, Submission, glue::filing,
};
use serde_json::{Value, json};

fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this by `make request-tracker`"))
}

/// The conversation of one person of the board with the server, to be recorded under a name.
struct Scene {
    name: &'static str,
    about: &'static str,
    live: Rc<Live>,
}

impl Scene {
    fn new(name: &'static str, about: &'static str) -> Self {
        Self::of("PROBITY", name, about)
    }

    fn of(person: &str, name: &'static str, about: &'static str) -> Self {
        let token = match person {
            "NOBODY" => "1-2-00000000000000000000000000000000".into(),
            person => given(&format!("PROBITY_RT_{person}")),
        };
        let live = Live::new(filing::describe::<RequestTracker>(), &given("PROBITY_RT_URL"));
        Self { name, about, live: Rc::new(live.credential("Authorization", &format!("token {token}"))) }
    }

    fn doors(&self) -> Rc<dyn Doors> {
        Rc::clone(&self.live) as Rc<_>
    }

    fn check(&self, config: &Value) -> Result<Vec<String>> {
        self.kept(filing::check::<RequestTracker>(&config.to_string(), self.doors()))
    }

    fn submit(&self, config: &Value, submission: &Submission) -> Result<Receipt> {
        self.kept(filing::submit::<RequestTracker>(&config.to_string(), submission, self.doors()))
    }

    fn status(&self, reference: &str) -> Result<Disposition> {
        self.kept(filing::status::<RequestTracker>(&config().to_string(), reference, self.doors()))
    }

    fn kept<T>(&self, outcome: T) -> T {
        if let Ok(folder) = std::env::var("PROBITY_RT_RECORD") {
            let recording = self.live.recording(self.about, "https://rt.example.org");
            std::fs::write(Path::new(&folder).join(format!("{}.json", self.name)), recording).unwrap();
        }
        outcome
    }
}

/// The board changes something; what Request Tracker says to it.
fn board(method: &str, path: &str, body: &Value) -> Value {
    let mut curl = Command::new("curl")
        .args(["--silent", "--show-error", "--fail", "--config", "-", "--request", method])
        .args(["--header", "content-type: application/json", "--data", &body.to_string()])
        .arg(format!("{}/REST/2.0{path}", given("PROBITY_RT_URL")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let token = format!("header = \"Authorization: token {}\"\n", given("PROBITY_RT_SECRETARY"));
    curl.stdin.take().unwrap().write_all(token.as_bytes()).unwrap();
    let answer = curl.wait_with_output().unwrap();
    assert!(answer.status.success(), "{method} {path}");
    serde_json::from_slice(&answer.stdout).unwrap()
}

/// The same, for what must have happened: Request Tracker answers 200 to what it refuses.
fn board_does(ticket: &str, body: &Value) {
    let told = board("PUT", &format!("/ticket/{ticket}"), body).to_string();
    assert!(!told.contains("Denied") && !told.contains("ould not"), "{told}");
}

fn config() -> Value {
    json!({
        "queue": "Exception Review",
        "reasons-field": "Bounce Reasons",
        "decision-field": "Decision",
        "rules": [{"status": "resolved", "field": "Decision", "value": "Returned", "state": "bounced"}],
        "web": "https://rt.example.org",
    })
}

fn submission(id: &str) -> Submission {
    testing::intake::submission(id)
}

fn refused<T: std::fmt::Debug>(outcome: Result<T>, kind: FailureKind, told: &[&str]) {
    let failure = outcome.unwrap_err();
    assert_eq!(failure.kind, kind, "{}", failure.message);
    for part in told {
        assert!(failure.message.contains(part), "`{part}` is missing in: {}", failure.message);
    }
}

/// How many tickets there are: nothing may be written where something is refused.
fn tickets() -> u64 {
    let found = board("POST", "/tickets?query=id%20%3E%200&per_page=1", &json!({}));
    found["total"].as_u64().unwrap()
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn the_board_gets_each_package_once_and_its_answers_are_read() {
    let works = Scene::new("check", "A check of a queue that is ready").check(&config()).unwrap();
    assert!(works.len() == 4 && works[0].contains("`Exception Review`"), "{works:?}");

    let before = tickets();
    let filed = Scene::new(
        "filed",
        "Filing: the search finds nothing, the queue is ready, the ticket is created and read back",
    )
    .submit(&config(), &submission("p-1.7"))
    .unwrap();
    assert!(!filed.existed && filed.received_at.is_some(), "{filed:?}");
    let id = filed.reference.as_str();
    assert_eq!(filed.url, Some(format!("https://rt.example.org/Ticket/Display.html?id={id}")));
    let again = Scene::new("found", "The same submission again: the search finds it")
        .submit(&config(), &submission("p-1.7"))
        .unwrap();
    assert_eq!(again, Receipt { existed: true, ..filed.clone() });
    assert_eq!(tickets(), before + 1, "filed once although submitted twice");

    let queued = Scene::new("queued", "A ticket nobody has touched").status(id).unwrap();
    assert_eq!((queued.state, queued.submission.as_str()), (DispositionState::Queued, "p-1.7"));
    assert_eq!((queued.by, queued.at), (None, None));
    board_does(id, &json!({"Status": "open"}));
    let accepted = Scene::new("accepted", "A ticket the board has opened").status(id).unwrap();
    assert_eq!((accepted.state, accepted.by.as_deref()), (DispositionState::Accepted, Some("secretary")));
    assert!(accepted.at >= filed.received_at, "{accepted:?}");
    let reasons = json!(["No rollback test", "Expiry is longer than 90 days"]);
    board_does(id, &json!({"Status": "rejected", "CustomFields": {"Bounce Reasons": reasons}}));
    let bounced =
        Scene::new("bounced", "A ticket the board has rejected, with two reasons").status(id).unwrap();
    assert_eq!(bounced.state, DispositionState::Bounced);
    assert_eq!(bounced.reasons, ["No rollback test", "Expiry is longer than 90 days"]);
    assert_eq!(bounced.by.as_deref(), Some("secretary"));

    let other =
        Scene::new("filed-another", "Another submission").submit(&config(), &submission("p-1.9")).unwrap();
    board_does(
        &other.reference,
        &json!({"Status": "resolved", "CustomFields": {"Decision": "Granted for 30 days"}}),
    );
    let decided = Scene::new("decided", "A ticket the board has resolved").status(&other.reference).unwrap();
    assert_eq!(decided.state, DispositionState::Decided);
    assert_eq!(decided.decision.as_deref(), Some("Granted for 30 days"));
    board_does(&other.reference, &json!({"CustomFields": {"Decision": "Returned"}}));
    let returned = Scene::new("ruled", "A resolved ticket that a rule reads as bounced")
        .status(&other.reference)
        .unwrap();
    assert_eq!((returned.state, returned.by.as_deref()), (DispositionState::Bounced, Some("secretary")));
    assert_eq!(returned.decision.as_deref(), Some("Returned"));
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn a_package_whose_answer_was_lost_is_found_again() {
    let before = tickets();
    let scene = Scene::new("lost", "Filing, and the answer of the creation is lost; then again");
    let doors = Rc::new(Losing(scene.doors()));
    let lost = filing::submit::<RequestTracker>(&config().to_string(), &submission("p-2.7"), doors);
    refused(lost, FailureKind::Unavailable, &["lost"]);
    assert_eq!(tickets(), before + 1);
    let found = scene.submit(&config(), &submission("p-2.7")).unwrap();
    assert!(found.existed);
    assert_eq!(tickets(), before + 1, "it was not filed again");
}

/// Doors that let a creation through and lose its answer.
struct Losing(Rc<dyn Doors>);

impl Doors for Losing {
    fn fetch(&self, request: &Request) -> Result<Response> {
        let answer = self.0.fetch(request);
        if request.endpoint == "create" {
            return Err(Failure::new(FailureKind::Unavailable, "the answer was lost"));
        }
        answer
    }

    fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Response>> {
        requests.iter().map(|request| self.fetch(request)).collect()
    }

    fn follow(&self, endpoint: &str, link: &str) -> Result<Response> {
        self.0.follow(endpoint, link)
    }

    fn entries(&self, mount: &str, glob: &str) -> Result<Vec<Entry>> {
        self.0.entries(mount, glob)
    }

    fn read(&self, mount: &str, path: &str) -> Result<File> {
        self.0.read(mount, path)
    }

    fn log(&self, level: Level, message: &str, fields: &[(String, String)]) {
        self.0.log(level, message, fields);
    }
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn what_the_board_merged_is_not_filed_again() {
    let before = tickets();
    let filed = Scene::new("filed-to-merge", "A submission").submit(&config(), &submission("p-3.7")).unwrap();
    let into = board("POST", "/ticket", &json!({"Queue": "Exception Review", "Subject": "The board's own"}));
    let into = into["id"].as_str().unwrap();
    board_does(&filed.reference, &json!({"MergeInto": into}));
    board_does(into, &json!({"Status": "resolved", "CustomFields": {"Decision": "Granted"}}));
    let found = Scene::new("found-merged", "A submission whose ticket was merged into another one")
        .submit(&config(), &submission("p-3.7"))
        .unwrap();
    assert_eq!(found, Receipt { existed: true, ..filed.clone() });
    let merged = Scene::new("merged", "The disposition of a merged ticket is that of the other one")
        .status(&filed.reference)
        .unwrap();
    assert_eq!((merged.submission.as_str(), merged.state), ("p-3.7", DispositionState::Decided));
    assert_eq!(merged.decision.as_deref(), Some("Granted"));

    assert_eq!(tickets(), before + 1, "a plain search counts the board's own and not the merged one");
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn what_the_board_deleted_was_sent_back_and_can_be_filed_anew() {
    let filed =
        Scene::new("filed-to-delete", "A submission").submit(&config(), &submission("p-3.8")).unwrap();
    board_does(&filed.reference, &json!({"Status": "deleted"}));
    let deleted = Scene::new("deleted", "A deleted ticket").status(&filed.reference).unwrap();
    assert_eq!((deleted.submission.as_str(), deleted.state), ("p-3.8", DispositionState::Bounced));
    assert_eq!(deleted.by.as_deref(), Some("secretary"));
    let scene = Scene::new("never", "A ticket that does not exist");
    refused(scene.status("999999"), FailureKind::NotFound, &["no ticket 999999"]);
    // No search finds it: the README says so.
    let anew = Scene::new("filed-anew", "A submission whose ticket was deleted");
    assert!(!anew.submit(&config(), &submission("p-3.8")).unwrap().existed);
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn two_tickets_with_the_same_id_are_told_apart_by_nobody() {
    let filed = Scene::new("filed-first", "A submission").submit(&config(), &submission("p-4.7")).unwrap();
    let fields = json!({"Probity Submission": "p-4.7"});
    let second = board(
        "POST",
        "/ticket",
        &json!({"Queue": "Exception Review", "Subject": "Copy", "CustomFields": fields}),
    );
    let before = tickets();
    let twice =
        Scene::new("twice", "Two tickets carry the submission").submit(&config(), &submission("p-4.7"));
    refused(twice, FailureKind::Shape, &[&filed.reference, second["id"].as_str().unwrap(), "filed twice"]);
    let mut other = submission("p-4.8");
    Scene::new("filed-other", "A submission").submit(&config(), &other).unwrap();
    other.digest = "0".repeat(64);
    let failure =
        Scene::new("another-package", "Another package under the same id").submit(&config(), &other);
    refused(failure, FailureKind::Shape, &["another package was filed under this id"]);
    assert_eq!(tickets(), before + 1);
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn what_would_be_filed_badly_is_refused_before_anything_is_written() {
    let before = tickets();
    let mut unprepared = config();
    unprepared["queue"] = "Unprepared".into();
    let scene = Scene::new("no-fields", "A queue to which the custom fields are not applied");
    let told = ["`Probity Submission`, `Probity Digest`", "apply it to the queue"];
    refused(scene.submit(&unprepared, &submission("p-5.1")), FailureKind::Config, &told);
    let mut nowhere = config();
    nowhere["queue"] = "Nowhere".into();
    let scene = Scene::new("no-queue", "A queue that does not exist");
    refused(
        scene.submit(&nowhere, &submission("p-5.1")),
        FailureKind::Config,
        &["no queue `Nowhere`", "Forbidden"],
    );
    let scene = Scene::of("NOBODY", "bad-token", "A token that is not accepted");
    refused(scene.submit(&config(), &submission("p-5.1")), FailureKind::Auth, &["prefix `token `"]);
    let scene = Scene::of("READER", "no-create", "A user who may not create tickets");
    refused(scene.submit(&config(), &submission("p-5.1")), FailureKind::Permission, &["CreateTicket"]);
    let scene = Scene::of("BLIND", "blind", "A user who may not see the custom fields");
    refused(scene.submit(&config(), &submission("p-5.1")), FailureKind::Config, &["SeeCustomField"]);
    assert_eq!(tickets(), before, "nothing was written");
    Scene::new("filed-before", "A submission").submit(&config(), &submission("p-5.2")).unwrap();
    let scene = Scene::of("BLIND", "blind-found", "The same user, searching for a submission that is there");
    refused(
        scene.submit(&config(), &submission("p-5.2")),
        FailureKind::Permission,
        &["may carry", "Nothing was filed"],
    );
    assert_eq!(tickets(), before + 1, "nothing was written");
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn what_request_tracker_drops_without_a_word_is_noticed() {
    let plain = json!({"queue": "Exception Review"});
    let scene = Scene::of("TIMID", "dropped", "A user who may see the custom fields and not set them");
    refused(
        scene.submit(&plain, &submission("p-6.1")),
        FailureKind::Permission,
        &["SetInitialCustomField", "without a word"],
    );
    let mut large = submission("p-6.2");
    large.attachments[1].bytes = vec![7; 250_000];
    // Not recorded: it would be large.
    let live = Scene::new("large", "").live;
    let outcome = filing::submit::<RequestTracker>(&plain.to_string(), &large, live);
    refused(outcome, FailureKind::TooLarge, &["`bundle.tar.zst`", "MaxAttachmentSize"]);
}

#[test]
#[ignore = "needs a Request Tracker: make request-tracker"]
fn an_id_is_a_value_and_never_part_of_the_search() {
    for id in ["it's 7", "a\\", "' OR id > 0 OR '", "100%", "für {x}"] {
        let scene = Scene::new("odd-id", "An id with characters that mean something in a search");
        let before = tickets();
        let filed = scene.submit(&config(), &submission(id)).unwrap();
        assert!(!filed.existed, "{id}");
        assert!(scene.submit(&config(), &submission(id)).unwrap().existed, "{id}");
        assert_eq!(tickets(), before + 1, "{id}");
    }
    // Request Tracker compares regardless of case; two ids that differ in case are two submissions.
    let scene = Scene::new("other-case", "An id that differs from another one in case alone");
    assert!(!scene.submit(&config(), &submission("q-1.A")).unwrap().existed);
    assert!(!scene.submit(&config(), &submission("q-1.a")).unwrap().existed);
}

#[test]
fn the_configuration_of_these_tests_is_one() {
    serde_json::from_value::<Config>(config()).unwrap();
}
