//! Public keys as people enrol them: a line of OpenSSH's, or a passkey with what it is bound to.
//!
//! Deliberately absent: where a key came from and whose it is. A key says "hardware" by its kind (`sk-`) or because its
//! enrolment saw an attestation; nothing in a signature proves it.

use std::fmt;
use std::str::FromStr;

use base64ct::{Base64, Base64Unpadded, Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ssh_encoding::{Decode as _, Encode as _, Reader as _};

use super::bad::BadKey;
use super::point::Point;
use crate::canonical::Digest;
use crate::text::{excerpt, is_plain_line};

/// The longest public key line, and the longest member of a passkey, that is read.
const MAX_KEY: usize = 8 * 1024;

/// A public key. Its JSON is `{"kind": "ssh", "line": …}` or `{"kind": "passkey", …}`.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    pub(super) point: Point,
    pub(super) holder: Holder,
}

/// What stands between the point and the person.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Holder {
    /// A file or an agent.
    Software,
    /// A FIDO token behind OpenSSH, which signs for this application (`ssh:`).
    SecurityKey {
        application: String,
    },
    Passkey(Passkey),
}

/// A passkey as it is enrolled. Texts of bytes are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Passkey {
    /// DER of its SubjectPublicKeyInfo, as the browser's `getPublicKey()` hands it out.
    pub public_key: String,
    pub credential_id: String,
    /// The relying party's id: the origin's host, or a domain above it.
    pub relying_party: String,
    /// `https://probity.example`: where signing happens.
    pub origin: String,
    /// Its enrolment saw an attestation that the key lives in hardware.
    pub attested: bool,
}

/// A kind of key, spelled as OpenSSH does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    #[serde(rename = "ssh-ed25519")]
    Ed25519,
    #[serde(rename = "ecdsa-sha2-nistp256")]
    EcdsaP256,
    #[serde(rename = "ecdsa-sha2-nistp384")]
    EcdsaP384,
    #[serde(rename = "sk-ssh-ed25519@openssh.com")]
    SkEd25519,
    #[serde(rename = "sk-ecdsa-sha2-nistp256@openssh.com")]
    SkEcdsaP256,
    #[serde(rename = "passkey-es256")]
    PasskeyEs256,
    #[serde(rename = "passkey-eddsa")]
    PasskeyEddsa,
}

