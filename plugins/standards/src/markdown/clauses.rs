//! Finding clauses: one pass over the events of the Markdown parser, each with its place in the source.

use std::ops::Range;

use probity_sdk::Strength;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::anchor::{self, Anchors};
use crate::strength;

/// How deep lists and quotes may nest before what is in them is passed over. People stop at four.
const DEEPEST: usize = 64;

/// A document's clauses and the title it gives itself.
pub(super) struct Outline {
    pub title: Option<String>,
    pub clauses: Vec<Clause>,
}

/// A clause and where it stands.
pub(super) struct Clause {
    /// Its bytes in the source.
    pub range: Range<usize>,
    /// Its words without markup.
    pub prose: String,
    pub section: Vec<String>,
    /// Its name in the document; not yet made unique.
    pub reference: String,
    pub parent: Option<String>,
    pub strength: Strength,
}

/// Reads the body, which begins at a place of the source.
pub(super) fn outline(source: &str, body: usize) -> Outline {
    let options = Options::ENABLE_TABLES | Options::ENABLE_HEADING_ATTRIBUTES;
    let parser = Parser::new_ext(&source[body..], options).into_offset_iter();
    let mut walk = Walk { source, ..Walk::default() };
    for (event, range) in parser {
        walk.event(event, range.start + body..range.end + body);
    }
    Outline { title: walk.title, clauses: walk.clauses }
}

/// A heading above the place at hand.
struct Heading {
    level: HeadingLevel,
    title: String,
    anchor: String,
    /// Clauses below it so far that have no anchor of their own.
    unnamed: usize,
}

/// A block of text that may be a clause: a paragraph, the text of a list item, a table row.
#[derive(Default)]
struct Block {
    range: Option<Range<usize>>,
    /// Words outside of code.
    prose: String,
    anchor: Option<String>,
}

/// A clause that announces more: its reference and strength.
#[derive(Clone)]
struct Lead {
    reference: String,
    strength: Strength,
}

/// A list or an item that is open.
enum Frame {
    List {
        lead: Option<Lead>,
    },
    /// An item; the reference of its clause, once it is known.
    Item {
        reference: Option<String>,
    },
}

#[derive(Default)]
struct Walk<'a> {
    source: &'a str,
    title: Option<String>,
    clauses: Vec<Clause>,
    headings: Vec<Heading>,
    anchors: Anchors,
    /// The heading being read: its level, written anchor and text.
    heading: Option<(HeadingLevel, Option<String>, String)>,
    frames: Vec<Frame>,
    block: Block,
    /// A clause that ended with a colon, until the next block.
    announced: Option<Lead>,
    /// Open quotes, code blocks and the like, whose text is not the document's own.
    foreign: usize,
}

