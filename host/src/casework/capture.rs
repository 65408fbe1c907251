//! Captures: the raw bytes evidence came from.

use probity_core::canonical::Digest;
use probity_core::evidence::Locator;
use probity_core::locate::Captured;

use super::view::CaptureSlice;
use super::{Casework, CaseworkError};
use crate::authz::{Authorized, ReadCaptures};

/// Which part of a capture to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    All,
    /// Only the bytes a citation names.
    Cited(Locator),
}

impl Casework {
    /// The bytes as they were kept, all or the cited part.
    pub async fn capture_open(
        &self,
        _: &Authorized<ReadCaptures>,
        digest: &Digest,
        part: &Part,
    ) -> Result<CaptureSlice, CaseworkError> {
        // Only what the database calls a capture is opened: components are blobs, too.
        let capture = self.store.capture_get(digest).await?.ok_or(CaseworkError::UnknownCapture(*digest))?;
        let mut bytes = self.blobs.get(digest).await?;
        if let Part::Cited(locator) = part {
            bytes = Captured::new(&bytes)
                .quote(locator)
                .map(|quote| quote.bytes.to_vec())
                .map_err(|source| CaseworkError::NotLocated { capture: *digest, source })?;
        }
        Ok(CaptureSlice { digest: *digest, media_type: capture.media_type, bytes })
    }
}
