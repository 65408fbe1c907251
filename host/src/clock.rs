//! The only home of now and of chance.
//!
//! Everything that depends on the time of day or on randomness is given a [`Clock`], so that a test can hold
//! time still, move it by hand, and get the same ids twice. The rules in `probity-core` get instants and seeds
//! as arguments and cannot ask.
//!
//! Deliberately absent: database time. Leases and `recorded` times are counted on the store's own clock
//! ([`crate::store::Store::now`]), since several hosts may share one store.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probity_core::id::{ConnectionId, EvidenceId, PacketId, RunId};
use probity_core::instant::Instant;
use rand::rngs::StdRng;
use rand::{Rng as _, RngExt as _, SeedableRng as _};

/// Tells the time and rolls the dice. Clones share one state.
#[derive(Clone)]
pub struct Clock(Arc<Mutex<State>>);

struct State {
    /// `None`: the system's time. Otherwise it stands still until moved.
    fixed: Option<Instant>,
    rng: StdRng,
    /// The last UUID's milliseconds and counter, so that ids of one process always rise.
    last: (u64, u16),
}

/// The counter of a UUID: the 12 bits after the version (RFC 9562, section 6.2, method 1).
const MAX_COUNTER: u16 = 0x0fff;

impl Clock {
    /// The system's time, and randomness from the operating system.
    pub fn system() -> Self {
        Self::with(None, rand::make_rng())
    }

    /// Time that stands still at `now` until it is moved, and randomness grown from `seed`: for tests, and
    /// for whatever must come out the same twice.
    pub fn fixed(now: Instant, seed: u64) -> Self {
        Self::with(Some(now), StdRng::seed_from_u64(seed))
    }

    fn with(fixed: Option<Instant>, rng: StdRng) -> Self {
        Self(Arc::new(Mutex::new(State { fixed, rng, last: (0, 0) })))
    }

    /// Now, to the microsecond.
    pub fn now(&self) -> Instant {
        self.state().now()
    }

    /// The same time for parts that need nothing else of a clock, such as a store without a server to ask.
    pub fn teller(&self) -> Arc<dyn Fn() -> Instant + Send + Sync> {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }

    /// Moves a fixed clock to an instant; the system's clock cannot be moved and stays as it is.
    pub fn set(&self, now: Instant) {
        let mut state = self.state();
        if state.fixed.is_some() {
            state.fixed = Some(now);
        }
    }

    /// Moves a fixed clock forward; the system's clock cannot be moved and stays as it is.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.fixed = state.fixed.map(|now| now.plus(by).unwrap_or(now));
    }

    /// A clock that only measures how long something took. It says nothing about the time of day.
    pub fn stopwatch(&self) -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }

    /// A new id for a connection.
    pub fn connection_id(&self) -> ConnectionId {
        parsed(&self.uuid())
    }

    /// A new id for a run.
    pub fn run_id(&self) -> RunId {
        parsed(&self.uuid())
    }

    /// A new id for a piece of evidence.
    pub fn evidence_id(&self) -> EvidenceId {
        parsed(&self.uuid())
    }

    /// A new id for a packet.
    pub fn packet_id(&self) -> PacketId {
        parsed(&self.uuid())
    }

    /// A UUID of version 7. Those of one clock rise strictly, also within a millisecond.
    pub fn uuid(&self) -> uuid::Uuid {
        let mut state = self.state();
        let (millis, counter) = state.next_tick();
        let mut rest = [0; 10];
        state.rng.fill_bytes(&mut rest);
        [rest[0], rest[1]] = counter.to_be_bytes();
        uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }

    /// A seed for what must be random outside but reproducible inside: one for each run.
    pub fn seed(&self) -> u64 {
        self.state().rng.next_u64()
    }

    /// Random bytes, fit for keys.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.state().rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A random part of `upto`, so that what failed together is not tried again together.
    pub fn jitter(&self, upto: Duration) -> Duration {
        upto.mul_f64(self.state().rng.random_range(0.0..=1.0))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here can panic halfway through a change, so a poisoned state is still a good one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn now(&self) -> Instant {
        self.fixed.unwrap_or_else(|| jiff::Timestamp::now().into())
    }

    /// Milliseconds and counter of the next UUID: above all before, even when the time of day went back.
    fn next_tick(&mut self) -> (u64, u16) {
        let now = u64::try_from(self.now().as_micros() / 1_000).unwrap_or(0);
        let (millis, counter) = self.last;
        self.last = if now > millis {
            (now, self.rng.random_range(0..=MAX_COUNTER / 2))
        } else if counter < MAX_COUNTER {
            (millis, counter + 1)
        } else {
            (millis + 1, 0)
        };
        self.last
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").field("fixed", &self.state().fixed).finish_non_exhaustive()
    }
}

/// Measures how long something took.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Time since it was started.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

fn parsed<T: std::str::FromStr>(uuid: &uuid::Uuid) -> T
where
    T::Err: fmt::Debug,
{
    uuid.hyphenated().to_string().parse().expect("a UUID's hyphenated form is what the ids ask for")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Clock;

    fn noon() -> probity_core::instant::Instant {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn ids_rise_strictly_even_when_time_stands_still_or_goes_back() {
        let clock = Clock::fixed(noon(), 7);
        let mut ids: Vec<_> = (0..10_000).map(|_| clock.evidence_id()).collect();
        clock.set(noon().minus(Duration::from_secs(3_600)).unwrap());
        ids.extend((0..10).map(|_| clock.evidence_id()));
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(clock.uuid().get_version_num(), 7);
    }

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let one = Clock::fixed(noon(), 7);
        let other = Clock::fixed(noon(), 7);
        assert_eq!((one.run_id(), one.seed()), (other.run_id(), other.seed()));
        assert_ne!(one.run_id(), Clock::fixed(noon(), 8).run_id());
    }

    #[test]
    fn a_fixed_clock_moves_only_by_hand() {
        let clock = Clock::fixed(noon(), 7);
        let copy = clock.clone();
        clock.advance(Duration::from_secs(60));
        assert_eq!(copy.now().since(noon()), Duration::from_secs(60));
    }

    #[test]
    fn jitter_stays_within_its_bound() {
        let clock = Clock::system();
        let bound = Duration::from_millis(250);
        assert!((0..1_000).all(|_| clock.jitter(bound) <= bound));
    }
}
