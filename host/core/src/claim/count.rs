//! What a query comes to.
//!
//! The two directions are not alike. "At most" is refuted by what is there, however badly the sources were read, and
//! shown only by having read them all; so its count takes in stale records too. "At least" is shown by fresh records only, and
//! what was once enough and is now too old is stale, not false.
//!
//! Deliberately absent: looking at single records. [`Examined`] counted them.

use std::rc::Rc;

use super::query::{Expected, Query};
use super::support::Why;
use crate::board::Board;
use crate::book::{Coverage, Examined, Group, Judged, Lack, LackKind, Place, Ranks, Record, Tally};
use crate::evidence::{FindingState, Severity};
use crate::id::{ConnectionName, EvidenceId};
use crate::instant::Instant;
use crate::text::thousands;

/// How a query stands at an instant.
pub(super) fn counted(query: &Query, examined: &Examined<'_>, board: &Board, at: Instant) -> Why {
    if let Some(fault) = query.fault() {
        return Why::unsupported(
            "claim.bad-query",
            fault,
            "make the claim again with a query that can be asked",
        );
    }
    let max_age = board.max_age.get(&query.kind).copied();
    let places = query.connections.iter().map(|connection| {
        let place = Place { connection: connection.clone(), kind: query.kind };
        let tally = examined.tally(&place, &query.subject);
        let judged = tally.judged(examined, &place, &query.subject, max_age, at);
        Found { connection, tally, judged }
    });
    Count { query, places: places.collect() }.why()
}

/// What was found in one connection.
struct Found<'q, 'a> {
    connection: &'q ConnectionName,
    tally: Rc<Tally<'a>>,
    judged: Rc<Judged<'a>>,
}

struct Count<'q, 'a> {
    query: &'q Query,
    places: Vec<Found<'q, 'a>>,
}

/// Whether a group is among what a query asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    /// Its source does not say where it stands or how bad it is.
    Unknown,
}

impl<'a> Count<'_, 'a> {
    fn why(&self) -> Why {
        match self.query.expected {
            Expected::AtMost { count } => self.at_most(count as usize),
            Expected::AtLeast { count } => self.at_least(count as usize),
        }
    }

    fn at_most(&self, limit: usize) -> Why {
        let found = self.total(Match::Yes);
        if found > limit {
            let first =
                self.groups(Match::Yes).filter_map(|records| records.first()).map(|record| &record.id).min();
            let reason = format!(
                "{}, and at most {} may be",
                self.seen(|place, query| place.total(query)),
                thousands(limit)
            );
            let clear = "resolve them in their source, or retract the claim";
            return Why { evidence: first.cloned(), ..Why::contradicted("claim.too-many", reason, clear) };
        }
        if let Some(why) = self.unread() {
            return why;
        }
        let unknown = self.total(Match::Unknown);
        if found + unknown > limit {
            return self.undecided(unknown);
        }
        Why::supported("claim.counted", self.seen(|place, query| place.total(query)), self.until())
    }

    fn at_least(&self, wanted: usize) -> Why {
        if let Some(why) = self.unread() {
            return why;
        }
        let fresh = top(self.ranks().map(|ranks| &ranks.fresh), wanted);
        let seen = self.seen(|place, query| place.ranks(query).map(|ranks| ranks.fresh.len()).sum());
        if let (true, Some((until, evidence))) = (fresh.len() == wanted, fresh.last()) {
            let until = self.until().map_or(*until, |bound| bound.min(*until));
            let why = Why::supported("claim.counted", seen, Some(until));
            return Why { evidence: Some((*evidence).clone()), ..why };
        }
        let stale = top(self.ranks().map(|ranks| &ranks.stale), wanted - fresh.len());
        let reason = format!("{seen}, and at least {} must be", thousands(wanted));
        if let (true, Some((since, evidence))) = (fresh.len() + stale.len() == wanted, stale.last()) {
            let reason = format!("{reason}; older ones no longer count");
            let why = Why::stale("claim.count-stale", reason, *since, self.collect_newer());
            return Why { evidence: Some((*evidence).clone()), ..why };
        }
        let undated: usize = self.ranks().map(|ranks| ranks.unknown).sum();
        let unknown = self.total(Match::Unknown);
        match fresh.len() + stale.len() {
            dated if dated + undated >= wanted => {
                let reason = format!("{reason}; of {} nobody can say how old they are", thousands(undated));
                Why::unsupported("claim.count-undated", reason, self.collect_newer())
            }
            dated if dated + undated + unknown >= wanted => self.undecided(unknown),
            _ => Why::contradicted("claim.too-few", reason, self.collect_newer()),
        }
    }

    /// Records that match, in groups, over all connections.
    fn groups(&self, wanted: Match) -> impl Iterator<Item = &Vec<&'a Record>> {
        self.places.iter().flat_map(move |place| place.groups(self.query, wanted))
    }

    fn total(&self, wanted: Match) -> usize {
        self.groups(wanted).map(Vec::len).sum()
    }

    /// The same groups by how long they count.
    fn ranks(&self) -> impl Iterator<Item = &Ranks<'a>> {
        self.places.iter().flat_map(|place| place.ranks(self.query))
    }

    /// Why the reading behind the count does not carry it.
    fn unread(&self) -> Option<Why> {
        let lacks: Vec<&Lack> = self.places.iter().flat_map(|place| &place.judged.coverage.lacks).collect();
        let tells = |lacks: &[&Lack], text: fn(&Lack) -> &str| {
            let mut texts: Vec<&str> = lacks.iter().map(|lack| text(lack)).collect();
            texts.dedup();
            texts.join("; ")
        };
        let worst = lacks.iter().find(|lack| !matches!(lack.kind, LackKind::OutOfDate { .. }));
        let (reason, clear) = (tells(&lacks, |lack| &lack.reason), tells(&lacks, |lack| &lack.clear));
        if let Some(worst) = worst {
            return Some(Why::unsupported(worst.kind.code(), reason, clear));
        }
        let passed = lacks.iter().filter_map(|lack| match lack.kind {
            LackKind::OutOfDate { since } => Some(since),
            _ => None,
        });
        if let (Some(since), Some(first)) = (passed.min(), lacks.first()) {
            return Some(Why::stale(first.kind.code(), reason, since, clear));
        }
        let nothing = !self.places.iter().any(|place| place.judged.examined);
        nothing.then(|| {
            let reason = format!(
                "nothing examined: {}, and none is {} evidence about {}",
                self.each(|place| format!("{} examined in {}", place.examined(), place.connection)),
                self.query.kind,
                self.query.subject
            );
            let clear = format!(
                "name the connections that hold such evidence, or map their names for {} in the subject map",
                self.query.subject
            );
            Why::unsupported("claim.nothing-examined", reason, clear)
        })
    }

    fn undecided(&self, unknown: usize) -> Why {
        let reason = format!(
            "{}; of {} more the source does not say whether they are among them",
            self.seen(|place, query| place.total(query)),
            thousands(unknown)
        );
        Why::unsupported("claim.count-undecided", reason, "set their state and severity in their source")
    }

    /// `0 of 212 examined in dojo (14 about service:x), …`.
    fn seen(&self, count: impl Fn(&Found<'_, '_>, &Query) -> usize) -> String {
        self.each(|place| {
            let found = count(place, self.query);
            let about = if place.tally.about == 0 { "none".to_owned() } else { thousands(place.tally.about) };
            format!(
                "{} of {} examined in {} ({about} about {})",
                thousands(found),
                place.examined(),
                place.connection,
                self.query.subject
            )
        })
    }

    fn each(&self, text: impl Fn(&Found<'_, '_>) -> String) -> String {
        self.places.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    /// Until when the reading counts.
    fn until(&self) -> Option<Instant> {
        self.places.iter().filter_map(|place| place.judged.coverage.until).min()
    }

    fn collect_newer(&self) -> String {
        let names: Vec<_> = self.query.connections.iter().map(ConnectionName::as_str).collect();
        format!(
            "bring newer {} evidence about {} into {}",
            self.query.kind,
            self.query.subject,
            names.join(" or ")
        )
    }
}

