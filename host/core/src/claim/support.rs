//! Support: how a claim stands at an instant.
//!
//! Each citation and the test is a ground of its own, and a claim stands as its worst ground does: removing one can
//! change which is the worst, but a claim without any is unsupported. What is looked at is always the newest revision.
//!
//! Deliberately absent: memory. A claim that was supported yesterday is asked again today.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::check::{Check, Checked};
use super::{Citation, ClaimText, Test, count, quote_digest};
use crate::board::Board;
use crate::book::{Examined, Record, Revision};
use crate::duration;
use crate::event::words;
use crate::evidence::Basis;
use crate::freshness::{Because, Freshness, Reason, freshness};
use crate::id::EvidenceId;
use crate::instant::Instant;
use crate::text::excerpt;

words! {
    /// A claim's standing, the worst first.
    Standing {
        Contradicted = "contradicted",
        Unsupported = "unsupported",
        Stale = "stale",
        Supported = "supported",
    }
}

/// How a claim stands, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Support {
    pub standing: Standing,
    /// One for each citation and the test, in order.
    pub grounds: Vec<Why>,
    /// While it is supported: the earliest instant at which it no longer is, if nothing else happens.
    pub until: Option<Instant>,
}

/// One thing a claim rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Why {
    pub standing: Standing,
    /// A stable code: `claim.stale`.
    pub code: String,
    pub reason: String,
    pub evidence: Option<EvidenceId>,
    /// Since when it stands so, where known; the bound that was passed, for what is stale.
    pub since: Option<Instant>,
    /// While it is supported: its bound.
    pub until: Option<Instant>,
    /// What would clear it; empty for what is supported.
    pub clear: String,
}

/// How a claim stands at an instant.
pub fn support(claim: &ClaimText, examined: &Examined<'_>, board: &Board, at: Instant) -> Support {
    let check = match &claim.test {
        Some(Test::Check(check)) => Some((check, checked(check, claim, examined, at))),
        _ => None,
    };
    let mut grounds: Vec<Why> = Vec::with_capacity(claim.citations.len() + 1);
    for (place, citation) in claim.citations.iter().enumerate() {
        let passed = check.as_ref().filter(|(check, _)| check.citation as usize == place);
        grounds.push(cited_under(citation, passed.map(|(check, why)| (*check, why)), examined, board, at));
    }
    match &claim.test {
        Some(Test::Query(query)) => grounds.push(count::counted(query, examined, board, at)),
        Some(Test::Check(_)) => grounds.extend(check.map(|(_, why)| why)),
        None => {}
    }
    if grounds.is_empty() {
        let clear = "make the claim again and cite what shows it";
        grounds.push(Why::unsupported("claim.no-evidence", "it cites nothing and has no query", clear));
    }
    Support::of(grounds)
}

/// How one citation stands at an instant, by itself.
pub fn cited(citation: &Citation, examined: &Examined<'_>, board: &Board, at: Instant) -> Why {
    cited_under(citation, None, examined, board, at)
}

impl Support {
    fn of(grounds: Vec<Why>) -> Self {
        let standing = grounds.iter().map(|why| why.standing).min().unwrap_or(Standing::Unsupported);
        let until = grounds.iter().filter_map(|why| why.until).min();
        Self { standing, until: until.filter(|_| standing == Standing::Supported), grounds }
    }

    /// The grounds it is not supported by, the worst first.
    pub fn faults(&self) -> Vec<&Why> {
        let mut faults: Vec<_> =
            self.grounds.iter().filter(|why| why.standing != Standing::Supported).collect();
        faults.sort_by_key(|why| why.standing);
        faults
    }
}

impl Why {
    /// Whether something was lost or altered, which is an error and not merely no support.
    pub fn is_error(&self) -> bool {
        matches!(self.code.as_str(), MISSING | BROKEN | ALTERED)
            || self.code == crate::book::LackKind::Lost.code()
    }

    fn new(standing: Standing, code: &str, reason: impl Into<String>) -> Self {
        let (code, reason) = (code.to_owned(), reason.into());
        Self { standing, code, reason, evidence: None, since: None, until: None, clear: String::new() }
    }

    pub(super) fn supported(code: &str, reason: impl Into<String>, until: Option<Instant>) -> Self {
        Self { until, ..Self::new(Standing::Supported, code, reason) }
    }

    pub(super) fn stale(
        code: &str,
        reason: impl Into<String>,
        since: Instant,
        clear: impl Into<String>,
    ) -> Self {
        Self { since: Some(since), clear: clear.into(), ..Self::new(Standing::Stale, code, reason) }
    }

