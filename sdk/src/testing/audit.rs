//! A page held against the contract.

use super::doors::Replay;
use crate::{Citation, Item, Locator, Manifest, Next, Page, time};

/// The contract's limits.
const MOST_ITEMS: usize = 5_000;
const MOST_GAPS: usize = 1_000;
const LONGEST_ID: usize = 512;
const LONGEST_CURSOR: usize = 64 * 1024;

/// What a page answers to.
pub(super) struct Call<'a> {
    pub manifest: &'a Manifest,
    pub stream: &'a str,
    pub cursor: Option<&'a str>,
}

/// What the host would refuse a page for, or correct in it.
pub(super) fn page(page: &Page, call: &Call<'_>, doors: &Replay) -> Vec<String> {
    let Call { manifest, stream, cursor } = *call;
    let mut breaches = Vec::new();
    if page.items.len() > MOST_ITEMS {
        breaches.push(format!("{} items; a page has at most {MOST_ITEMS}", page.items.len()));
    }
    if page.gaps.len() > MOST_GAPS {
        breaches.push(format!("{} gaps; a page has at most {MOST_GAPS}", page.gaps.len()));
    }
    match &page.next {
        Next::More(next) if Some(next.as_str()) == cursor => {
            breaches.push(format!("the cursor did not move: {next}"))
        }
        Next::More(next) | Next::Done(Some(next)) if next.len() > LONGEST_CURSOR => {
            breaches.push(format!("a cursor of {} bytes; at most {LONGEST_CURSOR}", next.len()));
        }
        Next::More(next) if next.is_empty() => breaches.push("an empty cursor".into()),
        Next::More(_) | Next::Done(_) => {}
    }
    let kinds = manifest.feeds.iter().find(|declared| declared.id == stream).map(|declared| &declared.kinds);
    let captures: Vec<Capture> = doors.captures().into_iter().map(Capture::new).collect();
    for item in &page.items {
        let kind = item.body.kind();
        if !kinds.is_some_and(|kinds| kinds.contains(&kind)) {
            breaches.push(format!("`{}`: the stream `{stream}` does not declare the kind {kind:?}", item.id));
        }
        breaches
            .extend(self::item(item, &captures).into_iter().map(|breach| format!("`{}`: {breach}", item.id)));
    }
    breaches
}

fn item(item: &Item, captures: &[Capture]) -> Vec<String> {
    let mut breaches = Vec::new();
    if item.id.is_empty() || item.id.len() > LONGEST_ID {
        breaches.push(format!("an id has between 1 and {LONGEST_ID} bytes, not {}", item.id.len()));
    }
    if item.citations.is_empty() {
        breaches.push("it cites nothing".into());
    }
    for citation in &item.citations {
        if let Err(breach) = resolves(citation, captures) {
            breaches.push(breach);
        }
    }
    for at in [&item.source_time, &item.expires].into_iter().flatten() {
        if time::instant(at).map(|read| read.map(String::from)) != Ok(Some(at.clone())) {
            breaches.push(format!("`{at}` is not an instant of the contract"));
        }
    }
    for subject in &item.subjects {
        let is_one = subject.split_once(':').is_some_and(|(of, name)| {
            !name.trim().is_empty()
                && !of.is_empty()
                && of.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        });
        if !is_one {
            breaches.push(format!("`{subject}` is not a subject: write `type:name`"));
        }
    }
    breaches
}

/// A capture with what has been found out about it, since many items cite the same one.
struct Capture {
    document: Option<serde_json::Value>,
    lines: Option<u32>,
}

impl Capture {
    fn new(bytes: Vec<u8>) -> Self {
        let lines = std::str::from_utf8(&bytes).ok().map(|text| text.lines().count());
        Self {
            document: serde_json::from_slice(&bytes).ok(),
            lines: lines.and_then(|lines| u32::try_from(lines).ok()),
        }
    }
}

fn resolves(citation: &Citation, captures: &[Capture]) -> Result<(), String> {
    let index = citation.capture;
    let Some(capture) = usize::try_from(index).ok().and_then(|index| captures.get(index)) else {
        return Err(format!("it cites capture {index}; this page has {}", captures.len()));
    };
    match &citation.locator {
        Locator::Whole => Ok(()),
        Locator::Pointer(pointer) => match &capture.document {
            None => Err(format!("it cites `{pointer}` in capture {index}, which is not JSON")),
            Some(document) if document.pointer(pointer).is_none() => {
                Err(format!("it cites `{pointer}` in capture {index}, where nothing is"))
            }
            Some(_) => Ok(()),
        },
        Locator::Lines(range) => match capture.lines {
            Some(lines) if range.first >= 1 && range.first <= range.last && range.last <= lines => Ok(()),
            _ => Err(format!(
                "it cites the lines {}-{} of capture {index}, which has {:?}",
                range.first, range.last, capture.lines
            )),
        },
    }
}
