//! How runs end, what absence means, and when to try again.
//!
//! A run is one pass over a connection's streams. It ends *complete* (every stream read to its end, no gap),
//! *failed* (no stream could be read at all) or *incomplete* (anything between: something was not read, and the
//! run says what). Only complete full sweeps say anything about what is not there.
//!
//! Deliberately absent: leases, schedules and the loop itself, which are collection's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::id::{RunId, StreamId};
use crate::instant::Instant;

/// The seed of a page: from the run's, so that a run that is taken up again makes the same pages, and so that whoever has both can tell
/// that they belong together.
pub fn page_seed(run: &RunId, seed: u64, stream: &StreamId, number: u32) -> u64 {
    let digest = Digest::of(format!("{run}/{seed}/{stream}/{number}").as_bytes());
    let [first, second, third, fourth, fifth, sixth, seventh, eighth, ..] = *digest.as_bytes();
    u64::from_le_bytes([first, second, third, fourth, fifth, sixth, seventh, eighth])
}

/// What a run does with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// From the start, everything.
    Full,
    /// From the last bookmark, what changed.
    Incremental,
}

/// Where a run, or one stream of it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    Running,
    Complete,
    Incomplete,
    Failed,
}

impl RunState {
    /// As it is written everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

/// Who began a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    Manual,
    Schedule,
}

/// How far a stream was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRead {
    /// Whether the connector said that the stream is done.
    pub to_its_end: bool,
    /// Pages committed.
    pub pages: u32,
    /// Gaps told, by the connector and on admission.
    pub gaps: u64,
}

/// How a stream ends that is read no further: a stream that broke off after some pages is incomplete, since
/// what was read stays; one of which nothing was read failed.
pub const fn conclude_stream(read: StreamRead) -> RunState {
    match read {
        StreamRead { to_its_end: true, gaps: 0, .. } => RunState::Complete,
        StreamRead { to_its_end: false, pages: 0, .. } => RunState::Failed,
        _ => RunState::Incomplete,
    }
}

/// How a run ends, from how its streams did: complete only if all are, failed only if all failed, still running
/// while one is. A run over no streams examined nothing, so it is not complete.
pub fn conclude(streams: &[RunState]) -> RunState {
    let all = |state| !streams.is_empty() && streams.iter().all(|stream| *stream == state);
    if streams.contains(&RunState::Running) {
        RunState::Running
    } else if all(RunState::Complete) {
        RunState::Complete
    } else if all(RunState::Failed) {
        RunState::Failed
    } else {
        RunState::Incomplete
    }
}

/// A complete full sweep of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    /// On database time, as are sightings.
    pub started: Instant,
    pub ended: Instant,
    /// Items it returned.
    pub examined: u64,
}

/// Whether evidence is gone: missing from two consecutive complete full sweeps of its stream.
///
/// `last_seen` is when its last sighting was recorded, by whatever run. `sweeps` are the complete full sweeps
/// that had ended by the instant asked about, in any order. One sweep is not enough: sources page over data that
/// moves, and an item may slip from one page to another between two requests. A sweep that returned nothing at
/// all does not count, for that is what a credential that lost its rights sees too.
pub fn is_absent(last_seen: Instant, sweeps: &[Sweep]) -> bool {
    let mut missing: Vec<_> =
        sweeps.iter().filter(|sweep| sweep.started > last_seen && sweep.examined > 0).collect();
    missing.sort_by_key(|sweep| (sweep.ended, sweep.started));
    // Two that overlap saw the source at the same time, which is one look.
    missing.split_first().is_some_and(|(first, rest)| rest.iter().any(|next| next.started >= first.ended))
}

/// How often and how patiently something that can pass is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first failure; it doubles with each one.
    pub base: Duration,
    /// The longest wait of our own.
    pub cap: Duration,
    /// How often it is tried, the first time included.
    pub attempts: u32,
    /// The longest wait a source may ask for. What asks for more is cut to this, for otherwise one header would
    /// stop a connection for years.
    pub retry_after_cap: Duration,
}

/// How long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    pub time: Duration,
    /// What the source asked for, where that was cut; the run says so.
    pub cut_from: Option<Duration>,
}

impl Default for Backoff {
    /// Five attempts within about a minute; two minutes at most when a source asks for patience, which covers
    /// the one-minute windows of common rate limits.
    fn default() -> Self {
        Self {
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            attempts: 5,
            retry_after_cap: Duration::from_mins(2),
        }
    }
}

impl Backoff {
    /// The wait after the `attempt`-th failure (1 for the first), or `None` when it is to be given up.
    ///
    /// `jitter`, from 0 to 1, is chance: the wait is anything up to the doubled base ("full jitter"), so that many
    /// hosts do not come back at once. A source's `Retry-After` is waited out first.
    pub fn delay(&self, attempt: u32, jitter: f64, retry_after: Option<Duration>) -> Option<Wait> {
        if attempt >= self.attempts {
            return None;
        }
        let doubled =
            2_u32.checked_pow(attempt.saturating_sub(1)).and_then(|times| self.base.checked_mul(times));
        let longest = doubled.map_or(self.cap, |longest| longest.min(self.cap));
        let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
        let asked = retry_after.unwrap_or_default();
        let time = asked.min(self.retry_after_cap).saturating_add(longest.mul_f64(jitter));
        Some(Wait { time, cut_from: retry_after.filter(|asked| *asked > self.retry_after_cap) })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        Backoff, RunState, StreamRead, Sweep, Wait, conclude, conclude_stream, is_absent, page_seed,
    };
    use crate::instant::Instant;

