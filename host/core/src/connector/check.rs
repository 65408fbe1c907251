//! Whether a manifest may be believed: checked before anything else is done with a connector.
//!
//! A manifest is what an operator reads to know what a connector can do, so everything in it has one meaning,
//! shows all it holds, and is small enough to be read. Every fault is told, not only the first.
//!
//! Deliberately absent: whether the operator grants what is declared, and whether a connection's configuration
//! fits the schema; both are the host's.

use std::collections::BTreeSet;

use super::{AuthScheme, Effect, Endpoint, Fixed, Manifest, Method, Mount, Place, Stream, World};
use crate::header::{self, BadHeader};
use crate::id::is_slug;
use crate::pointer::{self, BadPointer};
use crate::secret_bearing::{self, SecretBearing};
use crate::template::{BadTemplate, PathTemplate};
use crate::text::{excerpt, is_hidden, is_plain_line};

/// The most endpoints: an operator must be able to read them all. Broad connectors have about ten.
pub const MAX_ENDPOINTS: usize = 64;
/// The most mounts.
pub const MAX_MOUNTS: usize = 16;
/// The most streams.
pub const MAX_STREAMS: usize = 32;
/// The most ways to present a credential.
pub const MAX_AUTH: usize = 8;
/// The most fixed parts of an endpoint.
pub const MAX_FIXED: usize = 32;
/// The most redactions of an endpoint.
pub const MAX_REDACT: usize = 64;
/// The longest title, in characters: one line of a table.
pub const MAX_TITLE: usize = 120;
/// The longest summary, in characters.
pub const MAX_SUMMARY: usize = 4_000;
/// The longest purpose, in characters.
pub const MAX_PURPOSE: usize = 500;
/// The longest configuration schema, in bytes.
pub const MAX_SCHEMA: usize = 64 * 1024;
/// The longest fixed query value or body member, in bytes.
pub const MAX_FIXED_VALUE: usize = 4 * 1024;

/// Something wrong with a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {rule}")]
pub struct ManifestFault {
    /// Where in the manifest: `endpoints[findings].fixed[X-Amz-Target]`.
    pub place: String,
    pub rule: BrokenRule,
}

/// The rule a manifest breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
    #[error("`{0}` is not a name: use 1 to 63 of a-z, 0-9 and `-`, not at the ends")]
    Name(String),
    #[error("`{0}` is not a semantic version: write MAJOR.MINOR.PATCH, for example 1.2.0 or 1.2.0-rc.1")]
    Version(String),
    #[error("there are two of this name; names are unique")]
    Repeated,
    #[error("is missing; say it in a few words")]
    Empty,
    #[error("is {length} {unit} long; the most is {most}")]
    TooLong { length: usize, most: usize, unit: &'static str },
    #[error("there are {count}; the most is {most}")]
    TooMany { count: usize, most: usize },
    #[error("there is none; declare at least one")]
    None,
    #[error("has control characters or characters that nobody sees; write plain text")]
    Hidden,
    #[error("is not a JSON object holding a JSON Schema: {0}")]
    Schema(String),
    #[error(transparent)]
    Path(BadTemplate),
    #[error("declares effect `write`; a connector that reads evidence can only read")]
    Write,
    #[error(
        "none declares effect `write`; a connector that files packages writes somewhere, and must say where"
    )]
    NoWrite,
    #[error("an intake connector has none")]
    NotInIntake,
    #[error("{0}, whatever is declared")]
    SecretBearing(SecretBearing),
    #[error("this header {0}")]
    Header(BadHeader),
    #[error("carries the credential of a declared auth scheme; the host attaches it itself")]
    AuthHeader,
    #[error(transparent)]
    Pointer(BadPointer),
    #[error("names the whole document; name a member in it")]
    WholeDocument,
    #[error("is not JSON; a fixed member of a body is written as JSON")]
    NotJson,
    #[error("lies inside or above another fixed member; they cannot both hold")]
    Overlap,
    #[error("fixes a part of the body, but only `post` has one")]
    NoBody,
}

