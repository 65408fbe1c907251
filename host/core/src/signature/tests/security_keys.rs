//! Signatures as security keys behind OpenSSH make them, built by hand: the signed message and the two members after the
//! signature are written out here as PROTOCOL.u2f has them, not taken from the code under test.

use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256, Sha512};

use super::{armor, blob, code, put, vectors};
use crate::signature::{Algorithm, BadSignature, PublicKey, Signature, Verified, verify};

const STATEMENT: &[u8] = b"a statement";
const APPLICATION: &[u8] = b"ssh:";

enum Token {
    Ed25519(ed25519_dalek::SigningKey),
    P256(p256::ecdsa::SigningKey),
}

impl Token {
    fn ed25519() -> Self {
        Self::Ed25519(ed25519_dalek::SigningKey::from_bytes(&[1; 32]))
    }

    fn p256() -> Self {
        Self::P256(p256::ecdsa::SigningKey::from_slice(&[1; 32]).unwrap())
    }

    fn kind(&self) -> &'static [u8] {
        match self {
            Self::Ed25519(_) => b"sk-ssh-ed25519@openssh.com",
            Self::P256(_) => b"sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    fn key_blob(&self, application: &[u8]) -> Vec<u8> {
        let mut blob = Vec::new();
        put(&mut blob, self.kind());
        match self {
            Self::Ed25519(key) => put(&mut blob, key.verifying_key().as_bytes()),
            Self::P256(key) => {
                put(&mut blob, b"nistp256");
                put(&mut blob, key.verifying_key().to_sec1_point(false).as_bytes());
            }
        }
        put(&mut blob, application);
        blob
    }

    fn key(&self) -> PublicKey {
        PublicKey::from_blob(&self.key_blob(APPLICATION)).unwrap()
    }

    /// The signature over a message in SSH's encoding.
    fn raw(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                let (r, s) = signature.split_bytes();
                let mut raw = Vec::new();
                for integer in [r, s] {
                    put(&mut raw, ssh_encoding::Mpint::from_positive_bytes(&integer).as_bytes());
                }
                raw
            }
        }
    }

    fn sign(&self, application: &[u8], flags: u8, counter: u32) -> String {
        self.sign_with_key_of(APPLICATION, application, flags, counter)
    }

    fn sign_with_key_of(&self, enrolled: &[u8], application: &[u8], flags: u8, counter: u32) -> String {
        let mut inner = b"SSHSIG".to_vec();
        for part in [b"probity".as_slice(), b"", b"sha512", &Sha512::digest(STATEMENT)] {
            put(&mut inner, part);
        }
        let mut message = Sha256::digest(application).to_vec();
        message.push(flags);
        message.extend(counter.to_be_bytes());
        message.extend(Sha256::digest(&inner));

        let mut signature = Vec::new();
        put(&mut signature, self.kind());
        put(&mut signature, &self.raw(&message));
        signature.push(flags);
        signature.extend(counter.to_be_bytes());
        armor(&blob(1, &[&self.key_blob(enrolled), b"probity", b"", b"sha512", &signature]))
    }

    fn check(&self, armored: String) -> Result<Verified, BadSignature> {
        verify(STATEMENT, &Signature::Ssh { armored }, &self.key())
    }
}

fn tokens() -> [(Token, Algorithm); 2] {
    [(Token::ed25519(), Algorithm::SkEd25519), (Token::p256(), Algorithm::SkEcdsaP256)]
}

#[test]
fn a_touched_security_key_is_taken_and_its_count_told() {
    for (token, algorithm) in tokens() {
        let verified = token.check(token.sign(APPLICATION, 0x01, 41)).unwrap();
        assert_eq!((verified.algorithm, verified.counter), (algorithm, Some(41)));
        assert!(verified.hardware && verified.user_present && !verified.user_verified);
        assert!(token.check(token.sign(APPLICATION, 0x05, 42)).unwrap().user_verified);
    }
}

#[test]
fn a_security_key_nobody_touched_is_refused() {
    for (token, _) in tokens() {
        for flags in [0x00, 0x04] {
            assert_eq!(code(token.check(token.sign(APPLICATION, flags, 1))), "signature.not-present");
        }
    }
}

#[test]
fn a_security_key_signs_its_flags_its_count_and_its_application() {
    for (token, _) in tokens() {
        assert_eq!(code(token.check(token.sign(b"https://elsewhere", 0x01, 1))), "signature.mismatch");
        let good = super::unarmor(&token.sign(APPLICATION, 0x01, 1));
        for back in 1..=5 {
            let mut changed = good.clone();
            let at = changed.len() - back;
            // The touch stays claimed, so that the signature decides.
            changed[at] ^= 0x02;
            assert_eq!(code(token.check(armor(&changed))), "signature.mismatch", "{back} from the end");
        }
    }
}

#[test]
fn a_key_of_another_application_is_another_key() {
    let token = Token::ed25519();
    let elsewhere = PublicKey::from_blob(&token.key_blob(b"ssh:elsewhere")).unwrap();
    assert_ne!(elsewhere.fingerprint(), token.key().fingerprint());
    let signature = Signature::Ssh { armored: token.sign(APPLICATION, 0x01, 1) };
    assert_eq!(code(verify(STATEMENT, &signature, &elsewhere)), "signature.wrong-key");
    assert!(elsewhere.is_same_secret(&token.key()));
    for (application, expected) in
        [(b"ssh:elsewhere".as_slice(), "verified"), (b"ssh:", "signature.mismatch")]
    {
        let armored = token.sign_with_key_of(b"ssh:elsewhere", application, 0x01, 1);
        assert_eq!(code(verify(STATEMENT, &Signature::Ssh { armored }, &elsewhere)), expected);
    }
}

#[test]
fn a_plain_key_cannot_pass_for_a_security_key() {
    let token = Token::ed25519();
    let Token::Ed25519(secret) = &token else { unreachable!() };
    let mut plain = Vec::new();
    put(&mut plain, b"ssh-ed25519");
    put(&mut plain, secret.verifying_key().as_bytes());
    let plain = PublicKey::from_blob(&plain).unwrap();
    assert!(token.key().is_hardware() && !plain.is_hardware());
    let signature = Signature::Ssh { armored: token.sign(APPLICATION, 0x01, 1) };
    assert_eq!(code(verify(STATEMENT, &signature, &plain)), "signature.wrong-key");
    let software = Signature::Ssh { armored: vectors::ED25519.to_owned() };
    assert_eq!(code(verify(vectors::STATEMENT, &software, &token.key())), "signature.wrong-key");
}
