//! Instants: microseconds since the Unix epoch, UTC.
//!
//! One type for every time Probity keeps, so that the same instant has the same bytes in both databases,
//! in hashed values and on the wire. Precision is a microsecond because that is what PostgreSQL keeps;
//! anything finer is cut off when it comes in. There is no way to ask this module what time it is.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, to the microsecond. Written as RFC 3339 in UTC: `2026-11-22T21:29:09.354959Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// The text is not an RFC 3339 instant with a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an instant: write RFC 3339 with a zone, for example 2026-11-22T21:29:09Z")]
pub struct NotAnInstant(pub String);

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z; `None` outside the years -9999 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        Timestamp::from_microsecond(micros).ok().map(|_| Self(micros))
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// The last instant of the calendar.
    pub fn latest() -> Self {
        Self::from(Timestamp::MAX)
    }

    /// This instant plus a duration, or `None` where the calendar ends.
    pub fn plus(self, duration: std::time::Duration) -> Option<Self> {
        let micros = i64::try_from(duration.as_micros()).ok()?;
        Self::from_micros(self.0.checked_add(micros)?)
    }

    /// This instant minus a duration, or `None` where the calendar begins.
    pub fn minus(self, duration: std::time::Duration) -> Option<Self> {
        let micros = i64::try_from(duration.as_micros()).ok()?;
        Self::from_micros(self.0.checked_sub(micros)?)
    }

    /// The time from `earlier` to this instant, or zero when it is not earlier.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<Timestamp> for Instant {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        // Every constructor checked the range, so the fallback is never taken.
        Timestamp::from_microsecond(instant.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Timestamp::from(*self).fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Instant {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Self, NotAnInstant> {
        Timestamp::from_str(text).map(Self::from).map_err(|_| NotAnInstant(text.chars().take(64).collect()))
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Instant;

    #[test]
    fn an_instant_is_utc_to_the_microsecond() {
        let instant: Instant = "2026-11-22T22:29:09.354959999+01:00".parse().unwrap();
        assert_eq!(instant.to_string(), "2026-11-22T21:29:09.354959Z");
        assert_eq!(Instant::from_micros(instant.as_micros()), Some(instant));
    }

    #[test]
    fn a_time_without_a_zone_is_no_instant() {
        assert!("2026-11-22T21:29:09".parse::<Instant>().is_err());
        assert!("2026-11-22".parse::<Instant>().is_err());
    }
}
