//! Words and claims: proposals, and what a human author makes of them.

use super::{Known, Refusal};
use crate::actor::Actor;
use crate::claim::{ClaimText, Test};
use crate::event::{Event, Origin, PassageAccepted, PassageProposed};
use crate::evidence::Kind;
use crate::id::{ClaimId, PassageId};
use crate::packet::{ClaimState, Packet, Passage};
use crate::text::excerpt;

/// The longest text of a passage, a claim or a rationale, in bytes: some four printed pages.
pub(super) const LONGEST: usize = 16 * 1024;
/// The most citations a claim or an answer has.
const MOST_CITATIONS: usize = 64;

pub(super) fn check(known: &Known<'_>, actor: &Actor, event: &Event) -> Result<(), Refusal> {
    let (packet, word) = (known.packet, event.word());
    match event {
        Event::PassageProposed(event) => proposed(packet, actor, word, event),
        Event::PassageAccepted(event) => accepted(packet, word, event),
        Event::PassageDeclined(event) => {
            undecided(packet, word, event.passage)?;
            paragraph_or_nothing(word, "note", &event.note)
        }
        Event::ClaimMade(event) => {
            if let Some(replaces) = event.replaces {
                standing_claim(packet, word, replaces)?;
            }
            claim(known, word, &event.claim)
        }
        Event::ClaimAccepted(event) => match packet.claims.get(&event.claim).map(|claim| claim.state) {
            Some(ClaimState::Draft) => Ok(()),
            Some(_) => Err(not_a_draft(word, event.claim)),
            None => Err(unknown(word, event.claim)),
        },
        Event::ClaimRetracted(event) => {
            paragraph(word, "reason", &event.reason)?;
            standing_claim(packet, word, event.claim)
        }
        Event::ClaimReaffirmed(event) => {
            standing_claim(packet, word, event.claim)?;
            let old = packet.claims.get(&event.claim).map(|claim| &claim.claim);
            reaffirmed(word, old, &event.citations, &event.addresses)
        }
        Event::ConditionStated(event) => {
            paragraph(word, "text", &event.text)?;
            event.claims.iter().try_for_each(|claim| accepted_claim(packet, word, *claim))
        }
        _ => Ok(()),
    }
}

fn proposed(
    packet: &Packet,
    actor: &Actor,
    word: &str,
    event: &PassageProposed<crate::claim::Citation>,
) -> Result<(), Refusal> {
    paragraph(word, "text", &event.text)?;
    leans_on(packet, word, &event.leans_on)?;
    if let Some(replaces) = event.replaces {
        let old = packet.passages.get(&replaces).ok_or_else(|| unknown(word, replaces))?;
        if old.accepted().is_none() || old.section != event.section {
            return Err(Refusal::new(
                "passage.replaces",
                word,
                format!("{replaces} is not packet language of the section {}", event.section),
                "replace an accepted passage of the same section",
            ));
        }
    }
    // An agent cannot pass its words off as a person's.
    if !actor.is_human() && matches!(event.origin, Origin::Human | Origin::Objection) {
        return Err(Refusal::new(
            "passage.origin",
            word,
            "an agent's words have the origin agent, or quote a finding or a policy exactly",
            "propose them with origin agent",
        ));
    }
    match event.origin {
        Origin::Finding | Origin::Policy => quoted(word, event),
        Origin::Objection => {
            let raised = event.objection.and_then(|id| packet.objections.get(&id));
            let objection = raised.ok_or_else(|| {
                Refusal::new(
                    "passage.objection",
                    word,
                    "words of an objection name it",
                    "name the objection they are of",
                )
            })?;
            let said = [&objection.issue, &objection.rationale, &objection.removes];
            if said.contains(&&event.text) { Ok(()) } else { Err(not_its_words(word, "objection")) }
        }
        Origin::Agent | Origin::Human => Ok(()),
    }
}

/// Words of a finding or a policy are exactly the value that is cited.
fn quoted(word: &str, event: &PassageProposed<crate::claim::Citation>) -> Result<(), Refusal> {
    let Some(citation) = &event.quotes else {
        return Err(Refusal::new(
            "passage.quotes",
            word,
            format!("words with the origin {} cite what they quote", event.origin),
            "cite the evidence and the pointer of the quoted text, or use the origin human",
        ));
    };
    if citation.quoted.as_str() == Some(&event.text) {
        Ok(())
    } else {
        Err(not_its_words(word, event.origin.as_str()))
    }
}

