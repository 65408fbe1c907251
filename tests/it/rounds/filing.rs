//! Filing: through refusals, lost answers and crashes, once.

use std::time::Duration;

use probity::intake::QUEUE;
use probity::rounds::Rounds;
use probity::store::handoff::{FilingState, QueueItem, QueueState};
use probity_core::canonical::Digest;
use probity_core::evidence::DispositionState;
use probity_core::readiness::Verdict;
use probity_core::run::Backoff;
use probity_tests::packet::Office;

use super::scripted::{Act, Scripted};
use super::{LATER, policy_elsewhere, rounds, rounds_with, settings};

async fn state(office: &Office, submission: &str) -> FilingState {
    office.store.filing_get(submission).await.unwrap().unwrap().state
}

/// The rounds' filing, cut off where it waits, as by a crash.
async fn cut_off(rounds: Rounds) {
    let filing = tokio::time::timeout(Duration::from_millis(300), rounds.file()).await;
    assert!(filing.is_err(), "the script waits for ever");
}

async fn notices(office: &Office, kind: &str) -> usize {
    let due = office.store.notice_due(office.in_hours(24 * 365), 1_000).await.unwrap();
    due.iter().filter(|notice| notice.kind == kind).count()
}

#[tokio::test]
async fn the_queue_kept_here_receives_what_was_handed_off_and_the_packet_is_handed_off() {
    let office = Office::open().await;
    let (packet, submission) = office.handed_off().await;
    assert_eq!(rounds(&office).file().await.unwrap(), [(submission.clone(), FilingState::Received)]);
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandedOff);
    let item = office.store.queue_get(&submission).await.unwrap().unwrap();
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    assert_eq!((item.package, item.seq), (filing.package, filing.seq));
    assert_eq!(filing.intake, QUEUE);
    assert_eq!(filing.next_attempt, None, "the queue kept here tells by itself");
    assert!(rounds(&office).file().await.unwrap().is_empty(), "it is done");
}

#[tokio::test]
async fn what_is_filed_is_the_package_that_was_handed_off_in_every_form() {
    let office = Office::under(&policy_elsewhere()).await;
    let (_, submission) = office.handed_off().await;
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    // Evidence and clock move on before anybody files.
    office.clock.advance(Duration::from_hours(48));
    office.collect("vault", &[probity_tests::packet::secret("2026-11-24T12:00:00Z", None)]).await;
    let board = Scripted::new(&[Act::Take]);
    rounds_with(&office, &board).file().await.unwrap();
    let submitted = board.submissions.lock().unwrap()[0].clone();
    assert_eq!((submitted.id.as_str(), submitted.digest), (submission.as_str(), filing.package));
    assert!(submitted.text.contains("Shared credential to the legacy broker"));
    let names: Vec<_> = submitted.attachments.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["packet.html", "packet.oscal.json", "package.json"]);
    let package = submitted.attachments.last().unwrap();
    assert_eq!(package.bytes, office.blobs.get(&filing.package).await.unwrap());
}

