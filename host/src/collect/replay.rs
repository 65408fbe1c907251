//! Replay: the same component over the same journals gives the same records, byte for byte.
//!
//! Each committed page of a run is executed again with nothing behind the doors but its journal and the kept
//! captures: no network, no credential, no folder. What comes out is admitted again and compared with the
//! page manifest, item by item. Every capture is checked against its digest as it is read, so a changed byte
//! is reported before anything is made of it. The same is done over a bundle's files ([`bundled`]).

pub(super) mod bundled;

use std::collections::BTreeMap;

use probity_core::canonical::Digest;
use probity_core::connector::Capture;
use probity_core::id::{RunId, StreamId};
use probity_core::journal::Journal;
use probity_core::page::{Admission, Gap, Limits, admit};
use serde::Serialize;

use super::CollectError;
use crate::binding::whole;
use crate::sandbox::{Connector, Sandbox, captures_of};
use crate::store::blobs::Blobs;
use crate::store::{PageRecord, Store, StoreError};

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReplayReport {
    pub run: RunId,
    pub component: Digest,
    pub pages: u32,
    pub items: u64,
    /// Door calls answered from journals.
    pub calls: u64,
    /// Captures read and found unchanged.
    pub captures: u64,
    /// What differs; empty means byte-identical.
    pub differences: Vec<Difference>,
}

impl ReplayReport {
    /// Whether every record came out the same.
    pub fn is_identical(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Something that did not come out as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Difference {
    pub stream: StreamId,
    pub page: u32,
    /// For a person.
    pub problem: String,
}

/// Replays all pages of a run.
pub async fn replay_run(
    store: &dyn Store,
    blobs: &Blobs,
    sandbox: &Sandbox,
    run: &RunId,
) -> Result<ReplayReport, CollectError> {
    let record = store.run_get(run).await?.ok_or_else(|| CollectError::UnknownRun(run.clone()))?;
    let missing = || CollectError::ComponentMissing { run: run.clone(), digest: record.component };
    let bytes = blobs.get(&record.component).await.map_err(|error| match error {
        StoreError::Blob { .. } => missing(),
        other => other.into(),
    })?;
    let connector = sandbox.load(bytes).await?;
    let mut report = ReplayReport {
        run: run.clone(),
        component: record.component,
        pages: 0,
        items: 0,
        calls: 0,
        captures: 0,
        differences: Vec::new(),
    };
    for (stream, number) in store.page_list(run).await? {
        let Some(page) = store.page_get(run, &stream, number).await? else {
            report.differ(&stream, number, "the page is listed but not kept".to_owned());
            continue;
        };
        report.pages += 1;
        replay_page(&connector, blobs, &page, &mut report).await;
    }
    Ok(report)
}

impl ReplayReport {
    fn differ(&mut self, stream: &StreamId, page: u32, problem: String) {
        self.differences.push(Difference { stream: stream.clone(), page, problem });
    }
}

async fn replay_page(connector: &Connector, blobs: &Blobs, page: &PageRecord, report: &mut ReplayReport) {
    match captures(blobs, &page.journal).await {
        Ok(captures) => {
            let items = page.manifest.iter().map(|sighting| sighting.item).collect();
            let seen = Seen {
                stream: &page.stream,
                number: page.number,
                journal: &page.journal,
                items,
                gaps: &page.gaps,
            };
            compare(connector, &captures, &seen, report).await;
        }
        Err(problem) => report.differ(&page.stream, page.number, problem),
    }
}

/// A page as it was recorded, wherever it was kept.
struct Seen<'a> {
    stream: &'a StreamId,
    number: u32,
    journal: &'a Journal,
    /// Digests of the items, in order.
    items: Vec<Digest>,
    gaps: &'a [Gap],
}

/// Executes a page again and holds what comes out against what was recorded.
async fn compare(
    connector: &Connector,
    captures: &BTreeMap<Digest, Capture>,
    page: &Seen<'_>,
    report: &mut ReplayReport,
) {
    report.calls += page.journal.calls.len() as u64;
    report.captures += captures.len() as u64;
    let execution = match connector.replay(page.journal, &|digest| captures.get(digest).cloned()).await {
        Ok(execution) => execution,
        Err(error) => return report.differ(page.stream, page.number, whole(&error)),
    };
    let Some(stream) = connector.manifest().stream(page.stream.as_str()) else {
        return report.differ(page.stream, page.number, "the component has no such stream".to_owned());
    };
    let context = Admission {
        stream,
        captures: &execution.captures,
        cursor: page.journal.cursor.as_deref(),
        limits: Limits::default(),
    };
    match admit(execution.page, context) {
        Ok(admitted) => {
            report.items += admitted.items.len() as u64;
            let digests: Vec<Digest> = admitted.items.iter().map(|item| item.digest).collect();
            if let Some(problem) = first_difference(&digests, &page.items) {
                report.differ(page.stream, page.number, problem);
            }
            if admitted.gaps != page.gaps {
                report.differ(page.stream, page.number, "the gaps are not those recorded".to_owned());
            }
        }
        Err(breach) => report.differ(page.stream, page.number, format!("it is no longer admitted: {breach}")),
    }
}

fn first_difference(replayed: &[Digest], recorded: &[Digest]) -> Option<String> {
    if replayed.len() != recorded.len() {
        return Some(format!("{} items came out; {} were recorded", replayed.len(), recorded.len()));
    }
    let at = replayed.iter().zip(recorded).position(|(replayed, recorded)| replayed != recorded)?;
    Some(format!("item {} came out as {}; {} was recorded", at + 1, replayed[at], recorded[at]))
}

/// The captures a journal names, each checked against its digest.
async fn captures(blobs: &Blobs, journal: &Journal) -> Result<BTreeMap<Digest, Capture>, String> {
    let mut captures = BTreeMap::new();
    for digest in captures_of(journal) {
        let bytes = blobs.get(&digest).await.map_err(|error| error.to_string())?;
        // The media type is the journal's to say; the sandbox takes it from there.
        captures.insert(digest, Capture { digest, bytes: bytes.into(), media_type: None });
    }
    Ok(captures)
}
