//! Filing: handing a package that named humans signed to a review board's intake queue.
//!
//! [`Intake`] is what other rooms use; [`Connected`] is the one behind a component of the world
//! `intake-connector`, [`Queue`] the one kept here, for a board that works with this host. Filing is the only thing Probity does that changes another system, so it is done differently
//! from collecting:
//!
//! - each request is noted in the caller's [`ExchangeJournal`] before it leaves, each answer before the component
//!   sees it; what cannot be noted does not happen, and the call ends;
//! - requests go one at a time, and each is sent once: the host repeats nothing by itself;
//! - an endpoint that writes answers to `submit` only, whatever `check` and `status` try;
//! - whether something was filed is told from the notes ([`SubmitError`]), never from what the component says, and a
//!   receipt that the notes cannot bear is refused.
//!
//! Deliberately absent: who may hand off and when (core), keeping the journal (casework's), trying again (a person's
//! or casework's decision; the component searches for a submission's id before it creates anything).

mod connect;
mod connected;
mod doors;
mod journal;
mod queue;

use async_trait::async_trait;
use probity_core::connector::Failure;
use probity_core::evidence::Disposition;
use probity_core::intake::{Receipt, Submission};

pub use connect::connect;
pub use connected::Connected;
pub use journal::{ExchangeJournal, NotNoted};
pub use queue::{QUEUE, Queue};

/// A review board's intake queue.
#[async_trait]
pub trait Intake: Send + Sync {
    /// A cheap probe: what works, one line each. It writes nothing, here or there.
    async fn check(&self) -> Result<Vec<String>, Failure>;

    /// Files the submission, or finds the one already filed under its id.
    async fn submit(
        &self,
        submission: &Submission,
        journal: &mut dyn ExchangeJournal,
    ) -> Result<Receipt, SubmitError>;

    /// What the queue did since with what it calls `reference`. Its `submission` is what the queue says;
    /// whether that is the one meant is for the caller to compare.
    async fn status(
        &self,
        reference: &str,
        journal: &mut dyn ExchangeJournal,
    ) -> Result<Disposition, Failure>;
}

/// Why there is no receipt, and what that means for the submission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// For sure: no request that writes left, or the queue refused each.
    #[error("nothing was filed: {0}")]
    NotFiled(Failure),
    /// A request that writes left and its effect is not known: submit the same id again, which finds what is there.
    #[error("it may have been filed, which is not known: {0}")]
    Unknown(Failure),
}

impl SubmitError {
    /// What went wrong.
    pub const fn failure(&self) -> &Failure {
        match self {
            Self::NotFiled(failure) | Self::Unknown(failure) => failure,
        }
    }

    /// Whether something may be in the queue.
    pub const fn may_be_filed(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}