#[tokio::test]
async fn a_filing_survives_a_crash_at_every_point_and_files_once() {
    for (act, after_the_crash) in [
        (Act::StopBefore, FilingState::Received),
        (Act::StopSearching, FilingState::Received),
        (Act::StopSearched, FilingState::Received),
        (Act::StopAsked, FilingState::Unknown),
        (Act::StopAnswered, FilingState::Unknown),
    ] {
        let office = Office::under(&policy_elsewhere()).await;
        let (packet, submission) = office.handed_off().await;
        let board = Scripted::new(&[act]);
        cut_off(rounds_with(&office, &board)).await;
        assert_eq!(state(&office, &submission).await, FilingState::Asked, "{act:?}");
        let restarted = rounds_with(&office, &board);
        assert!(restarted.file().await.unwrap().is_empty(), "{act:?}: the lease has not lapsed");

        office.clock.advance(LATER);
        let taken_up = restarted.file().await.unwrap();
        assert_eq!(taken_up, [(submission.clone(), after_the_crash)], "{act:?}");
        office.clock.advance(LATER);
        restarted.file().await.unwrap();
        assert_eq!(state(&office, &submission).await, FilingState::Received, "{act:?}");
        assert_eq!(board.times_filed(&submission), 1, "{act:?}");
        assert_eq!(office.report(&packet).await.verdict, Verdict::HandedOff, "{act:?}");
        let words = office.words(&packet).await;
        assert_eq!(words.iter().filter(|word| **word == "intake-recorded").count(), 1, "{act:?}: {words:?}");
        assert_eq!(office.store.check().await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn of_a_note_that_cannot_be_read_the_worst_is_believed() {
    for (act, damage) in [
        (Act::StopSearching, "UPDATE exchange SET request = CAST('{}' AS BLOB)"),
        (Act::StopSearched, "UPDATE exchange_answer SET answer = CAST('{}' AS BLOB)"),
    ] {
        let office = Office::under(&policy_elsewhere()).await;
        let (_, submission) = office.handed_off().await;
        let board = Scripted::new(&[act]);
        let rounds = rounds_with(&office, &board);
        cut_off(rounds_with(&office, &board)).await;
        super::checkpoints::tamper(&office, damage).await;
        office.clock.advance(LATER);
        // It may be the note of a write; what reads well above leads to the same question being asked again.
        assert_eq!(rounds.file().await.unwrap(), [(submission.clone(), FilingState::Unknown)], "{damage}");
    }
}

#[tokio::test]
async fn what_an_earlier_attempt_asked_says_nothing_about_this_one() {
    let office = Office::under(&policy_elsewhere()).await;
    let (_, submission) = office.handed_off().await;
    let board = Scripted::new(&[Act::Refuse, Act::StopBefore]);
    let rounds = rounds_with(&office, &board);
    rounds.file().await.unwrap();
    assert_eq!(state(&office, &submission).await, FilingState::Waiting);
    office.clock.advance(LATER);
    cut_off(rounds_with(&office, &board)).await;
    office.clock.advance(LATER);
    assert_eq!(rounds.file().await.unwrap(), [(submission.clone(), FilingState::Received)]);
    assert_eq!(board.times_filed(&submission), 1);
}

#[tokio::test]
async fn a_search_that_is_cut_off_leaves_it_as_unknown_as_before() {
    let office = Office::under(&policy_elsewhere()).await;
    let (_, submission) = office.handed_off().await;
    let board = Scripted::new(&[Act::TakeAndLose, Act::StopBefore, Act::Blind]);
    let rounds = rounds_with(&office, &board);
    rounds.file().await.unwrap();
    office.clock.advance(LATER);
    cut_off(rounds_with(&office, &board)).await;
    assert_eq!(state(&office, &submission).await, FilingState::Unknown);
    // Nothing left in the attempt that was cut off, nor in this one; the first one filed it all the same.
    office.clock.advance(LATER);
    assert_ne!(rounds.file().await.unwrap(), [(submission.clone(), FilingState::Waiting)]);
    assert_ne!(state(&office, &submission).await, FilingState::Refused);
}

#[tokio::test]
async fn a_host_whose_lease_lapsed_meanwhile_records_nothing() {
    let office = Office::under(&policy_elsewhere()).await;
    let (packet, submission) = office.handed_off().await;
    let board = Scripted::new(&[Act::TakeLate]);
    let slow = rounds_with(&office, &board);
    let slow = tokio::spawn(async move { slow.file().await });
    while office.store.exchanges(&submission).await.unwrap().len() < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    office.clock.advance(LATER);
    let other = rounds_with(&office, &board);
    assert_eq!(other.file().await.unwrap(), [(submission.clone(), FilingState::Unknown)]);
    board.answers.notify_one();
    assert!(slow.await.unwrap().unwrap().is_empty(), "it is another host's by now");
    // Ledger and filing are one: where the second cannot be written, the first is not.
    assert!(!office.words(&packet).await.contains(&"intake-recorded"));
    assert_eq!(state(&office, &submission).await, FilingState::Unknown);
    office.clock.advance(LATER);
    assert_eq!(other.file().await.unwrap(), [(submission.clone(), FilingState::Received)]);
    assert_eq!(board.times_filed(&submission), 1);
}

#[tokio::test]
async fn two_hosts_on_one_filing_file_once() {
    let office = Office::under(&policy_elsewhere()).await;
    let (_, submission) = office.handed_off().await;
    let board = Scripted::new(&[]);
    let other = office.reopened(&policy_elsewhere()).await;
    let (one, two) = (rounds_with(&office, &board), rounds_with(&other, &board));
    let (one, two) = tokio::join!(one.file(), two.file());
    assert_eq!(one.unwrap().len() + two.unwrap().len(), 1);
    assert_eq!(board.times_filed(&submission), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_again() {
    let office = Office::under(&policy_elsewhere()).await;
    let (packet, submission) = office.handed_off().await;
    let board = Scripted::new(&[Act::TakeAndLose]);
    let rounds = rounds_with(&office, &board);
    rounds.file().await.unwrap();
    assert_eq!(state(&office, &submission).await, FilingState::Unknown);
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandingOff);
    assert!(rounds.file().await.unwrap().is_empty(), "a queue that just took it in may not find it yet");
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    let wait = filing.next_attempt.unwrap().since(office.clock.now());
    let whole = settings().search.base;
    assert!(
        wait >= whole / 2 - Duration::from_millis(1) && wait <= whole,
        "chance takes no more than half: {wait:?}"
    );
    office.clock.advance(LATER);
    rounds.file().await.unwrap();
    assert_eq!(state(&office, &submission).await, FilingState::Received);
    assert_eq!(board.times_filed(&submission), 1);
}

#[tokio::test]
async fn what_cannot_be_found_out_is_left_to_a_person_and_can_be_taken_up_again() {
    let office = Office::under(&policy_elsewhere()).await;
    let (packet, submission) = office.handed_off().await;
    let board = Scripted::new(&[Act::TakeAndLose, Act::Blind, Act::Blind]);
    let rounds = rounds_with(&office, &board);
    for _ in 0..6 {
        rounds.file().await.unwrap();
        office.clock.advance(LATER);
    }
    assert_eq!(state(&office, &submission).await, FilingState::NeedsHuman);
    assert_eq!(board.submissions.lock().unwrap().len(), 3, "it is not asked for ever");
    assert_eq!(office.words(&packet).await.last(), Some(&"intake-recorded"));
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandingOff);
    assert_eq!(notices(&office, "filing-unclear").await, 1);

    let refused =
        office.casework.filing_again(&office.permit("imani"), &packet, &submission).await.unwrap_err();
    assert!(refused.to_string().contains("author or owner"), "{refused}");
    office.casework.filing_again(&office.permit("omar"), &packet, &submission).await.unwrap();
    rounds.file().await.unwrap();
    assert_eq!(state(&office, &submission).await, FilingState::Received);
    assert_eq!(board.times_filed(&submission), 1);
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandedOff);
    let again = office.casework.filing_again(&office.permit("omar"), &packet, &submission).await.unwrap();
    assert_eq!(again.state, FilingState::Received, "what has not stopped is left alone");
}

#[tokio::test]
async fn what_is_refused_is_tried_a_few_times_and_then_told() {
    let office = Office::under(&policy_elsewhere()).await;
    let (packet, submission) = office.handed_off().await;
    let board = Scripted::new(&[Act::Away, Act::Refuse, Act::Refuse, Act::Refuse]);
    let rounds = rounds_with(&office, &board);
    for expected in [FilingState::Waiting, FilingState::Waiting, FilingState::Refused] {
        rounds.file().await.unwrap();
        assert_eq!(state(&office, &submission).await, expected);
        office.clock.advance(LATER);
    }
    assert!(rounds.file().await.unwrap().is_empty());
    assert_eq!(notices(&office, "filing-refused").await, 1);
    assert_eq!(board.times_filed(&submission), 0);
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    assert!(filing.problem.unwrap().contains("refuses"));
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandingOff);
}

#[tokio::test]
async fn a_package_that_cannot_be_built_again_is_not_filed() {
    let office = Office::under(&policy_elsewhere()).await;
    let (packet, submission) = office.handed_off().await;
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    super::checkpoints::tamper(&office, "UPDATE filing SET package = zeroblob(32)").await;
    let board = Scripted::new(&[]);
    rounds_with(&office, &board).file().await.unwrap();
    let stopped = office.store.filing_get(&submission).await.unwrap().unwrap();
    assert_eq!(stopped.state, FilingState::NeedsHuman);
    assert!(stopped.problem.unwrap().contains(&filing.package.to_string()));
    assert!(board.submissions.lock().unwrap().is_empty());
    assert_eq!(office.words(&packet).await.last(), Some(&"intake-recorded"));
}

#[tokio::test]
async fn a_queue_that_has_the_submission_with_another_package_has_not_received_it() {
    let office = Office::open().await;
    let (packet, submission) = office.handed_off().await;
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    let now = office.clock.now();
    let other = QueueItem {
        submission: submission.clone(),
        packet: packet.clone(),
        seq: filing.seq,
        title: "Something else under its name".to_owned(),
        package: Digest::of(b"another package"),
        received: now,
        state: QueueState::Received,
        reasons: Vec::new(),
        decision: None,
        by: None,
        changed: now,
    };
    office.store.queue_receive(&other).await.unwrap();
    rounds(&office).file().await.unwrap();
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    assert_eq!(filing.state, FilingState::Waiting);
    assert!(filing.problem.unwrap().contains("with another package"));
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandingOff);
}

