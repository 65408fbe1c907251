//! A sample packet for tests and measurements: an exception for a payments bridge that still signs in to a legacy broker with a shared
//! credential. Everybody and everything in it is made up.
//!
//! Its ledger of 200 entries is not written down: people ask, [`probity_core::decide`] says what follows, and they sign with
//! real keys. Evidence comes from runs like those of a host, with captures and journals. All of it comes out the same each time.

#![allow(dead_code, unused_imports, reason = "tests and measurements each use a part of it")]

// Where they are is said twice, so that a measurement that takes this file by its path finds them as well.
#[path = "fixture/archive.rs"]
mod archive;
#[path = "fixture/shelf.rs"]
mod shelf;
#[path = "fixture/story.rs"]
mod story;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::Signer as _;
use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::id::{EvidenceId, PrincipalId};
use probity_core::instant::Instant;
use probity_core::signature::{Passkey, PublicKey, Signature};

pub use archive::{Archive, finding, requirement, rollback, secret};
pub use shelf::Shelf;
pub use story::{Story, boxed, tell, tell_by, told};

/// An instant from its text.
pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// A UUID with a number at its end.
pub fn uuid<T: std::str::FromStr<Err: std::fmt::Debug>>(group: u16, number: u32) -> T {
    format!("0197a3c0-{group:04x}-7000-8000-{number:012x}").parse().unwrap()
}

/// Evidence by the order in which it was first seen, from 1.
pub fn evidence(number: u32) -> EvidenceId {
    uuid(0xe, number)
}

/// A person of the sample, with a key of their own.
#[derive(Clone)]
pub struct Person {
    pub id: PrincipalId,
    pub role: Role,
    key: ed25519_dalek::SigningKey,
    /// Whether it is behind a passkey; otherwise it is one of OpenSSH's.
    has_passkey: bool,
}

impl Person {
    pub fn new(name: &str, role: Role, secret: &str) -> Self {
        let seed = probity_core::canonical::Digest::of(format!("the {secret} key of {name}").as_bytes());
        let key = ed25519_dalek::SigningKey::from_bytes(seed.as_bytes());
        Self { id: name.parse().unwrap(), role, key, has_passkey: false }
    }

    /// The same person with the same key behind a passkey.
    pub fn with_passkey(self) -> Self {
        Self { has_passkey: true, ..self }
    }

    /// The key as it is enrolled.
    pub fn enrolled(&self) -> PublicKey {
        if !self.has_passkey {
            return PublicKey::parse(&self.public_key()).unwrap();
        }
        let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let spki = [prefix.as_slice(), self.key.verifying_key().as_bytes()].concat();
        PublicKey::passkey(Passkey {
            public_key: base64url(&spki),
            credential_id: base64url(self.id.as_str().as_bytes()),
            relying_party: SITE.to_owned(),
            origin: format!("https://{SITE}"),
            attested: true,
        })
        .unwrap()
    }

    pub fn actor(&self) -> Actor {
        Actor { id: self.id.clone(), kind: ActorKind::Human, role: self.role }
    }

    /// The line of an OpenSSH public key file.
    pub fn public_key(&self) -> String {
        format!("ssh-ed25519 {}", Base64::encode_string(&self.blob()))
    }

    fn blob(&self) -> Vec<u8> {
        [string(b"ssh-ed25519"), string(self.key.verifying_key().as_bytes())].concat()
    }

    /// What `ssh-keygen -Y sign -n probity` would write, or a browser hand out.
    pub fn sign(&self, statement: &[u8]) -> Signature {
        if self.has_passkey {
            return self.assert(statement);
        }
        let digest = <sha2::Sha512 as sha2::Digest>::digest(statement);
        let common = [string(b"probity"), string(b""), string(b"sha512")].concat();
        let signed = [b"SSHSIG".to_vec(), common.clone(), string(&digest)].concat();
        let made = [string(b"ssh-ed25519"), string(&self.key.sign(&signed).to_bytes())].concat();
        let version = 1_u32.to_be_bytes().to_vec();
        let blob = [b"SSHSIG".to_vec(), version, string(&self.blob()), common, string(&made)].concat();
        let base64 = Base64::encode_string(&blob);
        let lines: Vec<&str> =
            base64.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
        let armored =
            format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"));
        Signature::Ssh { armored }
    }

    fn assert(&self, statement: &[u8]) -> Signature {
        let sha256 = |bytes: &[u8]| <sha2::Sha256 as sha2::Digest>::digest(bytes).to_vec();
        let challenge = base64url(&sha256(statement));
        let client_data = format!(
            r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://{SITE}","crossOrigin":false}}"#
        );
        // Somebody was there, and was checked; it never signed before.
        let authenticator_data = [sha256(SITE.as_bytes()), vec![0x05, 0, 0, 0, 0]].concat();
        let signed = [authenticator_data.clone(), sha256(client_data.as_bytes())].concat();
        Signature::Passkey {
            credential_id: base64url(self.id.as_str().as_bytes()),
            authenticator_data: base64url(&authenticator_data),
            client_data_json: base64url(client_data.as_bytes()),
            signature: base64url(&self.key.sign(&signed).to_bytes()),
        }
    }
}

/// Where passkeys of the sample are used.
const SITE: &str = "probity.example";

fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// An SSH string: its length and its bytes.
fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes(), bytes].concat()
}
