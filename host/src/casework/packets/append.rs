//! Commands: what somebody asks for becomes the one entry that follows, or a refusal.

use std::collections::BTreeSet;

use probity_core::actor::Actor;
use probity_core::book::Needs;
use probity_core::canonical::Digest;
use probity_core::claim::Cite;
use probity_core::decide::{self, Known, decide_open};
use probity_core::event::{Command, Event, PacketOpened, Renewal, Terms};
use probity_core::id::{EvidenceId, PacketId, PrincipalId};
use probity_core::instant::Instant;
use probity_core::ledger::{Entry, Head};
use probity_core::packet::Packet;
use probity_core::readiness::{Report, readiness};

use super::Loaded;
use super::project::{effects, projection};
use crate::authz::{Authorized, WritePackets};
use crate::casework::{Casework, CaseworkError};
use crate::store::ledger::{AppendError, Effect, NewEntry};

/// How often a signed command is decided anew because another process appended first. Each time somebody else made progress.
const SIGNED_ATTEMPTS: u32 = 100;

/// What a caller says to open a packet; the policy, the subject map and the board's name are those in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub title: String,
    pub exception: String,
    pub terms: Terms,
    pub owner: PrincipalId,
    /// The packet of a granted exception that this one goes on from.
    pub renews: Option<PacketId>,
}

/// What an append did.
#[derive(Debug, Clone)]
pub struct Appended {
    pub packet: PacketId,
    pub entry: Entry,
    pub head: Head,
    /// Readiness right after, at the entry's instant.
    pub report: Report,
}

/// What an append is conditional on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    /// The head is still this one.
    Head(Digest),
    /// Whatever the head is: a signed command carries its own condition, the host's own records have none.
    Any,
}

impl Casework {
    /// Opens a packet.
    pub async fn packet_open(
        &self,
        permit: &Authorized<WritePackets>,
        opening: Opening,
    ) -> Result<Appended, CaseworkError> {
        let board = self.policies.board()?.clone();
        let subjects = self.policies.subjects().clone();
        let at = self.store.now().await?;
        let renewed = match &opening.renews {
            Some(packet) => Some(self.load(packet, None).await?),
            None => None,
        };
        let opened = PacketOpened {
            title: opening.title,
            exception: opening.exception,
            terms: opening.terms,
            owner: opening.owner,
            board: board.name.clone(),
            policy: board.digest,
            subjects: subjects.digest,
            renews: renewed.as_ref().map(|loaded| renewal(&loaded.packet)),
        };
        let actor = permit.caller().actor()?;
        let people = self.people().await?;
        let packet = renewed.as_ref().map(|loaded| &loaded.packet);
        let event = decide_open(&actor, opened, packet, &board, &subjects, &people, at)?;
        let id = self.clock.packet_id();
        let entry = Entry::after(None, id, at, actor, event);
        self.commit(entry, Vec::new(), board, subjects, Vec::new()).await
    }

    /// Appends what a command asks for. An unsigned one names the head its caller saw.
    pub async fn packet_append(
        &self,
        permit: &Authorized<WritePackets>,
        id: &PacketId,
        seen: Option<Digest>,
        command: Command,
    ) -> Result<Appended, CaseworkError> {
        let actor = permit.caller().actor()?;
        let condition = match (&command, seen) {
            (Event::Decided(_), _) => Condition::Any,
            (_, Some(head)) => Condition::Head(head),
            (_, None) => return Err(CaseworkError::HeadWanted(id.clone())),
        };
        self.append_as(actor, id, condition, command, Vec::new()).await
    }

