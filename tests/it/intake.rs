//! Filing packages: a real component in the real sandbox, over HTTP on loopback, into a queue that may misbehave.

mod configured;
mod filing;
mod journaled;
mod request_tracker;
mod standing;
mod worlds;

use std::time::Duration;

use probity::clock::Clock;
use probity::config::Config;
use probity::intake::{Connected, Intake as _, SubmitError, connect};
use probity::sandbox::{Limits, Sandbox};
use probity_core::canonical::Digest;
use probity_core::intake::{Attachment, Receipt, Submission};
use probity_tests::guests;
use probity_tests::hostile::{Act, Hostile, answer, json};
use probity_tests::notes::Notes;

fn clock() -> Clock {
    Clock::fixed("2026-11-23T12:00:00Z".parse().unwrap(), 7)
}

fn sandbox() -> Sandbox {
    Sandbox::new(Limits::default(), Some(guests::cache())).unwrap()
}

/// A sandbox that does not wait long for those who compute for ever.
fn impatient() -> Sandbox {
    let limits = Limits { cpu: Duration::from_millis(300), ..Limits::default() };
    Sandbox::new(limits, Some(guests::cache())).unwrap()
}

/// What stands in the configuration for the intake `board`, behaving so and leading there.
fn section(behaviour: &str, port: u16) -> String {
    format!(
        r#"
[intake.board]
connector = "{component}"
config = {{ behaviour = "{behaviour}" }}
[intake.board.origin.api]
url = "http://127.0.0.1:{port}/"
networks = ["127.0.0.0/8"]
[intake.board.grant]
endpoints = ["search", "create", "ticket"]
"#,
        component = guests::folder().join("intake.wasm").display(),
    )
}

fn configuration(text: &str) -> Config {
    Config::parse(std::path::Path::new("/etc/probity/probity.toml"), text).unwrap()
}

async fn board_in(sandbox: &Sandbox, behaviour: &str, queue: &Hostile) -> Connected {
    let config = configuration(&section(behaviour, queue.port()));
    let mut intakes = connect(&config, sandbox, &clock()).await.unwrap_or_else(|invalid| panic!("{invalid}"));
    intakes.pop_first().unwrap().1
}

async fn board(behaviour: &str, queue: &Hostile) -> Connected {
    board_in(&sandbox(), behaviour, queue).await
}

fn submission() -> Submission {
    Submission {
        id: "packet-1.7".into(),
        title: "Exception: payments-bridge".into(),
        text: "# Exception\n\nShared credential.\n".into(),
        digest: Digest::of(b"bundle"),
        attachments: vec![Attachment {
            name: "bundle.tar.zst".into(),
            media_type: "application/zstd".into(),
            bytes: vec![0, 255, 7],
        }],
    }
}

async fn submit(behaviour: &str, queue: &Hostile, notes: &Notes) -> Result<Receipt, SubmitError> {
    board(behaviour, queue).await.submit(&submission(), &mut notes.clone()).await
}

const TICKET: &str = r#"{"reference": "CR-7", "url": "https://board.example/tickets/CR-7",
    "received": "2026-11-23T12:00:01Z", "submission": "packet-1.7"}"#;

/// A queue that finds nothing and takes in everything.
async fn open_queue() -> Hostile {
    queue(|request| {
        if request.starts_with("POST /tickets ") {
            vec![Act::Send(answer("201 Created", "content-type: application/json\r\n", TICKET))]
        } else {
            vec![Act::Send(json(r#"{"tickets": []}"#))]
        }
    })
    .await
}

async fn queue(script: impl Fn(&str) -> Vec<Act> + Send + Sync + 'static) -> Hostile {
    Hostile::scripted(script).await.unwrap()
}

/// A queue that finds nothing and does this to whoever writes.
async fn queue_that_answers_writes(act: Act) -> Hostile {
    queue(move |request| {
        if request.starts_with("POST ") {
            vec![act.clone()]
        } else {
            vec![Act::Send(json(r#"{"tickets": []}"#))]
        }
    })
    .await
}

/// The methods and paths that reached a queue.
fn reached(queue: &Hostile) -> Vec<String> {
    let line = |request: &String| {
        let mut words = request.split([' ', '?']);
        format!("{} {}", words.next().unwrap_or_default(), words.next().unwrap_or_default())
    };
    queue.requests().iter().map(line).collect()
}
