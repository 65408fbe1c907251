//! A document as one HTML file.
//!
//! It holds its styles and nothing else: no script, no image, no font, no address it would load, and a policy in its head that
//! would refuse them. It reads on paper, on a phone, in the dark and by a screen reader. Every text is escaped; what nobody
//! would see is written out.

use std::fmt::Write as _;

use super::document::{Block, Document, Fact, Inline, Part, Table, anchor, moment};
use crate::text::reveal;

const STYLE: &str = include_str!("package.css");

/// The document.
pub fn write(document: &Document) -> String {
    let title = escape(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n<header>\n<p class=\"kind\">{}</p>\n<h1>{title}</h1>\n",
        escape(document.kind),
    );
    marks(&document.marks, &mut out);
    facts(&document.facts, &mut out);
    out.push_str("</header>\n");
    contents(document, &mut out);
    out.push_str("<main id=\"content\">\n");
    for part in &document.parts {
        write_part(part, 2, &mut out);
    }
    let _ = writeln!(out, "</main>\n<footer><p>{}</p></footer>\n</body>\n</html>", line(&document.colophon));
    out
}

fn contents(document: &Document, out: &mut String) {
    out.push_str("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n");
    for part in &document.parts {
        let _ = write!(out, "<li><a href=\"#{}\">{}</a>", part.anchor(), escape(&part.heading));
        if !part.parts.is_empty() {
            let inner: Vec<_> = part
                .parts
                .iter()
                .map(|part| format!("<a href=\"#{}\">{}</a>", part.anchor(), escape(&part.heading)))
                .collect();
            let _ = write!(out, " <span class=\"inner\">{}</span>", inner.join(" "));
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ol>\n</nav>\n");
}

fn write_part(part: &Part, level: usize, out: &mut String) {
    let id = part.anchor();
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"{id}\">\n<h{level} id=\"{id}\">{}</h{level}>",
        escape(&part.heading)
    );
    marks(&part.marks, out);
    for block in &part.blocks {
        write_block(block, out);
    }
    for part in &part.parts {
        write_part(part, level + 1, out);
    }
    out.push_str("</section>\n");
}

fn write_block(block: &Block, out: &mut String) {
    match block {
        Block::Text(inlines) => {
            let _ = writeln!(out, "<p>{}</p>", line(inlines));
        }
        Block::Words { text, source, tone } => {
            let _ = writeln!(
                out,
                "<figure class=\"words {}\">\n<blockquote dir=\"auto\">{}</blockquote>\n<figcaption>{}</figcaption>\n</figure>",
                tone.as_str(),
                escape(text),
                line(source)
            );
        }
        Block::Facts(list) => facts(list, out),
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                let _ = writeln!(out, "<li>{}</li>", line(item));
            }
            out.push_str("</ul>\n");
        }
        Block::Table(table) => write_table(table, out),
    }
}

fn facts(list: &[Fact], out: &mut String) {
    out.push_str("<dl>\n");
    for fact in list {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(fact.label), line(&fact.says));
    }
    out.push_str("</dl>\n");
}

/// On a narrow screen the rows become cards; the roles keep the table a table for who listens to it.
fn write_table(table: &Table, out: &mut String) {
    let _ = writeln!(
        out,
        "<table role=\"table\">\n<caption>{}</caption>\n<thead role=\"rowgroup\">",
        escape(table.caption)
    );
    out.push_str("<tr role=\"row\">");
    for label in &table.head {
        let _ = write!(out, "<th role=\"columnheader\" scope=\"col\">{}</th>", escape(label));
    }
    out.push_str("</tr>\n</thead>\n<tbody role=\"rowgroup\">\n");
    for row in &table.rows {
        out.push_str("<tr role=\"row\">");
        for (at, cell) in row.iter().enumerate() {
            let label = table.head.get(at).copied().unwrap_or_default();
            let _ = write!(out, "<td role=\"cell\" data-label=\"{}\">{}</td>", escape(label), line(cell));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn marks(marks: &[Inline], out: &mut String) {
    if !marks.is_empty() {
        let marks: Vec<_> = marks.iter().map(|mark| line(std::slice::from_ref(mark))).collect();
        let _ = writeln!(out, "<p class=\"marks\">{}</p>", marks.join(" "));
    }
}

fn line(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        // Writing to a string cannot fail.
        let _ = match inline {
            Inline::Text(text) => write!(out, "{}", escape(text)),
            Inline::Strong(text) => write!(out, "<strong>{}</strong>", escape(text)),
            Inline::Code(text) => write!(out, "<code>{}</code>", escape(text)),
            Inline::Mark(tone, text) => {
                write!(out, "<span class=\"mark {}\">{}</span>", tone.as_str(), escape(text))
            }
            Inline::Time(at) => write!(out, "<time datetime=\"{at}\">{}</time>", moment(*at)),
            Inline::Link(heading) => {
                write!(out, "<a href=\"#{}\">{}</a>", anchor(heading), escape(heading))
            }
            Inline::Break => write!(out, "<br>"),
        };
    }
    out
}

/// Text that HTML reads as exactly that text, in content and in quoted attributes.
fn escape(text: &str) -> String {
    let shown = reveal(text, |character| character == '\n').0;
    let mut out = String::with_capacity(shown.len() + 8);
    for character in shown.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn no_text_ends_an_attribute_or_a_tag() {
        assert_eq!(escape("\"'<>&\u{202e}"), "&quot;&#39;&lt;&gt;&amp;\\u{202e}");
    }
}
