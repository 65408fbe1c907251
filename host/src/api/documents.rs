//! Texts that packets are held to.

pub(super) mod get;
