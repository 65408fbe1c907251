//! Evidence: from the ledger's citations down to captured bytes. How it was collected is judged beside.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding as _};
use serde_json::Value;

use super::Verifier;
use super::chains::entry;
use crate::book::{KeptPage, KeptRevision};
use crate::bundle::derive::cited;
use crate::bundle::form::Stub;
use crate::bundle::verification::Part;
use crate::canonical::Digest;
use crate::claim::{Citation, quote_digest};
use crate::event::Event;
use crate::evidence::Locator;
use crate::id::EvidenceId;
use crate::locate::Captured;
use crate::page::CitedPlace;

impl Verifier<'_> {
    /// Every revision is what its content hash names, and of the evidence it is filed under.
    pub(super) fn revisions(&mut self) {
        let all = self.contents.collected.revisions.values().flat_map(BTreeMap::values);
        let mut count = 0_usize;
        for revision in all {
            count += 1;
            if let Some(problem) = self.revision(revision) {
                self.checks.failed(Part::Revisions, place(&revision.evidence, revision.number), problem);
            }
        }
        self.checks
            .verified(Part::Revisions, format!("{count} revisions are what their content hashes name"));
    }

    fn revision(&self, revision: &KeptRevision) -> Option<String> {
        let collected = &self.contents.collected;
        match revision.item.content_hash() {
            Ok(content) if content == revision.content => {}
            Ok(_) => return Some("what it says is not what its content hash names".to_owned()),
            Err(error) => return Some(format!("it has no content hash: {error}")),
        }
        let Some(evidence) = collected.evidence.get(&revision.evidence) else {
            return Some("the evidence it is of is missing".to_owned());
        };
        if (evidence.kind, &evidence.item) != (revision.item.kind(), &revision.item.id) {
            return Some(
                "it is of another kind, or has another id in its source, than the evidence it is filed under"
                    .to_owned(),
            );
        }
        let Some(run) = collected.runs.get(&revision.run) else {
            return Some("its run is missing".to_owned());
        };
        if run.component != revision.component || run.connection != evidence.connection {
            return Some("its run is of another component or connection".to_owned());
        }
        let has = |page: &KeptPage| {
            page.recorded == revision.recorded
                && page.instant == revision.collected
                && page.page.run == revision.run
                && page.page.stream == evidence.stream
                && page
                    .sightings
                    .iter()
                    .any(|seen| (&seen.evidence, seen.revision) == (&revision.evidence, revision.number))
        };
        let origin = collected.pages.values().filter(|page| page.recorded == revision.recorded);
        match origin.map(has).max() {
            Some(false) => Some("the page that was recorded with it does not have it".to_owned()),
            None if self.is_named(&revision.evidence, revision.number) => {
                Some("the page it was first seen in is missing".to_owned())
            }
            Some(true) | None => None,
        }
    }

    fn is_named(&self, evidence: &EvidenceId, number: u32) -> bool {
        self.named.contains(&(evidence.clone(), number))
    }

    /// Every citation of the ledger quotes what stands in the revision it names.
    pub(super) fn citations(&mut self) {
        if !self.rests_on_ledger(Part::Citations) {
            return;
        }
        let mut forms: BTreeMap<(EvidenceId, u32), Value> = BTreeMap::new();
        let (mut count, mut failures) = (0_usize, Vec::new());
        for (citing, _) in &self.entries {
            for citation in cited(&citing.event) {
                count += 1;
                failures.extend(self.citation(citation, &mut forms).map(|problem| (citing.seq, problem)));
            }
            match &citing.event {
                Event::ExposureDetected(event) => {
                    count += 1;
                    let revision = self.contents.collected.revision(&event.evidence, event.revision);
                    let shows =
                        revision.is_some_and(|shown| shown.item.exposure.as_deref() == Some(&event.reason));
                    let place = place(&event.evidence, event.revision);
                    failures.extend(
                        (!shows).then(|| (citing.seq, format!("{place} does not show this exposure"))),
                    );
                }
                Event::Decided(decided) => {
                    for shown in &decided.statement.evidence {
                        count += 1;
                        let revision = self.contents.collected.revision(&shown.evidence, shown.revision);
                        let is = revision.is_some_and(|revision| revision.content == shown.content);
                        let place = place(&shown.evidence, shown.revision);
                        failures.extend((!is).then(|| {
                            (citing.seq, format!("{place}, which was shown, is not there as it was"))
                        }));
                    }
                }
                _ => {}
            }
        }
        for (seq, problem) in failures {
            self.checks.failed(Part::Citations, entry(seq), problem);
        }
        self.checks
            .verified(Part::Citations, format!("{count} citations quote what stands in their revisions"));
    }

    fn citation(
        &self,
        citation: &Citation,
        forms: &mut BTreeMap<(EvidenceId, u32), Value>,
    ) -> Option<String> {
        let at = place(&citation.evidence, citation.revision);
        let Some(revision) = self.contents.collected.revision(&citation.evidence, citation.revision) else {
            return Some(format!("{at} is missing"));
        };
        if revision.content != citation.content {
            return Some(format!("{at} has another content hash than what was cited"));
        }
        if quote_digest(&citation.quoted).ok() != Some(citation.digest) {
            return Some(format!("what is quoted of {at} is not what its digest names"));
        }
        let form = forms
            .entry((citation.evidence.clone(), citation.revision))
            .or_insert_with(|| serde_json::to_value(&revision.item).unwrap_or_default());
        let found = form.pointer(&citation.pointer).and_then(|found| quote_digest(found).ok());
        (found != Some(citation.digest))
            .then(|| format!("{at} does not have the quoted value at `{}`", citation.pointer))
    }

    /// Every place that a revision cites is there in captured bytes.
    pub(super) fn captures(&mut self) {
        let mut captured: BTreeMap<Digest, Captured<'_>> =
            self.contents.captures.iter().map(|(digest, bytes)| (*digest, Captured::new(bytes))).collect();
        let (mut found, mut taken_on_word, mut failures) = (0_usize, 0_usize, Vec::new());
        for revision in self.contents.collected.revisions.values().flat_map(BTreeMap::values) {
            let at = || place(&revision.evidence, revision.number);
            if revision.cited.is_empty() {
                failures.push((at(), "it cites nothing".to_owned()));
            }
            for place in &revision.cited {
                let capture = format!("captures/{}", place.capture.hex());
                match (captured.get_mut(&place.capture), self.contents.stubs.get(&place.capture)) {
                    (Some(bytes), _) => match bytes.locate(&place.locator) {
                        Ok(_) => found += 1,
                        Err(problem) => failures.push((at(), format!("it cites {capture}: {problem}"))),
                    },
                    (None, Some(stub)) => match excerpt(stub, place) {
                        Ok(true) => found += 1,
                        Ok(false) => taken_on_word += 1,
                        Err(problem) => failures.push((at(), format!("it cites {capture}: {problem}"))),
                    },
                    (None, None) => failures.push((at(), format!("it cites {capture}, which is missing"))),
                }
            }
        }
        for (place, problem) in failures {
            self.checks.failed(Part::Captures, place, problem);
        }
        self.answers();
        if found > 0 || taken_on_word == 0 {
            self.checks.verified(Part::Captures, format!("{found} cited places are there in captured bytes"));
        }
        if taken_on_word > 0 {
            let found = format!(
                "{taken_on_word} cited places are there in excerpts: that these are of the captures they name rests on the host's word"
            );
            self.checks.not_derived(Part::Captures, None, found);
        }
    }

    /// In a full bundle, whatever a connector was answered with.
    fn answers(&mut self) {
        if self.is_minimal() {
            return;
        }
        for (page, journal) in &self.contents.journals {
            let answered = journal.calls.iter().flat_map(crate::bundle::cut::answered);
            for digest in answered.filter(|digest| !self.contents.captures.contains_key(digest)) {
                let place = format!("pages/{}/{}/{}.journal.json", page.run, page.stream, page.number);
                let found =
                    format!("captures/{}, which a connector was answered with, is missing", digest.hex());
                self.checks.failed(Part::Captures, place, found);
            }
        }
    }

    /// The components that ran.
    pub(super) fn components(&mut self) {
        let mut missing = 0_usize;
        for run in self.contents.collected.runs.values() {
            if self.contents.components.contains_key(&run.component) {
                continue;
            }
            missing += 1;
            if !self.is_minimal() {
                let place = format!("components/{}.wasm", run.component.hex());
                self.checks.failed(
                    Part::Components,
                    place,
                    format!("run {} ran it, and it is missing", run.id),
                );
            }
        }
        if missing == 0 {
            let count = self.contents.components.len();
            self.checks.verified(Part::Components, format!("{count} components are those that ran"));
            let found = "which kinds of evidence a stream brings is as the host recorded it; running the components tells";
            self.checks.not_derived(Part::Components, Some("streams.json".to_owned()), found);
        } else if self.is_minimal() {
            let found = "the components are not carried: a minimal bundle cannot be replayed";
            self.checks.not_derived(Part::Components, None, found);
        }
    }
}

fn place(evidence: &EvidenceId, number: u32) -> String {
    format!("revisions/{evidence}/{number}.json")
}

/// Whether a stub shows a cited place: `true` when its bytes are those of the whole capture, so that nothing is taken on anybody's word.
fn excerpt(stub: &Stub, place: &CitedPlace) -> Result<bool, String> {
    let excerpt = stub.excerpts.iter().find(|excerpt| excerpt.locator == place.locator);
    let Some(excerpt) = excerpt else { return Err("its stub does not have the cited place".to_owned()) };
    let bytes = Base64::decode_vec(&excerpt.bytes).map_err(|_| "an excerpt is not Base64".to_owned())?;
    if Digest::of(&bytes) != excerpt.digest {
        return Err("an excerpt is not what its digest names".to_owned());
    }
    let is_whole = excerpt.locator == Locator::Whole;
    if is_whole && excerpt.digest != stub.digest {
        return Err("an excerpt of all of it is not it".to_owned());
    }
    Ok(is_whole)
}
