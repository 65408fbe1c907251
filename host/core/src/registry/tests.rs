use proptest::prelude::*;

use super::*;

const STATEMENT: &[u8] = b"a statement";

fn at(second: i64) -> Instant {
    Instant::from_micros(second * 1_000_000).unwrap()
}

fn secret(seed: u8) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[seed; 32])
}

/// An SSH string.
fn put(into: &mut Vec<u8>, bytes: &[u8]) {
    into.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
    into.extend(bytes);
}

fn ssh_key(seed: u8) -> PublicKey {
    use base64ct::{Base64, Encoding as _};
    let mut blob = Vec::new();
    put(&mut blob, b"ssh-ed25519");
    put(&mut blob, secret(seed).verifying_key().as_bytes());
    PublicKey::parse(&format!("ssh-ed25519 {}", Base64::encode_string(&blob))).unwrap()
}

fn passkey(seed: u8, credential_id: &str) -> PublicKey {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    let prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    let spki = [prefix.as_slice(), secret(seed).verifying_key().as_bytes()].concat();
    PublicKey::passkey(signature::Passkey {
        public_key: Base64UrlUnpadded::encode_string(&spki),
        credential_id: credential_id.to_owned(),
        relying_party: "probity.example".to_owned(),
        origin: "https://probity.example".to_owned(),
        attested: false,
    })
    .unwrap()
}

fn ssh_signature(seed: u8, statement: &[u8]) -> Signature {
    use base64ct::{Base64, Encoding as _};
    use ed25519_dalek::Signer as _;
    use sha2::Digest as _;
    let mut signed = b"SSHSIG".to_vec();
    for part in [b"probity".as_slice(), b"", b"sha512", &sha2::Sha512::digest(statement)] {
        put(&mut signed, part);
    }
    let mut bytes = Vec::new();
    put(&mut bytes, b"ssh-ed25519");
    put(&mut bytes, &secret(seed).sign(&signed).to_bytes());
    let mut key = Vec::new();
    put(&mut key, b"ssh-ed25519");
    put(&mut key, secret(seed).verifying_key().as_bytes());
    let mut blob = [b"SSHSIG".as_slice(), &1_u32.to_be_bytes()].concat();
    for part in [key.as_slice(), b"probity", b"", b"sha512", &bytes] {
        put(&mut blob, part);
    }
    let base64 = Base64::encode_string(&blob);
    let armored = format!("-----BEGIN SSH SIGNATURE-----\n{base64}\n-----END SSH SIGNATURE-----\n");
    Signature::Ssh { armored }
}

fn enrol(principal: &str, key: PublicKey) -> KeyChange {
    KeyChange::Enrolled { principal: principal.to_owned(), key, comment: "laptop".to_owned() }
}

fn revoke(key: &PublicKey) -> KeyChange {
    KeyChange::Revoked { fingerprint: key.fingerprint(), reason: "lost".to_owned() }
}

/// A registry written by the rules, with its entries.
fn written(changes: impl IntoIterator<Item = KeyChange>) -> (Registry, Vec<RegistryEntry>) {
    let mut registry = Registry::default();
    let mut entries = Vec::new();
    for (second, change) in (10..).step_by(10).zip(changes) {
        let entry = registry.next(at(second), "operator", change).unwrap();
        registry.apply(&entry);
        entries.push(entry);
    }
    (registry, entries)
}

/// Five entries at 10, 20, … 50 seconds.
fn sample() -> (Registry, Vec<RegistryEntry>) {
    written([
        enrol("maya", ssh_key(1)),
        enrol("noor", ssh_key(2)),
        revoke(&ssh_key(1)),
        enrol("maya", passkey(3, "AQID")),
        enrol("noor", ssh_key(4)),
    ])
}

fn lines(entries: &[RegistryEntry]) -> Vec<Vec<u8>> {
    entries.iter().map(RegistryEntry::bytes).collect()
}

