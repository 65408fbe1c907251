//! A page: its items one by one, each either whole or a gap.

use probity_core::connector::{Failure, FailureKind};
use probity_core::page::{Gap, Next, Page};

use super::schema::{Fault, item};
use crate::sandbox::bindings::exports::probity::connector::source as wit;
use crate::sandbox::text;

/// The page as core knows it. Items that cannot be said in core's values become gaps, after the connector's
/// own and in the order of the items.
pub(in crate::sandbox) fn page(wit::Page { items, next, gaps }: wit::Page) -> Page {
    let mut page = Page {
        items: Vec::with_capacity(items.len()),
        next: next.into(),
        gaps: gaps.into_iter().map(Into::into).collect(),
    };
    for raw in items {
        let id = text::plain(&raw.id, 200);
        // A gap without a subject may concern any; that is also the safe reading of several.
        let subject = match raw.subjects.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        match item(raw) {
            Ok(item) => page.items.push(item),
            Err(fault) => page.gaps.push(left_out(&id, subject, &fault)),
        }
    }
    page
}

fn left_out(id: &str, subject: Option<String>, fault: &Fault) -> Gap {
    Gap { subject, reason: Failure::new(FailureKind::Shape, format!("item {id} left out: {fault}")) }
}

impl From<wit::Next> for Next {
    fn from(next: wit::Next) -> Self {
        match next {
            wit::Next::More(cursor) => Self::More { cursor },
            wit::Next::Done(bookmark) => Self::Done { bookmark },
        }
    }
}

impl From<wit::Gap> for Gap {
    fn from(wit::Gap { subject, reason }: wit::Gap) -> Self {
        Self { subject, reason: reason.into() }
    }
}
