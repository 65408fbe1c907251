use super::*;
use crate::book::{KeptEvidence, KeptPage, KeptRevision, KeptRun};
use crate::event::Event;
use crate::fixture::evidence;
use crate::ledger::{Entry, Head};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Changes a file of JSON and lists it anew.
fn change<T: DeserializeOwned + Serialize>(files: &mut Files, name: &str, change: impl FnOnce(&mut T)) {
    let mut value: T = serde_json::from_slice(&files[name]).unwrap_or_else(|error| panic!("{name}: {error}"));
    change(&mut value);
    files.insert(name.to_owned(), canonical::bytes(&value).unwrap());
    relist(files);
}

fn names(files: &Files, beginning: &str, end: &str) -> Vec<String> {
    files.keys().filter(|name| name.starts_with(beginning) && name.ends_with(end)).cloned().collect()
}

/// Whether a part failed, and at this place.
#[track_caller]
fn assert_fails(files: &Files, part: Part, place: &str) {
    let failed = failed(files);
    assert!(failed.contains(&(part, place.to_owned())), "{part} at {place}: {failed:?}");
}

#[test]
fn a_file_that_is_not_as_listed_is_named() {
    let honest = fixture::boxed(Scope::Full);
    for name in honest.keys().filter(|name| *name != "bundle.json") {
        let mut files = honest.clone();
        let bytes = files.get_mut(name).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        assert_fails(&files, Part::Files, name);
        let mut files = honest.clone();
        files.get_mut(name).unwrap().push(b'\n');
        assert_fails(&files, Part::Files, name);
        let mut files = honest.clone();
        files.remove(name);
        assert_fails(&files, Part::Files, name);
    }
    for extra in ["README", "captures/x", "../bundle.json", "runs/0197a3c0-0000-7000-8000-00000000ffff.json"]
    {
        let mut files = honest.clone();
        files.insert(extra.to_owned(), b"{}".to_vec());
        assert_fails(&files, Part::Files, extra);
    }
}

/// The page in which what is gone was seen last. It tells since when it is gone, which no report says.
fn last_page_of_what_is_gone() -> String {
    let archive = &told().archive;
    let gone = archive.id("dojo", crate::evidence::Kind::Finding, "F-9");
    let has = |page: &&KeptPage| page.sightings.iter().any(|seen| seen.evidence == gone);
    let page = &archive.collected.pages.values().filter(has).max_by_key(|page| page.recorded).unwrap().page;
    format!("pages/{}/{}/{}.json", page.run, page.stream, page.number)
}

#[test]
fn what_is_taken_out_and_listed_anew_is_missed() {
    for scope in [Scope::Full, Scope::Minimal] {
        let honest = fixture::boxed(scope);
        let mut unmissed = Vec::new();
        for name in honest.keys().filter(|name| !name.starts_with("checkpoint.") && *name != "bundle.json") {
            let mut files = honest.clone();
            files.remove(name);
            relist(&mut files);
            let verification = verified(&files);
            if verification.holds() {
                let what = if name.ends_with(".journal.json") {
                    "without their journals: a minimal bundle leaves them out"
                } else {
                    "may be left out, if they brought no revision that is carried"
                };
                let said = verification.not_re_derived().any(|check| check.found.contains(what));
                assert!(said, "{name} may be missing, and the verification does not say so");
                unmissed.push(name.clone());
            }
        }
        // A minimal bundle may leave journals out, and says that it does.
        let mut may_be_left_out = match scope {
            Scope::Full => Vec::new(),
            Scope::Minimal => names(&honest, "pages/", ".journal.json"),
        };
        may_be_left_out.extend(Some(last_page_of_what_is_gone()).filter(|_| scope == Scope::Minimal));
        may_be_left_out.sort();
        assert_eq!(unmissed, may_be_left_out, "{scope}");
    }
}

#[test]
fn what_cannot_be_read_is_a_failed_check() {
    let honest = fixture::boxed(Scope::Full);
    let deep = "[".repeat(100_000);
    for name in honest.keys() {
        for garbage in [
            "",
            "{}",
            "null",
            "\u{0}",
            "{\"v\":1}",
            "[[]]",
            "999999999999999999999",
            "{\"v\":1,\"v\":1}",
            &deep,
        ] {
            let mut files = honest.clone();
            files.insert(name.clone(), garbage.as_bytes().to_vec());
            if name != "bundle.json" {
                relist(&mut files);
            }
            assert!(!verified(&files).holds(), "{name}: {garbage:.20}");
        }
        let mut files = honest.clone();
        files.get_mut(name).unwrap().truncate(honest[name].len() / 2);
        files.get_mut(name).unwrap().push(0xff);
        if name != "bundle.json" {
            relist(&mut files);
        }
        assert!(!verified(&files).holds(), "{name} cut short");
    }
}

