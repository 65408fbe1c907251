//! Accepting readiness and handing off: bound to the report of the instant that was shown.

use super::anew;
use super::ownership::accepted_owner_only;
use crate::actor::Actor;
use crate::canonical::Digest;
use crate::decide::{Known, Refusal};
use crate::instant::Instant;
use crate::packet::Packet;
use crate::readiness::{Report, Verdict, readiness};
use crate::statement::Statement;

pub(super) fn ready(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    statement: &Statement,
) -> Result<(), Refusal> {
    let packet = known.packet;
    let (is_author, is_owner) = (actor.id == packet.author, actor.id == packet.owner.id);
    if !is_author && !is_owner {
        return Err(Refusal::new(
            "who.author-or-owner",
            word,
            "readiness is accepted by the author and by the approval owner",
            "ask them",
        )
        .who(format!("{} and {}", packet.author, packet.owner.id)));
    }
    let report = readiness(packet, known.book, known.board, known.subjects, known.at);
    may_be_signed(&report, word)?;
    if is_owner && !report.author_has_accepted() {
        return Err(Refusal::new(
            "readiness.author-first",
            word,
            "the author accepts readiness first, then the owner",
            "ask the author to sign",
        )
        .who(packet.author.to_string()));
    }
    good_until(&report, statement, word)
}

fn may_be_signed(report: &Report, word: &str) -> Result<(), Refusal> {
    if report.may_be_signed {
        return Ok(());
    }
    let blockers: Vec<_> = report.blockers().take(3).map(|line| line.reason.as_str()).collect();
    Err(Refusal::new(
        "readiness.not-yet",
        word,
        format!("readiness is accepted when everything else holds: {}", blockers.join("; ")),
        "clear what `probity packet readiness` lists",
    ))
}

/// A statement may promise no more than the evidence does.
fn good_until(report: &Report, statement: &Statement, word: &str) -> Result<(), Refusal> {
    let fits = match (good_until_of(report), statement.good_until) {
        (Some(bound), Some(said)) => said <= bound,
        (Some(_), None) => false,
        (None, _) => true,
    };
    if fits {
        return Ok(());
    }
    Err(anew(
        "statement.good-until",
        word,
        "the evidence is good for less long than the statement says".to_owned(),
    ))
}

/// Until when a signature given on this report is good.
pub fn good_until_of(report: &Report) -> Option<Instant> {
    report.good_until
}

pub(super) fn handed_off(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    statement: &Statement,
    named: Digest,
    condition: &str,
) -> Result<(), Refusal> {
    let packet = known.packet;
    accepted_owner_only(packet, actor, word)?;
    let now = readiness(packet, known.book, known.board, known.subjects, known.at);
    if now.verdict != Verdict::Ready {
        let blockers: Vec<_> = now.blockers().take(3).map(|line| line.reason.as_str()).collect();
        return Err(Refusal::new(
            "handoff.not-ready",
            word,
            format!(
                "a packet is handed off when it is ready; it is {}: {}",
                now.verdict,
                blockers.join("; ")
            ),
            "clear what `probity packet readiness` lists",
        ));
    }
    let stated = packet.condition.as_ref().map(|stated| stated.text.as_str());
    if stated != Some(condition) {
        return Err(anew(
            "handoff.condition",
            word,
            "the condition attested is not the one that was stated".to_owned(),
        ));
    }
    let shown_at = usize::try_from(statement.head.seq).unwrap_or(usize::MAX).min(known.entries.len());
    let shown = Packet::fold(&known.entries[..shown_at])
        .ok()
        .zip(known.shown)
        .map(|(then, book)| readiness(&then, book, known.board, known.subjects, statement.instant));
    if shown.and_then(|report| report.digest().ok()) != Some(named) {
        return Err(anew(
            "handoff.report",
            word,
            "the report it names is not the one of its instant".to_owned(),
        ));
    }
    good_until(&now, statement, word)
}
