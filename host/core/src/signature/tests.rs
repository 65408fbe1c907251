mod keys;
mod passkeys;
mod security_keys;

use base64ct::{Base64, Encoding as _};
use proptest::prelude::*;

use super::key::put;
use super::vectors::{self, STATEMENT};
use super::{Algorithm, BadSignature, MAX_ARMORED, PublicKey, Signature, Verified, verify};

fn key(line: &str) -> PublicKey {
    PublicKey::parse(line).unwrap()
}

fn check(statement: &[u8], armored: &str, key_line: &str) -> Result<Verified, BadSignature> {
    verify(statement, &Signature::Ssh { armored: armored.to_owned() }, &key(key_line))
}

fn code(result: Result<Verified, BadSignature>) -> &'static str {
    result.map_or_else(|bad| bad.code(), |_| "verified")
}

fn ed25519_code(armored: &str) -> &'static str {
    code(check(STATEMENT, armored, vectors::ED25519_KEY))
}

/// The armor around a blob, wrapped as OpenSSH wraps it.
pub(super) fn armor(blob: &[u8]) -> String {
    let base64 = Base64::encode_string(blob);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

fn unarmor(armored: &str) -> Vec<u8> {
    let base64: String = armored.lines().filter(|line| !line.starts_with('-')).collect();
    Base64::decode_vec(&base64).unwrap()
}

/// A blob of its members, each as an SSH string.
fn blob(version: u32, members: &[&[u8]]) -> Vec<u8> {
    let mut blob = b"SSHSIG".to_vec();
    blob.extend(version.to_be_bytes());
    for member in members {
        put(&mut blob, member);
    }
    blob
}

/// The members of a signature OpenSSH made: key, namespace, reserved, hash, signature.
fn members_of(armored: &str) -> [Vec<u8>; 5] {
    let blob = unarmor(armored);
    let mut rest = &blob[10..];
    std::array::from_fn(|_| {
        let length = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
        let (member, after) = rest[4..].split_at(length);
        rest = after;
        member.to_vec()
    })
}

fn members() -> [Vec<u8>; 5] {
    members_of(vectors::ED25519)
}

fn rebuilt(change: impl FnOnce(&mut [Vec<u8>; 5])) -> String {
    let mut members = members();
    change(&mut members);
    armor(&blob(1, &members.each_ref().map(Vec::as_slice)))
}

#[test]
fn what_openssh_signed_is_verified() {
    for (armored, line, algorithm, fingerprint) in [
        (
            vectors::ED25519,
            vectors::ED25519_KEY,
            Algorithm::Ed25519,
            "SHA256:T0z1cFr4VsMWphCN/L9KcQPAB4X495sI74EKVWCShz0",
        ),
        (
            vectors::ED25519_SHA256,
            vectors::ED25519_KEY,
            Algorithm::Ed25519,
            "SHA256:T0z1cFr4VsMWphCN/L9KcQPAB4X495sI74EKVWCShz0",
        ),
        (
            vectors::P256,
            vectors::P256_KEY,
            Algorithm::EcdsaP256,
            "SHA256:FkMyla41z3/rwrQ8GbJzPcdCPIIqUbuVHqPPy4Grz/0",
        ),
        (
            vectors::P384,
            vectors::P384_KEY,
            Algorithm::EcdsaP384,
            "SHA256:t8uABj2nc5hiZua3W+Km9KaSGiZE8QHrVO/+MVndGwY",
        ),
    ] {
        let verified = check(STATEMENT, armored, line).unwrap();
        assert_eq!((verified.algorithm, verified.fingerprint.as_str()), (algorithm, fingerprint));
        assert!(!verified.hardware && !verified.user_present && verified.counter.is_none());
        assert_eq!(code(check(b"another statement", armored, line)), "signature.mismatch");
        assert_eq!(armor(&unarmor(armored)), armored, "this test wraps as OpenSSH does");
    }
}

#[test]
fn what_a_browser_does_to_line_ends_does_no_harm() {
    let pasted = vectors::ED25519.replace('\n', "\r\n");
    assert_eq!(ed25519_code(&pasted), "verified");
    assert_eq!(ed25519_code(vectors::ED25519.trim_end()), "verified");
}

#[test]
fn every_flipped_bit_of_the_armor_is_refused() {
    let mut flipped = 0;
    for at in 0..vectors::ED25519.len() {
        for bit in 0..8 {
            let mut bytes = vectors::ED25519.as_bytes().to_vec();
            bytes[at] ^= 1 << bit;
            // The armor is text: what is not UTF-8 does not come this far.
            let Ok(armored) = String::from_utf8(bytes) else { continue };
            assert_ne!(ed25519_code(&armored), "verified", "byte {at}, bit {bit}");
            flipped += 1;
        }
    }
    assert_eq!(flipped, vectors::ED25519.len() * 7);
}

#[test]
fn every_flipped_bit_of_the_blob_and_of_the_statement_is_refused() {
    let signature = unarmor(vectors::ED25519);
    for at in 0..signature.len() * 8 {
        let mut flipped = signature.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        assert_ne!(ed25519_code(&armor(&flipped)), "verified", "bit {at} of the blob");
    }
    for at in 0..STATEMENT.len() * 8 {
        let mut statement = STATEMENT.to_vec();
        statement[at / 8] ^= 1 << (at % 8);
        let result = check(&statement, vectors::ED25519, vectors::ED25519_KEY);
        assert_eq!(code(result), "signature.mismatch", "bit {at} of the statement");
    }
}

#[test]
fn every_shorter_armor_and_blob_is_refused() {
    for end in 0..vectors::ED25519.trim_end().len() {
        assert_ne!(ed25519_code(&vectors::ED25519[..end]), "verified", "cut after {end}");
    }
    let signature = unarmor(vectors::ED25519);
    for end in 0..signature.len() {
        assert_eq!(ed25519_code(&armor(&signature[..end])), "signature.malformed", "cut after {end}");
    }
}

#[test]
fn a_signature_made_for_something_else_is_refused_by_its_namespace() {
    assert_eq!(ed25519_code(vectors::ED25519_NAMESPACE_FILE), "signature.wrong-namespace");
    for namespace in ["", "Probity", "probity ", "probity.example"] {
        let armored = rebuilt(|members| members[1] = namespace.as_bytes().to_vec());
        assert_eq!(ed25519_code(&armored), "signature.wrong-namespace", "{namespace:?}");
    }
}

#[test]
fn a_signature_counts_for_its_own_key_only() {
    let other = check(STATEMENT, vectors::P256, vectors::ED25519_KEY).unwrap_err();
    assert_eq!(other.code(), "signature.wrong-key");
    assert!(other.to_string().contains("SHA256:FkMyla41"), "{other}");
    // Naming the key in the blob is not enough.
    let mut forged = members();
    let stranger = ed25519_dalek::SigningKey::from_bytes(&[7; 32]);
    let signed = ed25519_dalek::Signer::sign(&stranger, b"anything").to_bytes();
    forged[4].clear();
    put(&mut forged[4], b"ssh-ed25519");
    put(&mut forged[4], &signed);
    let armored = armor(&blob(1, &forged.each_ref().map(Vec::as_slice)));
    assert_eq!(ed25519_code(&armored), "signature.mismatch");
}

#[test]
fn kinds_that_are_not_taken_are_named_with_those_that_work() {
    for (armored, kind) in [(vectors::RSA, "ssh-rsa"), (vectors::P521, "ecdsa-sha2-nistp521")] {
        let bad = check(STATEMENT, armored, vectors::ED25519_KEY).unwrap_err();
        assert_eq!(bad.code(), "signature.unsupported-kind");
        assert!(bad.to_string().contains(kind) && bad.to_string().contains("use ssh-ed25519"), "{bad}");
    }
    let bad = check(STATEMENT, vectors::CERTIFICATE, vectors::ED25519_KEY).unwrap_err();
    assert_eq!(bad.code(), "signature.certificate");
}

#[test]
fn nothing_may_follow_a_signature() {
    assert_eq!(ed25519_code(&format!("{}x", vectors::ED25519)), "signature.trailing-bytes");
    assert_eq!(ed25519_code(&format!("{}\n", vectors::ED25519)), "signature.trailing-bytes");
    let mut signature = unarmor(vectors::ED25519);
    signature.push(0);
    assert_eq!(ed25519_code(&armor(&signature)), "signature.trailing-bytes");
    let armored = rebuilt(|members| members[4].push(0));
    assert_eq!(ed25519_code(&armored), "signature.trailing-bytes");
    let armored = rebuilt(|members| members[0].push(0));
    assert_eq!(ed25519_code(&armored), "signature.malformed", "the key inside");
}

#[test]
fn the_two_integers_of_an_ecdsa_signature_are_all_there_is_and_in_range() {
    let with = |change: fn(&mut Vec<u8>, &mut Vec<u8>, &mut Vec<u8>)| {
        let mut members = members_of(vectors::P256);
        let mut rest = members[4][4 + 19 + 4..].to_vec();
        let mut take = || {
            let length = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
            let integer = rest[4..4 + length].to_vec();
            rest.drain(..4 + length);
            integer
        };
        let (mut r, mut s, mut after) = (take(), take(), Vec::new());
        assert!(rest.is_empty());
        change(&mut r, &mut s, &mut after);
        let mut integers = Vec::new();
        put(&mut integers, &r);
        put(&mut integers, &s);
        integers.extend(after);
        members[4].clear();
        put(&mut members[4], b"ecdsa-sha2-nistp256");
        put(&mut members[4], &integers);
        let armored = armor(&blob(1, &members.each_ref().map(Vec::as_slice)));
        code(check(STATEMENT, &armored, vectors::P256_KEY))
    };
    assert_eq!(with(|_, _, _| {}), "verified");
    assert_eq!(with(|_, _, after| after.push(0)), "signature.trailing-bytes");
    assert_eq!(with(|r, _, _| *r = vec![1; 33]), "signature.malformed");
    assert_eq!(with(|r, _, _| *r = vec![0x80; 32]), "signature.malformed", "negative");
    assert_eq!(with(|_, s, _| s.insert(0, 0)), "signature.malformed", "a needless zero");
    assert_eq!(with(|r, _, _| r.clear()), "signature.malformed", "zero");
    assert_eq!(with(|_, s, _| *s = vec![1]), "signature.mismatch");
}

#[test]
fn what_is_no_armor_is_said_to_be_none() {
    for text in [
        "",
        "hello",
        &format!(" {}", vectors::ED25519),
        &format!("\n{}", vectors::ED25519),
        &vectors::ED25519.replace("-----END SSH SIGNATURE-----\n", ""),
        &vectors::ED25519.replace("U1NI", "U1N!"),
        &vectors::ED25519.replace("U1NI", "U1N "),
        "-----BEGIN SSH SIGNATURE-----\nAAA\n-----END SSH SIGNATURE-----",
    ] {
        assert_eq!(ed25519_code(text), "signature.armor", "{text}");
    }
}

#[test]
fn the_size_is_looked_at_first() {
    let huge = format!("{}{}", vectors::ED25519, "A".repeat(MAX_ARMORED));
    assert_eq!(ed25519_code(&huge), "signature.too-large");
    // A length inside that promises more than there is.
    let mut signature = unarmor(vectors::ED25519);
    signature[10..14].copy_from_slice(&u32::MAX.to_be_bytes());
    assert_eq!(ed25519_code(&armor(&signature)), "signature.malformed");
}

#[test]
fn another_version_hash_or_algorithm_is_refused() {
    for version in [0, 2] {
        let armored = armor(&blob(version, &members().each_ref().map(Vec::as_slice)));
        assert_eq!(ed25519_code(&armored), "signature.version");
    }
    let armored = rebuilt(|members| members[3] = b"sha1".to_vec());
    assert_eq!(ed25519_code(&armored), "signature.unsupported-hash");
    let armored = rebuilt(|members| members[4][4..15].copy_from_slice(b"ssh-ed25518"));
    assert_eq!(ed25519_code(&armored), "signature.wrong-algorithm");
    // What is reserved is signed.
    let armored = rebuilt(|members| members[2] = b"later".to_vec());
    assert_eq!(ed25519_code(&armored), "signature.mismatch");
}

#[test]
fn a_signature_reads_back_and_names_its_key() {
    let signature = Signature::Ssh { armored: vectors::P256.to_owned() };
    let json = serde_json::to_string(&signature).unwrap();
    assert!(json.starts_with(r#"{"kind":"ssh","armored":"-----BEGIN"#), "{json}");
    assert_eq!(serde_json::from_str::<Signature>(&json).unwrap(), signature);
    let signer = signature.signer().unwrap();
    assert!(signer.is(&key(vectors::P256_KEY)) && !signer.is(&key(vectors::P384_KEY)));
    assert_eq!(signer.to_string(), format!("the key {}", key(vectors::P256_KEY).fingerprint()));
    let more = json.replace('{', r#"{"extra":1,"#);
    assert!(serde_json::from_str::<Signature>(&more).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_verification_panic(junk in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..178) {
        let mut signature = unarmor(vectors::ED25519);
        let end = signature.len().min(at + junk.len());
        signature.splice(at..end, junk.iter().copied());
        let changed = signature != unarmor(vectors::ED25519);
        let result = check(STATEMENT, &armor(&signature), vectors::ED25519_KEY);
        prop_assert_eq!(result.is_err(), changed);
        prop_assert!(check(STATEMENT, &String::from_utf8_lossy(&junk), vectors::ED25519_KEY).is_err());
    }
}
