//! The trait a connector implements.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Context, Manifest, Page, Result};

/// A kind of source system, and how to read it.
///
/// The three functions are associated functions without a `self` because there is nothing to keep: each call runs
/// in a fresh instance, and what must go from one page to the next is in the cursor.
pub trait Source {
    /// The connection's configuration. Its JSON Schema is derived, and the host checks a configuration against it
    /// before the connector sees it; `#[serde(deny_unknown_fields)]` turns a misspelled key into an error.
    /// Comments on the fields are shown to the operator.
    type Config: DeserializeOwned + JsonSchema;

    /// What the connector is and may reach. Pure: the same answer every time, with every door shut.
    fn manifest() -> Manifest;

    /// A cheap probe of a connection: what works, one line each. A failure says what to change.
    fn check(cx: &Context<Self::Config>) -> Result<Vec<String>>;

    /// One page of a stream. No cursor starts a full sweep; otherwise it is what the page before, or the bookmark
    /// of an earlier run, said.
    fn collect(cx: &Context<Self::Config>, stream: &str, cursor: Option<&str>) -> Result<Page>;
}
