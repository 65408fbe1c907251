use super::*;

// Keys that OpenSSH made; nothing was ever signed with them.
const MAYA: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII9+NAB21snQHDkkT1cwcb+MVz0r2IU2daqEuR1U+qf4";
const NOOR: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAmt3uBwtzaoGFLXg4KYYZTdjv8+RduS6E7gHmhs6cljkXsYZJz1LVNNJsg0B9ElTooOKlTog7QuAaDY93S+W1k=";

fn key(line: &str) -> PublicKey {
    PublicKey::parse(line).unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// What a file says of a principal and MAYA at noon of 22 November 2026.
fn said(file: &str, principal: &str) -> &'static str {
    let trust = Trust::parse(file).unwrap();
    trust
        .vouches(principal, &key(MAYA), at("2026-11-22T12:00:00Z"))
        .map_or_else(|no| no.code(), |_| "vouched")
}

fn refused(file: &str) -> BadTrust {
    Trust::parse(file).unwrap_err()
}

#[test]
fn a_line_vouches_for_its_principals_and_its_key() {
    let file = format!("# the board\n\nnoor {NOOR}\n  maya,m.li@sample.example {MAYA} maya's laptop\n");
    let trust = Trust::parse(&file).unwrap();
    let now = at("2026-11-22T12:00:00Z");
    assert_eq!(trust.vouches("maya", &key(MAYA), now), Ok(Voucher { line: 4 }));
    assert_eq!(trust.vouches("m.li@sample.example", &key(MAYA), now), Ok(Voucher { line: 4 }));
    assert_eq!(trust.vouches("noor", &key(NOOR), now), Ok(Voucher { line: 3 }));
    assert_eq!(trust.vouches("noor", &key(MAYA), now), Err(NotVouched::OtherPrincipal));
    assert_eq!(trust.vouches("maya", &key(NOOR), now), Err(NotVouched::OtherPrincipal));
    assert_eq!(Trust::parse("").unwrap().vouches("maya", &key(MAYA), now), Err(NotVouched::NotListed));
    assert_eq!((trust.len(), trust.is_empty()), (2, false));
}

/// A passkey whose point is that of an OpenSSH line.
fn passkey_of(line: &str) -> PublicKey {
    use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
    let blob = Base64::decode_vec(line.split(' ').nth(1).unwrap()).unwrap();
    let (prefix, length): (&[u8], _) = if line.starts_with("ssh-ed25519") {
        (&[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00], 32)
    } else {
        let p256 = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
        (p256, 65)
    };
    let spki = [prefix, &blob[blob.len() - length..]].concat();
    PublicKey::passkey(crate::signature::Passkey {
        public_key: Base64UrlUnpadded::encode_string(&spki),
        credential_id: "AQID".to_owned(),
        relying_party: "probity.example".to_owned(),
        origin: "https://probity.example".to_owned(),
        attested: true,
    })
    .unwrap()
}

#[test]
fn the_line_of_a_plain_key_names_the_passkey_with_its_point() {
    let now = at("2026-11-22T12:00:00Z");
    let ask = |file: &str, principal: &str, key: &PublicKey| {
        let trust = Trust::parse(file).unwrap();
        trust.vouches(principal, key, now).map_or_else(|no| no.code(), |_| "vouched")
    };
    for line in [MAYA, NOOR] {
        let passkey = passkey_of(line);
        assert_eq!(passkey.line(), line, "this is how it is named");
        for (file, expected) in [
            (format!("maya {line}"), "vouched"),
            (format!("maya namespaces=\"probity\" {line}"), "vouched"),
            (format!("noor {line}"), "trust.other-principal"),
            (format!("maya namespaces=\"git\" {line}"), "trust.other-namespace"),
            (format!("maya valid-before=\"20260101Z\" {line}"), "trust.no-longer"),
            (String::new(), "trust.not-listed"),
        ] {
            assert_eq!(ask(&file, "maya", &passkey), expected, "{file}");
        }
    }
    assert_eq!(ask(&format!("maya {NOOR}"), "maya", &passkey_of(MAYA)), "trust.not-listed");
    // A security key signs for its application; that its point is the same makes it no passkey, nor the other way round.
    let security_key = security_key_of(MAYA);
    assert!(security_key.is_same_secret(&passkey_of(MAYA)));
    assert_eq!(ask(&format!("maya {security_key}"), "maya", &passkey_of(MAYA)), "trust.not-listed");
    assert_eq!(ask(&format!("maya {MAYA}"), "maya", &security_key), "trust.not-listed");
}

/// A security key whose point is that of an Ed25519 line.
fn security_key_of(line: &str) -> PublicKey {
    use base64ct::{Base64, Encoding as _};
    let blob = Base64::decode_vec(line.split(' ').nth(1).unwrap()).unwrap();
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat();
    let kind = "sk-ssh-ed25519@openssh.com";
    let parts = [string(kind.as_bytes()), string(&blob[blob.len() - 32..]), string(b"ssh:")];
    key(&format!("{kind} {}", Base64::encode_string(&parts.concat())))
}

#[test]
fn patterns_mean_what_they_mean_to_openssh() {
    for (principals, vouched) in [
        ("*", true),
        ("m?ya", true),
        ("m*", true),
        ("*a", true),
        ("m*y*", true),
        ("may", false),
        ("maya?", false),
        ("*,!maya", false),
        ("!maya,*", false),
        ("*,!m*", false),
        ("!noor,*", true),
        ("!noor", false),
        ("noor,maya", true),
        ("\"noor,maya\"", true),
        ("Maya", false),
        ("*x*", false),
    ] {
        let expected = if vouched { "vouched" } else { "trust.other-principal" };
        assert_eq!(said(&format!("{principals} {MAYA}"), "maya"), expected, "{principals}");
    }
}