fn not_its_words(word: &str, of: &str) -> Refusal {
    Refusal::new(
        "passage.not-verbatim",
        word,
        format!("the words are not exactly those of the {of} they quote"),
        "quote it word for word, or propose your own words with the origin human or agent",
    )
}

fn accepted(packet: &Packet, word: &str, event: &PassageAccepted) -> Result<(), Refusal> {
    let passage = undecided(packet, word, event.passage)?;
    if let Some(text) = &event.text {
        paragraph(word, "text", text)?;
        let is_quote = matches!(passage.origin, Origin::Finding | Origin::Policy | Origin::Objection);
        if is_quote && *text != passage.text {
            return Err(Refusal::new(
                "passage.quote-edited",
                word,
                format!("a quote of a {} is accepted as it is", passage.origin),
                "accept it unchanged, or decline it and propose your own words",
            ));
        }
    }
    for claim in &event.leans_on {
        accepted_claim(packet, word, *claim)?;
    }
    if event.leans_on.is_empty() && !event.narrative {
        return Err(Refusal::new(
            "passage.leans-on-nothing",
            word,
            "packet language leans on accepted claims, or is marked narrative by who accepts it",
            "name the claims, or say `narrative`: every export shows that mark",
        ));
    }
    Ok(())
}

fn claim(known: &Known<'_>, word: &str, claim: &ClaimText) -> Result<(), Refusal> {
    paragraph(word, "text", &claim.text)?;
    paragraph(word, "reasoning", &claim.reasoning)?;
    citations(word, claim.citations.len() + claim.addresses.len())?;
    let has_query = matches!(claim.test, Some(Test::Query(_)));
    if claim.citations.is_empty() && !has_query {
        return Err(Refusal::new(
            "claim.rests-on-nothing",
            word,
            "a claim cites evidence, or is a query over evidence",
            "cite at least one piece of evidence",
        ));
    }
    match &claim.test {
        Some(Test::Check(check)) if check.citation as usize >= claim.citations.len() => {
            return Err(Refusal::new(
                "claim.check",
                word,
                format!(
                    "the check looks at citation {}, and there are {}",
                    check.citation,
                    claim.citations.len()
                ),
                "number the citations from 0",
            ));
        }
        // Those that were written as text were asked when they were read; those that came as JSON were not.
        Some(Test::Check(check)) => {
            if let Some(fault) = check.fault() {
                let change = "write the check so that it can hold: /body/outcome == \"passed\"";
                return Err(Refusal::new("claim.check", word, fault, change));
            }
        }
        Some(Test::Query(query)) => {
            if let Some(fault) = query.fault() {
                let change = "write the query so that evidence can match it";
                return Err(Refusal::new("claim.query", word, fault, change));
            }
        }
        None => {}
    }
    let kind = |citation: &crate::claim::Citation| {
        known.book.get(&citation.evidence).and_then(|record| record.kind())
    };
    let stray = claim.addresses.iter().find(|addressed| kind(addressed) != Some(Kind::Requirement));
    match stray {
        Some(stray) => Err(Refusal::new(
            "claim.addresses",
            word,
            format!("{} is not a requirement", stray.evidence),
            "a claim addresses requirements, cited at /body/text; other evidence is cited",
        )),
        None if claim.addresses.iter().any(|addressed| addressed.pointer != "/body/text") => {
            Err(Refusal::new(
                "claim.addresses",
                word,
                "a requirement is addressed by its quoted text",
                "cite it at /body/text",
            ))
        }
        None => Ok(()),
    }
}

/// A reaffirmation is about the same places, newer.
fn reaffirmed(
    word: &str,
    old: Option<&ClaimText>,
    citations: &[crate::claim::Citation],
    addresses: &[crate::claim::Citation],
) -> Result<(), Refusal> {
    let same = |one: &[crate::claim::Citation], other: &[crate::claim::Citation]| {
        one.len() == other.len()
            && one.iter().zip(other).all(|(one, other)| {
                one.evidence == other.evidence
                    && one.pointer == other.pointer
                    && one.revision <= other.revision
            })
    };
    match old {
        Some(old) if same(&old.citations, citations) && same(&old.addresses, addresses) => {
            if old.citations == citations && old.addresses == addresses {
                return Err(Refusal::new(
                    "claim.nothing-newer",
                    word,
                    "there is no newer revision of what the claim cites",
                    "nothing is to be reaffirmed",
                ));
            }
            Ok(())
        }
        _ => Err(Refusal::new(
            "claim.reaffirm",
            word,
            "reaffirming cites the same places in newer revisions",
            "retract the claim and make another one",
        )),
    }
}

