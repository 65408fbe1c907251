//! What is installed.

pub(super) mod get;
pub(super) mod list;
