//! Which requirements a packet must address, and whether it does.
//!
//! A requirement set ranges over evidence, so it is as good as its reading: it counts when its streams were swept in
//! full and in date and nothing is lost. An empty set is an error, and so is one without a requirement that the board
//! named as key, for otherwise taking out a rule would be the easiest way to follow it.
//!
//! Deliberately absent: whether the claim that addresses a requirement is supported ([`crate::claim`]).

use serde_json::Value;

use super::{Board, RequirementSet};
use crate::book::{Examined, Lack, LackKind, Record};
use crate::evidence::{Body, Kind, Requirement, Strength};
use crate::id::ClaimId;
use crate::instant::Instant;
use crate::packet::Claim;
use crate::text::excerpt;

/// Where the text of a requirement stands in its JSON form.
pub const TEXT: &str = "/body/text";

/// One thing to say about the requirement sets of a policy.
#[derive(Debug, Clone, PartialEq)]
pub enum RequirementLine<'a> {
    /// The set was read in full; until when that counts.
    Read { set: &'a str, examined: u64, until: Option<Instant> },
    /// The set cannot be relied on.
    Fault { set: &'a str, fault: SetFault },
    /// A packet must address it.
    Applies { set: &'a str, record: &'a Record, requirement: &'a Requirement },
    /// It is in the set and asks for nothing that can be missed: advice, permission, a statement.
    Advises { set: &'a str, record: &'a Record, requirement: &'a Requirement },
}

/// Why a set cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetFault {
    /// A stable code: `requirements.nothing-examined`.
    pub code: &'static str,
    pub reason: String,
    /// When its reading went out of date; none for all else.
    pub since: Option<Instant>,
    /// What would clear it.
    pub clear: String,
    /// Whether it is an error: something is lost, taken out or was never there.
    pub is_error: bool,
}

/// What every requirement set of a policy holds and lacks, set by set: its reading, its faults, then its requirements in
/// order of id.
pub fn applicable<'l, 'a: 'l>(
    board: &'l Board,
    examined: &Examined<'a>,
    at: Instant,
) -> Vec<RequirementLine<'l>> {
    board.requirement_sets.iter().flat_map(|set| lines(set, board, examined, at)).collect()
}

fn lines<'l, 'a: 'l>(
    set: &'l RequirementSet,
    board: &Board,
    examined: &Examined<'a>,
    at: Instant,
) -> Vec<RequirementLine<'l>> {
    let name = &*set.name;
    let max_age = board.max_age.get(&Kind::Requirement).copied();
    let coverage = examined.coverage(&set.connection, Kind::Requirement, None, max_age, at);
    let members: Vec<_> = examined
        .of_kind(&set.connection, Kind::Requirement)
        .iter()
        .copied()
        .filter_map(|record| requirement(record).map(|requirement| (record, requirement)))
        .filter(|(_, requirement)| set.holds(requirement))
        .collect();
    let mut faults: Vec<SetFault> = coverage.lacks.into_iter().map(SetFault::of).collect();
    if members.is_empty() {
        faults.push(SetFault::empty(set));
    }
    faults.extend(set.key.iter().filter_map(|key| {
        let is_there = members.iter().any(|(_, requirement)| requirement.reference == *key);
        (!is_there).then(|| SetFault::key_missing(set, key))
    }));
    let mut lines = Vec::with_capacity(members.len() + 1);
    if faults.is_empty() {
        lines.push(RequirementLine::Read { set: name, examined: coverage.examined, until: coverage.until });
    }
    lines.extend(faults.into_iter().map(|fault| RequirementLine::Fault { set: name, fault }));
    lines.extend(members.into_iter().map(|(record, requirement)| match requirement.strength {
        Strength::Must | Strength::MustNot => RequirementLine::Applies { set: name, record, requirement },
        Strength::Should | Strength::ShouldNot | Strength::May | Strength::Statement => {
            RequirementLine::Advises { set: name, record, requirement }
        }
    }));
    lines
}

impl RequirementSet {
    /// Whether a requirement of its connection is in it.
    fn holds(&self, requirement: &Requirement) -> bool {
        self.document.as_ref().is_none_or(|document| requirement.document.id == *document)
            && self.section.as_ref().is_none_or(|section| requirement.section.contains(section))
            && self.class.is_none_or(|class| requirement.class == class)
    }
}

impl SetFault {
    fn of(lack: Lack) -> Self {
        let Lack { kind, reason, clear } = lack;
        let since = match kind {
            LackKind::OutOfDate { since } => Some(since),
            _ => None,
        };
        Self { code: kind.code(), reason, since, clear, is_error: kind == LackKind::Lost }
    }

    fn empty(set: &RequirementSet) -> Self {
        let parts = [("document", &set.document), ("section", &set.section)];
        let parts = parts
            .iter()
            .filter_map(|(word, name)| Some(format!(" of {word} `{}`", excerpt(name.as_ref()?, 80))));
        let class = set.class.map(|class| format!(" of class {}", class.as_str()));
        let narrowed: String = parts.chain(class).collect();
        Self {
            code: "requirements.nothing-examined",
            reason: format!("nothing examined: {} has no requirement{narrowed}", set.connection),
            since: None,
            clear: format!(
                "collect {}, or correct requirement-set.{} of the board policy",
                set.connection, set.name
            ),
            is_error: true,
        }
    }

    fn key_missing(set: &RequirementSet, key: &str) -> Self {
        let key = excerpt(key, 80);
        Self {
            code: "requirements.key-missing",
            reason: format!("the key requirement `{key}` is not among those of {}", set.connection),
            since: None,
            clear: format!(
                "find out who took it out of its document, or correct requirement-set.{}",
                set.name
            ),
            is_error: true,
        }
    }
}

/// Which claims address a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Addressed {
    /// They cite its text as it is now.
    pub by: Vec<ClaimId>,
    /// They cite a text it had before.
    pub outdated: Vec<ClaimId>,
}

impl Addressed {
    /// Why it is not addressed, when it is not.
    pub fn problem(&self) -> Option<String> {
        match (self.by.is_empty(), self.outdated.as_slice()) {
            (false, _) => None,
            (true, []) => Some("no supported claim addresses it".to_owned()),
            (true, outdated) => {
                let names: Vec<_> = outdated.iter().map(ClaimId::to_string).collect();
                let names = names.join(" and ");
                Some(format!("the requirement's text changed since {names} addressed it: reaffirm"))
            }
        }
    }
}

/// Which of some claims address a requirement: those that cite its text, and of these, which cite it as it is now.
pub fn addressed_by<'c>(record: &Record, claims: impl IntoIterator<Item = &'c Claim>) -> Addressed {
    let mut addressed = Addressed::default();
    let Some(requirement) = requirement(record) else { return addressed };
    for claim in claims {
        let mut cited = claim
            .claim
            .addresses
            .iter()
            .filter(|citation| citation.evidence == record.id && citation.pointer == TEXT)
            .peekable();
        if cited.peek().is_none() {
            continue;
        }
        if cited.any(|citation| matches!(&citation.quoted, Value::String(text) if *text == requirement.text))
        {
            addressed.by.push(claim.id);
        } else {
            addressed.outdated.push(claim.id);
        }
    }
    addressed
}

fn requirement(record: &Record) -> Option<&Requirement> {
    match &record.newest()?.item.body {
        Body::Requirement(requirement) => Some(requirement),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
