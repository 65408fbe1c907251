//! What the host says about its own work: log lines on standard error.
//!
//! For a person on a terminal, or one JSON object a line for a machine. `PROBITY_LOG` chooses what is said, in
//! the words of `tracing-subscriber`'s filter (`info`, `probity::collect=debug,warn`). Standard output belongs
//! to a command's result and is never logged to.
//!
//! Deliberately absent: secrets, request headers, request bodies and captured bytes. Nothing that could hold
//! one is ever given to a log line; there is no filter that hides them afterwards.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

/// The environment variable that chooses what is logged.
pub const FILTER_VARIABLE: &str = "PROBITY_LOG";

/// What is logged when nobody chose.
const DEFAULT_FILTER: &str = "info,hyper=warn,sqlx=warn,wasmtime=warn,cranelift=warn";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For a person; in colour on a terminal, unless `NO_COLOR` is set.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(
        "{FILTER_VARIABLE} holds `{filter}`, which is not a log filter; write levels such as `info` or `probity::collect=debug,warn`"
    )]
    Filter {
        filter: String,
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    #[error("logging was set up twice in one process")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Starts logging for the whole process. `filter` is usually the value of [`FILTER_VARIABLE`].
pub fn init(format: LogFormat, filter: Option<&str>) -> Result<(), TelemetryError> {
    let filter = parse(filter)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_span_events(FmtSpan::NONE)
        .with_target(true);
    match format {
        LogFormat::Human => builder.with_ansi(wants_colour()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).try_init(),
    }
    .map_err(TelemetryError::Twice)
}

fn parse(filter: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let filter = filter.map(str::trim).filter(|filter| !filter.is_empty()).unwrap_or(DEFAULT_FILTER);
    EnvFilter::try_new(filter).map_err(|source| TelemetryError::Filter { filter: filter.to_owned(), source })
}

/// See <https://no-color.org>: any non-empty value means no colour.
fn wants_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_FILTER, TelemetryError, parse};

    #[test]
    fn nothing_chosen_is_the_default() {
        for nothing in [None, Some(""), Some("  ")] {
            assert_eq!(parse(nothing).unwrap().to_string(), parse(Some(DEFAULT_FILTER)).unwrap().to_string());
        }
    }

    #[test]
    fn a_bad_filter_is_named_with_its_variable() {
        let error = parse(Some("probity=loud")).unwrap_err();
        assert!(matches!(error, TelemetryError::Filter { .. }));
        assert!(error.to_string().contains("PROBITY_LOG holds `probity=loud`"), "{error}");
    }
}
