//! The feed of changes: what was recorded since an instant.

use probity_core::instant::Instant;

use super::{Casework, CaseworkError, Slice};
use crate::authz::{Authorized, ReadChanges};
use crate::store::changes::Change;

impl Casework {
    /// What was recorded after an instant (`None`: from the beginning), oldest first, and whether there is more.
    pub async fn change_list(
        &self,
        _: &Authorized<ReadChanges>,
        after: Option<Instant>,
        limit: u32,
    ) -> Result<(Vec<Change>, bool), CaseworkError> {
        self.as_of(after).await?;
        let limit = limit.clamp(1, Slice::MAX);
        let mut changes = self.store.changes(after, limit + 1).await?;
        let more = changes.len() > limit as usize;
        changes.truncate(limit as usize);
        Ok((changes, more))
    }

    /// Where the feed stands now: all that is recorded later comes after it.
    pub async fn change_mark(&self, _: &Authorized<ReadChanges>) -> Result<Instant, CaseworkError> {
        Ok(self.store.now().await?)
    }
}
