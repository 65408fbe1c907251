//! Evidence: listing it, looking it up, and its history.

use probity_core::evidence::Kind;
use probity_core::id::{ConnectionName, EvidenceId, StreamId};
use probity_core::instant::Instant;

use super::view::EvidenceView;
use super::{Casework, CaseworkError, Listing, Slice};
use crate::authz::{Authorized, ReadEvidence};
use crate::store::{Evidence, EvidenceFilter, FreshFilter};

/// Which evidence to list. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceQuery {
    pub kind: Option<Kind>,
    pub subject: Option<String>,
    pub connection: Option<ConnectionName>,
    pub stream: Option<StreamId>,
    /// The body's own word for where it stands.
    pub state: Option<String>,
    /// Words that all occur in title, summary or item id.
    pub text: Option<String>,
    /// Only what is fresh, or only what is not.
    pub fresh: Option<bool>,
    /// Also what is no longer in its source.
    pub absent: bool,
    /// As it stood at this instant.
    pub at: Option<Instant>,
}

/// What a lookup by id found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// In the order asked for.
    pub found: Vec<EvidenceView>,
    pub missing: Vec<EvidenceId>,
    /// The instant it was answered for.
    pub as_of: Instant,
}

impl Casework {
    /// A page of evidence, oldest first, and the instant it was answered for.
    pub async fn evidence_list(
        &self,
        _: &Authorized<ReadEvidence>,
        query: EvidenceQuery,
        slice: &Slice,
    ) -> Result<(Listing<EvidenceView>, Instant), CaseworkError> {
        check_place::<EvidenceId>(slice)?;
        let as_of = self.as_of(query.at).await?;
        let fresh = |fresh| FreshFilter { fresh, as_of, max_age: self.max_ages.clone() };
        let filter = EvidenceFilter {
            kind: query.kind,
            subject: query.subject,
            connection: query.connection,
            stream: query.stream,
            state: query.state,
            text: query.text,
            exposed: None,
            fresh: query.fresh.map(fresh),
            absent: query.absent,
            at: query.at,
        };
        let evidence = self.store.evidence_list(&filter, &slice.probe()).await?;
        let Listing { items, next } = slice.cut(evidence, |evidence| evidence.id.to_string());
        Ok((Listing { items: self.evidence_views(&items, as_of), next }, as_of))
    }

    /// One piece of evidence as it stands, or as it stood.
    pub async fn evidence_get(
        &self,
        _: &Authorized<ReadEvidence>,
        id: &EvidenceId,
        at: Option<Instant>,
    ) -> Result<EvidenceView, CaseworkError> {
        let as_of = self.as_of(at).await?;
        let evidence = self.store.evidence_get(id, at).await?;
        let evidence = evidence.ok_or_else(|| CaseworkError::UnknownEvidence(id.clone()))?;
        Ok(self.evidence_view(&evidence, as_of))
    }

    /// Every revision, oldest first; with `at`, those that had been recorded by then.
    pub async fn evidence_revisions(
        &self,
        _: &Authorized<ReadEvidence>,
        id: &EvidenceId,
        at: Option<Instant>,
    ) -> Result<Vec<EvidenceView>, CaseworkError> {
        let as_of = self.as_of(at).await?;
        let mut revisions = self.store.evidence_revisions(id).await?;
        revisions.retain(|revision| revision.recorded <= as_of);
        if revisions.is_empty() {
            return Err(CaseworkError::UnknownEvidence(id.clone()));
        }
        Ok(self.evidence_views(&revisions, as_of))
    }

    /// Several by their ids.
    pub async fn evidence_lookup(
        &self,
        _: &Authorized<ReadEvidence>,
        ids: &[EvidenceId],
        at: Option<Instant>,
    ) -> Result<Found, CaseworkError> {
        let as_of = self.as_of(at).await?;
        let mut found = Found { found: Vec::new(), missing: Vec::new(), as_of };
        for id in ids {
            match self.store.evidence_get(id, at).await? {
                Some(evidence) => found.found.push(self.evidence_view(&evidence, as_of)),
                None => found.missing.push(id.clone()),
            }
        }
        Ok(found)
    }

    pub(super) fn evidence_view(&self, evidence: &Evidence, as_of: Instant) -> EvidenceView {
        EvidenceView::new(evidence, as_of, &self.max_ages)
    }

    fn evidence_views(&self, evidence: &[Evidence], as_of: Instant) -> Vec<EvidenceView> {
        evidence.iter().map(|evidence| self.evidence_view(evidence, as_of)).collect()
    }
}

/// Places in listings are ids; anything else was made up.
pub(super) fn check_place<Id: std::str::FromStr>(slice: &Slice) -> Result<(), CaseworkError> {
    match &slice.after {
        Some(after) if after.parse::<Id>().is_err() => {
            Err(CaseworkError::NotAPlace(after.chars().take(80).collect()))
        }
        _ => Ok(()),
    }
}
