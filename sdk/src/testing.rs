//! The test kit: a connector's logic over recorded traffic, natively, with no WebAssembly and no network.
//!
//! [`Recorded`] is what a source answered once, as files. [`sweep`] runs a stream through all its pages over it, each
//! page in a fresh context as in the sandbox, and holds every page against the contract the way the host does: an
//! endpoint that was not declared is refused, a citation must resolve in a capture of the same page, a cursor must
//! move. [`lint`] looks at the manifest. For connectors that file into a queue [`intake`] has the same, and where a
//! server runs on this machine [`Live`] asks it and writes down what it answered.
//!
//! ```no_run
//! # use probity_sdk::{prelude::*, testing};
//! # struct Tracker;
//! # #[derive(Deserialize, JsonSchema)] struct Config {}
//! # #[probity_sdk::connector]
//! # impl Source for Tracker {
//! #     type Config = Config;
//! #     fn manifest() -> Manifest { Manifest::new("tracker", "0.1.0", "Tracker") }
//! #     fn check(cx: &Context<Config>) -> Result<Vec<String>> { Ok(vec![]) }
//! #     fn collect(cx: &Context<Config>, _: &str, _: Option<&str>) -> Result<Page> { Ok(Page::empty()) }
//! # }
//! let recorded = testing::Recorded::load("tests/recorded").unwrap();
//! let swept = testing::sweep::<Tracker>(&serde_json::json!({}), "findings", &recorded).unwrap().sound();
//! assert_eq!(swept.items.len(), 3);
//! ```
//!
//! Deliberately absent: the host's egress policy (addresses, credentials, limits of time and size). That is the
//! host's to enforce and its tests' to show; a connector cannot get any of it wrong.

mod audit;
mod doors;
pub mod intake;
mod lint;
mod live;
mod recorded;
mod template;
#[cfg(test)]
mod tests;

use std::rc::Rc;

pub use doors::{Remark, Replay};
pub use lint::lint;
pub use live::Live;
pub use recorded::{Answer, Asked, Exchange, Recorded, RecordingError, Values};

use crate::{Context, Gap, Item, Next, Page, Result, Source, glue};

/// More pages than any recording has: a sweep that gets here does not end.
const MOST_PAGES: usize = 10_000;

/// A stream, read to its end.
#[derive(Debug)]
pub struct Swept {
    /// All items, in the order of their pages.
    pub items: Vec<Item>,
    /// All gaps.
    pub gaps: Vec<Gap>,
    /// The pages as they were returned.
    pub pages: Vec<Page>,
    /// Where the next incremental run may start.
    pub bookmark: Option<String>,
    /// What the host would have refused. Empty for a connector that keeps the contract.
    pub breaches: Vec<String>,
    /// Recorded exchanges that nothing has asked for yet, in this sweep or an earlier one over the same recording.
    pub unused: Vec<String>,
    /// What was remarked for the operator.
    pub remarks: Vec<Remark>,
}

impl Swept {
    /// Itself, if the contract was kept.
    ///
    /// # Panics
    /// Where it was not, with every breach.
    #[must_use]
    pub fn sound(self) -> Self {
        assert!(self.breaches.is_empty(), "the host would refuse this:\n- {}", self.breaches.join("\n- "));
        self
    }

    /// The item of some id.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }
}

/// Runs a full sweep of a stream.
pub fn sweep<S: Source>(config: &serde_json::Value, stream: &str, recorded: &Recorded) -> Result<Swept> {
    sweep_from::<S>(config, stream, None, recorded)
}

/// Runs a stream from a bookmark.
pub fn sweep_from<S: Source>(
    config: &serde_json::Value,
    stream: &str,
    bookmark: Option<&str>,
    recorded: &Recorded,
) -> Result<Swept> {
    let manifest = Rc::new(glue::describe::<S>());
    let config = config.to_string();
    let mut swept = Swept {
        items: Vec::new(),
        gaps: Vec::new(),
        pages: Vec::new(),
        bookmark: None,
        breaches: Vec::new(),
        unused: Vec::new(),
        remarks: Vec::new(),
    };
    let mut cursor = bookmark.map(str::to_owned);
    for number in 1..=MOST_PAGES {
        let doors = Rc::new(Replay::new(Rc::clone(&manifest), recorded.clone()));
        let page = glue::collect::<S>(&config, stream, cursor.as_deref(), Rc::clone(&doors) as Rc<_>)?;
        let call = audit::Call { manifest: &manifest, stream, cursor: cursor.as_deref() };
        let breaches = audit::page(&page, &call, &doors);
        swept.breaches.extend(breaches.into_iter().map(|breach| format!("page {number}: {breach}")));
        swept.remarks.extend(doors.remarks());
        swept.items.extend(page.items.iter().cloned());
        swept.gaps.extend(page.gaps.iter().cloned());
        let next = page.next.clone();
        swept.pages.push(page);
        match next {
            Next::More(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
            Next::More(_) => break,
            Next::Done(bookmark) => {
                swept.bookmark = bookmark;
                break;
            }
        }
    }
    if swept.pages.len() == MOST_PAGES {
        swept.breaches.push(format!("the sweep did not end within {MOST_PAGES} pages"));
    }
    swept.unused = recorded.unused();
    Ok(swept)
}

/// Probes a connection.
pub fn check<S: Source>(config: &serde_json::Value, recorded: &Recorded) -> Result<Vec<String>> {
    let doors = Replay::new(Rc::new(glue::describe::<S>()), recorded.clone());
    glue::check::<S>(&config.to_string(), Rc::new(doors))
}

/// A context over a recording, to call a connector's own functions with.
pub fn context<S: Source>(config: S::Config, recorded: &Recorded) -> Context<S::Config> {
    let doors = Replay::new(Rc::new(glue::describe::<S>()), recorded.clone());
    Context::new(config, Rc::new(doors))
}