#[test]
fn a_key_counts_from_its_enrolment_up_to_its_revocation() {
    let (registry, _) = sample();
    let first = ssh_key(1).fingerprint();
    for (second, counts) in [(9, false), (10, true), (29, true), (30, false), (31, false)] {
        assert_eq!(registry.find(&first, at(second)).is_some(), counts, "at {second}");
        let result = registry.accept("maya", at(second), STATEMENT, &ssh_signature(1, STATEMENT));
        assert_eq!(result.is_ok(), counts, "at {second}: {result:?}");
    }
    let keys = |principal, second| registry.key_of(principal, at(second)).len();
    assert_eq!([keys("maya", 9), keys("maya", 15), keys("maya", 35), keys("maya", 40)], [0, 1, 0, 1]);
    assert_eq!([keys("noor", 15), keys("noor", 20), keys("noor", 50), keys("nobody", 50)], [0, 1, 2, 0]);
    assert_eq!(registry.get(&first).unwrap().revoked.as_ref().unwrap().reason, "lost");
}

#[test]
fn a_signature_is_refused_with_the_reason_its_key_does_not_count() {
    let (registry, _) = sample();
    let code = |principal, second, signature: &Signature| {
        registry
            .accept(principal, at(second), STATEMENT, signature)
            .map_or_else(|no| no.code(), |_| "accepted")
    };
    assert_eq!(code("noor", 60, &ssh_signature(2, STATEMENT)), "accepted");
    assert_eq!(code("noor", 60, &ssh_signature(2, b"other")), "signature.mismatch");
    assert_eq!(code("maya", 60, &ssh_signature(2, STATEMENT)), "key.belongs-to-another");
    assert_eq!(code("maya", 60, &ssh_signature(1, STATEMENT)), "key.revoked");
    assert_eq!(code("noor", 19, &ssh_signature(2, STATEMENT)), "key.not-yet-enrolled");
    assert_eq!(code("noor", 60, &ssh_signature(9, STATEMENT)), "key.not-enrolled");
    assert_eq!(code("noor", 60, &Signature::Ssh { armored: String::new() }), "signature.armor");
    let assertion = |credential_id: &str| Signature::Passkey {
        credential_id: credential_id.to_owned(),
        authenticator_data: String::new(),
        client_data_json: String::new(),
        signature: String::new(),
    };
    assert_eq!(code("maya", 60, &assertion("AQIE")), "key.not-enrolled");
    assert_eq!(code("maya", 60, &assertion("AQID")), "signature.malformed", "the passkey is found");
}

#[test]
fn a_key_belongs_to_one_principal_for_ever_in_whatever_wrapping() {
    let (registry, _) = sample();
    let code = |change| registry.next(at(60), "operator", change).map_or_else(|no| no.code(), |_| "taken");
    assert_eq!(code(enrol("noor", ssh_key(2))), "key.already-enrolled");
    assert_eq!(code(enrol("maya", ssh_key(2))), "key.belongs-to-another");
    assert_eq!(code(enrol("maya", ssh_key(1))), "key.revoked");
    assert_eq!(code(enrol("noor", ssh_key(1))), "key.belongs-to-another", "revoked ones too");
    assert_eq!(code(enrol("maya", passkey(1, "AAAA"))), "key.revoked", "a revoked key as a passkey");
    assert_eq!(code(enrol("noor", ssh_key(3))), "key.belongs-to-another", "a passkey as an SSH key");
    assert_eq!(code(enrol("noor", passkey(7, "AQID"))), "key.belongs-to-another", "its credential id");
    assert_eq!(code(enrol("noor", passkey(7, "AQIE"))), "taken");
    assert_eq!(code(revoke(&ssh_key(1))), "key.already-revoked");
    assert_eq!(code(revoke(&ssh_key(9))), "key.unknown");
    assert_eq!(code(revoke(&ssh_key(2))), "taken");
}

#[test]
fn texts_that_hide_something_are_refused() {
    let registry = Registry::default();
    for bad in ["", " maya", "ma\u{202e}ya", "ma\nya", &"m".repeat(501)] {
        let refusal = registry.next(at(1), "operator", enrol(bad, ssh_key(1))).unwrap_err();
        assert_eq!(refusal.code(), "key.text", "{bad:?}");
        assert_eq!(registry.next(at(1), bad, enrol("maya", ssh_key(1))).unwrap_err().code(), "key.text");
    }
}

