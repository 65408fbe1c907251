//! What is wrong with a configuration, told so that the operator can mend it without searching.

use std::fmt;
use std::path::{Path, PathBuf};

/// One mistake: where, what, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Dotted key: `connection.dojo.origin.api.url`. Empty when it is the file as a whole.
    pub key: String,
    pub problem: String,
    pub fix: Option<String>,
    /// 1-based, where known.
    pub line: Option<usize>,
}

impl Fault {
    pub fn new(key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: key.into(), problem: problem.into(), fix: None, line: None }
    }

    /// Says what to change.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

/// A configuration that is not taken: nothing was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    pub file: PathBuf,
    /// At least one.
    pub faults: Vec<Fault>,
}

impl Invalid {
    pub fn one(file: &Path, fault: Fault) -> Self {
        Self { file: file.to_owned(), faults: vec![fault] }
    }
}

impl Invalid {
    /// Two checks of one file as one: what both found, or the faults of either.
    pub fn both<A, B>(first: Result<A, Self>, second: Result<B, Self>) -> Result<(A, B), Self> {
        match (first, second) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Err(mut first), Err(mut second)) => {
                first.faults.append(&mut second.faults);
                Err(first)
            }
            (Err(invalid), Ok(_)) | (Ok(_), Err(invalid)) => Err(invalid),
        }
    }
}

impl std::error::Error for Invalid {}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration {} is not valid; nothing was started", self.file.display())?;
        for fault in &self.faults {
            write!(f, "\n  ")?;
            if let Some(line) = fault.line {
                write!(f, "line {line}: ")?;
            }
            if !fault.key.is_empty() {
                write!(f, "{}: ", fault.key)?;
            }
            write!(f, "{}", fault.problem)?;
            if let Some(fix) = &fault.fix {
                write!(f, "\n    to mend it: {fix}")?;
            }
        }
        Ok(())
    }
}

/// A fault from the TOML reader: syntax, a wrong type, or a key that does not exist.
pub(super) fn from_toml(text: &str, error: &toml::de::Error) -> Fault {
    let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let key = line.and_then(|line| section_at(text, line)).unwrap_or_default();
    let message = error.message().trim().to_owned();
    let fix = if message.contains("unknown field") {
        "correct the key's name, or take the line out".to_owned()
    } else if message.contains("missing field") {
        "add the missing key to this section".to_owned()
    } else {
        "correct the value".to_owned()
    };
    Fault { key, problem: message, fix: Some(fix), line }
}

/// The section and key that stand at a line, as far as the text shows it.
fn section_at(text: &str, line: usize) -> Option<String> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    let last = lines.last()?.trim();
    let header = lines
        .iter()
        .rev()
        .map(|line| line.trim())
        .find(|line| line.starts_with('['))?
        .trim_matches(['[', ']']);
    match last.split_once('=') {
        Some((key, _)) if !last.starts_with('[') => Some(format!("{header}.{}", key.trim())),
        _ => Some(header.to_owned()),
    }
}
