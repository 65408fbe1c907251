//! Applying entries: total, and nothing but arithmetic over what was there.
//!
//! One small method an event. What an entry cannot mean any more becomes an [`Oddity`]; a packet with oddities was kept by a
//! host that let something through, which is worth showing, not worth losing the ledger for.

use super::exposure::{CauseSource, Cleared};
use super::objection::Carried;
use super::{
    Acceptance, Answer, Cause, Changed, Claim, ClaimState, Condition, Fate, FollowUp, Handoff, HandoffState,
    Hold, Objection, Oddity, Owner, Packet, Passage, PassageState, Released, Remark, Review, Withdrawn,
    passage,
};
use crate::event::{CarriedObjection, Decided, Decision, Event, IntakeOutcome, PacketOpened, Renewal};
use crate::id::{CauseId, ClaimId, FollowUpId, HoldId, ObjectionId, PassageId, PrincipalId, RemarkId};
use crate::ledger::{Entry, Head};

/// A ledger that does not begin with `packet-opened` is no packet's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ledger does not begin with packet-opened, so there is no packet to fold")]
pub struct NotOpened;

/// What an entry does to approvals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touches {
    /// Neither digest.
    Nothing,
    /// What an approval stands on, but not the text.
    Approval,
    /// The text, and so the approval.
    Text,
}

/// What came of applying: what it touched, or why it meant nothing.
type Applied = Result<Touches, String>;

