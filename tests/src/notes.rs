//! An intake's journal in memory, which can be told to break.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use probity::intake::{ExchangeJournal, NotNoted};
use probity_core::connector::Capture;
use probity_core::intake::{Question, Standing, Traffic};
use probity_core::journal::{Answer, Outcome};

/// One note, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    Asked { ordinal: u32, question: Question },
    Answered { ordinal: u32, outcome: Outcome<Answer>, body: Option<Capture> },
}

/// What is looked at or done before a note is kept; an error means that it cannot be.
type Before = dyn Fn(&Note) -> Result<(), String> + Send + Sync;

/// A journal in memory. Clones share the notes, so a test can read them while the journal is lent out.
#[derive(Clone)]
pub struct Notes {
    kept: Arc<Mutex<Vec<Note>>>,
    before: Arc<Before>,
}

impl Default for Notes {
    fn default() -> Self {
        Self::before(|_| Ok(()))
    }
}

impl Notes {
    /// A journal that does this before it keeps a note.
    pub fn before(before: impl Fn(&Note) -> Result<(), String> + Send + Sync + 'static) -> Self {
        Self { kept: Arc::default(), before: Arc::new(before) }
    }

    /// The notes, in order.
    pub fn all(&self) -> Vec<Note> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The notes in few words: `asked 0 search`, `answered 0 200`, `failed 1`.
    pub fn in_words(&self) -> Vec<String> {
        let words = |note: &Note| match note {
            Note::Asked { ordinal, question } => format!("asked {ordinal} {}", question.endpoint()),
            Note::Answered { ordinal, outcome: Outcome::Ok(answer), .. } => {
                format!("answered {ordinal} {}", answer.status)
            }
            Note::Answered { ordinal, .. } => format!("failed {ordinal}"),
        };
        self.all().iter().map(words).collect()
    }

    /// What whoever finds these notes after a crash must conclude.
    pub fn standing(&self) -> Standing {
        let mut traffic = Traffic::default();
        for note in self.all() {
            match note {
                Note::Asked { ordinal, question } => traffic.asked(ordinal, &question),
                Note::Answered { ordinal, outcome, .. } => traffic.answered(ordinal, &outcome),
            }
        }
        traffic.standing()
    }

    fn keep(&self, note: Note) -> Result<(), NotNoted> {
        (self.before)(&note).map_err(|problem| NotNoted(problem.into()))?;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(note);
        Ok(())
    }
}

#[async_trait]
impl ExchangeJournal for Notes {
    async fn asked(&mut self, ordinal: u32, question: &Question) -> Result<(), NotNoted> {
        self.keep(Note::Asked { ordinal, question: question.clone() })
    }

    async fn answered(
        &mut self,
        ordinal: u32,
        outcome: &Outcome<Answer>,
        body: Option<&Capture>,
    ) -> Result<(), NotNoted> {
        self.keep(Note::Answered { ordinal, outcome: outcome.clone(), body: body.cloned() })
    }
}
