//! An intake queue reached through a component.

use std::sync::Arc;

use async_trait::async_trait;
use probity_core::connector::{Failure, FailureKind};
use probity_core::evidence::Disposition;
use probity_core::id::ConnectionName;
use probity_core::intake::{Misreport, Receipt, Standing, Submission};

use super::doors::IntakeDoors;
use super::journal::{Desk, Ended, Unkept};
use super::{ExchangeJournal, Intake, SubmitError};
use crate::binding::whole;
use crate::clock::Clock;
use crate::egress::Egress;
use crate::sandbox::{Doors, IntakeCall, IntakeConnector, PageError};

/// A configured intake whose component is loaded and whose grant fits. Made by [`connect()`](super::connect()).
pub struct Connected {
    pub(super) name: ConnectionName,
    pub(super) connector: IntakeConnector,
    /// Endpoints the operator granted.
    pub(super) granted: Vec<String>,
    /// The configuration as JSON text: what the component is given.
    pub(super) config: String,
    pub(super) egress: Arc<Egress>,
    pub(super) clock: Clock,
}

impl Connected {
    /// Its name in the configuration.
    pub const fn name(&self) -> &ConnectionName {
        &self.name
    }

    /// The component behind it.
    pub const fn connector(&self) -> &IntakeConnector {
        &self.connector
    }

    /// The endpoints that are granted.
    pub fn granted(&self) -> &[String] {
        &self.granted
    }

    fn open<'a>(
        &self,
        may_write: bool,
        journal: &'a mut dyn ExchangeJournal,
    ) -> (IntakeCall, Box<dyn Doors>, Desk<'a>) {
        let (pen, desk) = Desk::new(journal);
        let call =
            IntakeCall { config: self.config.clone(), instant: self.clock.now(), seed: self.clock.seed() };
        (call, Box::new(IntakeDoors::new(self.egress.page(), pen, may_write)), desk)
    }
}

#[async_trait]
impl Intake for Connected {
    async fn check(&self) -> Result<Vec<String>, Failure> {
        let mut unkept = Unkept;
        let (call, doors, mut desk) = self.open(false, &mut unkept);
        desk.attend(self.connector.check(&call, doors)).await.map_err(|ended| ended.to_failure())
    }

    async fn submit(
        &self,
        submission: &Submission,
        journal: &mut dyn ExchangeJournal,
    ) -> Result<Receipt, SubmitError> {
        let (call, doors, mut desk) = self.open(true, journal);
        let returned = desk.attend(self.connector.submit(&call, submission, doors)).await;
        let (failure, own_word) = match returned {
            Ok(receipt) => match receipt.admit(desk.traffic()) {
                Ok(receipt) => return Ok(receipt),
                Err(misreport) => (misreported(&misreport), false),
            },
            Err(ended) => (ended.to_failure(), matches!(ended, Ended::Call(PageError::Failure(_)))),
        };
        tracing::warn!(intake = %self.name, submission = %submission.id, "No receipt from {}: {failure}", self.name);
        Err(match desk.traffic().standing() {
            Standing::NothingLeft => SubmitError::NotFiled(failure),
            // A refusal counts when the component read it as one too.
            Standing::Refused if own_word => SubmitError::NotFiled(failure),
            Standing::Refused | Standing::Uncertain => SubmitError::Unknown(failure),
        })
    }

    async fn status(
        &self,
        reference: &str,
        journal: &mut dyn ExchangeJournal,
    ) -> Result<Disposition, Failure> {
        let (call, doors, mut desk) = self.open(false, journal);
        let returned = desk.attend(self.connector.status(&call, reference, doors)).await;
        let disposition = returned.map_err(|ended| ended.to_failure())?;
        disposition.admit().map_err(|misreport| misreported(&misreport))
    }
}

impl Ended {
    fn to_failure(&self) -> Failure {
        match self {
            Self::Call(error) => error.to_failure(),
            Self::Journal(error) => Failure::new(
                FailureKind::Internal,
                format!(
                    "host.journal: {}; the call was ended before anything further happened",
                    whole(error)
                ),
            ),
        }
    }
}

fn misreported(misreport: &Misreport) -> Failure {
    let code = misreport.code();
    Failure::new(
        FailureKind::Internal,
        format!(
            "{code}: what the connector reports is not believed: {misreport}; this is a defect of the connector"
        ),
    )
}
