//! What stands between a component's exports and its [`Source`]: written once here, called by the code that
//! `#[connector]` writes and by the test kit, so that both do the same.

pub mod filing;

use std::rc::Rc;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;

use crate::doors::Doors;
use crate::{Context, Failure, Manifest, Page, Result, Source};

/// The manifest with the schema of the configuration.
pub fn describe<S: Source>() -> Manifest {
    with_schema::<S::Config>(S::manifest())
}

/// Probes a connection.
pub fn check<S: Source>(config: &str, doors: Rc<dyn Doors>) -> Result<Vec<String>> {
    S::check(&context(config, doors)?)
}

/// Collects one page.
pub fn collect<S: Source>(
    config: &str,
    stream: &str,
    cursor: Option<&str>,
    doors: Rc<dyn Doors>,
) -> Result<Page> {
    let manifest = S::manifest();
    if !manifest.feeds.iter().any(|declared| declared.id == stream) {
        let declared: Vec<&str> = manifest.feeds.iter().map(|declared| declared.id.as_str()).collect();
        return Err(Failure::config(format_args!(
            "there is no stream `{stream}`; this connector has {}",
            declared.join(", ")
        )));
    }
    Ok(S::collect(&context(config, doors)?, stream, cursor)?.settled())
}

fn with_schema<C: JsonSchema>(mut manifest: Manifest) -> Manifest {
    if manifest.config_schema.is_empty() {
        // The host resolves no references, so everything stands in one place.
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let schema = settings.into_generator().into_root_schema_for::<C>();
        manifest.config_schema = serde_json::to_string(&schema).unwrap_or_default();
    }
    manifest
}

fn context<C: DeserializeOwned>(config: &str, doors: Rc<dyn Doors>) -> Result<Context<C>> {
    let config = serde_json::from_str(config).map_err(|error| {
        Failure::config(format_args!(
            "the connection's configuration is not what the connector takes: {error}"
        ))
    })?;
    Ok(Context::new(config, doors))
}

/// The host's doors.
#[cfg(target_arch = "wasm32")]
pub fn host_doors() -> Rc<dyn Doors> {
    Rc::new(crate::doors::Host)
}
