//! Putting a page together.

use std::collections::HashSet;

use serde::Serialize;

use crate::{Collected, Failure, Gap, Next, Page, cursor};

/// Gaps the contract allows in a page.
const MOST_GAPS: usize = 1_000;

impl Page {
    /// A page of what was collected, the last of its sweep unless [`next`](Self::next) says otherwise.
    pub fn of(collected: Collected) -> Self {
        Self { items: collected.items, next: Next::Done(None), gaps: collected.gaps }
    }

    /// A page with nothing in it.
    pub fn empty() -> Self {
        Self::of(Collected::default())
    }

    /// Adds what was made of another answer.
    #[must_use]
    pub fn and(mut self, collected: Collected) -> Self {
        self.items.extend(collected.items);
        self.gaps.extend(collected.gaps);
        self
    }

    /// Tells of something that could not be read; `subject` where it is known whom it concerns.
    #[must_use]
    pub fn gap(mut self, subject: Option<&str>, reason: Failure) -> Self {
        self.gaps.push(Gap { subject: subject.map(Into::into), reason });
        self
    }

    /// Where the sweep goes on, or that it ends here.
    #[must_use]
    pub fn next(mut self, cursor: Option<impl Serialize>) -> Self {
        self.next = match cursor {
            Some(cursor) => Next::More(cursor::encode(&cursor)),
            None => Next::Done(None),
        };
        self
    }

    /// Ends the run and says from where the next incremental one may start.
    #[must_use]
    pub fn bookmark(mut self, bookmark: impl Serialize) -> Self {
        self.next = Next::Done(Some(cursor::encode(&bookmark)));
        self
    }

    /// What a source can do to an honest connector must not cost the page, which the host would refuse: of items
    /// with one id the first is kept and the others are told; of very many gaps the last are counted.
    pub(crate) fn settled(mut self) -> Self {
        let mut seen = HashSet::new();
        let mut doubles = Vec::new();
        self.items.retain(|item| {
            let new = seen.insert((item.body.kind() as u8, item.id.clone()));
            if !new {
                doubles.push(item.id.clone());
            }
            new
        });
        self.gaps.extend(doubles.into_iter().map(|id| Gap {
            subject: None,
            reason: Failure::shape(format_args!(
                "the source has more than one `{id}` in this page; the first is kept"
            )),
        }));
        self.with_fewer_gaps()
    }

    fn with_fewer_gaps(mut self) -> Self {
        if self.gaps.len() > MOST_GAPS {
            let more = self.gaps.len() - (MOST_GAPS - 1);
            self.gaps.truncate(MOST_GAPS - 1);
            let reason = Failure::shape(format_args!("{more} more parts of this page could not be read"));
            self.gaps.push(Gap { subject: None, reason });
        }
        self
    }
}