#[tokio::test]
async fn what_the_board_elsewhere_did_is_recorded_with_its_reasons() {
    let office = Office::under(&policy_elsewhere()).await;
    let (packet, submission) = office.handed_off().await;
    let board = Scripted::new(&[]);
    let rounds = rounds_with(&office, &board);
    rounds.file().await.unwrap();
    let look = async || {
        office.clock.advance(LATER);
        rounds.file().await.unwrap();
    };
    // Away, then about another submission: nothing is recorded, and of the mistake is told.
    look().await;
    board.says("another:1", DispositionState::Decided, Some("Approved"));
    look().await;
    assert_eq!(office.report(&packet).await.verdict, Verdict::HandedOff);
    assert_eq!(notices(&office, "filing-mistaken").await, 1);
    for (state, words) in [(DispositionState::Accepted, 2), (DispositionState::Accepted, 2)] {
        board.says(&submission, state, None);
        look().await;
        let recorded = office.words(&packet).await;
        assert_eq!(recorded.iter().filter(|word| **word == "intake-recorded").count(), words);
        let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
        assert_eq!(filing.problem, None, "to be told what is known already is no trouble");
    }
    board.says(&submission, DispositionState::Bounced, None);
    look().await;
    let packet = office.casework.packet_get(&office.permit("maya"), &packet, None).await.unwrap();
    assert!(packet.handoff().is_none(), "it is back");
    assert!(format!("{:?}", packet.handoffs[0].state).contains("the rollback was not shown"));
    assert_eq!(notices(&office, "bounced").await, 1);
    let filing = office.store.filing_get(&submission).await.unwrap().unwrap();
    assert_eq!((filing.state, filing.next_attempt), (FilingState::Received, None));
}

