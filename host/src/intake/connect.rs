//! From the configuration's `[intake.NAME]` sections to intakes that can be used.

use std::collections::BTreeMap;

use probity_core::connector::{Effect, Manifest};
use probity_core::id::ConnectionName;

use super::Connected;
use crate::binding::{self, list};
use crate::clock::Clock;
use crate::config::{self, Config, Fault, Invalid};
use crate::egress::Purpose;
use crate::sandbox::Sandbox;

/// Loads every intake's component and checks each grant against its manifest. All faults of all intakes are
/// told at once. No queue is asked anything.
pub async fn connect(
    config: &Config,
    sandbox: &Sandbox,
    clock: &Clock,
) -> Result<BTreeMap<ConnectionName, Connected>, Invalid> {
    let mut connected = BTreeMap::new();
    let mut faults = Vec::new();
    for intake in config.intakes.values() {
        match one(intake, sandbox, clock).await {
            Ok(intake) => _ = connected.insert(intake.name.clone(), intake),
            Err(mut found) => faults.append(&mut found),
        }
    }
    if faults.is_empty() { Ok(connected) } else { Err(Invalid { file: config.file.clone(), faults }) }
}

async fn one(intake: &config::Intake, sandbox: &Sandbox, clock: &Clock) -> Result<Connected, Vec<Fault>> {
    let config::Intake { name, wiring } = intake;
    let key = format!("{}.{name}", Purpose::Filing.section());
    let bytes = binding::bytes(wiring, &key).map_err(|fault| vec![fault])?;
    let connector =
        sandbox.load_intake(bytes).await.map_err(|error| vec![binding::unloadable(&error, &key)])?;
    binding::pinned(wiring, connector.digest(), &key).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    binding::check(wiring, connector.manifest(), &key, &mut faults);
    check_writing(&wiring.endpoints, connector.manifest(), &key, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let egress = binding::egress(wiring, connector.manifest(), Purpose::Filing, name.as_str())
        .map_err(|fault| vec![fault])?;
    Ok(Connected {
        name: name.clone(),
        connector,
        granted: wiring.endpoints.clone(),
        config: wiring.config.to_string(),
        egress,
        clock: clock.clone(),
    })
}

/// An intake that may not write can file nothing, which should not come out on the day of a handoff.
fn check_writing(granted: &[String], manifest: &Manifest, key: &str, faults: &mut Vec<Fault>) {
    let writing: Vec<&str> = manifest
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.effect == Effect::Write)
        .map(|endpoint| endpoint.id.as_str())
        .collect();
    if !writing.iter().any(|id| granted.iter().any(|granted| granted == id)) {
        faults.push(
            Fault::new(
                format!("{key}.grant.endpoints"),
                "no endpoint that writes is granted, so nothing can be filed",
            )
            .fix(format!(
                "grant what files a package; the connector writes through: {}",
                list(writing.into_iter())
            )),
        );
    }
}
