//! What may happen to a packet: every rule and every authorization of the loop, in one place.
//!
//! [`decide()`] takes what is known (the packet and its ledger, evidence, policy, people, keys, the instant) and what somebody asks for,
//! and returns the one event that follows, or a [`Refusal`]: a value that says what was attempted, the rule, who could, and
//! what to do. It changes nothing. What a packet's phase allows is in [`phase`], who may in [`who`], each event's own rules in
//! the file of its concern.
//!
//! Deliberately absent: exceptions for operators. Who runs the host has no say in a packet.

mod dissent;
mod draft;
mod open;
mod people;
mod phase;
mod refusal;
mod signed;
mod who;

use std::collections::BTreeMap;

use crate::actor::{Actor, ActorKind, Role};
use crate::board::Board;
use crate::book::Book;
use crate::claim::Citation;
use crate::event::{Command, Event};
use crate::id::PrincipalId;
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::Packet;
use crate::registry::Registry;
use crate::signature::Signature;
use crate::subject::SubjectMap;

pub use open::decide_open;
pub use phase::{Phase, allowed_in};
pub use refusal::Refusal;
pub use signed::{LONGEST_LOOK, good_until_of, verify_recorded};
pub use who::{HOST, host};

pub(crate) use signed::is_over;

/// Somebody known to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    pub kind: ActorKind,
    pub role: Role,
}

/// Who is known, by name.
pub type People = BTreeMap<PrincipalId, Person>;

/// What tells whether a signature counts.
pub trait KeyRing {
    /// Whether `signature` is over `statement` by a key that was `signer`'s at `at`; with `hardware`, by one in hardware. The
    /// error says why not, for a person.
    fn check(
        &self,
        signer: &PrincipalId,
        statement: &[u8],
        signature: &Signature,
        at: Instant,
        hardware: bool,
    ) -> Result<(), String>;
}

impl KeyRing for Registry {
    fn check(
        &self,
        signer: &PrincipalId,
        statement: &[u8],
        signature: &Signature,
        at: Instant,
        hardware: bool,
    ) -> Result<(), String> {
        let verified = self
            .accept(signer.as_str(), at, statement, signature)
            .map_err(|unproven| unproven.to_string())?;
        if hardware && !(verified.hardware && verified.user_present) {
            let fingerprint = verified.fingerprint;
            return Err(format!(
                "the board counts hardware keys alone, and {fingerprint} is not known to be one"
            ));
        }
        Ok(())
    }
}

/// Everything a decision rests on.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub packet: &'a Packet,
    /// The ledger the packet is the fold of.
    pub entries: &'a [(Entry, Head)],
    /// Evidence at `at`.
    pub book: &'a Book,
    /// Evidence at the instant of the signed statement, for what is bound to a report of that instant; may be absent for
    /// other commands.
    pub shown: Option<&'a Book>,
    /// The policy and the subject map the packet adopted.
    pub board: &'a Board,
    pub subjects: &'a SubjectMap,
    pub people: &'a People,
    pub keys: &'a dyn KeyRing,
    pub at: Instant,
}

/// The event that follows when `actor` asks for `command`, or why none does.
pub fn decide(known: &Known<'_>, actor: &Actor, command: Command) -> Result<Event, Refusal> {
    let word = command.word();
    phase::check(known, word)?;
    who::check(known.packet, actor, &command)?;
    let event = command.try_map(|cite| {
        Citation::of(&cite, known.book).map_err(|error| {
            Refusal::new(
                error.code(),
                word,
                error.to_string(),
                "cite evidence that is there, by id, revision and pointer",
            )
        })
    })?;
    match &event {
        Event::PassageProposed(_)
        | Event::PassageAccepted(_)
        | Event::PassageDeclined(_)
        | Event::ClaimMade(_)
        | Event::ClaimAccepted(_)
        | Event::ClaimRetracted(_)
        | Event::ClaimReaffirmed(_)
        | Event::ConditionStated(_) => draft::check(known, actor, &event)?,
        Event::RemarkMade(_)
        | Event::ObjectionRaised(_)
        | Event::ObjectionAnswered(_)
        | Event::HoldPlaced(_)
        | Event::HoldReleased(_)
        | Event::ExposureDetected(_)
        | Event::ExposureDeclared(_) => dissent::check(known, actor, &event)?,
        Event::TermsRevised(_)
        | Event::PacketWithdrawn(_)
        | Event::AuthorChanged(_)
        | Event::ReviewerNamed(_)
        | Event::ReviewerReleased(_)
        | Event::PolicyAdopted(_)
        | Event::IntakeRecorded(_)
        | Event::FollowUpScheduled(_)
        | Event::FollowUpDone(_) => people::check(known, actor, &event)?,
        Event::Decided(decided) => signed::check(known, actor, decided)?,
        // `phase` and `who` let no second opening through.
        Event::PacketOpened(_) => return Err(open::opened_already()),
    }
    Ok(event)
}
