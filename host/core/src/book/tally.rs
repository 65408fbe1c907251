//! What is about a subject in one place of the book, counted.
//!
//! Records are grouped by their own word for where they stand and how bad they are, so that a query adds up groups and
//! looks at no record. Freshness is ranked once for an instant and a maximum age, which all claims of a report share.
//!
//! Deliberately absent: records that are absent from their source.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::{Coverage, Examined, Record};
use crate::evidence::{Kind, Severity};
use crate::freshness::{Freshness, freshness};
use crate::id::{ConnectionName, EvidenceId, Subject};
use crate::instant::Instant;

/// A kind of evidence in a connection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub connection: ConnectionName,
    pub kind: Kind,
}

/// Where records of a group stand, in their own words.
pub(crate) type Group = (Option<&'static str>, Option<Severity>);

/// The records about a subject in a place.
#[derive(Debug, Default)]
pub(crate) struct Tally<'a> {
    /// How many there are.
    pub about: usize,
    /// A kind has no more states than one can look through. Records of a group are in order of id.
    pub groups: Vec<(Group, Vec<&'a Record>)>,
    /// The last answer: a report asks for one instant and one policy over and over.
    judged: RefCell<Option<Rc<Judged<'a>>>>,
}

/// A tally at an instant.
#[derive(Debug)]
pub(crate) struct Judged<'a> {
    at: Instant,
    max_age: Option<Duration>,
    pub coverage: Coverage,
    /// Whether the last sweep of any stream returned one of the records.
    pub examined: bool,
    /// Only "at least" asks for them.
    ranks: OnceCell<Vec<(Group, Ranks<'a>)>>,
}

/// Records of a group by how long they count.
#[derive(Debug, Default)]
pub(crate) struct Ranks<'a> {
    /// Until when each counts, the latest first.
    pub fresh: Vec<(Instant, &'a EvidenceId)>,
    /// Until when each counted, the latest first.
    pub stale: Vec<(Instant, &'a EvidenceId)>,
    /// Those of which nobody can say.
    pub unknown: usize,
}

impl<'a> Tally<'a> {
    /// Takes in a present record that it does not have yet.
    pub(super) fn add(&mut self, group: Group, record: &'a Record) {
        self.about += 1;
        match self.groups.iter_mut().find(|(other, _)| *other == group) {
            Some((_, records)) => records.push(record),
            None => self.groups.push((group, vec![record])),
        }
    }

    /// How it stands at an instant under a maximum age.
    pub(crate) fn judged(
        &self,
        examined: &Examined<'a>,
        place: &Place,
        subject: &Subject,
        max_age: Option<Duration>,
        at: Instant,
    ) -> Rc<Judged<'a>> {
        let mut judged = self.judged.borrow_mut();
        if let Some(last) = judged.as_ref().filter(|last| last.at == at && last.max_age == max_age) {
            return Rc::clone(last);
        }
        let coverage = examined.coverage(&place.connection, place.kind, Some(subject), max_age, at);
        let streams: Vec<_> = examined.book().streams_of(&place.connection, place.kind).collect();
        let swept = self.groups.iter().flat_map(|(_, records)| records).any(|record| {
            let stream = streams.iter().find(|stream| stream.stream == record.stream);
            let sweep = stream.and_then(|stream| stream.sweep.as_ref());
            sweep.is_some_and(|sweep| record.last_seen >= sweep.began)
        });
        let fresh = Rc::new(Judged { at, max_age, coverage, examined: swept, ranks: OnceCell::new() });
        *judged = Some(Rc::clone(&fresh));
        fresh
    }
}

impl<'a> Judged<'a> {
    /// The groups of the tally this was judged from, ranked.
    pub(crate) fn ranks(&self, tally: &Tally<'a>) -> &[(Group, Ranks<'a>)] {
        self.ranks.get_or_init(|| {
            let ranked = |records: &Vec<&'a Record>| Ranks::of(records, self.max_age, self.at);
            tally.groups.iter().map(|(group, records)| (*group, ranked(records))).collect()
        })
    }
}

impl<'a> Ranks<'a> {
    fn of(records: &[&'a Record], max_age: Option<Duration>, at: Instant) -> Self {
        let mut ranks = Self::default();
        for record in records {
            match record.newest().map(|newest| freshness(&record.dated(newest, max_age), at)) {
                Some(Freshness::Fresh { until }) => ranks.fresh.push((until, &record.id)),
                Some(Freshness::Stale { since, .. }) => ranks.stale.push((since, &record.id)),
                Some(Freshness::Unknown { .. }) | None => ranks.unknown += 1,
            }
        }
        for list in [&mut ranks.fresh, &mut ranks.stale] {
            // Records come in order of id, which stays the order of those with one bound.
            list.sort_by_key(|(bound, _)| std::cmp::Reverse(*bound));
        }
        ranks
    }
}
