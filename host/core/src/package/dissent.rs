//! Objections with their answers and fates: the evidence-response table.
//!
//! Every objection the ledger ever took in is here. What happened to it is read from the ledger itself, not from where it
//! stands now, so an accepted risk that was opened again by a new owner still shows who once accepted it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::sources::{CitedPlace, Sources};
use crate::event::Topic;
use crate::evidence::Severity;
use crate::id::{ObjectionId, PrincipalId};
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::objection::Carried;
use crate::packet::{Answer, Fate, FateWord, NotOpened, Objection, Packet};
use crate::readiness::Report;

/// An objection, what was said to it, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ObjectionRow {
    pub objection: ObjectionId,
    pub raised_by: PrincipalId,
    pub raised: Instant,
    pub topic: Topic,
    pub severity: Severity,
    pub issue: String,
    /// What it is against; none for the packet as a whole.
    pub target: Option<String>,
    pub rationale: String,
    /// What would remove it.
    pub removes: String,
    pub carried_from: Option<Carried>,
    /// The author's answers. Drafts of answers are listed with the drafts.
    pub answers: Vec<AnswerRow>,
    pub fate: FateRow,
    /// Everything the ledger says about it, in order.
    pub history: Vec<Happening>,
}

/// What the author said to an objection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AnswerRow {
    pub seq: u32,
    pub by: PrincipalId,
    pub at: Instant,
    pub text: String,
    pub cites: Vec<CitedPlace>,
}

/// What became of an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum FateRow {
    Open,
    Withdrawn {
        by: PrincipalId,
        at: Instant,
        reason: String,
        seq: u32,
    },
    RiskAccepted {
        by: PrincipalId,
        at: Instant,
        rationale: String,
        expires: Instant,
        /// Whether the acceptance was in date at the package's instant. One that is not blocks like an open objection.
        in_date: bool,
        seq: u32,
    },
}

/// An entry of the ledger about an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Happening {
    pub seq: u32,
    pub at: Instant,
    pub by: PrincipalId,
    /// Whether a person did it.
    pub by_human: bool,
    /// The entry's word: `risk-accepted`.
    pub word: String,
    /// Where the objection stood after it.
    pub fate: FateWord,
    /// What was said, but for drafts.
    pub said: Option<String>,
}

impl FateRow {
    /// The word for it.
    pub const fn word(&self) -> FateWord {
        match self {
            Self::Open => FateWord::Open,
            Self::Withdrawn { .. } => FateWord::Withdrawn,
            Self::RiskAccepted { .. } => FateWord::RiskAccepted,
        }
    }
}

pub(super) fn of(
    entries: &[(Entry, Head)],
    packet: &Packet,
    report: &Report,
    sources: &mut Sources<'_>,
) -> Result<Vec<ObjectionRow>, NotOpened> {
    let mut histories = histories(entries)?;
    let rows = packet.objections.values().map(|objection| {
        let history = histories.remove(&objection.id).unwrap_or_default();
        row(objection, history, report.instant, sources)
    });
    Ok(rows.collect())
}

fn row(
    objection: &Objection,
    history: Vec<Happening>,
    at: Instant,
    sources: &mut Sources<'_>,
) -> ObjectionRow {
    let answers = objection.answers.iter().filter(|answer| !answer.draft);
    ObjectionRow {
        objection: objection.id,
        raised_by: objection.by.clone(),
        raised: objection.at,
        topic: objection.topic,
        severity: objection.severity,
        issue: objection.issue.clone(),
        target: objection.target.clone(),
        rationale: objection.rationale.clone(),
        removes: objection.removes.clone(),
        carried_from: objection.carried_from.clone(),
        answers: answers.map(|answer| answer_row(answer, sources)).collect(),
        fate: fate_row(objection, at),
        history,
    }
}

fn answer_row(answer: &Answer, sources: &mut Sources<'_>) -> AnswerRow {
    AnswerRow {
        seq: answer.seq,
        by: answer.by.clone(),
        at: answer.at,
        text: answer.text.clone(),
        cites: sources.cite(&answer.citations),
    }
}

fn fate_row(objection: &Objection, now: Instant) -> FateRow {
    match objection.fate.clone() {
        Fate::Open => FateRow::Open,
        Fate::Withdrawn { at, reason, seq } => {
            FateRow::Withdrawn { by: objection.by.clone(), at, reason, seq }
        }
        Fate::RiskAccepted { by, at, rationale, expires, seq } => {
            FateRow::RiskAccepted { by, at, rationale, expires, in_date: now < expires, seq }
        }
    }
}

/// What each entry did to each objection, by folding again and looking: the fold alone knows, for one, that a new owner opens
/// accepted risks again.
fn histories(entries: &[(Entry, Head)]) -> Result<BTreeMap<ObjectionId, Vec<Happening>>, NotOpened> {
    let mut folded: Option<Packet> = None;
    let mut known: BTreeMap<ObjectionId, (Fate, usize)> = BTreeMap::new();
    let mut histories: BTreeMap<ObjectionId, Vec<Happening>> = BTreeMap::new();
    for (entry, head) in entries {
        match &mut folded {
            None => folded = Some(Packet::open(entry, *head)?),
            Some(packet) => packet.apply(entry, *head),
        }
        for objection in folded.iter().flat_map(|packet| packet.objections.values()) {
            let now = (objection.fate.clone(), objection.answers.len());
            if known.get(&objection.id) != Some(&now) {
                let before = known.insert(objection.id, now);
                histories.entry(objection.id).or_default().push(happening(entry, objection, before));
            }
        }
    }
    Ok(histories)
}

fn happening(entry: &Entry, objection: &Objection, before: Option<(Fate, usize)>) -> Happening {
    let said = match (before, &objection.fate) {
        (None, _) => None,
        (Some((_, answers)), _) if answers < objection.answers.len() => {
            objection.answers.last().filter(|answer| !answer.draft).map(|answer| answer.text.clone())
        }
        (_, Fate::Open) => None,
        (_, Fate::Withdrawn { reason, .. }) => Some(reason.clone()),
        (_, Fate::RiskAccepted { rationale, .. }) => Some(rationale.clone()),
    };
    Happening {
        seq: entry.seq,
        at: entry.at,
        by: entry.actor.id.clone(),
        by_human: entry.actor.is_human(),
        word: entry.event.word().to_owned(),
        fate: objection.word(),
        said,
    }
}
