//! The two digests.
//!
//! The *text digest* covers what reviewers review: terms, accepted passages, accepted claims with their citations. The
//! *approval digest* covers what signers sign for: the text, author and owner, objections with their answers and fates, named
//! reviewers, the condition, follow-ups, and the adopted policy and subject map. Neither covers reviews, signatures,
//! remarks, holds, drafts or what the intake did, so one signature does not void the next, and nothing deadlocks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{ClaimState, Fate, Packet};
use crate::canonical::{Digest, NotCanonical};
use crate::claim::{Citation, ClaimText};
use crate::event::{Origin, Section, Terms};
use crate::id::{ClaimId, Discipline, FollowUpId, ObjectionId, PassageId, PrincipalId};
use crate::instant::Instant;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Text<'a> {
    title: &'a str,
    exception: &'a str,
    terms: &'a Terms,
    passages: Vec<TextPassage<'a>>,
    claims: BTreeMap<ClaimId, &'a ClaimText>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct TextPassage<'a> {
    id: PassageId,
    section: Section,
    origin: Origin,
    quotes: &'a Option<Citation>,
    text: &'a str,
    leans_on: &'a [ClaimId],
    narrative: bool,
    accepted_by: &'a PrincipalId,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Approval<'a> {
    text: Digest,
    author: &'a PrincipalId,
    owner: &'a PrincipalId,
    board: &'a str,
    policy: Digest,
    subjects: Digest,
    objections: BTreeMap<ObjectionId, ApprovalObjection<'a>>,
    reviewers: BTreeMap<&'a Discipline, BTreeSet<&'a PrincipalId>>,
    condition: Option<ApprovalCondition<'a>>,
    follow_ups: BTreeMap<FollowUpId, ApprovalFollowUp<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ApprovalObjection<'a> {
    by: &'a PrincipalId,
    topic: crate::event::Topic,
    severity: crate::evidence::Severity,
    issue: &'a str,
    rationale: &'a str,
    removes: &'a str,
    answers: Vec<(u32, &'a str)>,
    fate: &'a Fate,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ApprovalCondition<'a> {
    text: &'a str,
    claims: &'a [ClaimId],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct ApprovalFollowUp<'a> {
    what: &'a str,
    owner: &'a PrincipalId,
    due: Instant,
    required: &'a Option<String>,
}

impl Packet {
    /// What reviews bind to. It has none only where a quoted number has no canonical form, which citing refuses.
    pub fn text_digest(&self) -> Result<Digest, NotCanonical> {
        let passages = self.accepted_passages().map(|(passage, accepted)| TextPassage {
            id: passage.id,
            section: passage.section,
            origin: passage.origin,
            quotes: &passage.quotes,
            text: &accepted.text,
            leans_on: &accepted.leans_on,
            narrative: accepted.narrative,
            accepted_by: &accepted.accepted_by,
        });
        let claims = self.claims.values().filter(|claim| matches!(claim.state, ClaimState::Accepted { .. }));
        let text = Text {
            title: &self.title,
            exception: &self.exception,
            terms: &self.terms,
            passages: passages.collect(),
            claims: claims.map(|claim| (claim.id, &claim.claim)).collect(),
        };
        Digest::of_value("probity/text/1", &text)
    }

    /// What signatures bind to.
    pub fn approval_digest(&self) -> Result<Digest, NotCanonical> {
        self.approval_digest_over(self.text_digest()?)
    }

    /// The same, with the text digest at hand.
    pub fn approval_digest_over(&self, text: Digest) -> Result<Digest, NotCanonical> {
        let objections = self.objections.iter().map(|(id, objection)| (*id, approval_objection(objection)));
        let reviewers =
            self.reviewers.iter().map(|(discipline, named)| (discipline, named.keys().collect())).collect();
        let follow_ups = self.follow_ups.iter().map(|(id, follow_up)| {
            let shown = ApprovalFollowUp {
                what: &follow_up.what,
                owner: &follow_up.owner,
                due: follow_up.due,
                required: &follow_up.required,
            };
            (*id, shown)
        });
        let approval = Approval {
            text,
            author: &self.author,
            owner: &self.owner.id,
            board: &self.board,
            policy: self.policy,
            subjects: self.subjects,
            objections: objections.collect(),
            reviewers,
            condition: self
                .condition
                .as_ref()
                .map(|condition| ApprovalCondition { text: &condition.text, claims: &condition.claims }),
            follow_ups: follow_ups.collect(),
        };
        Digest::of_value("probity/approval/1", &approval)
    }
}

fn approval_objection(objection: &super::Objection) -> ApprovalObjection<'_> {
    let answers = objection.answers.iter().filter(|answer| !answer.draft);
    ApprovalObjection {
        by: &objection.by,
        topic: objection.topic,
        severity: objection.severity,
        issue: &objection.issue,
        rationale: &objection.rationale,
        removes: &objection.removes,
        answers: answers.map(|answer| (answer.seq, answer.text.as_str())).collect(),
        fate: &objection.fate,
    }
}
