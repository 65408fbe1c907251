//! Finding the connection's secrets in what goes out and what comes in.
//!
//! Sources echo credentials: in error bodies, in debugging headers, in URLs they make. The forms looked for are
//! the secret as it is, in base64 (both alphabets, padded or not, and at each of the three offsets it can have
//! inside longer encoded text), percent-encoded, hexadecimal, and escaped for JSON and HTML. Each is replaced by
//! [`REMOVED`] before anything is captured or handed in.
//!
//! What this cannot do: a source and a connector that work together can agree on any other encoding. They are
//! kept apart by the grant, not by this list.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Credential;
use super::error::PolicyError;

/// What stands where a secret was.
pub(super) const REMOVED: &str = "[secret removed]";

/// A form shorter than this is not looked for: it would be found where no secret is.
const SHORTEST_FORM: usize = 6;

/// What form encoding and RFC 3986 leave as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &UNRESERVED.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');

/// Looks for the secrets of one connection.
pub(super) struct Scrubber {
    /// None: the connection has no secrets.
    finder: Option<AhoCorasick>,
}

impl Scrubber {
    pub(super) fn new<'a>(credentials: impl Iterator<Item = &'a Credential>) -> Result<Self, PolicyError> {
        let mut forms = BTreeSet::new();
        for credential in credentials {
            add_forms(credential.secret().expose(), &mut forms);
            if let Some(pair) = credential.pair() {
                add_base64(pair.as_bytes(), &mut forms);
            }
        }
        forms.retain(|form| form.len() >= SHORTEST_FORM);
        let finder = (!forms.is_empty())
            .then(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&forms))
            .transpose()
            .map_err(|problem| PolicyError::Secrets { problem: problem.to_string() })?;
        Ok(Self { finder })
    }

    /// Whether a secret is in there, in any form.
    pub(super) fn finds(&self, bytes: &[u8]) -> bool {
        self.finder.as_ref().is_some_and(|finder| finder.is_match(bytes))
    }

    /// The bytes without secrets, and how many were removed.
    pub(super) fn scrub(&self, bytes: Vec<u8>) -> (Vec<u8>, usize) {
        let Some(finder) = self.finder.as_ref().filter(|finder| finder.is_match(&bytes)) else {
            return (bytes, 0);
        };
        let mut removed = 0;
        let mut clean = Vec::with_capacity(bytes.len());
        finder.replace_all_with_bytes(&bytes, &mut clean, |_, _, out| {
            removed += 1;
            out.extend_from_slice(REMOVED.as_bytes());
            true
        });
        (clean, removed)
    }

    /// The text without secrets.
    pub(super) fn scrub_text(&self, text: &str) -> String {
        let (bytes, _) = self.scrub(text.as_bytes().to_vec());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn add_forms(secret: &str, forms: &mut BTreeSet<Vec<u8>>) {
    let mut add = |form: String| {
        forms.insert(form.into_bytes());
    };
    add(secret.to_owned());
    add(html(secret));
    let json = json(secret);
    add(json.replace('/', "\\/"));
    add(json);
    for set in [UNRESERVED, COMPONENT] {
        let encoded = utf8_percent_encode(secret, set).to_string();
        add(encoded.replace("%20", "+"));
        add(lower_escapes(&encoded));
        add(encoded);
    }
    let hexadecimal = hex::encode(secret);
    add(every_byte(secret, false));
    add(every_byte(secret, true));
    add(hexadecimal.to_ascii_uppercase());
    add(hexadecimal);
    add_base64(secret.as_bytes(), forms);
}

fn add_base64(secret: &[u8], forms: &mut BTreeSet<Vec<u8>>) {
    for whole in [STANDARD.encode(secret), URL_SAFE.encode(secret)] {
        forms.insert(whole.into_bytes());
    }
    // Inside longer text the characters at both ends mix with the neighbours' bits; those between are the same
    // whatever stands around.
    for offset in 0..3 {
        let mut shifted = vec![0; offset];
        shifted.extend_from_slice(secret);
        let (mixed, settled) = ((offset * 8).div_ceil(6), shifted.len() * 8 / 6);
        for text in [STANDARD_NO_PAD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)] {
            forms.extend(text.get(mixed..settled).map(|form| form.as_bytes().to_vec()));
            forms.extend(text.get(mixed..).filter(|_| offset == 0).map(|form| form.as_bytes().to_vec()));
        }
    }
}

