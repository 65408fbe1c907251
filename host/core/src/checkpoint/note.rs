//! C2SP signed notes with Ed25519 (<https://c2sp.org/signed-note>): a text, a blank line, and a line for each signature.
//!
//! Deliberately absent: other signature types. A signature by a key that is not asked about is left alone, as the
//! specification wants, so witnesses may add theirs.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::Signer as _;

use crate::canonical::Hasher;
use crate::text::excerpt;

/// Ed25519 in the specification's list of signature types.
const ED25519: u8 = 0x01;

/// The most signatures that are looked at.
pub(super) const MAX_SIGNATURES: usize = 100;

/// The longest note that is read.
pub(super) const MAX_NOTE: usize = 32 * 1024 * 1024;

/// What checkpoints are signed with. Its text is never shown; `Debug` shows the name.
pub struct SigningKey {
    name: String,
    secret: ed25519_dalek::SigningKey,
}

/// What checkpoints are verified with: `NAME+HASH+BASE64`, as in the specification's tools.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: ed25519_dalek::VerifyingKey,
}

/// Why a text is not a note signed by a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadNote {
    #[error("the note is {0} bytes long; at most {MAX_NOTE} are read")]
    TooLarge(usize),
    #[error("the text is not a signed note: {0}")]
    Malformed(&'static str),
    #[error("the note has no signature by {0}: verify with the key it was signed with")]
    NotSigned(String),
    #[error("the note's signature by {0} is not over this text: the note was changed")]
    Mismatch(String),
    #[error("`{0}` cannot name a key: write 1 to 200 characters without spaces, hidden characters and `+`")]
    Name(String),
    #[error("`{0}` is not a verifier key: write NAME+HASH+BASE64, with an Ed25519 key that its hash fits")]
    VerifierKey(String),
}

impl BadNote {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "checkpoint.too-large",
            Self::Malformed(_) => "checkpoint.malformed",
            Self::NotSigned(_) => "checkpoint.not-signed",
            Self::Mismatch(_) => "checkpoint.mismatch",
            Self::Name(_) => "checkpoint.key-name",
            Self::VerifierKey(_) => "checkpoint.verifier-key",
        }
    }
}

impl SigningKey {
    /// From 32 bytes of chance, which the host keeps.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, BadNote> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), secret: ed25519_dalek::SigningKey::from_bytes(seed) })
    }

    /// What others verify with.
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey { name: self.name.clone(), key: self.secret.verifying_key() }
    }
}

impl VerifierKey {
    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The start of the digest of name and key: finds the signature to verify, proves nothing.
    fn hash(&self) -> [u8; 4] {
        let mut hasher = Hasher::new();
        for part in [self.name.as_bytes(), b"\n", &[ED25519], self.key.as_bytes()] {
            hasher.update(part);
        }
        let [first, second, third, fourth, ..] = *hasher.finish().as_bytes();
        [first, second, third, fourth]
    }
}

/// A text with its signature.
pub(super) fn sign(text: &str, key: &SigningKey) -> Result<String, BadNote> {
    check_text(text)?;
    let signature = key.secret.sign(text.as_bytes()).to_bytes();
    let bytes = [key.verifier_key().hash().as_slice(), &signature].concat();
    Ok(format!("{text}\n— {} {}\n", key.name, Base64::encode_string(&bytes)))
}

/// The text, once the signature by this key was verified.
pub(super) fn open<'a>(note: &'a str, key: &VerifierKey) -> Result<&'a str, BadNote> {
    if note.len() > MAX_NOTE {
        return Err(BadNote::TooLarge(note.len()));
    }
    let end = note.rfind("\n\n").ok_or(BadNote::Malformed("no blank line stands before the signatures"))?;
    let (text, signatures) = (&note[..=end], &note[end + 2..]);
    check_text(text)?;
    let mut ours = None;
    for (name, signature) in read_signatures(signatures)? {
        // The specification: the first signature by a known key decides.
        if name == key.name && signature.starts_with(&key.hash()) && ours.is_none() {
            ours = Some(signature);
        }
    }
    let ours = ours.ok_or_else(|| BadNote::NotSigned(key.to_string()))?;
    ed25519_dalek::Signature::from_slice(&ours[4..])
        .and_then(|signature| key.key.verify_strict(text.as_bytes(), &signature))
        .map_err(|_| BadNote::Mismatch(key.name.clone()))?;
    Ok(text)
}

fn read_signatures(lines: &str) -> Result<Vec<(&str, Vec<u8>)>, BadNote> {
    let malformed = BadNote::Malformed("a signature is a line of an em dash, a name and Base64");
    let Some(lines) = lines.strip_suffix('\n') else { return Err(malformed) };
    let mut signatures = Vec::new();
    for line in lines.split('\n') {
        let read =
            line.strip_prefix("— ").and_then(|line| line.split_once(' ')).and_then(|(name, base64)| {
                let bytes = Base64::decode_vec(base64).ok().filter(|bytes| bytes.len() > 4)?;
                check_name(name).is_ok().then_some((name, bytes))
            });
        signatures.push(read.ok_or_else(|| malformed.clone())?);
        if signatures.len() > MAX_SIGNATURES {
            return Err(BadNote::Malformed("it has more than 100 signatures"));
        }
    }
    Ok(signatures)
}

fn check_text(text: &str) -> Result<(), BadNote> {
    if !text.ends_with('\n') {
        return Err(BadNote::Malformed("its text does not end with a newline"));
    }
    if text.chars().any(|character| character < ' ' && character != '\n') {
        return Err(BadNote::Malformed("its text holds control characters"));
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), BadNote> {
    let fits = (1..=200).contains(&name.len())
        && !name.contains('+')
        && !name.chars().any(|character| character.is_whitespace() || crate::text::is_hidden(character));
    if fits { Ok(()) } else { Err(BadNote::Name(excerpt(name, 80))) }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = u32::from_be_bytes(self.hash());
        let key = [[ED25519].as_slice(), self.key.as_bytes()].concat();
        write!(f, "{}+{hash:08x}+{}", self.name, Base64::encode_string(&key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VerifierKey {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        let read = || {
            // The Base64 may hold a `+` of its own.
            let (name, rest) = text.split_once('+')?;
            let (_, base64) = rest.split_once('+')?;
            check_name(name).ok()?;
            let bytes = Base64::decode_vec(base64).ok()?;
            let [ED25519, key @ ..] = bytes.as_slice() else { return None };
            let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            let read = Self { name: name.to_owned(), key };
            (!key.is_weak() && read.to_string() == text).then_some(read)
        };
        read().ok_or_else(|| BadNote::VerifierKey(excerpt(text, 120)))
    }
}
