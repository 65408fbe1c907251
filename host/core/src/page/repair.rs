//! Bad data: what a source can do to an honest connector, and what is done about it.
//!
//! Texts are escaped and cut, what has no meaning is dropped, an item with a number that has no canonical form
//! is left out; whatever was done is told as a gap, one an item. All of it depends on the page alone, and
//! doing it again changes nothing, so replay comes to the same bytes.
//!
//! One thing is done in silence: a line end written `\r\n` becomes `\n` where lines are kept. That is how
//! many trackers store text, and nothing is lost by it.

use std::collections::BTreeSet;

use super::{Gap, Limits};
use crate::canonical::{self, MAX_SAFE_INTEGER};
use crate::connector::{Failure, FailureKind};
use crate::evidence::{Item, Leaf, Leaves as _};
use crate::id::Subject;
use crate::text::{excerpt, is_hidden, is_plain_line, is_web_address, push_escape, thousands};

/// The most characters or dropped values that one gap names; the rest is counted.
const NAMED: usize = 8;

/// Room for the mark at the end of a cut text.
const MARK: usize = 64;

/// An item after repair.
pub(super) struct Repaired {
    /// `None` when it is left out.
    pub(super) item: Option<Item>,
    pub(super) gap: Option<Gap>,
}

/// How long a text may be.
#[derive(Clone, Copy)]
enum Most {
    Chars(usize),
    Bytes(usize),
}

/// Whether a text may have line ends and tabs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Line,
    Lines,
}

/// What was done to an item.
#[derive(Default)]
struct Done {
    /// Fields with hidden characters, and which those were.
    revealed: usize,
    hidden: BTreeSet<char>,
    cut: usize,
    /// Values that were left out, in words.
    dropped: Vec<String>,
}

/// Repairs an item, or leaves it out.
pub(super) fn item(mut item: Item, limits: &Limits) -> Repaired {
    if let Some(problem) = left_out(&mut item) {
        return leave_out(&item, &problem, limits);
    }
    let mut done = Done::default();
    done.text(&mut item.title, Form::Line, Most::Chars(limits.title_chars));
    done.text(&mut item.summary, Form::Lines, Most::Chars(limits.summary_chars));
    let most = Most::Bytes(limits.text_bytes);
    for (name, value) in &mut item.labels {
        done.text(name, Form::Line, most);
        done.text(value, Form::Line, most);
    }
    if let Some(exposure) = &mut item.exposure {
        done.text(exposure, Form::Lines, most);
    }
    item.body.leaves(&mut |leaf| {
        if let Leaf::Text(text) = leaf {
            done.text(text, Form::Lines, most);
        }
    });
    done.url(&mut item.url);
    done.subjects(&mut item.subjects);
    let gap = done.told().map(|what| gap(&item, done.subject(&item), &what, limits));
    Repaired { item: Some(item), gap }
}

/// The gap for an item whose values have no canonical form.
pub(super) fn leave_out(item: &Item, problem: &str, limits: &Limits) -> Repaired {
    let exposed = if item.exposure.is_some() { " (it is marked as an immediate exposure)" } else { "" };
    let what = format!("left out{exposed}: {problem}");
    Repaired { item: None, gap: Some(gap(item, sole_subject(item), &what, limits)) }
}

/// A gap that the connector told, made safe to show. What is not a subject may concern any.
pub(super) fn told_gap(gap: Gap, limits: &Limits) -> Gap {
    let Gap { subject, reason: Failure { kind, mut message } } = gap;
    let mut named = None;
    match subject {
        Some(subject) if subject.parse::<Subject>().is_ok() => named = Some(subject),
        Some(subject) => {
            message.push_str(&format!(" [told about `{}`, which is not a subject]", excerpt(&subject, 200)))
        }
        None => {}
    }
    Done::default().text(&mut message, Form::Lines, Most::Bytes(limits.message_bytes));
    Gap { subject: named, reason: Failure { kind, message } }
}

/// Why an item cannot be kept, if it cannot.
fn left_out(item: &mut Item) -> Option<String> {
    if !is_plain_line(&item.id) {
        return Some("its id has characters that nobody sees, so it could pass for another".to_owned());
    }
    let mut problem = None;
    item.leaves(&mut |leaf| match leaf {
        Leaf::Integer(number) if number > MAX_SAFE_INTEGER => problem = Some(number.to_string()),
        Leaf::Number(number) if !canonical::is_safe_number(number) => problem = Some(format!("{number:e}")),
        _ => {}
    });
    problem.map(|number| {
        format!("the number {number} is beyond 2^53 or not finite, so it would not be kept exactly")
    })
}

fn gap(item: &Item, subject: Option<String>, what: &str, limits: &Limits) -> Gap {
    let mut message = format!("{} `{}`: {what}", item.kind(), excerpt(&item.id, 200));
    Done::default().text(&mut message, Form::Line, Most::Bytes(limits.message_bytes));
    Gap { subject, reason: Failure::new(FailureKind::Shape, message) }
}

