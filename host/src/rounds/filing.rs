//! The filing driver: takes packages that were handed off to the board's intake, through every crash.
//!
//! ```text
//! waiting ─▶ asked ─▶ received          (the packet is handed off)
//!    ▲         │ ├──▶ waiting, refused  nothing was filed, for sure
//!    └─────────┘ └──▶ unknown ─▶ received | needs-human
//! ```
//!
//! Whoever takes up a filing reads from its notes what may have happened. As long as nothing left, it is simply tried again; once a
//! request that writes may have left, it is *unknown* until the intake is found to have it: the connector searches for the
//! submission before it creates anything. What cannot be found out is left to a person, in the ledger.
//!
//! Deliberately absent: deciding what an answer means. Core and the connector say.

use probity_core::event::IntakeOutcome;
use probity_core::evidence::Disposition;
use probity_core::instant::Instant;
use probity_core::intake::{Receipt, Standing, outcome};
use probity_core::run::Backoff;

use super::Rounds;
use super::journal::{Notes, standing};
use crate::casework::{CaseworkError, NotRebuilt};
use crate::intake::{QUEUE, SubmitError};
use crate::store::handoff::{ExchangeCall, Filing, FilingState, FilingUpdate};
use crate::store::ledger::Effect;

/// How a filing that stopped goes on.
const AGAIN: &str = "once that is mended, its author or owner runs `probity packet file-again`";

impl Rounds {
    /// Works on every filing that is due and that nobody holds. Returns where each stands afterwards.
    pub async fn file(&self) -> Result<Vec<(String, FilingState)>, CaseworkError> {
        let store = &self.casework.store;
        let mut worked = Vec::new();
        for due in store.filing_due(store.now().await?).await? {
            let claimed = store.filing_claim(&due.submission, &self.name, self.settings.lease).await?;
            let Some(filing) = claimed else { continue };
            match self.work_on(&filing).await {
                Ok(state) => worked.push((filing.submission, state)),
                Err(error) => {
                    let (submission, packet) = (&filing.submission, &filing.packet);
                    tracing::warn!(%submission, %packet, "A filing is put off: {error}");
                    self.put_off(&filing, &error).await;
                }
            }
        }
        Ok(worked)
    }

    async fn work_on(&self, filing: &Filing) -> Result<FilingState, CaseworkError> {
        match filing.state {
            FilingState::Waiting => self.submit(filing, false).await,
            FilingState::Unknown => self.submit(filing, true).await,
            FilingState::Asked => self.take_up(filing).await,
            FilingState::Received => self.ask_status(filing).await,
            FilingState::Refused | FilingState::NeedsHuman => {
                self.update(filing, filing.state, filing.attempts, None, filing.problem.clone()).await
            }
        }
    }

    /// Somebody asked and was not heard of again.
    async fn take_up(&self, filing: &Filing) -> Result<FilingState, CaseworkError> {
        let exchanges = self.casework.store.exchanges(&filing.submission).await?;
        if standing(&exchanges, filing.attempts) == Standing::NothingLeft {
            return self.submit(filing, false).await;
        }
        let problem =
            "the attempt before was cut off, and may have filed it; the intake is searched for it".to_owned();
        self.unknown(filing, 1, problem).await
    }

    async fn submit(&self, filing: &Filing, may_be_filed: bool) -> Result<FilingState, CaseworkError> {
        let submission = match self.casework.submission(filing).await {
            Ok(submission) => submission,
            Err(NotRebuilt::Casework(error)) => return Err(error),
            Err(error) if may_be_filed => return self.needs_human(filing, error.to_string()).await,
            Err(error) => {
                return self.needs_human(filing, format!("nothing was filed: {error}")).await;
            }
        };
        let attempts = filing.attempts.saturating_add(1);
        let Some(intake) = self.intakes.get(&filing.intake) else {
            let problem = format!(
                "no intake `{}` is configured here; add [intake.{}] to the configuration",
                filing.intake, filing.intake
            );
            return self.not_filed(filing, attempts, may_be_filed, problem).await;
        };
        let now = self.casework.store.now().await?;
        let asking = FilingUpdate {
            state: if may_be_filed { FilingState::Unknown } else { FilingState::Asked },
            attempts,
            next_attempt: Some(now),
            problem: filing.problem.clone(),
            receipt: None,
            keep_lease: true,
        };
        self.casework.store.filing_update(&filing.submission, epoch(filing), &asking).await?;
        let mut notes = self.notes(filing, ExchangeCall::Submit, attempts).await?;
        match intake.submit(&submission, &mut notes).await {
            Ok(receipt) => self.received(filing, attempts, &receipt).await,
            Err(SubmitError::NotFiled(failure)) => {
                self.not_filed(filing, attempts, may_be_filed, failure.to_string()).await
            }
            Err(SubmitError::Unknown(failure)) => {
                let tries = if may_be_filed { attempts } else { 1 };
                self.unknown(filing, tries, failure.to_string()).await
            }
        }
    }