#[test]
fn a_recorded_entry_against_the_rules_changes_nothing_and_is_listed() {
    let (registry, mut entries) = sample();
    let head = registry.head().unwrap();
    entries.push(RegistryEntry {
        v: VERSION,
        seq: 6,
        at: at(60),
        by: "operator".to_owned(),
        change: enrol("noor", ssh_key(1)),
        prev: Some(head.digest),
    });
    let folded = Registry::verify_chain(&lines(&entries), Some(&head)).unwrap();
    assert_eq!(folded.keys(), registry.keys());
    assert_eq!(folded.ignored(), [(6, KeyRefusal::BelongsToAnother(ssh_key(1).fingerprint()))]);
}

#[test]
fn time_does_not_go_back_when_a_clock_does() {
    let (registry, mut entries) = sample();
    let entry = registry.next(at(1), "operator", enrol("maya", ssh_key(8))).unwrap();
    assert_eq!(entry.at, at(50));
    entries.push(RegistryEntry { at: at(1), ..entry });
    let broken = Registry::verify_chain(&lines(&entries), None).unwrap_err();
    assert_eq!(broken, BrokenChain { seq: 6, what: Break::BackInTime });
}

#[test]
fn a_registry_reads_back_as_it_was_written() {
    let (registry, entries) = sample();
    let lines = lines(&entries);
    let read = Registry::verify_chain(&lines, registry.head().as_ref()).unwrap();
    assert_eq!((read.keys(), read.head()), (registry.keys(), registry.head()));
    assert!(read.ignored().is_empty());
    let line = String::from_utf8(lines[2].clone()).unwrap();
    let start = r#"{"at":"1970-01-01T00:00:30Z","by":"operator","change":{"fingerprint":"SHA256:"#;
    assert!(line.starts_with(start), "{line}");
    assert!(Registry::verify_chain::<&[u8]>(&[], None).unwrap().head().is_none());
}

#[test]
fn every_changed_byte_is_found_and_its_entry_named() {
    let (registry, entries) = sample();
    let head = registry.head().unwrap();
    let lines = lines(&entries);
    for (place, line) in lines.iter().enumerate() {
        for at in 0..line.len() * 8 {
            let mut changed = lines.clone();
            changed[place][at / 8] ^= 1 << (at % 8);
            let broken = Registry::verify_chain(&changed, Some(&head)).unwrap_err();
            assert_eq!(broken.seq as usize, place + 1, "bit {at} of entry {}: {broken}", place + 1);
        }
    }
}

#[test]
fn entries_removed_swapped_doubled_or_added_are_found() {
    let (registry, entries) = sample();
    let head = registry.head().unwrap();
    let lines = lines(&entries);
    let broken = |lines: &[Vec<u8>]| Registry::verify_chain(lines, Some(&head)).unwrap_err();
    for place in 0..lines.len() {
        let mut removed = lines.clone();
        removed.remove(place);
        assert_eq!(broken(&removed).seq as usize, place + 1, "removed");
        let mut doubled = lines.clone();
        doubled.insert(place, lines[place].clone());
        assert_eq!(broken(&doubled).seq as usize, place + 2, "doubled");
    }
    for place in 1..lines.len() {
        let mut swapped = lines.clone();
        swapped.swap(place - 1, place);
        assert_eq!(broken(&swapped).seq as usize, place, "swapped");
    }
    let truncated = broken(&lines[..3]);
    assert_eq!(truncated, BrokenChain { seq: 4, what: Break::Missing(head) });
    // Without a head, a shorter registry is a registry; with one, a longer one still has to follow it.
    assert!(Registry::verify_chain(&lines[..3], None).is_ok());
    let mut longer = entries;
    let added = registry.next(at(70), "operator", enrol("noor", ssh_key(7))).unwrap();
    longer.push(added.clone());
    assert!(Registry::verify_chain(&self::lines(&longer), Some(&head)).is_ok());
    longer[5] = RegistryEntry { prev: Some(Digest::of(b"elsewhere")), ..added };
    let stray = Registry::verify_chain(&self::lines(&longer), Some(&head)).unwrap_err();
    assert_eq!(stray, BrokenChain { seq: 6, what: Break::DoesNotFollow });
}

