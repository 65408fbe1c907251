//! Filing: the calls of a component of the world `intake-connector`.
//!
//! Each is a call like any other, in a fresh store under the same limits. What it returns is converted, not
//! admitted: whether it may be believed is for [`probity_core::intake`] to say.

use probity_core::canonical::Digest;
use probity_core::connector::Manifest;
use probity_core::evidence::Disposition;
use probity_core::instant::Instant;
use probity_core::intake::{Receipt, Submission};

use super::call::{Answer, Ask, Moment, another_answer};
use super::doorway::Behind;
use super::error::PageError;
use super::{Doors, IntakeConnector, convert};

/// What every call of an intake connector is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntakeCall {
    /// The intake's configuration as JSON text.
    pub config: String,
    /// What the wall clock says inside, all through the call.
    pub instant: Instant,
    /// What randomness inside grows from.
    pub seed: u64,
}

impl IntakeCall {
    const fn moment(&self) -> Moment {
        Moment { instant: self.instant, seed: self.seed }
    }
}

impl IntakeConnector {
    /// SHA-256 of the component's bytes.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    /// What it said about itself.
    pub fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    /// Runs the connector's `check`: what works, one line each.
    pub async fn check(&self, call: &IntakeCall, doors: Box<dyn Doors>) -> Result<Vec<String>, PageError> {
        self.0.works(call.moment(), Behind::World(doors), &call.config).await
    }

    /// Files a submission, or finds the one already filed. Not admitted.
    pub async fn submit(
        &self,
        call: &IntakeCall,
        submission: &Submission,
        doors: Box<dyn Doors>,
    ) -> Result<Receipt, PageError> {
        let submission = submission.into();
        let ask = Ask::Submit { config: &call.config, submission: &submission };
        match self.0.ask(call.moment(), Behind::World(doors), ask).await?.0 {
            Answer::Receipt(receipt) => convert::receipt(receipt).map_err(broken),
            _ => Err(another_answer()),
        }
    }

    /// Asks what the queue did with a submission since. Not admitted.
    pub async fn status(
        &self,
        call: &IntakeCall,
        reference: &str,
        doors: Box<dyn Doors>,
    ) -> Result<Disposition, PageError> {
        let ask = Ask::Status { config: &call.config, reference };
        match self.0.ask(call.moment(), Behind::World(doors), ask).await?.0 {
            Answer::Disposition(disposition) => convert::disposition(disposition).map_err(broken),
            _ => Err(another_answer()),
        }
    }
}

fn broken(breach: String) -> PageError {
    PageError::Contract { breach }
}
