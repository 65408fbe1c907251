//! A journal and its captures give the page again, byte for byte; anything else is told.

use std::collections::BTreeMap;

use probity::sandbox::{Connector, Execution, ReplayError, captures_of};
use probity_core::canonical::Digest;
use probity_core::connector::Capture;
use probity_core::journal::{Call, Journal, Outcome};
use probity_tests::guests;

use super::{collect, hostile, sandbox};

struct Recorded {
    connector: Connector,
    execution: Execution,
}

impl Recorded {
    async fn of(behaviour: &str) -> Self {
        let connector = hostile().await;
        let execution = collect(&connector, behaviour).await.unwrap();
        Self { connector, execution }
    }

    fn captures(&self) -> BTreeMap<Digest, Capture> {
        self.execution.captures.iter().map(|capture| (capture.digest, capture.clone())).collect()
    }

    async fn replay(&self, journal: &Journal) -> Result<Execution, ReplayError> {
        let captures = self.captures();
        self.connector.replay(journal, &|digest| captures.get(digest).cloned()).await
    }

    async fn changed(&self, change: impl FnOnce(&mut Journal)) -> ReplayError {
        let mut journal = self.execution.journal.clone();
        change(&mut journal);
        self.replay(&journal).await.map(|execution| execution.page).unwrap_err()
    }
}

#[tokio::test]
async fn every_page_replays_to_the_same_bytes_with_no_doors_at_all() {
    for behaviour in ["honest", "doors", "probe", "static", "numbers", "instants", "stdout", "log"] {
        let recorded = Recorded::of(behaviour).await;
        let again = recorded.replay(&recorded.execution.journal).await.unwrap();
        assert_eq!(again.journal, recorded.execution.journal, "{behaviour}");
        assert_eq!(again.page, recorded.execution.page);
        assert_eq!(again.captures, recorded.execution.captures);
    }
}

#[tokio::test]
async fn a_journal_replays_in_a_sandbox_made_later_and_from_its_json() {
    let recorded = Recorded::of("doors").await;
    let json = serde_json::to_string(&recorded.execution.journal).unwrap();
    let journal: Journal = serde_json::from_str(&json).unwrap();
    let captures = recorded.captures();
    assert_eq!(captures_of(&journal), captures.keys().copied().collect());
    let later = sandbox().load(guests::hostile()).await.unwrap();
    let again = later.replay(&journal, &|digest| captures.get(digest).cloned()).await.unwrap();
    assert_eq!(again.journal.page, recorded.execution.journal.page);
}

#[tokio::test]
async fn a_changed_byte_of_a_capture_is_found() {
    let recorded = Recorded::of("honest").await;
    let mut captures = recorded.captures();
    for capture in captures.values_mut() {
        let mut bytes = capture.bytes.to_vec();
        bytes[3] ^= 1;
        capture.bytes = bytes.into();
    }
    let replay =
        recorded.connector.replay(&recorded.execution.journal, &|digest| captures.get(digest).cloned());
    let error = replay.await.unwrap_err();
    assert!(matches!(error, ReplayError::CaptureChanged { call: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_missing_capture_is_named() {
    let recorded = Recorded::of("doors").await;
    let error = recorded.connector.replay(&recorded.execution.journal, &|_| None).await.unwrap_err();
    assert!(matches!(error, ReplayError::MissingCapture { call: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_call_that_differs_from_the_journal_is_named_with_both_sides() {
    let recorded = Recorded::of("doors").await;
    let error = recorded
        .changed(|journal| {
            let Call::Follow { link, .. } = &mut journal.calls[1] else { panic!() };
            *link = "https://elsewhere.example/findings?page=3".into();
        })
        .await;
    let ReplayError::Diverged { call, expected, actual } = error else { panic!("{error}") };
    assert_eq!(call, 2);
    assert!(expected.contains("page=3") && actual.contains("page=2"), "{expected} / {actual}");
}

#[tokio::test]
async fn calls_the_journal_does_not_have_or_has_too_many_are_told() {
    let recorded = Recorded::of("doors").await;
    let error = recorded.changed(|journal| drop(journal.calls.pop())).await;
    assert!(
        matches!(&error, ReplayError::Diverged { call: 6, expected, .. } if expected == "no further call"),
        "{error}"
    );
    let error = recorded.changed(|journal| journal.calls.push(journal.calls[5].clone())).await;
    assert!(matches!(error, ReplayError::Leftover { made: 6, journaled: 7 }), "{error}");
}

#[tokio::test]
async fn a_changed_outcome_shows_in_the_page() {
    let recorded = Recorded::of("doors").await;
    let error = recorded
        .changed(|journal| {
            let Call::Read { outcome: Outcome::Failure(failure), .. } = &mut journal.calls[5] else {
                panic!()
            };
            failure.message = "never was there".into();
        })
        .await;
    assert_eq!(error.code(), "replay.page-differs");
    let ReplayError::PageDiffers { execution, .. } = error else { panic!() };
    assert_eq!(execution.page.gaps[1].reason.message, "never was there");
}

#[tokio::test]
async fn a_changed_capture_index_is_found_although_no_request_shows_it() {
    let recorded = Recorded::of("honest").await;
    let error = recorded
        .changed(|journal| {
            let Call::Fetch { exchanges, .. } = &mut journal.calls[0] else { panic!() };
            let Outcome::Ok(answer) = &mut exchanges[0].outcome else { panic!() };
            answer.capture.index = 1;
        })
        .await;
    assert!(matches!(error, ReplayError::Diverged { call: 1, .. }), "{error}");
}

#[tokio::test]
async fn another_component_configuration_seed_or_version_is_told() {
    let recorded = Recorded::of("probe").await;
    let error = recorded.changed(|journal| journal.connector = Digest::of(b"another")).await;
    assert_eq!(error.code(), "replay.other-component");
    let error = recorded.changed(|journal| journal.v = 2).await;
    assert_eq!(error.code(), "replay.version");
    let error = recorded.changed(|journal| journal.seed += 1).await;
    assert_eq!(error.code(), "replay.page-differs");
    let error = recorded.changed(|journal| journal.config = r#"{"behaviour": "trap"}"#.into()).await;
    assert_eq!(error.code(), "replay.diverged", "it makes a call the journal does not have");
    let error = recorded.changed(|journal| journal.config = r#"{"behaviour": "exit"}"#.into()).await;
    assert_eq!(error.code(), "replay.page");
}
