//! The ten rules, one small function each, in order: this is who calls them, and what they write their lines with.

mod people;
mod signatures;
mod stops;
mod substance;

use super::report::{ClaimReport, Clearing, Line, Report, Rule, Score, VERSION};
use super::verdict::Verdict;
use crate::board::Board;
use crate::book::Book;
use crate::claim::{Examined, support};
use crate::id::EvidenceId;
use crate::instant::Instant;
use crate::packet::Packet;
use crate::subject::SubjectMap;

/// A packet's readiness at an instant: the same values give the same report, byte for byte.
///
/// `board` and `subjects` are those the packet adopted; `book` holds what [`crate::book::Needs`] names, as it stood at `at`.
pub fn readiness(packet: &Packet, book: &Book, board: &Board, subjects: &SubjectMap, at: Instant) -> Report {
    let examined = Examined::new(book, subjects);
    let claims: Vec<ClaimReport> = packet
        .claims
        .values()
        .filter(|claim| claim.is_accepted() || claim.state == crate::packet::ClaimState::Draft)
        .map(|claim| ClaimReport {
            claim: claim.id,
            accepted: claim.is_accepted(),
            support: support(&claim.claim, &examined, board, at),
        })
        .collect();
    let mut judge = Judge { packet, board, at, claims: &claims, lines: Vec::new(), bounds: Vec::new() };
    judge.policy(board, subjects);
    judge.exposure(&examined);
    judge.holds();
    judge.sections();
    judge.supported();
    judge.requirements(&examined);
    judge.reviews();
    judge.objections();
    judge.ownership();
    judge.expiry();
    let may_be_signed = judge.lines.iter().all(|line| !line.blocks())
        && packet.handoff().is_none()
        && packet.withdrawn.is_none();
    let good_until = judge.bounds.iter().min().copied();
    let digests = packet.text_digest().and_then(|text| Ok((text, packet.approval_digest_over(text)?)));
    let (text, approval) = match digests {
        Ok(digests) => digests,
        Err(error) => {
            judge.error(
                Rule::Signatures,
                None,
                "packet.no-digest",
                format!("the packet has no digest: {error}"),
            );
            (packet.head.digest, packet.head.digest)
        }
    };
    judge.signatures(approval);
    let lines = judge.lines;
    Report {
        v: VERSION,
        packet: packet.id.clone(),
        head: packet.head,
        instant: at,
        policy: board.digest,
        subjects: subjects.digest,
        text,
        approval,
        approval_since: packet.approval_since,
        verdict: Verdict::of(packet, &lines),
        may_be_signed,
        lines,
        claims,
        drafts: drafts(packet),
        good_until: good_until.filter(|_| may_be_signed),
    }
}

/// What is proposed and not yet decided, by name.
fn drafts(packet: &Packet) -> Vec<String> {
    let passages = packet
        .passages
        .values()
        .filter(|passage| passage.is_proposed())
        .map(|passage| passage.id.to_string());
    let claims = packet
        .claims
        .values()
        .filter(|claim| claim.state == crate::packet::ClaimState::Draft)
        .map(|claim| claim.id.to_string());
    let answers = packet.objections.values().flat_map(|objection| {
        let drafted = objection.answers.iter().filter(|answer| answer.draft);
        drafted.map(|answer| format!("answer-{} to {}", answer.seq, objection.id))
    });
    passages.chain(claims).chain(answers).collect()
}

struct Judge<'a> {
    packet: &'a Packet,
    board: &'a Board,
    at: Instant,
    claims: &'a [ClaimReport],
    lines: Vec<Line>,
    /// Instants at which what readiness rests on ends.
    bounds: Vec<Instant>,
}

impl Judge<'_> {
    fn push(
        &mut self,
        rule: Rule,
        score: Score,
        subject: Option<String>,
        code: &str,
        reason: String,
    ) -> &mut Line {
        let line = Line {
            rule,
            score,
            subject,
            code: code.to_owned(),
            reason,
            evidence: None,
            since: None,
            until: None,
            clear: Vec::new(),
        };
        self.lines.push(line);
        let last = self.lines.len() - 1;
        &mut self.lines[last]
    }

    fn satisfied(&mut self, rule: Rule, subject: Option<String>, reason: impl Into<String>) -> &mut Line {
        let code = format!("{rule}.satisfied");
        self.push(rule, Score::Satisfied, subject, &code, reason.into())
    }

    fn unsatisfied(&mut self, rule: Rule, subject: Option<String>, code: &str, reason: String) -> &mut Line {
        self.push(rule, Score::Unsatisfied, subject, code, reason)
    }

    fn error(&mut self, rule: Rule, subject: Option<String>, code: &str, reason: String) -> &mut Line {
        self.push(rule, Score::Error, subject, code, reason)
    }

    fn author(&self) -> String {
        self.packet.author.to_string()
    }

    fn owner(&self) -> String {
        self.packet.owner.id.to_string()
    }

    /// The rules are those the packet adopted, or nothing can be said.
    fn policy(&mut self, board: &Board, subjects: &SubjectMap) {
        if (board.digest, subjects.digest) != (self.packet.policy, self.packet.subjects) {
            self.error(
                Rule::Exposure,
                None,
                "policy.not-adopted",
                "the board policy or subject map at hand is not the one the packet adopted".to_owned(),
            )
            .clears("the host", "adopt the policy in force");
        }
    }
}

impl Line {
    /// Whether it stands in the way.
    pub fn blocks(&self) -> bool {
        matches!(self.score, Score::Unsatisfied | Score::Error)
    }

    fn clears(&mut self, who: &str, how: &str) {
        self.clear.push(Clearing { who: who.to_owned(), how: how.to_owned() });
    }
}

impl Report {
    /// Whether the author's acceptance of readiness counts.
    pub fn author_has_accepted(&self) -> bool {
        self.lines.iter().any(|line| {
            line.rule == Rule::Signatures
                && line.subject.as_deref() == Some("author")
                && line.score == Score::Satisfied
        })
    }
}

/// An exposure that evidence shows and the ledger does not have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    pub evidence: EvidenceId,
    pub revision: u32,
    pub reason: String,
}
