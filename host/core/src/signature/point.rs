//! The bare public keys: points on three curves, and what a signature by them looks like in each format.
//!
//! Why it is apart: a point is what a key *is*. The same point behind an SSH key and behind a passkey is the same key, and
//! the registry judges it as one.

use ed25519_dalek::VerifyingKey as Ed25519;
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature as P256Signature, VerifyingKey as P256};
use p384::ecdsa::{Signature as P384Signature, VerifyingKey as P384};
use ssh_encoding::{Decode as _, Mpint, Reader as _};

use super::bad::{BadKey, BadSignature};

/// DER of a P-256 key's SubjectPublicKeyInfo up to its uncompressed point.
const SPKI_P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// DER of an Ed25519 key's SubjectPublicKeyInfo up to its 32 bytes.
const SPKI_ED25519: &[u8] = &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Point {
    Ed25519(Box<Ed25519>),
    P256(Box<P256>),
    P384(Box<P384>),
}

impl Point {
    pub(super) fn ed25519(bytes: &[u8]) -> Result<Self, BadKey> {
        let bytes = <&[u8; 32]>::try_from(bytes)
            .map_err(|_| BadKey::Malformed("an Ed25519 key is 32 bytes long".to_owned()))?;
        let key = Ed25519::from_bytes(bytes).map_err(|_| not_on("Ed25519"))?;
        if key.is_weak() { Err(BadKey::Weak) } else { Ok(Self::Ed25519(Box::new(key))) }
    }

    pub(super) fn p256(bytes: &[u8]) -> Result<Self, BadKey> {
        uncompressed(bytes, 65)?;
        P256::from_sec1_bytes(bytes).map(Box::new).map(Self::P256).map_err(|_| not_on("P-256"))
    }

    pub(super) fn p384(bytes: &[u8]) -> Result<Self, BadKey> {
        uncompressed(bytes, 97)?;
        P384::from_sec1_bytes(bytes).map(Box::new).map(Self::P384).map_err(|_| not_on("P-384"))
    }

    /// From the DER that browsers hand out for a new passkey. Both kinds have one encoding, so it is compared, not parsed.
    pub(super) fn from_spki(der: &[u8]) -> Result<Self, BadKey> {
        if let Some(point) = der.strip_prefix(SPKI_P256) {
            Self::p256(point)
        } else if let Some(point) = der.strip_prefix(SPKI_ED25519) {
            Self::ed25519(point)
        } else {
            Err(BadKey::Passkey {
                member: "public key",
                rule: "it must be the DER of a P-256 or Ed25519 SubjectPublicKeyInfo, as getPublicKey() hands it out",
            })
        }
    }

    /// The point as both formats write it: 32 bytes, or uncompressed SEC1.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::P256(key) => key.to_sec1_point(false).as_bytes().to_vec(),
            Self::P384(key) => key.to_sec1_point(false).as_bytes().to_vec(),
        }
    }

    /// SSH's encodings: 64 bytes for Ed25519, two integers for ECDSA.
    pub(super) fn verify_ssh(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let matches = match self {
            Self::Ed25519(key) => return ed25519(key, message, signature),
            Self::P256(key) => {
                let (r, s) = two_integers::<32>(signature)?;
                P256Signature::from_scalars(r, s).and_then(|signature| key.verify(message, &signature))
            }
            Self::P384(key) => {
                let (r, s) = two_integers::<48>(signature)?;
                P384Signature::from_scalars(r, s).and_then(|signature| key.verify(message, &signature))
            }
        };
        matches.map_err(|_| BadSignature::Mismatch)
    }

    /// WebAuthn's encodings: 64 bytes for Ed25519, DER for ECDSA.
    pub(super) fn verify_webauthn(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        let not_der = |_| BadSignature::Malformed("an ES256 signature is DER".to_owned());
        let matches = match self {
            Self::Ed25519(key) => return ed25519(key, message, signature),
            Self::P256(key) => key.verify(message, &P256Signature::from_der(signature).map_err(not_der)?),
            Self::P384(key) => key.verify(message, &P384Signature::from_der(signature).map_err(not_der)?),
        };
        matches.map_err(|_| BadSignature::Mismatch)
    }
}

fn not_on(curve: &str) -> BadKey {
    BadKey::Malformed(format!("it is no point of the curve {curve}"))
}

/// A point has one spelling here, so that two keys are equal when their bytes are.
fn uncompressed(bytes: &[u8], length: usize) -> Result<(), BadKey> {
    if bytes.len() == length && bytes.first() == Some(&4) {
        Ok(())
    } else {
        Err(BadKey::Malformed("the point is not written uncompressed".to_owned()))
    }
}

/// Strict verification: small-order points, which fit several messages, are refused.
fn ed25519(key: &Ed25519, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let signature = ed25519_dalek::Signature::from_slice(signature)
        .map_err(|_| BadSignature::Malformed("an Ed25519 signature is 64 bytes long".to_owned()))?;
    key.verify_strict(message, &signature).map_err(|_| BadSignature::Mismatch)
}

/// `mpint r`, `mpint s`, and nothing after.
fn two_integers<const LENGTH: usize>(
    mut signature: &[u8],
) -> Result<([u8; LENGTH], [u8; LENGTH]), BadSignature> {
    let r = padded(&Mpint::decode(&mut signature)?)?;
    let s = padded(&Mpint::decode(&mut signature)?)?;
    if signature.is_finished() { Ok((r, s)) } else { Err(BadSignature::TrailingBytes("ECDSA signature")) }
}

fn padded<const LENGTH: usize>(integer: &Mpint) -> Result<[u8; LENGTH], BadSignature> {
    let wrong = || BadSignature::Malformed("an integer of the ECDSA signature is out of range".to_owned());
    let bytes = integer.as_positive_bytes().ok_or_else(wrong)?;
    let start = LENGTH.checked_sub(bytes.len()).ok_or_else(wrong)?;
    let mut padded = [0; LENGTH];
    padded[start..].copy_from_slice(bytes);
    Ok(padded)
}
