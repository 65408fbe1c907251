//! The rounds of a configuration, ready to be gone.

use std::sync::Arc;

use probity_core::checkpoint::Discrepancy;

use super::host::Host;
use super::output::say;
use crate::collect::Collector;
use crate::intake::{self, Intake};
use crate::notify::{Notifier, Target};
use crate::rounds::checkpoints::{self, CheckpointError, Checkpoints};
use crate::rounds::{Intakes, Rounds, Settings};

/// The rounds over everything that is configured. What the checkpoints show to be missing is said before anything begins.
pub async fn of(host: &Host, collector: &Collector) -> anyhow::Result<Rounds> {
    let casework = Arc::new(host.casework_with(Arc::new(collector.clone())));
    let intakes = connect(host).await?;
    let checkpoints = open_checkpoints(host)?;
    for discrepancy in checkpoints.verify(&*host.store).await? {
        shout(&discrepancy);
    }
    let rounds =
        Rounds::new(casework, Settings::default()).with_intakes(intakes).with_checkpoints(checkpoints);
    let Some(notify) = host.config.notify.clone() else { return Ok(rounds) };
    let target = Target { url: notify.url, networks: notify.networks, ca: notify.ca, secret: notify.secret };
    Ok(rounds.with_notifier(Notifier::new(target, host.clock.clone())?))
}

/// The configured intakes, loaded. Without one there is nothing to load.
async fn connect(host: &Host) -> anyhow::Result<Intakes> {
    if host.config.intakes.is_empty() {
        return Ok(Intakes::new());
    }
    let connected = intake::connect(&host.config, &host.sandbox()?, &host.clock).await?;
    Ok(connected
        .into_iter()
        .map(|(name, intake)| (name.to_string(), Arc::new(intake) as Arc<dyn Intake>))
        .collect())
}

/// What is not as it was checkpointed last.
pub async fn checkpoint_verify(host: &Host) -> Result<Vec<Discrepancy>, CheckpointError> {
    checkpoints::verify(&host.config.checkpoints.folder, &*host.store).await
}

fn open_checkpoints(host: &Host) -> Result<Checkpoints, CheckpointError> {
    let configured = &host.config.checkpoints;
    Checkpoints::open(&configured.folder, &configured.origin, &host.config.folder, &host.clock)
}

fn shout(discrepancy: &Discrepancy) {
    say(&format!(
        "probity: THE DATABASE IS NOT WHAT WAS CHECKPOINTED ({})\n  {discrepancy}\n  no checkpoint is written until a person has \
         looked into it: restore the database, or, knowing why, name another folder under [checkpoints]",
        discrepancy.code()
    ));
    tracing::error!(code = discrepancy.code(), "{discrepancy}");
}
