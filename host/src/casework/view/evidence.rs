//! Evidence as it is shown: one revision, with its standing at an instant.

use std::collections::BTreeMap;

use probity_core::canonical::Digest;
use probity_core::evidence::Kind;
use probity_core::freshness::{Because, Dated, Freshness, freshness};
use probity_core::id::{ConnectionId, ConnectionName, EvidenceId, RunId, StreamId};
use probity_core::instant::Instant;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Body, CitedView, ConnectionIdText, ConnectionNameText, DigestText, EvidenceIdText, InstantText, KindText,
    RunIdText, StreamIdText,
};
use crate::store::Evidence;

/// One normalized record of evidence in one revision, as it stood at an instant.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Evidence)]
pub struct EvidenceView {
    #[schema(value_type = EvidenceIdText)]
    pub id: EvidenceId,
    /// 1 for the first.
    #[schema(example = 1)]
    pub revision: u32,
    #[schema(value_type = KindText)]
    pub kind: Kind,
    #[schema(value_type = ConnectionNameText)]
    pub connection: ConnectionName,
    #[schema(value_type = ConnectionIdText)]
    pub connection_id: ConnectionId,
    #[schema(value_type = StreamIdText)]
    pub stream: StreamId,
    /// Its name in the source.
    #[schema(example = "finding/412")]
    pub item: String,
    pub title: String,
    pub summary: String,
    /// Where a person finds it in the source.
    pub url: Option<String>,
    /// What it is about.
    #[schema(example = json!(["service:payments-bridge"]))]
    pub subjects: Vec<String>,
    /// Pairs of name and value.
    #[schema(value_type = Vec<Vec<String>>, example = json!([["environment", "production"]]))]
    pub labels: Vec<(String, String)>,
    /// Why this is an immediate exposure; null when it is none.
    pub exposure: Option<String>,
    /// What it says; its shape depends on the kind.
    #[schema(value_type = Body)]
    pub body: probity_core::evidence::Body,
    /// When the source says it last changed (a state) or happened (an event).
    #[schema(value_type = Option<InstantText>)]
    pub source_time: Option<Instant>,
    /// When it ceases to hold, by the source's own word.
    #[schema(value_type = Option<InstantText>)]
    pub expires: Option<Instant>,
    /// When the host got the bytes of this revision first.
    #[schema(value_type = InstantText)]
    pub collected: Instant,
    /// When the host committed this revision, on the database's clock.
    #[schema(value_type = InstantText)]
    pub recorded: Instant,
    /// When it was last seen in the source, in whichever revision.
    #[schema(value_type = InstantText)]
    pub last_seen: Instant,
    /// Missing from two consecutive complete sweeps.
    pub absent: bool,
    pub freshness: FreshnessView,
    /// Digest of what it says; the same digest is the same revision.
    #[schema(value_type = DigestText)]
    pub content: Digest,
    /// Where this revision was first seen.
    pub cited: Vec<CitedView>,
    #[schema(value_type = RunIdText)]
    pub run: RunId,
    /// The component that read it.
    #[schema(value_type = DigestText)]
    pub connector: Digest,
}

/// Whether evidence still counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = Freshness)]
pub enum FreshnessView {
    /// It counts, up to but not including `until`, and longer when it is seen again.
    Fresh {
        #[schema(value_type = InstantText)]
        until: Instant,
    },
    /// It counted until `since`.
    Stale {
        #[schema(value_type = InstantText)]
        since: Instant,
        because: StaleBecause,
    },
    /// Nobody can say; it does not count.
    Unknown {
        /// A stable code.
        #[schema(value_type = String, example = "freshness.no-max-age")]
        code: &'static str,
        /// The same for a person.
        message: String,
    },
}

/// What ended evidence's freshness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StaleBecause {
    /// The source said until when it holds.
    OwnExpiry,
    /// It is older than evidence of its kind may be.
    MaxAge,
}

impl EvidenceView {
    /// Evidence, with its standing at `as_of` by these maximum ages.
    pub fn new(evidence: &Evidence, as_of: Instant, max_age: &BTreeMap<Kind, std::time::Duration>) -> Self {
        let item = &evidence.item;
        Self {
            id: evidence.id.clone(),
            revision: evidence.revision,
            kind: item.kind(),
            connection: evidence.connection_name.clone(),
            connection_id: evidence.connection.clone(),
            stream: evidence.stream.clone(),
            item: item.id.clone(),
            title: item.title.clone(),
            summary: item.summary.clone(),
            url: item.url.clone(),
            subjects: item.subjects.clone(),
            labels: item.labels.clone(),
            exposure: item.exposure.clone(),
            body: item.body.clone(),
            source_time: item.source_time,
            expires: item.expires,
            collected: evidence.collected,
            recorded: evidence.recorded,
            last_seen: evidence.last_seen,
            absent: evidence.absent,
            freshness: FreshnessView::of(evidence, as_of, max_age),
            content: evidence.content,
            cited: evidence.cited.iter().map(CitedView::from).collect(),
            run: evidence.run.clone(),
            connector: evidence.component,
        }
    }
}
impl FreshnessView {
    fn of(evidence: &Evidence, as_of: Instant, max_age: &BTreeMap<Kind, std::time::Duration>) -> Self {
        let item = &evidence.item;
        let dated = Dated {
            kind: item.kind(),
            source_time: item.source_time,
            expires: item.expires,
            last_seen: evidence.last_seen,
            max_age: max_age.get(&item.kind()).copied(),
        };
        match freshness(&dated, as_of) {
            Freshness::Fresh { until } => Self::Fresh { until },
            Freshness::Stale { since, because } => Self::Stale {
                since,
                because: match because {
                    Because::OwnExpiry => StaleBecause::OwnExpiry,
                    Because::MaxAge => StaleBecause::MaxAge,
                },
            },
            Freshness::Unknown { reason } => {
                Self::Unknown { code: reason.code(), message: reason.to_string() }
            }
        }
    }
}
