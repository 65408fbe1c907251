//! A document as Markdown (CommonMark with tables).
//!
//! Texts are escaped so that none is read as anything but text: no heading, list, table, link, HTML or code that a passage's words
//! look like comes into being. Names and values stand in code spans with a fence longer than any run of backticks inside.
//! The renderer writes no HTML itself.

use std::fmt::Write as _;

use super::document::{Block, Document, Fact, Inline, Part, Table, anchor, moment};
use crate::text::reveal;

/// The document.
pub fn write(document: &Document) -> String {
    let mut out = format!("# {}\n\n", escape(&document.title));
    let _ = writeln!(out, "*{}*{}\n", escape(document.kind), marks(&document.marks));
    facts(&document.facts, &mut out);
    out.push_str("## Contents\n\n");
    for part in &document.parts {
        let _ = writeln!(out, "- [{}](#{})", escape(&part.heading), part.anchor());
    }
    out.push('\n');
    for part in &document.parts {
        write_part(part, 2, &mut out);
    }
    let _ = writeln!(out, "---\n\n{}", line(&document.colophon, false));
    out
}

fn write_part(part: &Part, level: usize, out: &mut String) {
    let _ = writeln!(out, "{} {}\n", "#".repeat(level), escape(&part.heading));
    if !part.marks.is_empty() {
        let _ = writeln!(out, "{}\n", marks(&part.marks).trim_start_matches(" · "));
    }
    for block in &part.blocks {
        write_block(block, out);
    }
    for part in &part.parts {
        write_part(part, level + 1, out);
    }
}

fn write_block(block: &Block, out: &mut String) {
    match block {
        Block::Text(inlines) => {
            let _ = writeln!(out, "{}\n", line(inlines, false));
        }
        Block::Words { text, source, .. } => {
            quote(text, out);
            let _ = writeln!(out, "{}\n", line(source, false));
        }
        Block::Facts(list) => facts(list, out),
        Block::List(items) => {
            for item in items {
                let _ = writeln!(out, "- {}", line(item, false));
            }
            out.push('\n');
        }
        Block::Table(table) => write_table(table, out),
    }
}

fn facts(list: &[Fact], out: &mut String) {
    for fact in list {
        let _ = writeln!(out, "- **{}:** {}", escape(fact.label), line(&fact.says, false));
    }
    out.push('\n');
}

fn write_table(table: &Table, out: &mut String) {
    let _ = writeln!(out, "{}:\n", escape(table.caption));
    let _ =
        writeln!(out, "| {} |", table.head.iter().map(|cell| escape(cell)).collect::<Vec<_>>().join(" | "));
    let _ = writeln!(out, "|{}", " --- |".repeat(table.head.len()));
    for row in &table.rows {
        let cells: Vec<_> = row.iter().map(|cell| line(cell, true)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out.push('\n');
}

/// Words as a quotation: every line of theirs begins with the mark, whatever it holds.
fn quote(text: &str, out: &mut String) {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() {
        out.push_str(">\n");
    }
    for (at, words) in lines.iter().enumerate() {
        let more = lines.get(at + 1).is_some_and(|next| !next.trim().is_empty());
        match (words.trim().is_empty(), more) {
            (true, _) => out.push_str(">\n"),
            (false, true) => {
                let _ = writeln!(out, "> {}\\", escape(words));
            }
            (false, false) => {
                let _ = writeln!(out, "> {}", escape(words));
            }
        }
    }
    out.push('\n');
}

fn marks(marks: &[Inline]) -> String {
    marks.iter().map(|mark| format!(" · {}", line(std::slice::from_ref(mark), false))).collect()
}

fn line(inlines: &[Inline], in_table: bool) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) => {
                let begins = out.is_empty() || out.ends_with('\n') || out.ends_with("\n  ");
                out.push_str(&escape_in(text, begins));
            }
            Inline::Strong(text) | Inline::Mark(_, text) => {
                let _ = write!(out, "**{}**", escape(text.trim()));
            }
            Inline::Code(text) => out.push_str(&code(text, in_table)),
            Inline::Time(at) => out.push_str(&moment(*at)),
            Inline::Link(heading) => {
                let _ = write!(out, "[{}](#{})", escape(heading), anchor(heading));
            }
            Inline::Break if in_table => out.push_str(" · "),
            Inline::Break => out.push_str("\\\n  "),
        }
    }
    out
}

/// A code span. In a table a `|` would end the cell, and renderers disagree about the ways around it; there it is
/// text, every character of which is escaped.
fn code(text: &str, in_table: bool) -> String {
    let shown = reveal(text, |_| false).0;
    if shown.is_empty() || in_table && shown.contains(['|', '\\', '`']) {
        return escape(text);
    }
    let longest = shown.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A blank at each end is taken off by the reader; it keeps backticks and blanks at the ends apart from the fence.
    let pad = if shown.starts_with(['`', ' ']) || shown.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{shown}{pad}{fence}")
}

/// Words of several lines as Markdown that reads as exactly these lines.
pub fn paragraph(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\\\n")
}

/// Text that Markdown reads as exactly that text, on one line and wherever on it.
pub fn escape(text: &str) -> String {
    escape_in(text, true)
}

/// The same, knowing whether it may come to stand at the beginning of a line.
fn escape_in(text: &str, may_begin: bool) -> String {
    let shown = reveal(text, |character| character == '\n').0;
    let mut out = String::with_capacity(shown.len() + 8);
    let mut only_digits = true;
    for (at, character) in shown.char_indices() {
        let rest = &shown[at + character.len_utf8()..];
        let begins = may_begin && at == 0;
        match character {
            '\n' => out.push_str(" ⏎ "),
            // Blanks at the beginning of a line may mean code.
            ' ' if begins => out.push_str("&#32;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' | '!'
            | '$' | '^' | '@' => {
                out.push('\\');
                out.push(character);
            }
            // What begins lists, underlines headings, or makes definitions and containers.
            '-' | '+' | '=' | ':' if begins => {
                out.push('\\');
                out.push(character);
            }
            '.' | ')' if may_begin && only_digits && at > 0 => {
                out.push('\\');
                out.push(character);
            }
            // Addresses that some readers make links of.
            ':' if rest.starts_with("//") => out.push_str("\\:"),
            '.' if at >= 3 && shown[..at].to_ascii_lowercase().ends_with("www") => out.push_str("\\."),
            other => out.push(other),
        }
        only_digits &= character.is_ascii_digit();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{code, escape};

    #[test]
    fn a_fence_is_longer_than_any_run_inside() {
        assert_eq!(code("a", false), "`a`");
        assert_eq!(code("a``b", false), "```a``b```");
        assert_eq!(code("`", false), "`` ` ``");
        assert_eq!(code("a|`b", true), "a\\|\\`b");
    }

    #[test]
    fn what_begins_a_block_is_escaped() {
        for (text, escaped) in [
            ("# x", "\\# x"),
            ("12. x", "12\\. x"),
            ("1.5 and 2) x", "1\\.5 and 2) x"),
            ("- x - y", "\\- x - y"),
            ("    x", "&#32;   x"),
            ("https://evil", "https\\://evil"),
            ("a\nb", "a ⏎ b"),
            ("a\u{202e}b", "a\\\\u\\{202e\\}b"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }
}
