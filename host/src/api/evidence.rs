//! What was found.

pub(super) mod get;
pub(super) mod list;
pub(super) mod lookup;
pub(super) mod trace;
