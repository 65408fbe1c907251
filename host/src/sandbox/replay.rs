//! Replay: the same component over the same journal. The doors answer from the journal alone, in its order;
//! there is no network and no credential anywhere near.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use probity_core::canonical::Digest;
use probity_core::connector::{Capture, Failure, FileEntry, Request, Response};
use probity_core::journal::{Answer, Call, CaptureRef, Journal, Outcome, VERSION};

use super::doorway::{Behind, Stop};
use super::error::{PageError, ReplayError};
use super::{Connector, Execution, PageCall, text};

/// The digests of all captures a journal names: what must be at hand to replay it.
pub fn captures_of(journal: &Journal) -> BTreeSet<Digest> {
    references(journal).map(|(_, reference)| reference.digest).collect()
}

/// Each capture named, with the number of its call (from 1).
fn references(journal: &Journal) -> impl Iterator<Item = (usize, &CaptureRef)> {
    fn named(call: &Call) -> Vec<&CaptureRef> {
        match call {
            Call::Fetch { exchanges, .. } => {
                exchanges.iter().filter_map(|exchange| answered(&exchange.outcome)).collect()
            }
            Call::Follow { outcome, .. } => answered(outcome).into_iter().collect(),
            Call::Read { outcome: Outcome::Ok(reference), .. } => vec![reference],
            Call::Read { .. } | Call::Entries { .. } => vec![],
        }
    }
    fn answered(outcome: &Outcome<Answer>) -> Option<&CaptureRef> {
        match outcome {
            Outcome::Ok(answer) => Some(&answer.capture),
            Outcome::Failure(_) => None,
        }
    }
    let calls = journal.calls.iter().enumerate();
    calls.flat_map(|(at, call)| named(call).into_iter().map(move |reference| (at + 1, reference)))
}

impl Connector {
    /// Runs the component over a journal and compares: every door call with the journaled one, then the page.
    ///
    /// `captures` gives the kept bytes of a digest; it is asked before anything runs, so the returned future
    /// does not borrow it. The bytes are hashed again here: a changed byte is found even if the store that
    /// kept them did not look.
    pub fn replay(
        &self,
        journal: &Journal,
        captures: &dyn Fn(&Digest) -> Option<Capture>,
    ) -> impl Future<Output = Result<Execution, ReplayError>> + Send + use<> {
        let script = self.script(journal, captures);
        let (connector, journal) = (self.clone(), journal.clone());
        async move { connector.run_script(&journal, script?).await }
    }

    fn script(
        &self,
        journal: &Journal,
        captures: &dyn Fn(&Digest) -> Option<Capture>,
    ) -> Result<Script, ReplayError> {
        if journal.v != VERSION {
            return Err(ReplayError::Version { found: journal.v, known: VERSION });
        }
        if journal.connector != self.digest() {
            return Err(ReplayError::OtherComponent { journal: journal.connector, component: self.digest() });
        }
        let mut kept = BTreeMap::new();
        for (call, &CaptureRef { digest, .. }) in references(journal) {
            let capture = captures(&digest).ok_or(ReplayError::MissingCapture { call, digest })?;
            let actual = Digest::of(&capture.bytes);
            if actual != digest {
                return Err(ReplayError::CaptureChanged { call, digest, actual });
            }
            kept.insert(digest, capture.bytes);
        }
        Ok(Script { rest: journal.calls.clone().into(), answered: 0, kept })
    }

    async fn run_script(&self, journal: &Journal, script: Script) -> Result<Execution, ReplayError> {
        let Journal { stream, cursor, config, instant, seed, .. } = journal.clone();
        let call = PageCall { stream, cursor, config, instant, seed };
        let execution = self.page(&call, Behind::Journal(script)).await.map_err(|error| match error {
            PageError::Diverged { call, expected, actual } => {
                ReplayError::Diverged { call, expected, actual }
            }
            source => ReplayError::Page { source },
        })?;
        compare(journal, execution)
    }
}

