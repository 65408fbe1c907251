//! How evidence was collected: runs, their pages and the journals of these, held to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::Verifier;
use crate::book::{KeptPage, Then, rebuild};
use crate::bundle::derive::wants;
use crate::bundle::verification::Part;
use crate::id::{ConnectionId, EvidenceId, RunId, StreamId};
use crate::instant::Instant;
use crate::run::page_seed;

impl Verifier<'_> {
    /// Runs, pages and journals fit together, and nothing that pages show is missing.
    pub(super) fn collection(&mut self) {
        let mut without_journal = 0_usize;
        let listed = self.contents.collected.listed.iter().map(|listed| (&listed.evidence, listed.revision));
        let listed: BTreeSet<_> = listed.collect();
        for (name, page) in &self.contents.collected.pages {
            let place = format!("pages/{}/{}/{}.json", name.run, name.stream, name.number);
            let is_there = |evidence: &EvidenceId, number: u32| {
                self.contents.collected.revision(evidence, number).is_some()
                    || listed.contains(&(evidence, number))
            };
            let lost = page.sightings.iter().find(|seen| !is_there(&seen.evidence, seen.revision));
            if let Some(lost) = lost {
                let found =
                    format!("it shows revision {} of {}, which is missing", lost.revision, lost.evidence);
                self.checks.failed(Part::Collection, place, found);
            } else if let Some(problem) = self.page(page) {
                self.checks.failed(Part::Collection, place, problem);
            } else if !self.contents.journals.contains_key(name) {
                without_journal += 1;
                if !self.is_minimal() {
                    self.checks.failed(Part::Collection, place, "its journal is missing");
                }
            }
        }
        for name in
            self.contents.journals.keys().filter(|name| !self.contents.collected.pages.contains_key(*name))
        {
            let place = format!("pages/{}/{}/{}.journal.json", name.run, name.stream, name.number);
            self.checks.failed(Part::Collection, place, "there is no such page");
        }
        let since = self.runs();
        let (runs, pages) = (self.contents.collected.runs.len(), self.contents.collected.pages.len());
        self.checks
            .verified(Part::Collection, format!("{pages} pages of {runs} runs fit their runs and journals"));
        if without_journal > 0 && self.is_minimal() {
            let found = format!(
                "{without_journal} pages are without their journals: a minimal bundle leaves them out"
            );
            self.checks.not_derived(Part::Collection, None, found);
        }
        if !self.contents.collected.listed.is_empty() {
            let found = format!(
                "{} revisions seen in its pages are not carried: what they say, and that none is an exposure, rests on the host's word",
                self.contents.collected.listed.len()
            );
            self.checks.not_derived(Part::Collection, Some("listed.json".to_owned()), found);
        }
        self.on_the_hosts_word(since);
    }

    /// What nothing in the bundle is held to.
    fn on_the_hosts_word(&mut self, since: Option<Instant>) {
        let collected = &self.contents.collected;
        let journaled: BTreeSet<&RunId> = self.contents.journals.keys().map(|page| &page.run).collect();
        let (runs, without) =
            (collected.runs.len(), collected.runs.keys().filter(|run| !journaled.contains(run)).count());
        if runs > 0 {
            let found = format!(
                "why and when {runs} runs were started, and whether they came to their end, rests on the host's word"
            );
            self.checks.not_derived(Part::Collection, None, found);
        }
        if without > 0 {
            let found = format!(
                "{without} runs are without a journal: their configuration and seed are held to nothing"
            );
            self.checks.not_derived(Part::Collection, None, found);
        }
        if let Some(since) = since {
            let found = format!(
                "pages recorded before {since} may be left out, if they brought no revision that is carried: no report looks back further, and since when something is gone is not shown"
            );
            self.checks.not_derived(Part::Collection, None, found);
        }
    }

    /// Where absence is counted, runs are there with every page they had. Gives the instant before which, in some stream, that was
    /// not asked, because no report of the bundle counts what was seen so long ago.
    fn runs(&mut self) -> Option<Instant> {
        let instant = self.contents.manifest.as_ref().map(|manifest| manifest.instant)?;
        let wants = wants(&self.entries, &self.contents.documents, instant).ok()?;
        let collected = &self.contents.collected;
        let mut lacking = BTreeMap::new();
        // For each stream the earliest of its reports' horizons; none where one of them looks back to the beginning.
        let mut horizons: BTreeMap<(ConnectionId, StreamId), Option<Instant>> = BTreeMap::new();
        for want in wants {
            let then = Then::of(collected, want.at);
            for reading in rebuild(collected, &want.needs, want.at).streams {
                let Some(stream) = then.streams.get(&(&reading.connection_id, &reading.stream)) else {
                    continue;
                };
                let since = stream.horizon(want.at);
                let place = (reading.connection_id.clone(), reading.stream.clone());
                horizons.entry(place).and_modify(|known| *known = (*known).min(since)).or_insert(since);
                let read = stream.runs.iter().filter(|(run, read)| {
                    since.is_none_or(|since| run.began >= since)
                        && read.ended.is_some_and(|ended| ended <= want.at)
                });
                for (run, read) in read {
                    let pages = stream.pages.iter().filter(|page| page.page.run == run.id);
                    let rows: usize = pages.clone().map(|page| page.sightings.len()).sum();
                    if (pages.count(), rows) != (read.pages as usize, read.items as usize) {
                        let found = format!(
                            "it read {} items of {} in {} pages, and these are not all there",
                            read.items, read.stream, read.pages
                        );
                        lacking.insert(run.id.clone(), found);
                    }
                }
            }
        }
        for (run, found) in lacking {
            self.checks.failed(Part::Collection, format!("runs/{run}.json"), found);
        }
        horizons.into_values().flatten().max()
    }

    fn page(&self, page: &KeptPage) -> Option<String> {
        let collected = &self.contents.collected;
        let Some(run) = collected.runs.get(&page.page.run) else {
            return Some("its run is missing".to_owned());
        };
        let stream = run.streams.iter().find(|stream| stream.stream == page.page.stream);
        if stream.is_none_or(|stream| page.page.number == 0 || page.page.number > stream.pages) {
            return Some("its run has no such page".to_owned());
        }
        if page.recorded < run.began || run.ended.is_some_and(|ended| page.recorded > ended) {
            return Some("it was recorded outside its run".to_owned());
        }
        // The row of the page that brought a revision is of that very item.
        for sighting in &page.sightings {
            let first = collected.revision(&sighting.evidence, sighting.revision);
            let Some(first) = first.filter(|first| first.recorded == page.recorded) else { continue };
            if first.item.digest().ok() != Some(sighting.item) || first.cited != sighting.cited {
                return Some(format!(
                    "what it says of {} is not what revision {} is",
                    sighting.evidence, sighting.revision
                ));
            }
        }
        let journal = self.contents.journals.get(&page.page)?;
        match journal.digest() {
            Ok(digest) if digest == page.journal => {}
            Ok(_) => return Some("its journal is another: the digest does not fit".to_owned()),
            Err(error) => return Some(format!("its journal has no digest: {error}")),
        }
        let fits = journal.connector == run.component
            && journal.stream == page.page.stream.as_str()
            && journal.instant == page.instant;
        if !fits {
            return Some("its journal is of another component, stream or instant".to_owned());
        }
        if journal.config != run.config {
            return Some("its journal is of another configuration than its run".to_owned());
        }
        let seed = page_seed(&run.id, run.seed, &page.page.stream, page.page.number);
        (journal.seed != seed).then(|| "its journal's seed did not grow from its run's".to_owned())
    }
}