    pub(super) fn unsupported(code: &str, reason: impl Into<String>, clear: impl Into<String>) -> Self {
        Self { clear: clear.into(), ..Self::new(Standing::Unsupported, code, reason) }
    }

    pub(super) fn contradicted(code: &str, reason: impl Into<String>, clear: impl Into<String>) -> Self {
        Self { clear: clear.into(), ..Self::new(Standing::Contradicted, code, reason) }
    }

    fn about(self, evidence: &EvidenceId) -> Self {
        Self { evidence: Some(evidence.clone()), ..self }
    }
}

const MISSING: &str = "claim.evidence-missing";
const BROKEN: &str = "claim.citation-broken";
const ALTERED: &str = "claim.evidence-altered";

fn cited_under(
    citation: &Citation,
    check: Option<(&Check, &Why)>,
    examined: &Examined<'_>,
    board: &Board,
    at: Instant,
) -> Why {
    let why = traced(citation, examined)
        .and_then(|newest| current(newest, board, at).map(|until| (newest, until)))
        .and_then(|(newest, until)| unchanged(citation, newest, check, examined, until));
    why.unwrap_or_else(|why| *why).about(&citation.evidence)
}

/// A record with its newest revision.
#[derive(Clone, Copy)]
struct Newest<'a> {
    record: &'a Record,
    revision: &'a Revision,
}

/// The record, when the citation is what it says and the evidence is still in its source.
fn traced<'a>(citation: &Citation, examined: &Examined<'a>) -> Result<Newest<'a>, Box<Why>> {
    const RESTORE: &str =
        "restore the store from a backup, or make the claim again on evidence that is there";
    let missing = |reason: String| Err(Box::new(Why::unsupported(MISSING, reason, RESTORE)));
    let Some(record) = examined.book().get(&citation.evidence) else {
        return missing("the cited evidence is not in the store".to_owned());
    };
    let (Some(revision), Some(cited)) = (record.newest(), record.revision(citation.revision)) else {
        return missing(format!("revision {} of the cited evidence is not in the store", citation.revision));
    };
    // Were a newer revision taken away, the one before would seem to be the newest.
    if let Some(row) = examined.missing(&record.id) {
        return missing(format!(
            "revision {} of the cited evidence was recorded and is not in the store",
            row.revision
        ));
    }
    if let Some(problem) = broken(citation, record, cited, examined) {
        let clear = "find out who altered it, restore the store, or make the claim again";
        return Err(Box::new(Why::unsupported(BROKEN, problem, clear)));
    }
    if !examined.form(record, revision).intact {
        let reason = format!("revision {} is not what its content hash names", revision.number);
        return Err(Box::new(Why::unsupported(
            ALTERED,
            reason,
            "find out who altered it, and restore the store",
        )));
    }
    if record.absent {
        let reason = format!(
            "it is not in its source any more: two complete sweeps of {} did not return it",
            record.connection
        );
        let clear = "cite what took its place, or retract the claim";
        return Err(Box::new(Why::unsupported("claim.evidence-absent", reason, clear)));
    }
    Ok(Newest { record, revision })
}

/// What does not fit between a citation and the revision it cites.
fn broken<'a>(
    citation: &Citation,
    record: &'a Record,
    cited: &Revision,
    examined: &Examined<'a>,
) -> Option<String> {
    let number = citation.revision;
    if quote_digest(&citation.quoted).ok() != Some(citation.digest) {
        return Some("the quoted value is not the one that its digest names".to_owned());
    }
    if cited.content != citation.content {
        return Some(format!("revision {number} has another content hash than the citation"));
    }
    let form = examined.form(record, cited);
    if !form.intact {
        return Some(format!("revision {number} is not what its content hash names"));
    }
    let found = form.json.pointer(&citation.pointer);
    (found.and_then(|found| quote_digest(found).ok()) != Some(citation.digest)).then(|| {
        format!("revision {number} does not have the quoted value at `{}`", excerpt(&citation.pointer, 200))
    })
}

