//! Keys of people that do not exist: Ed25519, from their names, signing as `ssh-keygen -Y sign -n probity` does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use probity_core::signature::{NAMESPACE, PublicKey, Signature};
use sha2::Digest as _;

/// Somebody's key.
pub struct Key(SigningKey);

impl Key {
    /// The key of somebody: always the same one for a name.
    pub fn of(who: &str) -> Self {
        Self(SigningKey::from_bytes(&sha2::Sha256::digest(who).into()))
    }

    /// As it is enrolled.
    pub fn public(&self) -> PublicKey {
        PublicKey::parse(&self.line()).expect("a line of a public key")
    }

    /// As it stands in a `.pub` file.
    pub fn line(&self) -> String {
        format!("ssh-ed25519 {}", STANDARD.encode(self.blob()))
    }

    /// A signature over a statement.
    pub fn sign(&self, statement: &[u8]) -> Signature {
        let mut signed = b"SSHSIG".to_vec();
        for part in [NAMESPACE.as_bytes(), b"", b"sha512", &sha2::Sha512::digest(statement)] {
            put(&mut signed, part);
        }
        let mut bytes = Vec::new();
        put(&mut bytes, b"ssh-ed25519");
        put(&mut bytes, &self.0.sign(&signed).to_bytes());
        let mut blob = [b"SSHSIG".as_slice(), &1_u32.to_be_bytes()].concat();
        for part in [self.blob().as_slice(), NAMESPACE.as_bytes(), b"", b"sha512", &bytes] {
            put(&mut blob, part);
        }
        let base64 = STANDARD.encode(blob);
        Signature::Ssh {
            armored: format!("-----BEGIN SSH SIGNATURE-----\n{base64}\n-----END SSH SIGNATURE-----\n"),
        }
    }

    fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        put(&mut blob, b"ssh-ed25519");
        put(&mut blob, self.0.verifying_key().as_bytes());
        blob
    }
}

/// An SSH string.
fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).expect("a short string").to_be_bytes());
    into.extend(bytes);
}
