//! The bundled connector in the sandbox, filing into a real Request Tracker. `make request-tracker` starts one and runs
//! this; the connector's own tests beside it (`plugins/request-tracker/tests/real.rs`) go through more, natively.

use probity::intake::{Connected, Intake as _, connect};
use probity_core::connector::FailureKind;
use probity_core::evidence::DispositionState;
use probity_core::intake::{Standing, Submission};
use probity_tests::notes::Notes;

use super::{clock, configuration, sandbox, submission};

fn given(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run this by `make request-tracker`"))
}

async fn board(queue: &str, person: &str) -> Connected {
    let text = format!(
        r#"
[intake.board]
connector = "request-tracker"
config = {{ queue = "{queue}" }}
[intake.board.origin.api]
url = "{url}"
networks = ["127.0.0.0/8"]
credential = {{ scheme = "header", name = "Authorization", prefix = "token ", secret = {{ env = "PROBITY_RT_{person}" }} }}
[intake.board.grant]
endpoints = ["tickets", "ticket", "queue", "attachments", "changes", "create"]
"#,
        url = given("PROBITY_RT_URL"),
    );
    let connected = connect(&configuration(&text), &sandbox(), &clock()).await;
    connected.unwrap_or_else(|invalid| panic!("{invalid}")).pop_first().unwrap().1
}

/// A submission of an id that no earlier run has used: the database is fresh for each start of the server.
fn package(id: &str) -> Submission {
    Submission { id: id.into(), ..submission() }
}

#[tokio::test]
#[ignore = "needs a Request Tracker: make request-tracker"]
async fn a_real_queue_gets_a_package_once_and_tells_what_became_of_it() {
    let board = board("Exception Review", "PROBITY").await;
    let lines = board.check().await.unwrap();
    assert!(lines[0].contains("`Exception Review`"), "{lines:?}");

    let (package, first, again) = (package("sandbox-1.7"), Notes::default(), Notes::default());
    let filed = board.submit(&package, &mut first.clone()).await.unwrap();
    assert!(!filed.existed && filed.received_at.is_some(), "{filed:?}");
    assert_eq!(first.standing(), Standing::Uncertain, "the notes alone say that something left");
    let found = board.submit(&package, &mut again.clone()).await.unwrap();
    assert!(found.existed && found.reference == filed.reference, "{found:?}");
    assert_eq!(again.standing(), Standing::NothingLeft, "the second time only asks");

    let disposition = board.status(&filed.reference, &mut Notes::default()).await.unwrap();
    assert_eq!(
        (disposition.submission.as_str(), disposition.state),
        ("sandbox-1.7", DispositionState::Queued)
    );
}

#[tokio::test]
#[ignore = "needs a Request Tracker: make request-tracker"]
async fn a_package_is_found_after_the_hosts_notes_broke_off() {
    let board = board("Exception Review", "PROBITY").await;
    let package = package("sandbox-2.7");
    // The answer of the creation cannot be noted, so the component never sees it: as if the host had died there.
    let broken = Notes::before(|note| match note {
        probity_tests::notes::Note::Answered { ordinal: 2, .. } => Err("the disk is full".into()),
        _ => Ok(()),
    });
    let lost = board.submit(&package, &mut broken.clone()).await.unwrap_err();
    assert!(lost.may_be_filed(), "{lost}");
    assert_eq!(broken.in_words().last().unwrap(), "asked 2 create");
    let found = board.submit(&package, &mut Notes::default()).await.unwrap();
    assert!(found.existed, "{found:?}");
}

#[tokio::test]
#[ignore = "needs a Request Tracker: make request-tracker"]
async fn a_real_queue_that_would_lose_the_id_is_refused_for_sure() {
    for (queue, person, kind, told) in [
        ("Unprepared", "PROBITY", FailureKind::Config, "apply it to the queue"),
        ("Nowhere", "PROBITY", FailureKind::Config, "no queue `Nowhere`"),
        ("Exception Review", "READER", FailureKind::Permission, "CreateTicket"),
    ] {
        let refused = board(queue, person).await.submit(&package("sandbox-3.7"), &mut Notes::default()).await;
        let error = refused.unwrap_err();
        assert!(!error.may_be_filed() && error.failure().kind == kind, "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
}
