//! Decisions: the signed statement is held against the packet as it stands, then each decision's own rules.
//!
//! A statement binds to the approval digest, not to the head: what an agent drafts in the meantime starves nobody. It also binds to
//! the last entry that changed that digest, so that going back to an old text revives nothing. The head it was shown is
//! recorded, and must be one this ledger had.
//!
//! [`verify_recorded`] holds an entry that is already in a ledger to the part of this that needs no evidence: what an offline
//! verifier can check of every signed entry.

use std::time::Duration;

use super::draft::{paragraph, paragraph_or_nothing};
use super::{KeyRing, Known, Refusal};
use crate::actor::{Actor, Role};
use crate::event::{Decided, Decision, ReviewVerdict};
use crate::evidence::Severity;
use crate::id::{Discipline, ObjectionId, PrincipalId};
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::{FateWord, Packet};
use crate::readiness::{Report, Verdict, readiness};
use crate::statement::{Statement, VERSION};

/// How long a person may look at a statement before signing it. Longer, and what they saw may not be what is.
pub const LONGEST_LOOK: Duration = Duration::from_hours(1);

pub(super) fn check(known: &Known<'_>, actor: &Actor, decided: &Decided) -> Result<(), Refusal> {
    let word = decided.statement.decides.word();
    recorded(known.packet, known.entries, known.keys, known.board.hardware_keys, actor, known.at, decided)?;
    match &decided.statement.decides {
        Decision::OwnershipOffered { to } => offered(known, actor, word, to),
        Decision::OwnershipAccepted => accepts_ownership(known.packet, actor, word),
        Decision::OwnerReplaced { owner, reason } => {
            paragraph(word, "reason", reason)?;
            replaced(known, actor, word, owner)
        }
        Decision::ReviewRecorded { discipline, verdict, note } => {
            paragraph_or_nothing(word, "note", note)?;
            reviewed(known, actor, word, discipline, *verdict)
        }
        Decision::ObjectionWithdrawn { objection, reason } => {
            paragraph(word, "reason", reason)?;
            withdrawn(known.packet, actor, word, *objection)
        }
        Decision::RiskAccepted { objection, rationale, expires } => {
            paragraph(word, "rationale", rationale)?;
            risk(known, actor, word, *objection, *expires)
        }
        Decision::LoopResumed { causes, incident, outcome } => {
            paragraph(word, "incident", incident)?;
            paragraph(word, "outcome", outcome)?;
            resumed(known.packet, actor, word, causes)
        }
        Decision::ReadinessAccepted => ready(known, actor, word, &decided.statement),
        Decision::PacketHandedOff { report, condition } => {
            handed_off(known, actor, word, &decided.statement, *report, condition)
        }
    }
}

/// Whether a recorded signed entry binds to the packet before it and is signed by a key of its actor.
///
/// `before` is the fold of `entries`, which end before the entry.
pub fn verify_recorded(
    before: &Packet,
    entries: &[(Entry, Head)],
    keys: &dyn KeyRing,
    entry: &Entry,
    decided: &Decided,
) -> Result<(), Refusal> {
    recorded(before, entries, keys, false, &entry.actor, entry.at, decided)
}

fn recorded(
    packet: &Packet,
    entries: &[(Entry, Head)],
    keys: &dyn KeyRing,
    hardware: bool,
    actor: &Actor,
    at: Instant,
    decided: &Decided,
) -> Result<(), Refusal> {
    let statement = &decided.statement;
    let word = statement.decides.word();
    if !actor.is_human() || statement.signer != actor.id {
        return Err(Refusal::new(
            "who.signer",
            word,
            format!(
                "a decision is recorded by the person who signed it; this one was signed by {}",
                statement.signer
            ),
            format!("act as a human principal; you act as {} ({})", actor.id, actor.kind.as_str()),
        )
        .who(statement.signer.to_string()));
    }
    shown_is_so(packet, entries, statement, word)?;
    if statement.instant > at || at.since(statement.instant) > LONGEST_LOOK {
        return Err(anew(
            "statement.instant",
            word,
            format!(
                "the statement is of {}, and now is {at}; it may be at most an hour old",
                statement.instant
            ),
        ));
    }
    if statement.good_until.is_some_and(|until| until <= at) {
        return Err(anew("statement.ended", word, "the evidence it shows is no longer in date".to_owned()));
    }
    let bytes = statement.bytes().map_err(|error| anew("statement.form", word, error.to_string()))?;
    keys.check(&actor.id, &bytes, &decided.signature, at, hardware).map_err(|problem| {
        Refusal::new(
            "signature.refused",
            word,
            format!("the signature does not count: {problem}"),
            "sign the statement exactly as it was given, with a key enrolled for you: `ssh-keygen -Y sign -n probity`",
        )
        .who(actor.id.to_string())
    })
}

