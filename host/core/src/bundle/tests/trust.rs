use super::*;

#[test]
fn keys_inside_a_bundle_vouch_for_nothing() {
    // Somebody tells the same story with keys of their own making. Everything fits.
    let forged = fixture::tell("forged");
    let files = write(&forged.parts(forged.now, Scope::Minimal), Scope::Minimal).unwrap();
    let alone = verified(&files);
    assert!(alone.holds());
    assert_eq!(alone.keys, Keys::SelfAsserted);
    let said = alone.not_re_derived().find(|check| check.part == Part::Keys).unwrap();
    assert!(said.found.starts_with("self-asserted keys: only the bundle says"), "{}", said.found);

    let trust = trust();
    let verification = verify(&files, Reader::trusting(Some(&trust)));
    assert_eq!(verification.keys, Keys::SelfAsserted);
    let failed: Vec<_> = verification.failed().collect();
    assert_eq!(failed.len(), 5, "each of the five who decided: {failed:?}");
    assert!(
        failed.iter().all(|check| check.part == Part::Keys && check.found.contains("does not have the key"))
    );
}

#[test]
fn one_key_that_nobody_vouches_for_is_named_with_its_entry() {
    let files = fixture::boxed(Scope::Minimal);
    for (name, entry) in [("dana", 2), ("imani", 0)] {
        let said = told().allowed_signers();
        let without: String =
            said.lines().filter(|line| !line.starts_with(name)).map(|line| format!("{line}\n")).collect();
        let trust = Trust::parse(&without).unwrap();
        let verification = verify(&files, Reader::trusting(Some(&trust)));
        let failed: Vec<_> = verification.failed().collect();
        assert_eq!((failed.len(), failed[0].part), (1, Part::Keys), "{failed:?}");
        assert!(failed[0].found.contains(&format!("of {name}: ")), "{}", failed[0].found);
        if entry > 0 {
            assert_eq!(failed[0].place, Some(format!("ledger.jsonl entry {entry}")));
        }
    }
}

#[test]
fn a_key_is_vouched_for_at_the_entries_it_decided() {
    let said = told().allowed_signers().replace("dana ssh", "dana valid-before=\"20261122120000Z\" ssh");
    let trust = Trust::parse(&said).unwrap();
    let verification = verify(&fixture::boxed(Scope::Minimal), Reader::trusting(Some(&trust)));
    let failed: Vec<_> = verification.failed().map(|check| check.found.as_str()).collect();
    assert!(failed.len() == 1 && failed[0].contains("up to an earlier time"), "{failed:?}");
}

#[test]
fn a_passkey_is_vouched_for_by_the_line_of_the_plain_key_with_its_point() {
    let story = fixture::tell_by("sample", &["dana", "imani"]);
    let files = write(&story.parts(story.now, Scope::Minimal), Scope::Minimal).unwrap();
    let said = story.allowed_signers();
    assert!(
        said.lines().all(|line| line.contains(" ssh-ed25519 ")),
        "nothing in it is a passkey by its kind"
    );
    let trust = Trust::parse(&said).unwrap();
    let verification = verify(&files, Reader::trusting(Some(&trust)));
    assert_eq!(verification.failed().collect::<Vec<_>>(), Vec::<&Check>::new());
    assert_eq!(verification.keys, Keys::Vouched);
    let unsaid = verification.not_re_derived().find(|check| check.part == Part::Keys).unwrap();
    assert!(unsaid.found.starts_with("2 of these keys are passkeys: for which site"), "{}", unsaid.found);

    // Whom the reader does not name stays self-asserted, and is told the line to name them by.
    let without: String =
        said.lines().filter(|line| !line.starts_with("dana")).map(|line| format!("{line}\n")).collect();
    let verification = verify(&files, Reader::trusting(Some(&Trust::parse(&without).unwrap())));
    assert_eq!(verification.keys, Keys::SelfAsserted);
    let failed: Vec<_> = verification.failed().collect();
    assert_eq!((failed.len(), failed[0].part), (1, Part::Keys), "{failed:?}");
    let line = failed[0].found.split('`').nth(1).unwrap();
    assert!(line.starts_with("dana namespaces=\"probity\" ssh-ed25519 "), "{line}");
    let trust = Trust::parse(&format!("{without}{line}\n")).unwrap();
    assert!(verify(&files, Reader::trusting(Some(&trust))).holds());
    // Another key of that name is none.
    let other = fixture::Person::new("dana", crate::actor::Role::ApprovalOwner, "other").public_key();
    let trust = Trust::parse(&format!("{without}dana {other}\n")).unwrap();
    assert!(!verify(&files, Reader::trusting(Some(&trust))).holds());
}

#[test]
fn without_passkeys_nothing_is_said_of_them() {
    let trust = trust();
    let verification = verify(&fixture::boxed(Scope::Minimal), Reader::trusting(Some(&trust)));
    assert!(verification.not_re_derived().all(|check| check.part != Part::Keys));
}
