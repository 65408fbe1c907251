//! The handoff ledger: who owns the next approval, who reviewed, what blocks, on which condition it goes over, and to whom.

use serde::Serialize;

use super::signed;
use crate::board::Board;
use crate::event::ReviewVerdict;
use crate::id::{Discipline, PrincipalId};
use crate::instant::Instant;
use crate::ledger::Head;
use crate::packet::{Cause, Condition, Handoff, HandoffState, Hold, Oddity, Owner, Packet, Review};
use crate::readiness::{Line, Report, Verdict};

/// The ledger's projection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct HandoffLedger {
    /// The ledger's last entry, and when it was made.
    pub head: Head,
    pub changed: Instant,
    pub opened: Instant,
    pub author: PrincipalId,
    pub owner: Owner,
    pub reviewers: Vec<ReviewerRow>,
    /// Reviews by people who are not named any more.
    pub former_reviews: Vec<ReviewRow>,
    /// The report's lines that stand in the way.
    pub blockers: Vec<Line>,
    pub condition: Option<Condition>,
    pub next: NextStep,
    pub receiving: Receiving,
    pub handoffs: Vec<Handoff>,
    /// Holds that are not released, and causes that are not cleared.
    pub holds: Vec<Hold>,
    pub causes: Vec<Cause>,
    /// Entries that meant nothing when they were applied.
    pub oddities: Vec<Oddity>,
}

/// Somebody named to review, and what they said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReviewerRow {
    pub discipline: Discipline,
    pub reviewer: PrincipalId,
    pub named: Instant,
    /// All of theirs in this discipline, in order.
    pub reviews: Vec<ReviewRow>,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReviewRow {
    pub seq: u32,
    pub by: PrincipalId,
    pub at: Instant,
    pub discipline: Discipline,
    pub verdict: ReviewVerdict,
    pub note: String,
    /// Whether it is of this text.
    pub counts: bool,
}

/// What happens next, and who makes it happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NextStep {
    pub who: String,
    pub what: String,
}

/// Where the package goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Receiving {
    /// The board, as its policy calls itself.
    pub board: String,
    /// The intake the package is filed with.
    pub intake: String,
}

pub(super) fn of(packet: &Packet, report: &Report, board: &Board) -> HandoffLedger {
    let review_row = |review: &Review| ReviewRow {
        seq: review.seq,
        by: review.by.clone(),
        at: review.at,
        discipline: review.discipline.clone(),
        verdict: review.verdict,
        note: review.note.clone(),
        counts: signed::review_counts(review.seq, packet, report),
    };
    let is_named = |review: &Review| {
        packet.reviewers.get(&review.discipline).is_some_and(|named| named.contains_key(&review.by))
    };
    let former = packet.reviews.iter().filter(|review| !is_named(review));
    HandoffLedger {
        head: packet.head,
        changed: packet.changed,
        opened: packet.opened,
        author: packet.author.clone(),
        owner: packet.owner.clone(),
        reviewers: reviewers(packet, &review_row),
        // Who was released may have reviewed well; the review does not count, and is not hidden.
        former_reviews: former.map(|review| ReviewRow { counts: false, ..review_row(review) }).collect(),
        blockers: report.blockers().cloned().collect(),
        condition: packet.condition.clone(),
        next: next(packet, report, board),
        receiving: Receiving { board: packet.board.clone(), intake: board.intake.clone() },
        handoffs: packet.handoffs.clone(),
        holds: packet.open_holds().cloned().collect(),
        causes: packet.open_causes().cloned().collect(),
        oddities: packet.oddities.clone(),
    }
}

fn reviewers(packet: &Packet, review_row: &impl Fn(&Review) -> ReviewRow) -> Vec<ReviewerRow> {
    let mut rows = Vec::new();
    for (discipline, named) in &packet.reviewers {
        for (reviewer, at) in named {
            let theirs = packet
                .reviews
                .iter()
                .filter(|review| review.by == *reviewer && review.discipline == *discipline);
            rows.push(ReviewerRow {
                discipline: discipline.clone(),
                reviewer: reviewer.clone(),
                named: *at,
                reviews: theirs.map(review_row).collect(),
            });
        }
    }
    rows
}

fn next(packet: &Packet, report: &Report, board: &Board) -> NextStep {
    let step = |who: &str, what: &str| NextStep { who: who.to_owned(), what: what.to_owned() };
    match report.verdict {
        Verdict::Withdrawn => step("nobody", "The author took the packet back; nothing follows."),
        Verdict::Ready => step(packet.owner.id.as_str(), "Sign the handoff to the board."),
        Verdict::HandingOff | Verdict::HandedOff => after_handoff(packet, board),
        _ => report.blockers().next().map_or_else(
            || step("nobody", "Nothing stands in the way, and the report does not say what follows."),
            |line| match line.clear.first() {
                Some(clearing) => step(&clearing.who, &clearing.how),
                None => step("nobody", &line.reason),
            },
        ),
    }
}

fn after_handoff(packet: &Packet, board: &Board) -> NextStep {
    let step = |who: &str, what: String| NextStep { who: who.to_owned(), what };
    match packet.handoff().map(|handoff| &handoff.state) {
        Some(HandoffState::Unclear { problem }) => {
            step("operator", format!("Find out whether the package was filed: {problem}"))
        }
        Some(HandoffState::Received { reference, .. }) => {
            step(&packet.board, format!("Take up the submission {reference}."))
        }
        Some(HandoffState::Accepted { .. }) => step(&packet.board, "Decide.".to_owned()),
        Some(HandoffState::Decided { .. }) => step(
            packet
                .follow_ups
                .values()
                .find(|follow_up| follow_up.done.is_none())
                .map_or("nobody", |open| open.owner.as_str()),
            "The board decided; see to the follow-ups.".to_owned(),
        ),
        Some(HandoffState::Filing | HandoffState::Bounced { .. }) | None => {
            step("Probity", format!("File the package with the intake `{}`.", board.intake))
        }
    }
}
