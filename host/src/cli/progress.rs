//! Progress of runs on stderr: bars on a terminal, a line a page otherwise.

use std::collections::HashMap;
use std::io::IsTerminal;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::output::say;
use crate::collect::Progress;

/// Shows what happens in runs, until the sender is gone or the task is aborted.
pub async fn show(mut events: Receiver<Progress>) {
    let mut shown: Box<dyn Show + Send> =
        if std::io::stderr().is_terminal() { Box::new(Bars::default()) } else { Box::new(Lines) };
    loop {
        match events.recv().await {
            Ok(event) => shown.event(&event),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

trait Show {
    fn event(&mut self, event: &Progress);
}

/// For logs and pipes: what matters, one line each.
struct Lines;

impl Show for Lines {
    fn event(&mut self, event: &Progress) {
        match event {
            Progress::Retrying { stream, attempt, wait, failure, .. } => {
                say(&format!("{stream}: attempt {attempt} failed ({failure}); again in {wait:.1?}"));
            }
            Progress::StreamEnded { stream, state, .. } => say(&format!("{stream}: {}", state.as_str())),
            Progress::PageCommitted { .. } | Progress::RunEnded { .. } => {}
        }
    }
}

/// For terminals: a line a stream that counts pages and items.
#[derive(Default)]
struct Bars {
    screen: MultiProgress,
    bars: HashMap<(String, String), ProgressBar>,
    items: HashMap<(String, String), (usize, u64)>,
}

impl Bars {
    fn bar(&mut self, key: &(String, String), label: &str) -> ProgressBar {
        let screen = &self.screen;
        self.bars
            .entry(key.clone())
            .or_insert_with(|| {
                let bar = screen.add(ProgressBar::new_spinner());
                // The template is a constant; the default style serves if it were wrong.
                let style = ProgressStyle::with_template("{spinner} {prefix:28} {msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.set_prefix(label.to_owned());
                bar
            })
            .clone()
    }
}

impl Show for Bars {
    fn event(&mut self, event: &Progress) {
        match event {
            Progress::PageCommitted { run, connection, stream, page, items, new_revisions } => {
                let key = (run.to_string(), stream.to_string());
                let counted = self.items.entry(key.clone()).or_default();
                counted.0 += items;
                counted.1 += new_revisions;
                let message = format!("{page} pages, {} items, {} new or changed", counted.0, counted.1);
                let bar = self.bar(&key, &format!("{connection}/{stream}"));
                bar.set_message(message);
                bar.tick();
            }
            Progress::Retrying { run, stream, attempt, wait, failure } => {
                let bar = self.bar(&(run.to_string(), stream.to_string()), stream.as_str());
                bar.set_message(format!("attempt {attempt} failed ({failure}); again in {wait:.1?}"));
            }
            Progress::StreamEnded { run, stream, state } => {
                let bar = self.bar(&(run.to_string(), stream.to_string()), stream.as_str());
                bar.finish_with_message(format!("{}, {}", bar.message(), state.as_str()));
            }
            Progress::RunEnded { .. } => {}
        }
    }
}