#[test]
fn files_have_one_spelling_and_are_listed_with_their_size() {
    let honest = fixture::boxed(Scope::Full);
    for name in honest.keys().filter(|name| name.ends_with(".json") && *name != "bundle.json") {
        let mut files = honest.clone();
        files.get_mut(name).unwrap().push(b' ');
        relist(&mut files);
        let failed = verified(&files);
        assert!(failed.failed().any(|check| check.place.as_deref() == Some(name)), "{name}");
    }
    let mut files = honest.clone();
    let mut manifest: Manifest = serde_json::from_slice(&files["bundle.json"]).unwrap();
    manifest.files[3].size += 1;
    files.insert("bundle.json".to_owned(), canonical::bytes(&manifest).unwrap());
    assert_eq!(failed(&files), [(Part::Files, manifest.files[3].name.clone())]);
    manifest.files[3].size -= 1;
    manifest.files.swap(3, 4);
    files.insert("bundle.json".to_owned(), canonical::bytes(&manifest).unwrap());
    assert_eq!(failed(&files), [(Part::Files, "bundle.json".to_owned())]);
    let mut files = honest;
    let name = format!("policies/{}.toml", Digest::of(b"x").hex());
    files.insert(name.clone(), b"y".to_vec());
    relist(&mut files);
    assert_eq!(failed(&files), [(Part::Documents, name)]);
}

#[test]
fn captured_bytes_are_those_that_were_captured() {
    let honest = fixture::boxed(Scope::Full);
    let names = names(&honest, "captures/", "");
    assert!(names.len() >= 10);
    for name in names {
        let mut files = honest.clone();
        let bytes = files.get_mut(&name).unwrap();
        let at = bytes.len() / 3;
        bytes[at] = bytes[at].wrapping_add(1);
        relist(&mut files);
        assert_fails(&files, Part::Captures, &name);
    }
}

#[test]
fn an_excerpt_is_what_its_digest_names_and_is_there() {
    let honest = fixture::boxed(Scope::Minimal);
    let name = names(&honest, "captures/", ".stub.json").remove(0);
    let at = |verification: &Verification| {
        let failed = verification.failed().find(|check| check.part == Part::Captures);
        failed.map(|check| check.found.clone()).unwrap_or_default()
    };
    let mut files = honest.clone();
    change(&mut files, &name, |stub: &mut Stub| stub.excerpts[0].bytes = "e30=".to_owned());
    assert!(at(&verified(&files)).contains("not what its digest names"));
    let mut files = honest.clone();
    change(&mut files, &name, |stub: &mut Stub| stub.excerpts.clear());
    assert!(at(&verified(&files)).contains("does not have the cited place"));
}

#[test]
fn a_revision_says_what_was_cited() {
    let honest = fixture::boxed(Scope::Full);
    let cited = format!("revisions/{}/1.json", evidence(2));
    let mut files = honest.clone();
    change(&mut files, &cited, |revision: &mut KeptRevision| revision.item.title.push('!'));
    assert_fails(&files, Part::Revisions, &cited);
    // With its content hash made to fit, it is not what the ledger cites.
    let mut files = honest.clone();
    change(&mut files, &cited, |revision: &mut KeptRevision| {
        revision.item.title.push('!');
        revision.content = revision.item.content_hash().unwrap();
    });
    let failed = failed(&files);
    assert!(
        failed
            .iter()
            .any(|(part, place)| *part == Part::Citations && place.starts_with("ledger.jsonl entry"))
    );
    assert!(
        failed.iter().any(|(part, _)| *part == Part::Report),
        "and its claim is not supported: {failed:?}"
    );
    // It is filed under another piece of evidence.
    let mut files = honest.clone();
    let kept = format!("evidence/{}.json", evidence(2));
    change(&mut files, &kept, |kept: &mut KeptEvidence| kept.item = "RB-1".to_owned());
    assert_fails(&files, Part::Revisions, &cited);
    // It cites another place.
    let mut files = honest;
    change(&mut files, &cited, |revision: &mut KeptRevision| {
        revision.cited[0].locator = crate::evidence::Locator::Pointer { pointer: "/items/77".to_owned() };
    });
    assert_fails(&files, Part::Captures, &cited);
}

