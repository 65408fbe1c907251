//! The way back: from a revision of evidence to the bytes, the page, the run, the component and the question asked.

use std::collections::BTreeMap;

use probity_core::canonical::Digest;
use probity_core::evidence::Locator;
use probity_core::id::EvidenceId;
use probity_core::instant::Instant;
use probity_core::journal::{Answer, Call, Journal, Outcome};
use probity_core::locate::Captured;
use probity_core::page::CitedPlace;

use super::view::{CitationView, ExcerptView, ObtainedView, SightingView, TraceView};
use super::{Casework, CaseworkError};
use crate::authz::{Authorized, ReadEvidence};
use crate::store::{CaptureRecord, Evidence, Seen};

/// How much of cited bytes a trace shows: enough for a record or a paragraph. All of them are one click away.
const MAX_EXCERPT: usize = 4_096;

/// How many later sightings a question about an earlier instant looks past: hourly sweeps of six weeks.
const LATER_SIGHTINGS: u32 = 1_000;

/// Which trace to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceQuery {
    /// `None` for the one that stood at `at`.
    pub revision: Option<u32>,
    pub at: Option<Instant>,
    /// At most so many sightings, latest first; 1 to [`TraceQuery::MAX_SIGHTINGS`].
    pub limit: u32,
}

impl TraceQuery {
    /// Each sighting reads its captures from the blob store.
    pub const MAX_SIGHTINGS: u32 = 20;
}

/// Captures opened for one trace, each once.
type Opened = BTreeMap<Digest, (Option<CaptureRecord>, Result<Vec<u8>, String>)>;

impl Casework {
    /// A revision and where it was seen, with the cited words and how the host came by them.
    pub async fn evidence_trace(
        &self,
        _: &Authorized<ReadEvidence>,
        id: &EvidenceId,
        query: &TraceQuery,
    ) -> Result<TraceView, CaseworkError> {
        let as_of = self.as_of(query.at).await?;
        let evidence = self.revision(id, query, as_of).await?;
        let limit = query.limit.clamp(1, TraceQuery::MAX_SIGHTINGS);
        // Sightings after the instant asked for come first and do not count.
        let probe = query.at.map_or(limit, |_| LATER_SIGHTINGS + limit);
        let mut seen = self.store.evidence_seen(id, evidence.revision, probe).await?;
        seen.retain(|seen| seen.recorded <= as_of);
        seen.truncate(limit as usize);
        let mut opened = Opened::new();
        let mut sightings = Vec::with_capacity(seen.len());
        for seen in &seen {
            sightings.push(self.sighting(seen, &mut opened).await?);
        }
        Ok(TraceView { evidence: self.evidence_view(&evidence, as_of), sightings })
    }

    async fn revision(
        &self,
        id: &EvidenceId,
        query: &TraceQuery,
        as_of: Instant,
    ) -> Result<Evidence, CaseworkError> {
        let unknown = || CaseworkError::UnknownEvidence(id.clone());
        let Some(revision) = query.revision else {
            return self.store.evidence_get(id, query.at).await?.ok_or_else(unknown);
        };
        let mut revisions = self.store.evidence_revisions(id).await?;
        revisions.retain(|known| known.recorded <= as_of);
        if revisions.is_empty() {
            return Err(unknown());
        }
        let found = revisions.into_iter().find(|known| known.revision == revision);
        found.ok_or_else(|| CaseworkError::UnknownRevision { id: id.clone(), revision })
    }

    async fn sighting(&self, seen: &Seen, opened: &mut Opened) -> Result<SightingView, CaseworkError> {
        let page = self.store.page_get(&seen.run, &seen.stream, seen.page).await?;
        let journal = page.as_ref().map(|page| &page.journal);
        let mut citations = Vec::with_capacity(seen.cited.len());
        for place in &seen.cited {
            self.open(&place.capture, opened).await?;
            citations.push(citation(place, opened, journal));
        }
        Ok(SightingView {
            run: seen.run.clone(),
            stream: seen.stream.clone(),
            page: seen.page,
            collected: seen.instant,
            recorded: seen.recorded,
            connector: seen.component,
            journal: seen.journal,
            citations,
        })
    }

