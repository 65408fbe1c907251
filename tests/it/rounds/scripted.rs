//! A board's queue elsewhere, by script: it files as a connector does, searching first, and breaks off where it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use probity::intake::{ExchangeJournal, Intake, SubmitError};
use probity_core::canonical::Digest;
use probity_core::connector::{Capture, Effect, Failure, FailureKind, Request};
use probity_core::evidence::{Disposition, DispositionState};
use probity_core::intake::{Question, Receipt, Submission};
use probity_core::journal::{Answer, CaptureRef, Outcome};
use tokio::sync::Notify;

/// What becomes of one submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// It is filed, and the answer arrives.
    Take,
    /// It is filed, and the answer is lost.
    TakeAndLose,
    /// It is refused.
    Refuse,
    /// The queue cannot even be searched.
    Away,
    /// The host stops before anything was asked.
    StopBefore,
    /// The host stops while the queue is searched.
    StopSearching,
    /// The host stops after the search was answered, before anything was written.
    StopSearched,
    /// It is filed; the host stops before the answer arrives.
    StopAsked,
    /// It is filed and answered; the host stops before the receipt is used.
    StopAnswered,
    /// The search fails after something may have been filed before, for ever.
    Blind,
    /// It is filed and answered, but it takes until [`Scripted::answers`] says so.
    TakeLate,
}

/// The queue.
#[derive(Default)]
pub(super) struct Scripted {
    /// What is done, one submission after the other; at the end, everything is taken.
    pub(super) acts: Mutex<VecDeque<Act>>,
    /// What was filed, and how often each.
    pub(super) filed: Mutex<BTreeMap<String, u32>>,
    pub(super) submissions: Mutex<Vec<Submission>>,
    /// When a late answer comes.
    pub(super) answers: Notify,
    /// What the board did.
    pub(super) disposition: Mutex<Option<Disposition>>,
}

impl Scripted {
    pub(super) fn new(acts: &[Act]) -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self { acts: Mutex::new(acts.iter().copied().collect()), ..Self::default() })
    }

    pub(super) fn times_filed(&self, submission: &str) -> u32 {
        self.filed.lock().unwrap().get(submission).copied().unwrap_or(0)
    }

    pub(super) fn says(&self, submission: &str, state: DispositionState, decision: Option<&str>) {
        *self.disposition.lock().unwrap() = Some(Disposition {
            submission: submission.to_owned(),
            state,
            reasons: vec!["the rollback was not shown".to_owned()],
            decision: decision.map(str::to_owned),
            by: Some("the board".to_owned()),
            at: None,
        });
    }

    fn is_there(&self, submission: &str) -> bool {
        self.filed.lock().unwrap().contains_key(submission)
    }
}

fn question(effect: Effect, endpoint: &str, body: Option<Vec<u8>>) -> Question {
    let request =
        Request { endpoint: endpoint.to_owned(), path: vec![], query: vec![], headers: vec![], body };
    Question::Fetch { effect, request }
}

fn answered(status: u16, body: &[u8]) -> (Outcome<Answer>, Capture) {
    let capture = Capture { digest: Digest::of(body), bytes: body.into(), media_type: None };
    let answer = Answer {
        url: "https://board.example/tickets".to_owned(),
        status,
        headers: vec![],
        capture: CaptureRef { index: 0, digest: capture.digest, media_type: None },
    };
    (Outcome::Ok(answer), capture)
}

fn failure(text: &str) -> Failure {
    Failure::new(FailureKind::Unavailable, text)
}

fn unnoted(error: probity::intake::NotNoted) -> SubmitError {
    SubmitError::Unknown(failure(&error.to_string()))
}

#[async_trait]
impl Intake for Scripted {
    async fn check(&self) -> Result<Vec<String>, Failure> {
        Ok(vec![])
    }

    async fn submit(
        &self,
        submission: &Submission,
        journal: &mut dyn ExchangeJournal,
    ) -> Result<Receipt, SubmitError> {
        self.submissions.lock().unwrap().push(submission.clone());
        let act = self.acts.lock().unwrap().pop_front().unwrap_or(Act::Take);
        if act == Act::StopBefore {
            std::future::pending::<()>().await;
        }
        journal.asked(0, &question(Effect::Read, "search", None)).await.map_err(unnoted)?;
        if act == Act::StopSearching {
            std::future::pending::<()>().await;
        }
        if matches!(act, Act::Away | Act::Blind) {
            let lost = Outcome::Failure(failure("egress.connect"));
            journal.answered(0, &lost, None).await.map_err(unnoted)?;
            return Err(SubmitError::NotFiled(failure("the queue cannot be searched")));
        }
        // An answer with much in it that says nothing.
        let found = format!("{}{{\"tickets\": []}}", " ".repeat(100_000));
        let (found, capture) = answered(200, found.as_bytes());
        journal.answered(0, &found, Some(&capture)).await.map_err(unnoted)?;
        if act == Act::StopSearched {
            std::future::pending::<()>().await;
        }
        let receipt = |existed| Receipt {
            reference: "CR-7".to_owned(),
            url: Some("https://board.example/CR-7".to_owned()),
            received_at: None,
            existed,
        };
        if self.is_there(&submission.id) {
            return Ok(receipt(true));
        }
        let body = Some(submission.attachments[0].bytes.repeat(20));
        journal.asked(1, &question(Effect::Write, "create", body)).await.map_err(unnoted)?;
        if act == Act::Refuse {
            let (refused, capture) = answered(422, b"{}");
            journal.answered(1, &refused, Some(&capture)).await.map_err(unnoted)?;
            return Err(SubmitError::NotFiled(failure("the queue refuses it")));
        }
        *self.filed.lock().unwrap().entry(submission.id.clone()).or_default() += 1;
        match act {
            Act::StopAsked => std::future::pending::<()>().await,
            Act::TakeAndLose => {
                let lost = Outcome::Failure(failure("egress.closed-early"));
                journal.answered(1, &lost, None).await.map_err(unnoted)?;
                return Err(SubmitError::Unknown(failure("the answer was lost")));
            }
            _ => {}
        }
        let (taken, capture) = answered(201, b"{\"reference\": \"CR-7\"}");
        journal.answered(1, &taken, Some(&capture)).await.map_err(unnoted)?;
        if act == Act::StopAnswered {
            std::future::pending::<()>().await;
        }
        if act == Act::TakeLate {
            self.answers.notified().await;
        }
        Ok(receipt(false))
    }

    async fn status(&self, _: &str, journal: &mut dyn ExchangeJournal) -> Result<Disposition, Failure> {
        let unnoted = |error: probity::intake::NotNoted| failure(&error.to_string());
        journal.asked(0, &question(Effect::Read, "ticket", None)).await.map_err(unnoted)?;
        let (found, capture) = answered(200, b"{}");
        journal.answered(0, &found, Some(&capture)).await.map_err(unnoted)?;
        self.disposition.lock().unwrap().clone().ok_or_else(|| failure("the queue is away"))
    }
}
