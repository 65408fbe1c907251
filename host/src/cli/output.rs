//! Writing results: tables for people, JSON for programs.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;
use comfy_table::{ContentArrangement, Table, presets};
use probity_core::decide::Refusal;
use serde::Serialize;

use crate::casework::CaseworkError;

/// How results are written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs: one JSON value, the same as the API's.
    Json,
}

/// Where results go.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    format: Format,
}

impl Output {
    pub fn new(format: Format) -> Self {
        Self { format }
    }

    pub fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Writes a value: as JSON, or as `people` would read it.
    pub fn write<T: Serialize>(self, value: &T, people: impl FnOnce(&T) -> String) -> anyhow::Result<()> {
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(value)?,
            Format::Table => people(value),
        };
        self.line(&text)
    }

    /// Writes bytes exactly as they are, so that their digest is the digest of what arrives.
    pub fn bytes(self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// Writes some text and a newline. A reader that went away early (`| head`) is no failure.
    pub fn line(self, text: &str) -> anyhow::Result<()> {
        match writeln!(std::io::stdout().lock(), "{text}") {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }
}

/// A plain table with a header line, as wide as the terminal.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().map(|word| word.to_uppercase()));
    if std::io::stdout().is_terminal() {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// `name  value` lines, the names padded.
pub fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    facts.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect::<Vec<_>>().join("\n")
}

/// A hint on stderr, for people only.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A text of somebody else as a terminal may show it: nothing in it is hidden, nothing steers.
pub fn visible(text: &str) -> String {
    probity_core::text::reveal(text, |character| matches!(character, '\n' | '\t')).0.into_owned()
}

/// Whether stdout is a terminal that shows marks and colours, and nobody asked for plain text.
pub fn is_rich() -> bool {
    let unset = |name| std::env::var_os(name).is_none_or(|value| value.is_empty());
    std::io::stdout().is_terminal()
        && unset("NO_COLOR")
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// An error and what led to it, on stderr. A refusal says who could do what was asked, and what to do instead.
pub fn complain(error: &anyhow::Error) {
    if let Some(CaseworkError::Refused(refusal)) = error.downcast_ref::<CaseworkError>() {
        return say(&refused(refusal));
    }
    let mut text = format!("probity: {error}");
    let mut last = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        // Transparent errors repeat their source's words.
        if cause != last {
            text.push_str("\n  because: ");
            text.push_str(&cause);
        }
        last = cause;
    }
    if let Some(fix) = error.downcast_ref::<CaseworkError>().and_then(CaseworkError::fix) {
        text.push_str("\n  to mend it: ");
        text.push_str(fix);
    }
    say(&text);
}

fn refused(refusal: &Refusal) -> String {
    let mut text = format!(
        "probity: {} is refused; nothing was written\n  the rule: {}",
        refusal.attempted,
        visible(&refusal.rule)
    );
    if let Some(who) = &refusal.who {
        text.push_str(&format!("\n  who could: {who}"));
    }
    text.push_str(&format!("\n  what to do: {}\n  code: {}", visible(&refusal.fix), refusal.code));
    text
}