    /// A capture that cannot be read is told beside its citation: the rest of the trace still holds.
    async fn open(&self, digest: &Digest, opened: &mut Opened) -> Result<(), CaseworkError> {
        if !opened.contains_key(digest) {
            let record = self.store.capture_get(digest).await?;
            let bytes = self.blobs.get(digest).await.map_err(|error| error.to_string());
            opened.insert(*digest, (record, bytes));
        }
        Ok(())
    }
}

fn citation(place: &CitedPlace, opened: &Opened, journal: Option<&Journal>) -> CitationView {
    let (record, bytes) = match opened.get(&place.capture) {
        Some((record, Ok(bytes))) => (record.as_ref(), Ok(bytes.as_slice())),
        Some((record, Err(problem))) => (record.as_ref(), Err(problem.clone())),
        None => (None, Err("the capture was not opened".to_owned())),
    };
    let excerpt = bytes.and_then(|bytes| excerpt(bytes, &place.locator));
    let (excerpt, problem) = match excerpt {
        Ok(excerpt) => (Some(excerpt), None),
        Err(problem) => (None, Some(problem)),
    };
    CitationView {
        capture: place.capture,
        locator: (&place.locator).into(),
        href: href(place),
        size: record.map_or(0, |record| record.size),
        media_type: record.and_then(|record| record.media_type.clone()),
        excerpt,
        problem,
        obtained: journal.and_then(|journal| obtained(journal, &place.capture)),
    }
}

fn excerpt(bytes: &[u8], locator: &Locator) -> Result<ExcerptView, String> {
    let quote = Captured::new(bytes).quote(locator).map_err(|error| error.to_string())?;
    let shown = &quote.bytes[..floor_char_boundary(quote.bytes, MAX_EXCERPT)];
    Ok(ExcerptView {
        text: String::from_utf8_lossy(shown).into_owned(),
        truncated: shown.len() < quote.bytes.len(),
        digest: quote.digest,
    })
}

/// The longest prefix of at most `limit` bytes that does not cut a UTF-8 sequence.
fn floor_char_boundary(bytes: &[u8], limit: usize) -> usize {
    if bytes.len() <= limit {
        return bytes.len();
    }
    // A sequence has at most three bytes after its first.
    (limit - 3..=limit).rev().find(|at| bytes[*at] & 0b1100_0000 != 0b1000_0000).unwrap_or(limit)
}

/// Where the REST API serves the cited bytes.
fn href(place: &CitedPlace) -> String {
    let path = format!("/api/v1/captures/{}", place.capture);
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    match &place.locator {
        Locator::Whole => path,
        Locator::Pointer { pointer } => format!("{path}?pointer={}", encode(pointer)),
        Locator::Lines { first, last } => format!("{path}?lines={first}-{last}"),
    }
}

/// The door call that handed in these bytes.
fn obtained(journal: &Journal, capture: &Digest) -> Option<ObtainedView> {
    let answered = |endpoint: &str, outcome: &Outcome<Answer>| match outcome {
        Outcome::Ok(answer) if answer.capture.digest == *capture => Some(ObtainedView::Response {
            endpoint: endpoint.to_owned(),
            url: answer.url.clone(),
            status: answer.status,
        }),
        _ => None,
    };
    journal.calls.iter().find_map(|call| match call {
        Call::Fetch { exchanges, .. } => {
            exchanges.iter().find_map(|exchange| answered(&exchange.request.endpoint, &exchange.outcome))
        }
        Call::Follow { endpoint, outcome, .. } => answered(endpoint, outcome),
        Call::Read { mount, path, outcome: Outcome::Ok(read) } if read.digest == *capture => {
            Some(ObtainedView::File { mount: mount.clone(), path: path.clone() })
        }
        Call::Read { .. } | Call::Entries { .. } => None,
    })
}
