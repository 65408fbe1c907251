//! Places inside captures: which bytes a citation names.
//!
//! A citation is worth what a reader can check, so a locator always comes down to a range of the captured bytes
//! themselves. JSON is walked in the raw text and no value is ever parsed: what is quoted is what was sent, with
//! its spaces and its way to write a number.
//!
//! Captures are hostile. Nesting of any depth is walked without recursion, a pointer has at most
//! [`crate::pointer::MAX_DEPTH`] steps, and each container is expanded at most once, so any number of pointers
//! into one capture costs a few passes over it.
//!
//! Deliberately absent: locators for other formats, and guessing what was meant.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::canonical::Digest;
use crate::evidence::Locator;
use crate::pointer::{self, BadPointer};
use crate::text::excerpt;

/// Captured bytes in which places are looked up.
#[derive(Debug)]
pub struct Captured<'a> {
    bytes: &'a [u8],
    text: Option<Result<&'a str, NotLocated>>,
    document: Option<Result<Span, NotLocated>>,
    /// Expanded containers by where they start.
    containers: BTreeMap<u32, Container<'a>>,
    /// Where each line starts and ends, without its line end.
    lines: Option<Vec<Span>>,
}

/// What a locator names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote<'a> {
    pub range: Range<usize>,
    pub bytes: &'a [u8],
    pub digest: Digest,
}

/// Why a locator names no place in a capture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotLocated {
    #[error("the capture is not UTF-8 text from byte {at} on; cite it whole")]
    NotText { at: usize },
    #[error("the capture is not JSON ({0}); cite lines or all of it")]
    NotJson(String),
    #[error(transparent)]
    Pointer(BadPointer),
    #[error("`{pointer}` names nothing: there is no `{step}`")]
    Missing { pointer: String, step: String },
    #[error("`{pointer}` names nothing: what should hold `{step}` is neither an object nor an array")]
    Inside { pointer: String, step: String },
    #[error("`{pointer}` names nothing: `{step}` is not an index; write digits without a leading zero")]
    Index { pointer: String, step: String },
    #[error("`{pointer}` names two things: the key `{step}` stands twice in its object")]
    Ambiguous { pointer: String, step: String },
    #[error("lines {first} to {last} are no range; lines count from 1 and the first is not after the last")]
    LineOrder { first: u32, last: u32 },
    #[error("line {last} is beyond the end; the capture has {lines} lines")]
    LineMissing { last: u32, lines: usize },
}

impl NotLocated {
    /// The error's stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotText { .. } => "locate.not-text",
            Self::NotJson(_) => "locate.not-json",
            Self::Pointer(_) => "locate.pointer",
            Self::Missing { .. } | Self::Inside { .. } => "locate.missing",
            Self::Index { .. } => "locate.index",
            Self::Ambiguous { .. } => "locate.ambiguous",
            Self::LineOrder { .. } | Self::LineMissing { .. } => "locate.lines",
        }
    }
}

/// A range of the capture. 32 bits keep the index of a large array small; larger captures are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

/// What a value holds.
#[derive(Debug)]
enum Container<'a> {
    /// Sorted by key; the values of one key keep their order.
    Object(Vec<(Cow<'a, str>, Span)>),
    Array(Vec<Span>),
    Scalar,
}

impl<'a> Captured<'a> {
    /// Some captured bytes. Nothing is read before a place is asked for.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, text: None, document: None, containers: BTreeMap::new(), lines: None }
    }

    /// The range of bytes a locator names. A JSON value is named without the whitespace around it; lines are
    /// named with the line ends between them and without the last one's.
    pub fn locate(&mut self, locator: &Locator) -> Result<Range<usize>, NotLocated> {
        match locator {
            Locator::Whole => Ok(0..self.bytes.len()),
            Locator::Pointer { pointer } => self.locate_pointer(pointer).map(Span::range),
            Locator::Lines { first, last } => self.locate_lines(*first, *last),
        }
    }

    /// The bytes a locator names, with their digest.
    pub fn quote(&mut self, locator: &Locator) -> Result<Quote<'a>, NotLocated> {
        let range = self.locate(locator)?;
        let bytes = &self.bytes[range.clone()];
        Ok(Quote { range, bytes, digest: Digest::of(bytes) })
    }

    fn locate_pointer(&mut self, pointer: &str) -> Result<Span, NotLocated> {
        let steps = pointer::steps(pointer).map_err(NotLocated::Pointer)?;
        let mut span = self.document()?;
        for step in &steps {
            let found = self.container(span)?.step(step);
            span = found.map_err(|problem| problem.explain(pointer, step))?;
        }
        Ok(span)
    }

    fn locate_lines(&mut self, first: u32, last: u32) -> Result<Range<usize>, NotLocated> {
        if first == 0 || first > last {
            return Err(NotLocated::LineOrder { first, last });
        }
        if self.lines.is_none() {
            self.lines = Some(lines(self.text()?));
        }
        let lines = self.lines.as_deref().unwrap_or_default();
        let line = |number: u32| lines.get(number as usize - 1);
        match (line(first), line(last)) {
            (Some(first), Some(last)) => Ok(first.start as usize..last.end as usize),
            _ => Err(NotLocated::LineMissing { last, lines: lines.len() }),
        }
    }

    fn text(&mut self) -> Result<&'a str, NotLocated> {
        let bytes = self.bytes;
        let read = || match std::str::from_utf8(bytes) {
            Ok(text) if u32::try_from(text.len()).is_ok() => Ok(text),
            Ok(_) => Err(NotLocated::NotJson("it is larger than 4 GiB".to_owned())),
            Err(problem) => Err(NotLocated::NotText { at: problem.valid_up_to() }),
        };
        self.text.get_or_insert_with(read).clone()
    }

    /// The document's one value: checked once to be JSON to its end.
    fn document(&mut self) -> Result<Span, NotLocated> {
        let text = self.text()?;
        let read = || match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => Ok(Span::of(raw.get(), text)),
            Err(problem) => Err(not_json(&problem)),
        };
        self.document.get_or_insert_with(read).clone()
    }

    fn container(&mut self, span: Span) -> Result<&Container<'a>, NotLocated> {
        let text = self.text()?;
        match self.containers.entry(span.start) {
            std::collections::btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::btree_map::Entry::Vacant(new) => {
                let container =
                    Container::expand(&text[span.range()], text).map_err(|problem| not_json(&problem))?;
                Ok(new.insert(container))
            }
        }
    }
}