    async fn received(
        &self,
        filing: &Filing,
        attempts: u32,
        receipt: &Receipt,
    ) -> Result<FilingState, CaseworkError> {
        let now = self.casework.store.now().await?;
        let unsealed = |error: serde_json::Error| CaseworkError::Unsealed(error.to_string());
        let update = FilingUpdate {
            state: FilingState::Received,
            attempts,
            next_attempt: self.next_status(filing, now),
            problem: None,
            receipt: Some(serde_json::to_string(receipt).map_err(unsealed)?),
            keep_lease: false,
        };
        let received =
            IntakeOutcome::Received { reference: receipt.reference.clone(), url: receipt.url.clone() };
        self.record(filing, received, update).await
    }

    /// Nothing was filed by this attempt. That says nothing about those before, where one may have.
    async fn not_filed(
        &self,
        filing: &Filing,
        attempts: u32,
        may_be_filed: bool,
        problem: String,
    ) -> Result<FilingState, CaseworkError> {
        if may_be_filed {
            return self.unknown(filing, attempts, problem).await;
        }
        match self.wait(self.settings.retry, attempts).await? {
            Some(next) => {
                self.update(filing, FilingState::Waiting, attempts, Some(next), Some(problem)).await
            }
            None => {
                let text =
                    format!("the intake does not take it after {attempts} attempts: {problem}; {AGAIN}");
                let notice = self.casework.filing_notice(filing, "filing-refused", text).await?;
                // Told first: who is told twice of one thing is better off than who is not told.
                self.casework.store.notice_add(&notice).await?;
                self.update(filing, FilingState::Refused, attempts, None, Some(problem)).await
            }
        }
    }

    /// It may have been filed. The same submission is asked for again, a few times.
    async fn unknown(
        &self,
        filing: &Filing,
        tries: u32,
        problem: String,
    ) -> Result<FilingState, CaseworkError> {
        match self.wait(self.settings.search, tries).await? {
            Some(next) => self.update(filing, FilingState::Unknown, tries, Some(next), Some(problem)).await,
            None => self.needs_human(filing, problem).await,
        }
    }

    async fn needs_human(&self, filing: &Filing, problem: String) -> Result<FilingState, CaseworkError> {
        let text = format!("a person has to find out whether the board's intake has it: {problem}; {AGAIN}");
        let notice = self.casework.filing_notice(filing, "filing-unclear", text).await?;
        self.casework.store.notice_add(&notice).await?;
        let update = FilingUpdate {
            state: FilingState::NeedsHuman,
            attempts: filing.attempts,
            next_attempt: None,
            problem: Some(problem.clone()),
            receipt: None,
            keep_lease: false,
        };
        self.record(filing, IntakeOutcome::Unclear { problem }, update).await
    }

    /// Asks what the board did with what it received.
    async fn ask_status(&self, filing: &Filing) -> Result<FilingState, CaseworkError> {
        let now = self.casework.store.now().await?;
        let next = self.next_status(filing, now);
        let receipt = filing.receipt.as_deref().and_then(|text| serde_json::from_str::<Receipt>(text).ok());
        let (Some(intake), Some(receipt), Some(_)) = (self.intakes.get(&filing.intake), receipt, next) else {
            let problem = "it cannot be asked for: its intake is not configured, or its receipt unreadable";
            return self.update(filing, filing.state, filing.attempts, next, Some(problem.to_owned())).await;
        };
        let mut notes = self.notes(filing, ExchangeCall::Status, filing.attempts).await?;
        match intake.status(&receipt.reference, &mut notes).await {
            Ok(disposition) if disposition.submission != filing.submission => {
                let problem = format!(
                    "what the intake calls `{}` is submission `{}`, not this one",
                    receipt.reference,
                    probity_core::text::excerpt(&disposition.submission, 80)
                );
                let notice = self.casework.filing_notice(filing, "filing-mistaken", problem.clone()).await?;
                self.casework.store.notice_add(&notice).await?;
                self.update(filing, filing.state, filing.attempts, next, Some(problem)).await
            }
            Ok(disposition) => self.disposed(filing, &disposition, next).await,
            Err(failure) => {
                self.update(filing, filing.state, filing.attempts, next, Some(failure.to_string())).await
            }
        }
    }

