//! From the contract's values to core's and back, one file an area: [`doors`] (requests, answers, failures),
//! [`manifest`], [`page`], [`schema`] (items) and [`intake`].
//!
//! Core's values are right by construction: an instant is an instant, a number keeps its identity when it is
//! hashed. What a connector returned may be neither. Such an item is not an error of the page: it is left
//! out and told as a gap, in the conversion itself, so that every page has a digest.

mod doors;
mod intake;
mod manifest;
mod page;
mod schema;

pub(super) use intake::{disposition, receipt};
pub(super) use page::page;
