//! A page as a connector returned it, and what of it is admitted.
//!
//! Everything a connector returns is hostile until checked. *Breaches of contract* refuse the whole page: they show
//! that the component cannot be believed. *Bad data* is what a source can do to an honest
//! connector: it is escaped, cut or left out, marked, and told as a gap, and the stream goes on.

//!
//! Admission is a function of the page, its captures and the manifest alone. Replay runs it again and must come
//! to the same digests, so no clock, no configuration and no state of the host has a say in it.
//!
//! Deliberately absent: cycles of more than one page (A, B, A, …), which no single page shows; collection
//! bounds the pages of a run.

mod admit;
mod breach;
mod limits;
mod repair;

use serde::{Deserialize, Serialize};

use crate::canonical::{Digest, NotCanonical};
use crate::connector::Failure;
use crate::evidence::Item;

pub use admit::{Admission, admit};
pub use breach::Breach;
pub use limits::Limits;

/// Some items and what follows (`source.page`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Page {
    pub items: Vec<Item>,
    pub next: Next,
    pub gaps: Vec<Gap>,
}

impl Page {
    /// The digest that replay compares.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        Digest::of_value("probity/page/1", self)
    }
}

/// What follows a page (`source.next`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Next {
    More { cursor: String },
    Done { bookmark: Option<String> },
}

/// Something that could not be read (`source.gap`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Gap {
    /// The subject it concerns, or none when it may concern any. Free text until admitted.
    pub subject: Option<String>,
    pub reason: Failure,
}

/// A citation with its capture named for ever, not by a place in one page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CitedPlace {
    pub capture: Digest,
    pub locator: crate::evidence::Locator,
}

/// An item that passed admission.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    /// As it is kept: texts escaped and cut where they had to be.
    pub item: Item,
    /// [`Item::content_hash`] of `item`: whether this is a new revision.
    pub content: Digest,
    /// [`Item::digest`] of `item`: what replay compares.
    pub digest: Digest,
    /// The item's citations, resolved to captures of this page. At least one.
    pub cited: Vec<CitedPlace>,
}

/// A page that passed admission.
#[derive(Debug, Clone, PartialEq)]
pub struct AdmittedPage {
    pub items: Vec<Admitted>,
    pub next: Next,
    /// The connector's own gaps, then those found on admission.
    pub gaps: Vec<Gap>,
}