/// `SHA256:` and the unpadded Base64 of a key's digest, as `ssh-keygen -l` prints it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl PublicKey {
    /// From a line as in `id_ed25519.pub`; what follows the key is a comment and is dropped.
    pub fn parse(line: &str) -> Result<Self, BadKey> {
        Self::parse_with_comment(line).map(|(key, _)| key)
    }

    /// The same, with the comment.
    pub fn parse_with_comment(line: &str) -> Result<(Self, String), BadKey> {
        if line.len() > MAX_KEY {
            return Err(BadKey::TooLarge { bytes: line.len(), limit: MAX_KEY });
        }
        if line.contains("PRIVATE KEY") {
            return Err(BadKey::Private);
        }
        let line = line.trim();
        let (kind, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
        let algorithm = Algorithm::of_ssh(kind)?;
        let rest = rest.trim_start();
        let (data, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let blob = Base64::decode_vec(data)
            .map_err(|_| BadKey::Malformed("after the kind, a line holds the key in Base64".to_owned()))?;
        let key = Self::from_blob(&blob)?;
        if key.algorithm() != algorithm {
            return Err(BadKey::Malformed("the line says one kind of key and holds another".to_owned()));
        }
        if !is_plain_line(comment) {
            return Err(BadKey::Malformed("a key is one line".to_owned()));
        }
        Ok((key, comment.trim().to_owned()))
    }

    /// A passkey, with what it is bound to checked.
    pub fn passkey(passkey: Passkey) -> Result<Self, BadKey> {
        let spki = decode_member("public key", &passkey.public_key)?;
        let id = decode_member("credential id", &passkey.credential_id)?;
        if !(1..=1023).contains(&id.len()) {
            return Err(BadKey::Passkey { member: "credential id", rule: "it has 1 to 1023 bytes" });
        }
        check_origin(&passkey.origin, &passkey.relying_party)?;
        Ok(Self { point: Point::from_spki(&spki)?, holder: Holder::Passkey(passkey) })
    }

    /// The key's kind.
    pub const fn algorithm(&self) -> Algorithm {
        match (&self.holder, &self.point) {
            (Holder::Software, Point::Ed25519(_)) => Algorithm::Ed25519,
            (Holder::Software, Point::P256(_)) => Algorithm::EcdsaP256,
            // The two parsers make no security key and no passkey on P-384.
            (_, Point::P384(_)) => Algorithm::EcdsaP384,
            (Holder::SecurityKey { .. }, Point::Ed25519(_)) => Algorithm::SkEd25519,
            (Holder::SecurityKey { .. }, Point::P256(_)) => Algorithm::SkEcdsaP256,
            (Holder::Passkey(_), Point::Ed25519(_)) => Algorithm::PasskeyEddsa,
            (Holder::Passkey(_), Point::P256(_)) => Algorithm::PasskeyEs256,
        }
    }

    /// The key's name. For a passkey it depends on the key alone, not on where it is used.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(format!(
            "SHA256:{}",
            Base64Unpadded::encode_string(Digest::of(&self.to_blob()).as_bytes())
        ))
    }

    /// Whether the key says it lives in hardware: an `sk-` key, or a passkey that was attested at enrolment.
    pub const fn is_hardware(&self) -> bool {
        match &self.holder {
            Holder::Software => false,
            Holder::SecurityKey { .. } => true,
            Holder::Passkey(passkey) => passkey.attested,
        }
    }

    /// Whether both are the same secret, however they are wrapped.
    pub fn is_same_secret(&self, other: &Self) -> bool {
        self.point == other.point
    }

    /// The key as a line of OpenSSH's, without a comment: for a passkey the plain key that has its point, which is how a list of
    /// signers can name it.
    pub fn line(&self) -> String {
        let plain = match &self.holder {
            Holder::Passkey(_) => Self { point: self.point.clone(), holder: Holder::Software },
            Holder::Software | Holder::SecurityKey { .. } => self.clone(),
        };
        format!("{} {}", plain.algorithm().as_str(), Base64::encode_string(&plain.to_blob()))
    }

    /// Whether this line names that key: it is the same one, or the plain one with a passkey's point. A security key names
    /// only itself, for its application is part of what it signs for.
    pub fn names(&self, key: &Self) -> bool {
        let plain_for_passkey = matches!((&self.holder, &key.holder), (Holder::Software, Holder::Passkey(_)));
        self == key || (plain_for_passkey && self.is_same_secret(key))
    }

    /// The passkey, where it is one.
    pub const fn as_passkey(&self) -> Option<&Passkey> {
        match &self.holder {
            Holder::Passkey(passkey) => Some(passkey),
            Holder::Software | Holder::SecurityKey { .. } => None,
        }
    }

    /// From the bytes inside a line or a signature (RFC 4253, RFC 5656, PROTOCOL.u2f).
    pub(super) fn from_blob(mut blob: &[u8]) -> Result<Self, BadKey> {
        let kind = Vec::<u8>::decode(&mut blob)?;
        let algorithm = Algorithm::of_ssh(&String::from_utf8_lossy(&kind))?;
        let point = match algorithm {
            Algorithm::Ed25519 | Algorithm::SkEd25519 => Point::ed25519(&Vec::decode(&mut blob)?)?,
            Algorithm::EcdsaP384 => Point::p384(&read_point(&mut blob, "nistp384")?)?,
            _ => Point::p256(&read_point(&mut blob, "nistp256")?)?,
        };
        let holder = match algorithm {
            Algorithm::SkEd25519 | Algorithm::SkEcdsaP256 => {
                Holder::SecurityKey { application: read_application(&mut blob)? }
            }
            _ => Holder::Software,
        };
        if blob.is_finished() {
            Ok(Self { point, holder })
        } else {
            Err(BadKey::Malformed("bytes follow the end of the key".to_owned()))
        }
    }

    /// The bytes whose digest is the fingerprint; for SSH keys those of OpenSSH.
    fn to_blob(&self) -> Vec<u8> {
        let algorithm = self.algorithm();
        let mut blob = Vec::new();
        put(&mut blob, algorithm.as_str().as_bytes());
        match algorithm {
            Algorithm::EcdsaP256 | Algorithm::SkEcdsaP256 => put(&mut blob, b"nistp256"),
            Algorithm::EcdsaP384 => put(&mut blob, b"nistp384"),
            _ => {}
        }
        put(&mut blob, &self.point.to_bytes());
        if let Holder::SecurityKey { application } = &self.holder {
            put(&mut blob, application.as_bytes());
        }
        blob
    }
}

