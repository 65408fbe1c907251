//! Terms, people, policies, the intake and follow-ups.

use super::draft::{line, paragraph, paragraph_or_nothing, unknown};
use super::{Known, People, Refusal};
use crate::actor::{Actor, ActorKind, Role};
use crate::board::Board;
use crate::event::{Event, IntakeOutcome, IntakeRecorded, ReviewerNamed};
use crate::id::PrincipalId;
use crate::instant::Instant;
use crate::packet::{HandoffState, Packet};

pub(super) fn check(known: &Known<'_>, actor: &Actor, event: &Event) -> Result<(), Refusal> {
    let (packet, word) = (known.packet, event.word());
    match event {
        Event::TermsRevised(event) => {
            check_expiry(word, event.terms.expires, packet.opened, known.board, known.at)?;
            changes(word, event.terms != packet.terms)
        }
        Event::PacketWithdrawn(event) => paragraph(word, "reason", &event.reason),
        Event::AuthorChanged(event) => {
            changes(word, event.author != packet.author)?;
            if event.author == packet.owner.id || packet.owner.offered.as_ref() == Some(&event.author) {
                return Err(author_is_owner(word));
            }
            if packet.is_reviewer(&event.author) {
                return Err(Refusal::new(
                    "author.is-reviewer",
                    word,
                    format!("`{}` is a named reviewer; nobody reviews what they write", event.author),
                    "release them as reviewer first, or name another author",
                ));
            }
            person(word, &event.author, known.people, Role::Author)
        }
        Event::ReviewerNamed(event) => reviewer(known, word, event),
        Event::ReviewerReleased(event) => {
            paragraph(word, "reason", &event.reason)?;
            let named = packet.reviewers.get(&event.discipline);
            if named.is_some_and(|named| named.contains_key(&event.reviewer)) {
                return Ok(());
            }
            Err(Refusal::new(
                "reviewer.not-named",
                word,
                format!("`{}` is not named for {}", event.reviewer, event.discipline),
                "`probity packet show` lists who is",
            ))
        }
        Event::PolicyAdopted(event) => {
            changes(word, (event.policy, event.subjects) != (packet.policy, packet.subjects))
        }
        Event::IntakeRecorded(event) => intake(packet, actor, word, event),
        Event::FollowUpScheduled(event) => {
            line(word, "what", &event.what, 300)?;
            if event.due <= known.at {
                return Err(Refusal::new(
                    "follow-up.due",
                    word,
                    format!("{} is past; a follow-up is still to be done", event.due),
                    "choose a later day",
                ));
            }
            if let Some(required) =
                event.required.as_ref().filter(|id| !known.board.follow_ups.contains_key(*id))
            {
                let all: Vec<_> = known.board.follow_ups.keys().map(String::as_str).collect();
                return Err(Refusal::new(
                    "follow-up.unknown",
                    word,
                    format!("the board asks for no follow-up `{}`", crate::text::excerpt(required, 40)),
                    format!("name one of: {}; or none", all.join(", ")),
                ));
            }
            known_human(word, &event.owner, known.people)
        }
        Event::FollowUpDone(event) => {
            paragraph_or_nothing(word, "note", &event.note)?;
            match packet.follow_ups.get(&event.follow_up).map(|follow_up| follow_up.done.is_some()) {
                None => Err(unknown(word, event.follow_up)),
                Some(true) => changes(word, false),
                Some(false) => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// An exception ends, and not later than the board allows.
pub(super) fn check_expiry(
    word: &str,
    expires: Instant,
    opened: Instant,
    board: &Board,
    at: Instant,
) -> Result<(), Refusal> {
    let latest = opened.plus(board.longest_exception).unwrap_or_else(Instant::latest);
    if expires <= at || expires > latest {
        return Err(Refusal::new(
            "expiry.range",
            word,
            format!(
                "an exception ends after now and at the latest on {latest}, as the board allows; {expires} does not"
            ),
            "choose another expiry",
        ));
    }
    Ok(())
}

fn changes(word: &str, does: bool) -> Result<(), Refusal> {
    if does {
        return Ok(());
    }
    Err(Refusal::new("nothing.changes", word, "it is so already", "nothing is to be done"))
}

pub(super) fn author_is_owner(word: &str) -> Refusal {
    Refusal::new(
        "owner.is-author",
        word,
        "nobody approves what they wrote: author and approval owner are two people",
        "name another person",
    )
}

fn reviewer(known: &Known<'_>, word: &str, event: &ReviewerNamed) -> Result<(), Refusal> {
    let packet = known.packet;
    let Some(listed) = known.board.disciplines.get(&event.discipline) else {
        let all: Vec<_> = known.board.disciplines.keys().map(|discipline| discipline.as_str()).collect();
        return Err(Refusal::new(
            "reviewer.discipline",
            word,
            format!("the board knows no discipline `{}`", event.discipline),
            format!("name one of: {}", all.join(", ")),
        ));
    };
    if !listed.contains(&event.reviewer) {
        let all: Vec<_> = listed.iter().map(|id| id.as_str()).collect();
        return Err(Refusal::new(
            "reviewer.not-listed",
            word,
            format!("the board does not let `{}` review for {}", event.reviewer, event.discipline),
            format!("name one of: {}", all.join(", ")),
        ));
    }
    if event.reviewer == packet.author || event.reviewer == packet.owner.id {
        return Err(Refusal::new(
            "reviewer.is-author-or-owner",
            word,
            "nobody reviews what they write or approve",
            "name another reviewer",
        ));
    }
    let named = packet.reviewers.get(&event.discipline);
    changes(word, !named.is_some_and(|named| named.contains_key(&event.reviewer)))?;
    known_human(word, &event.reviewer, known.people)
}

fn intake(packet: &Packet, actor: &Actor, word: &str, event: &IntakeRecorded) -> Result<(), Refusal> {
    let Some(handoff) = packet.handoffs.iter().find(|handoff| handoff.submission == event.submission) else {
        return Err(Refusal::new(
            "intake.unknown",
            word,
            format!("`{}` was never handed off", crate::text::excerpt(&event.submission, 80)),
            "name a submission of this packet",
        ));
    };
    let past = match (&handoff.state, &event.outcome) {
        (HandoffState::Bounced { .. } | HandoffState::Decided { .. }, _) => true,
        (HandoffState::Accepted { .. }, IntakeOutcome::Received { .. } | IntakeOutcome::Accepted) => true,
        (HandoffState::Received { .. }, IntakeOutcome::Received { .. }) => true,
        (_, IntakeOutcome::Unclear { .. }) => !matches!(handoff.state, HandoffState::Filing),
        _ => false,
    };
    if past {
        return Err(Refusal::new(
            "intake.past",
            word,
            "the submission is past that already",
            "nothing is to be recorded",
        ));
    }
    if actor.is_human() && !handoff.is_received() {
        return Err(Refusal::new(
            "intake.not-received",
            word,
            "the board judges what its queue has; this submission is not known to be in it",
            "wait until it is received",
        ));
    }
    match &event.outcome {
        IntakeOutcome::Bounced { reasons } if reasons.is_empty() => Err(Refusal::new(
            "intake.no-reason",
            word,
            "a packet comes back with at least one reason",
            "say why",
        )),
        IntakeOutcome::Bounced { reasons } => {
            reasons.iter().try_for_each(|reason| paragraph(word, "reasons", &reason.text))
        }
        IntakeOutcome::Decided { decision, .. } => paragraph(word, "decision", decision),
        IntakeOutcome::Received { reference, .. } => line(word, "reference", reference, 300),
        IntakeOutcome::Unclear { problem } => paragraph(word, "problem", problem),
        IntakeOutcome::Accepted => Ok(()),
    }
}

/// Somebody known, human, with a role.
fn person(word: &str, id: &PrincipalId, people: &People, role: Role) -> Result<(), Refusal> {
    known_human(word, id, people)?;
    match people.get(id) {
        Some(person) if person.role == role => Ok(()),
        _ => Err(Refusal::new(
            "people.role",
            word,
            format!("`{id}` does not have the role {}", role.as_str()),
            format!("name a principal of role {}", role.as_str()),
        )),
    }
}

pub(super) fn known_human(word: &str, id: &PrincipalId, people: &People) -> Result<(), Refusal> {
    match people.get(id) {
        Some(person) if person.kind == ActorKind::Human => Ok(()),
        Some(_) => Err(Refusal::new(
            "people.not-human",
            word,
            format!("`{id}` is not a person"),
            "name a human principal",
        )),
        None => Err(Refusal::new(
            "people.unknown",
            word,
            format!("nobody is called `{id}` here"),
            "name a principal that the operator added; `probity principal list` shows them",
        )),
    }
}