pub(super) fn citations(word: &str, count: usize) -> Result<(), Refusal> {
    if count <= MOST_CITATIONS {
        return Ok(());
    }
    Err(Refusal::new(
        "cite.too-many",
        word,
        format!("{count} citations; at most {MOST_CITATIONS} fit"),
        "split it into several claims",
    ))
}

fn undecided<'a>(packet: &'a Packet, word: &str, id: PassageId) -> Result<&'a Passage, Refusal> {
    let passage = packet.passages.get(&id).ok_or_else(|| unknown(word, id))?;
    if passage.is_proposed() {
        return Ok(passage);
    }
    Err(Refusal::new(
        "passage.decided",
        word,
        format!("{id} was accepted, declined or replaced before"),
        "propose a passage that replaces it",
    ))
}

fn leans_on(packet: &Packet, word: &str, claims: &[ClaimId]) -> Result<(), Refusal> {
    claims.iter().try_for_each(|claim| standing_claim(packet, word, *claim))
}

fn standing_claim(packet: &Packet, word: &str, id: ClaimId) -> Result<(), Refusal> {
    match packet.claims.get(&id).map(|claim| claim.state) {
        Some(ClaimState::Draft | ClaimState::Accepted { .. }) => Ok(()),
        Some(ClaimState::Retracted { .. } | ClaimState::Replaced { .. }) => Err(Refusal::new(
            "claim.ended",
            word,
            format!("{id} was retracted or replaced"),
            "name a claim that stands",
        )),
        None => Err(unknown(word, id)),
    }
}

fn accepted_claim(packet: &Packet, word: &str, id: ClaimId) -> Result<(), Refusal> {
    standing_claim(packet, word, id)?;
    match packet.claims.get(&id) {
        Some(claim) if claim.is_accepted() => Ok(()),
        _ => Err(Refusal::new(
            "claim.draft",
            word,
            format!("{id} is a draft; packet language leans on accepted claims alone"),
            "the author accepts the claim first",
        )),
    }
}

fn not_a_draft(word: &str, id: ClaimId) -> Refusal {
    Refusal::new("claim.decided", word, format!("{id} is no draft"), "nothing is to be accepted")
}

pub(super) fn unknown(word: &str, id: impl std::fmt::Display) -> Refusal {
    Refusal::new(
        "part.unknown",
        word,
        format!("the packet has no {id}"),
        "`probity packet show` lists the parts of a packet",
    )
}

/// A text of several lines that says something and hides nothing.
pub(super) fn paragraph(word: &str, field: &str, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(
            "text.empty",
            word,
            format!("`{field}` says nothing"),
            format!("write the {field}"),
        ));
    }
    paragraph_or_nothing(word, field, text)
}

pub(super) fn paragraph_or_nothing(word: &str, field: &str, text: &str) -> Result<(), Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::new(
            "text.too-long",
            word,
            format!("`{field}` has {} bytes; at most {LONGEST} fit", text.len()),
            "say it shorter, or in several parts",
        ));
    }
    if let Some(hidden) = text.lines().find(|line| !crate::text::is_plain_line(line)) {
        return Err(Refusal::new(
            "text.hidden",
            word,
            format!("`{field}` has characters that nobody sees, in `{}`", excerpt(hidden, 60)),
            "take out control and direction characters",
        ));
    }
    Ok(())
}

/// A line that says something.
pub(super) fn line(word: &str, field: &str, text: &str, longest: usize) -> Result<(), Refusal> {
    paragraph(word, field, text)?;
    if text.len() > longest || text.contains('\n') {
        return Err(Refusal::new(
            "text.too-long",
            word,
            format!("`{field}` is one line of at most {longest} bytes"),
            "say it shorter",
        ));
    }
    Ok(())
}