impl Span {
    /// Where a part of a text is; `part` must be borrowed from `text`, which is at most 4 GiB long.
    fn of(part: &str, text: &str) -> Self {
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        Self::new(start, start + part.len())
    }

    #[expect(clippy::cast_possible_truncation, reason = "texts longer than u32::MAX are refused when read")]
    const fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Why a step leads nowhere.
enum DeadEnd {
    Missing,
    Inside,
    Index,
    Ambiguous,
}

impl DeadEnd {
    fn explain(self, pointer: &str, step: &str) -> NotLocated {
        let (pointer, step) = (excerpt(pointer, 200), excerpt(step, 80));
        match self {
            Self::Missing => NotLocated::Missing { pointer, step },
            Self::Inside => NotLocated::Inside { pointer, step },
            Self::Index => NotLocated::Index { pointer, step },
            Self::Ambiguous => NotLocated::Ambiguous { pointer, step },
        }
    }
}

impl<'a> Container<'a> {
    /// Lists what a value holds, one level deep. Deeper levels are skipped over without recursion.
    fn expand(value: &'a str, text: &'a str) -> Result<Self, serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_str(value);
        match value.as_bytes().first() {
            Some(b'{') => reader.deserialize_map(Expand(text)),
            Some(b'[') => reader.deserialize_seq(Expand(text)),
            _ => Ok(Self::Scalar),
        }
    }

    fn step(&self, step: &str) -> Result<Span, DeadEnd> {
        match self {
            Self::Object(members) => {
                let at = members.partition_point(|(key, _)| key.as_ref() < step);
                let is_it = |member: &&(Cow<'a, str>, Span)| member.0 == step;
                let (_, span) = members.get(at).filter(is_it).ok_or(DeadEnd::Missing)?;
                match members.get(at + 1).filter(is_it) {
                    Some(_) => Err(DeadEnd::Ambiguous),
                    None => Ok(*span),
                }
            }
            Self::Array(elements) => {
                let plain = step == "0" || !step.starts_with('0');
                let digits = (1..=10).contains(&step.len()) && step.bytes().all(|byte| byte.is_ascii_digit());
                let index: Option<usize> = step.parse().ok().filter(|_| plain && digits);
                elements.get(index.ok_or(DeadEnd::Index)?).copied().ok_or(DeadEnd::Missing)
            }
            Self::Scalar => Err(DeadEnd::Inside),
        }
    }
}

/// Collects a container's members or elements as places in the text.
struct Expand<'a>(&'a str);

/// A key, borrowed from the text unless it has escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Visitor<'a> for Expand<'a> {
    type Value = Container<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(Key(key)) = map.next_key()? {
            let value: &'a RawValue = map.next_value()?;
            members.push((key, Span::of(value.get(), self.0)));
        }
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Container::Object(members))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(value) = seq.next_element::<&'a RawValue>()? {
            elements.push(Span::of(value.get(), self.0));
        }
        Ok(Container::Array(elements))
    }
}

/// Lines as `wit/v0_1` counts them: `\n` ends a line, a `\r` before it belongs to the line end, and what
/// follows the last `\n` is a line only if there is something.
fn lines(text: &str) -> Vec<Span> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let shown = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        lines.push(Span::new(start, start + shown.len()));
        start += line.len();
    }
    lines
}

fn not_json(problem: &serde_json::Error) -> NotLocated {
    NotLocated::NotJson(excerpt(&problem.to_string(), 120))
}

#[cfg(test)]
mod tests;
