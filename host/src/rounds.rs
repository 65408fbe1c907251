//! Rounds: what the host does on its own, over and over, without anybody asking.
//!
//! Four things, each an async function that a test can call with a fixed clock: [`Rounds::look`] (packets whose evidence or
//! clock moved), [`Rounds::file`] (packages on their way to the board), [`Rounds::tell`] (notices that are due) and
//! [`Rounds::checkpoint`] (the heads of all chains, kept outside the database). [`Rounds::keep`] calls them until it
//! is told to stop; none waits for another.
//!
//! Everything that must survive a crash is in the store. What is kept here in memory (how far the feed was read, when to look
//! next) is found again by looking at everything once, at the start.
//!
//! Deliberately absent: rules. When the host may act is core's to say, what it may do is casework's.

pub mod checkpoints;
mod filing;
pub mod journal;
mod looking;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use probity_core::checkpoint::Discrepancy;
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::run::Backoff;
use tokio_util::sync::CancellationToken;

use crate::binding::whole;
use crate::casework::{Casework, CaseworkError};
use crate::intake::{Intake, QUEUE, Queue};
use crate::notify::{Notifier, Sent};
use checkpoints::{CheckpointError, Checkpoints};

/// The intakes that policies can name.
pub type Intakes = BTreeMap<String, Arc<dyn Intake>>;

/// How often and how patiently.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How often it is asked whether there is anything to do.
    pub every: Duration,
    /// How long a filing belongs to the host that works on it: longer than a call of an intake takes.
    pub lease: Duration,
    /// Attempts at filing while it is sure that nothing was filed.
    pub retry: Backoff,
    /// Attempts at finding out whether something was.
    pub search: Backoff,
    /// How often the board's intake is asked what became of a submission.
    pub status_every: Duration,
}

impl Default for Settings {
    /// Filing is tried for about a day; whether it happened is asked for some two hours, while whoever handed off is around.
    fn default() -> Self {
        let hour = Duration::from_hours(1);
        Self {
            every: Duration::from_secs(1),
            lease: Duration::from_mins(5),
            retry: Backoff { base: Duration::from_secs(15), cap: hour, attempts: 30, retry_after_cap: hour },
            search: Backoff { base: Duration::from_secs(30), cap: hour, attempts: 9, retry_after_cap: hour },
            status_every: Duration::from_mins(10),
        }
    }
}

/// The host's rounds.
pub struct Rounds {
    casework: Arc<Casework>,
    intakes: Intakes,
    notifier: Option<Notifier>,
    checkpoints: Option<Checkpoints>,
    settings: Settings,
    /// This host, as leases name it.
    name: String,
    seen: Mutex<Seen>,
}

/// How far was looked.
#[derive(Debug, Default)]
struct Seen {
    cursor: Option<Instant>,
    next: BTreeMap<PacketId, Instant>,
}

impl Rounds {
    /// Rounds over the use cases, with the queue kept here and nothing else.
    pub fn new(casework: Arc<Casework>, settings: Settings) -> Self {
        let queue: Arc<dyn Intake> = Arc::new(Queue::new(casework.store.clone()));
        let name = casework.clock.uuid().to_string();
        Self {
            intakes: BTreeMap::from([(QUEUE.to_owned(), queue)]),
            casework,
            notifier: None,
            checkpoints: None,
            settings,
            name,
            seen: Mutex::default(),
        }
    }

    /// Files with these intakes as well.
    #[must_use]
    pub fn with_intakes(mut self, intakes: Intakes) -> Self {
        self.intakes.extend(intakes);
        self
    }

    /// Sends notices.
    #[must_use]
    pub fn with_notifier(mut self, notifier: Notifier) -> Self {
        self.notifier = Some(notifier);
        self
    }

    /// Writes checkpoints.
    #[must_use]
    pub fn with_checkpoints(mut self, checkpoints: Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }

    /// Sends the notices that are due; nothing where no webhook is configured.
    pub async fn tell(&self) -> Result<Sent, CaseworkError> {
        match &self.notifier {
            Some(notifier) => Ok(notifier.deliver(&*self.casework.store).await?),
            None => Ok(Sent::default()),
        }
    }

    /// Writes a checkpoint where the chains grew since the last; says whether it did.
    pub async fn checkpoint(&self) -> Result<bool, CheckpointError> {
        match &self.checkpoints {
            Some(checkpoints) => checkpoints.write(&*self.casework.store).await,
            None => Ok(false),
        }
    }

    /// What is not as it was checkpointed last.
    pub async fn checkpoint_verify(&self) -> Result<Vec<Discrepancy>, CheckpointError> {
        match &self.checkpoints {
            Some(checkpoints) => checkpoints.verify(&*self.casework.store).await,
            None => Ok(Vec::new()),
        }
    }

    /// Goes the rounds until `stop`. A filing that is being worked on is finished first.
    pub async fn keep(self: Arc<Self>, stop: CancellationToken) {
        let going = Round::ALL.map(|round| tokio::spawn(Arc::clone(&self).repeat(round, stop.clone())));
        for gone in futures::future::join_all(going).await {
            if let Err(stopped) = gone {
                std::panic::resume_unwind(stopped.into_panic());
            }
        }
    }

    /// Does one thing every so often. An error is told when it is another than the last, so that a log is not filled with it.
    async fn repeat(self: Arc<Self>, round: Round, stop: CancellationToken) {
        let mut told = String::new();
        while !stop.is_cancelled() {
            let problem = self.go(round).await.err().unwrap_or_default();
            if problem != told && !problem.is_empty() {
                tracing::error!("Cannot {}; it is tried again: {problem}", round.words());
            }
            told = problem;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(self.settings.every * round.rarely()) => {}
            }
        }
    }

    async fn go(&self, round: Round) -> Result<(), String> {
        match round {
            Round::Look => self.look().await.map(drop).map_err(|error| whole(&error)),
            Round::File => self.file().await.map(drop).map_err(|error| whole(&error)),
            Round::Tell => self.tell().await.map(drop).map_err(|error| whole(&error)),
            Round::Checkpoint => self.checkpoint().await.map(drop).map_err(|error| whole(&error)),
        }
    }

    /// Nothing in here can panic halfway through a change, so poisoned memory is still good.
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the things that are done over and over.
#[derive(Debug, Clone, Copy)]
enum Round {
    Look,
    File,
    Tell,
    Checkpoint,
}

impl Round {
    const ALL: [Self; 4] = [Self::Look, Self::File, Self::Tell, Self::Checkpoint];

    /// How many times as rarely as the others it is done.
    const fn rarely(self) -> u32 {
        match self {
            // Entries that follow each other closely share a checkpoint.
            Self::Checkpoint => 10,
            Self::Look | Self::File | Self::Tell => 1,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Look => "look at packets",
            Self::File => "file packages",
            Self::Tell => "send notices",
            Self::Checkpoint => "write a checkpoint",
        }
    }
}

impl std::fmt::Debug for Rounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rounds").field("intakes", &self.intakes.keys()).finish_non_exhaustive()
    }
}
