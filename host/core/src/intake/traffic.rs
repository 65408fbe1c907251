//! What is known of a submission from the notes about its requests.
//!
//! Each request is noted before it leaves and its outcome before the connector sees it. So the notes bound the
//! truth from both sides, whoever reads them and whenever: a write that was never noted never left, and one
//! without a noted answer may have been carried out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::connector::{Effect, Request};
use crate::journal::{Answer, Outcome};

/// What a connector asks of the network, as it is noted before it leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Question {
    /// `http.fetch`, or one request of `http.fetch-all`.
    Fetch { effect: Effect, request: Request },
    /// `http.follow`.
    Follow { effect: Effect, endpoint: String, link: String },
}

impl Question {
    /// What the endpoint's declaration says that the request does.
    pub const fn effect(&self) -> Effect {
        match self {
            Self::Fetch { effect, .. } | Self::Follow { effect, .. } => *effect,
        }
    }

    /// The endpoint that is asked.
    pub fn endpoint(&self) -> &str {
        match self {
            Self::Fetch { request, .. } => &request.endpoint,
            Self::Follow { endpoint, .. } => endpoint,
        }
    }
}

/// Whether something was filed, as far as the notes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// No request that writes left: nothing was filed.
    NothingLeft,
    /// Every request that writes was answered with a refusal (4xx): nothing was filed.
    Refused,
    /// A request that writes was answered otherwise, or not at all: something may have been filed.
    Uncertain,
}

/// The notes about one call's requests, as far as they matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Whether anything was answered by the queue.
    answered: bool,
    /// The requests that write, by ordinal, with the status they were answered with.
    writes: BTreeMap<u32, Option<u16>>,
}

impl Traffic {
    /// A request was noted and may leave from now on.
    pub fn asked(&mut self, ordinal: u32, question: &Question) {
        if question.effect() == Effect::Write {
            self.writes.insert(ordinal, None);
        }
    }

    /// A request came to its end. A failure leaves a write without an answer: it says nothing about what the
    /// other side did.
    pub fn answered(&mut self, ordinal: u32, outcome: &Outcome<Answer>) {
        let Outcome::Ok(answer) = outcome else { return };
        self.answered = true;
        if let Some(status) = self.writes.get_mut(&ordinal) {
            *status = Some(answer.status);
        }
    }

    /// Whether something was filed, as far as the notes tell.
    pub fn standing(&self) -> Standing {
        let is_refusal = |status: &Option<u16>| status.is_some_and(|status| (400..500).contains(&status));
        if self.writes.is_empty() {
            Standing::NothingLeft
        } else if self.writes.values().all(is_refusal) {
            Standing::Refused
        } else {
            Standing::Uncertain
        }
    }

    /// Whether a receipt can be true: who says that it filed must have written and been told of success, who says
    /// that it found must have been told something.
    pub(super) fn can_bear(&self, existed: bool) -> bool {
        let succeeded = |status: &Option<u16>| status.is_some_and(|status| (200..400).contains(&status));
        if existed { self.answered } else { self.writes.values().any(succeeded) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::canonical::Digest;
    use crate::connector::{Failure, FailureKind};
    use crate::journal::CaptureRef;

    pub(in crate::intake) fn question(effect: Effect) -> Question {
        Question::Follow { effect, endpoint: "tickets".into(), link: "/tickets".into() }
    }

    pub(in crate::intake) fn status(status: u16) -> Outcome<Answer> {
        let capture = CaptureRef { index: 0, digest: Digest::of(b""), media_type: None };
        Outcome::Ok(Answer { url: "https://board.example/tickets".into(), status, headers: vec![], capture })
    }

    fn lost() -> Outcome<Answer> {
        Outcome::Failure(Failure::new(FailureKind::Unavailable, "egress.closed-early"))
    }

    /// The standing after requests of these effects and outcomes; `None` is still without one.
    fn after(requests: &[(Effect, Option<Outcome<Answer>>)]) -> Standing {
        let mut traffic = Traffic::default();
        for (ordinal, (effect, outcome)) in (0..).zip(requests) {
            traffic.asked(ordinal, &question(*effect));
            if let Some(outcome) = outcome {
                traffic.answered(ordinal, outcome);
            }
        }
        traffic.standing()
    }

    #[test]
    fn reading_alone_files_nothing_however_it_ends() {
        assert_eq!(after(&[]), Standing::NothingLeft);
        assert_eq!(after(&[(Effect::Read, Some(status(200))), (Effect::Read, None)]), Standing::NothingLeft);
    }

    #[test]
    fn a_write_that_was_refused_filed_nothing() {
        let refused = (Effect::Write, Some(status(422)));
        assert_eq!(after(std::slice::from_ref(&refused)), Standing::Refused);
        assert_eq!(after(&[refused, (Effect::Write, Some(status(201)))]), Standing::Uncertain);
    }

    #[test]
    fn a_write_without_a_refusal_may_have_filed() {
        for outcome in [None, Some(lost()), Some(status(200)), Some(status(302)), Some(status(503))] {
            assert_eq!(after(&[(Effect::Write, outcome.clone())]), Standing::Uncertain, "{outcome:?}");
        }
    }

    #[test]
    fn an_answer_that_nobody_asked_for_changes_no_standing() {
        let mut traffic = Traffic::default();
        traffic.answered(7, &status(201));
        assert_eq!(traffic.standing(), Standing::NothingLeft);
        assert!(!traffic.can_bear(false));
    }
}
