use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};

use super::{key, vectors};
use crate::signature::key::put;
use crate::signature::{Fingerprint, Passkey, PublicKey};

/// DER of SubjectPublicKeyInfo for the P-256 key of OpenSSH's vectors, made by `ssh-keygen -e -m PKCS8`.
const P256_SPKI: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAECa3e4HC3NqgYUteDgphhlN2O/z5F25LoTuAeaGzpyWORexhknPUtU00myDQH0SVOig4qVOiDtC4BoNj3dL5bWQ==";

fn refusal(line: &str) -> &'static str {
    PublicKey::parse(line).map_or_else(|bad| bad.code(), |_| "taken")
}

fn line(kind: &str, members: &[&[u8]]) -> String {
    let mut blob = Vec::new();
    put(&mut blob, kind.as_bytes());
    for member in members {
        put(&mut blob, member);
    }
    format!("{kind} {}", Base64::encode_string(&blob))
}

fn passkey() -> Passkey {
    Passkey {
        public_key: Base64UrlUnpadded::encode_string(&Base64::decode_vec(P256_SPKI).unwrap()),
        credential_id: "AQID".to_owned(),
        relying_party: "probity.example".to_owned(),
        origin: "https://review.probity.example".to_owned(),
        attested: true,
    }
}

#[test]
fn a_line_is_read_with_its_comment() {
    let (key, comment) =
        PublicKey::parse_with_comment(&format!("{} of a laptop\n", vectors::ED25519_KEY)).unwrap();
    assert_eq!(comment, "ed25519@sample of a laptop");
    assert_eq!(format!("{key} ed25519@sample"), vectors::ED25519_KEY);
    assert_eq!(key.to_string().parse(), Ok(key.clone()));
    let json = serde_json::to_value(&key).unwrap();
    assert_eq!(json, serde_json::json!({"kind": "ssh", "line": key.to_string()}));
    assert_eq!(serde_json::from_value::<PublicKey>(json).unwrap(), key);
}

#[test]
fn what_is_no_key_or_none_that_works_is_refused_by_name() {
    assert_eq!(refusal(vectors::RSA_KEY), "key.unsupported-kind");
    assert_eq!(refusal(vectors::P521_KEY), "key.unsupported-kind");
    assert_eq!(refusal("ssh-dss AAAA"), "key.unsupported-kind");
    assert_eq!(refusal(vectors::CERTIFICATE_KEY), "key.certificate");
    assert_eq!(refusal("-----BEGIN OPENSSH PRIVATE KEY-----"), "key.private");
    assert_eq!(refusal(&format!("{} {}", vectors::ED25519_KEY, "x".repeat(9000))), "key.too-large");
    let split = vectors::ED25519_KEY.split(' ').nth(1).unwrap();
    for bad in [
        "",
        "hello",
        "ssh-ed25519",
        "ssh-ed25519 !",
        &format!("no-pty {}", vectors::ED25519_KEY),
        &format!("ecdsa-sha2-nistp256 {split}"),
        &format!("{}\nssh-ed25519", vectors::ED25519_KEY),
        &line("ssh-ed25519", &[&[1; 31]]),
        &line("ssh-ed25519", &[&[9; 32], b"more"]),
        &line("ecdsa-sha2-nistp256", &[b"nistp384", &[4; 65]]),
        &line("ecdsa-sha2-nistp256", &[b"nistp256", &[4; 65]]),
        &line("sk-ssh-ed25519@openssh.com", &[&[9; 32], b"ssh:\n"]),
    ] {
        assert_eq!(refusal(bad), "key.malformed", "{bad}");
    }
}

#[test]
fn an_ed25519_key_that_fits_every_signature_is_refused() {
    let mut identity = [0; 32];
    identity[0] = 1;
    assert_eq!(refusal(&line("ssh-ed25519", &[&identity])), "key.weak");
}

#[test]
fn a_point_has_one_spelling() {
    let full = key(vectors::P256_KEY);
    let compressed = full.point.to_bytes();
    let sign = 2 + (compressed[64] & 1);
    let compressed = [&[sign], &compressed[1..33]].concat();
    assert_eq!(refusal(&line("ecdsa-sha2-nistp256", &[b"nistp256", &compressed])), "key.malformed");
}

#[test]
fn a_passkey_is_read_back_and_is_the_same_key_wherever_it_is_used() {
    let here = PublicKey::passkey(passkey()).unwrap();
    let json = serde_json::to_value(&here).unwrap();
    assert_eq!(json["kind"], "passkey");
    assert_eq!(serde_json::from_value::<PublicKey>(json).unwrap(), here);
    let there = Passkey { origin: "https://probity.example:8443".to_owned(), attested: false, ..passkey() };
    let there = PublicKey::passkey(there).unwrap();
    assert_eq!(here.fingerprint(), there.fingerprint());
    assert!(here.is_hardware() && !there.is_hardware());
    assert!(here.is_same_secret(&key(vectors::P256_KEY)), "the same point behind OpenSSH");
    assert_ne!(here.fingerprint(), key(vectors::P256_KEY).fingerprint());
}

#[test]
fn what_a_passkey_is_bound_to_is_checked() {
    let spki = Base64UrlUnpadded::decode_vec(&passkey().public_key).unwrap();
    let with_more = Base64UrlUnpadded::encode_string(&[spki.as_slice(), b"x"].concat());
    for (wrong, code) in [
        (Passkey { origin: "http://review.probity.example".to_owned(), ..passkey() }, "key.passkey"),
        (Passkey { origin: "https://probity.example/path".to_owned(), ..passkey() }, "key.passkey"),
        (Passkey { origin: "https://probity.example:x".to_owned(), ..passkey() }, "key.passkey"),
        (Passkey { origin: "https://evilprobity.example".to_owned(), ..passkey() }, "key.passkey"),
        (Passkey { relying_party: "other.example".to_owned(), ..passkey() }, "key.passkey"),
        (Passkey { relying_party: String::new(), ..passkey() }, "key.passkey"),
        (Passkey { credential_id: String::new(), ..passkey() }, "key.passkey"),
        (Passkey { public_key: "AQID".to_owned(), ..passkey() }, "key.passkey"),
        (Passkey { public_key: with_more, ..passkey() }, "key.malformed"),
        (Passkey { credential_id: "A".repeat(9000), ..passkey() }, "key.too-large"),
    ] {
        let said = format!("{wrong:?}");
        assert_eq!(PublicKey::passkey(wrong).unwrap_err().code(), code, "{said}");
    }
    let local = Passkey {
        origin: "http://localhost:8080".to_owned(),
        relying_party: "localhost".to_owned(),
        ..passkey()
    };
    assert!(PublicKey::passkey(local).is_ok());
}

#[test]
fn a_fingerprint_reads_back() {
    let fingerprint = key(vectors::ED25519_KEY).fingerprint();
    assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint.clone()));
    for bad in ["SHA256:", "MD5:00", &fingerprint.as_str()[..40], &format!("{fingerprint}=")] {
        assert!(bad.parse::<Fingerprint>().is_err(), "{bad}");
    }
}