#[test]
fn documents_are_those_that_were_adopted() {
    let honest = fixture::boxed(Scope::Minimal);
    for name in names(&honest, "policies/", "").into_iter().chain(names(&honest, "subjects/", "")) {
        let mut files = honest.clone();
        files.get_mut(&name).unwrap().extend(b"# more\n");
        relist(&mut files);
        assert_fails(&files, Part::Documents, &name);
        // Under the name of its own digest it is not the one that was adopted.
        let mut files = honest.clone();
        let bytes = [files.remove(&name).unwrap(), b"# more\n".to_vec()].concat();
        let folder = name.split_once('/').unwrap().0;
        files.insert(format!("{folder}/{}.toml", Digest::of(&bytes).hex()), bytes);
        relist(&mut files);
        assert_fails(&files, Part::Documents, &name);
    }
}

#[test]
fn the_report_is_what_the_bundle_holds() {
    let mut files = fixture::boxed(Scope::Minimal);
    change(&mut files, "report.json", |report: &mut serde_json::Value| report["verdict"] = json!("ready"));
    let verification = verified(&files);
    let failed: Vec<_> = verification.failed().collect();
    assert_eq!((failed.len(), failed[0].part), (1, Part::Report));
    assert_eq!(failed[0].found, "it says ready, and what the bundle holds gives handed-off");
    change(&mut files, "report.json", |report: &mut serde_json::Value| {
        report["verdict"] = json!("handed-off");
        report["lines"][0]["reason"] = json!("all is well");
    });
    let verification = verified(&files);
    assert!(verification.failed().next().unwrap().found.contains("it says of exposure: all is well"));
}

#[test]
fn a_run_that_is_made_to_look_better_changes_the_reports_that_were_signed() {
    let honest = fixture::boxed(Scope::Full);
    let run = |files: &Files| {
        let is_swept = |name: &String| {
            let run: KeptRun = serde_json::from_slice(&files[name]).unwrap();
            run.began == at("2026-11-22T12:00:00Z")
        };
        names(files, "runs/", "").into_iter().find(is_swept).unwrap()
    };
    let last = run(&honest);
    let mut files = honest.clone();
    change(&mut files, &last, |run: &mut KeptRun| run.streams[0].items += 1);
    let parts: Vec<_> = failed(&files).into_iter().map(|(part, _)| part).collect();
    assert_eq!(parts, [Part::Collection, Part::Report, Part::Handoffs, Part::Handoffs]);
    // Rows that are taken out of a page manifest are missed as well.
    let mut files = honest.clone();
    let id = last.trim_start_matches("runs/").trim_end_matches(".json").to_owned();
    let page = format!("pages/{id}/findings/1.json");
    change(&mut files, &page, |page: &mut KeptPage| page.sightings.truncate(1));
    let parts: Vec<_> = failed(&files).into_iter().map(|(part, _)| part).collect();
    assert_eq!(parts, [Part::Collection, Part::Report, Part::Handoffs, Part::Handoffs]);
    // A page that was seen later than it was.
    let mut files = honest;
    change(&mut files, &page, |page: &mut KeptPage| page.instant = at("2026-11-22T12:20:00Z"));
    assert_fails(&files, Part::Collection, &page);
}

#[test]
fn journals_and_components_are_those_of_the_runs() {
    let honest = fixture::boxed(Scope::Full);
    for name in names(&honest, "pages/", ".journal.json") {
        let mut files = honest.clone();
        change(&mut files, &name, |journal: &mut crate::journal::Journal| journal.seed += 1);
        assert_fails(&files, Part::Collection, &name.replace(".journal", ""));
    }
    for name in names(&honest, "components/", "") {
        let mut files = honest.clone();
        files.get_mut(&name).unwrap()[0] ^= 1;
        relist(&mut files);
        assert_fails(&files, Part::Components, &name);
    }
}

