//! Lengths of time as operators write them: `90s`, `15m`, `6h`, `30d`.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// A positive length of time: a whole number and one of `s`, `m`, `h`, `d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || {
            format!(
                "`{text}` is not a length of time: write a whole number and s, m, h or d, for example \"6h\""
            )
        };
        let unit = text.chars().next_back().ok_or_else(bad)?;
        let seconds: u64 = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(bad()),
        };
        let number: u64 = text[..text.len() - 1].parse().map_err(|_| bad())?;
        match number.checked_mul(seconds) {
            // A century is longer than any schedule or maximum age, and far from overflowing an instant.
            Some(total @ 1..=3_155_760_000) => Ok(Self(Duration::from_secs(total))),
            _ => Err(bad()),
        }
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