/// What the statement says was shown is what there is.
fn shown_is_so(
    packet: &Packet,
    entries: &[(Entry, Head)],
    statement: &Statement,
    word: &str,
) -> Result<(), Refusal> {
    if statement.v != VERSION || statement.packet != packet.id {
        return Err(anew(
            "statement.packet",
            word,
            "the statement is about another packet, or of another form".to_owned(),
        ));
    }
    let at_head = usize::try_from(statement.head.seq).ok().and_then(|seq| entries.get(seq.checked_sub(1)?));
    if !at_head.is_some_and(|(_, head)| *head == statement.head) {
        return Err(anew(
            "statement.head",
            word,
            "this ledger never had the head that the statement shows".to_owned(),
        ));
    }
    let is = Statement::of(
        packet,
        statement.signer.clone(),
        statement.decides.clone(),
        statement.instant,
        statement.good_until,
    )
    .map_err(|error| anew("statement.form", word, error.to_string()))?;
    let same = is.text == statement.text
        && is.approval == statement.approval
        && is.evidence == statement.evidence
        && is.objections == statement.objections
        && (is.policy, is.subjects) == (statement.policy, statement.subjects);
    if same && statement.head.seq >= packet.approval_since {
        return Ok(());
    }
    let since: Vec<_> = packet
        .approval_changes
        .iter()
        .filter(|changed| changed.seq > statement.head.seq)
        .map(|changed| format!("{} (entry {})", changed.word, changed.seq))
        .collect();
    let what = if since.is_empty() {
        "it does not show the packet as it stands".to_owned()
    } else {
        since.join(", ")
    };
    Err(anew("statement.moved", word, format!("the packet is not what the statement shows: {what}")))
}

fn anew(code: &str, word: &str, rule: String) -> Refusal {
    Refusal::new(code, word, rule, "ask for the statement anew, look at it, and sign that one")
}

fn offered(known: &Known<'_>, actor: &Actor, word: &str, to: &PrincipalId) -> Result<(), Refusal> {
    owner_only(known.packet, actor, word)?;
    if known.packet.is_reviewer(to) {
        return Err(owner_is_reviewer(word, to));
    }
    super::open::check_owner(word, to, &known.packet.author, known.people)
}

fn owner_is_reviewer(word: &str, to: &PrincipalId) -> Refusal {
    Refusal::new(
        "owner.is-reviewer",
        word,
        format!("`{to}` is a named reviewer; nobody approves what they review"),
        "release them as reviewer first, or choose another owner",
    )
}

fn accepts_ownership(packet: &Packet, actor: &Actor, word: &str) -> Result<(), Refusal> {
    let is_offered = packet.owner.offered.as_ref() == Some(&actor.id);
    let is_first = packet.owner.id == actor.id && packet.owner.accepted.is_none();
    if actor.id == packet.author {
        return Err(super::people::author_is_owner(word));
    }
    if is_offered || is_first {
        return Ok(());
    }
    let who = packet.owner.offered.as_ref().unwrap_or(&packet.owner.id);
    Err(Refusal::new(
        "owner.not-offered",
        word,
        "the ownership is taken by who was named or offered it, once",
        "the owner offers it first",
    )
    .who(who.to_string()))
}

fn replaced(known: &Known<'_>, actor: &Actor, word: &str, owner: &PrincipalId) -> Result<(), Refusal> {
    if actor.role != Role::Board {
        return Err(Refusal::new(
            "who.board-only",
            word,
            "only a board principal replaces an owner who cannot act",
            "ask the board",
        )
        .who("a principal of role board"));
    }
    if *owner == known.packet.owner.id {
        return Err(Refusal::new(
            "nothing.changes",
            word,
            "they are the owner already",
            "nothing is to be done",
        ));
    }
    if known.packet.is_reviewer(owner) {
        return Err(owner_is_reviewer(word, owner));
    }
    super::open::check_owner(word, owner, &known.packet.author, known.people)
}

