//! The ten rules, one small function each, in order.

use std::collections::BTreeSet;

use super::report::{ClaimReport, Clearing, Line, Report, Rule, Score, VERSION};
use super::verdict::Verdict;
use crate::board::Board;
use crate::book::Book;
use crate::claim::{Examined, Standing, support};
use crate::decide::is_over;
use crate::event::{ReviewVerdict, Section};
use crate::id::{EvidenceId, PrincipalId};
use crate::instant::Instant;
use crate::packet::{Acceptance, Fate, Packet};
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

    /// 1. No exposure is open: neither recorded, nor in evidence and not yet recorded.
    fn exposure(&mut self, examined: &Examined<'_>) {
        let before = self.lines.len();
        let open: Vec<_> = self.packet.open_causes().cloned().collect();
        for cause in open {
            let owner = self.owner();
            let evidence = match &cause.source {
                crate::packet::exposure::CauseSource::Detected { evidence, .. } => Some(evidence.clone()),
                crate::packet::exposure::CauseSource::Declared { evidence, .. } => evidence.clone(),
            };
            let reason = format!("immediate exposure: {}", cause.reason);
            let line = self.unsatisfied(Rule::Exposure, Some(cause.id.to_string()), "exposure.open", reason);
            line.evidence = evidence;
            line.since = Some(cause.at);
            line.clears(&owner, "handle the incident, then sign loop-resumed with its reference and outcome");
        }
        for exposure in super::exposures(self.packet, examined, self.board) {
            let owner = self.owner();
            let reason = format!("immediate exposure in evidence, not yet recorded: {}", exposure.reason);
            let line = self.unsatisfied(Rule::Exposure, None, "exposure.in-evidence", reason);
            line.evidence = Some(exposure.evidence);
            line.clears("the host", "record it, which freezes the loop");
            line.clears(&owner, "handle the incident, then sign loop-resumed");
        }
        if self.lines[before..].iter().all(|line| !line.blocks()) {
            self.satisfied(Rule::Exposure, None, "no exposure is open");
        }
    }

    /// 2. No hold is placed.
    fn holds(&mut self) {
        let open: Vec<_> = self.packet.open_holds().cloned().collect();
        if open.is_empty() {
            self.satisfied(Rule::Hold, None, "no hold is placed");
        }
        for hold in open {
            let owner = self.owner();
            let reason = format!("held by {}: {}", hold.by, hold.reason);
            let line = self.unsatisfied(Rule::Hold, Some(hold.id.to_string()), "hold.placed", reason);
            line.since = Some(hold.at);
            line.clears(hold.by.as_str(), "release it");
            line.clears(&owner, "release it");
        }
    }

    /// 3. Each required section has human-accepted language.
    fn sections(&mut self) {
        let written: BTreeSet<Section> =
            self.packet.accepted_passages().map(|(passage, _)| passage.section).collect();
        let proposed: BTreeSet<Section> = self
            .packet
            .passages
            .values()
            .filter(|passage| passage.is_proposed())
            .map(|passage| passage.section)
            .collect();
        for section in self.board.sections.clone() {
            let subject = Some(section.to_string());
            if written.contains(&section) {
                self.satisfied(Rule::Sections, subject, format!("the section {section} is written"));
                continue;
            }
            let author = self.author();
            let how =
                if proposed.contains(&section) { "accept or decline what is proposed" } else { "write it" };
            let reason = format!("the section {section} has no accepted language");
            self.unsatisfied(Rule::Sections, subject, "section.empty", reason).clears(&author, how);
        }
        let stray = self.packet.accepted_passages().filter_map(|(passage, accepted)| {
            let leans = accepted
                .leans_on
                .iter()
                .find(|id| !self.packet.claims.get(id).is_some_and(|claim| claim.is_accepted()));
            leans.map(|claim| (passage.id, *claim))
        });
        let stray: Vec<_> = stray.collect();
        for (passage, claim) in stray {
            let author = self.author();
            let reason = format!("{passage} leans on {claim}, which is no longer an accepted claim");
            self.unsatisfied(Rule::Sections, Some(passage.to_string()), "section.leans-on-nothing", reason)
                .clears(&author, "accept a passage that replaces it");
        }
    }

    /// 4. There is at least one accepted claim and each is supported.
    fn supported(&mut self) {
        let accepted: Vec<_> = self.claims.iter().filter(|claim| claim.accepted).collect();
        let author = self.author();
        if accepted.is_empty() {
            let reason = "the packet makes no claim".to_owned();
            self.unsatisfied(Rule::Claims, None, "claims.none", reason)
                .clears(&author, "make a claim and cite evidence");
        }
        for claim in accepted {
            let subject = Some(claim.claim.to_string());
            if claim.support.standing == Standing::Supported {
                self.bounds.extend(claim.support.until);
                let line = self.satisfied(Rule::Claims, subject, format!("{} is supported", claim.claim));
                line.until = claim.support.until;
                continue;
            }
            for ground in claim.support.grounds.iter().filter(|ground| ground.standing != Standing::Supported)
            {
                let score = if ground.is_error() { Score::Error } else { Score::Unsatisfied };
                let reason = format!("{} is {}: {}", claim.claim, ground.standing, ground.reason);
                let line = self.push(Rule::Claims, score, subject.clone(), &ground.code, reason);
                line.evidence.clone_from(&ground.evidence);
                line.since = ground.since;
                line.clears(&author, &ground.clear);
            }
            if claim.support.grounds.is_empty() {
                let reason = format!("{} rests on nothing", claim.claim);
                self.unsatisfied(Rule::Claims, subject, "claim.rests-on-nothing", reason)
                    .clears(&author, "cite evidence");
            }
        }
    }

    /// 5. Each applicable requirement is addressed by a supported claim; each set has a complete run in date.
    fn requirements(&mut self, examined: &Examined<'_>) {
        let author = self.author();
        if self.board.requirement_sets.is_empty() {
            let reason = "the board names no requirements".to_owned();
            self.push(Rule::Requirements, Score::NotApplicable, None, "requirements.none", reason);
        }
        let supported: Vec<_> = self
            .claims
            .iter()
            .filter(|claim| claim.accepted && claim.support.standing == Standing::Supported)
            .filter_map(|claim| self.packet.claims.get(&claim.claim))
            .collect();
        for required in crate::board::requirements(self.board, examined, &supported, self.at) {
            self.bounds.extend(required.until.filter(|_| required.score == Score::Satisfied));
            let line = self.push(
                Rule::Requirements,
                required.score,
                required.subject,
                &required.code,
                required.reason,
            );
            line.evidence = required.evidence;
            line.since = required.since;
            line.until = required.until;
            if line.blocks() {
                line.clears(&author, &required.clear);
            }
        }
    }

    /// 6. Each discipline has one approving review of this text, by a person the policy lists, all distinct.
    fn reviews(&mut self) {
        let text = self.packet.text_digest().ok();
        let mut taken: BTreeSet<PrincipalId> = BTreeSet::new();
        let disciplines: Vec<_> =
            self.board.disciplines.iter().map(|(name, listed)| (name.clone(), listed.clone())).collect();
        for (discipline, listed) in disciplines {
            let subject = Some(discipline.to_string());
            let named = self.packet.reviewers.get(&discipline);
            let counts = |review: &&crate::packet::Review| {
                review.discipline == discipline
                    && Some(review.text) == text
                    && review.seen >= self.packet.text_since
                    && listed.contains(&review.by)
                    && named.is_some_and(|named| named.contains_key(&review.by))
                    && review.by != self.packet.author
                    && review.by != self.packet.owner.id
            };
            // A person's last word counts.
            let last_words: std::collections::BTreeMap<_, _> = self
                .packet
                .reviews
                .iter()
                .filter(counts)
                .map(|review| (review.by.clone(), review.verdict))
                .collect();
            let approved: Vec<_> = last_words
                .iter()
                .filter(|(_, verdict)| **verdict == ReviewVerdict::Approve)
                .map(|(by, _)| by.clone())
                .collect();
            if let Some(by) = approved.iter().find(|by| !taken.contains(*by)) {
                taken.insert(by.clone());
                self.satisfied(Rule::Reviews, subject, format!("{by} approved this text for {discipline}"));
                continue;
            }
            let earlier = self.packet.reviews.iter().rev().find(|review| review.discipline == discipline);
            let (code, reason, since) = match earlier {
                _ if !approved.is_empty() => (
                    "review.not-distinct",
                    format!("{discipline} needs a reviewer who approved for no other discipline"),
                    None,
                ),
                Some(review)
                    if review.verdict == ReviewVerdict::Approve
                        && Some(review.text) == text
                        && review.seen >= self.packet.text_since =>
                {
                    let reason = format!(
                        "{} approved this text for {discipline}, and is not a named reviewer whom the board lists for it now",
                        review.by
                    );
                    ("review.no-longer-counts", reason, None)
                }
                Some(review) if review.verdict == ReviewVerdict::Approve => (
                    "review.outdated",
                    format!("{} approved an earlier text for {discipline} (entry {})", review.by, review.seq),
                    self.packet.changed_at(self.packet.text_since),
                ),
                Some(review) => {
                    ("review.abstained", format!("{} abstained for {discipline}", review.by), Some(review.at))
                }
                None => ("review.missing", format!("nobody approved this text for {discipline}"), None),
            };
            let named: Vec<_> = named.into_iter().flat_map(|named| named.keys().cloned()).collect();
            let author = self.author();
            let line = self.unsatisfied(Rule::Reviews, subject, code, reason);
            line.since = since;
            if named.is_empty() {
                let listed: Vec<_> = listed.iter().map(|id| id.as_str()).collect();
                line.clears(&author, &format!("name a reviewer for it: {}", listed.join(", ")));
            }
            for reviewer in named {
                line.clears(reviewer.as_str(), "review the text and sign review-recorded");
            }
        }
    }

    /// 7. Each objection is withdrawn, or its risk accepted, in date, under the severity ceiling.
    fn objections(&mut self) {
        if self.packet.objections.is_empty() {
            self.push(
                Rule::Objections,
                Score::NotApplicable,
                None,
                "objections.none",
                "nobody objected".to_owned(),
            );
        }
        let owner = self.owner();
        let author = self.author();
        let objections: Vec<_> = self.packet.objections.values().cloned().collect();
        for objection in objections {
            let subject = Some(objection.id.to_string());
            let over = is_over(objection.severity, self.board.risk_ceiling);
            let open = match &objection.fate {
                Fate::Withdrawn { .. } => {
                    self.satisfied(Rule::Objections, subject, format!("{} withdrew it", objection.by));
                    continue;
                }
                Fate::RiskAccepted { by, expires, .. }
                    if *expires > self.at && !over && *by == self.packet.owner.id =>
                {
                    self.bounds.push(*expires);
                    let (reason, until) = (format!("{by} accepted the residual risk"), *expires);
                    self.satisfied(Rule::Objections, subject, reason).until = Some(until);
                    continue;
                }
                Fate::RiskAccepted { expires, .. } if *expires <= self.at => {
                    ("objection.risk-ended", format!("the risk was accepted until {expires}"), Some(*expires))
                }
                Fate::RiskAccepted { by, .. } if *by != self.packet.owner.id => (
                    "objection.risk-of-another",
                    format!("the risk was accepted by {by}, who is not the owner"),
                    None,
                ),
                Fate::RiskAccepted { .. } => (
                    "objection.over-ceiling",
                    "the board no longer lets such a risk be accepted".to_owned(),
                    None,
                ),
                Fate::Open => ("objection.open", format!("open: {}", objection.issue), Some(objection.at)),
            };
            let (code, reason, since) = open;
            let line = self.unsatisfied(
                Rule::Objections,
                subject,
                code,
                format!("{} of {}: {reason}", objection.id, objection.by),
            );
            line.since = since;
            if !objection.is_answered() {
                line.clears(&author, "answer it, citing evidence");
            }
            line.clears(
                objection.by.as_str(),
                &format!("withdraw it, signed, when removed: {}", objection.removes),
            );
            if !over {
                line.clears(&owner, "accept the residual risk, signed, until a date");
            }
        }
    }

    /// 8. The owner has accepted ownership and is not the author; the condition is stated and supported; follow-ups are scheduled.
    fn ownership(&mut self) {
        let (packet, owner, author) = (self.packet, self.owner(), self.author());
        if packet.owner.id == packet.author {
            let reason = "author and approval owner are the same person".to_owned();
            self.unsatisfied(Rule::Ownership, Some("owner".to_owned()), "owner.is-author", reason)
                .clears("a principal of role board", "replace the owner");
        } else if packet.owner.accepted.is_some() {
            self.satisfied(
                Rule::Ownership,
                Some("owner".to_owned()),
                format!("{owner} accepted the ownership"),
            );
        } else {
            let reason = format!("{owner} has not accepted the ownership");
            let line =
                self.unsatisfied(Rule::Ownership, Some("owner".to_owned()), "owner.not-accepted", reason);
            line.since = Some(packet.owner.since);
            line.clears(&owner, "accept the ownership, signed");
        }
        self.condition(&owner);
        self.follow_ups(&author);
    }

    fn condition(&mut self, owner: &str) {
        let subject = || Some("condition".to_owned());
        let Some(condition) = &self.packet.condition else {
            let reason = "the condition for handing over is not stated".to_owned();
            self.unsatisfied(Rule::Ownership, subject(), "condition.missing", reason)
                .clears(owner, "state the condition");
            return;
        };
        let standing = |id| {
            self.claims
                .iter()
                .find(|claim| claim.claim == id && claim.accepted)
                .map(|claim| claim.support.standing)
        };
        let weak = condition.claims.iter().find(|id| standing(**id) != Some(Standing::Supported));
        match weak.copied() {
            Some(claim) => {
                let reason = format!("{claim}, which carries the condition, is not supported");
                self.unsatisfied(Rule::Ownership, subject(), "condition.unsupported", reason)
                    .clears(owner, "wait for its evidence, or state the condition anew");
            }
            None if condition.claims.is_empty() => {
                let reason = "no claim carries the condition".to_owned();
                self.unsatisfied(Rule::Ownership, subject(), "condition.carried-by-nothing", reason)
                    .clears(owner, "state the condition with the claims that carry it");
            }
            None => {
                self.satisfied(
                    Rule::Ownership,
                    subject(),
                    "the condition is stated, and its claims are supported",
                );
            }
        }
    }

    fn follow_ups(&mut self, author: &str) {
        for (id, required) in self.board.follow_ups.clone() {
            let latest = self.at.plus(required.within).unwrap_or_else(Instant::latest);
            let scheduled = self
                .packet
                .follow_ups
                .values()
                .filter(|follow_up| follow_up.required.as_ref() == Some(&id))
                .any(|follow_up| follow_up.done.is_some() || follow_up.due <= latest);
            if scheduled {
                self.satisfied(Rule::Ownership, Some(id.clone()), format!("follow-up `{id}` is scheduled"));
                continue;
            }
            let reason = format!("follow-up `{id}` is not scheduled: {}", required.what);
            self.unsatisfied(Rule::Ownership, Some(id), "follow-up.missing", reason)
                .clears(author, &format!("schedule it, due by {latest}"));
        }
    }

    /// 9. The exception expires, within the longest allowed.
    fn expiry(&mut self) {
        let (expires, author) = (self.packet.terms.expires, self.author());
        let latest = self.packet.opened.plus(self.board.longest_exception).unwrap_or_else(Instant::latest);
        if expires <= self.at {
            let reason = format!("the exception asked for would have ended on {expires}");
            let line = self.unsatisfied(Rule::Expiry, None, "expiry.past", reason);
            line.since = Some(expires);
            line.clears(&author, "revise the terms");
        } else if expires > latest {
            let reason = format!("it would last until {expires}; the board allows at most {latest}");
            self.unsatisfied(Rule::Expiry, None, "expiry.too-long", reason)
                .clears(&author, "revise the terms");
        } else {
            self.bounds.push(expires);
            self.satisfied(Rule::Expiry, None, format!("the exception ends on {expires}")).until =
                Some(expires);
        }
    }

    /// 10. Author and owner accepted readiness for this approval digest, and it is good still.
    fn signatures(&mut self, approval: crate::canonical::Digest) {
        for (who, role, acceptance) in [
            (self.author(), "author", self.packet.author_acceptance.clone()),
            (self.owner(), "owner", self.packet.owner_acceptance.clone()),
        ] {
            let subject = Some(role.to_owned());
            let ended = match &acceptance {
                None => {
                    Some(("signature.missing", format!("{who} ({role}) has not accepted readiness"), None))
                }
                Some(acceptance) => self.ended(acceptance, approval, &who),
            };
            match ended {
                None => {
                    let until = acceptance.and_then(|acceptance| acceptance.good_until);
                    let line = self.satisfied(
                        Rule::Signatures,
                        subject,
                        format!("{who} ({role}) accepted readiness"),
                    );
                    line.until = until;
                }
                Some((code, reason, since)) => {
                    let line = self.unsatisfied(Rule::Signatures, subject, code, reason);
                    line.since = since;
                    line.clears(&who, "look at the statement and sign readiness-accepted");
                }
            }
        }
    }

    /// Why an acceptance no longer counts; the difference is named.
    fn ended(
        &self,
        acceptance: &Acceptance,
        approval: crate::canonical::Digest,
        who: &str,
    ) -> Option<(&'static str, String, Option<Instant>)> {
        if acceptance.by.as_str() != who {
            return Some((
                "signature.of-another",
                format!("{} accepted readiness, {who} has not", acceptance.by),
                None,
            ));
        }
        let since = || self.packet.approval_changes.iter().filter(|changed| changed.seq > acceptance.seen);
        let changed: Vec<_> =
            since().map(|changed| format!("{} (entry {})", changed.word, changed.seq)).collect();
        if !changed.is_empty() || acceptance.approval != approval {
            let what =
                if changed.is_empty() { "the packet is another".to_owned() } else { changed.join(", ") };
            let ended = since().next().map(|changed| changed.at);
            return Some(("signature.ended", format!("{who}'s signature ended: {what}"), ended));
        }
        match acceptance.good_until {
            Some(until) if until <= self.at => {
                let reason = format!(
                    "{who}'s signature was good until {until}, the earliest bound of the evidence shown"
                );
                Some(("signature.past", reason, Some(until)))
            }
            _ => None,
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
