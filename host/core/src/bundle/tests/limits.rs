use super::*;
use crate::bundle::verify::verify_within;

/// An honest bundle, and the limits that it just fits.
fn exact() -> (Files, Limits) {
    let files = fixture::boxed(Scope::Minimal);
    let sizes: Vec<usize> = files.values().map(Vec::len).collect();
    let limits = Limits { files: files.len(), file: *sizes.iter().max().unwrap(), total: sizes.iter().sum() };
    (files, limits)
}

#[test]
fn a_bundle_at_every_limit_is_verified_and_one_past_any_is_not_looked_at() {
    let (files, limits) = exact();
    assert!(limits.file < limits.total && verify_within(&files, Reader::default(), &limits).holds());
    for (past, found) in [
        (Limits { files: limits.files - 1, ..limits }, format!("there are {} files", limits.files)),
        (Limits { file: limits.file - 1, ..limits }, format!("a file has at most {} bytes", limits.file - 1)),
        (Limits { total: limits.total - 1, ..limits }, format!("all together at most {}", limits.total - 1)),
    ] {
        let verification = verify_within(&files, Reader::default(), &past);
        let first = verification.failed().next().unwrap();
        assert_eq!((first.part, first.place.as_deref()), (Part::Files, Some("bundle.json")));
        assert!(first.found.contains(&found), "{}", first.found);
        assert_eq!((verification.packet, verification.verdict), (None, None), "nothing of it was read");
    }
}

#[test]
fn every_bundle_is_held_to_the_limits() {
    let limits = Limits::BUNDLE;
    assert_eq!((limits.files, limits.file, limits.total), (MAX_FILES, MAX_FILE, MAX_TOTAL));
    let (mut files, _) = exact();
    let had = files.len();
    files.extend((had..=MAX_FILES).map(|number| (number.to_string(), Vec::new())));
    assert_eq!(files.len(), MAX_FILES + 1);
    let verification = verified(&files);
    let told: Vec<_> = verification.failed().filter(|check| check.part == Part::Files).collect();
    assert_eq!(told.len(), 1, "not one of them was looked at: {told:?}");
    assert!(told[0].found.contains("a bundle has at most 1000000"), "{}", told[0].found);
}
