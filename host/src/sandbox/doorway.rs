//! The doors as the connector sees them: each call is counted, answered by what is behind the doors, and
//! written into the journal with the captures it handed in.
//!
//! Capture indices follow the position of requests, not the arrival of answers, so they are the same in a
//! replay. What is behind the doors is the world ([`Doors`]), a journal, or nothing.

use probity_core::connector::{Capture, Failure, FailureKind, FileEntry, Request, Response};
use probity_core::journal::{Answer, Call, CaptureRef, Exchange, Outcome};

use super::bindings::probity::connector::{files, http};
use super::replay::Script;
use super::state::Guest;
use super::{Doors, bindings};

/// What is behind the doors.
pub(super) enum Behind {
    World(Box<dyn Doors>),
    Journal(Script),
    Nothing,
}

/// Why a call is ended at a door.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stop {
    #[error("more than {max} door calls")]
    Calls { max: u32 },
    #[error("the door `{door}` is shut")]
    Shut { door: &'static str },
    #[error("door call {call} is not the journaled one")]
    Diverged { call: usize, expected: String, actual: String },
}

/// The doors of one page, and the record of what went through.
pub(super) struct Doorway {
    behind: Behind,
    max_calls: u32,
    spent: u32,
    calls: Vec<Call>,
    captures: Vec<Capture>,
}

impl Doorway {
    pub(super) const fn new(behind: Behind, max_calls: u32) -> Self {
        Self { behind, max_calls, spent: 0, calls: Vec::new(), captures: Vec::new() }
    }

    /// The journal's calls and the captures they name.
    pub(super) fn into_record(self) -> (Vec<Call>, Vec<Capture>) {
        (self.calls, self.captures)
    }

    fn spend(&mut self, calls: usize) -> Result<(), Stop> {
        let calls = u32::try_from(calls).unwrap_or(u32::MAX);
        self.spent = self.spent.saturating_add(calls);
        if self.spent > self.max_calls { Err(Stop::Calls { max: self.max_calls }) } else { Ok(()) }
    }

    async fn fetch(
        &mut self,
        all: bool,
        requests: Vec<Request>,
    ) -> Result<Vec<Result<(Response, u32), Failure>>, Stop> {
        let door = if all { "http.fetch-all" } else { "http.fetch" };
        self.spend(requests.len().max(1))?;
        let outcomes = match &mut self.behind {
            Behind::World(doors) => complete(doors.fetch(&requests).await, requests.len()),
            Behind::Journal(script) => script.fetch(all, &requests)?,
            Behind::Nothing => return Err(Stop::Shut { door }),
        };
        let outcomes: Vec<_> = outcomes
            .into_iter()
            .map(|outcome| outcome.map(|response| self.keep_response(response)))
            .collect();
        let exchanges = requests
            .into_iter()
            .zip(&outcomes)
            .map(|(request, outcome)| Exchange { request, outcome: answered(outcome) });
        self.calls.push(Call::Fetch { all, exchanges: exchanges.collect() });
        Ok(outcomes)
    }

    async fn follow(
        &mut self,
        endpoint: String,
        link: String,
    ) -> Result<Result<(Response, u32), Failure>, Stop> {
        self.spend(1)?;
        let outcome = match &mut self.behind {
            Behind::World(doors) => doors.follow(&endpoint, &link).await,
            Behind::Journal(script) => script.follow(&endpoint, &link)?,
            Behind::Nothing => return Err(Stop::Shut { door: "http.follow" }),
        };
        let outcome = outcome.map(|response| self.keep_response(response));
        self.calls.push(Call::Follow { endpoint, link, outcome: answered(&outcome) });
        Ok(outcome)
    }

