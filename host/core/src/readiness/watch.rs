//! What the clock alone brings about: bounds that come near, follow-ups that fall due, and when to look again.
//!
//! A bound is told of a week and a day before it, once each. One that moves along with every collection (evidence that
//! counts for seven days and is collected each hour) is always less than a week away and no news: a bound is told of only
//! when it already stood at the instant at which it came near.
//!
//! Deliberately absent: whom to tell, and any memory. What was told already is known by its cause.

use std::time::Duration;

use super::{Report, Rule, Score};
use crate::board::Board;
use crate::book::{Book, Record};
use crate::claim::{Standing, Test, Why};
use crate::decide::Phase;
use crate::evidence::{Basis, Kind};
use crate::id::ConnectionName;
use crate::instant::Instant;
use crate::packet::{Claim, Fate, Packet};

/// How long before a bound people are told, the longest first.
const NEAR: [Duration; 2] = [Duration::from_hours(7 * 24), Duration::from_hours(24)];

/// Something that people are told, once a cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// `goes-stale` or `follow-up-due`.
    pub kind: &'static str,
    /// The same for the same bound, and for no other.
    pub cause: String,
    /// For a person.
    pub text: String,
}

/// What the clock brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    pub news: Vec<News>,
    /// The next instant at which a look can show something else, if nothing happens until then.
    pub next: Option<Instant>,
}

/// An instant at which something ceases to count.
struct Bound {
    what: String,
    until: Instant,
    /// Since when it was known to be then; none where that cannot be told.
    since: Option<Instant>,
}

/// What the clock brings to a packet whose report, of now, is this.
pub fn watch(packet: &Packet, report: &Report, book: &Book, board: &Board) -> Watch {
    let mut watch = Watch::default();
    let at = report.instant;
    let phase = Phase::of(packet);
    if phase == Phase::Withdrawn {
        return watch;
    }
    if phase != Phase::Decided {
        for bound in bounds(packet, report, book, board) {
            watch.bound(packet, &bound, at);
        }
        // The other bounds (the exception's end, signatures) change the verdict and are no news of their own.
        for until in report.lines.iter().filter_map(|line| line.until) {
            watch.look_at(until, at);
        }
    }
    for follow_up in packet.follow_ups.values().filter(|follow_up| follow_up.done.is_none()) {
        if follow_up.due > at {
            watch.look_at(follow_up.due, at);
            continue;
        }
        watch.news.push(News {
            kind: "follow-up-due",
            cause: format!("follow-up:{}:{}", packet.id, follow_up.id),
            text: format!("{} is due: {} ({})", follow_up.id, follow_up.what, follow_up.owner),
        });
    }
    watch
}

impl Watch {
    fn look_at(&mut self, instant: Instant, at: Instant) {
        if instant > at && self.next.is_none_or(|next| instant < next) {
            self.next = Some(instant);
        }
    }

    fn bound(&mut self, packet: &Packet, bound: &Bound, at: Instant) {
        let Bound { what, until, since } = bound;
        self.look_at(*until, at);
        let near = NEAR.map(|before| until.minus(before));
        near.iter().flatten().for_each(|near| self.look_at(*near, at));
        // Of both only the last is told: who was away for a week does not need to be told twice.
        let reached = NEAR.iter().zip(near).rev().find_map(|(before, near)| {
            let near = near.filter(|near| *near <= at && *until > at)?;
            Some((before.as_secs() / 86_400, near))
        });
        let Some((days, _)) = reached.filter(|(_, near)| since.is_none_or(|since| since < *near)) else {
            return;
        };
        self.news.push(News {
            kind: "goes-stale",
            cause: format!("stale:{}:{what}:{until}:{days}d", packet.id),
            text: format!("{what} counts until {until}, unless its evidence is seen again or renewed"),
        });
    }
}

fn bounds(packet: &Packet, report: &Report, book: &Book, board: &Board) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for standing in report.claims.iter().filter(|claim| claim.accepted) {
        let (Some(claim), Some(until)) = (packet.claims.get(&standing.claim), standing.support.until) else {
            continue;
        };
        let grounds = standing.support.grounds.iter().enumerate();
        let binding = grounds.filter(|(_, ground)| ground.until == Some(until)).map(|(place, ground)| {
            debug_assert_eq!(ground.standing, Standing::Supported);
            since(claim, place, ground, book)
        });
        // The longest known of those that end together.
        let since = binding.min().flatten();
        bounds.push(Bound { what: standing.claim.to_string(), until, since });
    }
    for line in report.lines.iter().filter(|line| line.score == Score::Satisfied) {
        let (Some(subject), Some(until)) = (&line.subject, line.until) else { continue };
        let since = match line.rule {
            Rule::Requirements => {
                let set = board.requirement_sets.iter().find(|set| set.name == *subject);
                set.and_then(|set| swept(book, &set.connection, Kind::Requirement))
            }
            Rule::Objections => {
                subject.parse().ok().and_then(|id| packet.objections.get(&id)).and_then(|objection| {
                    match &objection.fate {
                        Fate::RiskAccepted { at, .. } => Some(*at),
                        _ => None,
                    }
                })
            }
            _ => continue,
        };
        bounds.push(Bound { what: subject.clone(), until, since });
    }
    bounds
}

