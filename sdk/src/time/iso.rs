//! The numeric shapes: RFC 3339, its zoneless relatives, and dates. Strict, by position.

use jiff::civil::{self, DateTime};
use jiff::{Timestamp, tz::Offset};

/// `YYYY-MM-DD`, and nothing else.
pub(super) fn date(text: &str) -> Option<civil::Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = i16::try_from(number(&bytes[..4])?).ok()?;
    civil::Date::new(year, small(&bytes[5..7])?, small(&bytes[8..])?).ok()
}

/// A date and time with `Z` or an offset.
pub(super) fn zoned(text: &str) -> Option<Timestamp> {
    let (datetime, rest) = date_time(text)?;
    offset(rest)?.to_timestamp(datetime).ok()
}

/// A date and time with nothing after it, taken for UTC.
pub(super) fn naive(text: &str) -> Option<Timestamp> {
    let (datetime, rest) = date_time(text)?;
    if rest.is_empty() { Offset::UTC.to_timestamp(datetime).ok() } else { None }
}

/// `YYYY-MM-DDThh:mm:ss[.fraction]`, and what follows it.
fn date_time(text: &str) -> Option<(DateTime, &str)> {
    let (day, rest) = (text.get(..10)?, text.get(10..)?);
    let time = rest.strip_prefix(['T', 't', ' '])?;
    let clock = time.get(..8)?.as_bytes();
    if clock[2] != b':' || clock[5] != b':' {
        return None;
    }
    let (nanos, rest) = fraction(time.get(8..)?)?;
    let time =
        civil::Time::new(small(&clock[..2])?, small(&clock[3..5])?, small(&clock[6..])?, nanos).ok()?;
    Some((date(day)?.to_datetime(time), rest))
}

/// Nanoseconds of an optional `.123`, cut after nine digits, and what follows.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(digits) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let nanos = (0..9).fold(0, |nanos, at| {
        let digit = digits.as_bytes()[..end].get(at).map_or(0, |digit| i32::from(digit - b'0'));
        nanos * 10 + digit
    });
    Some((nanos, &digits[end..]))
}

/// `Z`, `+hh:mm` or `+hhmm`.
fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()
}

pub(super) fn small(digits: &[u8]) -> Option<i8> {
    i8::try_from(number(digits)?).ok()
}

/// A number of ASCII digits alone: no sign, no space.
pub(super) fn number(digits: &[u8]) -> Option<i32> {
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |value, digit| value * 10 + i32::from(digit - b'0')))
}
