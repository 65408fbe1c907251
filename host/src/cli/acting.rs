//! Who acts: commands that change something are done by a known somebody, never by whoever runs the program.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

use super::host::Host;
use crate::authz::Caller;
use crate::secret::Secret;

/// The caller whose token the environment names.
pub async fn caller(host: &Host) -> anyhow::Result<Caller> {
    let Some(token) = token()? else {
        bail!(
            "nobody acts: set PROBITY_TOKEN_FILE to a file that holds your bearer token (or PROBITY_TOKEN to the token)"
        )
    };
    Ok(host.config.principals.identify(Some(token.expose()))?)
}

/// The token in the file `PROBITY_TOKEN_FILE`, or in `PROBITY_TOKEN`.
pub fn token() -> anyhow::Result<Option<Secret>> {
    if let Some(file) = std::env::var_os("PROBITY_TOKEN_FILE").map(PathBuf::from) {
        let token = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read the token in {}", file.display()))?;
        return Ok(Some(Secret::new(token)));
    }
    Ok(std::env::var("PROBITY_TOKEN").ok().map(Secret::new))
}
