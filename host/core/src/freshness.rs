//! Whether evidence still counts at an instant.
//!
//! A state holds for a while after it was last seen; an event is as old as it is, however often it is fetched.
//! So a finding is counted from the last page that contained it, a rollback test from the day it was run. The
//! source's own word about expiry always wins over a longer age.
//!
//! What cannot be known is said to be unknown and blocks, instead of being taken for fresh: an event without a
//! time, a time that has not come yet, a kind for which nobody set a maximum age.
//!
//! Deliberately absent: how long evidence may be used (the board policy and the configuration say that), and the
//! clock.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::evidence::{Basis, Kind};
use crate::instant::Instant;

/// What freshness depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dated {
    pub kind: Kind,
    /// When the source says it last changed or happened.
    pub source_time: Option<Instant>,
    /// When it ceases to hold, by the source's own word.
    pub expires: Option<Instant>,
    /// The instant of the last page that contained it.
    pub last_seen: Instant,
    /// How long evidence of the kind counts, if anybody decided that.
    pub max_age: Option<Duration>,
}

/// Whether evidence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Freshness {
    /// It counts, up to but not including `until`.
    Fresh { until: Instant },
    /// It counted until `since`.
    Stale { since: Instant, because: Because },
    /// Nobody can say; it does not count.
    Unknown { reason: Reason },
}

/// What ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// The source said until when it holds.
    OwnExpiry,
    /// It is older than evidence of its kind may be.
    MaxAge,
}

/// Why freshness is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// An event whose source does not say when it happened.
    NoSourceTime,
    /// The source's time lies ahead of the instant asked about.
    SourceTimeAhead,
    /// No maximum age is set for the kind.
    NoMaxAge,
}

impl Freshness {
    /// Whether the evidence counts.
    pub const fn is_fresh(self) -> bool {
        matches!(self, Self::Fresh { .. })
    }
}

impl Reason {
    /// The reason's stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSourceTime => "freshness.no-source-time",
            Self::SourceTimeAhead => "freshness.source-time-ahead",
            Self::NoMaxAge => "freshness.no-max-age",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSourceTime => "the source does not say when it happened",
            Self::SourceTimeAhead => "the source's time has not come yet; compare its clock with the host's",
            Self::NoMaxAge => "no maximum age is set for this kind of evidence",
        })
    }
}

/// Whether evidence counts at an instant: until the earlier of the source's own expiry and its basis time plus
/// the maximum age.
pub fn freshness(dated: &Dated, at: Instant) -> Freshness {
    if let Some(expired) = dated.expires.filter(|expires| *expires <= at) {
        let aged = aged_out(dated, at).ok().filter(|aged| *aged < expired);
        return match aged {
            Some(since) => Freshness::Stale { since, because: Because::MaxAge },
            None => Freshness::Stale { since: expired, because: Because::OwnExpiry },
        };
    }
    match aged_out(dated, at) {
        Err(reason) => Freshness::Unknown { reason },
        Ok(since) if since <= at => Freshness::Stale { since, because: Because::MaxAge },
        Ok(until) => Freshness::Fresh { until: dated.expires.map_or(until, |expires| expires.min(until)) },
    }
}

/// When the evidence is too old by its kind's maximum age.
fn aged_out(dated: &Dated, at: Instant) -> Result<Instant, Reason> {
    if dated.source_time.is_some_and(|time| time > at) {
        return Err(Reason::SourceTimeAhead);
    }
    let basis = match dated.kind.basis() {
        Basis::State => dated.last_seen,
        Basis::Event => dated.source_time.ok_or(Reason::NoSourceTime)?,
    };
    let max_age = dated.max_age.ok_or(Reason::NoMaxAge)?;
    Ok(basis.plus(max_age).unwrap_or_else(Instant::latest))
}