/// As a JSON string writes it, without its quotes.
fn json(secret: &str) -> String {
    let quoted = serde_json::to_string(secret).unwrap_or_default();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

fn html(secret: &str) -> String {
    secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// `%2F` as `%2f`, the rest as it is.
fn lower_escapes(encoded: &str) -> String {
    let mut left = 0;
    let lower = |character: char| {
        left = if character == '%' { 2 } else { i32::max(left - 1, -1) };
        if character != '%' && left >= 0 { character.to_ascii_lowercase() } else { character }
    };
    encoded.chars().map(lower).collect()
}

fn every_byte(secret: &str, upper: bool) -> String {
    secret.bytes().fold(String::new(), |mut all, byte| {
        // Writing to a string cannot fail.
        let _ = if upper { write!(all, "%{byte:02X}") } else { write!(all, "%{byte:02x}") };
        all
    })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    use super::{REMOVED, Scrubber, lower_escapes};
    use crate::egress::Credential;
    use crate::secret::Secret;

    const SECRET: &str = "p/S?\"k&~5 wörd>!x";

    fn scrubber() -> Scrubber {
        let basic = Credential::Basic { user: "ada".into(), secret: Secret::new(SECRET) };
        Scrubber::new([&basic].into_iter()).unwrap()
    }

    #[test]
    fn every_form_of_a_secret_is_removed() {
        for echoed in [
            SECRET.to_owned(),
            STANDARD.encode(SECRET),
            URL_SAFE_NO_PAD.encode(SECRET),
            STANDARD.encode(format!("ada:{SECRET}")),
            hex::encode(SECRET),
            hex::encode_upper(SECRET),
            "p%2FS%3F%22k%26~5%20w%C3%B6rd%3E%21x".to_owned(),
            "p%2fS%3f%22k%26~5%20w%c3%b6rd%3e%21x".to_owned(),
            "p%2FS%3F%22k%26~5+w%C3%B6rd%3E%21x".to_owned(),
            "p%2FS%3F%22k%26~5%20w%C3%B6rd%3E!x".to_owned(),
            serde_json::to_string(SECRET).unwrap(),
            "p\\/S?\\\"k&~5 wörd>!x".to_owned(),
            "p/S?&quot;k&amp;~5 wörd&gt;!x".to_owned(),
        ] {
            let clean = scrubber().scrub_text(&format!("before {echoed} after"));
            let left = clean.replace(REMOVED, "").replace('"', "");
            assert!(left == "before  after" || left == "before = after", "{echoed}: {clean}");
        }
    }

    #[test]
    fn a_secret_inside_longer_base64_is_removed_at_every_offset() {
        for before in ["", "a", "ab", "abc", "{\"authorization\":\"Bearer "] {
            let echoed = STANDARD.encode(format!("{before}{SECRET}\"}} and more"));
            let clean = scrubber().scrub_text(&echoed);
            assert!(clean.contains(REMOVED), "{before}: {clean}");
            let rest = clean.replace(REMOVED, "");
            assert!(rest.len() + SECRET.len() < echoed.len(), "{before}: {clean}");
        }
    }

    #[test]
    fn text_without_secrets_stays_as_it_is() {
        let (bytes, removed) = scrubber().scrub(b"{\"a\": [1, 2]}".to_vec());
        assert_eq!((bytes.as_slice(), removed), (&b"{\"a\": [1, 2]}"[..], 0));
        assert!(!Scrubber::new(std::iter::empty()).unwrap().finds(b"anything"));
    }

    #[test]
    fn only_escapes_are_lowered() {
        assert_eq!(lower_escapes("A%2FB%C3%B6C"), "A%2fB%c3%b6C");
    }
}
