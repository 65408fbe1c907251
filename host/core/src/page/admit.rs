//! Admission: from a page that a connector returned to one that is believed.

use std::collections::BTreeSet;

use super::{Admitted, AdmittedPage, Breach, CitedPlace, Limits, Next, Page, repair};
use crate::connector::{Capture, Stream};
use crate::evidence::{Item, Kind, Leaf, Leaves as _};
use crate::locate::Captured;
use crate::text::{excerpt, is_control};

/// What a page is held against.
#[derive(Debug, Clone, Copy)]
pub struct Admission<'a> {
    /// The stream, as the manifest declares it.
    pub stream: &'a Stream,
    /// What the doors handed in during this page, by index.
    pub captures: &'a [Capture],
    /// The cursor that the page was called with.
    pub cursor: Option<&'a str>,
    pub limits: Limits,
}

/// Admits a page, or refuses all of it.
///
/// The items come back as they are kept, with their digests and their citations resolved, in the order in which
/// they were returned. Gaps are those the connector told, then those of repaired items.
pub fn admit(page: Page, context: Admission<'_>) -> Result<AdmittedPage, Breach> {
    let limits = &context.limits;
    check_counts(&page, limits)?;
    check_cursor(&page.next, context.cursor, limits)?;
    let mut gaps: Vec<_> = page.gaps.into_iter().map(|gap| repair::told_gap(gap, limits)).collect();
    let mut reader = Reader::new(context);
    let mut items = Vec::with_capacity(page.items.len());
    for item in page.items {
        let (admitted, gap) = reader.item(item)?;
        items.extend(admitted);
        gaps.extend(gap);
    }
    Ok(AdmittedPage { items, next: page.next, gaps })
}

fn check_counts(page: &Page, limits: &Limits) -> Result<(), Breach> {
    let counts = [("items", page.items.len(), limits.items), ("gaps", page.gaps.len(), limits.gaps)];
    match counts.into_iter().find(|(_, count, most)| count > most) {
        Some((what, count, most)) => Err(Breach::TooMany { what, count, most }),
        None => Ok(()),
    }
}

fn check_cursor(next: &Next, given: Option<&str>, limits: &Limits) -> Result<(), Breach> {
    let (what, text) = match next {
        Next::More { cursor } if given == Some(cursor) => return Err(Breach::CursorLoop),
        Next::More { cursor } => ("the cursor", cursor),
        Next::Done { bookmark: Some(bookmark) } => ("the bookmark", bookmark),
        Next::Done { bookmark: None } => return Ok(()),
    };
    if text.len() > limits.cursor_bytes {
        let (bytes, most) = (text.len(), limits.cursor_bytes);
        return Err(Breach::TooLong { what: what.to_owned(), bytes, most });
    }
    Ok(())
}

/// What has been read of a page so far.
struct Reader<'a> {
    context: Admission<'a>,
    captures: Vec<Captured<'a>>,
    ids: BTreeSet<(Kind, String)>,
    /// Canonical bytes of the items so far.
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn new(context: Admission<'a>) -> Self {
        let captures = context.captures.iter().map(|capture| Captured::new(&capture.bytes)).collect();
        Self { context, captures, ids: BTreeSet::new(), bytes: 0 }
    }

    fn item(&mut self, mut item: Item) -> Result<(Option<Admitted>, Option<super::Gap>), Breach> {
        self.check_identity(&item)?;
        check_sizes(&mut item, &self.context.limits)?;
        let cited = self.cite(&item)?;
        let repaired = repair::item(item, &self.context.limits);
        let Some(item) = repaired.item else { return Ok((None, repaired.gap)) };
        let digests = item.content_hash().and_then(|content| Ok((content, item.measured_digest()?)));
        match digests {
            Ok((content, (digest, bytes))) => {
                self.weigh(bytes)?;
                Ok((Some(Admitted { item, content, digest, cited }), repaired.gap))
            }
            Err(problem) => {
                Ok((None, repair::leave_out(&item, &problem.to_string(), &self.context.limits).gap))
            }
        }
    }

    fn check_identity(&mut self, item: &Item) -> Result<(), Breach> {
        let stream = self.context.stream;
        if !stream.kinds.contains(&item.kind()) {
            let (stream, declared) = (excerpt(&stream.id, 63), stream.kinds.clone());
            return Err(Breach::UndeclaredKind { item: name(item), stream, declared });
        }
        if item.id.is_empty() || item.id.chars().any(is_control) {
            return Err(Breach::BadId { item: name(item) });
        }
        if item.id.len() > self.context.limits.id_bytes {
            let what = format!("the id of {}", name(item));
            return Err(Breach::TooLong { what, bytes: item.id.len(), most: self.context.limits.id_bytes });
        }
        if !self.ids.insert((item.kind(), item.id.clone())) {
            return Err(Breach::DuplicateId { item: name(item) });
        }
        Ok(())
    }

    /// Resolves an item's citations: each must name a place in a capture of this page.
    fn cite(&mut self, item: &Item) -> Result<Vec<CitedPlace>, Breach> {
        if item.citations.is_empty() {
            return Err(Breach::Uncited { item: name(item) });
        }
        let mut cited = Vec::with_capacity(item.citations.len());
        for citation in &item.citations {
            let index = citation.capture as usize;
            let (Some(capture), Some(bytes)) =
                (self.context.captures.get(index), self.captures.get_mut(index))
            else {
                let captures = self.context.captures.len();
                return Err(Breach::UnknownCapture { item: name(item), capture: citation.capture, captures });
            };
            bytes.locate(&citation.locator).map_err(|problem| Breach::Unresolved {
                item: name(item),
                capture: citation.capture,
                problem,
            })?;
            cited.push(CitedPlace { capture: capture.digest, locator: citation.locator.clone() });
        }
        Ok(cited)
    }

    fn weigh(&mut self, bytes: usize) -> Result<(), Breach> {
        self.bytes = self.bytes.saturating_add(bytes);
        let most = self.context.limits.page_bytes;
        if self.bytes > most { Err(Breach::PageTooLarge { most }) } else { Ok(()) }
    }
}

fn check_sizes(item: &mut Item, limits: &Limits) -> Result<(), Breach> {
    let mut elements = 0_usize;
    item.body.leaves(&mut |leaf| {
        if let Leaf::List(length) = leaf {
            elements = elements.saturating_add(length);
        }
    });
    let counts = [
        ("subjects", item.subjects.len(), limits.subjects),
        ("labels", item.labels.len(), limits.labels),
        ("citations", item.citations.len(), limits.citations),
        ("elements in lists", elements, limits.elements),
    ];
    match counts.into_iter().find(|(_, count, most)| count > most) {
        Some((what, count, most)) => Err(Breach::ItemTooMany { item: name(item), what, count, most }),
        None => Ok(()),
    }
}

/// An item as it is named in messages.
fn name(item: &Item) -> String {
    format!("{} `{}`", item.kind(), excerpt(&item.id, 120))
}

#[cfg(test)]
mod tests;