#[test]
fn runs_have_the_configuration_and_the_seed_that_their_pages_were_made_with() {
    let honest = fixture::boxed(Scope::Full);
    let changes: [fn(&mut KeptRun); 2] =
        [|run| run.config = "{\"project\":\"another\"}".to_owned(), |run| run.seed -= 1];
    for name in names(&honest, "runs/", ".json") {
        let run: KeptRun = serde_json::from_slice(&honest[&name]).unwrap();
        let mut pages = names(&honest, &format!("pages/{}/", run.id), ".json");
        pages.retain(|page| !page.ends_with(".journal.json"));
        assert!(!pages.is_empty());
        for anew in changes {
            let mut files = honest.clone();
            change(&mut files, &name, anew);
            pages.iter().for_each(|page| assert_fails(&files, Part::Collection, page));
        }
    }
}

/// Who says that a verification says so has to be shown that nothing shows it.
#[test]
fn what_nothing_is_held_to_is_said() {
    let said = |files: &Files, what: &str| {
        let verification = verified(files);
        assert!(verification.holds(), "{:?}", verification.failed().collect::<Vec<_>>());
        let found = verification.not_re_derived().any(|check| check.found.contains(what));
        assert!(found, "nobody says that {what}");
    };
    let honest = fixture::boxed(Scope::Full);
    let name = names(&honest, "runs/", ".json").remove(0);
    let changes: [fn(&mut KeptRun); 2] =
        [|run| run.trigger = crate::run::Trigger::Manual, |run| run.started = at("2020-01-01T00:00:00Z")];
    for anew in changes {
        let mut files = honest.clone();
        change(&mut files, &name, anew);
        said(&files, "why and when 10 runs were started");
    }
    // In a minimal bundle, nor the configuration of a run none of whose journals are carried.
    let honest = fixture::boxed(Scope::Minimal);
    let without = |name: &&String| {
        let id = name.trim_start_matches("runs/").trim_end_matches(".json");
        names(&honest, &format!("pages/{id}/"), ".journal.json").is_empty()
    };
    let runs = names(&honest, "runs/", ".json");
    let count = runs.iter().filter(without).count();
    let mut files = honest.clone();
    change(&mut files, runs.iter().find(without).unwrap(), |run: &mut KeptRun| run.config = "[]".to_owned());
    said(&files, &format!("{count} runs are without a journal: their configuration and seed"));
}

#[test]
fn the_registry_is_the_one_that_was_kept() {
    let honest = fixture::boxed(Scope::Minimal);
    let mut files = honest.clone();
    let text = String::from_utf8(files["registry.jsonl"].clone()).unwrap();
    files.insert(
        "registry.jsonl".to_owned(),
        text.replacen("\"comment\":\"sample\"", "\"comment\":\"simple\"", 1).into_bytes(),
    );
    relist(&mut files);
    assert_fails(&files, Part::Registry, "registry.jsonl entry 1");
    // Without dana's key, nobody knows who signed for dana.
    let mut files = honest;
    let lines: Vec<_> = text.lines().take(1).map(|line| format!("{line}\n")).collect();
    files.insert("registry.jsonl".to_owned(), lines.concat().into_bytes());
    relist(&mut files);
    assert_fails(&files, Part::Signatures, "ledger.jsonl entry 2");
}

/// A ledger with one entry changed and everything after it chained anew.
fn chained_anew(changed: impl Fn(&mut Entry)) -> Vec<(Entry, Head)> {
    let mut entries: Vec<(Entry, Head)> = Vec::new();
    for (entry, _) in &told().entries {
        let mut entry = entry.clone();
        changed(&mut entry);
        entry.prev = entries.last().map(|(_, head)| head.digest);
        let head = entry.sealed().unwrap().head;
        entries.push((entry, head));
    }
    entries
}

/// What fails of one part when the ledger is another.
fn failed_of(part: Part, entries: &[(Entry, Head)]) -> Vec<String> {
    let mut parts = told().parts(told().now, Scope::Minimal);
    parts.entries = entries.iter().map(|(entry, _)| entry.sealed().unwrap().bytes).collect();
    parts.head = entries.last().unwrap().1;
    parts.checkpoint = None;
    let failed = failed(&write(&parts, Scope::Minimal).unwrap());
    failed.into_iter().filter(|(failed, _)| *failed == part).map(|(_, place)| place).collect()
}

fn signatures_of(entries: &[(Entry, Head)]) -> Vec<String> {
    failed_of(Part::Signatures, entries)
}

