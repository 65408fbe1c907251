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
