//! What can be wrong with a key and with a signature, each with its stable code.

use super::key::Fingerprint;
use super::{MAX_ARMORED, NAMESPACE};

/// The kinds of key that work, for messages.
const WORKING: &str = "use ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, sk-ssh-ed25519@openssh.com, \
                       sk-ecdsa-sha2-nistp256@openssh.com, or a passkey (for example: ssh-keygen -t ed25519)";

/// Why something is not a public key Probity takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    #[error("the public key cannot be read: {0}")]
    Malformed(String),
    #[error("the public key is {bytes} bytes long; a key is at most {limit}")]
    TooLarge { bytes: usize, limit: usize },
    #[error("this is a private key: keep it to yourself, replace it if it was seen, and send the .pub file")]
    Private,
    #[error("{0} is an SSH certificate; Probity lists keys, not issuers: enrol the plain public key")]
    Certificate(String),
    #[error("keys of the kind {0} are not taken; {WORKING}")]
    UnsupportedKind(String),
    #[error("the key is weak: anybody can make signatures that fit it")]
    Weak,
    #[error("the passkey's {member} is wrong: {rule}")]
    Passkey { member: &'static str, rule: &'static str },
}

impl BadKey {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "key.malformed",
            Self::TooLarge { .. } => "key.too-large",
            Self::Private => "key.private",
            Self::Certificate(_) => "key.certificate",
            Self::UnsupportedKind(_) => "key.unsupported-kind",
            Self::Weak => "key.weak",
            Self::Passkey { .. } => "key.passkey",
        }
    }
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    #[error("the signature's {member} is {bytes} bytes long; at most {limit} are read")]
    TooLarge { member: &'static str, bytes: usize, limit: usize },
    #[error(
        "the text is not an armored SSH signature ({0}): send what ssh-keygen -Y sign -n {NAMESPACE} wrote, from \
         -----BEGIN SSH SIGNATURE----- to -----END SSH SIGNATURE-----"
    )]
    Armor(&'static str),
    #[error("the signature cannot be read: {0}")]
    Malformed(String),
    #[error("bytes follow the end of the {0}; nothing may")]
    TrailingBytes(&'static str),
    #[error("the signature is of SSHSIG version {0}; version 1 is read")]
    Version(u32),
    #[error("the signature was made in the namespace `{0}`; sign with ssh-keygen -Y sign -n {NAMESPACE}")]
    WrongNamespace(String),
    #[error("the statement was hashed with `{0}`; sha256 and sha512 are taken")]
    UnsupportedHash(String),
    #[error(
        "the signature was made with an SSH certificate ({0}): sign with the plain key, -f KEY instead of KEY-cert.pub"
    )]
    Certificate(String),
    #[error("the signature was made by a key of the kind {0}, which is not taken; {WORKING}")]
    UnsupportedKind(String),
    #[error("the signature names the signature algorithm `{found}`; this key makes `{expected}`")]
    WrongAlgorithm { found: String, expected: &'static str },
    #[error("the signature was made by {found}, not by the key {expected}")]
    WrongKey { found: String, expected: Fingerprint },
    #[error(
        "the key made no such signature over this statement: the statement or the signature is not the one shown"
    )]
    Mismatch,
    #[error("nobody touched the security key for this signature: sign without `no-touch-required`")]
    NotPresent,
    #[error("the passkey did not check who used it: sign with user verification required")]
    NotVerified,
    #[error("the passkey was asked for `{0}`, not for an assertion (webauthn.get)")]
    WrongCeremony(String),
    #[error(
        "the passkey answered another challenge: the challenge must be the SHA-256 of the statement shown"
    )]
    WrongChallenge,
    #[error("the passkey was used at {found}; it is enrolled for {expected}")]
    WrongOrigin { found: String, expected: String },
    #[error("the passkey was used inside a page of another origin")]
    CrossOrigin,
    #[error("the passkey answered another relying party than {0}")]
    WrongRelyingParty(String),
}

impl BadSignature {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "signature.too-large",
            Self::Armor(_) => "signature.armor",
            Self::Malformed(_) => "signature.malformed",
            Self::TrailingBytes(_) => "signature.trailing-bytes",
            Self::Version(_) => "signature.version",
            Self::WrongNamespace(_) => "signature.wrong-namespace",
            Self::UnsupportedHash(_) => "signature.unsupported-hash",
            Self::Certificate(_) => "signature.certificate",
            Self::UnsupportedKind(_) => "signature.unsupported-kind",
            Self::WrongAlgorithm { .. } => "signature.wrong-algorithm",
            Self::WrongKey { .. } => "signature.wrong-key",
            Self::Mismatch => "signature.mismatch",
            Self::NotPresent => "signature.not-present",
            Self::NotVerified => "signature.not-verified",
            Self::WrongCeremony(_) => "signature.wrong-ceremony",
            Self::WrongChallenge => "signature.wrong-challenge",
            Self::WrongOrigin { .. } => "signature.wrong-origin",
            Self::CrossOrigin => "signature.cross-origin",
            Self::WrongRelyingParty(_) => "signature.wrong-relying-party",
        }
    }

    /// An armored text beyond [`MAX_ARMORED`].
    pub(super) const fn armored_too_large(bytes: usize) -> Self {
        Self::TooLarge { member: "armored text", bytes, limit: MAX_ARMORED }
    }
}

impl From<ssh_encoding::Error> for BadSignature {
    fn from(error: ssh_encoding::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<ssh_encoding::Error> for BadKey {
    fn from(error: ssh_encoding::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
