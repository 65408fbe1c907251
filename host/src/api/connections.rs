//! What is configured, and asking it to work.

pub(super) mod check;
pub(super) mod get;
pub(super) mod list;
pub(super) mod start;