fn reviewed(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    discipline: &Discipline,
    verdict: ReviewVerdict,
) -> Result<(), Refusal> {
    let packet = known.packet;
    if actor.id == packet.author || actor.id == packet.owner.id {
        return Err(Refusal::new(
            "reviewer.is-author-or-owner",
            word,
            "nobody reviews what they write or approve",
            "another reviewer is named",
        ));
    }
    let named = packet.reviewers.get(discipline).is_some_and(|named| named.contains_key(&actor.id));
    let listed = known.board.disciplines.get(discipline).is_some_and(|listed| listed.contains(&actor.id));
    if !named || !listed {
        return Err(Refusal::new(
            "reviewer.not-named",
            word,
            format!("`{}` is not a named reviewer for {discipline}", actor.id),
            "the author or the owner names a reviewer that the board lists for the discipline",
        ));
    }
    // Two disciplines need two people: who approved for one of them cannot be the other's approval.
    let elsewhere = packet.reviews.iter().find(|review| {
        verdict == ReviewVerdict::Approve
            && review.by == actor.id
            && review.discipline != *discipline
            && review.verdict == ReviewVerdict::Approve
            && review.seen >= packet.text_since
    });
    match elsewhere {
        Some(other) => Err(Refusal::new(
            "reviewer.not-distinct",
            word,
            format!(
                "`{}` approved this text for {} already; each discipline needs a person of its own",
                actor.id, other.discipline
            ),
            "another listed reviewer approves for this discipline",
        )),
        None => Ok(()),
    }
}

fn withdrawn(packet: &Packet, actor: &Actor, word: &str, id: ObjectionId) -> Result<(), Refusal> {
    let objection = packet.objections.get(&id).ok_or_else(|| super::draft::unknown(word, id))?;
    if objection.by != actor.id {
        return Err(Refusal::new(
            "objection.not-yours",
            word,
            format!("{id} is {}'s; only who raised an objection withdraws it", objection.by),
            "answer it, so that its raiser can withdraw it, or let the approval owner accept the risk",
        )
        .who(objection.by.to_string()));
    }
    standing(packet, word, id)
}

fn standing(packet: &Packet, word: &str, id: ObjectionId) -> Result<(), Refusal> {
    match packet.objections.get(&id).map(|objection| objection.word()) {
        None => Err(super::draft::unknown(word, id)),
        Some(FateWord::Withdrawn) => Err(Refusal::new(
            "objection.withdrawn",
            word,
            format!("{id} was withdrawn before"),
            "nothing is to be done",
        )),
        Some(_) => Ok(()),
    }
}

fn risk(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    id: ObjectionId,
    expires: Instant,
) -> Result<(), Refusal> {
    let packet = known.packet;
    accepted_owner_only(packet, actor, word)?;
    standing(packet, word, id)?;
    let severity = packet.objections.get(&id).map_or(Severity::Unknown, |objection| objection.severity);
    if is_over(severity, known.board.risk_ceiling) {
        return Err(Refusal::new(
            "risk.over-ceiling",
            word,
            format!(
                "{id} is {}; the board lets risks up to {} be accepted",
                severity.as_str(),
                known.board.risk_ceiling.as_str()
            ),
            "change what it objects to, so that its raiser withdraws it",
        )
        .who(packet.objections.get(&id).map_or_else(String::new, |objection| objection.by.to_string())));
    }
    if expires <= known.at || expires > packet.terms.expires {
        return Err(Refusal::new(
            "risk.expiry",
            word,
            format!(
                "a risk is carried for a while: from now until at the latest {}, the exception's end",
                packet.terms.expires
            ),
            "choose another expiry",
        ));
    }
    Ok(())
}

/// Whether an objection's severity is worse than what may be accepted. One of unknown severity always is.
pub(crate) fn is_over(severity: Severity, ceiling: Severity) -> bool {
    severity == Severity::Unknown || severity < ceiling
}

fn resumed(packet: &Packet, actor: &Actor, word: &str, causes: &[crate::id::CauseId]) -> Result<(), Refusal> {
    owner_only(packet, actor, word)?;
    let open = |id| packet.causes.get(id).is_some_and(crate::packet::Cause::is_open);
    if causes.is_empty() || !causes.iter().all(open) {
        return Err(Refusal::new(
            "exposure.causes",
            word,
            "the loop is resumed by naming the open causes that were dealt with",
            "name causes that `probity packet show` lists as open",
        ));
    }
    Ok(())
}

