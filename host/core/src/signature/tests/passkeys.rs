//! Passkey assertions, made here as an authenticator and a browser make them.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};

use super::{code, vectors};
use crate::signature::point::Point;
use crate::signature::{Algorithm, BadSignature, Passkey, PublicKey, Signature, Verified, verify};

const STATEMENT: &[u8] = b"a statement";
const ORIGIN: &str = "https://review.probity.example";
const RELYING_PARTY: &str = "probity.example";

#[derive(Clone, Copy)]
enum Curve {
    P256,
    Ed25519,
}

/// An assertion about to be made: what the authenticator and the browser will say.
struct Ceremony {
    curve: Curve,
    client_data: String,
    relying_party: &'static str,
    flags: u8,
    counter: u32,
    after: Vec<u8>,
}

fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn challenge(statement: &[u8]) -> String {
    encode(&Sha256::digest(statement))
}

fn client_data(kind: &str, challenge: &str, origin: &str) -> String {
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#)
}

fn p256() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_slice(&[3; 32]).unwrap()
}

fn ed25519() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[3; 32])
}

fn key(curve: Curve) -> PublicKey {
    // The DER prefixes stand here once more, so that a slip in one place is seen.
    let spki = match curve {
        Curve::P256 => {
            let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
            [hex(prefix), p256().verifying_key().to_sec1_point(false).as_bytes().to_vec()].concat()
        }
        Curve::Ed25519 => {
            [hex("302a300506032b6570032100"), ed25519().verifying_key().as_bytes().to_vec()].concat()
        }
    };
    PublicKey::passkey(Passkey {
        public_key: encode(&spki),
        credential_id: "AQID".to_owned(),
        relying_party: RELYING_PARTY.to_owned(),
        origin: ORIGIN.to_owned(),
        attested: true,
    })
    .unwrap()
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

impl Ceremony {
    fn new(curve: Curve) -> Self {
        Self {
            curve,
            client_data: client_data("webauthn.get", &challenge(STATEMENT), ORIGIN),
            relying_party: RELYING_PARTY,
            flags: 0x05,
            counter: 7,
            after: Vec::new(),
        }
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let mut data = Sha256::digest(self.relying_party).to_vec();
        data.push(self.flags);
        data.extend(self.counter.to_be_bytes());
        data.extend(&self.after);
        data
    }

    fn sign(&self) -> Signature {
        let authenticator_data = self.authenticator_data();
        let message = [authenticator_data.as_slice(), Sha256::digest(&self.client_data).as_slice()].concat();
        let signature = match self.curve {
            Curve::P256 => {
                let signature: p256::ecdsa::Signature = p256().sign(&message);
                signature.to_der().as_bytes().to_vec()
            }
            Curve::Ed25519 => ed25519().sign(&message).to_bytes().to_vec(),
        };
        Signature::Passkey {
            credential_id: "AQID".to_owned(),
            authenticator_data: encode(&authenticator_data),
            client_data_json: encode(self.client_data.as_bytes()),
            signature: encode(&signature),
        }
    }

    fn check(&self) -> Result<Verified, BadSignature> {
        verify(STATEMENT, &self.sign(), &key(self.curve))
    }

    fn code(&self) -> &'static str {
        code(self.check())
    }
}

const CURVES: [(Curve, Algorithm); 2] =
    [(Curve::P256, Algorithm::PasskeyEs256), (Curve::Ed25519, Algorithm::PasskeyEddsa)];

