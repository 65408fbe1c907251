//! Lengths of time as people write them: `90s`, `15m`, `6h`, `30d`, `2w`.
//!
//! Board policies, checks and reports use the same words, so that a maximum age reads the same where it is set and
//! where it is missed.
//!
//! Deliberately absent: months and years, which are not lengths, and fractions.

use std::time::Duration;

use crate::text::excerpt;

const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// A century is longer than any age that matters, and far from overflowing an instant.
const LONGEST: u64 = 3_155_760_000;

/// The text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a length of time: write a whole number and s, m, h, d or w, for example \"30d\"")]
pub struct NotADuration(String);

/// A positive length of time: a whole number and a unit.
pub fn parse(text: &str) -> Result<Duration, NotADuration> {
    let bad = || NotADuration(excerpt(text, 40));
    let (unit, seconds) = UNITS.into_iter().find(|(unit, _)| text.ends_with(*unit)).ok_or_else(bad)?;
    let number = text.strip_suffix(unit).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let number: u64 = number.and_then(|digits| digits.parse().ok()).ok_or_else(bad)?;
    match number.checked_mul(seconds) {
        Some(total @ 1..=LONGEST) => Ok(Duration::from_secs(total)),
        _ => Err(bad()),
    }
}

/// As one writes it: in the largest unit, up to days, that leaves nothing over. What is less than a second is left out.
pub fn written(duration: Duration) -> String {
    let total = duration.as_secs();
    let even = UNITS.into_iter().skip(1).find(|(_, seconds)| total > 0 && total.is_multiple_of(*seconds));
    let (unit, seconds) = even.unwrap_or(('s', 1));
    format!("{}{unit}", total / seconds)
}

/// About how long it is, in at most two units: `95d 4h`. For reports; a reader wants no seconds of a month.
pub fn about(duration: Duration) -> String {
    let total = duration.as_secs();
    let first = UNITS.iter().skip(1).position(|(_, seconds)| total >= *seconds).map_or(4, |at| at + 1);
    let (unit, seconds) = UNITS[first];
    let next = UNITS.get(first + 1).map(|(unit, smaller)| (total % seconds / smaller, *unit));
    match next {
        Some((rest @ 1.., smaller)) => format!("{}{unit} {rest}{smaller}", total / seconds),
        _ => format!("{}{unit}", total / seconds),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{about, parse, written};

    #[test]
    fn a_length_is_a_whole_number_and_a_unit() {
        for (text, seconds) in
            [("90s", 90), ("15m", 900), ("6h", 21_600), ("30d", 2_592_000), ("2w", 1_209_600)]
        {
            assert_eq!(parse(text).unwrap(), Duration::from_secs(seconds), "{text}");
        }
        for bad in ["", "d", "30", "0d", "-1d", "+1d", "1.5h", "30 d", "1y", "999999999999w", "30d\n", "é"] {
            assert!(parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_length_is_written_in_the_largest_unit_that_fits() {
        let seconds = Duration::from_secs;
        assert_eq!(
            [90, 900, 86_400, 2_592_000, 0].map(|total| written(seconds(total))),
            ["90s", "15m", "1d", "30d", "0s"]
        );
        assert_eq!(
            [5, 65, 7_200, 8_222_400].map(|total| about(seconds(total))),
            ["5s", "1m 5s", "2h", "95d 4h"]
        );
    }
}
