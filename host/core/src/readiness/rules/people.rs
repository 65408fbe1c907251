//! Rules 6 to 8: what people judged: reviews, objections, and whose approval it is.

use std::collections::BTreeSet;

use super::Judge;
use crate::canonical::Digest;
use crate::claim::Standing;
use crate::decide::is_over;
use crate::event::ReviewVerdict;
use crate::id::{Discipline, PrincipalId};
use crate::instant::Instant;
use crate::packet::{Fate, Objection};
use crate::readiness::{Rule, Score};

/// Why something stands in the way: a code, the reason, and since when.
type Blocked = (&'static str, String, Option<Instant>);

impl Judge<'_> {
    /// 6. Each discipline has one approving review of this text, by a person the policy lists, all distinct.
    pub(super) fn reviews(&mut self) {
        let text = self.packet.text_digest().ok();
        let mut taken: BTreeSet<PrincipalId> = BTreeSet::new();
        let disciplines: Vec<_> =
            self.board.disciplines.iter().map(|(name, listed)| (name.clone(), listed.clone())).collect();
        for (discipline, listed) in disciplines {
            let subject = Some(discipline.to_string());
            let named = self.packet.reviewers.get(&discipline);
            let (author, owner) = (&self.packet.author, &self.packet.owner.id);
            let may_review = |by: &PrincipalId| listed.contains(by) && by != author && by != owner;
            let counts = |review: &&crate::packet::Review| {
                review.discipline == discipline
                    && Some(review.text) == text
                    && review.seen >= self.packet.text_since
                    && may_review(&review.by)
                    && named.is_some_and(|named| named.contains_key(&review.by))
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
            let (code, reason, since) = if approved.is_empty() {
                self.not_reviewed(&discipline, text)
            } else {
                let reason = format!("{discipline} needs a reviewer who approved for no other discipline");
                ("review.not-distinct", reason, None)
            };
            let named = named.into_iter().flat_map(|named| named.keys());
            let named: Vec<_> = named.filter(|by| may_review(by)).cloned().collect();
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

    /// Why no review of a discipline counts, and since when.
    fn not_reviewed(&self, discipline: &Discipline, text: Option<Digest>) -> Blocked {
        let last = self.packet.reviews.iter().rev().find(|review| review.discipline == *discipline);
        let Some(review) = last else {
            return ("review.missing", format!("nobody approved this text for {discipline}"), None);
        };
        let (by, seq) = (&review.by, review.seq);
        if review.verdict == ReviewVerdict::Abstain {
            return ("review.abstained", format!("{by} abstained for {discipline}"), Some(review.at));
        }
        if Some(review.text) == text && review.seen >= self.packet.text_since {
            let reason = format!(
                "{by} approved this text for {discipline}, and is not a named reviewer whom the board lists for it now"
            );
            return ("review.no-longer-counts", reason, None);
        }
        let reason = format!("{by} approved an earlier text for {discipline} (entry {seq})");
        ("review.outdated", reason, self.packet.changed_at(self.packet.text_since))
    }

    /// 7. Each objection is withdrawn, or its risk accepted, in date, under the severity ceiling.
    pub(super) fn objections(&mut self) {
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
            let (code, reason, since) = match self.resolved(&objection) {
                Ok((reason, until)) => {
                    self.bounds.extend(until);
                    self.satisfied(Rule::Objections, subject, reason).until = until;
                    continue;
                }
                Err(blocked) => blocked,
            };
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

    /// How an objection was resolved and until when that holds, or why it is not.
    fn resolved(&self, objection: &Objection) -> Result<(String, Option<Instant>), Blocked> {
        let owner = &self.packet.owner.id;
        match &objection.fate {
            Fate::Open => Err(("objection.open", format!("open: {}", objection.issue), Some(objection.at))),
            Fate::Withdrawn { .. } => Ok((format!("{} withdrew it", objection.by), None)),
            Fate::RiskAccepted { expires, .. } if *expires <= self.at => Err((
                "objection.risk-ended",
                format!("the risk was accepted until {expires}"),
                Some(*expires),
            )),
            Fate::RiskAccepted { by, .. } if by != owner => {
                let reason = format!("the risk was accepted by {by}, who is not the owner");
                Err(("objection.risk-of-another", reason, None))
            }
            Fate::RiskAccepted { .. } if is_over(objection.severity, self.board.risk_ceiling) => {
                let reason = "the board no longer lets such a risk be accepted".to_owned();
                Err(("objection.over-ceiling", reason, None))
            }
            Fate::RiskAccepted { by, expires, .. } => {
                Ok((format!("{by} accepted the residual risk"), Some(*expires)))
            }
        }
    }

    /// 8. The owner has accepted ownership and is not the author; the condition is stated and supported; follow-ups are scheduled.
    pub(super) fn ownership(&mut self) {
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
}