#[test]
fn a_line_for_other_namespaces_does_not_vouch() {
    for (options, expected) in [
        ("namespaces=\"probity\"", "vouched"),
        ("namespaces=\"git,probity\"", "vouched"),
        ("NAMESPACES=\"prob*\"", "vouched"),
        ("namespaces=\"git,file\"", "trust.other-namespace"),
        ("namespaces=\"*,!probity\"", "trust.other-namespace"),
        ("namespaces=\"\"", "trust.other-namespace"),
    ] {
        assert_eq!(said(&format!("maya {options} {MAYA}"), "maya"), expected, "{options}");
    }
}

#[test]
fn a_line_vouches_within_its_time_with_both_ends() {
    for (options, expected) in [
        ("valid-after=\"20261122Z\"", "vouched"),
        ("valid-after=\"20261122120000Z\"", "vouched"),
        ("valid-after=\"20261122120001Z\"", "trust.not-yet"),
        ("valid-before=\"202611221200Z\"", "vouched"),
        ("valid-before=\"20261122115959Z\"", "trust.no-longer"),
        ("valid-before=\"20261122Z\"", "trust.no-longer"),
        ("valid-after=\"20260101Z\",valid-before=\"20270101Z\",namespaces=\"probity\"", "vouched"),
    ] {
        assert_eq!(said(&format!("maya {options} {MAYA}"), "maya"), expected, "{options}");
    }
}

#[test]
fn one_line_that_vouches_is_enough_and_otherwise_the_closest_says_why() {
    let late = format!("maya valid-before=\"20260101Z\" {MAYA}");
    let other = format!("noor {MAYA}");
    assert_eq!(said(&format!("{late}\n{other}"), "maya"), "trust.no-longer");
    assert_eq!(said(&format!("{other}\n{late}"), "maya"), "trust.no-longer");
    assert_eq!(said(&format!("{other}\n{late}\nmaya {MAYA}"), "maya"), "vouched");
}

#[test]
fn a_certificate_authority_is_refused_in_words() {
    for options in ["cert-authority", "namespaces=\"probity\",cert-authority", "Cert-Authority"] {
        let bad = refused(&format!("noor {NOOR}\n*@sample.example {options} {MAYA}"));
        assert_eq!(bad, BadTrust::CertAuthority(2));
        assert!(bad.to_string().contains("a line for each person's own key"), "{bad}");
    }
}

#[test]
fn keys_that_can_sign_nothing_here_are_listed_and_vouch_for_nothing() {
    let trust =
        Trust::parse(&format!("sam ssh-rsa AAAA\nsam namespaces=\"git\" ssh-rsa AAAA\nmaya {MAYA}")).unwrap();
    let lines: Vec<_> = trust.unused().iter().map(|(line, why)| (*line, why.code())).collect();
    assert_eq!(lines, [(1, "key.unsupported-kind"), (2, "key.unsupported-kind")]);
    assert_eq!(trust.len(), 1);
}

#[test]
fn a_line_that_cannot_be_honoured_exactly_is_refused_with_its_number() {
    for line in [
        "maya",
        "maya ssh-ed25519",
        "maya ssh-ed25519 AAAA",
        &format!("\"maya {MAYA}"),
        &format!("\"\" {MAYA}"),
        &format!("ma\"y\"a {MAYA}"),
        &format!("maya unknown {MAYA}"),
        &format!("maya no-touch-required=\"yes\" {MAYA}"),
        &format!("maya namespaces=probity {MAYA}"),
        &format!("maya namespaces {MAYA}"),
        &format!("maya cert-authority=\"yes\" {MAYA}"),
        &format!("maya namespaces=\"git\",namespaces=\"probity\" {MAYA}"),
        &format!("maya namespaces=\"git\", {MAYA}"),
        &format!("maya valid-after=\"20260101\" {MAYA}"),
        &format!("maya valid-after=\"2026-01-01Z\" {MAYA}"),
        &format!("maya valid-after=\"20261301Z\" {MAYA}"),
        &format!("maya valid-after=\"éééé1Z\" {MAYA}"),
        &format!("maya valid-after=\"20270101Z\",valid-before=\"20260101Z\" {MAYA}"),
        MAYA,
    ] {
        let bad = refused(&format!("\n{line}\n"));
        assert!(matches!(&bad, BadTrust::Line { line: 2, .. }), "{line}: {bad:?}");
    }
    assert_eq!(refused(&" ".repeat(MAX_FILE + 1)).code(), "trust.too-large");
}

proptest::proptest! {
    #[test]
    fn no_text_makes_reading_panic(text in "(?s).{0,80}", options in "[a-z=\",!*Z0-9 -]{0,60}") {
        let _ = Trust::parse(&text);
        let _ = Trust::parse(&format!("maya {options} {MAYA}"));
        let _ = matches_list(&text, &options);
    }

    #[test]
    fn a_text_matches_itself_and_a_star(text in "[a-z@.]{1,30}", cut in 0_usize..30) {
        let cut = cut.min(text.len());
        proptest::prop_assert!(matches_list(&text, &text));
        let starred = format!("{}*{}", &text[..cut], &text[cut..]);
        proptest::prop_assert!(matches_list(&text, &starred));
        let longer = format!("{}x", text);
        proptest::prop_assert!(!matches_list(&text, &longer));
    }
}
