//! Reports, derived anew.

use super::Verifier;
use super::chains::entry;
use crate::bundle::derive::{handed_off, report_at, through};
use crate::bundle::verification::Part;
use crate::canonical;
use crate::event::{Decision, Event};
use crate::readiness::{Report, Verdict};

impl Verifier<'_> {
    /// The report of the bundle's instant, byte for byte.
    pub(super) fn report(&mut self) -> Option<Verdict> {
        const NAME: &str = "report.json";
        let instant = self.contents.manifest.as_ref().map(|manifest| manifest.instant)?;
        if !self.rests_on_ledger(Part::Report) {
            return None;
        }
        let contents = self.contents;
        let derived =
            report_at(through(&self.entries, instant), &contents.documents, &contents.collected, instant);
        let report = match derived {
            Ok(report) => report,
            Err(problem) => {
                self.checks.not_derived(Part::Report, Some(NAME.to_owned()), problem.to_string());
                return None;
            }
        };
        let verdict = report.verdict;
        match (contents.report, canonical::bytes(&report)) {
            (None, _) => self.checks.failed(Part::Report, NAME, "it is missing"),
            (_, Err(error)) => self.checks.failed(Part::Report, NAME, error.to_string()),
            (Some(given), Ok(derived)) if given != derived => {
                self.checks.failed(Part::Report, NAME, difference(given, &report));
            }
            (Some(_), Ok(_)) => {
                self.checks
                    .verified(Part::Report, format!("derived anew for {instant}, byte for byte: {verdict}"));
            }
        }
        let recorded = contents.collected.pages.values().map(|page| page.recorded).min();
        if recorded.is_none_or(|first| first > instant) {
            let found = format!(
                "no page that the bundle has was recorded by {instant}: the report rests on no evidence"
            );
            self.checks.not_derived(Part::Report, None, found);
        }
        Some(verdict)
    }

    /// The reports that the owner signed for when handing over.
    pub(super) fn handoffs(&mut self) {
        if !self.rests_on_ledger(Part::Handoffs) {
            return;
        }
        let (mut count, mut unknown, mut failures) = (0_usize, Vec::new(), Vec::new());
        for ((recorded, _), shown, at) in handed_off(&self.entries) {
            let Event::Decided(decided) = &recorded.event else { continue };
            let Decision::PacketHandedOff { report: signed, .. } = &decided.statement.decides else {
                continue;
            };
            count += 1;
            let derived = report_at(shown, &self.contents.documents, &self.contents.collected, at);
            match derived.map(|report| (report.verdict, report.digest())) {
                Ok((_, Ok(digest))) if digest == *signed => {}
                Ok((verdict, _)) => failures.push((
                    recorded.seq,
                    format!("the report that was signed for is not what the bundle's evidence gives for {at} ({verdict})"),
                )),
                Err(problem) => unknown.push((recorded.seq, problem.to_string())),
            }
        }
        for (seq, problem) in failures {
            self.checks.failed(Part::Handoffs, entry(seq), problem);
        }
        for (seq, problem) in &unknown {
            self.checks.not_derived(Part::Handoffs, Some(entry(*seq)), problem.as_str());
        }
        let found = match count {
            0 => "the packet was never handed off".to_owned(),
            _ => format!("{} reports that handoffs were signed on, derived anew", count - unknown.len()),
        };
        self.checks.verified(Part::Handoffs, found);
    }
}

/// Where a report that was given differs from the one that was derived.
fn difference(given: &[u8], derived: &Report) -> String {
    let given: Report = match serde_json::from_slice(given) {
        Ok(given) => given,
        Err(error) => return format!("it is not a report: {error}"),
    };
    if given.verdict != derived.verdict {
        return format!("it says {}, and what the bundle holds gives {}", given.verdict, derived.verdict);
    }
    let line = given.lines.iter().zip(&derived.lines).find(|(given, derived)| given != derived);
    match line {
        Some((given, derived)) => format!(
            "it says of {}: {} ({}), and what the bundle holds gives: {} ({})",
            given.rule, given.reason, given.score, derived.reason, derived.score
        ),
        None => "it is not the one that what the bundle holds gives".to_owned(),
    }
}
