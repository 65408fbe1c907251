//! Ten thousand honest exports raise no alarm.
//!
//! A verifier that cries wolf is not listened to. So histories by chance are exported at whatever entry they have come to, of whatever
//! instant up to then, whole and minimal in turn, and every bundle is verified from its bytes with a reader's own list of keys and
//! against a checkpoint that was taken earlier. When the history has gone on, each is exported once more from the store as it has grown
//! since, and must be the same, byte for byte.
//!
//! They are spread over several tests so that these run beside each other.

use std::collections::BTreeSet;

use probity_core::bundle::{Files, Keys, Outcome, Part, Reader, Scope, SignedCheckpoint, verify, write};
use probity_core::canonical::Digest;
use probity_core::event::Event;
use probity_core::instant::Instant;
use probity_core::readiness::Verdict;
use probity_core::trust::Trust;

use super::fixture::Shelf;
use super::history::History;

/// How many bundles each test writes and verifies; there are eight tests.
const EXPORTS: usize = 1_250;

/// What can happen to a history between its first export and its last.
const STEPS: usize = 10;

/// An export as somebody could ask for it again.
struct Exported {
    /// When it was asked for, and of which instant.
    at: Instant,
    instant: Instant,
    scope: Scope,
    entries: usize,
    registry: usize,
    policies: usize,
    checkpoint: Option<SignedCheckpoint>,
    digest: Digest,
}

/// What came up among the exports of a test, so that it cannot be a test of nothing.
#[derive(Debug, Default)]
struct Seen {
    exports: usize,
    again: usize,
    decisions: usize,
    handoffs: usize,
    behind: usize,
    followed: usize,
    verdicts: BTreeSet<String>,
}

fn honest(shard: u64) {
    let mut seen = Seen::default();
    for seed in 0.. {
        if seen.exports == EXPORTS {
            break;
        }
        history(shard * 1_000_000 + seed, &mut seen);
    }
    assert_eq!(seen.exports, EXPORTS);
    assert_eq!(seen.again, EXPORTS);
    assert!(seen.decisions > EXPORTS, "{} decisions verified", seen.decisions);
    assert!(seen.handoffs > EXPORTS / 20, "{} handoffs verified", seen.handoffs);
    assert!(seen.behind > EXPORTS / 8, "{} of an instant before the last entry", seen.behind);
    assert!(seen.followed > EXPORTS / 4, "{} went on after the checkpoint they were held to", seen.followed);
    let all = Verdict::ALL.iter().filter(|verdict| **verdict != Verdict::Withdrawn);
    let all: BTreeSet<_> = all.map(ToString::to_string).collect();
    assert_eq!(seen.verdicts, all);
}

fn history(seed: u64, seen: &mut Seen) {
    let mut history = History::begin(seed);
    let mut exported = Vec::new();
    for step in 0..STEPS {
        history.step();
        for scope in [Scope::Full, Scope::Minimal] {
            if seen.exports == EXPORTS {
                break;
            }
            exported.push(export(&mut history, scope, &format!("seed {seed}, step {step}, {scope}"), seen));
        }
    }
    for once in exported {
        again(&history, &once, &format!("seed {seed}"), seen);
    }
}

fn export(history: &mut History, scope: Scope, context: &str, seen: &mut Seen) -> Exported {
    let now = history.world.now;
    let opened = history.world.entries[0].0.at;
    // Of this moment, or of one since it was opened.
    let instant = match history.chance.below(3) {
        0 => {
            let since = now.since(opened).as_secs();
            opened.plus(std::time::Duration::from_secs(history.chance.below(since + 1))).unwrap()
        }
        _ => now,
    };
    let inside = match history.chance.below(3) {
        0 => None,
        _ => Some(history.chance.of(&history.checkpoints)),
    };
    let subjects = [String::new()];
    let parts = history.shelf(&subjects).parts(instant, scope, inside.clone());
    let files = write(&parts, scope).unwrap();

    let trust = Trust::parse(&history.allowed_signers()).unwrap();
    let (kept, key) = (history.chance.of(&history.checkpoints), History::key().verifier_key());
    let reader = Reader { trust: Some(&trust), checkpoint_key: Some(&key), checkpoint: Some(&kept.note) };
    let verification = verify(&files, reader);
    let failed: Vec<_> = verification.failed().collect();
    assert!(failed.is_empty(), "{context} at {instant}: {failed:#?}");
    assert_eq!(verification.verdict, Some(parts.report.verdict), "{context} at {instant}");
    let keys = if decisions(history) == 0 { Keys::None } else { Keys::Vouched };
    assert_eq!(verification.keys, keys, "{context} at {instant}");
    let at_checkpoint = |outcome| verification.with(outcome).any(|check| check.part == Part::Checkpoint);
    assert!(at_checkpoint(Outcome::Verified), "{context}: it is held to the checkpoint");

    seen.exports += 1;
    seen.verdicts.insert(parts.report.verdict.to_string());
    seen.behind += usize::from(instant < history.world.packet.changed);
    seen.followed += usize::from(at_checkpoint(Outcome::NotReDerived));
    seen.decisions += decisions(history);
    seen.handoffs += history.world.packet.handoffs.len();
    Exported {
        at: now,
        instant,
        scope,
        entries: history.world.entries.len(),
        registry: history.world.registry.len(),
        policies: history.policies.len(),
        checkpoint: inside,
        digest: digest(&files),
    }
}

fn decisions(history: &History) -> usize {
    history.world.entries.iter().filter(|(entry, _)| matches!(entry.event, Event::Decided(_))).count()
}

/// Exports the same once more, from a store that has gone on since.
fn again(history: &History, once: &Exported, context: &str, seen: &mut Seen) {
    // A connection's names are carried whole, so that those which it got later would come along.
    let mut archive = history.world.archive.clone();
    for names in archive.collected.streams.connections.values_mut() {
        names.retain(|named| named.since < once.at);
    }
    let subjects = [String::new()];
    let shelf = Shelf {
        archive: &archive,
        entries: &history.world.entries[..once.entries],
        registry: &history.world.registry[..once.registry],
        policies: &history.policies[..once.policies],
        ..history.shelf(&subjects)
    };
    let files = write(&shelf.parts(once.instant, once.scope, once.checkpoint.clone()), once.scope).unwrap();
    assert_eq!(
        digest(&files),
        once.digest,
        "{context} through entry {} at {}, {}",
        once.entries,
        once.instant,
        once.scope
    );
    seen.again += 1;
}

fn digest(files: &Files) -> Digest {
    let mut all = Vec::new();
    for (name, bytes) in files {
        all.extend_from_slice(format!("{name} {}\n", Digest::of(bytes)).as_bytes());
    }
    Digest::of(&all)
}

macro_rules! shards {
    ($($name:ident $shard:literal)*) => { $(
        #[test]
        fn $name() {
            honest($shard);
        }
    )* };
}

shards! {
    honest_exports_raise_no_alarm_1 1
    honest_exports_raise_no_alarm_2 2
    honest_exports_raise_no_alarm_3 3
    honest_exports_raise_no_alarm_4 4
    honest_exports_raise_no_alarm_5 5
    honest_exports_raise_no_alarm_6 6
    honest_exports_raise_no_alarm_7 7
    honest_exports_raise_no_alarm_8 8
}