impl Algorithm {
    /// As it is spelled everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ed25519 => "ssh-ed25519",
            Self::EcdsaP256 => "ecdsa-sha2-nistp256",
            Self::EcdsaP384 => "ecdsa-sha2-nistp384",
            Self::SkEd25519 => "sk-ssh-ed25519@openssh.com",
            Self::SkEcdsaP256 => "sk-ecdsa-sha2-nistp256@openssh.com",
            Self::PasskeyEs256 => "passkey-es256",
            Self::PasskeyEddsa => "passkey-eddsa",
        }
    }

    fn of_ssh(kind: &str) -> Result<Self, BadKey> {
        let ssh = [Self::Ed25519, Self::EcdsaP256, Self::EcdsaP384, Self::SkEd25519, Self::SkEcdsaP256];
        if let Some(algorithm) = ssh.into_iter().find(|algorithm| algorithm.as_str() == kind) {
            return Ok(algorithm);
        }
        let name = excerpt(kind, 64);
        if kind.contains("-cert-v0") {
            Err(BadKey::Certificate(name))
        } else if ["ssh-", "ecdsa-", "sk-", "rsa-"].iter().any(|prefix| kind.starts_with(prefix)) {
            Err(BadKey::UnsupportedKind(name))
        } else {
            Err(BadKey::Malformed(format!("a line begins with the kind of key, not with `{name}`")))
        }
    }
}

/// Writes an SSH string; writing to memory does not fail.
pub(super) fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    let written = bytes.encode(into);
    debug_assert!(written.is_ok(), "a string beyond 4 GiB");
}

fn read_point(blob: &mut &[u8], curve: &str) -> Result<Vec<u8>, BadKey> {
    if Vec::<u8>::decode(blob)? != curve.as_bytes() {
        return Err(BadKey::Malformed("the key says one curve and is of another".to_owned()));
    }
    Ok(Vec::decode(blob)?)
}

fn read_application(blob: &mut &[u8]) -> Result<String, BadKey> {
    let application = String::decode(blob)?;
    if is_plain_line(&application) {
        Ok(application)
    } else {
        Err(BadKey::Malformed("the security key's application is not a plain text".to_owned()))
    }
}

fn decode_member(member: &'static str, text: &str) -> Result<Vec<u8>, BadKey> {
    if text.len() > MAX_KEY {
        return Err(BadKey::TooLarge { bytes: text.len(), limit: MAX_KEY });
    }
    Base64UrlUnpadded::decode_vec(text)
        .map_err(|_| BadKey::Passkey { member, rule: "it must be base64url without padding" })
}

/// An origin as browsers write it, whose host is the relying party or under it.
fn check_origin(origin: &str, relying_party: &str) -> Result<(), BadKey> {
    let is_domain = |text: &str| {
        (1..=253).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
    };
    let wrong = |member, rule| Err(BadKey::Passkey { member, rule });
    let (scheme, authority) = origin.split_once("://").unwrap_or_default();
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    if !is_domain(host) || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return wrong("origin", "write https://HOST or https://HOST:PORT, in lower case and without a path");
    }
    if scheme != "https" && !(scheme == "http" && host == "localhost") {
        return wrong("origin", "only https (or http on localhost) can sign");
    }
    if !is_domain(relying_party) {
        return wrong("relying party", "it is a domain in lower case");
    }
    if host != relying_party && !host.strip_suffix(relying_party).is_some_and(|above| above.ends_with('.')) {
        return wrong("relying party", "it must be the origin's host or a domain above it");
    }
    Ok(())
}

impl fmt::Display for PublicKey {
    /// An SSH key as its line, without a comment; a passkey as its kind and fingerprint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.holder {
            Holder::Passkey(_) => write!(f, "{} {}", self.algorithm().as_str(), self.fingerprint()),
            Holder::Software | Holder::SecurityKey { .. } => f.write_str(&self.line()),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(line: &str) -> Result<Self, BadKey> {
        Self::parse(line)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Written {
    Ssh { line: String },
    Passkey(Passkey),
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_passkey() {
            Some(passkey) => Written::Passkey(passkey.clone()),
            None => Written::Ssh { line: self.to_string() },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Ssh { line } => Self::parse(&line),
            Written::Passkey(passkey) => Self::passkey(passkey),
        }
        .map_err(serde::de::Error::custom)
    }
}

impl Fingerprint {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Self, BadKey> {
        let bytes = text.strip_prefix("SHA256:").and_then(|rest| Base64Unpadded::decode_vec(rest).ok());
        match bytes {
            Some(bytes) if bytes.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err(BadKey::Malformed(
                "a fingerprint is written as ssh-keygen -l prints it: SHA256:…".to_owned(),
            )),
        }
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