#[tokio::test]
async fn large_bodies_are_kept_beside_the_notes_and_never_swept() {
    let office = Office::under(&policy_elsewhere()).await;
    let (_, submission) = office.handed_off().await;
    let board = Scripted::new(&[]);
    rounds_with(&office, &board).file().await.unwrap();
    let exchanges = office.store.exchanges(&submission).await.unwrap();
    let note: probity::rounds::journal::Asked = serde_json::from_slice(&exchanges[1].request).unwrap();
    let kept = note.kept.expect("a large body is kept as a blob");
    let bytes = board.submissions.lock().unwrap()[0].attachments[0].bytes.repeat(20);
    assert_eq!(office.blobs.get(&kept).await.unwrap(), bytes);
    let referenced = office.store.blob_references().await.unwrap();
    assert!(referenced.contains(&kept));
    let answer = exchanges[0].answer.as_ref().unwrap();
    let answer: probity::rounds::journal::Answered = serde_json::from_slice(&answer.bytes).unwrap();
    assert!(referenced.contains(&answer.kept.expect("a large answer is kept as a blob, too")));
    assert!(exchanges[1].request.len() < probity::rounds::journal::INLINE);
}

#[test]
fn the_patience_of_these_tests_is_short() {
    let Backoff { attempts, cap, .. } = settings().retry;
    assert_eq!(attempts, 3);
    assert!(cap < LATER);
}