/// Until when the newest revision counts, when it does.
fn current(Newest { record, revision }: Newest<'_>, board: &Board, at: Instant) -> Result<Instant, Box<Why>> {
    let kind = revision.item.kind();
    let max_age = board.max_age.get(&kind).copied();
    let dated = record.dated(revision, max_age);
    let collect = || format!("collect {} again", record.connection);
    match freshness(&dated, at) {
        Freshness::Fresh { until } => Ok(until),
        Freshness::Stale { since, because: Because::OwnExpiry } => {
            let reason = format!("its source said that it holds until {since}");
            Err(Box::new(Why::stale(
                "claim.stale",
                reason,
                since,
                "renew it in its source, then collect it again",
            )))
        }
        Freshness::Stale { since, because: Because::MaxAge } => {
            let counts = max_age.map(duration::written).unwrap_or_default();
            let (happened, basis) = match (kind.basis(), dated.source_time) {
                (Basis::Event, Some(time)) => ("it happened", time),
                _ => ("it was last seen", record.last_seen),
            };
            let age = duration::about(at.since(basis));
            let reason = format!("{happened} {age} ago, and {kind} evidence counts for {counts}");
            let clear = match kind.basis() {
                Basis::State => collect(),
                Basis::Event => {
                    format!("do it again, then collect {} and cite the newer evidence", record.connection)
                }
            };
            Err(Box::new(Why::stale("claim.stale", reason, since, clear)))
        }
        Freshness::Unknown { reason } => {
            let clear = match reason {
                Reason::NoMaxAge => format!("set max-age.{kind} in the board policy"),
                Reason::SourceTimeAhead => {
                    format!("compare the clock of {} with the host's", record.connection)
                }
                Reason::NoSourceTime => "cite evidence whose source says when it happened".to_owned(),
            };
            Err(Box::new(Why::unsupported(reason.code(), reason.to_string(), clear)))
        }
    }
}

/// Whether the newest revision still says what was quoted, or passes the check.
fn unchanged<'a>(
    citation: &Citation,
    Newest { record, revision }: Newest<'a>,
    check: Option<(&Check, &Why)>,
    examined: &Examined<'a>,
    until: Instant,
) -> Result<Why, Box<Why>> {
    let form = examined.form(record, revision);
    let found = form.json.pointer(&citation.pointer);
    if found.and_then(|found| quote_digest(found).ok()) == Some(citation.digest) {
        let reason = format!("`{}` is {}", shown_place(citation), shown(&citation.quoted));
        return Ok(Why::supported("claim.cited", reason, Some(until)));
    }
    let now =
        found.map_or_else(|| "is not there any more".to_owned(), |found| format!("is now {}", shown(found)));
    let changed = format!(
        "`{}` was {} in revision {} and {now} in revision {}",
        shown_place(citation),
        shown(&citation.quoted),
        citation.revision,
        revision.number
    );
    if let Some((check, why)) = check.filter(|(_, why)| why.standing == Standing::Supported) {
        let until = why.until.map_or(until, |flips| flips.min(until));
        return Ok(Why::supported(
            "claim.changed-and-checked",
            format!("{changed}; {check} holds"),
            Some(until),
        ));
    }
    // Only of the revision that follows the cited one is it known that the change came with it.
    let since = (revision.number == citation.revision.saturating_add(1)).then_some(revision.recorded);
    let clear = "see whether the claim still holds, then reaffirm or retract it";
    Err(Box::new(Why {
        since,
        clear: clear.to_owned(),
        ..Why::new(Standing::Stale, "claim.changed", changed)
    }))
}

/// How the check stands, on the newest revision of what it looks at.
fn checked(check: &Check, claim: &ClaimText, examined: &Examined<'_>, at: Instant) -> Why {
    let Some(citation) = claim.citations.get(check.citation as usize) else {
        let reason = format!("{check} looks at citation {}, and there is none", check.citation);
        return Why::unsupported("claim.check-without-citation", reason, "make the claim again");
    };
    let newest = examined.book().get(&citation.evidence).and_then(|record| Some((record, record.newest()?)));
    let Some((record, revision)) = newest else {
        let reason = format!("what {check} looks at is not in the store");
        return Why::unsupported("claim.check-unread", reason, "see the citation").about(&citation.evidence);
    };
    let why = match check.evaluate(&examined.form(record, revision).json, at) {
        Ok(Checked { holds: true, flips, found }) => {
            Why::supported("claim.check-holds", format!("{check} holds: {found}"), flips)
        }
        Ok(Checked { holds: false, found, .. }) => {
            let clear = "bring about what the claim says and collect it again, or retract the claim";
            Why::contradicted("claim.check-fails", format!("{check} does not hold: {found}"), clear)
        }
        Err(why) => {
            let clear = "make the claim again with a check that can be answered";
            Why::unsupported("claim.check-unanswered", format!("{check} cannot be answered: {why}"), clear)
        }
    };
    why.about(&citation.evidence)
}

fn shown(value: &Value) -> String {
    excerpt(&value.to_string(), 120)
}

fn shown_place(citation: &Citation) -> String {
    excerpt(&citation.pointer, 200)
}

#[cfg(test)]
mod tests;