impl Packet {
    /// The packet of a ledger.
    pub fn fold<'a>(entries: impl IntoIterator<Item = &'a (Entry, Head)>) -> Result<Self, NotOpened> {
        let mut entries = entries.into_iter();
        let (first, head) = entries.next().ok_or(NotOpened)?;
        let mut packet = Self::open(first, *head)?;
        for (entry, head) in entries {
            packet.apply(entry, *head);
        }
        Ok(packet)
    }

    /// The packet that its first entry makes.
    pub fn open(entry: &Entry, head: Head) -> Result<Self, NotOpened> {
        let Event::PacketOpened(opened) = &entry.event else { return Err(NotOpened) };
        let PacketOpened { title, exception, terms, owner, board, policy, subjects, renews } = opened.clone();
        let objections = renews.iter().flat_map(|renews| carry(renews, entry)).collect();
        Ok(Self {
            id: entry.packet.clone(),
            title,
            exception,
            terms,
            board,
            policy,
            subjects,
            renews,
            opened: entry.at,
            author: entry.actor.id.clone(),
            owner: Owner { id: owner, since: entry.at, accepted: None, offered: None },
            passages: Default::default(),
            claims: Default::default(),
            objections,
            remarks: Default::default(),
            reviewers: Default::default(),
            reviews: Vec::new(),
            holds: Default::default(),
            causes: Default::default(),
            condition: None,
            follow_ups: Default::default(),
            author_acceptance: None,
            owner_acceptance: None,
            handoffs: Vec::new(),
            withdrawn: None,
            head,
            changed: entry.at,
            text_since: head.seq,
            approval_since: head.seq,
            approval_changes: vec![Changed { seq: head.seq, at: entry.at, word: entry.event.word() }],
            oddities: Vec::new(),
        })
    }

    /// Takes the next entry.
    pub fn apply(&mut self, entry: &Entry, head: Head) {
        match self.happen(entry) {
            Ok(touches) => self.touch(entry, touches),
            Err(what) => self.oddities.push(Oddity { seq: entry.seq, what }),
        }
        self.head = head;
        self.changed = entry.at;
    }

    fn touch(&mut self, entry: &Entry, touches: Touches) {
        if touches == Touches::Nothing {
            return;
        }
        if touches == Touches::Text {
            self.text_since = entry.seq;
        }
        self.approval_since = entry.seq;
        self.approval_changes.push(Changed { seq: entry.seq, at: entry.at, word: entry.event.word() });
    }

    fn happen(&mut self, entry: &Entry) -> Applied {
        match &entry.event {
            Event::PacketOpened(_) => Err("the packet was opened already".to_owned()),
            Event::TermsRevised(event) => {
                self.terms = event.terms.clone();
                Ok(Touches::Text)
            }
            Event::PacketWithdrawn(event) => {
                self.withdrawn = Some(Withdrawn { at: entry.at, reason: event.reason.clone() });
                Ok(Touches::Nothing)
            }
            Event::AuthorChanged(event) => {
                self.author = event.author.clone();
                Ok(Touches::Approval)
            }
            Event::PassageProposed(_) | Event::PassageAccepted(_) | Event::PassageDeclined(_) => {
                self.passage(entry)
            }
            Event::ClaimMade(_)
            | Event::ClaimAccepted(_)
            | Event::ClaimRetracted(_)
            | Event::ClaimReaffirmed(_) => self.claim(entry),
            Event::RemarkMade(_) | Event::ObjectionRaised(_) | Event::ObjectionAnswered(_) => {
                self.dissent(entry)
            }
            Event::ReviewerNamed(event) => {
                let named = self.reviewers.entry(event.discipline.clone()).or_default();
                named.insert(event.reviewer.clone(), entry.at);
                Ok(Touches::Approval)
            }
            Event::ReviewerReleased(event) => self.release(&event.reviewer, &event.discipline),
            Event::HoldPlaced(_) | Event::HoldReleased(_) => self.hold(entry),
            Event::ExposureDetected(_) | Event::ExposureDeclared(_) => self.expose(entry),
            Event::ConditionStated(event) => {
                let (text, claims) = (event.text.clone(), event.claims.clone());
                self.condition = Some(Condition { text, claims, by: entry.actor.id.clone(), at: entry.at });
                Ok(Touches::Approval)
            }
            Event::PolicyAdopted(event) => {
                (self.policy, self.subjects) = (event.policy, event.subjects);
                Ok(Touches::Approval)
            }
            Event::IntakeRecorded(event) => self.intake(entry, &event.submission, &event.outcome),
            Event::FollowUpScheduled(_) | Event::FollowUpDone(_) => self.follow_up(entry),
            Event::Decided(decided) => self.decided(entry, decided),
        }
    }

    fn passage(&mut self, entry: &Entry) -> Applied {
        match &entry.event {
            Event::PassageProposed(event) => {
                let id = PassageId(entry.seq);
                let passage = Passage {
                    id,
                    section: event.section,
                    origin: event.origin,
                    text: event.text.clone(),
                    quotes: event.quotes.clone(),
                    objection: event.objection,
                    leans_on: event.leans_on.clone(),
                    replaces: event.replaces,
                    by: entry.actor.id.clone(),
                    by_agent: !entry.actor.is_human(),
                    at: entry.at,
                    state: PassageState::Proposed,
                };
                self.passages.insert(id, passage);
                Ok(Touches::Nothing)
            }
            Event::PassageAccepted(event) => {
                let passage = self.passages.get_mut(&event.passage).ok_or_else(|| nothing(event.passage))?;
                let text = event.text.clone().unwrap_or_else(|| passage.text.clone());
                let accepted = passage::AcceptedText {
                    edited: text != passage.text,
                    text,
                    leans_on: event.leans_on.clone(),
                    narrative: event.narrative,
                    accepted_by: entry.actor.id.clone(),
                    at: entry.at,
                };
                step(&mut passage.state, |state| state.accept(accepted))
                    .ok_or_else(|| decided_already(event.passage))?;
                let (id, replaces) = (passage.id, passage.replaces);
                if let Some(old) = replaces.and_then(|old| self.passages.get_mut(&old)) {
                    step(&mut old.state, |state| state.replace(id));
                }
                Ok(Touches::Text)
            }
            Event::PassageDeclined(event) => {
                let passage = self.passages.get_mut(&event.passage).ok_or_else(|| nothing(event.passage))?;
                let (note, by) = (event.note.clone(), entry.actor.id.clone());
                step(&mut passage.state, |state| state.decline(event.reason, note, by, entry.at))
                    .ok_or_else(|| decided_already(event.passage))?;
                Ok(Touches::Nothing)
            }
            _ => Ok(Touches::Nothing),
        }
    }

    fn claim(&mut self, entry: &Entry) -> Applied {
        match &entry.event {
            Event::ClaimMade(event) => {
                let id = ClaimId(entry.seq);
                let claim = Claim {
                    id,
                    claim: event.claim.clone(),
                    by: entry.actor.id.clone(),
                    made: entry.at,
                    replaces: event.replaces,
                    state: ClaimState::Draft,
                };
                self.claims.insert(id, claim);
                // An agent's stays a draft; what the author says is said.
                if entry.actor.is_human() { self.accept_claim(id, entry) } else { Ok(Touches::Nothing) }
            }
            Event::ClaimAccepted(event) => self.accept_claim(event.claim, entry),
            Event::ClaimRetracted(event) => {
                let claim = self.claims.get_mut(&event.claim).ok_or_else(|| nothing(event.claim))?;
                let was_accepted = claim.is_accepted();
                step(&mut claim.state, |state| state.retract(entry.at))
                    .ok_or_else(|| decided_already(event.claim))?;
                Ok(if was_accepted { Touches::Text } else { Touches::Nothing })
            }
            Event::ClaimReaffirmed(event) => {
                let claim = self.claims.get_mut(&event.claim).ok_or_else(|| nothing(event.claim))?;
                claim.claim.citations.clone_from(&event.citations);
                claim.claim.addresses.clone_from(&event.addresses);
                Ok(if claim.is_accepted() { Touches::Text } else { Touches::Nothing })
            }
            _ => Ok(Touches::Nothing),
        }
    }

    fn accept_claim(&mut self, id: ClaimId, entry: &Entry) -> Applied {
        let claim = self.claims.get_mut(&id).ok_or_else(|| nothing(id))?;
        step(&mut claim.state, |state| state.accept(entry.at)).ok_or_else(|| decided_already(id))?;
        if let Some(old) = claim.replaces.and_then(|old| self.claims.get_mut(&old)) {
            step(&mut old.state, |state| state.replace(id));
        }
        Ok(Touches::Text)
    }

    fn dissent(&mut self, entry: &Entry) -> Applied {
        let by = || entry.actor.id.clone();
        match &entry.event {
            Event::RemarkMade(event) => {
                let (text, target) = (event.text.clone(), event.target.clone());
                let id = RemarkId(entry.seq);
                self.remarks.insert(id, Remark { id, by: by(), at: entry.at, text, target, raised_as: None });
                Ok(Touches::Nothing)
            }
            Event::ObjectionRaised(event) => {
                let id = ObjectionId(entry.seq);
                if let Some(remark) = event.remark.and_then(|remark| self.remarks.get_mut(&remark)) {
                    remark.raised_as = Some(id);
                }
                let objection = Objection {
                    id,
                    by: by(),
                    at: entry.at,
                    topic: event.topic,
                    severity: event.severity,
                    issue: event.issue.clone(),
                    target: event.target.clone(),
                    rationale: event.rationale.clone(),
                    removes: event.removes.clone(),
                    remark: event.remark,
                    carried_from: None,
                    answers: Vec::new(),
                    fate: Fate::Open,
                };
                self.objections.insert(id, objection);
                Ok(Touches::Approval)
            }
            Event::ObjectionAnswered(event) => {
                let objection =
                    self.objections.get_mut(&event.objection).ok_or_else(|| nothing(event.objection))?;
                let draft = !entry.actor.is_human();
                objection.answers.push(Answer {
                    seq: entry.seq,
                    by: by(),
                    at: entry.at,
                    text: event.text.clone(),
                    citations: event.citations.clone(),
                    draft,
                });
                Ok(if draft { Touches::Nothing } else { Touches::Approval })
            }
            _ => Ok(Touches::Nothing),
        }
    }

    fn release(&mut self, reviewer: &PrincipalId, discipline: &crate::id::Discipline) -> Applied {
        let named = self.reviewers.get_mut(discipline).and_then(|named| named.remove(reviewer));
        named.map(|_| Touches::Approval).ok_or_else(|| format!("`{reviewer}` was not named for {discipline}"))
    }

    fn hold(&mut self, entry: &Entry) -> Applied {
        let (by, at) = (entry.actor.id.clone(), entry.at);
        match &entry.event {
            Event::HoldPlaced(event) => {
                let id = HoldId(entry.seq);
                self.holds.insert(id, Hold { id, by, at, reason: event.reason.clone(), released: None });
            }
            Event::HoldReleased(event) => {
                let hold = self.holds.get_mut(&event.hold).ok_or_else(|| nothing(event.hold))?;
                if hold.released.is_some() {
                    return Err(decided_already(event.hold));
                }
                hold.released = Some(Released { by, at, reason: event.reason.clone() });
            }
            _ => {}
        }
        Ok(Touches::Nothing)
    }

    /// What was signed before an exposure was known is not signed for after it.
    fn expose(&mut self, entry: &Entry) -> Applied {
        let (reason, source) = match &entry.event {
            Event::ExposureDetected(event) => {
                let (evidence, revision) = (event.evidence.clone(), event.revision);
                (event.reason.clone(), CauseSource::Detected { evidence, revision })
            }
            Event::ExposureDeclared(event) => {
                let (by, evidence) = (entry.actor.id.clone(), event.evidence.clone());
                (event.reason.clone(), CauseSource::Declared { by, evidence })
            }
            _ => return Ok(Touches::Nothing),
        };
        let id = CauseId(entry.seq);
        self.causes.insert(id, Cause { id, at: entry.at, reason, source, cleared: None });
        Ok(Touches::Approval)
    }

    fn follow_up(&mut self, entry: &Entry) -> Applied {
        match &entry.event {
            Event::FollowUpScheduled(event) => {
                let id = FollowUpId(entry.seq);
                let follow_up = FollowUp {
                    id,
                    what: event.what.clone(),
                    owner: event.owner.clone(),
                    due: event.due,
                    required: event.required.clone(),
                    by: entry.actor.id.clone(),
                    at: entry.at,
                    done: None,
                };
                self.follow_ups.insert(id, follow_up);
                Ok(Touches::Approval)
            }
            Event::FollowUpDone(event) => {
                let follow_up =
                    self.follow_ups.get_mut(&event.follow_up).ok_or_else(|| nothing(event.follow_up))?;
                follow_up.done.get_or_insert(entry.at);
                Ok(Touches::Nothing)
            }
            _ => Ok(Touches::Nothing),
        }
    }

    fn intake(&mut self, entry: &Entry, submission: &str, outcome: &IntakeOutcome) -> Applied {
        let at = entry.at;
        let handoff = self.handoffs.iter_mut().find(|handoff| handoff.submission == submission);
        let handoff = handoff.ok_or_else(|| format!("`{submission}` was never handed off"))?;
        let next = match outcome.clone() {
            IntakeOutcome::Received { reference, url } => HandoffState::Received { at, reference, url },
            IntakeOutcome::Accepted => HandoffState::Accepted { at },
            IntakeOutcome::Bounced { reasons } => HandoffState::Bounced { at, reasons },
            IntakeOutcome::Decided { decision, granted } => HandoffState::Decided { at, decision, granted },
            IntakeOutcome::Unclear { problem } => HandoffState::Unclear { problem },
        };
        let bounced = matches!(next, HandoffState::Bounced { .. });
        step(&mut handoff.state, |state| state.advance(next))
            .ok_or_else(|| format!("`{submission}` is past that already"))?;
        // A bounce returns the packet to review: what was approved and signed is not what the board wants.
        Ok(if bounced { Touches::Text } else { Touches::Nothing })
    }

    fn decided(&mut self, entry: &Entry, decided: &Decided) -> Applied {
        let (by, at, seq) = (entry.actor.id.clone(), entry.at, entry.seq);
        match &decided.statement.decides {
            Decision::OwnershipOffered { to } => {
                self.owner.offered = Some(to.clone());
                Ok(Touches::Nothing)
            }
            Decision::OwnershipAccepted => self.accept_ownership(&by, entry),
            Decision::OwnerReplaced { owner, .. } => {
                self.owner = Owner { id: owner.clone(), since: at, accepted: None, offered: None };
                self.reopen_accepted_risks();
                Ok(Touches::Approval)
            }
            Decision::ReviewRecorded { discipline, verdict, note } => {
                self.reviews.push(Review {
                    seq,
                    by,
                    at,
                    discipline: discipline.clone(),
                    verdict: *verdict,
                    note: note.clone(),
                    text: decided.statement.text,
                    seen: decided.statement.head.seq,
                });
                Ok(Touches::Nothing)
            }
            Decision::ObjectionWithdrawn { objection, reason } => {
                self.fate(*objection, |fate| fate.withdraw(at, reason.clone(), seq))
            }
            Decision::RiskAccepted { objection, rationale, expires } => {
                self.fate(*objection, |fate| fate.accept_risk(by, at, rationale.clone(), *expires, seq))
            }
            Decision::LoopResumed { causes, incident, outcome } => {
                for id in causes {
                    let cause = self.causes.get_mut(id).ok_or_else(|| nothing(*id))?;
                    let (incident, outcome) = (incident.clone(), outcome.clone());
                    cause.cleared.get_or_insert(Cleared { by: by.clone(), at, incident, outcome });
                }
                Ok(Touches::Nothing)
            }
            Decision::ReadinessAccepted => self.accept_readiness(entry, decided),
            Decision::PacketHandedOff { report, .. } => {
                self.handoffs.push(Handoff {
                    seq,
                    submission: Handoff::submission_of(&self.id, seq),
                    by,
                    at,
                    report: *report,
                    state: HandoffState::Filing,
                });
                Ok(Touches::Nothing)
            }
        }
    }

    fn accept_ownership(&mut self, by: &PrincipalId, entry: &Entry) -> Applied {
        if self.owner.offered.as_ref() == Some(by) {
            self.owner = Owner { id: by.clone(), since: entry.at, accepted: Some(entry.at), offered: None };
            self.reopen_accepted_risks();
            return Ok(Touches::Approval);
        }
        if self.owner.id == *by {
            self.owner.accepted.get_or_insert(entry.at);
            return Ok(Touches::Nothing);
        }
        Err(format!("`{by}` was neither named nor offered the ownership"))
    }

    fn accept_readiness(&mut self, entry: &Entry, decided: &Decided) -> Applied {
        let statement = decided.statement.digest().map_err(|error| error.to_string())?;
        let acceptance = Acceptance {
            seq: entry.seq,
            by: entry.actor.id.clone(),
            at: entry.at,
            approval: decided.statement.approval,
            seen: decided.statement.head.seq,
            good_until: decided.statement.good_until,
            statement,
        };
        if entry.actor.id == self.author {
            self.author_acceptance = Some(acceptance);
        } else if entry.actor.id == self.owner.id {
            self.owner_acceptance = Some(acceptance);
        } else {
            return Err(format!("`{}` is neither author nor owner", entry.actor.id));
        }
        Ok(Touches::Nothing)
    }

    fn fate(&mut self, id: ObjectionId, step_to: impl FnOnce(Fate) -> Result<Fate, Fate>) -> Applied {
        let objection = self.objections.get_mut(&id).ok_or_else(|| nothing(id))?;
        step(&mut objection.fate, step_to).ok_or_else(|| decided_already(id))?;
        Ok(Touches::Approval)
    }

    /// Risk is accepted by a person. Who becomes owner later has accepted none of it.
    fn reopen_accepted_risks(&mut self) {
        for objection in self.objections.values_mut() {
            step(&mut objection.fate, |fate| Ok(fate.reopen()));
        }
    }
}