    /// The same for an actor whose identity is settled, with more to happen in the same transaction.
    pub(crate) async fn append_as(
        &self,
        actor: Actor,
        id: &PacketId,
        condition: Condition,
        command: Command,
        also: Vec<Effect>,
    ) -> Result<Appended, CaseworkError> {
        let _turn = self.gates.turn(id).await;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let tried = self.try_append(&actor, id, condition, command.clone(), also.clone()).await;
            match (tried, condition) {
                (Err(CaseworkError::Moved { .. }), Condition::Any) if attempts < SIGNED_ATTEMPTS => {}
                (tried, _) => return tried,
            }
        }
    }

    async fn try_append(
        &self,
        actor: &Actor,
        id: &PacketId,
        condition: Condition,
        command: Command,
        also: Vec<Effect>,
    ) -> Result<Appended, CaseworkError> {
        let loaded = self.load(id, None).await?;
        let head = loaded.packet.head;
        if let Condition::Head(seen) = condition
            && seen != head.digest
        {
            return Err(CaseworkError::Moved { packet: id.clone(), head: Some(head) });
        }
        // Database time never goes back, but a packet may have been restored from a host whose clock was ahead.
        let at = self.store.now().await?.max(loaded.packet.changed);
        let event = self.decided(&loaded, actor, command, at).await?;
        let entry = Entry::after(Some(&head), id.clone(), at, actor.clone(), event);
        let Loaded { entries, board, subjects, .. } = loaded;
        // A packet that adopts a policy is judged by it from then on.
        let (board, subjects) = match &entry.event {
            Event::PolicyAdopted(adopted) => (
                self.policies.board_of(&self.blobs, adopted.policy).await?,
                self.policies.subjects_of(&self.blobs, adopted.subjects).await?,
            ),
            _ => (board, subjects),
        };
        self.commit(entry, entries, board, subjects, also).await
    }

    async fn decided(
        &self,
        loaded: &Loaded,
        actor: &Actor,
        command: Command,
        at: Instant,
    ) -> Result<Event, CaseworkError> {
        let mut needs = Needs::of(&loaded.packet, &loaded.board, &loaded.subjects);
        for (evidence, revision) in named(&command) {
            needs.cited.entry(evidence).or_default().extend(revision);
        }
        let book = self.book_of(&needs, at).await?;
        let shown = match &command {
            Event::Decided(decided) if decided.statement.instant <= at => {
                let seq = decided.statement.head.seq;
                let then: Vec<_> =
                    loaded.entries.iter().filter(|(entry, _)| entry.seq <= seq).cloned().collect();
                match Packet::fold(&then) {
                    Ok(packet) => {
                        let needs = Needs::of(&packet, &loaded.board, &loaded.subjects);
                        Some(self.book_of(&needs, decided.statement.instant).await?)
                    }
                    Err(_) => None,
                }
            }
            _ => None,
        };
        let (people, keys) = (self.people().await?, self.registry().await?);
        let known = Known {
            packet: &loaded.packet,
            entries: &loaded.entries,
            book: &book,
            shown: shown.as_ref(),
            board: &loaded.board,
            subjects: &loaded.subjects,
            people: &people,
            keys: &keys,
            at,
        };
        Ok(decide::decide(&known, actor, command)?)
    }

    /// Seals the entry and writes it with all that goes with it, or not at all.
    async fn commit(
        &self,
        entry: Entry,
        mut entries: Vec<(Entry, Head)>,
        board: probity_core::board::Board,
        subjects: probity_core::subject::SubjectMap,
        mut also: Vec<Effect>,
    ) -> Result<Appended, CaseworkError> {
        let sealed = entry.sealed().map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        if sealed.bytes.len() > probity_core::ledger::MAX_ENTRY {
            return Err(CaseworkError::Unsealed("it is larger than an entry may be".to_owned()));
        }
        let (id, before) = (entry.packet.clone(), entries.last().map(|(_, head)| *head));
        entries.push((entry.clone(), sealed.head));
        let packet = Packet::fold(&entries).map_err(|_| CaseworkError::UnknownPacket(id.clone()))?;
        let loaded = Loaded { entries, packet, board, subjects };
        let book = self.book(&loaded, entry.at).await?;
        let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, entry.at);
        let earlier = self.store.projection_get(&id).await?;
        let projection = projection(&loaded.packet, &report, earlier.as_ref())?;
        also.extend(effects(self, &loaded, &entry, &report, &book).await?);
        let new = NewEntry {
            packet: id.clone(),
            seq: entry.seq,
            hash: sealed.head.digest,
            prev: entry.prev,
            at: entry.at,
            bytes: sealed.bytes,
            projection,
            also,
        };
        match self.store.ledger_append(&new, before).await {
            Ok(appended) => Ok(Appended { packet: id, entry, head: appended.head, report }),
            Err(AppendError::Moved { head }) => Err(CaseworkError::Moved { packet: id, head }),
            Err(AppendError::Queue { submission, state }) => {
                Err(CaseworkError::QueueMoved { submission, state })
            }
            Err(AppendError::Broken { seq, rule }) => {
                Err(CaseworkError::Unsealed(format!("entry {seq}: {rule}")))
            }
            Err(AppendError::Store(error)) => Err(error.into()),
        }
    }
}

/// What a packet that renews this one says of it.
fn renewal(packet: &Packet) -> Renewal {
    Renewal {
        packet: packet.id.clone(),
        seq: packet.head.seq,
        hash: packet.head.digest,
        carried: packet.carried(),
    }
}

/// Evidence that a command names and the packet may not know yet.
fn named(command: &Command) -> BTreeSet<(EvidenceId, Option<u32>)> {
    let mut named = BTreeSet::new();
    // Nothing fails here: mapping is how an event's citations are visited.
    let _ = command.clone().try_map(|cite: Cite| {
        named.insert((cite.evidence.clone(), cite.revision));
        Ok::<Cite, std::convert::Infallible>(cite)
    });
    match command {
        Event::ExposureDetected(event) => {
            named.insert((event.evidence.clone(), Some(event.revision)));
        }
        Event::ExposureDeclared(event) => {
            named.extend(event.evidence.clone().map(|evidence| (evidence, None)));
        }
        _ => {}
    }
    named
}
