//! How a packet stands to the requirements of its board: the values of rule 5.
//!
//! Deliberately absent: claims that are not supported. Who asks leaves them out, so what they address is not addressed.

use super::Board;
use super::requirement::{RequirementLine, SetFault, TEXT, addressed_by, applicable};
use crate::book::{Examined, Record};
use crate::evidence::Requirement;
use crate::id::{ClaimId, EvidenceId};
use crate::instant::Instant;
use crate::packet::Claim;
use crate::readiness::Score;

/// How a requirement set, or one requirement of it, stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// `exception-criteria` for a set, `exception-criteria/rotation` for a requirement of it.
    pub subject: Option<String>,
    pub score: Score,
    /// A stable code: `requirements.not-addressed`.
    pub code: String,
    pub reason: String,
    pub evidence: Option<EvidenceId>,
    pub since: Option<Instant>,
    pub until: Option<Instant>,
    /// What would clear it; empty for what is satisfied or not applicable.
    pub clear: String,
}

/// How the requirements of a policy stand, given the claims that count: the accepted ones that are supported.
pub fn requirements(
    board: &Board,
    examined: &Examined<'_>,
    supported: &[&Claim],
    at: Instant,
) -> Vec<Required> {
    applicable(board, examined, at).into_iter().map(|line| Required::of(line, supported)).collect()
}

impl Required {
    fn new(subject: String, score: Score, code: &str, reason: String) -> Self {
        let (subject, code, clear) = (Some(subject), code.to_owned(), String::new());
        Self { subject, score, code, reason, evidence: None, since: None, until: None, clear }
    }

    fn of(line: RequirementLine<'_>, supported: &[&Claim]) -> Self {
        match line {
            RequirementLine::Read { set, examined, until } => {
                let reason = format!("{examined} examined, all of its streams read in full and in date");
                let read = Self::new(set.to_owned(), Score::Satisfied, "requirements.read", reason);
                Self { until, ..read }
            }
            RequirementLine::Fault { set, fault: SetFault { code, reason, since, clear, is_error } } => {
                let score = if is_error { Score::Error } else { Score::Unsatisfied };
                Self { since, clear, ..Self::new(set.to_owned(), score, code, reason) }
            }
            RequirementLine::Applies { set, record, requirement } => {
                Self::applies(set, record, requirement, supported)
            }
            RequirementLine::Advises { set, record, requirement } => {
                let reason =
                    format!("its strength is {}, which nothing can miss", requirement.strength.as_str());
                Self::new(part(set, requirement), Score::NotApplicable, "requirements.advice", reason)
                    .about(record)
            }
        }
    }

    fn applies(set: &str, record: &Record, requirement: &Requirement, supported: &[&Claim]) -> Self {
        let addressed = addressed_by(record, supported.iter().copied());
        let subject = part(set, requirement);
        let Some(problem) = addressed.problem() else {
            let names: Vec<_> = addressed.by.iter().map(ClaimId::to_string).collect();
            let reason = format!("addressed by {}", names.join(" and "));
            return Self::new(subject, Score::Satisfied, "requirements.addressed", reason).about(record);
        };
        let (code, clear) = if addressed.outdated.is_empty() {
            let clear = format!("make a supported claim that addresses evidence {} at {TEXT}", record.id);
            ("requirements.not-addressed", clear)
        } else {
            (
                "requirements.text-changed",
                "see whether the claim still addresses it, then reaffirm it".to_owned(),
            )
        };
        Self { clear, ..Self::new(subject, Score::Unsatisfied, code, problem).about(record) }
    }

    fn about(self, record: &Record) -> Self {
        Self { evidence: Some(record.id.clone()), ..self }
    }
}

fn part(set: &str, requirement: &Requirement) -> String {
    format!("{set}/{}", crate::text::excerpt(&requirement.reference, 200))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Required, requirements};
    use crate::book::{Book, Examined, sample};
    use crate::id::ClaimId;
    use crate::packet::{Claim, ClaimState};
    use crate::readiness::Score;
    use crate::subject::SubjectMap;
    use sample::{MUST, SHOULD, id, noon, now, stream_of};

    fn claim(book: &Book) -> Claim {
        let mut claim = sample::claim(vec![], None);
        claim.addresses.push(sample::cite(book, MUST, "/body/text"));
        let (by, made) = ("ada".parse().unwrap(), noon(22));
        Claim { id: ClaimId(7), claim, by, made, replaces: None, state: ClaimState::Accepted { at: made } }
    }

    fn stands(book: &Book, claims: &[&Claim]) -> Vec<Required> {
        let subjects = SubjectMap::default();
        requirements(&sample::board(), &Examined::new(book, &subjects), claims, now())
    }

    fn short(required: &Required) -> (&str, Score, &str) {
        (required.subject.as_deref().unwrap(), required.score, &required.code)
    }

    #[test]
    fn a_requirement_is_satisfied_by_a_claim_that_addresses_it() {
        let book = sample::book();
        let lines = stands(&book, &[&claim(&book)]);
        assert_eq!(
            lines.iter().map(short).collect::<Vec<_>>(),
            [
                ("exception-criteria", Score::Satisfied, "requirements.read"),
                ("exception-criteria/rotation", Score::Satisfied, "requirements.addressed"),
                ("exception-criteria/compensating-control", Score::NotApplicable, "requirements.advice"),
            ]
        );
        assert_eq!(lines[0].until, Some(sample::instant("2026-12-22T12:00:00Z")));
        assert_eq!((&*lines[1].reason, &lines[1].evidence), ("addressed by claim-7", &Some(id(MUST))));
        assert_eq!(lines[2].evidence, Some(id(SHOULD)));
    }

    #[test]
    fn a_requirement_that_nobody_addresses_or_whose_text_changed_is_not_satisfied() {
        let mut book = sample::book();
        let claim = claim(&book);
        let bare = &stands(&book, &[])[1];
        assert_eq!((bare.score, &*bare.code), (Score::Unsatisfied, "requirements.not-addressed"));
        assert!(bare.clear.contains("make a supported claim"));
        sample::revise(&mut book, MUST, |item| item["body"]["text"] = json!("It is rotated weekly."));
        let changed = &stands(&book, &[&claim])[1];
        assert_eq!((changed.score, &*changed.code), (Score::Unsatisfied, "requirements.text-changed"));
        assert!(changed.reason.contains("since claim-7 addressed it"));
    }

    #[test]
    fn a_fault_of_a_set_blocks_and_a_loss_is_an_error() {
        let mut book = sample::book();
        stream_of(&mut book, "standards").sweep = None;
        assert_eq!(short(&stands(&book, &[])[0]).1, Score::Unsatisfied);
        book.records.get_mut(&id(MUST)).unwrap().absent = true;
        assert_eq!(
            short(&stands(&book, &[])[1]),
            ("exception-criteria", Score::Error, "requirements.key-missing")
        );
    }
}
