//! Times as sources write them, read exactly or refused.
//!
//! A dozen shapes of time are in use, and a lenient parser makes evidence out of guesses: it takes a local time
//! for UTC, or a day for a month. So each function here reads one shape, whole, and a connector says which one its
//! source uses. Three answers are kept apart: a time, *no* time (`None`, also for the sentinels that sources write
//! for "never": a day of 1970-01-01 or of the year 1 or before), and a text that is neither, which is an error.
//!
//! | shape | function |
//! |---|---|
//! | `2026-11-22T21:29:09.354959Z`, `…+01:00`, `…+0100` | [`instant`] |
//! | `2026-11-22T21:42:56.528545`, `2026-11-22 21:42:56` | [`naive_utc`], where the source says that it means UTC |
//! | `2026-12-02` | [`date`] |
//! | `1795383000`, `1795383000.25` | [`epoch_seconds`], [`epoch_number`] |
//! | `Sun, 22 Nov 2026 21:29:09 GMT` and its two old forms | [`http_date`] |
//! | either of the first and the last | [`last_modified`] |
//!
//! [`read`] has the same for fields: `#[serde(default, deserialize_with = "time::read::instant")]`.
//!
//! Precision is a microsecond, the contract's; what is finer is cut off, never rounded up. Deliberately absent: the
//! present. A connector that needs it is about to write down an age.

mod http;
mod iso;
pub mod read;

use std::fmt;

use jiff::{Timestamp, civil, tz::Offset};

/// A point in time, to the microsecond. Written as the contract wants it: `2026-11-22T21:29:09.354959Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(Timestamp);

/// A calendar date without a zone. Written `2026-12-02`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(civil::Date);

/// A text or number that is not the time it ought to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotATime {
    /// The beginning of it.
    pub found: String,
    /// What was expected, with an example.
    pub expected: &'static str,
}

impl fmt::Display for NotATime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not {}", self.found, self.expected)
    }
}

impl std::error::Error for NotATime {}

impl From<NotATime> for crate::Failure {
    fn from(error: NotATime) -> Self {
        Self::shape(error)
    }
}

/// A time, none, or neither.
pub type Read<T> = std::result::Result<Option<T>, NotATime>;

/// RFC 3339 with a zone; fractions of any length; `T` or a space; offsets also without their colon.
pub fn instant(text: &str) -> Read<Instant> {
    read_text(text, "an RFC 3339 time with a zone, such as 2026-11-22T21:29:09Z", iso::zoned)
}

/// A date and time without a zone that the source documents to be UTC. With a zone it is refused: then the
/// documentation is wrong.
pub fn naive_utc(text: &str) -> Read<Instant> {
    read_text(text, "a time without a zone, such as 2026-11-22T21:42:56 or 2026-11-22 21:42:56", iso::naive)
}

/// A calendar date.
pub fn date(text: &str) -> Read<Date> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let expected = "a date, such as 2026-12-02";
    let date = iso::date(text).ok_or_else(|| NotATime::new(text, expected))?;
    Ok(Some(Date(date)).filter(|date| !is_sentinel(date.0)))
}

/// An HTTP date (RFC 9110, 5.6.7): the fixed form, or one of the two obsolete ones.
pub fn http_date(text: &str) -> Read<Instant> {
    read_text(text, "an HTTP date, such as Sun, 22 Nov 2026 21:29:09 GMT", http::parse)
}

/// `Last-Modified` as it is found: an HTTP date, or an RFC 3339 time where a server does not know better.
pub fn last_modified(text: &str) -> Read<Instant> {
    let expected = "an HTTP date or an RFC 3339 time";
    read_text(text, expected, |text| http::parse(text).or_else(|| iso::zoned(text)))
}

/// Whole seconds since 1970.
pub fn epoch_seconds(seconds: i64) -> Read<Instant> {
    let expected = "seconds since 1970";
    Timestamp::from_second(seconds)
        .map(Instant::unless_sentinel)
        .map_err(|_| NotATime::new(&seconds.to_string(), expected))
}

