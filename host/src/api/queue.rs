//! The board's intake queue.

pub(super) mod decide;
pub(super) mod get;
pub(super) mod list;
