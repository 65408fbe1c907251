//! SSH signatures: the armor, the blob and what is signed, as OpenSSH's `PROTOCOL.sshsig` and `PROTOCOL.u2f` say.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256, Sha512};
use ssh_encoding::{Decode as _, Reader as _};

use super::bad::{BadKey, BadSignature};
use super::key::{Holder, PublicKey, put};
use super::{MAX_ARMORED, NAMESPACE, Verified};
use crate::text::excerpt;

const MAGIC: &[u8; 6] = b"SSHSIG";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// Flags of an authenticator: someone touched it; it checked who.
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;

/// A signature's blob, read.
struct Blob {
    key: PublicKey,
    namespace: String,
    /// For later versions of the format; signed, not looked at.
    reserved: Vec<u8>,
    hash: String,
    algorithm: String,
    bytes: Vec<u8>,
    token: Option<Token>,
}

/// What a security key adds to its signature.
struct Token {
    flags: u8,
    counter: u32,
}

pub(super) fn verify(statement: &[u8], armored: &str, key: &PublicKey) -> Result<Verified, BadSignature> {
    let blob = read(&unarmor(armored)?)?;
    if blob.key != *key {
        let found = format!("the key {}", blob.key.fingerprint());
        return Err(BadSignature::WrongKey { found, expected: key.fingerprint() });
    }
    if blob.namespace != NAMESPACE {
        return Err(BadSignature::WrongNamespace(excerpt(&blob.namespace, 64)));
    }
    if blob.algorithm != key.algorithm().as_str() {
        let found = excerpt(&blob.algorithm, 64);
        return Err(BadSignature::WrongAlgorithm { found, expected: key.algorithm().as_str() });
    }
    let mut signed = signed_data(statement, &blob)?;
    if let (Holder::SecurityKey { application }, Some(token)) = (&key.holder, &blob.token) {
        if token.flags & USER_PRESENT == 0 {
            return Err(BadSignature::NotPresent);
        }
        signed = token.signed(application, &signed);
    }
    key.point.verify_ssh(&signed, &blob.bytes)?;
    let flag = |flag| blob.token.as_ref().is_some_and(|token| token.flags & flag != 0);
    Ok(Verified {
        fingerprint: key.fingerprint(),
        algorithm: key.algorithm(),
        hardware: key.is_hardware(),
        user_present: flag(USER_PRESENT),
        user_verified: flag(USER_VERIFIED),
        counter: blob.token.map(|token| token.counter),
    })
}

/// The key a signature says it was made by.
pub(super) fn signer(armored: &str) -> Result<PublicKey, BadSignature> {
    read(&unarmor(armored)?).map(|blob| blob.key)
}

/// The bytes between the armor's two lines. Line ends may be those of a web form.
fn unarmor(armored: &str) -> Result<Vec<u8>, BadSignature> {
    if armored.len() > MAX_ARMORED {
        return Err(BadSignature::armored_too_large(armored.len()));
    }
    let mut lines = armored.lines();
    if lines.next() != Some(BEGIN) {
        return Err(BadSignature::Armor("its first line is another"));
    }
    let mut base64 = String::with_capacity(armored.len());
    loop {
        match lines.next() {
            Some(END) => break,
            Some(line) => base64.push_str(line),
            None => return Err(BadSignature::Armor("its last line is missing")),
        }
    }
    if lines.next().is_some() {
        return Err(BadSignature::TrailingBytes("armor"));
    }
    Base64::decode_vec(&base64).map_err(|_| BadSignature::Armor("what it holds is not Base64"))
}

fn read(mut blob: &[u8]) -> Result<Blob, BadSignature> {
    if <[u8; 6]>::decode(&mut blob)? != *MAGIC {
        return Err(BadSignature::Malformed("it does not begin with SSHSIG".to_owned()));
    }
    let version = u32::decode(&mut blob)?;
    if version != 1 {
        return Err(BadSignature::Version(version));
    }
    let key = PublicKey::from_blob(&Vec::<u8>::decode(&mut blob)?).map_err(unusable)?;
    let namespace = String::decode(&mut blob)?;
    let reserved = Vec::decode(&mut blob)?;
    let hash = String::decode(&mut blob)?;
    let signature = Vec::<u8>::decode(&mut blob)?;
    if !blob.is_finished() {
        return Err(BadSignature::TrailingBytes("signature"));
    }
    let (algorithm, bytes, token) = read_signature(&signature, &key)?;
    Ok(Blob { key, namespace, reserved, hash, algorithm, bytes, token })
}

fn read_signature(
    mut signature: &[u8],
    key: &PublicKey,
) -> Result<(String, Vec<u8>, Option<Token>), BadSignature> {
    let algorithm = String::decode(&mut signature)?;
    let bytes = Vec::decode(&mut signature)?;
    let token = match key.holder {
        Holder::SecurityKey { .. } => {
            Some(Token { flags: u8::decode(&mut signature)?, counter: u32::decode(&mut signature)? })
        }
        Holder::Software | Holder::Passkey(_) => None,
    };
    if signature.is_finished() {
        Ok((algorithm, bytes, token))
    } else {
        Err(BadSignature::TrailingBytes("signature"))
    }
}

/// The key inside a signature is not one that may sign.
fn unusable(key: BadKey) -> BadSignature {
    match key {
        BadKey::Certificate(kind) => BadSignature::Certificate(kind),
        BadKey::UnsupportedKind(kind) => BadSignature::UnsupportedKind(kind),
        other => BadSignature::Malformed(other.to_string()),
    }
}

fn signed_data(statement: &[u8], blob: &Blob) -> Result<Vec<u8>, BadSignature> {
    let digest = match blob.hash.as_str() {
        "sha256" => Sha256::digest(statement).to_vec(),
        "sha512" => Sha512::digest(statement).to_vec(),
        other => return Err(BadSignature::UnsupportedHash(excerpt(other, 64))),
    };
    let mut signed = MAGIC.to_vec();
    for part in [blob.namespace.as_bytes(), &blob.reserved, blob.hash.as_bytes(), &digest] {
        put(&mut signed, part);
    }
    Ok(signed)
}

impl Token {
    /// What a security key signs: whom it signs for, its flags and count, and the digest of the rest.
    fn signed(&self, application: &str, signed: &[u8]) -> Vec<u8> {
        let mut message = Sha256::digest(application.as_bytes()).to_vec();
        message.push(self.flags);
        message.extend(self.counter.to_be_bytes());
        message.extend(Sha256::digest(signed));
        message
    }
}
