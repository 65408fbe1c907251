//! The way out for one page (or one call of an intake): its budgets, its parallelism, the order of its answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::{FutureExt as _, StreamExt as _};
use probity_core::connector::{Effect, Failure, Request, Response};
use probity_core::text::excerpt;

use super::Egress;
use super::error::EgressError;
use super::request::Outgoing;

/// Bytes that a page may still receive; shared by its parallel exchanges.
pub(super) struct ByteBudget {
    left: AtomicU64,
    limit: u64,
}

impl ByteBudget {
    pub(super) const fn new(limit: u64) -> Self {
        Self { left: AtomicU64::new(limit), limit }
    }

    /// Takes some bytes, or says that there are not as many left.
    pub(super) fn spend(&self, bytes: u64) -> Result<(), EgressError> {
        let take = |left: u64| left.checked_sub(bytes);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.map(drop).map_err(|_| EgressError::Budget { what: "bytes", limit: self.limit })
    }
}

/// What one page's http door stands for. Made by [`Egress::page`].
pub struct PageEgress {
    egress: Arc<Egress>,
    requests: u32,
    bytes: ByteBudget,
}

impl PageEgress {
    pub(super) fn new(egress: Arc<Egress>) -> Self {
        let limits = egress.limits;
        Self { egress, requests: limits.page_requests, bytes: ByteBudget::new(limits.page_bytes) }
    }

    /// Sends requests, some at the same time, and answers in their order. Any status is an answer.
    pub async fn fetch(&mut self, requests: &[Request]) -> Vec<Result<Response, Failure>> {
        let within: Vec<bool> = requests.iter().map(|_| self.spend_request()).collect();
        let this = &*self;
        let answer = async |request: &Request, within| {
            let outcome = match within {
                true => this.run(this.egress.plan(request)).await,
                false => Err(this.no_requests()),
            };
            this.told(&request.endpoint, outcome)
        };
        // Collected first: a stream that holds the closure could not be sent between threads.
        let answers: Vec<_> =
            requests.iter().zip(within).map(|(request, within)| answer(request, within).boxed()).collect();
        futures::stream::iter(answers).buffered(this.egress.limits.parallel.max(1)).collect().await
    }

    /// Follows a link that the source gave: its path and query, onto the granted origin.
    pub async fn follow(&mut self, endpoint: &str, link: &str) -> Result<Response, Failure> {
        let outcome = match self.spend_request() {
            true => self.run(self.egress.plan_link(endpoint, link)).await,
            false => Err(self.no_requests()),
        };
        self.told(endpoint, outcome)
    }

    /// Checks and builds a request without sending it: for who must note it before it leaves.
    pub fn ready(&mut self, request: &Request) -> Result<Ready<'_>, Failure> {
        let within = self.spend_request();
        let planned = if within { self.egress.plan(request) } else { Err(self.no_requests()) };
        planned
            .map(|outgoing| Ready { page: self, outgoing })
            .map_err(|error| self.refused(&request.endpoint, error))
    }

    /// The same for a link that the source gave.
    pub fn ready_link(&mut self, endpoint: &str, link: &str) -> Result<Ready<'_>, Failure> {
        let within = self.spend_request();
        let planned = if within { self.egress.plan_link(endpoint, link) } else { Err(self.no_requests()) };
        planned.map(|outgoing| Ready { page: self, outgoing }).map_err(|error| self.refused(endpoint, error))
    }

    const fn spend_request(&mut self) -> bool {
        let within = self.requests > 0;
        self.requests = self.requests.saturating_sub(1);
        within
    }

    fn no_requests(&self) -> EgressError {
        EgressError::Budget { what: "requests", limit: self.egress.limits.page_requests.into() }
    }

    async fn run(&self, planned: Result<Outgoing<'_>, EgressError>) -> Result<Response, EgressError> {
        let outgoing = planned?;
        let arrived = self.egress.exchange(&outgoing, &self.bytes).await?;
        self.egress.answer(&outgoing, arrived)
    }

    /// Logs the outcome for the operator and gives the connector its side of it. Errors quote what sources and
    /// connectors wrote, so neither gets to see one that was not scrubbed.
    fn told(&self, endpoint: &str, outcome: Result<Response, EgressError>) -> Result<Response, Failure> {
        outcome
            .inspect(|response| {
                let (connection, endpoint) = (&self.egress.connection, self.shown(endpoint));
                let (status, bytes) = (response.status, response.body.bytes.len());
                tracing::debug!(%connection, %endpoint, status, bytes, "`{endpoint}` answered");
            })
            .map_err(|error| self.refused(endpoint, error))
    }

    fn refused(&self, endpoint: &str, error: EgressError) -> Failure {
        let (connection, endpoint) = (&self.egress.connection, self.shown(endpoint));
        let cause = std::error::Error::source(&error).map(|cause| self.egress.scrub(&cause.to_string()));
        let failure = Failure::from(error);
        let failure = Failure::new(failure.kind, self.egress.scrub(&failure.message));
        tracing::warn!(%connection, %endpoint, cause, "No answer from `{endpoint}`: {failure}");
        failure
    }

    fn shown(&self, endpoint: &str) -> String {
        excerpt(&self.egress.scrub(endpoint), 80)
    }
}

/// A request that passed every check which needs no network. Nothing has left yet.
pub struct Ready<'a> {
    page: &'a PageEgress,
    outgoing: Outgoing<'a>,
}

impl Ready<'_> {
    /// What the manifest says that the request does.
    pub const fn effect(&self) -> Effect {
        self.outgoing.granted.endpoint.effect
    }

    /// Sends it, once: whatever comes of it, it is not sent again.
    pub async fn send(self) -> Result<Response, Failure> {
        let Self { page, outgoing } = self;
        let endpoint = outgoing.granted.endpoint.id.clone();
        page.told(&endpoint, page.run(Ok(outgoing)).await)
    }
}
