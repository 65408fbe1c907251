//! Captured bytes on their way to somebody who wants to see them.

use probity_core::canonical::Digest;

/// A capture, or the cited part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptureSlice {
    /// Of the whole capture.
    pub digest: Digest,
    /// What the source called it. Only a hint: nothing made it true.
    pub media_type: Option<String>,
    pub bytes: Vec<u8>,
}