fn compare(journal: &Journal, execution: Execution) -> Result<Execution, ReplayError> {
    let made = &execution.journal.calls;
    if made.len() != journal.calls.len() {
        return Err(ReplayError::Leftover { made: made.len(), journaled: journal.calls.len() });
    }
    // The requests were compared as they came; this finds what no request shows, such as a changed index.
    if let Some(at) = (0..made.len()).find(|&at| made[at] != journal.calls[at]) {
        let (expected, actual) = (shown(&journal.calls[at]), shown(&made[at]));
        return Err(ReplayError::Diverged { call: at + 1, expected, actual });
    }
    if execution.journal.page != journal.page {
        let (expected, actual) = (journal.page, execution.journal.page);
        return Err(ReplayError::PageDiffers { expected, actual, execution: Box::new(execution) });
    }
    Ok(execution)
}

/// The rest of a journal, from which the doors answer.
pub(super) struct Script {
    rest: VecDeque<Call>,
    answered: usize,
    kept: BTreeMap<Digest, std::sync::Arc<[u8]>>,
}

impl Script {
    pub(super) fn fetch(
        &mut self,
        all: bool,
        requests: &[Request],
    ) -> Result<Vec<Result<Response, Failure>>, Stop> {
        match self.next() {
            Some(Call::Fetch { all: journaled, exchanges })
                if journaled == all && exchanges.iter().map(|exchange| &exchange.request).eq(requests) =>
            {
                Ok(exchanges.into_iter().map(|exchange| self.response(exchange.outcome)).collect())
            }
            other => Err(self.diverged(other, &("fetch", all, requests))),
        }
    }

    pub(super) fn follow(&mut self, endpoint: &str, link: &str) -> Result<Result<Response, Failure>, Stop> {
        match self.next() {
            Some(Call::Follow { endpoint: e, link: l, outcome }) if e == endpoint && l == link => {
                Ok(self.response(outcome))
            }
            other => Err(self.diverged(other, &("follow", endpoint, link))),
        }
    }

    pub(super) fn entries(
        &mut self,
        mount: &str,
        glob: &str,
    ) -> Result<Result<Vec<FileEntry>, Failure>, Stop> {
        match self.next() {
            Some(Call::Entries { mount: m, glob: g, outcome }) if m == mount && g == glob => {
                Ok(result(outcome))
            }
            other => Err(self.diverged(other, &("entries", mount, glob))),
        }
    }

    pub(super) fn read(&mut self, mount: &str, path: &str) -> Result<Result<Capture, Failure>, Stop> {
        match self.next() {
            Some(Call::Read { mount: m, path: p, outcome }) if m == mount && p == path => {
                Ok(result(outcome).map(|reference| self.capture(reference)))
            }
            other => Err(self.diverged(other, &("read", mount, path))),
        }
    }

    fn next(&mut self) -> Option<Call> {
        self.answered += 1;
        self.rest.pop_front()
    }

    fn response(&self, outcome: Outcome<Answer>) -> Result<Response, Failure> {
        result(outcome).map(|Answer { url, status, headers, capture }| Response {
            url,
            status,
            headers,
            body: self.capture(capture),
        })
    }

    fn capture(&self, CaptureRef { digest, media_type, .. }: CaptureRef) -> Capture {
        // `Connector::script` put in every capture the journal names.
        let bytes = self.kept.get(&digest).cloned().unwrap_or_default();
        Capture { digest, bytes, media_type }
    }

    fn diverged(&self, expected: Option<Call>, actual: &impl serde::Serialize) -> Stop {
        let expected = expected.map_or_else(|| "no further call".to_owned(), |call| shown(&call));
        Stop::Diverged { call: self.answered, expected, actual: shown(actual) }
    }
}

fn result<T>(outcome: Outcome<T>) -> Result<T, Failure> {
    match outcome {
        Outcome::Ok(value) => Ok(value),
        Outcome::Failure(failure) => Err(failure),
    }
}

/// A call short enough for a message.
fn shown(call: &impl serde::Serialize) -> String {
    text::plain(&serde_json::to_string(call).unwrap_or_default(), 600)
}
