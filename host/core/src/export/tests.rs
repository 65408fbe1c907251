//! Tests of all formats together.

mod dissent;
mod hostile;
mod plan;
mod snapshots;

use super::{Format, NotExported, render};
use crate::package::Package;
use crate::package::samples::{DRAFTED, broker};

pub(super) fn text(format: Format, package: &Package) -> String {
    String::from_utf8(render(format, package).unwrap()).unwrap()
}

#[test]
fn rendering_takes_a_format_and_a_package_and_no_option() {
    let _: fn(Format, &Package) -> Result<Vec<u8>, NotExported> = render;
    // A format is a word: it has nothing inside that could leave something out.
    assert_eq!(size_of::<Format>(), 1);
    assert_eq!(Format::ALL.len(), 3);
}

#[test]
fn the_same_package_gives_the_same_bytes() {
    for format in Format::ALL {
        let render = || text(*format, &broker(str::to_owned));
        assert_eq!(render(), render(), "{format}");
    }
}

#[test]
fn no_export_has_the_words_of_a_draft_and_each_names_it() {
    let package = broker(str::to_owned);
    assert_eq!(package.drafts.len(), 2);
    for format in Format::ALL {
        let text = text(*format, &package);
        assert!(!text.contains(DRAFTED) && !text.contains("negligible"), "{format}");
        assert!(package.drafts.iter().all(|draft| text.contains(&draft.name)), "{format}");
    }
}

#[test]
fn every_export_shows_what_is_narrative_and_who_accepted_what() {
    let package = broker(str::to_owned);
    for format in Format::ALL {
        let text = text(*format, &package).to_lowercase();
        assert!(text.contains("narrative"), "{format}");
        for span in package.language.iter().flat_map(|section| &section.spans) {
            assert!(text.contains(&span.passage.to_string()), "{format} {}", span.passage);
            assert!(text.contains(span.origin.as_str()), "{format}");
        }
    }
}

#[test]
fn every_export_names_claims_sources_digests_signatures_and_follow_ups() {
    let package = broker(str::to_owned);
    let mut needles: Vec<String> = package.claims.iter().map(|row| row.claim.to_string()).collect();
    for source in &package.sources {
        needles.extend([source.evidence.to_string(), source.content.to_string()]);
    }
    needles.extend(package.signatures.iter().map(|signed| signed.statement.to_string()));
    needles.extend(package.signatures.iter().filter_map(|signed| signed.key.clone()));
    needles.extend(package.follow_ups.iter().map(|row| row.id.to_string()));
    needles.push(package.ledger.head.digest.to_string());
    needles.push(package.ledger.receiving.board.clone());
    for format in Format::ALL {
        let text = text(*format, &package);
        for needle in &needles {
            assert!(text.contains(needle), "{format} lacks {needle}");
        }
    }
}
