//! Noted before it happens: the journal of a call's exchanges, and the way to it.
//!
//! The doors belong to the call and live inside the sandbox; the journal belongs to the caller. Between them goes
//! one note at a time: the doors hand it over and wait until it is [written](Desk::attend). When one cannot
//! be written, the whole call is dropped where it waits, so what was to follow the note never comes.

use async_trait::async_trait;
use probity_core::connector::Capture;
use probity_core::intake::{Question, Traffic};
use probity_core::journal::{Answer, Outcome};
use tokio::sync::{mpsc, oneshot};

use crate::sandbox::PageError;

/// Where the exchanges of a call are noted, durably, as they happen.
///
/// `ordinal` is the request's position among those of the call, from 0. Requests that the egress rules refuse
/// are not noted, since they never leave. The notes of a call, read after a crash, say what may have been
/// filed: [`Traffic`].
#[async_trait]
pub trait ExchangeJournal: Send {
    /// A request is about to leave; it leaves only when this returned `Ok`.
    async fn asked(&mut self, ordinal: u32, question: &Question) -> Result<(), NotNoted>;

    /// A request came to its end; the connector sees the outcome only when this returned `Ok`. `body` holds the
    /// bytes of the answer, where there is one.
    async fn answered(
        &mut self,
        ordinal: u32,
        outcome: &Outcome<Answer>,
        body: Option<&Capture>,
    ) -> Result<(), NotNoted>;
}

/// Why something could not be noted.
#[derive(Debug, thiserror::Error)]
#[error("the intake's journal cannot be written")]
pub struct NotNoted(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// One note.
pub(super) enum Note {
    Asked { ordinal: u32, question: Question },
    Answered { ordinal: u32, outcome: Outcome<Answer>, body: Option<Capture> },
}

/// A note on its way, and where to say that it is written.
struct Slip {
    note: Note,
    written: oneshot::Sender<()>,
}

/// The doors' end of the way to the journal.
pub(super) struct Pen(mpsc::Sender<Slip>);

/// The call is being dropped; nothing may happen any more.
pub(super) struct Dropped;

impl Pen {
    /// Returns when the note is written.
    pub(super) async fn note(&self, note: Note) -> Result<(), Dropped> {
        let (written, waiting) = oneshot::channel();
        self.0.send(Slip { note, written }).await.map_err(|_| Dropped)?;
        waiting.await.map_err(|_| Dropped)
    }
}

/// The journal's end: writes the notes of one call while it runs, and remembers what they come to.
pub(super) struct Desk<'a> {
    slips: mpsc::Receiver<Slip>,
    journal: &'a mut dyn ExchangeJournal,
    traffic: Traffic,
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(super) enum Ended {
    Call(PageError),
    Journal(NotNoted),
}

impl<'a> Desk<'a> {
    pub(super) fn new(journal: &'a mut dyn ExchangeJournal) -> (Pen, Self) {
        let (pen, slips) = mpsc::channel(1);
        (Pen(pen), Self { slips, journal, traffic: Traffic::default() })
    }

    /// Runs the call and writes its notes. The call is dropped, wherever it waits, when one cannot be written.
    pub(super) async fn attend<T>(
        &mut self,
        call: impl Future<Output = Result<T, PageError>> + Send,
    ) -> Result<T, Ended> {
        tokio::pin!(call);
        loop {
            let slip = tokio::select! {
                returned = &mut call => return returned.map_err(Ended::Call),
                Some(slip) = self.slips.recv() => slip,
            };
            self.write(&slip.note).await.map_err(Ended::Journal)?;
            // Nobody waits any longer when the call ended meanwhile, by a limit.
            let _ = slip.written.send(());
        }
    }

    /// What the notes come to.
    pub(super) const fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    async fn write(&mut self, note: &Note) -> Result<(), NotNoted> {
        match note {
            Note::Asked { ordinal, question } => {
                self.journal.asked(*ordinal, question).await?;
                self.traffic.asked(*ordinal, question);
            }
            Note::Answered { ordinal, outcome, body } => {
                self.journal.answered(*ordinal, outcome, body.as_ref()).await?;
                self.traffic.answered(*ordinal, outcome);
            }
        }
        Ok(())
    }
}

/// For a probe: it writes nothing, so there is nothing to know afterwards.
pub(super) struct Unkept;

#[async_trait]
impl ExchangeJournal for Unkept {
    async fn asked(&mut self, _: u32, _: &Question) -> Result<(), NotNoted> {
        Ok(())
    }

    async fn answered(&mut self, _: u32, _: &Outcome<Answer>, _: Option<&Capture>) -> Result<(), NotNoted> {
        Ok(())
    }
}