/// Seconds since 1970 as a JSON number, whole or with a fraction. A fraction is read as the decimal it was written
/// as, to the microsecond.
pub fn epoch_number(number: &serde_json::Number) -> Read<Instant> {
    if let Some(seconds) = number.as_i64() {
        return epoch_seconds(seconds);
    }
    let expected = "seconds since 1970";
    // A double keeps about a quarter of a microsecond at present-day magnitudes, so rounding gives back the
    // six decimals that were written.
    let micros = number.as_f64().map(|seconds| (seconds * 1e6).round());
    micros
        .filter(|micros| micros.abs() < 9e17)
        .and_then(|micros| {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^63, checked above")]
            Timestamp::from_microsecond(micros as i64).ok()
        })
        .map(Instant::unless_sentinel)
        .ok_or_else(|| NotATime::new(&number.to_string(), expected))
}

fn read_text(text: &str, expected: &'static str, parse: impl Fn(&str) -> Option<Timestamp>) -> Read<Instant> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Instant::unless_sentinel).ok_or_else(|| NotATime::new(text, expected))
}

/// 1970-01-01 and the year 1 are what sources write where they have nothing to write.
fn is_sentinel(date: civil::Date) -> bool {
    date.year() <= 1 || date == civil::date(1970, 1, 1)
}

impl NotATime {
    fn new(found: &str, expected: &'static str) -> Self {
        Self { found: found.chars().take(64).collect(), expected }
    }
}

impl Instant {
    fn unless_sentinel(timestamp: Timestamp) -> Option<Self> {
        let day = Offset::UTC.to_datetime(timestamp).date();
        if is_sentinel(day) {
            return None;
        }
        // Cut, not rounded: an instant must never be later than the source said.
        Timestamp::from_microsecond(timestamp.as_nanosecond().div_euclid(1_000).try_into().ok()?)
            .ok()
            .map(Self)
    }

    /// Whole seconds from `earlier` to this instant, negative when it is the later one.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.as_second().saturating_sub(earlier.0.as_second())
    }

    /// The instant so many seconds before, for bookmarks that overlap; this one where the calendar begins.
    #[must_use]
    pub fn seconds_before(self, seconds: u32) -> Self {
        Timestamp::from_microsecond(self.0.as_microsecond() - i64::from(seconds) * 1_000_000)
            .map_or(self, Self)
    }

    /// The day it falls on in UTC.
    pub fn day(self) -> Date {
        Date(Offset::UTC.to_datetime(self.0).date())
    }
}

impl Date {
    /// The first instant of the day in UTC: the earliest that a source can mean by a bare date, so that evidence
    /// is rather taken for too old than for too fresh.
    pub fn start(self) -> Option<Instant> {
        Offset::UTC.to_timestamp(self.0.to_datetime(civil::Time::midnight())).ok().map(Instant)
    }

    /// The day so many days later, or `None` where the calendar ends.
    pub fn plus_days(self, days: u32) -> Option<Self> {
        self.0.checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?).ok().map(Self)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(read: Read<Instant>, expected: &str) {
        assert_eq!(read.map(|instant| instant.map(String::from)), Ok(Some(expected.to_owned())));
    }

