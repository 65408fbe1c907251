//! The shapes of time for serde: `#[serde(default, deserialize_with = "time::read::instant")]` on an
//! `Option<Instant>`. `null`, a missing member (by `default`) and sentinels are `None`; what is not the shape fails the
//! element, which then is told as a gap.

use serde::de::{Deserialize, Deserializer, Error};

use super::{Date, Instant, Read};

/// [`instant`](super::instant) of a string.
pub fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    text(deserializer, super::instant)
}

/// [`naive_utc`](super::naive_utc) of a string.
pub fn naive_utc<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    text(deserializer, super::naive_utc)
}

/// [`date`](super::date) of a string.
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    text(deserializer, super::date)
}

/// [`http_date`](super::http_date) of a string.
pub fn http_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    text(deserializer, super::http_date)
}

/// [`epoch_number`](super::epoch_number) of a number.
pub fn epoch<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    match Option::<serde_json::Number>::deserialize(deserializer)? {
        Some(number) => super::epoch_number(&number).map_err(D::Error::custom),
        None => Ok(None),
    }
}

fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    parse: impl Fn(&str) -> Read<T>,
) -> Result<Option<T>, D::Error> {
    match Option::<String>::deserialize(deserializer)? {
        Some(text) => parse(&text).map_err(D::Error::custom),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::Instant;

    #[derive(Deserialize)]
    struct Row {
        #[serde(default, deserialize_with = "super::instant")]
        at: Option<Instant>,
        #[serde(default, deserialize_with = "super::epoch")]
        seen: Option<Instant>,
    }

    #[test]
    fn fields_may_be_absent_or_null_but_not_wrong() {
        let row = |text: &str| serde_json::from_str::<Row>(text);
        assert_eq!(row("{}").unwrap().at, None);
        assert_eq!(row(r#"{"at": null, "seen": null}"#).unwrap().seen, None);
        assert_eq!(row(r#"{"seen": 1795383000}"#).unwrap().seen.unwrap().to_string(), "2026-11-22T21:30:00Z");
        assert!(row(r#"{"at": "2026-11-22T21:29:09"}"#).is_err());
        assert!(row(r#"{"at": 5}"#).is_err());
    }
}