    async fn disposed(
        &self,
        filing: &Filing,
        disposition: &Disposition,
        next: Option<Instant>,
    ) -> Result<FilingState, CaseworkError> {
        let Some(outcome) = outcome(disposition) else {
            return self.update(filing, filing.state, filing.attempts, next, None).await;
        };
        let is_over = matches!(outcome, IntakeOutcome::Bounced { .. } | IntakeOutcome::Decided { .. });
        let update = FilingUpdate {
            state: filing.state,
            attempts: filing.attempts,
            next_attempt: next.filter(|_| !is_over),
            problem: None,
            receipt: None,
            keep_lease: false,
        };
        self.record(filing, outcome, update).await
    }

    /// Records an outcome in the ledger and where the filing stands, together.
    async fn record(
        &self,
        filing: &Filing,
        outcome: IntakeOutcome,
        update: FilingUpdate,
    ) -> Result<FilingState, CaseworkError> {
        let state = update.state;
        let also = vec![Effect::Filing {
            submission: filing.submission.clone(),
            epoch: epoch(filing),
            update: update.clone(),
        }];
        if self.casework.record_intake(filing, outcome, also).await?.is_none() {
            // The ledger has it already; only the filing is behind.
            self.casework.store.filing_update(&filing.submission, epoch(filing), &update).await?;
        }
        Ok(state)
    }

    async fn update(
        &self,
        filing: &Filing,
        state: FilingState,
        attempts: u32,
        next_attempt: Option<Instant>,
        problem: Option<String>,
    ) -> Result<FilingState, CaseworkError> {
        let update =
            FilingUpdate { state, attempts, next_attempt, problem, receipt: None, keep_lease: false };
        self.casework.store.filing_update(&filing.submission, epoch(filing), &update).await?;
        Ok(state)
    }

    /// Gives a filing back whose work broke off by our own fault; what was asked stands in its notes.
    async fn put_off(&self, filing: &Filing, error: &CaseworkError) {
        let store = &self.casework.store;
        let Ok(Some(now)) = store.filing_get(&filing.submission).await else { return };
        let next = match store.now().await {
            Ok(instant) => instant.plus(self.settings.retry.base),
            Err(_) => return,
        };
        let update = FilingUpdate {
            state: now.state,
            attempts: now.attempts,
            next_attempt: next,
            problem: Some(error.to_string()),
            receipt: None,
            keep_lease: false,
        };
        // When this fails too, the lease lapses, and the filing is taken up then.
        let _ = store.filing_update(&filing.submission, epoch(filing), &update).await;
    }

    async fn notes<'a>(
        &'a self,
        filing: &'a Filing,
        call: ExchangeCall,
        attempt: u32,
    ) -> Result<Notes<'a>, CaseworkError> {
        let before = self.casework.store.exchanges(&filing.submission).await?.len();
        Ok(Notes {
            store: &*self.casework.store,
            blobs: &self.casework.blobs,
            submission: &filing.submission,
            epoch: epoch(filing),
            call,
            attempt,
            before: u32::try_from(before).unwrap_or(u32::MAX),
        })
    }

    /// When the status is asked for next. The queue kept here tells by itself.
    fn next_status(&self, filing: &Filing, now: Instant) -> Option<Instant> {
        (filing.intake != QUEUE).then(|| now.plus(self.settings.status_every)).flatten()
    }

    /// When to try again after so many attempts; `None` when it is enough. Chance takes no more than half of a wait: an intake that just
    /// took something in is given time to show it, and patience lasts as long as is said.
    async fn wait(&self, patience: Backoff, attempts: u32) -> Result<Option<Instant>, CaseworkError> {
        let chance = 0.5 + self.casework.clock.jitter(std::time::Duration::from_millis(500)).as_secs_f64();
        let now = self.casework.store.now().await?;
        Ok(patience.delay(attempts, chance, None).and_then(|wait| now.plus(wait.time)))
    }
}

fn epoch(filing: &Filing) -> u64 {
    filing.lease.as_ref().map_or(0, |lease| lease.epoch)
}
