//! The head of a hash chain: how far it goes, and the digest of its last entry.
//!
//! Why it exists: whoever keeps a head outside the chain can tell a truncated or rewritten chain from the one
//! they saw. Text form: `12 sha256:…`.
//!
//! Deliberately absent: the chains. Each kind of entry hashes itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::canonical::Digest;
use crate::text::excerpt;

/// A chain's last entry: its place, counted from 1, and its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Head {
    pub seq: u32,
    pub digest: Digest,
}

/// The text is not a head.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the head of a chain: write the last entry's number, a space and its digest")]
pub struct NotAHead(pub String);

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.seq, self.digest)
    }
}

impl FromStr for Head {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let read = || {
            let (seq, digest) = text.split_once(' ')?;
            let head = Self { seq: seq.parse().ok().filter(|seq| *seq > 0)?, digest: digest.parse().ok()? };
            // `+1` and `01` are numbers to the parser, but not what a head is written as.
            (head.to_string() == text).then_some(head)
        };
        read().ok_or_else(|| NotAHead(excerpt(text, 120)))
    }
}

#[cfg(test)]
mod tests {
    use super::Head;
    use crate::canonical::Digest;

    #[test]
    fn a_head_has_one_spelling() {
        let head = Head { seq: 12, digest: Digest::of(b"entry") };
        assert_eq!(head.to_string().parse(), Ok(head));
        for bad in [head.to_string().replace("12", "012"), head.to_string().replace("12", "+12")] {
            assert!(bad.parse::<Head>().is_err(), "{bad}");
        }
        assert!(head.to_string().replace("12", "0").parse::<Head>().is_err(), "entries are counted from 1");
        assert!(format!("{head} ").parse::<Head>().is_err());
    }
}
