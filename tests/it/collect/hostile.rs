//! Hostile connectors in a run: each ends as its named error, and the other connections go on.

use probity::demo::dojo::Tracker;
use probity_core::run::RunState;
use probity_tests::guests;
use probity_tests::host::TestHost;

use super::{clock, dojo, dojo_connection, scratch};

/// What a run of the hostile guest must end with.
const BEHAVIOURS: [(&str, &str); 13] = [
    ("loop", "limit.cpu"),
    ("grow", "limit.memory"),
    ("recurse", "limit.stack"),
    ("huge-list", "limit.hostcall"),
    ("many-calls", "limit.calls"),
    ("stuck", "guest.cursor-loop"),
    ("circle", "guest.cursor-loop"),
    ("cites-nothing", "guest.evidence.uncited"),
    ("cites-foreign", "guest.evidence.capture"),
    ("undeclared", "egress.undeclared-endpoint"),
    ("trap", "guest.trap"),
    ("exit", "guest.exit"),
    ("huge-page", "limit.hostcall"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_hostile_connector_ends_as_its_named_error_and_the_others_go_on() {
    let (folder, dojo) = (scratch(), dojo(Tracker::large(9, 30)).await);
    let mut config = dojo_connection(&dojo, &folder, 10, &[]);
    let component = guests::folder().join("hostile.wasm");
    for (behaviour, _) in BEHAVIOURS {
        config.push_str(&format!(
            "[connection.{behaviour}]\nconnector = \"{}\"\nconfig = {{ behaviour = \"{behaviour}\" }}\n",
            component.display()
        ));
    }
    let host = TestHost::start(folder, &config, clock()).await;
    for (behaviour, code) in BEHAVIOURS {
        let run = host.collect(behaviour).await;
        let stream = &run.streams[0];
        assert_ne!(run.state, RunState::Complete, "{behaviour}");
        let failure = stream.failure.as_ref().unwrap_or_else(|| panic!("{behaviour} ends with a failure"));
        assert!(failure.message.contains(code), "{behaviour}: {failure}");
    }
    assert_eq!(host.collect("dojo").await.state, RunState::Complete, "the honest connection goes on");
    host.finish().await;
}