#[test]
fn a_rewritten_registry_is_told_by_the_head_kept_elsewhere() {
    let (registry, _) = sample();
    let (_, rewritten) = written([
        enrol("mallory", ssh_key(1)),
        enrol("noor", ssh_key(2)),
        revoke(&ssh_key(1)),
        enrol("maya", passkey(3, "AQID")),
        enrol("noor", ssh_key(4)),
    ]);
    let lines = lines(&rewritten);
    assert!(Registry::verify_chain(&lines, None).is_ok());
    let broken = Registry::verify_chain(&lines, registry.head().as_ref()).unwrap_err();
    assert_eq!(broken, BrokenChain { seq: 5, what: Break::Altered });
}

#[test]
fn spellings_that_say_the_same_are_not_the_same_entry() {
    let (_, entries) = sample();
    let line = String::from_utf8(entries[0].bytes()).unwrap();
    for other in [
        format!("{line}\n"),
        line.replace("\"v\":1", "\"v\": 1"),
        line.replace("00:00:10Z", "00:00:10.0Z"),
        line.replace("00:00:10Z", "01:00:10+01:00"),
        line.replace("ssh-ed25519 ", "ssh-ed25519  "),
    ] {
        assert_ne!(other, line);
        let broken = Registry::verify_chain(&[other], None).unwrap_err();
        assert_eq!(broken.what, Break::NotCanonical);
    }
    let versioned = line.replace("\"v\":1", "\"v\":2");
    assert_eq!(Registry::verify_chain(&[versioned], None).unwrap_err().what, Break::Version(2));
    let more = line.replace("\"v\":1", "\"v\":1,\"w\":1");
    assert_eq!(Registry::verify_chain(&[more], None).unwrap_err().code(), "registry.unreadable");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever is asked for in whatever order, a key has one principal, is not revived, and the chain holds.
    #[test]
    fn any_history_keeps_each_key_with_its_first_principal(
        steps in prop::collection::vec((any::<bool>(), 0_usize..3, 1_u8..5), 1..24)
    ) {
        let principals = ["maya", "noor", "sam"];
        let mut registry = Registry::default();
        let mut lines = Vec::new();
        let mut owner: std::collections::BTreeMap<u8, (&str, bool)> = std::collections::BTreeMap::new();
        for (second, (enrolling, who, seed)) in (1..).zip(steps) {
            let key = ssh_key(seed);
            let change = if enrolling { enrol(principals[who], key) } else { revoke(&key) };
            let allowed = match (enrolling, owner.get(&seed)) {
                (true, None) | (false, Some((_, false))) => true,
                (true, Some(_)) | (false, None | Some((_, true))) => false,
            };
            let entry = registry.next(at(second), "operator", change);
            prop_assert_eq!(entry.is_ok(), allowed);
            if let Ok(entry) = entry {
                owner.entry(seed).and_modify(|(_, revoked)| *revoked = true).or_insert((principals[who], false));
                registry.apply(&entry);
                lines.push(entry.bytes());
            }
        }
        let read = Registry::verify_chain(&lines, registry.head().as_ref()).unwrap();
        prop_assert_eq!(read.keys(), registry.keys());
        for (seed, (principal, revoked)) in owner {
            let key = read.get(&ssh_key(seed).fingerprint()).unwrap();
            prop_assert_eq!((key.principal.as_str(), key.revoked.is_some()), (principal, revoked));
        }
    }
}

#[test]
fn the_longest_line_is_read_and_one_byte_more_is_not() {
    let line = |length: usize| {
        let change =
            KeyChange::Enrolled { principal: "ada".to_owned(), key: ssh_key(1), comment: "x".repeat(length) };
        RegistryEntry { v: VERSION, seq: 1, at: at(0), by: "operator".to_owned(), change, prev: None }.bytes()
    };
    let around = line(0).len();
    let longest = line(verify::MAX_LINE - around);
    assert_eq!(longest.len(), verify::MAX_LINE);
    assert!(Registry::verify_chain(&[longest], None).is_ok());
    let broken = Registry::verify_chain(&[line(verify::MAX_LINE - around + 1)], None).unwrap_err();
    assert!(broken.to_string().contains("longer than 65536 bytes"), "{broken}");
}