#[test]
fn a_citation_quotes_what_stands_in_the_revision_it_names() {
    let claimed =
        told().entries.iter().find(|(entry, _)| matches!(entry.event, Event::ClaimMade(_))).unwrap().0.seq;
    let place = vec![format!("ledger.jsonl entry {claimed}")];
    let with = |change: fn(&mut crate::claim::Citation)| {
        chained_anew(|entry| {
            if let (true, Event::ClaimMade(made)) = (entry.seq == claimed, &mut entry.event) {
                change(&mut made.claim.citations[0]);
            }
        })
    };
    assert_eq!(failed_of(Part::Citations, &with(|_| {})), Vec::<String>::new());
    let changed: [fn(&mut crate::claim::Citation); 5] = [
        |citation| citation.quoted = json!("2026-11-22T03:00:00Z"),
        |citation| {
            citation.quoted = json!("2026-11-22T03:00:00Z");
            citation.digest = crate::claim::quote_digest(&citation.quoted).unwrap();
        },
        |citation| citation.pointer = "/body/path".to_owned(),
        |citation| citation.content = Digest::of(b"another"),
        |citation| citation.revision = 7,
    ];
    for change in changed {
        assert_eq!(failed_of(Part::Citations, &with(change)), place);
    }
}

#[test]
fn exposures_and_what_was_shown_are_in_the_revisions_that_are_named() {
    let exposed = chained_anew(|entry| {
        if let Event::ExposureDetected(detected) = &mut entry.event {
            detected.reason.push('!');
        }
    });
    assert_eq!(failed_of(Part::Citations, &exposed).len(), 1);
    let last = told()
        .entries
        .iter()
        .rev()
        .find(|(entry, _)| matches!(entry.event, Event::Decided(_)))
        .unwrap()
        .0
        .seq;
    let shown = chained_anew(|entry| {
        if let (true, Event::Decided(decided)) = (entry.seq == last, &mut entry.event) {
            decided.statement.evidence[0].content = Digest::of(b"another");
        }
    });
    assert_eq!(failed_of(Part::Citations, &shown), [format!("ledger.jsonl entry {last}")]);
}

#[test]
fn a_chain_that_fits_does_not_make_signatures_fit() {
    let signed: Vec<u32> = told()
        .entries
        .iter()
        .filter(|(entry, _)| matches!(entry.event, Event::Decided(_)))
        .map(|(entry, _)| entry.seq)
        .collect();
    assert_eq!(signed.len(), 17);
    // A passage is changed long after it was accepted: every decision shown a later head is void.
    let anew = chained_anew(|entry| {
        if let Event::PassageProposed(proposed) = &mut entry.event {
            proposed.text.push_str(" Truly.");
        }
    });
    let failed = signatures_of(&anew);
    assert_eq!(failed.len(), 16, "all but the one before it: {failed:?}");
    // Somebody else is said to have decided.
    let last = *signed.last().unwrap();
    let anew = chained_anew(|entry| {
        if entry.seq == last {
            entry.actor = told().person("maya").actor();
        }
    });
    assert_eq!(signatures_of(&anew), [format!("ledger.jsonl entry {last}")]);
    // A decision says something else than what was signed.
    let anew = chained_anew(|entry| {
        if let (true, Event::Decided(decided)) = (entry.seq == last, &mut entry.event) {
            decided.statement.good_until = None;
        }
    });
    assert_eq!(signatures_of(&anew), [format!("ledger.jsonl entry {last}")]);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// Hostile bytes anywhere, listed as if they belonged there, end in checks.
    #[test]
    fn no_bytes_make_verifying_panic(
        file in 0_usize..1_000,
        edits in proptest::collection::vec((0_usize..100_000, proptest::prelude::any::<u8>()), 1..6),
        cut in proptest::option::of(0_usize..2_000),
        scope in proptest::bool::ANY,
    ) {
        let mut files = fixture::boxed(if scope { Scope::Full } else { Scope::Minimal });
        let name = files.keys().nth(file % files.len()).unwrap().clone();
        let bytes = files.get_mut(&name).unwrap();
        for (place, byte) in edits {
            let length = bytes.len().max(1);
            if let Some(at) = bytes.get_mut(place % length) {
                *at = byte;
            }
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.max(1)));
        if name != "bundle.json" {
            relist(&mut files);
        }
        let _ = verified(&files);
    }
}
