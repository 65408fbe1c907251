//! What the server's requests share: the tracker, the token, the troubles and a list of who asked what.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::tracker::Tracker;
use super::trouble::Troubles;

/// The credential of the sample tracker: 40 hexadecimal digits, as DefectDojo's API v2 keys are.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// From 20 bytes of the caller's choice; there is no chance in this module.
    pub fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(hex::encode(bytes))
    }

    /// The token itself, as it stands after `Token ` in the header.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(not shown)")
    }
}

/// A request as it arrived. The credential is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// `/api/v2/findings/`
    pub path: String,
    /// Undecoded, without the question mark; empty when there was none.
    pub query: String,
    pub host: String,
    /// Whether it presented the right token in the right scheme.
    pub authorized: bool,
}

#[derive(Debug)]
pub(super) struct Site {
    tracker: Mutex<Tracker>,
    token: Token,
    troubles: Mutex<Troubles>,
    asked: watch::Sender<Vec<Asked>>,
    /// How often held requests were let go.
    releases: watch::Sender<u64>,
}

impl Site {
    pub(super) fn new(tracker: Tracker, token: Token) -> Self {
        Self {
            tracker: Mutex::new(tracker),
            token,
            troubles: Mutex::default(),
            asked: watch::Sender::default(),
            releases: watch::Sender::default(),
        }
    }

    pub(super) const fn token(&self) -> &Token {
        &self.token
    }

    /// A test that panicked in [`super::SampleDojo::change`] has failed already; its tracker is still whole
    /// enough to be served.
    pub(super) fn tracker(&self) -> MutexGuard<'_, Tracker> {
        self.tracker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn troubles(&self) -> MutexGuard<'_, Troubles> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn note(&self, asked: Asked) {
        self.asked.send_modify(|all| all.push(asked));
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    pub(super) async fn wait_for_requests(&self, count: usize) {
        // The sender lives as long as `self`, so the wait cannot end for another reason.
        let _ = self.asked.subscribe().wait_for(|all| all.len() >= count).await;
    }

    /// A gate that the next [`Site::release`] opens.
    pub(super) fn gate(&self) -> Gate {
        Gate(self.releases.subscribe())
    }

    pub(super) fn release(&self) {
        self.releases.send_modify(|count| *count += 1);
    }
}

/// Closed until it is released once.
pub(super) struct Gate(watch::Receiver<u64>);

impl Gate {
    pub(super) async fn released(mut self) {
        // An error means that the site is gone, and with it every reason to wait.
        let _ = self.0.changed().await;
    }
}
