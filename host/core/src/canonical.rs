//! Canonical bytes and digests: the only place in Probity that hashes.
//!
//! Values are written as canonical JSON (RFC 8785) and hashed with SHA-256. RFC 8785 writes numbers as
//! IEEE doubles, so two integers beyond 2^53 can have the same bytes; such numbers are refused here
//! instead of colliding. Values of 64 bits travel as strings ([`u64_string`]).
//!
//! A digest of a record starts with a domain (`probity/content/1`), so that no value of one kind can be
//! presented as a value of another.

mod writer;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// The largest integer that canonical JSON tells from its neighbours: 2^53 - 1.
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// A SHA-256 digest, written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

/// Why a value has no canonical bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    #[error("{0} is an integer beyond 2^53 or not a finite number; write it as a string")]
    Number(String),
    #[error("the value cannot be written as JSON: {0}")]
    Json(String),
}

/// The text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest: write `sha256:` and 64 lower-case hexadecimal digits")]
pub struct NotADigest(pub String);

impl Digest {
    /// The digest of some bytes as they are.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of a value's canonical form, in a domain.
    pub fn of_value(domain: &str, value: &impl Serialize) -> Result<Self, NotCanonical> {
        bytes(value).map(|canonical| Self::of_canonical(domain, &canonical))
    }

    /// The same for canonical bytes that are already at hand.
    pub(crate) fn of_canonical(domain: &str, canonical: &[u8]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(domain.as_bytes());
        hasher.update(b"\n");
        hasher.update(canonical);
        hasher.finish()
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// From 32 bytes that already are a digest.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 64 hexadecimal digits, without the prefix.
    pub fn hex(&self) -> String {
        String::from_utf8_lossy(&self.text()[PREFIX.len()..]).into_owned()
    }

    fn text(&self) -> [u8; PREFIX.len() + 64] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; PREFIX.len() + 64];
        text[..PREFIX.len()].copy_from_slice(PREFIX.as_bytes());
        for (pair, byte) in text[PREFIX.len()..].chunks_exact_mut(2).zip(&self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        text
    }
}

/// What a digest's text begins with.
const PREFIX: &str = "sha256:";

/// A digest taken piece by piece.
#[derive(Clone, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in some more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything taken in.
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// A value's canonical JSON.
pub fn bytes(value: &impl Serialize) -> Result<Vec<u8>, NotCanonical> {
    let mut bytes = Vec::with_capacity(256);
    writer::write(value, &mut bytes)?;
    Ok(bytes)
}

/// The same in a buffer that was used before: what it held is gone.
pub(crate) fn bytes_into(value: &impl Serialize, buffer: &mut Vec<u8>) -> Result<(), NotCanonical> {
    buffer.clear();
    writer::write(value, buffer)
}

/// Whether a number keeps its identity in canonical form.
pub fn is_safe_number(number: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "2^53 - 1 is exact as a double")]
    let limit = MAX_SAFE_INTEGER as f64;
    number.is_finite() && (number.fract() != 0.0 || number.abs() <= limit)
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let bad = || NotADigest(text.chars().take(80).collect());
        let hex = text.strip_prefix(PREFIX).ok_or_else(bad)?.as_bytes();
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        if hex.len() != 64 {
            return Err(bad());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0]).ok_or_else(bad)? << 4 | digit(pair[1]).ok_or_else(bad)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Unsigned integers of 64 bits as JSON strings, for `#[serde(with = "…")]` on a `u64`.
pub mod u64_string {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes `"42"`.
    pub fn serialize<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads `"42"`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The same for an `Option<u64>`: a string or `null`.
pub mod u64_string_option {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes `"42"` or `null`.
    pub fn serialize<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads `"42"` or `null`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
    }
}

/// Bytes in lower-case hexadecimal, for `#[serde(with = "…")]` on a `Vec<u8>`.
pub mod hex_bytes {
    use std::fmt::Write as _;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// Writes `"00ff"`.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut hex = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        serializer.serialize_str(&hex)
    }

    /// Reads `"00ff"`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        read(&std::borrow::Cow::<'de, str>::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    pub(super) fn read(text: &str) -> Result<Vec<u8>, &'static str> {
        const RULE: &str = "bytes are written in pairs of hexadecimal digits";
        if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(RULE);
        }
        let pairs = (0..text.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| RULE)).collect()
    }
}

