//! Declaring what a connector is and what it may reach: builders over the contract's manifest.
//!
//! The manifest is what an operator reads before granting anything, so the builders ask for a purpose in words. The
//! JSON Schema of the configuration is derived from [`Source::Config`](crate::Source::Config); nobody writes it.

use crate::bindings::describing::exports::probity::connector::manifest::{Effect, SyncMode};
use crate::{AuthScheme, Endpoint, Fixed, Kind, Manifest, Method, Mount, Place, Stream};

impl Manifest {
    /// A connector's name (lower-case letters, digits, dashes), version (semantic) and title. Name and version are
    /// best taken from the crate: `env!("CARGO_PKG_VERSION")`.
    pub fn new(name: impl Into<String>, version: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            title: title.into(),
            summary: String::new(),
            config_schema: String::new(),
            auth: Vec::new(),
            endpoints: Vec::new(),
            mounts: Vec::new(),
            feeds: Vec::new(),
        }
    }

    /// A paragraph: what it reads, from which versions of the source, and what it does not.
    #[must_use]
    pub fn summary(mut self, text: impl Into<String>) -> Self {
        self.summary = text.into();
        self
    }

    /// A way in which the source takes a credential. Several may be declared; the operator's must be one of them.
    #[must_use]
    pub fn auth(mut self, scheme: AuthScheme) -> Self {
        self.auth.push(scheme);
        self
    }

    /// One thing the connector may ask for.
    #[must_use]
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.push(endpoint);
        self
    }

    /// A directory the operator may grant, read-only.
    #[must_use]
    pub fn mount(mut self, id: impl Into<String>, purpose: impl Into<String>) -> Self {
        self.mounts.push(Mount { id: id.into(), purpose: purpose.into() });
        self
    }

    /// One kind of thing the connector reads.
    #[must_use]
    pub fn stream(mut self, stream: Stream) -> Self {
        self.feeds.push(stream);
        self
    }
}

impl Endpoint {
    fn new(method: Method, id: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            origin: "api".into(),
            method,
            path: path.into(),
            effect: Effect::Read,
            purpose: String::new(),
            fixed: Vec::new(),
            redact: Vec::new(),
        }
    }

    /// Reads by GET. In the path `{x}` stands for one encoded segment, `{x+}` for one or several.
    pub fn get(id: impl Into<String>, path: impl Into<String>) -> Self {
        Self::new(Method::Get, id, path)
    }

    /// Looks by HEAD: a status and headers, no body.
    pub fn head(id: impl Into<String>, path: impl Into<String>) -> Self {
        Self::new(Method::Head, id, path)
    }

    /// Reads by POST, as search interfaces do. It must change nothing in the source, unless it is declared with
    /// [`IntakeManifest::writes`](crate::IntakeManifest::writes).
    pub fn post(id: impl Into<String>, path: impl Into<String>) -> Self {
        Self::new(Method::Post, id, path)
    }

    /// The same endpoint, declared to change something. Only an intake connector's manifest asks for it.
    pub(crate) fn written(mut self) -> Self {
        self.effect = Effect::Write;
        self
    }

    /// The slot the operator binds to a base URL and a credential, where there is more than `api`.
    #[must_use]
    pub fn origin(mut self, slot: impl Into<String>) -> Self {
        self.origin = slot.into();
        self
    }

    /// For the operator who grants it: what is read, and what for.
    #[must_use]
    pub fn purpose(mut self, text: impl Into<String>) -> Self {
        self.purpose = text.into();
        self
    }

    /// A query parameter that every request carries and the connector cannot change.
    #[must_use]
    pub fn fixed_query(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fixed(Place::Query, name, value)
    }

    /// A header that every request carries and the connector cannot change.
    #[must_use]
    pub fn fixed_header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fixed(Place::Header, name, value)
    }

    /// A member of the JSON body, by its JSON Pointer, that every request carries and the connector cannot change.
    #[must_use]
    pub fn fixed_body(self, pointer: impl Into<String>, json: impl Into<String>) -> Self {
        self.fixed(Place::Body, pointer, json)
    }

    fn fixed(mut self, place: Place, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fixed.push(Fixed { place, name: name.into(), value: value.into() });
        self
    }

    /// A place of the answer that the host blanks before anybody sees it, as a JSON Pointer; `*` stands for each
    /// element of an array or member of an object.
    #[must_use]
    pub fn redact(mut self, pointer: impl Into<String>) -> Self {
        self.redact.push(pointer.into());
        self
    }
}

impl Stream {
    fn new(id: impl Into<String>, purpose: impl Into<String>, sync: SyncMode) -> Self {
        Self { id: id.into(), purpose: purpose.into(), kinds: Vec::new(), sync }
    }

    /// A stream of which every run reads all.
    pub fn full(id: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self::new(id, purpose, SyncMode::Full)
    }

    /// A stream that can go on from a bookmark: [`Page::bookmark`](crate::Page::bookmark).
    pub fn incremental(id: impl Into<String>, purpose: impl Into<String>) -> Self {
        Self::new(id, purpose, SyncMode::Incremental)
    }

    /// A kind of evidence it returns; any that is not named here is refused.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kinds.push(kind);
        self
    }
}

impl AuthScheme {
    /// A header of some name with a prefix before the secret: `("Authorization", "Token ")`.
    pub fn prefixed(header: impl Into<String>, prefix: impl Into<String>) -> Self {
        Self::Header((header.into(), prefix.into()))
    }
}
