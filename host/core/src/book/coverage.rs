//! Whether a connection was read so that what is not there counts.
//!
//! "There is no open critical finding" is worth as much as the reading behind it. It counts when every stream that brings
//! the kind was swept in full to its end, within the kind's maximum age, with no gap that may hide what is asked
//! about, and when all that the sweep returned is still there.
//!
//! Deliberately absent: what was found. That is counted elsewhere ([`crate::claim`]).

use std::time::Duration;

use super::{Book, Record, StreamReading, SweepReading};
use crate::duration;
use crate::evidence::Kind;
use crate::id::{ConnectionName, Subject};
use crate::instant::Instant;
use crate::subject::SubjectMap;
use crate::text::{excerpt, thousands};

/// How well a connection was read for a kind of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Items the last sweeps returned, all streams that bring the kind together.
    pub examined: u64,
    /// Until when the reading counts, where it does.
    pub until: Option<Instant>,
    /// Why it does not count; none when it does.
    pub lacks: Vec<Lack>,
}

/// Something that keeps a reading from counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    pub kind: LackKind,
    pub reason: String,
    /// What would clear it.
    pub clear: String,
}

/// What sort of lack it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LackKind {
    /// No such connection is in the book, or no stream of it brings the kind.
    NotCollected,
    /// No full sweep ended complete.
    NoSweep,
    /// The sweep returned nothing at all, which is what a credential that lost its rights sees too.
    Empty,
    /// Nobody decided how long a sweep counts.
    NoMaxAge,
    /// It counted until then.
    OutOfDate { since: Instant },
    /// It was begun later than the instant asked about.
    ClockAhead,
    /// Something could not be read that may be about the subject.
    Gap,
    /// Evidence that was recorded is not there.
    Lost,
}

impl LackKind {
    /// The lack's stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotCollected => "coverage.not-collected",
            Self::NoSweep => "coverage.no-sweep",
            Self::Empty => "coverage.empty",
            Self::NoMaxAge => "coverage.no-max-age",
            Self::OutOfDate { .. } => "coverage.out-of-date",
            Self::ClockAhead => "coverage.clock-ahead",
            Self::Gap => "coverage.gap",
            Self::Lost => "coverage.lost",
        }
    }
}

/// What is asked: a kind of evidence in a connection, about a subject or about anything.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    pub connection: &'q ConnectionName,
    pub kind: Kind,
    pub subject: Option<&'q Subject>,
    pub max_age: Option<Duration>,
}

/// How well a connection was read.
pub(super) fn coverage(book: &Book, subjects: &SubjectMap, asked: Question<'_>, at: Instant) -> Coverage {
    let mut coverage = Coverage { examined: 0, until: None, lacks: Vec::new() };
    let mut streams = 0_usize;
    for stream in book.streams_of(asked.connection, asked.kind) {
        streams += 1;
        coverage.examined += stream.sweep.as_ref().map_or(0, |sweep| u64::from(sweep.examined));
        match in_date(stream, asked, at) {
            Ok(until) => coverage.until = Some(coverage.until.map_or(until, |other| other.min(until))),
            Err(lack) => coverage.lacks.push(lack),
        }
        coverage.lacks.extend(gap(stream, subjects, asked.subject));
        coverage.lacks.extend(lost(stream));
    }
    if streams == 0 {
        coverage.lacks.push(Lack {
            kind: LackKind::NotCollected,
            reason: format!(
                "nothing was ever collected of {} that brings {} evidence",
                asked.connection, asked.kind
            ),
            clear: format!("configure and collect {}, or name another connection", asked.connection),
        });
    }
    if !coverage.lacks.is_empty() {
        coverage.until = None;
    }
    coverage
}

impl Coverage {
    /// The same coverage where a record is there without any revision: it could have been anything.
    pub(super) fn without(mut self, hollow: Option<&Record>) -> Self {
        if let Some(record) = hollow {
            self.until = None;
            self.lacks.push(Lack {
                kind: LackKind::Lost,
                reason: format!(
                    "evidence {} of {} has no revision in the store",
                    record.id, record.connection
                ),
                clear: "restore the store from a backup".to_owned(),
            });
        }
        self
    }
}

/// Until when the stream's sweep counts.
fn in_date(stream: &StreamReading, asked: Question<'_>, at: Instant) -> Result<Instant, Lack> {
    let place = format!("{}/{}", stream.connection, stream.stream);
    let collect = format!("collect {} in full", stream.connection);
    let lack = |kind, reason, clear| Err(Lack { kind, reason, clear });
    let Some(sweep) = &stream.sweep else {
        return lack(LackKind::NoSweep, format!("no full sweep of {place} ended complete"), collect);
    };
    let SweepReading { began, examined, .. } = *sweep;
    if examined == 0 {
        let reason = format!("0 of 0 examined: the sweep of {place} returned nothing at all");
        let clear =
            format!("see that the credential of {} may still read it, then {collect}", stream.connection);
        return lack(LackKind::Empty, reason, clear);
    }
    if began > at {
        let reason = format!("the sweep of {place} was begun at {began}, after the instant asked about");
        return lack(LackKind::ClockAhead, reason, "compare the clocks of hosts and database".to_owned());
    }
    let Some(max_age) = asked.max_age else {
        let reason = format!("the board policy sets no maximum age for {} evidence", asked.kind);
        return lack(LackKind::NoMaxAge, reason, format!("set max-age.{} in the board policy", asked.kind));
    };
    match began.plus(max_age).unwrap_or_else(Instant::latest) {
        since if since <= at => {
            let age = duration::about(at.since(began));
            let reason = format!(
                "the sweep of {place} is {age} old, and {} evidence counts for {}",
                asked.kind,
                duration::written(max_age)
            );
            lack(LackKind::OutOfDate { since }, reason, collect)
        }
        until => Ok(until),
    }
}

/// The first gap that may hide something about the subject.
fn gap(stream: &StreamReading, subjects: &SubjectMap, subject: Option<&Subject>) -> Option<Lack> {
    let touches = |about: &Option<String>| match (about, subject) {
        (Some(about), Some(subject)) => subjects.means(about, subject),
        _ => true,
    };
    let mut touching = stream.gaps.iter().filter(|gap| touches(&gap.subject));
    let first = touching.next()?;
    let more = match touching.count() {
        0 => String::new(),
        more => format!(" (and {} more)", thousands(more)),
    };
    let place = format!("{}/{}", stream.connection, stream.stream);
    let about = first.subject.as_deref().map_or_else(|| "anything".to_owned(), |about| excerpt(about, 80));
    Some(Lack {
        kind: LackKind::Gap,
        reason: format!("a gap in {place} may concern {about}: {}{more}", excerpt(&first.message, 160)),
        clear: format!("mend what could not be read, then collect {} in full", stream.connection),
    })
}

/// Evidence that was recorded and is not there any more.
fn lost(stream: &StreamReading) -> Option<Lack> {
    let place = format!("{}/{}", stream.connection, stream.stream);
    let reason = match (stream.missing.first(), &stream.sweep) {
        (Some(first), _) => format!(
            "{} recorded revisions of {place} are not in the store, {} revision {} first",
            thousands(stream.missing.len()),
            first.evidence,
            first.revision
        ),
        (None, Some(sweep)) if sweep.listed != sweep.examined => {
            format!("the sweep of {place} returned {} items, and {} are listed", sweep.examined, sweep.listed)
        }
        _ => return None,
    };
    let clear = format!("restore the store from a backup, or collect {} in full", stream.connection);
    Some(Lack { kind: LackKind::Lost, reason, clear })
}
