//! Looking at a packet again because evidence or the clock moved, though nobody asked for anything.
//!
//! What the host may do without being asked is little: hold the packet to the policy in force, record exposures that evidence
//! shows, keep its listing true, and tell people. Everything else waits for a person.
//!
//! Deliberately absent: when to look, which is `rounds`'.

use probity_core::claim::Examined;
use probity_core::decide::{Phase, host};
use probity_core::event::{Command, Event, ExposureDetected, PolicyAdopted};
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::readiness::{exposures, readiness, watch};

use super::project::{looked_at_again, notice, signature_wanted, summary_of};
use super::{Condition, Loaded};
use crate::casework::{Casework, CaseworkError, Summary};

/// What looking at a packet came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The words of the entries the host made.
    pub entries: Vec<&'static str>,
    /// Whether its listing showed another verdict than holds now.
    pub refreshed: bool,
    /// Notices that were not there before.
    pub notices: usize,
    /// When to look again, if nothing happens until then.
    pub next: Option<Instant>,
}

impl Casework {
    /// Looks at a packet as it stands now, and does what the host may do without being asked.
    pub async fn look_again(&self, id: &PacketId) -> Result<Look, CaseworkError> {
        let mut look = Look::default();
        let loaded = self.load(id, None).await?;
        let phase = Phase::of(&loaded.packet);
        if phase == Phase::Withdrawn {
            return Ok(look);
        }
        if phase == Phase::Open
            && let Some(adopted) = self.policy_to_adopt(&loaded)
        {
            self.record(id, Event::PolicyAdopted(adopted), &mut look).await?;
        }
        for exposure in self.exposures_now(id).await? {
            self.record(id, Event::ExposureDetected(exposure), &mut look).await?;
        }
        self.keep_listing_true(id, &mut look).await?;
        Ok(look)
    }

    /// The policy and the map in force, where they are others than the packet's.
    fn policy_to_adopt(&self, loaded: &Loaded) -> Option<PolicyAdopted> {
        let (board, subjects) = (self.policies.in_force()?, self.policies.subjects());
        let differs = (board.digest, subjects.digest) != (loaded.packet.policy, loaded.packet.subjects);
        differs.then_some(PolicyAdopted { policy: board.digest, subjects: subjects.digest })
    }

    /// Exposures that evidence shows now and the ledger does not have.
    async fn exposures_now(&self, id: &PacketId) -> Result<Vec<ExposureDetected>, CaseworkError> {
        let loaded = self.load(id, None).await?;
        let book = self.book(&loaded, self.instant_for(&loaded).await?).await?;
        let examined = Examined::new(&book, &loaded.subjects);
        let found = exposures(&loaded.packet, &examined, &loaded.board).into_iter();
        Ok(found
            .map(|found| ExposureDetected {
                evidence: found.evidence,
                revision: found.revision,
                reason: found.reason,
            })
            .collect())
    }

    /// Makes an entry of the host's. What core refuses (somebody was first, the packet moved on) is left for the next look.
    async fn record(&self, id: &PacketId, command: Command, look: &mut Look) -> Result<(), CaseworkError> {
        match self.append_as(host(), id, Condition::Any, command, Vec::new()).await {
            Ok(appended) => look.entries.push(appended.entry.event.word()),
            Err(CaseworkError::Refused(refusal)) => {
                tracing::debug!(packet = %id, code = refusal.code, "Not recorded: {refusal}");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Refreshes the listing's verdict and adds what people are to be told by now.
    async fn keep_listing_true(&self, id: &PacketId, look: &mut Look) -> Result<(), CaseworkError> {
        let loaded = self.load(id, None).await?;
        let packet = &loaded.packet;
        let at = self.instant_for(&loaded).await?;
        let book = self.book(&loaded, at).await?;
        let report = readiness(packet, &book, &loaded.board, &loaded.subjects, at);
        if let Some(kept) = self.store.projection_get(id).await?.filter(|kept| kept.head == packet.head) {
            let now = looked_at_again(packet, &report, &kept)?;
            let now_shows = serde_json::from_str::<Summary>(&now.summary).ok();
            let differs =
                summary_of(&kept).zip(now_shows).is_none_or(|(kept, now)| !kept.shows_the_same(&now));
            // An entry made meanwhile brings its own.
            look.refreshed = differs && self.store.projection_put(id, packet.head, &now).await?;
        }
        let watched = watch(packet, &report, &book, &loaded.board);
        let news = watched.news.into_iter().map(|news| (news.cause, news.kind, news.text));
        for (cause, kind, text) in news.chain(signature_wanted(packet, &report)) {
            let notice = notice(self, packet, &report, at, cause, kind, text);
            look.notices += usize::from(self.store.notice_add(&notice).await?);
        }
        look.next = watched.next;
        Ok(())
    }

    /// Now, and never before the packet's last entry.
    async fn instant_for(&self, loaded: &Loaded) -> Result<Instant, CaseworkError> {
        Ok(self.store.now().await?.max(loaded.packet.changed))
    }
}

impl Summary {
    /// Whether two say the same, whenever they were made.
    fn shows_the_same(&self, other: &Self) -> bool {
        Self { as_of: other.as_of, ..self.clone() } == *other
    }
}