impl ManifestFault {
    /// The fault's stable code.
    pub const fn code(&self) -> &'static str {
        match self.rule {
            BrokenRule::Write | BrokenRule::NoWrite => "connector.manifest.write",
            BrokenRule::SecretBearing(_) => "connector.manifest.secret-bearing",
            BrokenRule::Path(_) => "connector.manifest.path",
            BrokenRule::Header(_) | BrokenRule::AuthHeader => "connector.manifest.header",
            BrokenRule::Schema(_) => "connector.manifest.config-schema",
            BrokenRule::TooLong { .. } | BrokenRule::TooMany { .. } => "connector.manifest.size",
            _ => "connector.manifest.invalid",
        }
    }
}

impl Manifest {
    /// Checks the manifest of a connector of that world, and tells every fault.
    pub fn check(&self, world: World) -> Result<(), Vec<ManifestFault>> {
        let mut faults = Faults::default();
        faults.slug("name", &self.name);
        if !is_version(&self.version) {
            faults.add("version", BrokenRule::Version(excerpt(&self.version, 40)));
        }
        faults.line("title", &self.title, MAX_TITLE);
        faults.text("summary", &self.summary, MAX_SUMMARY);
        check_schema(&self.config_schema, &mut faults);
        self.check_auth(&mut faults);
        self.check_endpoints(&mut faults);
        match world {
            World::Source => self.check_reading(&mut faults),
            World::Intake => self.check_filing(&mut faults),
        }
        if faults.0.is_empty() { Ok(()) } else { Err(faults.0) }
    }

    /// A connector that reads: nothing it declares writes, and it has something to read.
    fn check_reading(&self, faults: &mut Faults) {
        for endpoint in self.endpoints.iter().take(MAX_ENDPOINTS) {
            if endpoint.effect == Effect::Write {
                faults.add(&format!("endpoints[{}].effect", excerpt(&endpoint.id, 63)), BrokenRule::Write);
            }
        }
        faults.count("mounts", self.mounts.len(), MAX_MOUNTS);
        faults.unique("mounts", self.mounts.iter().map(|mount| mount.id.as_str()));
        self.mounts.iter().take(MAX_MOUNTS).for_each(|mount| check_mount(mount, faults));
        self.check_streams(faults);
    }

    /// A connector that files: it says what writes, and has neither folders nor streams.
    fn check_filing(&self, faults: &mut Faults) {
        if !self.endpoints.iter().any(|endpoint| endpoint.effect == Effect::Write) {
            faults.add("endpoints", BrokenRule::NoWrite);
        }
        for (place, is_empty) in [("mounts", self.mounts.is_empty()), ("streams", self.streams.is_empty())] {
            if !is_empty {
                faults.add(place, BrokenRule::NotInIntake);
            }
        }
    }

    fn check_auth(&self, faults: &mut Faults) {
        faults.count("auth", self.auth.len(), MAX_AUTH);
        if self.auth.is_empty() && !self.endpoints.is_empty() {
            faults.add("auth", BrokenRule::None);
        }
        for (at, scheme) in self.auth.iter().take(MAX_AUTH).enumerate() {
            let place = format!("auth[{at}]");
            if self.auth[..at].contains(scheme) {
                faults.add(&place, BrokenRule::Repeated);
            }
            let AuthScheme::Header { name, prefix } = scheme else { continue };
            if let Err(problem) = header::check_credential_name(name) {
                faults.add(&format!("{place}.name"), BrokenRule::Header(problem));
            }
            if !header::is_value(prefix) || prefix.len() > 64 {
                faults.add(&format!("{place}.prefix"), BrokenRule::Header(BadHeader::Value));
            }
        }
    }

    fn check_endpoints(&self, faults: &mut Faults) {
        faults.count("endpoints", self.endpoints.len(), MAX_ENDPOINTS);
        faults.unique("endpoints", self.endpoints.iter().map(|endpoint| endpoint.id.as_str()));
        for endpoint in self.endpoints.iter().take(MAX_ENDPOINTS) {
            self.check_endpoint(endpoint, faults);
        }
    }

