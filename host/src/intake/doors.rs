//! The doors of a call that files: the network through `egress`, one request at a time, each noted.

use async_trait::async_trait;
use probity_core::connector::{Capture, Effect, Failure, FailureKind, FileEntry, Request, Response};
use probity_core::intake::Question;
use probity_core::journal::{Answer, Outcome};

use super::journal::{Dropped, Note, Pen};
use crate::egress::{PageEgress, Ready};
use crate::sandbox::Doors;

/// One call's doors.
pub(super) struct IntakeDoors {
    http: PageEgress,
    notes: Notes,
}

/// The noting of exchanges, and what may be exchanged at all.
struct Notes {
    pen: Pen,
    /// Whether endpoints that write may be asked.
    may_write: bool,
    next: u32,
    captures: u32,
}

impl IntakeDoors {
    pub(super) const fn new(http: PageEgress, pen: Pen, may_write: bool) -> Self {
        Self { http, notes: Notes { pen, may_write, next: 0, captures: 0 } }
    }

    async fn fetch_one(&mut self, request: &Request) -> Result<Response, Failure> {
        let ready = self.http.ready(request)?;
        let question = Question::Fetch { effect: ready.effect(), request: request.clone() };
        self.notes.exchange(ready, question).await
    }
}

impl Notes {
    /// Notes the request, sends it, notes what came of it, and only then gives it away.
    async fn exchange(&mut self, ready: Ready<'_>, question: Question) -> Result<Response, Failure> {
        if question.effect() == Effect::Write && !self.may_write {
            return Err(only_to_submit(question.endpoint()));
        }
        let ordinal = self.next;
        self.next += 1;
        self.pen.note(Note::Asked { ordinal, question }).await.map_err(dropped)?;
        let response = ready.send().await;
        let (outcome, body) = match &response {
            Ok(response) => {
                // Counted as the sandbox counts the captures that it hands in.
                let index = self.captures;
                self.captures += 1;
                (Outcome::Ok(Answer::of(response, index)), Some(response.body.clone()))
            }
            Err(failure) => (Outcome::Failure(failure.clone()), None),
        };
        self.pen.note(Note::Answered { ordinal, outcome, body }).await.map_err(dropped)?;
        response
    }
}

fn only_to_submit(endpoint: &str) -> Failure {
    Failure::new(
        FailureKind::EgressDenied,
        format!(
            "intake.only-submit: the endpoint `{endpoint}` writes, and only `submit` may write; ask an endpoint that reads"
        ),
    )
}

/// Seen by nobody: the call is dropped before it could look.
fn dropped(_: Dropped) -> Failure {
    Failure::new(FailureKind::Internal, "host.journal: the call is being ended")
}

#[async_trait]
impl Doors for IntakeDoors {
    /// One after the other: what was noted is then the order in which things happened.
    async fn fetch(&mut self, requests: &[Request]) -> Vec<Result<Response, Failure>> {
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(self.fetch_one(request).await);
        }
        outcomes
    }

    async fn follow(&mut self, endpoint: &str, link: &str) -> Result<Response, Failure> {
        let ready = self.http.ready_link(endpoint, link)?;
        let (endpoint, link) = (endpoint.to_owned(), link.to_owned());
        let question = Question::Follow { effect: ready.effect(), endpoint, link };
        self.notes.exchange(ready, question).await
    }

    async fn entries(&mut self, _: &str, _: &str) -> Result<Vec<FileEntry>, Failure> {
        Err(no_files())
    }

    async fn read(&mut self, _: &str, _: &str) -> Result<Capture, Failure> {
        Err(no_files())
    }
}

/// The sandbox does not offer the door to this world; behind it, there is nothing either.
fn no_files() -> Failure {
    Failure::new(FailureKind::EgressDenied, "intake.no-files: an intake connector has no `files` door")
}
