//! A book with its indexes.
//!
//! A packet has hundreds of claims and its book a hundred thousand records. So each question is answered from an index
//! that is built when it is first needed, and each revision is written as JSON, and hashed, at most once.
//!
//! Deliberately absent: answers that depend on a policy. The book is only looked into here.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use super::coverage::{self, Coverage, Question};
use super::tally::{Group, Place, Tally};
use super::{Book, MissingRevision, Record, Revision};
use crate::evidence::Kind;
use crate::id::{ConnectionName, EvidenceId, Subject};
use crate::instant::Instant;
use crate::subject::SubjectMap;

/// A book under examination.
#[derive(Debug)]
pub struct Examined<'a> {
    book: &'a Book,
    subjects: &'a SubjectMap,
    index: OnceCell<Index<'a>>,
    missing: OnceCell<BTreeMap<&'a EvidenceId, &'a MissingRevision>>,
    tallies: RefCell<BTreeMap<(Place, Subject), Rc<Tally<'a>>>>,
    forms: RefCell<BTreeMap<(&'a EvidenceId, u32), Rc<Form>>>,
}

/// Present records by where they are found.
#[derive(Debug, Default)]
struct Index<'a> {
    /// A packet's book has a handful.
    places: Vec<((&'a ConnectionName, Kind), Records<'a>)>,
    /// A record of a connection that has no revision, so that nobody can say what it was.
    hollow: BTreeMap<&'a ConnectionName, &'a Record>,
}

#[derive(Debug, Default)]
struct Records<'a> {
    /// In order of id.
    all: Vec<&'a Record>,
    /// Where each stands.
    groups: Vec<Group>,
    /// Who bears a name, by place in `all`. Looked up and never walked, so its order shows nowhere.
    bearers: HashMap<&'a str, Vec<u32>>,
}

/// A revision in its JSON form.
#[derive(Debug)]
pub struct Form {
    pub json: Value,
    /// Whether the item is the one its content hash names.
    pub intact: bool,
}

impl<'a> Examined<'a> {
    /// A book, its names read by a subject map. Costs nothing before something is asked.
    pub const fn new(book: &'a Book, subjects: &'a SubjectMap) -> Self {
        Self {
            book,
            subjects,
            index: OnceCell::new(),
            missing: OnceCell::new(),
            tallies: RefCell::new(BTreeMap::new()),
            forms: RefCell::new(BTreeMap::new()),
        }
    }

    /// The book itself.
    pub const fn book(&self) -> &'a Book {
        self.book
    }

    /// What its names mean.
    pub const fn subjects(&self) -> &'a SubjectMap {
        self.subjects
    }

    /// Present records of a kind in a connection, in order of id.
    pub fn of_kind(&self, connection: &ConnectionName, kind: Kind) -> &[&'a Record] {
        self.records(connection, kind).map_or(&[], |records| &records.all)
    }

    /// A revision of the evidence that page manifests name and the store does not have.
    pub fn missing(&self, evidence: &EvidenceId) -> Option<&'a MissingRevision> {
        let missing = self.missing.get_or_init(|| {
            let rows = self.book.streams.iter().flat_map(|stream| &stream.missing);
            rows.map(|row| (&row.evidence, row)).collect()
        });
        missing.get(evidence).copied()
    }

    /// A revision of a record of this book, in its JSON form.
    pub fn form(&self, record: &'a Record, revision: &Revision) -> Rc<Form> {
        let mut forms = self.forms.borrow_mut();
        let form = forms.entry((&record.id, revision.number)).or_insert_with(|| {
            let json = serde_json::to_value(&revision.item).unwrap_or(Value::Null);
            let intact = revision.item.content_hash().is_ok_and(|content| content == revision.content);
            Rc::new(Form { json, intact })
        });
        Rc::clone(form)
    }

    /// How well a connection was read for a kind, so far as it concerns a subject; none for anything.
    pub fn coverage(
        &self,
        connection: &ConnectionName,
        kind: Kind,
        subject: Option<&Subject>,
        max_age: Option<Duration>,
        at: Instant,
    ) -> Coverage {
        let asked = Question { connection, kind, subject, max_age };
        let hollow = self.index().hollow.get(connection).copied();
        coverage::coverage(self.book, self.subjects, asked, at).without(hollow)
    }

    /// What is about a subject in a place.
    pub(crate) fn tally(&self, place: &Place, subject: &Subject) -> Rc<Tally<'a>> {
        let mut tallies = self.tallies.borrow_mut();
        let tally = tallies.entry((place.clone(), subject.clone())).or_insert_with(|| {
            let records = self.records(&place.connection, place.kind);
            Rc::new(
                records.map_or_else(Tally::default, |records| records.tally(self.subjects.names(subject))),
            )
        });
        Rc::clone(tally)
    }

    fn records(&self, connection: &ConnectionName, kind: Kind) -> Option<&Records<'a>> {
        let mut places = self.index().places.iter();
        places.find(|(place, _)| *place == (connection, kind)).map(|(_, records)| records)
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| Index::of(self.book))
    }
}

impl<'a> Index<'a> {
    /// The loops are apart on purpose. Each looks at one more piece of memory a record, and a machine fetches many such
    /// pieces at once as long as none waits for another.
    fn of(book: &'a Book) -> Self {
        let mut index = Self::default();
        let mut present: Vec<(&'a Record, &'a Revision)> = Vec::with_capacity(book.records.len());
        for record in book.records.values().filter(|record| !record.absent) {
            if let Some(newest) = record.newest() {
                present.push((record, newest));
            } else {
                index.hollow.insert(&record.connection, record);
            }
        }
        let stands = present.iter().map(|(_, newest)| (newest.item.kind(), group(newest)));
        let stands: Vec<(Kind, Group)> = stands.collect();
        let places = present.iter().zip(&stands);
        let places = places.map(|((record, _), (kind, _))| index.place(&record.connection, *kind));
        let places: Vec<usize> = places.collect();
        let names: Vec<&'a [String]> = present.iter().map(|(_, newest)| &*newest.item.subjects).collect();
        for (at, (record, _)) in present.iter().enumerate() {
            index.places[places[at]].1.push(record, stands[at].1, names[at]);
        }
        index
    }

    fn place(&mut self, connection: &'a ConnectionName, kind: Kind) -> usize {
        let known = self.places.iter().position(|(place, _)| *place == (connection, kind));
        known.unwrap_or_else(|| {
            self.places.push(((connection, kind), Records::default()));
            self.places.len() - 1
        })
    }
}

impl<'a> Records<'a> {
    fn push(&mut self, record: &'a Record, group: Group, names: &'a [String]) {
        // A book of four billion records does not fit into memory.
        let at = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(record);
        self.groups.push(group);
        for name in names {
            self.bearers.entry(name).or_default().push(at);
        }
    }

    /// Those that bear any of the names, each once, in order of id.
    fn tally<'n>(&self, names: impl Iterator<Item = &'n str>) -> Tally<'a> {
        let mut found: Vec<u32> =
            names.filter_map(|name| self.bearers.get(name)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        let mut tally = Tally::default();
        for at in found {
            tally.add(self.groups[at as usize], self.all[at as usize]);
        }
        tally
    }
}

const fn group(revision: &Revision) -> Group {
    (revision.item.body.state(), revision.item.body.severity())
}
