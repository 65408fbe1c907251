//! Accepted language by section, and the list of drafts.

use serde::Serialize;

use super::sources::{CitedPlace, Sources};
use crate::board::Board;
use crate::event::{Origin, Section};
use crate::id::{ClaimId, ObjectionId, PassageId, PrincipalId};
use crate::instant::Instant;
use crate::packet::{ClaimState, Packet, Passage, passage::AcceptedText};

/// A section's packet language.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SectionLanguage {
    pub section: Section,
    /// Whether the board asks for it.
    pub required: bool,
    /// In the order in which they were proposed; none is a hole.
    pub spans: Vec<Span>,
}

/// An accepted passage, with where its words come from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Span {
    pub passage: PassageId,
    pub text: String,
    pub origin: Origin,
    pub proposed_by: PrincipalId,
    pub by_agent: bool,
    pub proposed: Instant,
    pub accepted_by: PrincipalId,
    pub accepted: Instant,
    /// Whether the accepted words differ from those proposed.
    pub edited: bool,
    /// Who accepted it says that it carries no material statement.
    pub narrative: bool,
    pub leans_on: Vec<ClaimId>,
    /// What is quoted, for words of a finding or a policy.
    pub quotes: Option<CitedPlace>,
    /// The objection the words are of.
    pub objection: Option<ObjectionId>,
}

/// Something that no human author accepted or turned down yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Draft {
    /// `passage-7`, `claim-9`; for an answer the objection it is to.
    pub name: String,
    pub what: DraftKind,
    pub by: PrincipalId,
    pub by_agent: bool,
    pub at: Instant,
}

/// What it is a draft of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum DraftKind {
    Passage { section: Section, origin: Origin },
    Claim,
    Answer { seq: u32 },
}

pub(super) fn of(packet: &Packet, board: &Board, sources: &mut Sources<'_>) -> Vec<SectionLanguage> {
    let mut language = Vec::new();
    for section in Section::ALL.iter().copied() {
        let accepted = packet.accepted_passages().filter(|(passage, _)| passage.section == section);
        let spans: Vec<_> = accepted.map(|(passage, accepted)| span(passage, accepted, sources)).collect();
        let required = board.sections.contains(&section);
        if required || !spans.is_empty() {
            language.push(SectionLanguage { section, required, spans });
        }
    }
    language
}

fn span(passage: &Passage, accepted: &AcceptedText, sources: &mut Sources<'_>) -> Span {
    Span {
        passage: passage.id,
        text: accepted.text.clone(),
        origin: passage.origin,
        proposed_by: passage.by.clone(),
        by_agent: passage.by_agent,
        proposed: passage.at,
        accepted_by: accepted.accepted_by.clone(),
        accepted: accepted.at,
        edited: accepted.edited,
        narrative: accepted.narrative,
        leans_on: accepted.leans_on.clone(),
        quotes: sources.cite(&passage.quotes).pop(),
        objection: passage.objection,
    }
}

/// Open drafts, without a word of theirs.
pub(super) fn drafts(packet: &Packet) -> Vec<Draft> {
    let passages = packet.passages.values().filter(|passage| passage.is_proposed()).map(|passage| Draft {
        name: passage.id.to_string(),
        what: DraftKind::Passage { section: passage.section, origin: passage.origin },
        by: passage.by.clone(),
        by_agent: passage.by_agent,
        at: passage.at,
    });
    // A claim that a person makes is theirs at once; only software leaves drafts.
    let drafted = packet.claims.values().filter(|claim| claim.state == ClaimState::Draft);
    let claims = drafted.map(|claim| Draft {
        name: claim.id.to_string(),
        what: DraftKind::Claim,
        by: claim.by.clone(),
        by_agent: true,
        at: claim.made,
    });
    let answers = packet.objections.values().flat_map(|objection| {
        objection.answers.iter().filter(|answer| answer.draft).map(|answer| Draft {
            name: objection.id.to_string(),
            what: DraftKind::Answer { seq: answer.seq },
            by: answer.by.clone(),
            by_agent: true,
            at: answer.at,
        })
    });
    passages.chain(claims).chain(answers).collect()
}
