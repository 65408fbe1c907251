//! Readiness: whether a packet may go to the board, and exactly what stands in the way.
//!
//! [`readiness()`] is one pure function over the packet, the evidence it needs, the board policy and an instant. The host, the
//! command line over REST and the offline verifier call it and print the same bytes. The report is an ordered list of
//! lines, rule by rule; each says what was looked at, why it stands as it does, since when, and who can clear it and how.
//!
//! Nothing is written here and nothing remembered: a verdict is true of an instant.
//!
//! Deliberately absent: any way to switch a rule off. What does not apply says so in its line.

mod exposures;
mod report;
mod rules;
mod verdict;
mod watch;

pub use exposures::exposures;
pub use report::{ClaimReport, Clearing, Line, Report, Rule, Score, VERSION};
pub use rules::{Exposure, readiness};
pub use verdict::Verdict;
pub use watch::{News, Watch, watch};