/// The same for an `Option<Vec<u8>>`: a string or `null`.
pub mod hex_bytes_option {
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// Writes `"00ff"` or `null`.
    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        match bytes {
            None => serializer.serialize_none(),
            Some(bytes) => super::hex_bytes::serialize(bytes, serializer),
        }
    }

    /// Reads `"00ff"` or `null`.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.map(|text| super::hex_bytes::read(&text).map_err(D::Error::custom)).transpose()
    }
}

/// A `f64` that may be none. A number that canonical JSON cannot hold is written as its text, so that a page
/// with such a number still has a digest of its own; admission leaves the item out.
pub mod number_option {
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes a number, the text of one (`"NaN"`), or `null`.
    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) if super::is_safe_number(*value) => serializer.serialize_some(value),
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads any of them.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Option::<Written>::deserialize(deserializer)? {
            None => Ok(None),
            Some(Written::Number(number)) => Ok(Some(number)),
            Some(Written::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;
    use serde_json::json;

    use super::{Digest, NotCanonical, bytes};

    #[test]
    fn key_order_does_not_matter() {
        let one = Digest::of_value("test/1", &json!({"a": 1, "b": [true, null]})).unwrap();
        let other = Digest::of_value("test/1", &json!({"b": [true, null], "a": 1})).unwrap();
        assert_eq!(one, other);
        assert_ne!(one, Digest::of_value("test/2", &json!({"a": 1, "b": [true, null]})).unwrap());
    }

    #[test]
    fn integers_that_would_collide_are_refused() {
        assert!(bytes(&json!(9_007_199_254_740_991_u64)).is_ok());
        for number in [json!(9_007_199_254_740_993_u64), json!(-9_007_199_254_740_993_i64), json!(1e300)] {
            assert!(matches!(bytes(&json!({"n": [number]})), Err(NotCanonical::Number(_))), "{number}");
        }
    }

    /// Values of every shape, with names and texts that are hard to order and to escape.
    fn values() -> impl Strategy<Value = serde_json::Value> {
        let text = "([a-c]|[\\\\\"\u{1}\u{7f}\n]|[\u{e9}\u{20ac}\u{e000}\u{ffff}\u{1f600}]){0,4}";
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|flag| json!(flag)),
            (-(1_i64 << 53) + 1..1 << 53).prop_map(|number| json!(number)),
            any::<f64>()
                .prop_filter("safe", |number| super::is_safe_number(*number))
                .prop_map(|number| json!(number)),
            text.prop_map(|text| json!(text)),
        ];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(|list| json!(list)),
                prop::collection::btree_map(text, inner, 0..6).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_is_written_as_another_implementation_writes_it(value in values()) {
            let ours = bytes(&value).unwrap();
            prop_assert_eq!(String::from_utf8(ours).unwrap(), serde_jcs::to_string(&value).unwrap());
        }
    }

    #[test]
    fn rust_values_have_the_bytes_of_their_json() {
        #[derive(Serialize)]
        enum Case {
            Unit,
            One(u8),
            Two(i64, char),
            Named { z: f64, a: &'static [u8] },
        }
        #[derive(Serialize)]
        struct All {
            z: Option<u32>,
            b: Vec<Case>,
            a: BTreeMap<i8, ()>,
            c: (String, Digest),
        }
        let all = All {
            z: None,
            b: vec![Case::Unit, Case::One(7), Case::Two(-3, '"'), Case::Named { z: 0.1, a: b"x" }],
            a: [(-10, ()), (9, ()), (10, ())].into(),
            c: ("\u{1}é".to_owned(), Digest::of(b"")),
        };
        let value = serde_json::to_value(&all).unwrap();
        assert_eq!(String::from_utf8(bytes(&all).unwrap()).unwrap(), serde_jcs::to_string(&value).unwrap());
        assert!(matches!(bytes(&f64::NAN), Err(NotCanonical::Number(_))));
        assert!(matches!(bytes(&BTreeMap::from([((1, 2), 3)])), Err(NotCanonical::Json(_))));
    }

    #[test]
    fn a_value_that_says_the_same_name_twice_is_refused() {
        #[derive(Serialize)]
        #[serde(tag = "kind")]
        enum Outer {
            Case(Inner),
        }
        #[derive(Serialize)]
        struct Inner {
            kind: u8,
        }
        // It could be written, and never be read again.
        assert!(matches!(bytes(&Outer::Case(Inner { kind: 1 })), Err(NotCanonical::Json(_))));
    }

    #[test]
    fn a_digest_reads_back() {
        let digest = Digest::of(b"probity");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("sha256:00".parse::<Digest>().is_err());
        assert!(digest.to_string().to_uppercase().parse::<Digest>().is_err());
    }
}
