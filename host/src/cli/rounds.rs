//! The rounds of a configuration, ready to be gone.

use std::sync::Arc;

use probity_core::checkpoint::Discrepancy;

use super::host::Host;
use super::output::say;
use crate::collect::Collector;
use crate::intake::{self, Intake};
use crate::rounds::checkpoints::Checkpoints;
use crate::rounds::{Intakes, Rounds, Settings};

/// The rounds over everything that is configured. What the checkpoints show is missing is said before anything begins.
pub async fn of(host: &Host, collector: &Collector) -> anyhow::Result<Rounds> {
    let casework = Arc::new(host.casework_with(Arc::new(collector.clone())));
    let connected = intake::connect(&host.config, &host.sandbox()?, &host.clock).await?;
    let intakes: Intakes = connected
        .into_iter()
        .map(|(name, intake)| (name.to_string(), Arc::new(intake) as Arc<dyn Intake>))
        .collect();
    let rounds = Rounds::new(casework, Settings::default()).with_intakes(intakes);
    Ok(rounds)
}
