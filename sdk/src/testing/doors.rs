//! Doors that replay a recording and refuse what the host would refuse.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::recorded::{Asked, Kept, Recorded, Values};
use super::template::{Template, decode};
use crate::bindings::describing::exports::probity::connector::manifest::Effect;
use crate::doors::{Doors, Entry, File, Level, Request, Response};
use crate::glob::glob;
use crate::{Endpoint, Failure, FailureKind, Manifest, Method, Place, Result};

/// Headers a connector cannot set: they carry credentials or identity, frame the message, or override its method.
const RESERVED: &[&str] = &[
    "accept-encoding",
    "api-key",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "from",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-api-key",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
    "x-request-id",
];
const RESERVED_ENDS: &[&str] = &["-token", "-api-key", "-secret", "-password", "-session"];

/// What the host writes over a redacted value.
const REDACTED: &str = "[redacted]";

/// A remark a connector made for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `info`, `warn`, …
    pub level: &'static str,
    /// What it says.
    pub message: String,
    /// Its fields.
    pub fields: Vec<(String, String)>,
}

/// The doors for one page over a recording.
pub struct Replay {
    manifest: Rc<Manifest>,
    recorded: Recorded,
    captures: RefCell<Vec<Vec<u8>>>,
    remarks: RefCell<Vec<Remark>>,
    passed: RefCell<Vec<(String, Effect)>>,
}

impl Replay {
    /// Doors as wide as a manifest. An operator grants no more than that.
    pub fn new(manifest: Rc<Manifest>, recorded: Recorded) -> Self {
        Self {
            manifest,
            recorded,
            captures: RefCell::default(),
            remarks: RefCell::default(),
            passed: RefCell::default(),
        }
    }

    /// The endpoints of the requests that were let through, in their order, and whether each one writes.
    pub(super) fn passed(&self) -> Vec<(String, Effect)> {
        self.passed.borrow().clone()
    }

    /// What was handed in, by index.
    pub fn captures(&self) -> Vec<Vec<u8>> {
        self.captures.borrow().clone()
    }

    /// What was remarked.
    pub fn remarks(&self) -> Vec<Remark> {
        self.remarks.borrow().clone()
    }

    pub(super) fn endpoint(&self, id: &str) -> Result<&Endpoint> {
        self.manifest
            .endpoints
            .iter()
            .find(|endpoint| endpoint.id == id)
            .ok_or_else(|| refused(format!("the manifest declares no endpoint `{id}`")))
    }

    /// A request as it is recorded, if the endpoint allows it.
    pub(super) fn allowed(&self, request: &Request) -> Result<Asked> {
        let endpoint = self.endpoint(&request.endpoint)?;
        let template = Template::parse(&endpoint.path).map_err(refused)?;
        let path: BTreeMap<String, String> = request.path.iter().cloned().collect();
        let names = template.names();
        if path.len() != request.path.len()
            || path.len() != names.len()
            || !names.iter().all(|name| path.contains_key(*name))
        {
            let given: Vec<&str> = request.path.iter().map(|(name, _)| name.as_str()).collect();
            return Err(refused(format!(
                "`{}` takes the path parameters {names:?}, not {given:?}",
                endpoint.id
            )));
        }
        if let Some((name, value)) = path.iter().find(|(name, value)| !template.takes(name, value)) {
            return Err(refused(format!(
                "`{value}` cannot stand for {{{name}}} in the path of `{}`",
                endpoint.id
            )));
        }
        fixed_parts_stay(endpoint, request)?;
        self.passed.borrow_mut().push((endpoint.id.clone(), endpoint.effect));
        Ok(Asked {
            endpoint: endpoint.id.clone(),
            path,
            query: grouped(&request.query),
            body: request.body.as_deref().map(|bytes| {
                serde_json::from_slice(bytes)
                    .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
            }),
        })
    }