/// The one subject an item is about, when there is just one.
fn sole_subject(item: &Item) -> Option<String> {
    match item.subjects.as_slice() {
        [subject] if subject.parse::<Subject>().is_ok() => Some(subject.clone()),
        _ => None,
    }
}

impl Done {
    fn text(&mut self, text: &mut String, form: Form, most: Most) {
        if form == Form::Lines && text.contains("\r\n") {
            *text = text.replace("\r\n", "\n");
        }
        let hides = |character: &char| {
            is_hidden(*character) && !(form == Form::Lines && matches!(character, '\n' | '\t'))
        };
        let hidden =
            text.chars().filter(hides).inspect(|character| _ = self.hidden.insert(*character)).count();
        if hidden == 0 && most.fits(text) {
            return;
        }
        self.revealed += usize::from(hidden > 0);
        let (fitted, is_cut) = Piecewise { text, hides, most }.fit();
        self.cut += usize::from(is_cut);
        *text = fitted;
    }

    fn url(&mut self, url: &mut Option<String>) {
        if let Some(text) = url.take_if(|text| !is_web_address(text)) {
            // What stands before an `@` may be a password, so the address itself is not repeated.
            let scheme = text.split(':').next().unwrap_or_default();
            self.dropped
                .push(format!("a url that is no plain http(s) address (`{}:…`)", excerpt(scheme, 20)));
        }
    }

    fn subjects(&mut self, subjects: &mut Vec<String>) {
        subjects.retain(|subject| {
            let is_subject = subject.parse::<Subject>().is_ok();
            if !is_subject {
                self.dropped
                    .push(format!("`{}`, which is not a subject (`type:name`)", excerpt(subject, 80)));
            }
            is_subject
        });
    }

    /// The one subject the gap concerns; a dropped one may have been any.
    fn subject(&self, item: &Item) -> Option<String> {
        if self.dropped.is_empty() { sole_subject(item) } else { None }
    }

    /// What was done, in words; `None` when nothing was.
    fn told(&self) -> Option<String> {
        let fields = |count: usize| if count == 1 { "1 field".to_owned() } else { format!("{count} fields") };
        let mut told = Vec::new();
        if self.revealed > 0 {
            let points = self.hidden.iter().map(|character| format!("U+{:04X}", u32::from(*character)));
            told.push(format!(
                "hidden characters written out in {} ({})",
                fields(self.revealed),
                named(points)
            ));
        }
        if self.cut > 0 {
            told.push(format!("{} cut", fields(self.cut)));
        }
        if !self.dropped.is_empty() {
            told.push(format!("dropped {}", named(self.dropped.iter().cloned())));
        }
        if told.is_empty() { None } else { Some(told.join("; ")) }
    }
}

/// The first few of many, and how many more there are.
fn named(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(NAMED);
    let mut text = all.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {} more", thousands(more)));
    }
    text
}

impl Most {
    fn fits(self, text: &str) -> bool {
        match self {
            Self::Chars(most) => text.len() <= most || text.chars().count() <= most,
            Self::Bytes(most) => text.len() <= most,
        }
    }

    fn length(self, piece: &str) -> usize {
        match self {
            Self::Chars(_) => piece.chars().count(),
            Self::Bytes(_) => piece.len(),
        }
    }

    const fn count(self) -> usize {
        match self {
            Self::Chars(most) | Self::Bytes(most) => most,
        }
    }
}

/// A text rewritten character by character, so that neither a character nor an escape is ever cut in two.
struct Piecewise<'a, F> {
    text: &'a str,
    hides: F,
    most: Most,
}

impl<F: Fn(&char) -> bool> Piecewise<'_, F> {
    /// The text with its hidden characters written out, and whether it had to be cut.
    fn fit(&self) -> (String, bool) {
        let (whole, _) = self.written(usize::MAX);
        if self.most.fits(&whole) {
            return (whole, false);
        }
        let (mut fitted, kept) = self.written(self.most.count().saturating_sub(MARK));
        let all = self.text.chars().count();
        fitted.push_str(&format!("… [cut: {} of {} characters kept]", thousands(kept), thousands(all)));
        (fitted, true)
    }

    /// As much of the text as there is room for, and how many of its characters that is.
    fn written(&self, room: usize) -> (String, usize) {
        let (mut text, mut length) = (String::with_capacity(self.text.len().min(room)), 0);
        for (kept, character) in self.text.chars().enumerate() {
            let before = text.len();
            if (self.hides)(&character) {
                push_escape(character, &mut text);
            } else {
                text.push(character);
            }
            length += self.most.length(&text[before..]);
            if length > room {
                text.truncate(before);
                return (text, kept);
            }
        }
        let all = self.text.chars().count();
        (text, all)
    }
}