    fn check_endpoint(&self, endpoint: &Endpoint, faults: &mut Faults) {
        let place = format!("endpoints[{}]", excerpt(&endpoint.id, 63));
        faults.slug(&format!("{place}.id"), &endpoint.id);
        faults.slug(&format!("{place}.origin"), &endpoint.origin);
        faults.line(&format!("{place}.purpose"), &endpoint.purpose, MAX_PURPOSE);
        self.check_fixed(endpoint, &place, faults);
        check_redactions(endpoint, &place, faults);
        match PathTemplate::parse(&endpoint.path) {
            Err(problem) => faults.add(&format!("{place}.path"), BrokenRule::Path(problem)),
            Ok(template) => {
                let (query, headers) = (endpoint.fixed_at(Place::Query), endpoint.fixed_at(Place::Header));
                if let Err(problem) = secret_bearing::check_template(&template, &query, &headers) {
                    faults.add(&place, BrokenRule::SecretBearing(problem));
                }
            }
        }
    }

    fn check_fixed(&self, endpoint: &Endpoint, place: &str, faults: &mut Faults) {
        faults.count(&format!("{place}.fixed"), endpoint.fixed.len(), MAX_FIXED);
        for (at, fixed) in endpoint.fixed.iter().take(MAX_FIXED).enumerate() {
            let place = format!("{place}.fixed[{}]", excerpt(&fixed.name, 63));
            if endpoint.fixed[..at].iter().any(|before| before.is_same_part(fixed)) {
                faults.add(&place, BrokenRule::Repeated);
            }
            match fixed.place {
                Place::Query => check_fixed_query(fixed, &place, faults),
                Place::Header => self.check_fixed_header(fixed, &place, faults),
                Place::Body => check_fixed_member(endpoint, at, &place, faults),
            }
        }
    }

    fn check_fixed_header(&self, fixed: &Fixed, place: &str, faults: &mut Faults) {
        if let Err(problem) = header::check(&fixed.name, &fixed.value) {
            faults.add(place, BrokenRule::Header(problem));
        }
        let is_auth = |scheme: &AuthScheme| matches!(scheme, AuthScheme::Header { name, .. } if name.eq_ignore_ascii_case(&fixed.name));
        if self.auth.iter().any(is_auth) {
            faults.add(place, BrokenRule::AuthHeader);
        }
    }

    fn check_streams(&self, faults: &mut Faults) {
        faults.count("streams", self.streams.len(), MAX_STREAMS);
        if self.streams.is_empty() {
            faults.add("streams", BrokenRule::None);
        }
        faults.unique("streams", self.streams.iter().map(|stream| stream.id.as_str()));
        self.streams.iter().take(MAX_STREAMS).for_each(|stream| check_stream(stream, faults));
    }
}

impl Endpoint {
    /// The fixed parts at one place, as (name, value).
    pub fn fixed_at(&self, place: Place) -> Vec<(String, String)> {
        let parts = self.fixed.iter().filter(|fixed| fixed.place == place);
        parts.map(|fixed| (fixed.name.clone(), fixed.value.clone())).collect()
    }
}

impl Fixed {
    fn is_same_part(&self, other: &Self) -> bool {
        self.place == other.place
            && match self.place {
                Place::Header => self.name.eq_ignore_ascii_case(&other.name),
                Place::Query | Place::Body => self.name == other.name,
            }
    }
}

fn check_fixed_query(fixed: &Fixed, place: &str, faults: &mut Faults) {
    faults.line(place, &fixed.name, header::MAX_NAME);
    if fixed.value.len() > MAX_FIXED_VALUE {
        let length = fixed.value.len();
        faults.add(place, BrokenRule::TooLong { length, most: MAX_FIXED_VALUE, unit: "bytes" });
    }
    if !is_plain_line(&fixed.value) {
        faults.add(place, BrokenRule::Hidden);
    }
}

fn check_fixed_member(endpoint: &Endpoint, at: usize, place: &str, faults: &mut Faults) {
    let fixed = &endpoint.fixed[at];
    if endpoint.method != Method::Post {
        faults.add(place, BrokenRule::NoBody);
    }
    if fixed.value.len() > MAX_FIXED_VALUE {
        let length = fixed.value.len();
        faults.add(place, BrokenRule::TooLong { length, most: MAX_FIXED_VALUE, unit: "bytes" });
    } else if serde_json::from_str::<serde_json::Value>(&fixed.value).is_err() {
        faults.add(place, BrokenRule::NotJson);
    }
    check_pointer(&fixed.name, place, faults);
    let inside =
        |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    let members = endpoint.fixed[..at].iter().filter(|before| before.place == Place::Body);
    if members
        .into_iter()
        .any(|before| inside(&before.name, &fixed.name) || inside(&fixed.name, &before.name))
    {
        faults.add(place, BrokenRule::Overlap);
    }
}