    fn answered(&self, endpoint: &str, asked: &Asked) -> Result<Response> {
        let Some(kept) = self.recorded.answer(asked) else {
            return Err(Failure::internal(format_args!("nothing is recorded for {asked:?}")));
        };
        if let Some(kind) = &kept.failure {
            return Err(Failure::new(kind_named(kind)?, "as recorded"));
        }
        let Kept { status, headers, body, .. } = kept;
        let body = redacted(body, &self.endpoint(endpoint)?.redact)?;
        let headers = headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        Ok(Response { status, headers, capture: self.capture(&body), body })
    }

    pub(super) fn capture(&self, bytes: &[u8]) -> u32 {
        let mut captures = self.captures.borrow_mut();
        captures.push(bytes.to_vec());
        u32::try_from(captures.len() - 1).unwrap_or(u32::MAX)
    }

    fn mounted(&self, mount: &str) -> Result<()> {
        if self.manifest.mounts.iter().any(|declared| declared.id == mount) {
            return Ok(());
        }
        Err(refused(format!("the manifest declares no mount `{mount}`")))
    }
}

impl Doors for Replay {
    fn fetch(&self, request: &Request) -> Result<Response> {
        self.answered(&request.endpoint, &self.allowed(request)?)
    }

    fn fetch_all(&self, requests: &[Request]) -> Vec<Result<Response>> {
        requests.iter().map(|request| self.fetch(request)).collect()
    }

    fn follow(&self, endpoint: &str, link: &str) -> Result<Response> {
        let declared = self.endpoint(endpoint)?;
        let bad = || refused(format!("the link `{link}` does not fit the path of `{endpoint}`"));
        let (path, query) = path_and_query(link).ok_or_else(bad)?;
        let path = Template::parse(&declared.path).map_err(refused)?.fit(path).ok_or_else(bad)?;
        let query = query.split('&').filter(|pair| !pair.is_empty());
        let query: Option<Vec<(String, String)>> = query
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((decode(&name.replace('+', " "))?, decode(&value.replace('+', " "))?))
            })
            .collect();
        let mut query = query.ok_or_else(bad)?;
        for fixed in declared.fixed.iter().filter(|fixed| fixed.place == Place::Query) {
            if query.iter().any(|(name, value)| *name == fixed.name && *value != fixed.value) {
                return Err(refused(format!("the link `{link}` changes the fixed query `{}`", fixed.name)));
            }
            query.retain(|(name, _)| *name != fixed.name);
        }
        let asked = Asked { endpoint: endpoint.into(), path, query: grouped(&query), body: None };
        self.answered(endpoint, &asked)
    }

    fn entries(&self, mount: &str, pattern: &str) -> Result<Vec<Entry>> {
        self.mounted(mount)?;
        let files = self.recorded.files(mount).into_iter();
        Ok(files.filter(|(path, _)| glob(pattern, path)).map(|(path, size)| Entry { path, size }).collect())
    }

    fn read(&self, mount: &str, path: &str) -> Result<File> {
        self.mounted(mount)?;
        let missing = || Failure::not_found(format_args!("there is no file `{path}` in the mount `{mount}`"));
        let bytes = self.recorded.read(mount, path).ok_or_else(missing)?;
        Ok(File { capture: self.capture(&bytes), bytes })
    }

    fn log(&self, level: Level, message: &str, fields: &[(String, String)]) {
        let level = match level {
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        self.remarks.borrow_mut().push(Remark { level, message: message.into(), fields: fields.to_vec() });
    }
}

pub(super) fn refused(what: impl std::fmt::Display) -> Failure {
    Failure::new(FailureKind::EgressDenied, what)
}