    async fn entries(
        &mut self,
        mount: String,
        glob: String,
    ) -> Result<Result<Vec<FileEntry>, Failure>, Stop> {
        self.spend(1)?;
        let outcome = match &mut self.behind {
            Behind::World(doors) => doors.entries(&mount, &glob).await,
            Behind::Journal(script) => script.entries(&mount, &glob)?,
            Behind::Nothing => return Err(Stop::Shut { door: "files.entries" }),
        };
        self.calls.push(Call::Entries { mount, glob, outcome: outcome.clone().into() });
        Ok(outcome)
    }

    async fn read(&mut self, mount: String, path: String) -> Result<Result<(Capture, u32), Failure>, Stop> {
        self.spend(1)?;
        let outcome = match &mut self.behind {
            Behind::World(doors) => doors.read(&mount, &path).await,
            Behind::Journal(script) => script.read(&mount, &path)?,
            Behind::Nothing => return Err(Stop::Shut { door: "files.read" }),
        };
        let outcome = outcome.map(|capture| {
            let index = self.keep(capture.clone());
            (capture, index)
        });
        let kept = outcome.as_ref().map(|(capture, index)| CaptureRef::of(capture, *index));
        self.calls.push(Call::Read { mount, path, outcome: kept.map_err(Clone::clone).into() });
        Ok(outcome)
    }

    fn keep_response(&mut self, response: Response) -> (Response, u32) {
        let index = self.keep(response.body.clone());
        (response, index)
    }

    fn keep(&mut self, capture: Capture) -> u32 {
        // Bounded by the limit on calls, which is itself a u32.
        let index = u32::try_from(self.captures.len()).unwrap_or(u32::MAX);
        self.captures.push(capture);
        index
    }
}

/// As many outcomes as requests: what is behind the doors is ours, but nothing here may depend on it.
fn complete(mut outcomes: Vec<Result<Response, Failure>>, requests: usize) -> Vec<Result<Response, Failure>> {
    outcomes.resize_with(requests, || {
        Err(Failure::new(FailureKind::Internal, "the host gave no answer to this request"))
    });
    outcomes
}

fn answered(outcome: &Result<(Response, u32), Failure>) -> Outcome<Answer> {
    match outcome {
        Ok((response, index)) => Outcome::Ok(Answer::of(response, *index)),
        Err(failure) => Outcome::Failure(failure.clone()),
    }
}

type Door<T> = wasmtime::Result<Result<T, bindings::probity::connector::types::Failure>>;

impl http::Host for Guest {
    async fn fetch(&mut self, request: http::Request) -> Door<http::Response> {
        let mut outcomes = self.doors.fetch(false, vec![request.into()]).await?;
        // One request, one outcome: `Doorway::fetch` sees to it.
        let outcome = outcomes.pop().unwrap_or_else(|| Err(Failure::new(FailureKind::Internal, "no answer")));
        Ok(outcome.map(Into::into).map_err(Into::into))
    }

    async fn fetch_all(
        &mut self,
        requests: Vec<http::Request>,
    ) -> wasmtime::Result<Vec<Result<http::Response, bindings::probity::connector::types::Failure>>> {
        let requests = requests.into_iter().map(Into::into).collect();
        let outcomes = self.doors.fetch(true, requests).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.map(Into::into).map_err(Into::into)).collect())
    }

    async fn follow(&mut self, endpoint: String, link: String) -> Door<http::Response> {
        let outcome = self.doors.follow(endpoint, link).await?;
        Ok(outcome.map(Into::into).map_err(Into::into))
    }
}

impl files::Host for Guest {
    async fn entries(&mut self, mount: String, glob: String) -> Door<Vec<files::Entry>> {
        let outcome = self.doors.entries(mount, glob).await?;
        Ok(outcome.map(|entries| entries.into_iter().map(Into::into).collect()).map_err(Into::into))
    }

    async fn read(&mut self, mount: String, path: String) -> Door<files::File> {
        let outcome = self.doors.read(mount, path).await?;
        Ok(outcome.map(Into::into).map_err(Into::into))
    }
}
