//! Markdown standards (CommonMark with tables): clauses, where they stand, and what the document says of itself.
//!
//! A clause is a list item, a paragraph or a table row with a word of RFC 2119 in capitals. Where a clause ends with a
//! colon, the items of the list after it belong to it and ask as strongly, whether or not they repeat the word.
//! Code, raw HTML and block quotes are not clauses: what stands in them is an example or somebody else's text.
//!
//! A clause is named by an anchor written behind it (`{#no-sharing}`), or else by its heading's anchor and its
//! number below it (`shared-credentials.2`). The first kind survives every edit and is worth writing.

mod anchor;
mod clauses;
mod front_matter;
mod lines;

use probity_sdk::prelude::*;
use probity_sdk::{CapturedFile, Document};

use self::clauses::{Clause, Outline};
use self::front_matter::FrontMatter;
use self::lines::Lines;
use crate::sink::{self, Sink};
use crate::{Class, Config};

/// The longest document that is read. Standards are written by people; a larger file is something else.
const LONGEST: usize = 4 << 20;

/// Reads a document into a sink; `false` when the page is full before its end.
pub(crate) fn read(file: &CapturedFile, sink: &mut Sink<'_>) -> Result<bool> {
    if file.bytes.len() > LONGEST {
        return Err(Failure::too_large(format_args!(
            "{} bytes of Markdown; at most {LONGEST} are read: exclude the file or split it",
            file.bytes.len()
        )));
    }
    let text = std::str::from_utf8(&file.bytes).map_err(|error| {
        Failure::shape(format_args!("byte {} is not UTF-8: save the file as UTF-8", error.valid_up_to()))
    })?;
    let (front, body) = front_matter::split(text);
    let front = front.map(FrontMatter::parse).transpose().unwrap_or_else(|failure| {
        // The clauses stand there all the same; only what the document says of itself is not known.
        sink.gap(&file.path, failure);
        None
    });
    let front = front.unwrap_or_default();
    let outline = clauses::outline(text, body);
    let paper = Paper::new(file, sink, &front, &outline);
    let lines = Lines::of(text);
    for clause in &outline.clauses {
        let named = sink.unique(&clause.reference);
        if !sink.offer(|| paper.item(clause, named, text, &lines)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A document, as its clauses need it.
struct Paper {
    document: Document,
    path: String,
    class: Class,
    subjects: Vec<String>,
    source_time: Option<Instant>,
    labels: Vec<(&'static str, String)>,
    capture: u32,
}

impl Paper {
    fn new(file: &CapturedFile, sink: &mut Sink<'_>, front: &FrontMatter, outline: &Outline) -> Self {
        let config: &Config = sink.config;
        let class =
            front.class.as_deref().and_then(Class::named).unwrap_or_else(|| config.class_of(&file.path));
        let mut subjects = config.subjects.clone();
        subjects.extend(front.subjects.iter().cloned());
        let document = Document {
            id: front.id.clone().unwrap_or_else(|| file.path.clone()),
            title: front.title.clone().or_else(|| outline.title.clone()).unwrap_or_else(|| file.path.clone()),
            version: front.version.clone(),
            status: front.status.clone(),
            owner: front.owner.clone(),
            modified: front.updated.map(Into::into),
            review_due: front.review_due().map(Into::into),
        };
        for problem in front.problems(Class::named) {
            sink.gap(&file.path, problem);
        }
        let labels = front.supersedes.iter().map(|other| ("supersedes", other.clone())).collect();
        Self {
            document,
            path: file.path.clone(),
            class,
            subjects,
            source_time: front.updated.or(front.last_reviewed.and_then(Date::start)),
            labels,
            capture: file.capture,
        }
    }

    fn item(&self, clause: &Clause, reference: String, text: &str, lines: &Lines) -> Item {
        let quoted = &text[clause.range.clone()];
        let (first, last) = lines.around(&clause.range);
        let heading = clause.section.last().map_or(self.document.title.as_str(), String::as_str);
        let title = format!("{heading}: {}", sink::excerpt(&clause.prose, 120));
        let body = Requirement {
            class: self.class.into(),
            document: self.document.clone(),
            section: clause.section.clone(),
            reference,
            text: quoted.to_owned(),
            resolved: None,
            strength: clause.strength,
            parent: clause.parent.clone(),
            parameters: Vec::new(),
        };
        let id = sink::id(&self.path, &body.reference);
        let item = Item::new(id, title, body)
            .summary(format!("{}, lines {first} to {last} of {}", self.document.title, self.path))
            .subjects(&self.subjects)
            .source_time(self.source_time)
            .cite(Citation::lines(self.capture, first, last));
        self.labels.iter().fold(item, |item, (name, value)| item.label(*name, value))
    }
}
