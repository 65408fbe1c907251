//! The sandbox over real components: hostile ones, damaged ones, and an honest page after each.

mod cache;
mod crafted;
mod describe;
mod determinism;
mod limits;
mod load;
mod page;
mod replay;

use std::time::Duration;

use probity::sandbox::{Connector, Execution, Limits, PageCall, PageError, Sandbox};
use probity_core::instant::Instant;
use probity_tests::doors::Scripted;
use probity_tests::guests;

fn sandbox() -> Sandbox {
    Sandbox::new(Limits::default(), Some(guests::cache())).unwrap()
}

async fn hostile() -> Connector {
    sandbox().load(guests::hostile()).await.unwrap()
}

/// A sandbox that does not wait long for those who compute for ever.
fn impatient() -> Sandbox {
    let limits = Limits { cpu: Duration::from_millis(500), ..Limits::default() };
    Sandbox::new(limits, Some(guests::cache())).unwrap()
}

fn call(behaviour: &str) -> PageCall {
    PageCall {
        stream: "findings".into(),
        cursor: None,
        config: format!(r#"{{"behaviour": "{behaviour}"}}"#),
        instant: instant("2026-11-22T21:29:09.354959Z"),
        seed: 7,
    }
}

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

fn doors() -> Scripted {
    Scripted::empty()
        .answer("findings", r#"{"count": 1}"#)
        .file("notes", "a.md", "# A\n")
        .file("notes", "b/c.md", "# C\n")
}

async fn collect(connector: &Connector, behaviour: &str) -> Result<Execution, PageError> {
    connector.collect(&call(behaviour), Box::new(doors())).await
}

/// The error a behaviour ends with, after which the same connector must still give a good page.
async fn ends_badly(connector: &Connector, behaviour: &str) -> PageError {
    let error = collect(connector, behaviour).await.map(|execution| execution.page).unwrap_err();
    let good = collect(connector, "honest").await.unwrap();
    assert_eq!(good.page.items.len(), 1);
    error
}
