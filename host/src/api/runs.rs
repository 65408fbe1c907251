//! What was read, and what was not.

pub(super) mod get;
pub(super) mod list;
pub(super) mod manifest;
