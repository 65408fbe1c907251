//! What a connector is given for one page: its configuration and the doors.

use std::fmt::Display;
use std::rc::Rc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::doors::{Doors, Entry, Level, Request};
use crate::{Captured, CapturedFile, Failure, Fetched, Result, failure};

/// The world, as far as a connector sees it, for the time of one call.
pub struct Context<C> {
    /// The connection's configuration.
    pub config: C,
    doors: Rc<dyn Doors>,
}

impl<C> Context<C> {
    /// A context over some doors. In a component the export glue makes it, in a test the test kit.
    pub fn new(config: C, doors: Rc<dyn Doors>) -> Self {
        Self { config, doors }
    }

    /// A request to a declared endpoint without a body. Whether it is a GET or a HEAD, the manifest says.
    pub fn get(&self, endpoint: &str) -> Call<'_> {
        Call::new(&*self.doors, endpoint)
    }

    /// A request to a declared endpoint that reads by POST, with a JSON body.
    pub fn post(&self, endpoint: &str, body: &impl Serialize) -> Call<'_> {
        let mut call = Call::new(&*self.doors, endpoint);
        match serde_json::to_vec(body) {
            Ok(bytes) => {
                call.request.body = Some(bytes);
                call.request.headers.push(("content-type".into(), "application/json".into()));
            }
            Err(error) => {
                call.defect = Some(Failure::internal(format_args!(
                    "the body for `{endpoint}` cannot be written as JSON: {error}"
                )));
            }
        }
        call
    }

    /// Sends several requests side by side, as far as the host allows. Answers come in the order of the calls,
    /// each with its own success or failure.
    pub fn fetch_all(&self, calls: Vec<Call<'_>>) -> Vec<Result<Captured>> {
        let requests: Vec<Request> = calls.iter().map(|call| call.request.clone()).collect();
        let mut answers = self.doors.fetch_all(&requests).into_iter();
        calls
            .into_iter()
            .map(|call| match (call.defect, answers.next()) {
                (Some(defect), _) => Err(defect),
                (None, Some(answer)) => Captured::accept(answer?, call.attempt, &call.accepted),
                (None, None) => Err(Failure::internal("the host answered fewer requests than were sent")),
            })
            .collect()
    }

    /// Follows a link that the source gave (`next`, a `Link` header). Only its path and query count: they go onto
    /// the granted origin and must fit the endpoint.
    pub fn follow(&self, endpoint: &str, link: &str) -> Result<Captured> {
        let attempt = format!("following a link of `{endpoint}`");
        Captured::accept(self.doors.follow(endpoint, link)?, attempt, &[])
    }

    /// A granted directory.
    pub fn files<'a>(&'a self, mount: &'a str) -> Files<'a> {
        Files { doors: &*self.doors, mount }
    }

    /// Remarks for the operator. They are never part of the evidence.
    pub fn log(&self) -> Log<'_> {
        Log { doors: &*self.doors }
    }
}

/// A request in the making.
#[must_use = "nothing is sent before `send` or `json`"]
pub struct Call<'a> {
    doors: &'a dyn Doors,
    request: Request,
    accepted: Vec<u16>,
    attempt: String,
    defect: Option<Failure>,
}

impl<'a> Call<'a> {
    fn new(doors: &'a dyn Doors, endpoint: &str) -> Self {
        let request = Request {
            endpoint: endpoint.into(),
            path: Vec::new(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        };
        Self { doors, request, accepted: Vec::new(), attempt: format!("asking `{endpoint}`"), defect: None }
    }

    /// A value for a `{name}` of the endpoint's path. The host encodes it.
    pub fn path(mut self, name: &str, value: impl Display) -> Self {
        self.request.path.push((name.into(), value.to_string()));
        self
    }

    /// A query parameter.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.request.query.push((name.into(), value.to_string()));
        self
    }

    /// A query parameter where there is a value for it.
    pub fn query_some(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// A header. Those that carry credentials, identity or framing are refused by the host.
    pub fn header(mut self, name: &str, value: impl Display) -> Self {
        self.request.headers.push((name.into(), value.to_string()));
        self
    }

    /// Statuses that are answers here and not failures: `accept(&[404])`.
    pub fn accept(mut self, statuses: &[u16]) -> Self {
        self.accepted.extend_from_slice(statuses);
        self
    }

    /// Sends it. A status outside 200–299 that was not accepted is a failure of the kind the status means.
    pub fn send(self) -> Result<Captured> {
        if let Some(defect) = self.defect {
            return Err(defect);
        }
        Captured::accept(self.doors.fetch(&self.request)?, self.attempt, &self.accepted)
    }

    /// Sends it and reads the answer as JSON.
    pub fn json<T: DeserializeOwned>(self) -> Result<Fetched<T>> {
        self.send()?.json()
    }
}

impl Captured {
    /// Judges an answer by its status.
    pub(crate) fn accept(
        response: crate::doors::Response,
        attempt: String,
        accepted: &[u16],
    ) -> Result<Self> {
        let captured = Self::new(response, attempt);
        if accepted.contains(&captured.status()) {
            return Ok(captured);
        }
        let header = |name: &str| captured.header(name).map(str::to_owned);
        match failure::of_status(captured.status(), header, captured.attempt()) {
            Some(failure) => Err(failure),
            None => Ok(captured),
        }
    }
}

/// A granted directory.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    doors: &'a dyn Doors,
    mount: &'a str,
}

impl Files<'_> {
    /// The regular files whose path matches a glob (`**/*.md`), in byte order of their paths.
    pub fn entries(&self, glob: &str) -> Result<Vec<Entry>> {
        self.doors.entries(self.mount, glob)
    }

    /// Reads one file whole.
    pub fn read(&self, path: &str) -> Result<CapturedFile> {
        let file = self.doors.read(self.mount, path)?;
        Ok(CapturedFile { path: path.into(), bytes: file.bytes, capture: file.capture })
    }
}

/// Remarks for the operator: `cx.log().warn("…", &[("dropped", &3)])`.
#[derive(Clone, Copy)]
pub struct Log<'a> {
    doors: &'a dyn Doors,
}

impl Log<'_> {
    /// For whoever looks for a fault.
    pub fn debug(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.emit(Level::Debug, message, fields);
    }

    /// What happened.
    pub fn info(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.emit(Level::Info, message, fields);
    }

    /// What the operator should look at.
    pub fn warn(&self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.emit(Level::Warn, message, fields);
    }

    fn emit(&self, level: Level, message: &str, fields: &[(&str, &dyn Display)]) {
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect();
        self.doors.log(level, message, &fields);
    }
}
