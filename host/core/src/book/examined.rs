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
use super::tally::{Place, Tally};
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
    places: BTreeMap<&'a ConnectionName, BTreeMap<Kind, Records<'a>>>,
    /// The first record of a connection that has no revision, so that nobody can say what it was.
    hollow: BTreeMap<&'a ConnectionName, &'a Record>,
}

#[derive(Debug, Default)]
struct Records<'a> {
    all: Vec<&'a Record>,
    /// Looked up and never walked, so its order shows nowhere.
    by_name: HashMap<&'a str, Vec<&'a Record>>,
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
            let mut about: Vec<&'a Record> = records
                .into_iter()
                .flat_map(|records| {
                    self.subjects.names(subject).filter_map(|name| records.by_name.get(name)).flatten()
                })
                .copied()
                .collect();
            // A record may bear several names that mean the subject, or one of them twice.
            about.sort_by_key(|record| &record.id);
            about.dedup_by_key(|record| &record.id);
            Rc::new(Tally::of(about))
        });
        Rc::clone(tally)
    }

    fn records(&self, connection: &ConnectionName, kind: Kind) -> Option<&Records<'a>> {
        self.index().places.get(connection)?.get(&kind)
    }

    fn index(&self) -> &Index<'a> {
        self.index.get_or_init(|| Index::of(self.book))
    }
}

impl<'a> Index<'a> {
    fn of(book: &'a Book) -> Self {
        let mut index = Self::default();
        for record in book.records.values().filter(|record| !record.absent) {
            let Some(newest) = record.newest() else {
                index.hollow.entry(&record.connection).or_insert(record);
                continue;
            };
            let place = index.place(&record.connection, newest.item.kind());
            place.all.push(record);
            for name in &newest.item.subjects {
                place.by_name.entry(name).or_default().push(record);
            }
        }
        index
    }

    fn place(&mut self, connection: &'a ConnectionName, kind: Kind) -> &mut Records<'a> {
        self.places.entry(connection).or_default().entry(kind).or_default()
    }
}