impl Walk<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(end) => self.end(end, range),
            Event::Text(text) => self.text(&text, range),
            // Code stands in the quote, but its words ask for nothing.
            Event::Code(code) => match &mut self.heading {
                Some((_, _, title)) => title.push_str(&code),
                None => self.cover(range),
            },
            Event::SoftBreak | Event::HardBreak => {
                self.block.prose.push(' ');
                if let Some((_, _, title)) = &mut self.heading {
                    title.push(' ');
                }
            }
            Event::InlineHtml(html) => {
                let found = anchor::in_html(&html);
                match &mut self.heading {
                    Some((_, written, _)) => *written = written.take().or(found),
                    None => self.block.anchor = self.block.anchor.take().or(found),
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.flush();
                self.announced = None;
                self.heading = Some((level, id.map(|id| id.to_string()), String::new()));
            }
            Tag::List(_) => {
                self.flush();
                let lead = self.announced.take().or_else(|| self.enclosing_lead());
                self.frames.push(Frame::List { lead });
            }
            Tag::Item => {
                self.flush();
                self.frames.push(Frame::Item { reference: None });
            }
            Tag::Paragraph | Tag::TableRow => {
                self.flush();
                self.announced = None;
            }
            Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::TableHead
            | Tag::FootnoteDefinition(_) => {
                self.flush();
                self.announced = None;
                self.foreign += 1;
            }
            // Emphasis, links and the like belong to the block with their markup.
            _ => self.cover(range),
        }
    }

    fn end(&mut self, end: TagEnd, range: Range<usize>) {
        match end {
            TagEnd::Heading(_) => self.close_heading(),
            TagEnd::Paragraph => self.flush(),
            // Words of two cells are two words.
            TagEnd::TableCell => self.block.prose.push(' '),
            TagEnd::TableRow => {
                self.cover(range);
                self.flush();
            }
            TagEnd::Item | TagEnd::List(_) => {
                self.flush();
                self.frames.pop();
                self.announced = None;
            }
            TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::HtmlBlock
            | TagEnd::TableHead
            | TagEnd::FootnoteDefinition => {
                self.block = Block::default();
                self.foreign = self.foreign.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if let Some((_, _, title)) = &mut self.heading {
            title.push_str(text);
            return;
        }
        self.block.prose.push_str(text);
        self.cover(range);
    }

    /// The block reaches over a place of the source.
    fn cover(&mut self, range: Range<usize>) {
        if self.heading.is_some() {
            return;
        }
        self.block.range = Some(match self.block.range.take() {
            Some(held) => held.start.min(range.start)..held.end.max(range.end),
            None => range,
        });
    }

    fn close_heading(&mut self) {
        let Some((level, written, title)) = self.heading.take() else { return };
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        if level == HeadingLevel::H1 && self.title.is_none() && !title.is_empty() {
            self.title = Some(title.clone());
        }
        self.headings.retain(|above| above.level < level);
        let anchor = self.anchors.of(written, &title);
        self.headings.push(Heading { level, title, anchor, unnamed: 0 });
    }

    /// What the innermost list was announced by.
    fn enclosing_lead(&self) -> Option<Lead> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::List { lead } => Some(lead.clone()),
            Frame::Item { .. } => None,
        })?
    }

    /// The block is complete: it becomes a clause if it asks for something.
    fn flush(&mut self) {
        let block = std::mem::take(&mut self.block);
        let Some(range) = block.range else { return };
        if self.foreign > 0 || self.frames.len() > DEEPEST {
            return;
        }
        let lead = match self.frames.last() {
            Some(Frame::Item { reference: None }) => self.enclosing_lead(),
            _ => None,
        };
        let own = strength::of(&block.prose);
        let Some(strength) = own.or(lead.as_ref().map(|lead| lead.strength)) else { return };
        let quoted = self.source[range.clone()].trim_end();
        if quoted.is_empty() {
            return;
        }
        let range = range.start..range.start + quoted.len();
        let reference = block.anchor.or_else(|| anchor::trailing(quoted)).unwrap_or_else(|| self.next_name());
        let parent = self.parent().or(lead.map(|lead| lead.reference));
        if quoted.ends_with(':') {
            self.announced = Some(Lead { reference: reference.clone(), strength });
        }
        if let Some(Frame::Item { reference: held @ None }) = self.frames.last_mut() {
            *held = Some(reference.clone());
        }
        let section = self.headings.iter().map(|heading| heading.title.clone()).collect();
        self.clauses.push(Clause { range, prose: block.prose, section, reference, parent, strength });
    }

    /// The clause of the innermost item around the place, if it has one.
    fn parent(&self) -> Option<String> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Item { reference } => reference.clone(),
            Frame::List { .. } => None,
        })
    }

    /// `shared-credentials.2`
    fn next_name(&mut self) -> String {
        match self.headings.last_mut() {
            Some(heading) => {
                heading.unnamed += 1;
                format!("{}.{}", heading.anchor, heading.unnamed)
            }
            None => format!("top.{}", self.clauses.len() + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `reference | strength | parent | quoted text`, one line a clause.
    fn clauses(source: &str) -> Vec<String> {
        outline(source, 0)
            .clauses
            .iter()
            .map(|clause| {
                let parent = clause.parent.as_deref().unwrap_or("-");
                format!(
                    "{} | {:?} | {parent} | {}",
                    clause.reference,
                    clause.strength,
                    &source[clause.range.clone()]
                )
            })
            .collect()
    }

    #[test]
    fn items_paragraphs_and_rows_with_a_word_in_capitals_are_clauses() {
        assert_eq!(
            clauses(
                "# Standard\n\nServices MUST be **owned**.\n\nThis is background.\n\n## Rotation\n\n\
                 - Keys MUST rotate\n  every 30 days.\n- Just talk.\n\n1. Logs `MUST` be kept.\n2. Owners SHOULD *agree*.\n\n\
                 | what | rule |\n|---|---|\n| MUST head | x |\n| idle | MAY stay |\n"
            ),
            [
                "standard.1 | Strength::Must | - | Services MUST be **owned**.",
                "rotation.1 | Strength::Must | - | Keys MUST rotate\n  every 30 days.",
                "rotation.2 | Strength::Should | - | Owners SHOULD *agree*.",
                "rotation.3 | Strength::Must | - | | MUST head | x |",
                "rotation.4 | Strength::May | - | | idle | MAY stay |",
            ]
        );
    }

    #[test]
    fn what_a_clause_announces_with_a_colon_belongs_to_it() {
        assert_eq!(
            clauses(
                "## Use\n\nA service MUST:\n\n- have an owner\n- rotate:\n  - keys\n  - MAY rotate more\n\nAfterwards.\n\n- not asked\n"
            ),
            [
                "use.1 | Strength::Must | - | A service MUST:",
                "use.2 | Strength::Must | use.1 | have an owner",
                "use.3 | Strength::Must | use.1 | rotate:",
                "use.4 | Strength::Must | use.3 | keys",
                "use.5 | Strength::May | use.3 | MAY rotate more",
            ]
        );
    }

    #[test]
    fn written_anchors_name_clauses_and_headings() {
        assert_eq!(
            clauses(
                "## Sharing {#sec-4}\n\n- One MUST NOT share. {#no-sharing}\n- <a id=\"own\"></a>One MUST own.\n- It MUST end.\n"
            ),
            [
                "no-sharing | Strength::MustNot | - | One MUST NOT share. {#no-sharing}",
                "own | Strength::Must | - | One MUST own.",
                "sec-4.1 | Strength::Must | - | It MUST end.",
            ]
        );
    }

    #[test]
    fn examples_and_quotes_are_not_clauses() {
        let none: [&str; 0] = [];
        assert_eq!(
            clauses(
                "```\nYou MUST\n```\n\n    Indented MUST\n\n> They MUST\n\n<div>\nYou MUST\n</div>\n\n- > quoted MUST\n"
            ),
            none
        );
    }

    #[test]
    fn sections_are_the_headings_above() {
        let source = "# A\n\n## B\n\nx MUST\n\n### C\n\ny MUST\n\n## B\n\nz MUST\n";
        let sections: Vec<String> =
            outline(source, 0).clauses.iter().map(|clause| clause.section.join(" / ")).collect();
        assert_eq!(sections, ["A / B", "A / B / C", "A / B"]);
        assert_eq!(outline(source, 0).clauses[2].reference, "b-1.1");
        assert_eq!(outline(source, 0).title.as_deref(), Some("A"));
    }

    #[test]
    fn hostile_documents_end() {
        for source in [
            "> ".repeat(20_000),
            "- ".repeat(20_000),
            "[".repeat(50_000),
            "*a ".repeat(30_000),
            "|".repeat(20_000),
        ] {
            let source = format!("{source} MUST");
            assert!(outline(&source, 0).clauses.len() < 2);
        }
    }
}