/// Since when a ground's bound was known. Evidence that holds while it is seen has a new bound with each sighting; what was
/// said once has the same since it was recorded.
fn since(claim: &Claim, place: usize, ground: &Why, book: &Book) -> Option<Instant> {
    if let Some(Test::Query(query)) = &claim.claim.test
        && place >= claim.claim.citations.len()
    {
        let swept = query.connections.iter().filter_map(|connection| swept(book, connection, query.kind));
        return swept.min();
    }
    let record = ground.evidence.as_ref().and_then(|id| book.get(id))?;
    let newest = record.newest()?;
    let is_citation = place < claim.claim.citations.len();
    Some(if is_citation && moves(record, ground) { record.last_seen } else { newest.recorded })
}

/// Whether a citation's bound moves with each sighting.
fn moves(record: &Record, ground: &Why) -> bool {
    let Some(newest) = record.newest() else { return false };
    newest.item.kind().basis() == Basis::State && newest.item.expires != ground.until
}

/// When the oldest of the sweeps of a connection's streams of a kind was begun.
fn swept(book: &Book, connection: &ConnectionName, kind: Kind) -> Option<Instant> {
    book.streams_of(connection, kind)
        .filter_map(|stream| stream.sweep.as_ref().map(|sweep| sweep.began))
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actor::Role;
    use crate::event::{Decision, Event, FollowUpScheduled, ObjectionRaised, Topic};
    use crate::evidence::Severity;
    use crate::id::{FollowUpId, ObjectionId};
    use crate::package::samples::{Story, at, person};
    use crate::readiness::{Line, Verdict};

    /// A packet whose owner carries a risk until then.
    fn carrying(expires: Instant) -> (Story, ObjectionId) {
        let mut story = Story::opened("Sample");
        let raised = ObjectionRaised {
            topic: Topic::Rollback,
            severity: Severity::Low,
            issue: "It was never tried".to_owned(),
            target: None,
            rationale: "Nobody has".to_owned(),
            removes: "A test".to_owned(),
            remark: None,
        };
        let objection = ObjectionId(story.say("sam", Role::Reviewer, Event::ObjectionRaised(raised)));
        let accepted = Decision::RiskAccepted { objection, rationale: "It is small".to_owned(), expires };
        story.sign("grace", Role::ApprovalOwner, accepted);
        (story, objection)
    }

    /// What is told of the carried risk at an instant, by how many days are left.
    fn told(story: &Story, objection: ObjectionId, until: Instant, instant: &str) -> Vec<String> {
        let mut report = story.report(Verdict::InReview);
        report.instant = at(instant);
        report.lines.push(Line {
            rule: Rule::Objections,
            score: Score::Satisfied,
            subject: Some(objection.to_string()),
            code: String::new(),
            reason: String::new(),
            evidence: None,
            since: None,
            until: Some(until),
            clear: Vec::new(),
        });
        let watched = watch(&story.packet(), &report, &story.book, &story.board);
        assert!(watched.next.is_none_or(|next| next > report.instant));
        watched
            .news
            .into_iter()
            .map(|news| news.cause.rsplit(':').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn a_bound_is_told_of_when_it_comes_near_and_once_it_passed_no_more() {
        let until = at("2026-12-20T12:00:00Z");
        let (story, objection) = carrying(until);
        for (instant, expected) in [
            ("2026-12-13T11:59:59Z", &[][..]),
            ("2026-12-13T12:00:00Z", &["7d"]),
            ("2026-12-19T11:59:59Z", &["7d"]),
            ("2026-12-19T12:00:00Z", &["1d"]),
            ("2026-12-20T11:59:59Z", &["1d"]),
            ("2026-12-20T12:00:00Z", &[]),
        ] {
            assert_eq!(told(&story, objection, until, instant), expected, "at {instant}");
        }
    }

    #[test]
    fn a_bound_that_was_never_further_away_is_no_news() {
        // The risk was accepted on the second of November, for five days.
        let until = at("2026-11-07T12:00:00Z");
        let (story, objection) = carrying(until);
        assert_eq!(told(&story, objection, until, "2026-11-03T12:00:00Z"), [""; 0]);
        assert_eq!(told(&story, objection, until, "2026-11-06T12:00:00Z"), ["1d"]);
    }

    #[test]
    fn the_next_look_is_at_the_earliest_instant_at_which_something_changes() {
        let (mut story, _) = carrying(at("2026-12-20T12:00:00Z"));
        let scheduled = FollowUpScheduled {
            what: "Revoke it".to_owned(),
            owner: person("ada"),
            due: at("2026-12-01T00:00:00Z"),
            required: None,
        };
        let follow_up = FollowUpId(story.say("ada", Role::Author, Event::FollowUpScheduled(scheduled)));
        let mut report = story.report(Verdict::InReview);
        let look = |report: &Report| watch(&story.packet(), report, &story.book, &story.board);
        assert_eq!(look(&report), Watch { news: vec![], next: Some(at("2026-12-01T00:00:00Z")) });
        report.instant = at("2026-12-01T00:00:00Z");
        let due = look(&report);
        assert_eq!((due.news.len(), due.next), (1, None));
        assert!(due.news[0].cause.ends_with(&follow_up.to_string()), "{:?}", due.news);
    }
}
