//! The four measures of how well the loop works, over all ledgers.

use probity_core::ledger::{Entry, Head};
use probity_core::measures::{Measured, Measures, measures};

use super::{Casework, CaseworkError, Summary};
use crate::authz::{Authorized, ReadPackets};

impl Casework {
    /// The measures over every packet. What the ledgers cannot tell by themselves, when a packet first awaited signatures, is
    /// what its projection kept.
    pub async fn evaluation(&self, _: &Authorized<ReadPackets>) -> Result<Measures, CaseworkError> {
        let mut all = Vec::new();
        for (id, _) in self.store.heads().await? {
            let row = self.store.projection_get(&id).await?;
            let summary = row.and_then(|row| serde_json::from_str::<Summary>(&row.projection.summary).ok());
            all.push((self.entries(&id).await?, summary.and_then(|summary| summary.first_awaiting)));
        }
        let measured: Vec<_> = all
            .iter()
            .map(|(entries, first_awaiting): &(Vec<(Entry, Head)>, _)| Measured {
                entries,
                first_awaiting: *first_awaiting,
                shown: None,
            })
            .collect();
        Ok(measures(&measured))
    }
}
