//! Remarks, objections, holds, and exposure: what stands against a packet.

use super::draft::{citations, line, paragraph, unknown};
use super::{Known, Refusal};
use crate::actor::Actor;
use crate::event::{Event, ExposureDetected, ObjectionRaised};
use crate::evidence::Severity;
use crate::packet::exposure::CauseSource;
use crate::packet::{FateWord, Packet};

pub(super) fn check(known: &Known<'_>, actor: &Actor, event: &Event) -> Result<(), Refusal> {
    let (packet, word) = (known.packet, event.word());
    match event {
        Event::RemarkMade(event) => {
            paragraph(word, "text", &event.text)?;
            target(packet, word, event.target.as_deref())
        }
        Event::ObjectionRaised(event) => raised(packet, actor, word, event),
        Event::ObjectionAnswered(event) => {
            paragraph(word, "text", &event.text)?;
            citations(word, event.citations.len())?;
            match packet.objections.get(&event.objection).map(|objection| objection.word()) {
                None => Err(unknown(word, event.objection)),
                Some(FateWord::Withdrawn) => Err(Refusal::new(
                    "objection.withdrawn",
                    word,
                    format!("{} was withdrawn by its raiser", event.objection),
                    "nothing is to be answered",
                )),
                Some(_) => Ok(()),
            }
        }
        Event::HoldPlaced(event) => paragraph(word, "reason", &event.reason),
        Event::HoldReleased(event) => {
            paragraph(word, "reason", &event.reason)?;
            match packet.holds.get(&event.hold).map(|hold| hold.released.is_some()) {
                None => Err(unknown(word, event.hold)),
                Some(true) => Err(Refusal::new(
                    "hold.released",
                    word,
                    format!("{} was released before", event.hold),
                    "nothing is to be released",
                )),
                Some(false) => Ok(()),
            }
        }
        Event::ExposureDetected(event) => detected(packet, word, event),
        Event::ExposureDeclared(event) => {
            paragraph(word, "reason", &event.reason)?;
            match &event.evidence {
                Some(id) if known.book.get(id).is_none() => Err(Refusal::new(
                    "cite.unknown-evidence",
                    word,
                    format!("there is no evidence {id} that this packet could know"),
                    "leave the evidence out, or name one that the packet cites",
                )),
                _ => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

fn raised(packet: &Packet, actor: &Actor, word: &str, event: &ObjectionRaised) -> Result<(), Refusal> {
    line(word, "issue", &event.issue, 300)?;
    paragraph(word, "rationale", &event.rationale)?;
    paragraph(word, "removes", &event.removes)?;
    target(packet, word, event.target.as_deref())?;
    if event.severity == Severity::Unknown {
        return Err(Refusal::new(
            "objection.severity",
            word,
            "an objection says how severe it is",
            "choose critical, high, medium, low or info",
        ));
    }
    let Some(remark) = event.remark else { return Ok(()) };
    match packet.remarks.get(&remark) {
        None => Err(unknown(word, remark)),
        Some(made) if made.by != actor.id => Err(Refusal::new(
            "remark.not-yours",
            word,
            format!("{remark} is {}'s; a remark is raised to an objection by who made it", made.by),
            "raise an objection of your own",
        )),
        Some(made) if made.raised_as.is_some() => Err(Refusal::new(
            "remark.raised",
            word,
            format!("{remark} was raised to an objection before"),
            "raise an objection of its own",
        )),
        Some(_) => Ok(()),
    }
}

/// One cause is recorded once. It fires again when the reason changes, or when the exposure ended and returned: the host
/// sees that in the revisions and then names a later one.
fn detected(packet: &Packet, word: &str, event: &ExposureDetected) -> Result<(), Refusal> {
    let same = packet
        .causes
        .values()
        .rev()
        .find(|cause| cause.is_of(&event.evidence) && cause.reason == event.reason);
    let again = match same.map(|cause| (&cause.source, cause.is_open())) {
        None => true,
        Some((_, true)) => false,
        Some((CauseSource::Detected { revision, .. }, false)) => *revision < event.revision,
        Some((CauseSource::Declared { .. }, false)) => true,
    };
    if again {
        return Ok(());
    }
    Err(Refusal::new(
        "exposure.known",
        word,
        "this cause is recorded already",
        "nothing is to be recorded again",
    ))
}

/// A target is a part of the packet, a section, or nothing.
fn target(packet: &Packet, word: &str, target: Option<&str>) -> Result<(), Refusal> {
    let Some(target) = target else { return Ok(()) };
    let is_part = target.parse().is_ok_and(|id| packet.claims.contains_key(&id))
        || target.parse().is_ok_and(|id| packet.passages.contains_key(&id))
        || target.parse().is_ok_and(|id| packet.objections.contains_key(&id))
        || target.parse().is_ok_and(|id| packet.remarks.contains_key(&id));
    let is_section = target.parse::<crate::event::Section>().is_ok();
    if is_part || is_section { Ok(()) } else { Err(unknown(word, crate::text::excerpt(target, 40))) }
}
