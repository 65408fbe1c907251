//! Typed names. A string that names a run cannot be passed where one that names a connection is due.
//!
//! Ids that the host makes up are UUIDs of version 7 in their usual text form; how they are made (time and
//! chance) is the host's business. Names chosen by people are checked slugs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::{excerpt, is_plain_line};

/// A name that is not well formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {rule}")]
pub struct BadName {
    what: &'static str,
    rule: &'static str,
    text: String,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(BadName { what: $what, rule: $rule, text: excerpt(text, 80) })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        })
}

/// 1 to 63 of a-z, 0-9 and `-`, not at the ends.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// `type:name`: a slug, a colon, and a name without hidden characters of at most 200 bytes.
fn is_subject(text: &str) -> bool {
    text.split_once(':').is_some_and(|(kind, name)| {
        is_slug(kind) && (1..=200).contains(&name.len()) && name.trim() == name && is_plain_line(name)
    })
}

name!(
    /// A connection's lasting identity; it survives renaming.
    ConnectionId, "a connection id", "ids are lower-case UUIDs", is_uuid
);
name!(
    /// One run over a connection.
    RunId, "a run id", "ids are lower-case UUIDs", is_uuid
);
name!(
    /// One piece of evidence, over all its revisions.
    EvidenceId, "an evidence id", "ids are lower-case UUIDs", is_uuid
);
name!(
    /// One exception packet.
    PacketId, "a packet id", "ids are lower-case UUIDs", is_uuid
);
name!(
    /// A connection's name, chosen by the operator.
    ConnectionName, "a connection name", "use 1 to 63 of a-z, 0-9 and `-`, not at the ends", is_slug
);
name!(
    /// A stream's id, chosen by the connector.
    StreamId, "a stream id", "use 1 to 63 of a-z, 0-9 and `-`, not at the ends", is_slug
);
name!(
    /// What evidence is about: `service:payments-bridge`.
    Subject, "a subject", "write `type:name`, for example `service:payments-bridge`", is_subject
);

#[cfg(test)]
mod tests {
    use super::{ConnectionName, EvidenceId, Subject};

    #[test]
    fn names_are_checked_when_they_come_in() {
        assert!("dojo-1".parse::<ConnectionName>().is_ok());
        for bad in ["", "Dojo", "-x", "x-", "a b", "a/b", &"x".repeat(64)] {
            assert!(bad.parse::<ConnectionName>().is_err(), "{bad:?}");
        }
        assert!("0197a3c0-0000-7000-8000-000000000001".parse::<EvidenceId>().is_ok());
        assert!("0197A3C0-0000-7000-8000-000000000001".parse::<EvidenceId>().is_err());
        assert!("credential:legacy-broker/shared".parse::<Subject>().is_ok());
        for bad in
            ["service", "service:", ":x", "Service:x", "service: x", "service:a\nb", "service:a\u{202e}b"]
        {
            assert!(bad.parse::<Subject>().is_err(), "{bad:?}");
        }
    }
}
