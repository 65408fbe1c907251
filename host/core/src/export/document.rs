//! A document: parts, blocks and inline text, not yet Markdown or HTML.
//!
//! Only what the package needs. Strings are plain text, whoever they come from; making them harmless is the renderers' work,
//! done in one place each.
//!
//! Deliberately absent: raw passages in either language.

use crate::instant::Instant;

/// A document.
pub struct Document {
    pub title: String,
    /// What kind of document it is: above the title.
    pub kind: &'static str,
    /// Beside the title.
    pub marks: Vec<Inline>,
    /// Below it.
    pub facts: Vec<Fact>,
    pub parts: Vec<Part>,
    /// The last line.
    pub colophon: Vec<Inline>,
}

/// A part with a heading.
pub struct Part {
    /// The heading, which others can link to where it is a name (`claim-7`).
    pub heading: String,
    pub marks: Vec<Inline>,
    pub blocks: Vec<Block>,
    pub parts: Vec<Part>,
}

/// A label and what it says.
pub struct Fact {
    pub label: &'static str,
    pub says: Vec<Inline>,
}

/// A block.
pub enum Block {
    Text(Vec<Inline>),
    /// Somebody's words as they are, with a line that says whose.
    Words {
        text: String,
        source: Vec<Inline>,
        tone: Tone,
    },
    Facts(Vec<Fact>),
    List(Vec<Vec<Inline>>),
    Table(Table),
}

/// A table.
pub struct Table {
    pub caption: &'static str,
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<Vec<Inline>>>,
}

/// A piece of a line.
pub enum Inline {
    Text(String),
    Strong(String),
    /// A name, a digest, a quoted value.
    Code(String),
    /// A word that says how something stands.
    Mark(Tone, String),
    Time(Instant),
    /// To the part whose heading it is.
    Link(String),
    /// A new line within a cell or a paragraph.
    Break,
}

/// How something stands, for who reads with their eyes; the words say it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Good,
    Bad,
    Warn,
    Plain,
}

impl Part {
    pub fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), marks: Vec::new(), blocks: Vec::new(), parts: Vec::new() }
    }

    pub fn mark(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.marks.push(Inline::Mark(tone, text.into()));
        self
    }

    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    pub fn part(mut self, part: Self) -> Self {
        self.parts.push(part);
        self
    }

    /// What links to it name: lower case, `-` for everything that is neither letter nor digit.
    pub fn anchor(&self) -> String {
        anchor(&self.heading)
    }
}

/// A heading's anchor, as renderers of Markdown make it too.
pub fn anchor(heading: &str) -> String {
    let dash = |character: char| {
        if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' }
    };
    heading.chars().map(dash).collect()
}

impl Tone {
    /// The word for it in class names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Plain => "plain",
        }
    }
}

/// A fact.
pub fn fact(label: &'static str, says: impl IntoLine) -> Fact {
    Fact { label, says: says.into_line() }
}

/// Text.
pub fn text(text: impl Into<String>) -> Inline {
    Inline::Text(text.into())
}

/// A name or a value.
pub fn code(text: impl ToString) -> Inline {
    Inline::Code(text.to_string())
}

/// A link to a part.
pub fn link(heading: impl ToString) -> Inline {
    Inline::Link(heading.to_string())
}

/// What can stand on a line.
pub trait IntoLine {
    fn into_line(self) -> Vec<Inline>;
}

impl IntoLine for Vec<Inline> {
    fn into_line(self) -> Vec<Inline> {
        self
    }
}

impl IntoLine for Inline {
    fn into_line(self) -> Vec<Inline> {
        vec![self]
    }
}

impl IntoLine for &str {
    fn into_line(self) -> Vec<Inline> {
        vec![Inline::Text(self.to_owned())]
    }
}

impl IntoLine for String {
    fn into_line(self) -> Vec<Inline> {
        vec![Inline::Text(self)]
    }
}

impl IntoLine for Instant {
    fn into_line(self) -> Vec<Inline> {
        vec![Inline::Time(self)]
    }
}

/// Several lines of words on one, with a comma between.
pub fn listed(items: impl IntoIterator<Item = Inline>) -> Vec<Inline> {
    let mut line = Vec::new();
    for item in items {
        if !line.is_empty() {
            line.push(text(", "));
        }
        line.push(item);
    }
    line
}

/// An instant as people write it: to the minute, to the second where there are seconds.
pub fn moment(at: Instant) -> String {
    let written = at.to_string();
    let Some((day, time)) = written.trim_end_matches('Z').split_once('T') else { return written };
    let time = time.split('.').next().unwrap_or(time);
    let time = time.strip_suffix(":00").unwrap_or(time);
    format!("{day} {time} UTC")
}
