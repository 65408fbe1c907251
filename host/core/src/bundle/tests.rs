mod ledger;
mod limits;
mod tampering;
mod trust;

use super::*;
use crate::book::rebuild;
use crate::canonical::{self, Digest};
use crate::fixture::{self, at, told};
use crate::trust::Trust;

/// Lists the files anew, as somebody who changes one would.
fn relist(files: &mut Files) {
    let mut manifest: Manifest = serde_json::from_slice(&files["bundle.json"]).unwrap();
    manifest.files = files
        .iter()
        .filter(|(name, _)| *name != "bundle.json")
        .map(|(name, bytes)| ListedFile {
            name: name.clone(),
            size: bytes.len() as u64,
            digest: Digest::of(bytes),
        })
        .collect();
    files.insert("bundle.json".to_owned(), canonical::bytes(&manifest).unwrap());
}

fn verified(files: &Files) -> Verification {
    verify(files, Reader::default())
}

/// The parts that failed, each once, and where.
fn failed(files: &Files) -> Vec<(Part, String)> {
    verified(files).failed().map(|check| (check.part, check.place.clone().unwrap_or_default())).collect()
}

fn trust() -> Trust {
    Trust::parse(&told().allowed_signers()).unwrap()
}

#[test]
fn an_honest_bundle_is_verified_and_says_what_it_does_not_show() {
    assert_eq!(told().entries.len(), 200);
    for (scope, not_shown) in [
        (
            Scope::Full,
            &[Part::Checkpoint, Part::Collection, Part::Collection, Part::Components, Part::Replay][..],
        ),
        (
            Scope::Minimal,
            &[
                Part::Checkpoint,
                Part::Collection,
                Part::Collection,
                Part::Collection,
                Part::Collection,
                Part::Collection,
                Part::Captures,
                Part::Components,
                Part::Replay,
            ],
        ),
    ] {
        let verification = verify(&fixture::boxed(scope), Reader::trusting(Some(&trust())));
        assert_eq!(verification.failed().collect::<Vec<_>>(), Vec::<&Check>::new());
        assert_eq!(verification.keys, Keys::Vouched);
        assert_eq!(verification.verdict, Some(crate::readiness::Verdict::HandedOff));
        let parts: Vec<_> = verification.not_re_derived().map(|check| check.part).collect();
        assert_eq!(parts, not_shown, "{scope}");
        let all: Vec<_> = verification.checks.iter().map(|check| check.part).collect();
        assert!(Part::ALL.iter().all(|part| all.contains(part)) && all.is_sorted(), "{all:?}");
    }
}

#[test]
fn the_same_parts_give_the_same_bytes() {
    for scope in [Scope::Full, Scope::Minimal] {
        assert_eq!(fixture::boxed(scope), fixture::boxed(scope));
    }
    let size = |scope| fixture::boxed(scope).values().map(Vec::len).sum::<usize>();
    assert!(size(Scope::Minimal) < size(Scope::Full));
}

#[test]
fn what_is_left_of_a_collection_gives_the_same_books() {
    let all = &told().archive.collected;
    for hour in (8..24).step_by(3) {
        let instant = at(&format!("2026-11-22T{hour:02}:02:00Z"));
        let wants = wants(&told().entries, told().documents(), instant).unwrap();
        assert_eq!(wants.len(), 3, "the report, and two handoffs");
        for scope in [Scope::Full, Scope::Minimal] {
            let left = cut(all, &wants, &told().entries, scope);
            for want in &wants {
                let book = rebuild(&left, &want.needs, want.at);
                assert_eq!(book, rebuild(all, &want.needs, want.at), "{scope} at {instant}");
                assert!(book.streams.iter().all(|stream| stream.missing.is_empty()));
            }
            assert_eq!(left.listed.is_empty(), scope == Scope::Full, "two rollback tests are only listed");
            assert_eq!(cut(&left, &wants, &told().entries, scope), left, "nothing more is left out");
        }
    }
}

#[test]
fn a_bundle_of_any_instant_is_verified() {
    let story = told();
    for instant in
        ["2026-11-22T08:00:00Z", "2026-11-22T10:30:00Z", "2026-11-22T12:31:00Z", "2026-12-30T00:00:00Z"]
    {
        for scope in [Scope::Full, Scope::Minimal] {
            let files = write(&story.parts(at(instant), scope), scope).unwrap();
            assert_eq!(failed(&files), [], "{instant}");
        }
    }
    let files = write(&story.parts(story.entries[0].0.at, Scope::Full), Scope::Full).unwrap();
    assert_eq!(verified(&files).verdict, Some(crate::readiness::Verdict::Held));
}

#[test]
fn before_the_first_page_a_report_rests_on_no_evidence_and_that_is_said() {
    let mut parts = told().parts_of(&told().entries[..1], told().now, Scope::Full);
    parts.collected = Default::default();
    parts.journals.clear();
    parts.report = report_at(&told().entries[..1], told().documents(), &parts.collected, told().now).unwrap();
    parts.checkpoint = None;
    let verification = verified(&write(&parts, Scope::Full).unwrap());
    assert!(verification.holds());
    let said: Vec<_> = verification.not_re_derived().map(|check| check.found.as_str()).collect();
    assert!(said.iter().any(|found| found.contains("rests on no evidence")), "{said:?}");
    assert!(said.iter().any(|found| found.contains("no key decided anything")), "{said:?}");
}

#[test]
fn nothing_at_all_is_no_bundle() {
    assert_eq!(failed(&Files::new())[0], (Part::Files, "bundle.json".to_owned()));
    let none = verified(&Files::new());
    assert!(!none.holds() && none.packet.is_none() && none.verdict.is_none());
}
