//! The trait a connector implements that files packages into a review board's queue, and what it declares.
//!
//! It is the one place in Probity that writes anywhere, so it is kept narrow: the host calls it for a handoff that named
//! humans signed, and for nothing else. Writing endpoints exist only in the [`IntakeManifest`], which in turn has
//! neither streams nor mounts.
//!
//! Deliberately absent: changing or withdrawing what was filed. What the board does with it is the board's to say, and is
//! read back with [`Intake::status`].

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

pub use crate::bindings::filing::exports::probity::connector::intake::{Attachment, Receipt, Submission};
use crate::time::Instant;
use crate::{AuthScheme, Context, Disposition, Endpoint, Manifest, Result};

/// A review board's queue, and how to file into it.
///
/// The functions have no `self` because there is nothing to keep: each call runs in a fresh instance. Between two
/// calls only the queue itself remembers, which is why `submit` asks it first.
pub trait Intake {
    /// The connection's configuration, as for [`Source::Config`](crate::Source::Config).
    type Config: DeserializeOwned + JsonSchema;

    /// What the connector is, what it may read and what it may write. Pure: the same answer every time.
    fn manifest() -> IntakeManifest;

    /// A cheap probe that writes nothing: what works, one line each. A failure says what to change. What would make
    /// a submission fail or be filed twice (a field that is missing, a right) belongs here, before anybody signs.
    fn check(cx: &Context<Self::Config>) -> Result<Vec<String>>;

    /// Files the submission, or finds the one already filed.
    ///
    /// Search for [`Submission::id`] before creating anything: the host calls again when an answer was lost, and a
    /// package may be filed once only. Verify what the search finds, since filters are hints, and read back what was
    /// written, since queues drop what they do not like.
    fn submit(cx: &Context<Self::Config>, submission: &Submission) -> Result<Receipt>;

    /// What the queue did since with the submission that a receipt refers to.
    fn status(cx: &Context<Self::Config>, reference: &str) -> Result<Disposition>;
}

/// What an intake connector declares, for the operator to read.
#[derive(Debug, Clone, PartialEq)]
pub struct IntakeManifest(Manifest);

impl IntakeManifest {
    /// A connector's name (lower-case letters, digits, dashes), version (semantic) and title.
    pub fn new(name: impl Into<String>, version: impl Into<String>, title: impl Into<String>) -> Self {
        Self(Manifest::new(name, version, title))
    }

    /// A paragraph: where it files, into which versions of the queue's software, and what it does not do.
    #[must_use]
    pub fn summary(self, text: impl Into<String>) -> Self {
        Self(self.0.summary(text))
    }

    /// A way in which the queue takes a credential.
    #[must_use]
    pub fn auth(self, scheme: AuthScheme) -> Self {
        Self(self.0.auth(scheme))
    }

    /// One thing the connector may ask for.
    #[must_use]
    pub fn reads(self, endpoint: Endpoint) -> Self {
        Self(self.0.endpoint(endpoint))
    }

    /// One thing the connector may change: an [`Endpoint::post`] that the host lets through for a signed submission
    /// only.
    #[must_use]
    pub fn writes(self, endpoint: Endpoint) -> Self {
        Self(self.0.endpoint(endpoint.written()))
    }

    /// As the contract has it.
    pub(crate) fn into_manifest(self) -> Manifest {
        self.0
    }
}

impl Receipt {
    /// A receipt for what was filed just now, by the queue's own name for it.
    pub fn filed(reference: impl Into<String>) -> Self {
        Self { reference: reference.into(), url: None, received_at: None, existed: false }
    }

    /// A receipt for what the search found: it had been filed before.
    pub fn found(reference: impl Into<String>) -> Self {
        Self { existed: true, ..Self::filed(reference) }
    }

    /// Where a person finds it.
    #[must_use]
    pub fn url(mut self, url: impl Into<Option<String>>) -> Self {
        self.url = url.into();
        self
    }

    /// When the queue says it took the submission in.
    #[must_use]
    pub fn received_at(mut self, at: impl Into<Option<Instant>>) -> Self {
        self.received_at = at.into().map(Into::into);
        self
    }
}