/// Objections of the packet that is renewed, open again under numbers of their own. The numbers lie above any entry's, so
/// that they never meet one.
fn carry<'a>(renews: &'a Renewal, entry: &'a Entry) -> impl Iterator<Item = (ObjectionId, Objection)> + 'a {
    renews.carried.iter().zip(CARRIED_FROM..).map(move |(carried, number)| {
        let CarriedObjection { objection, raised_by, topic, severity, issue, rationale, removes } =
            carried.clone();
        let id = ObjectionId(number);
        let objection = Objection {
            id,
            by: raised_by,
            at: entry.at,
            topic,
            severity,
            issue,
            target: None,
            rationale,
            removes,
            remark: None,
            carried_from: Some(Carried { packet: renews.packet.clone(), objection }),
            answers: Vec::new(),
            fate: Fate::Open,
        };
        (id, objection)
    })
}

/// Where the numbers of carried objections begin. No ledger has a billion entries.
const CARRIED_FROM: u32 = 1_000_000_001;

/// Takes a state through a transition; a transition it does not have leaves it as it was.
fn step<S: Clone>(state: &mut S, transition: impl FnOnce(S) -> Result<S, S>) -> Option<()> {
    match transition(state.clone()) {
        Ok(next) => {
            *state = next;
            Some(())
        }
        Err(_) => None,
    }
}

fn nothing(id: impl std::fmt::Display) -> String {
    format!("there is no {id}")
}

fn decided_already(id: impl std::fmt::Display) -> String {
    format!("{id} was past that already")
}
