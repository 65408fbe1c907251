//! The raw bytes.

pub(super) mod get;
