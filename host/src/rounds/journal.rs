//! The notes of what an intake was asked, in the store: written before a request leaves, and before its answer is used.
//!
//! A note is JSON. Bodies larger than [`INLINE`] are kept as blobs and named by their digest under `kept`, under which the
//! store finds what must not be swept.
//!
//! Deliberately absent: deciding from the notes. [`Traffic`] does.

use async_trait::async_trait;
use probity_core::canonical::Digest;
use probity_core::connector::Capture;
use probity_core::intake::{Question, Standing, Traffic};
use probity_core::journal::{Answer, Outcome};
use serde::{Deserialize, Serialize};

use crate::intake::{ExchangeJournal, NotNoted};
use crate::store::Store;
use crate::store::blobs::Blobs;
use crate::store::handoff::{Exchange, ExchangeCall};

/// Bodies up to so many bytes stand in the note itself.
pub const INLINE: usize = 64 * 1024;

/// What an intake is about to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Asked {
    /// The filing's attempt that asks.
    pub attempt: u32,
    /// The request's place among those of its call, from 0.
    pub ordinal: u32,
    /// A large body is left out of it.
    pub question: Question,
    /// The large body, as a blob.
    pub kept: Option<Digest>,
}

/// What it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answered {
    pub outcome: Outcome<Answer>,
    /// In lower-case hexadecimal.
    #[serde(with = "probity_core::canonical::hex_bytes_option")]
    pub body: Option<Vec<u8>>,
    /// The large body, as a blob.
    pub kept: Option<Digest>,
}

/// The notes of one call on behalf of a filing.
pub(super) struct Notes<'a> {
    pub(super) store: &'a dyn Store,
    pub(super) blobs: &'a Blobs,
    pub(super) submission: &'a str,
    pub(super) epoch: u64,
    pub(super) call: ExchangeCall,
    pub(super) attempt: u32,
    /// Exchanges of the filing before this call.
    pub(super) before: u32,
}

impl Notes<'_> {
    /// Puts a large body away.
    async fn keep(&self, body: Option<Vec<u8>>) -> Result<(Option<Vec<u8>>, Option<Digest>), NotNoted> {
        match body {
            Some(body) if body.len() > INLINE => {
                Ok((None, Some(self.blobs.put(&body).await.map_err(not_noted)?)))
            }
            body => Ok((body, None)),
        }
    }

    const fn place(&self, ordinal: u32) -> u32 {
        self.before.saturating_add(ordinal).saturating_add(1)
    }
}

#[async_trait]
impl ExchangeJournal for Notes<'_> {
    async fn asked(&mut self, ordinal: u32, question: &Question) -> Result<(), NotNoted> {
        let mut question = question.clone();
        let kept = match &mut question {
            Question::Fetch { request, .. } => {
                let (body, kept) = self.keep(request.body.take()).await?;
                request.body = body;
                kept
            }
            Question::Follow { .. } => None,
        };
        let note = Asked { attempt: self.attempt, ordinal, question, kept };
        let bytes = serde_json::to_vec(&note).map_err(not_noted)?;
        let place = self.place(ordinal);
        self.store
            .exchange_asked(self.submission, self.epoch, place, self.call, &bytes)
            .await
            .map(drop)
            .map_err(not_noted)
    }

    async fn answered(
        &mut self,
        ordinal: u32,
        outcome: &Outcome<Answer>,
        body: Option<&Capture>,
    ) -> Result<(), NotNoted> {
        let (body, kept) = self.keep(body.map(|body| body.bytes.to_vec())).await?;
        let bytes =
            serde_json::to_vec(&Answered { outcome: outcome.clone(), body, kept }).map_err(not_noted)?;
        self.store.exchange_answered(self.submission, self.place(ordinal), &bytes).await.map_err(not_noted)
    }
}

fn not_noted(error: impl std::error::Error + Send + Sync + 'static) -> NotNoted {
    NotNoted(Box::new(error))
}

/// Whether something was filed by an attempt, as far as its notes tell. A note that cannot be read may be of anything.
pub(super) fn standing(exchanges: &[Exchange], attempt: u32) -> Standing {
    let mut traffic = Traffic::default();
    for exchange in exchanges.iter().filter(|exchange| exchange.call == ExchangeCall::Submit) {
        let Ok(asked) = serde_json::from_slice::<Asked>(&exchange.request) else {
            return Standing::Uncertain;
        };
        if asked.attempt != attempt {
            continue;
        }
        traffic.asked(asked.ordinal, &asked.question);
        let Some(answer) = &exchange.answer else { continue };
        match serde_json::from_slice::<Answered>(&answer.bytes) {
            Ok(answered) => traffic.answered(asked.ordinal, &answered.outcome),
            Err(_) => return Standing::Uncertain,
        }
    }
    traffic.standing()
}
