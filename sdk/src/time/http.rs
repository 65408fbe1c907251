//! HTTP dates (RFC 9110, 5.6.7).

use jiff::civil::{self, Weekday};
use jiff::{Timestamp, tz::Offset};

use super::iso::{number, small};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [(&str, Weekday); 7] = [
    ("Monday", Weekday::Monday),
    ("Tuesday", Weekday::Tuesday),
    ("Wednesday", Weekday::Wednesday),
    ("Thursday", Weekday::Thursday),
    ("Friday", Weekday::Friday),
    ("Saturday", Weekday::Saturday),
    ("Sunday", Weekday::Sunday),
];

/// The parts of a date, as they stand in the text.
struct Parts<'a> {
    weekday: Weekday,
    day: &'a str,
    month: &'a str,
    year: i32,
    clock: &'a str,
}

pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let parts = match text.split_once(", ") {
        Some((weekday, rest)) if weekday.len() == 3 => fixed(weekday, rest)?,
        Some((weekday, rest)) => rfc850(weekday, rest)?,
        None => asctime(text)?,
    };
    assemble(&parts)
}

/// `06 Nov 1994 08:49:37 GMT`
fn fixed<'a>(weekday: &str, rest: &'a str) -> Option<Parts<'a>> {
    let [day, month, year, clock, "GMT"] = words(rest)? else { return None };
    if day.len() != 2 || year.len() != 4 {
        return None;
    }
    Some(Parts { weekday: abbreviated(weekday)?, day, month, year: number(year.as_bytes())?, clock })
}

/// `06-Nov-94 08:49:37 GMT`
fn rfc850<'a>(weekday: &str, rest: &'a str) -> Option<Parts<'a>> {
    let (date, clock) = rest.split_once(' ')?;
    let mut date = date.split('-');
    let (day, month, year) = (date.next()?, date.next()?, date.next()?);
    if date.next().is_some() || day.len() != 2 || year.len() != 2 {
        return None;
    }
    // Two digits mean the century nearest to when anybody still wrote them.
    let year = number(year.as_bytes())?;
    let year = if year < 70 { 2000 + year } else { 1900 + year };
    let weekday = DAYS.iter().find(|(name, _)| *name == weekday)?.1;
    Some(Parts { weekday, day, month, year, clock: clock.strip_suffix(" GMT")? })
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<Parts<'_>> {
    let (weekday, rest) = (text.get(..3)?, text.get(3..)?.strip_prefix(' ')?);
    let (month, rest) = (rest.get(..3)?, rest.get(3..)?.strip_prefix(' ')?);
    let (day, rest) = (rest.get(..2)?.trim_start(), rest.get(2..)?.strip_prefix(' ')?);
    let (clock, year) = rest.split_once(' ')?;
    if year.len() != 4 {
        return None;
    }
    Some(Parts { weekday: abbreviated(weekday)?, day, month, year: number(year.as_bytes())?, clock })
}

fn assemble(parts: &Parts<'_>) -> Option<Timestamp> {
    let month = i8::try_from(MONTHS.iter().position(|month| *month == parts.month)? + 1).ok()?;
    let date = civil::Date::new(i16::try_from(parts.year).ok()?, month, small(parts.day.as_bytes())?).ok()?;
    if parts.weekday != date.weekday() {
        return None;
    }
    let clock = parts.clock.as_bytes();
    if clock.len() != 8 || clock[2] != b':' || clock[5] != b':' {
        return None;
    }
    let time = civil::Time::new(small(&clock[..2])?, small(&clock[3..5])?, small(&clock[6..])?, 0).ok()?;
    Offset::UTC.to_timestamp(date.to_datetime(time)).ok()
}

fn abbreviated(text: &str) -> Option<Weekday> {
    DAYS.iter().find(|(name, _)| name.get(..3) == Some(text)).map(|(_, weekday)| *weekday)
}

/// Exactly five words with one space between them.
fn words(text: &str) -> Option<[&str; 5]> {
    let mut words = text.split(' ');
    let found = [words.next()?, words.next()?, words.next()?, words.next()?, words.next()?];
    words.next().is_none().then_some(found)
}
