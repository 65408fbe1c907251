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

use base64ct::{Base64, Encoding as _};
use ed25519_dalek::Signer as _;
use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::id::{EvidenceId, PrincipalId};
use probity_core::instant::Instant;
use probity_core::signature::Signature;

pub use archive::{Archive, finding, requirement, rollback, secret};
pub use shelf::Shelf;
pub use story::{Story, boxed, tell, told};

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
}

impl Person {
    pub fn new(name: &str, role: Role, secret: &str) -> Self {
        let seed = probity_core::canonical::Digest::of(format!("the {secret} key of {name}").as_bytes());
        Self { id: name.parse().unwrap(), role, key: ed25519_dalek::SigningKey::from_bytes(seed.as_bytes()) }
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

    /// What `ssh-keygen -Y sign -n probity` would write.
    pub fn sign(&self, statement: &[u8]) -> Signature {
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
}

/// An SSH string: its length and its bytes.
fn string(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap();
    [&length.to_be_bytes(), bytes].concat()
}