fn ready(known: &Known<'_>, actor: &Actor, word: &str, statement: &Statement) -> Result<(), Refusal> {
    let packet = known.packet;
    let (is_author, is_owner) = (actor.id == packet.author, actor.id == packet.owner.id);
    if !is_author && !is_owner {
        return Err(Refusal::new(
            "who.author-or-owner",
            word,
            "readiness is accepted by the author and by the approval owner",
            "ask them",
        )
        .who(format!("{} and {}", packet.author, packet.owner.id)));
    }
    let report = readiness(packet, known.book, known.board, known.subjects, known.at);
    may_be_signed(&report, word)?;
    if is_owner && !report.author_has_accepted() {
        return Err(Refusal::new(
            "readiness.author-first",
            word,
            "the author accepts readiness first, then the owner",
            "ask the author to sign",
        )
        .who(packet.author.to_string()));
    }
    good_until(&report, statement, word)
}

fn may_be_signed(report: &Report, word: &str) -> Result<(), Refusal> {
    if report.may_be_signed {
        return Ok(());
    }
    let blockers: Vec<_> = report.blockers().take(3).map(|line| line.reason.as_str()).collect();
    Err(Refusal::new(
        "readiness.not-yet",
        word,
        format!("readiness is accepted when everything else holds: {}", blockers.join("; ")),
        "clear what `probity packet readiness` lists",
    ))
}

/// A statement may promise no more than the evidence does.
fn good_until(report: &Report, statement: &Statement, word: &str) -> Result<(), Refusal> {
    let fits = match (good_until_of(report), statement.good_until) {
        (Some(bound), Some(said)) => said <= bound,
        (Some(_), None) => false,
        (None, _) => true,
    };
    if fits {
        return Ok(());
    }
    Err(anew(
        "statement.good-until",
        word,
        "the evidence is good for less long than the statement says".to_owned(),
    ))
}

/// Until when a signature given on this report is good.
pub fn good_until_of(report: &Report) -> Option<Instant> {
    report.good_until
}

fn handed_off(
    known: &Known<'_>,
    actor: &Actor,
    word: &str,
    statement: &Statement,
    named: crate::canonical::Digest,
    condition: &str,
) -> Result<(), Refusal> {
    let packet = known.packet;
    accepted_owner_only(packet, actor, word)?;
    let now = readiness(packet, known.book, known.board, known.subjects, known.at);
    if now.verdict != Verdict::Ready {
        let blockers: Vec<_> = now.blockers().take(3).map(|line| line.reason.as_str()).collect();
        return Err(Refusal::new(
            "handoff.not-ready",
            word,
            format!(
                "a packet is handed off when it is ready; it is {}: {}",
                now.verdict,
                blockers.join("; ")
            ),
            "clear what `probity packet readiness` lists",
        ));
    }
    let stated = packet.condition.as_ref().map(|stated| stated.text.as_str());
    if stated != Some(condition) {
        return Err(anew(
            "handoff.condition",
            word,
            "the condition attested is not the one that was stated".to_owned(),
        ));
    }
    let shown_at = usize::try_from(statement.head.seq).unwrap_or(usize::MAX).min(known.entries.len());
    let shown = Packet::fold(&known.entries[..shown_at])
        .ok()
        .zip(known.shown)
        .map(|(then, book)| readiness(&then, book, known.board, known.subjects, statement.instant));
    if shown.and_then(|report| report.digest().ok()) != Some(named) {
        return Err(anew(
            "handoff.report",
            word,
            "the report it names is not the one of its instant".to_owned(),
        ));
    }
    good_until(&now, statement, word)
}

fn owner_only(packet: &Packet, actor: &Actor, word: &str) -> Result<(), Refusal> {
    if actor.id == packet.owner.id && actor.id != packet.author {
        return Ok(());
    }
    Err(Refusal::new(
        "who.owner-only",
        word,
        "only the approval owner does, and never the author",
        "ask the owner",
    )
    .who(packet.owner.id.to_string()))
}

fn accepted_owner_only(packet: &Packet, actor: &Actor, word: &str) -> Result<(), Refusal> {
    owner_only(packet, actor, word)?;
    if packet.owner.accepted.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        "owner.not-accepted",
        word,
        "an owner decides after having accepted the ownership",
        "accept the ownership first",
    )
    .who(packet.owner.id.to_string()))
}