    #[test]
    fn rfc_3339_is_read_in_every_precision_and_offset() {
        same(instant("2026-11-22T21:29:09.354959Z"), "2026-11-22T21:29:09.354959Z");
        same(instant("2026-11-22T21:29:09.354959999Z"), "2026-11-22T21:29:09.354959Z");
        same(instant("2026-11-22T21:29:09Z"), "2026-11-22T21:29:09Z");
        same(instant("2026-11-22 21:29:09z"), "2026-11-22T21:29:09Z");
        same(instant("2026-11-22T22:29:09.5+01:00"), "2026-11-22T21:29:09.5Z");
        same(instant("2026-11-22T15:29:09.000-0600"), "2026-11-22T21:29:09Z");
        same(instant("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00Z");
        same(instant("1969-12-31T23:59:59.9999999Z"), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_nearly_a_time_is_refused() {
        for text in [
            "2026-11-22T21:29:09",
            "2026-11-22",
            "2026-11-22T21:29Z",
            "2026-11-22T24:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-22T21:29:60Z",
            "2026-11-22T21:29:09.Z",
            "2026-11-22T21:29:09,5Z",
            "2026-11-22T21:29:09+25:00",
            "2026-11-22T21:29:09+1",
            "2026-11-22T21:29:09 UTC",
            "22/11/2026",
            "2026-11-22T21:29:09Z junk",
            "now",
            "1795383000",
            "+2026-11-22T21:29:09Z",
            "2026-11-22T21:29:09[Europe/Bern]",
            "２026-11-22T21:29:09Z",
        ] {
            assert!(instant(text).is_err(), "{text} was read as {:?}", instant(text));
        }
        assert!(naive_utc("2026-11-22T21:29:09Z").is_err());
        assert!(naive_utc("2026-11-22").is_err());
        assert!(date("2026-11-22T00:00:00Z").is_err());
        assert!(date("2026-13-01").is_err());
        assert!(http_date("2026-11-22T21:29:09Z").is_err());
    }

    #[test]
    fn sentinels_are_no_time() {
        for text in ["1970-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+02:00", "", "  "] {
            assert_eq!(instant(text), Ok(None), "{text}");
        }
        assert_eq!(naive_utc("1970-01-01 00:00:00"), Ok(None));
        assert_eq!(date("0001-01-01"), Ok(None));
        assert_eq!(date("1970-01-01"), Ok(None));
        assert_eq!(epoch_seconds(0), Ok(None));
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Ok(None));
    }

    #[test]
    fn times_without_a_zone_are_read_only_where_asked_for() {
        same(naive_utc("2026-11-22T21:42:56.528545"), "2026-11-22T21:42:56.528545Z");
        same(naive_utc("2026-11-22 21:42:56"), "2026-11-22T21:42:56Z");
        assert!(instant("2026-11-22 21:42:56").is_err());
    }

    #[test]
    fn epochs_are_read_to_the_microsecond() {
        let number = |text: &str| serde_json::from_str::<serde_json::Number>(text).unwrap();
        same(epoch_seconds(1_795_383_000), "2026-11-22T21:30:00Z");
        same(epoch_number(&number("1795383000")), "2026-11-22T21:30:00Z");
        same(epoch_number(&number("1795383000.123456")), "2026-11-22T21:30:00.123456Z");
        same(epoch_number(&number("1.795383E9")), "2026-11-22T21:30:00Z");
        assert!(epoch_number(&number("1e30")).is_err());
        assert!(epoch_seconds(i64::MAX).is_err());
    }

    #[test]
    fn http_dates_are_read_in_their_three_forms() {
        same(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), "1994-11-06T08:49:37Z");
        same(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), "1994-11-06T08:49:37Z");
        same(http_date("Sun Nov  6 08:49:37 1994"), "1994-11-06T08:49:37Z");
        same(last_modified("2026-11-22T21:36:19Z"), "2026-11-22T21:36:19Z");
        for text in
            ["Mon, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 6 Nov 1994 08:49:37 GMT"]
        {
            assert!(http_date(text).is_err(), "{text}");
        }
    }

    #[test]
    fn days_and_instants_go_together() {
        let day = date("2026-11-10").unwrap().unwrap();
        assert_eq!(day.start().unwrap().to_string(), "2026-11-10T00:00:00Z");
        assert_eq!(day.plus_days(90).unwrap().to_string(), "2027-02-08");
        assert_eq!(date("9999-12-31").unwrap().unwrap().plus_days(1), None);
        let at = instant("2026-11-22T21:29:09.354959Z").unwrap().unwrap();
        assert_eq!(at.day().to_string(), "2026-11-22");
        assert_eq!(at.seconds_before(300).to_string(), "2026-11-22T21:24:09.354959Z");
    }
}
