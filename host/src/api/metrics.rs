//! Counters for whoever watches the host, in Prometheus' text format.
//!
//! A few numbers by hand: labels are routes, methods and statuses, never ids, so there are only so many of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the time buckets, in seconds.
const BUCKETS: [f64; 6] = [0.005, 0.025, 0.1, 0.5, 2.5, 10.0];

/// What has been counted since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    /// By method, route and status.
    requests: BTreeMap<(&'static str, String, u16), u64>,
    times: [u64; BUCKETS.len()],
    total: u64,
    seconds: f64,
}

impl Metrics {
    /// Counts one answered request.
    pub(super) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.requests.entry((method, route.to_owned(), status)).or_default() += 1;
        let seconds = took.as_secs_f64();
        for (count, bound) in counts.times.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= bound);
        }
        counts.total += 1;
        counts.seconds += seconds;
    }

    /// Everything counted, and how many runs are under way.
    pub(super) fn render(&self, open_runs: usize) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        let mut say = |line: std::fmt::Arguments<'_>| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{line}");
        };
        say(format_args!("# HELP probity_build_info The running version.\n# TYPE probity_build_info gauge"));
        say(format_args!("probity_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")));
        say(format_args!("# HELP probity_runs_open Runs under way.\n# TYPE probity_runs_open gauge"));
        say(format_args!("probity_runs_open {open_runs}"));
        say(format_args!("# HELP probity_http_requests_total Requests answered."));
        say(format_args!("# TYPE probity_http_requests_total counter"));
        for ((method, route, status), count) in &counts.requests {
            say(format_args!(
                "probity_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            ));
        }
        say(format_args!("# HELP probity_http_request_seconds Time to answer."));
        say(format_args!("# TYPE probity_http_request_seconds histogram"));
        for (count, bound) in counts.times.iter().zip(BUCKETS) {
            say(format_args!("probity_http_request_seconds_bucket{{le=\"{bound}\"}} {count}"));
        }
        say(format_args!("probity_http_request_seconds_bucket{{le=\"+Inf\"}} {}", counts.total));
        say(format_args!("probity_http_request_seconds_sum {}", counts.seconds));
        say(format_args!("probity_http_request_seconds_count {}", counts.total));
        text
    }
}