fn check_redactions(endpoint: &Endpoint, place: &str, faults: &mut Faults) {
    faults.count(&format!("{place}.redact"), endpoint.redact.len(), MAX_REDACT);
    for pointer in endpoint.redact.iter().take(MAX_REDACT) {
        check_pointer(pointer, &format!("{place}.redact[{}]", excerpt(pointer, 80)), faults);
    }
}

fn check_pointer(pointer: &str, place: &str, faults: &mut Faults) {
    match pointer::steps(pointer) {
        Err(problem) => faults.add(place, BrokenRule::Pointer(problem)),
        Ok(steps) if steps.is_empty() => faults.add(place, BrokenRule::WholeDocument),
        Ok(_) => {}
    }
}

fn check_mount(mount: &Mount, faults: &mut Faults) {
    let place = format!("mounts[{}]", excerpt(&mount.id, 63));
    faults.slug(&format!("{place}.id"), &mount.id);
    faults.line(&format!("{place}.purpose"), &mount.purpose, MAX_PURPOSE);
}

fn check_stream(stream: &Stream, faults: &mut Faults) {
    let place = format!("streams[{}]", excerpt(&stream.id, 63));
    faults.slug(&format!("{place}.id"), &stream.id);
    faults.line(&format!("{place}.purpose"), &stream.purpose, MAX_PURPOSE);
    let kinds: BTreeSet<_> = stream.kinds.iter().collect();
    if kinds.is_empty() {
        faults.add(&format!("{place}.kinds"), BrokenRule::None);
    }
    if kinds.len() != stream.kinds.len() {
        faults.add(&format!("{place}.kinds"), BrokenRule::Repeated);
    }
}

fn check_schema(text: &str, faults: &mut Faults) {
    if text.len() > MAX_SCHEMA {
        let length = text.len();
        return faults.add("config-schema", BrokenRule::TooLong { length, most: MAX_SCHEMA, unit: "bytes" });
    }
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text) {
        Ok(_) => {}
        Err(problem) => faults.add("config-schema", BrokenRule::Schema(excerpt(&problem.to_string(), 200))),
    }
}

/// Semantic Versioning 2.0.0, as far as a name needs it: three numbers, then labels after `-` and `+`.
fn is_version(text: &str) -> bool {
    let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest.split_once('-').map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let is_number = |part: &str| {
        let digits = !part.is_empty() && part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits && (part == "0" || !part.starts_with('0'))
    };
    let is_label = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 64
        && core.split('.').count() == 3
        && core.split('.').all(is_number)
        && [pre, build].into_iter().flatten().all(|labels| labels.split('.').all(is_label))
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<ManifestFault>);

impl Faults {
    fn add(&mut self, place: &str, rule: BrokenRule) {
        self.0.push(ManifestFault { place: place.to_owned(), rule });
    }

    fn slug(&mut self, place: &str, text: &str) {
        if !is_slug(text) {
            self.add(place, BrokenRule::Name(excerpt(text, 63)));
        }
    }

    fn line(&mut self, place: &str, text: &str, most: usize) {
        self.text(place, text, most);
        if text.contains(['\n', '\t']) {
            self.add(place, BrokenRule::Hidden);
        }
    }

    fn text(&mut self, place: &str, text: &str, most: usize) {
        let length = text.chars().count();
        if text.trim().is_empty() {
            self.add(place, BrokenRule::Empty);
        }
        if length > most {
            self.add(place, BrokenRule::TooLong { length, most, unit: "characters" });
        }
        if text.chars().any(|character| is_hidden(character) && !matches!(character, '\n' | '\t')) {
            self.add(place, BrokenRule::Hidden);
        }
    }

    fn count(&mut self, place: &str, count: usize, most: usize) {
        if count > most {
            self.add(place, BrokenRule::TooMany { count, most });
        }
    }

    fn unique<'a>(&mut self, place: &str, names: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                self.add(&format!("{place}[{}]", excerpt(name, 63)), BrokenRule::Repeated);
            }
        }
    }
}

#[cfg(test)]
mod tests;