/// Whether a stream must be swept in full, so that every state it holds is seen again before it is too old:
/// at least every half of the shortest maximum age among its kinds, and when it never was. An incremental run
/// prolongs only what it returned.
pub fn full_sweep_due(last_sweep: Option<Instant>, shortest_max_age: Option<Duration>, now: Instant) -> bool {
    match (last_sweep, shortest_max_age) {
        (None, _) => true,
        // A sweep ahead of now means that a clock was set back; sweeping again is the safe answer.
        (Some(last), _) if last > now => true,
        (Some(last), Some(max_age)) => now.since(last) >= max_age / 2,
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Because, Dated, Freshness, Reason, freshness, full_sweep_due};
    use crate::evidence::Kind;
    use crate::instant::Instant;

    const DAY: Duration = Duration::from_hours(24);

    fn day(day: u32) -> Instant {
        format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
    }

    /// A finding changed on the 1st, seen on the 10th, good for seven days.
    fn state() -> Dated {
        Dated {
            kind: Kind::Finding,
            source_time: Some(day(1)),
            expires: None,
            last_seen: day(10),
            max_age: Some(7 * DAY),
        }
    }

    /// A rollback test of the 1st, seen on the 10th, good for seven days.
    fn event() -> Dated {
        Dated { kind: Kind::RollbackTest, ..state() }
    }

    #[test]
    fn a_state_counts_from_the_last_time_it_was_seen() {
        assert_eq!(freshness(&state(), day(16)), Freshness::Fresh { until: day(17) });
        let stale = Freshness::Stale { since: day(17), because: Because::MaxAge };
        assert_eq!([17, 20].map(|at| freshness(&state(), day(at))), [stale; 2]);
        assert!(freshness(&Dated { source_time: None, ..state() }, day(16)).is_fresh());
    }

    #[test]
    fn fetching_an_old_event_again_never_makes_it_fresh() {
        assert_eq!(freshness(&event(), day(7)), Freshness::Fresh { until: day(8) });
        for seen in [10, 20] {
            let seen = Dated { last_seen: day(seen), ..event() };
            assert_eq!(
                freshness(&seen, day(20)),
                Freshness::Stale { since: day(8), because: Because::MaxAge }
            );
        }
    }

    #[test]
    fn the_earlier_of_own_expiry_and_age_ends_it() {
        let soon = Dated { expires: Some(day(12)), ..state() };
        assert_eq!(freshness(&soon, day(11)), Freshness::Fresh { until: day(12) });
        assert_eq!(
            freshness(&soon, day(12)),
            Freshness::Stale { since: day(12), because: Because::OwnExpiry }
        );
        let late = Dated { expires: Some(day(19)), ..state() };
        assert_eq!(freshness(&late, day(16)), Freshness::Fresh { until: day(17) });
        for at in [18, 25] {
            assert_eq!(
                freshness(&late, day(at)),
                Freshness::Stale { since: day(17), because: Because::MaxAge }
            );
        }
    }

    #[test]
    fn what_cannot_be_known_is_not_fresh_and_says_why() {
        let unknown = |dated, at| match freshness(&dated, day(at)) {
            Freshness::Unknown { reason } => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(unknown(Dated { source_time: None, ..event() }, 10), Reason::NoSourceTime);
        assert_eq!(unknown(Dated { source_time: Some(day(11)), ..event() }, 10), Reason::SourceTimeAhead);
        assert_eq!(unknown(Dated { source_time: Some(day(11)), ..state() }, 10), Reason::SourceTimeAhead);
        assert_eq!(unknown(Dated { max_age: None, ..state() }, 10), Reason::NoMaxAge);
        assert_eq!(unknown(Dated { max_age: None, expires: Some(day(20)), ..state() }, 10), Reason::NoMaxAge);
    }

    #[test]
    fn an_expired_word_of_the_source_counts_even_where_the_age_is_unknown() {
        let stale = Freshness::Stale { since: day(5), because: Because::OwnExpiry };
        for dated in [
            Dated { max_age: None, ..state() },
            Dated { source_time: None, ..event() },
            Dated { source_time: Some(day(25)), ..event() },
        ] {
            assert_eq!(freshness(&Dated { expires: Some(day(5)), ..dated }, day(10)), stale);
        }
    }

    #[test]
    fn an_age_beyond_the_calendar_is_no_panic() {
        let forever = Dated { max_age: Some(Duration::MAX), ..state() };
        assert!(freshness(&forever, day(10)).is_fresh());
    }

    #[test]
    fn a_full_sweep_is_due_at_half_the_shortest_age() {
        assert!(full_sweep_due(None, Some(8 * DAY), day(10)));
        assert!(!full_sweep_due(Some(day(10)), Some(8 * DAY), day(13)));
        assert!(full_sweep_due(Some(day(10)), Some(8 * DAY), day(14)));
        assert!(full_sweep_due(Some(day(15)), Some(8 * DAY), day(14)), "the clock was set back");
        assert!(!full_sweep_due(Some(day(1)), None, day(30)));
    }
}
