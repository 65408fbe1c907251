//! Replay over a bundle: its components, its journals, its captures, and no host.
//!
//! It is for bundles that were verified: that a journal or a component is the one the ledger's evidence names is not asked again here.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use probity_core::book::{KeptPage, KeptRun};
use probity_core::bundle::{Check, Files, Outcome, Part};
use probity_core::canonical::Digest;
use probity_core::connector::Capture;
use probity_core::id::RunId;
use probity_core::journal::Journal;
use serde::Deserialize;

use super::{ReplayReport, Seen, compare};
use crate::binding::whole;
use crate::sandbox::{Connector, Sandbox, captures_of};

/// Runs the connectors of a bundle again and says what came of each run.
pub async fn replay_bundle(files: &Files, sandbox: &Sandbox) -> Vec<Check> {
    let runs: Vec<KeptRun> =
        named(files, "runs/", ".json").filter_map(|(_, bytes)| json(bytes).ok()).collect();
    if runs.is_empty() {
        return vec![check(
            Outcome::NotReDerived,
            None,
            "the bundle carries no run, so there is nothing to replay".to_owned(),
        )];
    }
    let mut loaded: BTreeMap<Digest, Connector> = BTreeMap::new();
    let mut checks = Vec::new();
    for run in &runs {
        let place = Some(format!("runs/{}.json", run.id));
        if let Entry::Vacant(place_for) = loaded.entry(run.component) {
            let Some(bytes) = files.get(&format!("components/{}.wasm", run.component.hex())) else {
                let found = format!("its component {} is not in the bundle", run.component);
                checks.push(check(Outcome::NotReDerived, place, found));
                continue;
            };
            match sandbox.load(bytes.clone()).await {
                Ok(connector) => {
                    place_for.insert(connector);
                }
                Err(error) => {
                    checks.push(check(Outcome::Failed, place, whole(&error)));
                    continue;
                }
            }
        }
        if let Some(connector) = loaded.get(&run.component) {
            checks.extend(replayed(files, connector, &run.id, run.component).await);
        }
    }
    checks
}

/// One run's pages, each against its manifest.
async fn replayed(files: &Files, connector: &Connector, run: &RunId, component: Digest) -> Vec<Check> {
    let mut report = ReplayReport {
        run: run.clone(),
        component,
        pages: 0,
        items: 0,
        calls: 0,
        captures: 0,
        differences: Vec::new(),
    };
    let mut checks = Vec::new();
    let folder = format!("pages/{run}/");
    for (name, bytes) in named(files, &folder, ".json").filter(|(name, _)| !name.ends_with(".journal.json")) {
        match recorded(files, name, bytes) {
            Ok((page, journal, captures)) => {
                report.pages += 1;
                let seen = Seen {
                    stream: &page.page.stream,
                    number: page.page.number,
                    journal: &journal,
                    items: page.sightings.iter().map(|sighting| sighting.item).collect(),
                    gaps: &page.gaps,
                };
                compare(connector, &captures, &seen, &mut report).await;
            }
            Err(found) => checks.push(check(Outcome::NotReDerived, Some(name.clone()), found)),
        }
    }
    for difference in &report.differences {
        let place = format!("{folder}{}/{}.json", difference.stream, difference.page);
        checks.push(check(Outcome::Failed, Some(place), difference.problem.clone()));
    }
    if report.is_identical() && report.pages > 0 {
        let found = format!(
            "byte-identical: {} pages, {} items, {} door calls answered from the journal by component {component}",
            report.pages, report.items, report.calls
        );
        checks.push(check(Outcome::Verified, Some(format!("runs/{run}.json")), found));
    }
    checks
}

type Recorded = (KeptPage, Journal, BTreeMap<Digest, Capture>);

/// A page with its journal and all captures that it names, or what of them the bundle does not carry.
fn recorded(files: &Files, name: &str, bytes: &[u8]) -> Result<Recorded, String> {
    let page: KeptPage = json(bytes)?;
    let journal = name.strip_suffix(".json").map(|stem| format!("{stem}.journal.json"));
    let journal =
        journal.and_then(|journal| files.get(&journal)).ok_or("its journal is not in the bundle")?;
    let journal: Journal = json(journal)?;
    let mut captures = BTreeMap::new();
    for digest in captures_of(&journal) {
        let bytes = files.get(&format!("captures/{}", digest.hex()));
        let bytes = bytes.ok_or_else(|| format!("capture {digest} is not whole in the bundle"))?;
        // The media type is the journal's to say; the sandbox takes it from there.
        captures.insert(digest, Capture { digest, bytes: bytes.clone().into(), media_type: None });
    }
    Ok((page, journal, captures))
}

fn named<'a>(files: &'a Files, start: &str, end: &str) -> impl Iterator<Item = (&'a String, &'a Vec<u8>)> {
    let (first, start, end) = (start.to_owned(), start.to_owned(), end.to_owned());
    files
        .range(first..)
        .take_while(move |(name, _)| name.starts_with(&start))
        .filter(move |(name, _)| name.ends_with(&end))
}

fn json<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("it has another form: {error}"))
}

fn check(outcome: Outcome, place: Option<String>, found: String) -> Check {
    Check { part: Part::Replay, outcome, place, found }
}