    #[test]
    fn the_seed_of_a_page_is_the_one_it_always_had() {
        let (run, stream) =
            ("0197a3c0-0000-7000-8000-000000000001".parse().unwrap(), "findings".parse().unwrap());
        // Worked out with another program. Were it another, no journal that was ever kept would fit its run.
        assert_eq!(page_seed(&run, u64::MAX, &stream, 2), 12_845_596_590_865_700_658);
    }

    #[test]
    fn a_stream_is_complete_only_when_read_to_its_end_without_a_gap() {
        let read = |to_its_end, pages, gaps| conclude_stream(StreamRead { to_its_end, pages, gaps });
        assert_eq!(read(true, 3, 0), RunState::Complete);
        assert_eq!(read(true, 3, 1), RunState::Incomplete);
        assert_eq!(read(false, 3, 0), RunState::Incomplete);
        assert_eq!(read(false, 0, 0), RunState::Failed);
    }

    #[test]
    fn a_run_is_as_honest_as_its_streams() {
        use RunState::{Complete, Failed, Incomplete, Running};
        for (streams, state) in [
            (&[Complete, Complete][..], Complete),
            (&[Complete, Incomplete], Incomplete),
            (&[Complete, Failed], Incomplete),
            (&[Incomplete, Failed], Incomplete),
            (&[Failed, Failed], Failed),
            (&[Complete, Running], Running),
            (&[], Incomplete),
        ] {
            assert_eq!(conclude(streams), state, "{streams:?}");
        }
    }

    fn at(hour: u32) -> Instant {
        format!("2026-11-22T{hour:02}:00:00Z").parse().unwrap()
    }

    fn sweep(started: u32, ended: u32) -> Sweep {
        Sweep { started: at(started), ended: at(ended), examined: 212 }
    }

    #[test]
    fn absence_takes_two_complete_sweeps_one_after_the_other() {
        assert!(!is_absent(at(2), &[]));
        assert!(!is_absent(at(2), &[sweep(3, 4)]));
        assert!(is_absent(at(2), &[sweep(5, 6), sweep(1, 2), sweep(3, 4)]));
        assert!(is_absent(at(2), &[sweep(3, 4), sweep(4, 5)]));
        assert!(!is_absent(at(2), &[sweep(3, 3)]), "however short, it is one");
    }

    #[test]
    fn a_sighting_within_a_sweep_counts_whoever_saw_it() {
        assert!(!is_absent(at(3), &[sweep(3, 5), sweep(6, 7)]));
        assert!(!is_absent(at(4), &[sweep(3, 5), sweep(6, 7)]));
        assert!(is_absent(at(2), &[sweep(3, 5), sweep(6, 7)]));
    }

    #[test]
    fn sweeps_that_overlap_are_one_look() {
        assert!(!is_absent(at(2), &[sweep(3, 6), sweep(4, 5)]));
        assert!(!is_absent(at(2), &[sweep(3, 5), sweep(4, 6)]));
        assert!(is_absent(at(2), &[sweep(3, 6), sweep(4, 5), sweep(6, 7)]));
    }

    #[test]
    fn a_sweep_that_saw_nothing_says_nothing() {
        let empty = Sweep { examined: 0, ..sweep(5, 6) };
        assert!(!is_absent(at(2), &[sweep(3, 4), empty]));
        assert!(is_absent(at(2), &[sweep(3, 4), empty, sweep(7, 8)]));
    }

    #[test]
    fn waits_double_up_to_a_cap_and_end() {
        let backoff =
            Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(5), ..Backoff::default() };
        let wait = |attempt, jitter| backoff.delay(attempt, jitter, None).map(|wait| wait.time.as_millis());
        assert_eq!(
            [1, 2, 3, 4, 5].map(|attempt| wait(attempt, 1.0)),
            [Some(1_000), Some(2_000), Some(4_000), Some(5_000), None]
        );
        assert_eq!((wait(3, 0.0), wait(3, 0.25)), (Some(0), Some(1_000)));
        assert_eq!((wait(3, f64::NAN), wait(3, 7.0), wait(3, -1.0)), (Some(4_000), Some(4_000), Some(0)));
        let patient = Backoff { attempts: u32::MAX, ..backoff };
        assert_eq!(patient.delay(4_000_000, 1.0, None).unwrap().time, Duration::from_secs(5));
    }

    #[test]
    fn what_a_source_asks_for_is_waited_out_unless_absurd() {
        let backoff = Backoff::default();
        let asked = |seconds| backoff.delay(1, 0.0, Some(Duration::from_secs(seconds))).unwrap();
        assert_eq!(asked(60), Wait { time: Duration::from_secs(60), cut_from: None });
        let absurd = Duration::from_secs(999_999_999);
        assert_eq!(asked(999_999_999), Wait { time: Duration::from_secs(120), cut_from: Some(absurd) });
        assert!(backoff.delay(1, 1.0, Some(Duration::MAX)).unwrap().time <= Duration::from_secs(121));
    }
}
