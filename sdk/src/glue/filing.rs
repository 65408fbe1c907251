//! The same for the other world: what stands between a component's exports and its [`Intake`].

use std::rc::Rc;

use crate::doors::Doors;
use crate::intake::{Receipt, Submission};
use crate::{Disposition, Intake, Manifest, Result};

/// The manifest with the schema of the configuration.
pub fn describe<I: Intake>() -> Manifest {
    super::with_schema::<I::Config>(I::manifest().into_manifest())
}

/// Probes a connection.
pub fn check<I: Intake>(config: &str, doors: Rc<dyn Doors>) -> Result<Vec<String>> {
    I::check(&super::context(config, doors)?)
}

/// Files a submission, or finds it.
pub fn submit<I: Intake>(config: &str, submission: &Submission, doors: Rc<dyn Doors>) -> Result<Receipt> {
    I::submit(&super::context(config, doors)?, submission)
}

/// Asks what became of one.
pub fn status<I: Intake>(config: &str, reference: &str, doors: Rc<dyn Doors>) -> Result<Disposition> {
    I::status(&super::context(config, doors)?, reference)
}

/// The host's doors, of which this world has no `files`.
#[cfg(target_arch = "wasm32")]
pub fn host_doors() -> Rc<dyn Doors> {
    Rc::new(crate::doors::IntakeHost)
}
