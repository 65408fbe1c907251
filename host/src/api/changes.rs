//! What happens, as it happens: the feed of changes, asked for or followed.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(super) mod follow;
pub(super) mod list;

/// How many may follow the changes at once. Each holds a connection: together they leave most of them to others.
const MOST: usize = 64;

/// Those who follow the changes.
pub(super) struct Followers(Arc<Semaphore>);

impl Default for Followers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

impl Followers {
    /// A place among them, while there is one.
    fn join(&self) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_owned().ok()
    }
}