#[test]
fn a_passkey_signs_the_statement_it_was_challenged_with() {
    for (curve, algorithm) in CURVES {
        let verified = Ceremony::new(curve).check().unwrap();
        assert_eq!((verified.algorithm, verified.counter), (algorithm, Some(7)));
        assert!(verified.hardware && verified.user_present && verified.user_verified);
        assert_eq!(verified.fingerprint, key(curve).fingerprint());
        let signature = Ceremony::new(curve).sign();
        assert_eq!(code(verify(b"another", &signature, &key(curve))), "signature.wrong-challenge");
        let json = serde_json::to_string(&signature).unwrap();
        assert!(json.contains(r#""client-data-json""#), "{json}");
        assert_eq!(serde_json::from_str::<Signature>(&json).unwrap(), signature);
    }
}

#[test]
fn every_rule_of_an_assertion_refuses_by_its_own_name() {
    for (curve, _) in CURVES {
        let with = |change: fn(&mut Ceremony)| {
            let mut ceremony = Ceremony::new(curve);
            change(&mut ceremony);
            ceremony.code()
        };
        let said = |kind, challenge: &str, origin| Ceremony {
            client_data: client_data(kind, challenge, origin),
            ..Ceremony::new(curve)
        };
        assert_eq!(said("webauthn.create", &challenge(STATEMENT), ORIGIN).code(), "signature.wrong-ceremony");
        assert_eq!(said("webauthn.get", &challenge(b"other"), ORIGIN).code(), "signature.wrong-challenge");
        let padded = format!("{}=", challenge(STATEMENT));
        assert_eq!(said("webauthn.get", &padded, ORIGIN).code(), "signature.wrong-challenge");
        let elsewhere = said("webauthn.get", &challenge(STATEMENT), "https://review.probity.example.evil");
        assert_eq!(elsewhere.code(), "signature.wrong-origin");
        assert_eq!(
            with(|it| it.client_data = it.client_data.replace("false", "true")),
            "signature.cross-origin"
        );
        assert_eq!(with(|it| it.client_data = "{}".to_owned()), "signature.malformed");
        assert_eq!(with(|it| it.relying_party = "other.example"), "signature.wrong-relying-party");
        assert_eq!(with(|it| it.flags = 0x04), "signature.not-present");
        assert_eq!(with(|it| it.flags = 0x01), "signature.not-verified");
        assert_eq!(with(|it| it.flags = 0x45), "signature.malformed");
        assert_eq!(with(|it| it.after = vec![0]), "signature.trailing-bytes");
    }
}

#[test]
fn members_that_later_browsers_and_authenticators_add_are_taken() {
    for (curve, _) in CURVES {
        let mut ceremony = Ceremony::new(curve);
        ceremony.client_data = ceremony.client_data.replace('{', r#"{"hint":"later","#);
        ceremony.flags = 0x85;
        ceremony.after = vec![0xa0];
        assert_eq!(ceremony.code(), "verified");
    }
}

#[test]
fn a_passkey_that_may_be_synced_is_not_hardware() {
    let ceremony = Ceremony { flags: 0x0d, ..Ceremony::new(Curve::P256) };
    assert!(!ceremony.check().unwrap().hardware);
}

#[test]
fn every_flipped_bit_of_an_assertion_is_refused() {
    for (curve, _) in CURVES {
        let Signature::Passkey { credential_id, authenticator_data, client_data_json, signature } =
            Ceremony::new(curve).sign()
        else {
            unreachable!()
        };
        let members = [&authenticator_data, &client_data_json, &signature];
        for (which, member) in members.into_iter().enumerate() {
            let bytes = Base64UrlUnpadded::decode_vec(member).unwrap();
            for at in 0..bytes.len() * 8 {
                let mut flipped = bytes.clone();
                flipped[at / 8] ^= 1 << (at % 8);
                let mut members = members.map(String::clone);
                members[which] = encode(&flipped);
                let [authenticator_data, client_data_json, signature] = members;
                let flipped = Signature::Passkey {
                    credential_id: credential_id.clone(),
                    authenticator_data,
                    client_data_json,
                    signature,
                };
                assert_ne!(code(verify(STATEMENT, &flipped, &key(curve))), "verified", "{which}, bit {at}");
            }
        }
    }
}

#[test]
fn an_assertion_is_taken_from_its_own_passkey_only() {
    let signature = Ceremony::new(Curve::P256).sign();
    assert_eq!(code(verify(STATEMENT, &signature, &key(Curve::Ed25519))), "signature.malformed");
    assert_eq!(code(verify(STATEMENT, &signature, &super::key(vectors::P256_KEY))), "signature.wrong-key");
    let Signature::Passkey { authenticator_data, client_data_json, signature, .. } = signature else {
        unreachable!()
    };
    let other = Signature::Passkey {
        credential_id: "AQIE".to_owned(),
        authenticator_data,
        client_data_json,
        signature,
    };
    assert_eq!(code(verify(STATEMENT, &other, &key(Curve::P256))), "signature.wrong-key");
    let ssh = Signature::Ssh { armored: vectors::P256.to_owned() };
    assert_eq!(code(verify(vectors::STATEMENT, &ssh, &key(Curve::P256))), "signature.wrong-key");
}

#[test]
fn a_stranger_with_the_same_credential_id_is_refused() {
    let stranger = p256::ecdsa::SigningKey::from_slice(&[4; 32]).unwrap();
    let mut enrolled = key(Curve::P256);
    enrolled.point = Point::p256(stranger.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    let result = verify(STATEMENT, &Ceremony::new(Curve::P256).sign(), &enrolled);
    assert_eq!(code(result), "signature.mismatch");
}

#[test]
fn members_too_long_or_not_base64url_are_refused() {
    let good = Ceremony::new(Curve::P256).sign();
    let change = |change: fn(&mut String)| {
        let mut signature = good.clone();
        if let Signature::Passkey { signature, .. } = &mut signature {
            change(signature);
        }
        code(verify(STATEMENT, &signature, &key(Curve::P256)))
    };
    assert_eq!(change(|it| *it = "A".repeat(9000)), "signature.too-large");
    assert_eq!(change(|it| it.push('=')), "signature.malformed");
    assert_eq!(change(|it| *it = "AQID".to_owned()), "signature.malformed");
}
