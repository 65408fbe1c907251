//! The way out: the only HTTP client that connectors reach, and the directories they may read.
//!
//! A connector is hostile until checked, and so is what it talks to. Every request passes these steps, in this
//! order, and each refusal has a stable code that starts its message:
//!
//! 1. the endpoint is declared by the manifest and granted by the operator ([`EgressPolicy`]); one that writes is
//!    only granted to an intake;
//! 2. its URL is built from the declared template, its fixed parts are enforced, forbidden headers, control
//!    characters and sizes are refused (`request`, `link`);
//! 3. what the connector provided is searched for the connection's own secrets (`scrub`);
//! 4. the name is resolved once, and every address must be public or granted (`address`);
//! 5. one connection is made to a vetted address, the credential is attached last (`transport`);
//! 6. the exchange runs under deadlines and caps, one content coding is undone while counting (`exchange`, `body`);
//! 7. the answer is redacted, echoes of secrets are removed, headers are filtered, and only then it is captured
//!    (`redact`, `scrub`, `answer`).
//!
//! The client is hyper's connection and nothing above it. That leaves out, by construction, what would undo
//! the steps above: redirects, cookies, proxies from the environment, automatic retries, a pool whose
//! connections outlive their vetting. An exchange has a connection of its own; TLS sessions are resumed
//! within one connection's origin, never across.
//!
//! [`Client`] is beside all that: the command line's way to a Probity server.
//!
//! Deliberately absent: retries and waiting (`collect`; a request of an intake is never sent again by the host), journaling and capture indices (`sandbox`), rules about
//! names, paths and headers (`probity_core::{template, header, secret_bearing}`), HTTP/2.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use ipnet::IpNet;
pub use url::Url;

mod address;
mod answer;
mod body;
mod client;
mod enforce;
mod error;
mod exchange;
mod limits;
mod link;
mod meter;
mod mounts;
mod page;
mod policy;
mod redact;
mod request;
mod resolve;
mod scrub;
mod secret;
mod transport;
mod webhook;

pub use address::{Verdict, is_public, judge};
pub use client::{Client, ClientError};
pub use error::{EgressError, PolicyError};
pub use limits::{EgressLimits, MountLimits};
pub use mounts::{MountError, Mounts, PageMounts};
pub use page::{PageEgress, Ready};
pub use policy::{EgressPolicy, OriginPolicy, Purpose};
pub use resolve::{Resolve, SystemResolver};
pub use secret::Credential;
pub use webhook::{Undelivered, Webhook};

use policy::{Granted, Origin};
use scrub::Scrubber;

/// Makes ring the process's cryptography for everything that speaks TLS through a default provider. Egress
/// itself names its provider; other users of rustls in the process need this once. Calling it again is harmless.
pub fn install_crypto() {
    // An error says that a provider is already installed, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// One connection's way out. Cheap to share; holds the connection's credentials.
pub struct Egress {
    connection: String,
    /// Where it is configured, for messages: `connection.tracker`.
    section: String,
    /// Declared and granted, by id.
    granted: BTreeMap<String, Granted>,
    /// All ids the manifest declares, to tell "not granted" from "unknown".
    declared: BTreeSet<String>,
    /// By slot.
    origins: BTreeMap<String, Origin>,
    scrubber: Scrubber,
    limits: EgressLimits,
    resolver: Arc<dyn Resolve>,
}

impl Egress {
    /// Prepares a policy. What is wrong with it is said here, before anything runs.
    pub fn new(policy: EgressPolicy) -> Result<Arc<Self>, PolicyError> {
        policy::prepare(policy).map(Arc::new)
    }

    /// The way out for one page, with a page's budgets.
    pub fn page(self: &Arc<Self>) -> PageEgress {
        PageEgress::new(Arc::clone(self))
    }

    /// Removes the connection's secrets, in every form they are looked for, from a text that is about to be
    /// shown or kept: what a connector returns or logs never needs them.
    pub fn scrub(&self, text: &str) -> String {
        self.scrubber.scrub_text(text)
    }
}

impl std::fmt::Debug for Egress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Egress").field("connection", &self.connection).finish_non_exhaustive()
    }
}
