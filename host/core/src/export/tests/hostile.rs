//! Texts that try to be more than text.

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::super::Format;
use super::text;
use crate::package::samples::broker;

/// What the texts of a hostile packet look like. None has an empty line, so that paragraphs can be counted.
const HOSTILE: &[&str] = &[
    "# Forged heading",
    "| a | b |\n| --- | --- |\n| c | d |",
    "</section></main><script>alert(1)</script>",
    "</blockquote><h2 id=\"signatures\">Signatures</h2>",
    "x\" onmouseover=\"alert(1)\" y='",
    "> quoted\n## Heading\nunderlined\n===\nagain\n---",
    "- item\n* item\n+ item\n1. item\n2) item",
    "```\ncode\n```\n~~~\ncode\n~~~",
    "    indented code",
    "[a](javascript:alert(1)) ![i](http://evil.example/i.png) <https://evil.example> https://evil.example",
    "[ref]: http://evil.example\n[^1]: note\n[ref][] [^1]",
    "**bold** _it_ `code` ``co`de`` ~~no~~ $x$ &lt;b&gt; &#60;b&#62; \\# \\",
    "<!-- comment --> <b>bold</b> <?php ?> <![CDATA[x]]>",
    "right\u{202e}to left\u{202c} \u{2066}isolated\u{2069} zero\u{200b}width \u{0}\u{1b}[31m\u{85}",
    "line one\r\nline two\rline three\ttab\u{2028}separator",
    "---\ntitle: front matter\n---\n::: note\n!!! note\n:   definition",
    "",
    " ",
    "`",
    "\\",
    "|",
];

/// Tags of an HTML file, in order, attributes and all: everything between `<` and `>`.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

/// Tags whose attributes hold no text from outside: times and our own anchors stay as they are.
#[test]
fn no_text_makes_or_changes_a_tag_of_the_html_file() {
    let plain = text(Format::Html, &broker(|_| "plain".to_owned()));
    let expected = tags(&plain);
    assert!(expected.len() > 300);
    for hostile in HOSTILE {
        let html = text(Format::Html, &broker(|_| (*hostile).to_owned()));
        assert_eq!(tags(&html), expected, "{hostile:?}");
    }
}

#[test]
fn the_html_file_loads_nothing_and_runs_nothing() {
    let html = text(Format::Html, &broker(str::to_owned));
    for tag in tags(&html) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        assert!(!["script", "link", "img", "iframe", "object", "svg", "form"].contains(&name), "{tag}");
        assert!(!tag.contains(" src=") && !tag.contains(" on") && !tag.contains(" style="), "{tag}");
        assert!(!tag.contains("href=") || tag.contains("href=\"#"), "{tag}");
    }
    assert!(!html.contains("url(") && !html.contains("@import"));
}

#[test]
fn every_link_of_the_html_file_leads_to_one_place() {
    let html = text(Format::Html, &broker(str::to_owned));
    let attribute = |name: &str| -> Vec<&str> {
        html.split(name).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
    };
    let ids = attribute(" id=\"");
    for target in attribute("href=\"#").into_iter().chain(attribute("labelledby=\"")) {
        assert_eq!(ids.iter().filter(|id| **id == target).count(), 1, "{target}");
    }
}

/// The blocks and links another reader finds in Markdown, texts and emphasis aside.
fn structure(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Paragraph | Tag::Strong | Tag::Emphasis) => {}
            Event::Start(Tag::Heading { level, .. }) => found.push(format!("heading {level}")),
            Event::Start(Tag::Link { dest_url, .. }) => found.push(format!("link {dest_url}")),
            Event::Start(tag) => found.push(format!("{tag:?}")),
            Event::Html(html) | Event::InlineHtml(html) => found.push(format!("html {html}")),
            Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {
                found.push(format!("{event:?}"));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn no_text_makes_a_block_or_a_link_of_markdown() {
    let plain = structure(&text(Format::Markdown, &broker(|_| "plain".to_owned())));
    assert!(plain.len() > 200 && !plain.iter().any(|found| found.starts_with("html")));
    for hostile in HOSTILE {
        let markdown = text(Format::Markdown, &broker(|_| (*hostile).to_owned()));
        assert_eq!(structure(&markdown), plain, "{hostile:?}");
    }
}

/// The text another reader sees in Markdown: escapes undone, line breaks as line feeds.
fn read(markdown: &str) -> String {
    let mut read = String::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) | Event::Code(text) => read.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::End(_) => read.push('\n'),
            _ => {}
        }
    }
    read
}

#[test]
fn what_markdown_shows_is_what_was_written() {
    for hostile in HOSTILE.iter().filter(|text| !text.trim().is_empty()) {
        let read = read(&text(Format::Markdown, &broker(|_| (*hostile).to_owned())));
        for line in hostile.lines() {
            let shown = crate::text::reveal(line, |_| false).0;
            assert!(read.contains(shown.trim()), "{hostile:?} is not shown: {shown:?}");
        }
    }
}

#[test]
fn no_text_pushes_another_out_of_its_table() {
    let count = |text: &str| {
        let markdown = super::text(Format::Markdown, &broker(|_| text.to_owned()));
        let read = read(&markdown);
        // What the texts say, and what stands in the cells after them.
        (read.matches("MARK").count(), read.matches("UTC").count())
    };
    let expected = count("MARK");
    assert!(expected.0 > 40 && expected.1 > 40);
    for hostile in ["| x | MARK |", "\\| MARK", "\\\\| MARK", "`|` MARK `", "``|MARK"] {
        assert_eq!(count(hostile), expected, "{hostile:?}");
    }
}

#[test]
fn what_nobody_sees_is_shown_in_every_format() {
    let hidden = "a\u{202e}b\u{200b}c\u{1b}d";
    for format in Format::ALL {
        let text = text(*format, &broker(|_| hidden.to_owned()));
        assert!(
            !text.chars().any(|character| character != '\n' && crate::text::is_hidden(character)),
            "{format}"
        );
        assert!(text.contains("202e"), "{format}");
    }
}

#[test]
fn a_file_longer_than_most_is_written_in_full() {
    let long = "word ".repeat(20_000);
    for format in Format::ALL {
        assert!(text(*format, &broker(|_| long.clone())).len() > 20 * long.len(), "{format}");
    }
}
