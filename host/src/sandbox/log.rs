//! The log door: remarks for the operator, capped and made fit for a log file. They go to `tracing` with the
//! target `connector`; nothing comes back to the connector, so they are no part of the journal.

use std::sync::Arc;

use super::bindings::probity::connector::log::{Host, Level};
use super::limits::Limits;
use super::state::Guest;
use super::text;

/// The log of one call.
pub(super) struct LogGate {
    connector: Arc<str>,
    /// Shut while the connector describes itself.
    open: bool,
    max_lines: u32,
    max_bytes: usize,
    lines: u32,
    dropped: u64,
}

impl LogGate {
    pub(super) fn new(connector: Arc<str>, limits: &Limits, open: bool) -> Self {
        Self {
            connector,
            open,
            max_lines: limits.log_lines,
            max_bytes: limits.log_line_bytes,
            lines: 0,
            dropped: 0,
        }
    }

    /// Lines that went through, and lines that were thrown away.
    pub(super) const fn counts(&self) -> (u32, u64) {
        (self.lines, self.dropped)
    }

    fn emit(&mut self, level: Level, message: &str, fields: &[(String, String)]) {
        if self.lines >= self.max_lines {
            self.dropped = self.dropped.saturating_add(1);
            return;
        }
        self.lines += 1;
        let line = self.line(message, fields);
        let connector = &*self.connector;
        match level {
            Level::Debug => tracing::debug!(target: "connector", connector, "{line}"),
            Level::Info => tracing::info!(target: "connector", connector, "{line}"),
            Level::Warn => tracing::warn!(target: "connector", connector, "{line}"),
            Level::Error => tracing::error!(target: "connector", connector, "{line}"),
        }
    }

    fn line(&self, message: &str, fields: &[(String, String)]) -> String {
        let mut line = text::plain(message, self.max_bytes);
        for (name, value) in fields {
            if line.len() >= self.max_bytes {
                break;
            }
            line.push(' ');
            line.push_str(&text::plain(name, self.max_bytes.saturating_sub(line.len())));
            line.push('=');
            line.push_str(&text::plain(value, self.max_bytes.saturating_sub(line.len())));
        }
        line
    }
}

impl Host for Guest {
    fn emit(&mut self, level: Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        if !self.log.open {
            return Err(super::doorway::Stop::Shut { door: "log.emit" }.into());
        }
        self.log.emit(level, &message, &fields);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(limits: &Limits) -> LogGate {
        LogGate::new("test".into(), limits, true)
    }

    #[test]
    fn lines_over_the_limit_are_counted_and_thrown_away() {
        let mut log = gate(&Limits { log_lines: 2, ..Limits::default() });
        for _ in 0..5 {
            log.emit(Level::Debug, "again", &[]);
        }
        assert_eq!(log.counts(), (2, 3));
    }

    #[test]
    fn a_line_cannot_forge_another_or_grow_without_end() {
        let log = gate(&Limits { log_line_bytes: 64, ..Limits::default() });
        let fields = vec![("a\nb".to_owned(), "x".repeat(1000)); 1000];
        let line = log.line("one\nERROR two", &fields);
        assert!(!line.contains('\n'));
        assert!(line.starts_with("one\\u{a}ERROR two a\\u{a}b=xxx"), "{line}");
        assert!(line.len() < 100, "{}", line.len());
    }
}
