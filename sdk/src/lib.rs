//! What authors of Probity connectors use.
//!
//! A connector reads one kind of source system and returns evidence in the common schema. It runs in a sandbox
//! whose only doors are those of its host: it names endpoints it declared, and the host builds the URL, attaches
//! the credential, captures the whole answer, and hands it in. This crate makes the honest way the short one:
//!
//! - [`Source`] is the trait to write; [`connector`] turns it into a component;
//! - [`Intake`] is the other one: a connector that files packages into a review board's queue;
//! - [`Manifest`] declares what may be reached, and is all an operator has to read;
//! - [`Context`] is the world: [`Context::get`], [`Context::follow`], [`Context::files`], [`Context::log`];
//! - [`Fetched::each`] hands out elements of an answer and cites each at its own JSON Pointer; an element that
//!   cannot be read becomes a gap, not a failed page;
//! - [`time`] reads the dozen shapes in which sources write times, exactly, and refuses the rest;
//! - [`cursor`] has the shapes of pagination;
//! - [`testing`] replays recorded traffic, so that logic is tested natively: no WebAssembly, no network.
//!
//! ```
//! use probity_sdk::prelude::*;
//!
//! /// Where it reads, besides what the connection itself says.
//! #[derive(Deserialize, JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Config {
//!     /// What the evidence is about, for example `service:payments-bridge`.
//!     subject: String,
//! }
//!
//! struct Calendar;
//!
//! #[derive(Deserialize)]
//! struct Step {
//!     id: u64,
//!     title: String,
//!     #[serde(default, deserialize_with = "time::read::date")]
//!     due: Option<Date>,
//! }
//!
//! #[derive(Deserialize)]
//! struct Answer {
//!     total: u64,
//! }
//!
//! #[probity_sdk::connector]
//! impl Source for Calendar {
//!     type Config = Config;
//!
//!     fn manifest() -> Manifest {
//!         Manifest::new("calendar", "0.1.0", "Migration calendar")
//!             .auth(AuthScheme::Bearer)
//!             .endpoint(Endpoint::get("steps", "/api/steps").purpose("The steps of the migration"))
//!             .stream(Stream::full("milestones", "Each step of the migration").kind(Kind::Milestone))
//!     }
//!
//!     fn check(cx: &Context<Config>) -> Result<Vec<String>> {
//!         cx.get("steps").query("limit", 1).send()?;
//!         Ok(vec!["The steps can be read.".into()])
//!     }
//!
//!     fn collect(cx: &Context<Config>, _stream: &str, cursor: Option<&str>) -> Result<Page> {
//!         let at = cursor::Offset::start(cursor, 100)?;
//!         let page = cx.get("steps").query("limit", at.limit).query("offset", at.offset).json::<Answer>()?;
//!         let steps = page.each("/steps", |step: Step| {
//!             let body = Milestone { due: step.due.map(Into::into), ..Milestone::default() };
//!             Item::new(step.id, step.title, body).subject(&cx.config.subject)
//!         });
//!         let next = at.advance(steps.elements, Some(page.value.total));
//!         Ok(Page::of(steps).next(next))
//!     }
//! }
//! ```
//!
//! Deliberately absent: sockets, clocks, randomness, environment, threads, and anything of the host's own code.
//! The WIT package is the whole of what the two sides know of each other.

// The macro's output and the documentation name this crate as its users do.
extern crate self as probity_sdk;

pub mod bindings;
mod captured;
mod context;
pub mod cursor;
pub mod doors;
mod failure;
mod glob;
pub mod glue;
mod intake;
mod item;
mod manifest;
mod page;
mod schema;
mod source;
#[cfg(test)]
mod template;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod time;

/// One kind of thing the connector reads; the WIT calls it `feed`, where `stream` is reserved.
pub use bindings::describing::exports::probity::connector::manifest::Feed as Stream;
pub use bindings::describing::exports::probity::connector::manifest::{
    AuthScheme, Endpoint, Fixed, Kind, Manifest, Method, Mount, Place,
};
pub use bindings::exports::probity::connector::source::{Gap, Next, Page};
pub use bindings::probity::connector::types::{Citation, Failure, FailureKind, LineRange, Locator};
pub use captured::{Captured, CapturedFile, Collected, Element, Fetched, Outcome};
pub use context::{Call, Context, Files, Log};
pub use failure::Result;
pub use glob::glob;
pub use intake::{Attachment, Intake, IntakeManifest, Receipt, Submission};
pub use probity_sdk_macros::connector;
pub use schema::*;
pub use schemars;
pub use serde;
pub use serde_json;
pub use source::Source;

/// What a connector usually needs, in one line: `use probity_sdk::prelude::*;`.
///
/// `Date` and `Instant` here are those of [`time`], which know that they are valid; a body's fields take them with
/// `.into()`.
pub mod prelude {
    pub use crate::time::{self, Date, Instant};
    pub use crate::{
        AccessGrant, AccessReview, ControlReview, Dependency, Deployment, Exception, Finding, Milestone,
        Monitoring, Ownership, PipelineRun, Requirement, RollbackTest, Secret,
    };
    pub use crate::{
        AuthScheme, Body, Captured, Citation, Collected, Component, Context, Endpoint, Failure, FailureKind,
        Fetched, Gap, Item, Kind, Manifest, Page, Result, Source, Stream, cursor,
    };
    pub use crate::{Disposition, DispositionState, Intake, IntakeManifest, Receipt, Submission};
    pub use schemars::JsonSchema;
    pub use serde::{Deserialize, Serialize};
}
