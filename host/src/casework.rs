//! Use cases: what people and programs outside may ask of the host, behind every edge alike.
//!
//! REST, the command line and whatever comes later are thin: they find out who calls, get an
//! [`crate::authz::Authorized`] for the action, call one function here, and show the view it returns. Nothing here
//! knows HTTP, but for the address under which a trace says that captured bytes are served.
//!
//! Deliberately absent: rules (they are in `probity-core`), and collecting itself, which is asked for
//! through [`Collecting`].

mod board;
mod capture;
mod changes;
mod collecting;
mod connections;
mod evidence;
mod measures;
mod packets;
mod people;
mod queue;
mod runs;
mod trace;
pub mod view;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use probity_core::canonical::Digest;
use probity_core::decide::Refusal;
use probity_core::evidence::Kind;
use probity_core::id::{ConnectionName, EvidenceId, PacketId, RunId, StreamId};
use probity_core::instant::Instant;
use probity_core::ledger::Head;
use probity_core::locate::NotLocated;

use crate::authz::Principals;
use crate::clock::Clock;
use crate::store::blobs::Blobs;
use crate::store::handoff::QueueState;
use crate::store::{Store, StoreError};

pub use board::SetStanding;
pub use capture::Part;
pub use collecting::{Collecting, RunRequest, StartError};
pub use evidence::{EvidenceQuery, Found};
pub(crate) use packets::Loaded;
pub(crate) use packets::NotRebuilt;
pub use packets::{Appended, EntryRecord, Gates, Look, Opening, PacketQuery, Policies, Summary, ToSign};
pub use people::{IdentifyError, PeopleError, clash, who_may_call};
pub use queue::BoardAct;
pub use runs::{RunDetail, RunQuery};
pub use trace::TraceQuery;

/// The use cases, over what they need.
pub struct Casework {
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    /// How long evidence of a kind counts; a kind that is missing here is never fresh.
    pub max_ages: BTreeMap<Kind, Duration>,
    pub collector: Arc<dyn Collecting>,
    pub clock: Clock,
    /// What packets are held to.
    pub policies: Arc<Policies>,
    /// Who may call, as configured; those that were added are in the store.
    pub principals: Principals,
    /// One command at a time on each packet.
    pub gates: Arc<Gates>,
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    pub items: Vec<T>,
    /// What to ask for as `after` to go on; `None` at the end.
    pub next: Option<String>,
}

/// How much of a listing is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// At most so many; 1 to [`Slice::MAX`].
    pub limit: u32,
    /// [`Listing::next`] of the page before.
    pub after: Option<String>,
}

impl Slice {
    /// The most one page of a listing holds: it fits in memory several times over, whatever is listed.
    pub const MAX: u32 = 500;

    /// The first page, of at most `limit`.
    pub const fn first(limit: u32) -> Self {
        Self { limit, after: None }
    }

    /// One more than asked for, to see whether anything follows.
    fn probe(&self) -> crate::store::Keyset {
        crate::store::Keyset { after: self.after.clone(), limit: self.limit.clamp(1, Self::MAX) + 1 }
    }

    /// Cuts off what [`Slice::probe`] asked too much.
    fn cut<T>(&self, mut items: Vec<T>, id: impl Fn(&T) -> String) -> Listing<T> {
        let limit = self.limit.clamp(1, Self::MAX) as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(id);
        Listing { items, next }
    }
}

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum CaseworkError {
    #[error("no connector {0} was ever loaded by this host")]
    UnknownConnector(Digest),
    #[error("no connection is called `{name}`{}", one_of(.known))]
    UnknownConnection { name: ConnectionName, known: Vec<ConnectionName> },
    #[error("there is no run {0}")]
    UnknownRun(RunId),
    #[error("there is no evidence {0}")]
    UnknownEvidence(EvidenceId),
    #[error("evidence {id} has no revision {revision}")]
    UnknownRevision { id: EvidenceId, revision: u32 },
    #[error("nothing was captured with the digest {0}")]
    UnknownCapture(Digest),
    #[error("capture {capture} has no such place: {source}")]
    NotLocated {
        capture: Digest,
        #[source]
        source: NotLocated,
    },
    #[error("{at} has not come yet (it is {now}); what will be known then cannot be told")]
    Future { at: Instant, now: Instant },
    #[error("`{0}` is not where a page of this listing ended")]
    NotAPlace(String),
    #[error("connection `{connection}` is being collected by run {run}")]
    Busy { connection: ConnectionName, run: RunId },
    #[error("connection `{connection}` has no stream `{stream}`{}", one_of(.known))]
    UnknownStream { connection: ConnectionName, stream: StreamId, known: Vec<StreamId> },
    #[error("connection `{connection}` cannot be collected: {reason}")]
    Unusable { connection: ConnectionName, reason: String },
    #[error("there is no packet {0}")]
    UnknownPacket(PacketId),
    #[error("no policy or subject map with the digest {0} was ever in force here")]
    UnknownDocument(Digest),
    #[error("this host keeps no board policy, so there is no board to open a packet for")]
    NoBoard,
    /// What was asked for may not happen; nothing was written.
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("a command names the head of packet {0} that its sender saw")]
    HeadWanted(PacketId),
    #[error("packet {packet} moved on since: its head is {}", .head.map_or_else(|| "not there yet".to_owned(), |head| head.to_string()))]
    Moved { packet: PacketId, head: Option<Head> },
    /// Somebody else was first; or, where it has no state, there is none of that name.
    #[error("{}", stands(.submission, .state.as_ref()))]
    QueueMoved { submission: String, state: Option<QueueState> },
    #[error("the entry cannot be sealed: {0}")]
    Unsealed(String),
    #[error(transparent)]
    People(#[from] PeopleError),
    #[error("the packet cannot be exported: {0}")]
    NotExported(String),
    #[error("the caller cannot act on packets: {0}")]
    NotAnActor(#[from] probity_core::id::BadName),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CaseworkError {
    /// What to do instead, where that depends on what was refused.
    pub fn fix(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => Some(&refusal.fix),
            Self::People(error) => Some(error.fix()),
            Self::Moved { .. } => {
                Some("look at the packet again, then repeat the command; nothing was written")
            }
            _ => None,
        }
    }
}

fn stands(submission: &str, state: Option<&QueueState>) -> String {
    let submission = probity_core::text::excerpt(submission, 80);
    match state {
        Some(_) => format!("submission {submission} stands otherwise in the intake queue"),
        None => format!("there is no submission `{submission}`"),
    }
}

/// What there is instead.
fn one_of(names: &[impl std::fmt::Display]) -> String {
    if names.is_empty() {
        return "; there is none".to_owned();
    }
    format!("; there are {}", names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

impl Casework {
    /// The instant to answer for: the one asked for, unless it has not come yet, or now.
    async fn as_of(&self, at: Option<Instant>) -> Result<Instant, CaseworkError> {
        let now = self.store.now().await?;
        match at {
            Some(at) if at > now => Err(CaseworkError::Future { at, now }),
            Some(at) => Ok(at),
            None => Ok(now),
        }
    }
}

impl std::fmt::Debug for Casework {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Casework").field("max_ages", &self.max_ages).finish_non_exhaustive()
    }
}
