//! Passkey assertions, as WebAuthn says a relying party verifies them (Web Authentication, "Verifying an Authentication
//! Assertion").
//!
//! Deliberately absent: judging the counter against the one before. It proves nothing where authenticators always say 0;
//! it is reported, and who keeps the history may look at it.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::Deserialize;

use super::Verified;
use super::bad::BadSignature;
use super::key::{Passkey, PublicKey};
use crate::canonical::Digest;
use crate::text::excerpt;

/// The longest member of an assertion that is read, in base64url.
const MAX_MEMBER: usize = 8 * 1024;

/// The relying party's digest, the flags and the count.
const HEADER: usize = 32 + 1 + 4;

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const ATTESTED_CREDENTIAL: u8 = 0x40;
const EXTENSIONS: u8 = 0x80;

/// An assertion's members as they are recorded.
pub(super) struct Assertion<'a> {
    pub(super) credential_id: &'a str,
    pub(super) authenticator_data: &'a str,
    pub(super) client_data_json: &'a str,
    pub(super) signature: &'a str,
}

/// What the browser says it did. Members that later versions add are not looked at; all of it is signed.
#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(rename = "crossOrigin", default)]
    cross_origin: bool,
}

pub(super) fn verify(
    statement: &[u8],
    assertion: &Assertion<'_>,
    key: &PublicKey,
) -> Result<Verified, BadSignature> {
    let passkey = key
        .as_passkey()
        .filter(|passkey| passkey.credential_id == assertion.credential_id)
        .ok_or_else(|| {
            let found = format!("the passkey {}", excerpt(assertion.credential_id, 64));
            BadSignature::WrongKey { found, expected: key.fingerprint() }
        })?;
    let client_data = decode("client data", assertion.client_data_json)?;
    check_client_data(&client_data, statement, passkey)?;
    let authenticator_data = decode("authenticator data", assertion.authenticator_data)?;
    let (flags, counter) = check_authenticator_data(&authenticator_data, passkey)?;

    let mut signed = authenticator_data;
    signed.extend_from_slice(Digest::of(&client_data).as_bytes());
    key.point.verify_webauthn(&signed, &decode("signature", assertion.signature)?)?;
    Ok(Verified {
        fingerprint: key.fingerprint(),
        algorithm: key.algorithm(),
        // A key that may be synced lives in as many places as its account reaches.
        hardware: key.is_hardware() && flags & BACKUP_ELIGIBLE == 0,
        user_present: true,
        user_verified: true,
        counter: Some(counter),
    })
}

fn check_client_data(bytes: &[u8], statement: &[u8], passkey: &Passkey) -> Result<(), BadSignature> {
    let said: ClientData = serde_json::from_slice(bytes).map_err(|error| {
        BadSignature::Malformed(format!("the client data is not what browsers write: {error}"))
    })?;
    if said.r#type != "webauthn.get" {
        return Err(BadSignature::WrongCeremony(excerpt(&said.r#type, 64)));
    }
    if said.challenge != Base64UrlUnpadded::encode_string(Digest::of(statement).as_bytes()) {
        return Err(BadSignature::WrongChallenge);
    }
    if said.origin != passkey.origin {
        let found = excerpt(&said.origin, 120);
        return Err(BadSignature::WrongOrigin { found, expected: passkey.origin.clone() });
    }
    if said.cross_origin { Err(BadSignature::CrossOrigin) } else { Ok(()) }
}

/// The flags and the count.
fn check_authenticator_data(bytes: &[u8], passkey: &Passkey) -> Result<(u8, u32), BadSignature> {
    let malformed = |what: &str| BadSignature::Malformed(format!("the authenticator data {what}"));
    let (header, rest) =
        bytes.split_first_chunk::<HEADER>().ok_or_else(|| malformed("is shorter than 37 bytes"))?;
    let (relying_party, [flags, counter @ ..]) = header.split_at(32) else {
        return Err(malformed("is shorter than 37 bytes"));
    };
    if relying_party != Digest::of(passkey.relying_party.as_bytes()).as_bytes() {
        return Err(BadSignature::WrongRelyingParty(passkey.relying_party.clone()));
    }
    if flags & USER_PRESENT == 0 {
        return Err(BadSignature::NotPresent);
    }
    if flags & USER_VERIFIED == 0 {
        return Err(BadSignature::NotVerified);
    }
    if flags & ATTESTED_CREDENTIAL != 0 {
        return Err(malformed("is that of an enrolment"));
    }
    if flags & EXTENSIONS == 0 && !rest.is_empty() {
        return Err(BadSignature::TrailingBytes("authenticator data"));
    }
    let counter = <[u8; 4]>::try_from(counter).map_err(|_| malformed("has no count"))?;
    Ok((*flags, u32::from_be_bytes(counter)))
}

fn decode(member: &'static str, text: &str) -> Result<Vec<u8>, BadSignature> {
    if text.len() > MAX_MEMBER {
        return Err(BadSignature::TooLarge { member, bytes: text.len(), limit: MAX_MEMBER });
    }
    Base64UrlUnpadded::decode_vec(text)
        .map_err(|_| BadSignature::Malformed(format!("the {member} is not base64url without padding")))
}