impl<'a> Found<'_, 'a> {
    fn groups(&self, query: &Query, wanted: Match) -> impl Iterator<Item = &Vec<&'a Record>> {
        let groups = self.tally.groups.iter();
        groups.filter(move |(group, _)| matches(query, *group) == wanted).map(|(_, records)| records)
    }

    fn total(&self, query: &Query) -> usize {
        self.groups(query, Match::Yes).map(Vec::len).sum()
    }

    fn ranks(&self, query: &Query) -> impl Iterator<Item = &Ranks<'a>> {
        let ranks = self.judged.ranks(&self.tally).iter();
        ranks.filter(move |(group, _)| matches(query, *group) == Match::Yes).map(|(_, ranks)| ranks)
    }

    fn examined(&self) -> String {
        let Coverage { examined, .. } = self.judged.coverage;
        thousands(usize::try_from(examined).unwrap_or(usize::MAX))
    }
}

fn matches(query: &Query, (state, severity): Group) -> Match {
    let state = match state {
        _ if query.states.is_empty() => Match::Yes,
        Some(state) if query.states.contains(state) => Match::Yes,
        // Every list of states writes it alike.
        Some(state) if state == FindingState::Unknown.as_str() => Match::Unknown,
        _ => Match::No,
    };
    let severity = match severity {
        _ if query.severities.is_empty() => Match::Yes,
        Some(severity) if query.severities.contains(&severity) => Match::Yes,
        Some(Severity::Unknown) => Match::Unknown,
        _ => Match::No,
    };
    match (state, severity) {
        (Match::Yes, Match::Yes) => Match::Yes,
        (Match::No, _) | (_, Match::No) => Match::No,
        _ => Match::Unknown,
    }
}

/// The latest of several lists that each have their latest first.
fn top<'a, 'b: 'a>(
    lists: impl Iterator<Item = &'a Vec<(Instant, &'b EvidenceId)>>,
    wanted: usize,
) -> Vec<(Instant, &'b EvidenceId)> {
    let mut top: Vec<_> = lists.flat_map(|list| list.iter().take(wanted).copied()).collect();
    top.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(other.1)));
    top.truncate(wanted);
    top
}

#[cfg(test)]
mod tests;
