//! Walking a list that changes while it is read.
//!
//! DefectDojo pages by limit and offset. Ordered by id, new rows come last and do no harm; a row deleted before
//! the offset moves all later ones one place to the front, and a plain walk would skip one unseen. So each page but
//! the first starts one row early: that row must be the last one of the page before. If it is not, the walk steps
//! back until it meets what it has seen.
//!
//! The `next` link only says whether there is more. Places are counted here, so that a link cannot lead the walk
//! astray.

use std::collections::BTreeMap;

use probity_sdk::prelude::*;
use probity_sdk::serde_json::Value;

use crate::Config;

/// Where a sweep goes on: the cursor of every stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Place {
    /// Rows of the list before this page.
    pub offset: u64,
    /// The highest id seen.
    pub last: u64,
    /// The configured product's id, once it was looked up.
    pub product: Option<u64>,
    /// In an incremental run, from when on.
    pub since: Option<String>,
    /// The latest change seen, for the next bookmark.
    pub newest: Option<String>,
}

/// The envelope of every list.
#[derive(Debug, Deserialize)]
pub(crate) struct Listing {
    next: Option<String>,
    #[serde(default)]
    pub prefetch: Prefetch,
}

/// Related records that were asked for along with the rows.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Prefetch {
    #[serde(default)]
    pub test: BTreeMap<String, Test>,
}

/// What a finding was found by.
#[derive(Debug, Deserialize)]
pub(crate) struct Test {
    pub engagement: u64,
}

/// A page of rows.
pub(crate) struct Rows {
    pub answer: Fetched<Listing>,
    /// Rows up to this id were in an earlier page.
    pub seen: u64,
    /// Where the sweep goes on, if it does.
    pub next: Option<Place>,
    /// Why rows may have been missed, if so.
    pub gap: Option<Failure>,
}

/// A list and how to ask for it.
pub(crate) struct Walk<'a> {
    pub cx: &'a Context<Config>,
    pub endpoint: &'a str,
    pub limit: u64,
    pub query: Vec<(&'static str, String)>,
}

/// Steps back after which a list is taken to change too fast to be walked.
const STEPS: u32 = 12;

impl Walk<'_> {
    /// The rows at a place.
    pub(crate) fn page(&self, place: &Place) -> Result<Rows> {
        let mut offset = place.offset;
        for step in 0..STEPS {
            let early = u64::from(offset > 0);
            let answer = self.ask(offset - early, self.limit + early)?;
            let ids: Vec<Option<u64>> =
                answer.list::<Value>("/results")?.iter().map(|row| row.value.get("id")?.as_u64()).collect();
            let meets = early == 0 || ids.first().copied().flatten().is_some_and(|first| first <= place.last);
            if meets {
                return self.rows(answer, &ids, offset - early, place);
            }
            // Twice as far each time: few requests even after many deletions.
            offset = offset.saturating_sub(self.limit << step);
        }
        Err(Failure::shape(format_args!(
            "walking `{}`: the list changes faster than it can be read; try again when fewer imports run",
            self.endpoint
        )))
    }

    fn ask(&self, offset: u64, limit: u64) -> Result<Fetched<Listing>> {
        let call = self.cx.get(self.endpoint).query("limit", limit).query("offset", offset);
        let call = self.query.iter().fold(call, |call, (name, value)| call.query(name, value));
        call.json()
    }

    fn rows(&self, answer: Fetched<Listing>, ids: &[Option<u64>], from: u64, place: &Place) -> Result<Rows> {
        let known: Vec<u64> = ids.iter().flatten().copied().collect();
        let offset = from.saturating_add(u64::try_from(ids.len()).unwrap_or(u64::MAX));
        let more = answer.value.next.is_some();
        let last = known.iter().copied().max().unwrap_or(0).max(place.last);
        let next = Place { offset, last, ..place.clone() };
        if more && next == *place {
            return Err(Failure::shape(format_args!(
                "walking `{}`: the page at {from} is empty, but the source says that there is more",
                self.endpoint
            )));
        }
        let ordered = known.windows(2).all(|pair| pair[0] < pair[1]);
        let whole = from == 0 && !more;
        let gap = (!ordered && !whole).then(|| {
            Failure::shape(format_args!(
                "walking `{}`: the rows are not in the order of their ids, so some may have been missed",
                self.endpoint
            ))
        });
        // Out of order, a lower id says nothing about having been seen.
        let seen = if ordered { place.last } else { 0 };
        Ok(Rows { answer, seen, next: more.then_some(next), gap })
    }
}