fn fixed_parts_stay(endpoint: &Endpoint, request: &Request) -> Result<()> {
    let id = &endpoint.id;
    for fixed in &endpoint.fixed {
        let repeated = match fixed.place {
            Place::Query => request.query.iter().any(|(name, _)| *name == fixed.name),
            Place::Header => request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&fixed.name)),
            Place::Body => request.body.as_deref().is_some_and(|body| {
                serde_json::from_slice::<serde_json::Value>(body)
                    .is_ok_and(|body| body.pointer(&fixed.name).is_some())
            }),
        };
        if repeated {
            return Err(refused(format!("`{id}` fixes `{}`: it cannot be given with a request", fixed.name)));
        }
    }
    if let Some((name, _)) = request.headers.iter().find(|(name, _)| {
        let name = name.to_ascii_lowercase();
        RESERVED.contains(&name.as_str())
            || RESERVED_ENDS.iter().any(|end| name.ends_with(end))
            || name.starts_with("x-forwarded-")
    }) {
        return Err(refused(format!("the header `{name}` is the host's to set")));
    }
    if request.body.is_some() && endpoint.method != Method::Post {
        return Err(refused(format!("`{id}` is not asked by POST, so it takes no body")));
    }
    Ok(())
}

fn grouped(query: &[(String, String)]) -> BTreeMap<String, Values> {
    let mut grouped: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in query {
        grouped.entry(name.clone()).or_default().push(value.clone());
    }
    grouped
        .into_iter()
        .map(|(name, mut values)| {
            let values = match (values.len(), values.pop()) {
                (1, Some(value)) => Values::One(value),
                (_, last) => Values::Several(values.into_iter().chain(last).collect()),
            };
            (name, values)
        })
        .collect()
}

/// Path and query of a link, absolute or not; its origin does not matter.
fn path_and_query(link: &str) -> Option<(&str, &str)> {
    let link = link.split('#').next()?;
    let below = match link.split_once("://") {
        Some((_, rest)) => rest.find('/').map(|at| &rest[at..])?,
        None => link,
    };
    Some(below.split_once('?').unwrap_or((below, "")))
}

/// The body with the places of `redact` written over. The host lets in no answer that it cannot redact.
pub(super) fn redacted(body: Vec<u8>, redact: &[String]) -> Result<Vec<u8>> {
    if redact.is_empty() || body.is_empty() {
        return Ok(body);
    }
    let mut document: serde_json::Value = serde_json::from_slice(&body).map_err(|_| {
        Failure::shape("the answer is not JSON, so what the endpoint redacts cannot be found in it")
    })?;
    for pointer in redact {
        let segments: Vec<&str> = pointer.split('/').skip(1).collect();
        blank(&mut document, &segments);
    }
    Ok(document.to_string().into_bytes())
}

fn blank(value: &mut serde_json::Value, segments: &[&str]) {
    let Some((first, rest)) = segments.split_first() else {
        // `null` tells no secret, and that there is none may matter.
        if !value.is_null() {
            *value = REDACTED.into();
        }
        return;
    };
    match value {
        serde_json::Value::Array(elements) if *first == "*" => {
            elements.iter_mut().for_each(|element| blank(element, rest));
        }
        serde_json::Value::Object(members) if *first == "*" => {
            members.values_mut().for_each(|member| blank(member, rest));
        }
        _ => {
            let pointer = format!("/{first}");
            if let Some(member) = value.pointer_mut(&pointer) {
                blank(member, rest);
            }
        }
    }
}

fn kind_named(name: &str) -> Result<FailureKind> {
    Ok(match name {
        "config" => FailureKind::Config,
        "auth" => FailureKind::Auth,
        "permission" => FailureKind::Permission,
        "rate-limited" => FailureKind::RateLimited(None),
        "unavailable" => FailureKind::Unavailable,
        "shape" => FailureKind::Shape,
        "egress-denied" => FailureKind::EgressDenied,
        "too-large" => FailureKind::TooLarge,
        "not-found" => FailureKind::NotFound,
        "internal" => FailureKind::Internal,
        _ => {
            return Err(Failure::internal(format_args!(
                "`{name}`, in the recording, is not a kind of failure"
            )));
        }
    })
}
