//! Exposures that evidence shows and the ledger does not have yet: what the host records, and rule 1 looks at as well.
//!
//! A cause is the evidence and the reason. One that a human cleared fires again only when the reason is another, or when since then the
//! exposure ended and came back, which the revisions in between show.

use super::Exposure;
use crate::board::Board;
use crate::book::{Record, Revision};
use crate::claim::Examined;
use crate::packet::Packet;
use crate::packet::exposure::CauseSource;

/// Exposures of the packet's system and credential that are in evidence and not among its causes.
pub fn exposures(packet: &Packet, examined: &Examined<'_>, board: &Board) -> Vec<Exposure> {
    let concerns = |revision: &Revision| {
        let mut subjects = std::iter::once(&packet.terms.system).chain(packet.terms.credential.as_ref());
        subjects.any(|subject| crate::book::is_about(revision, subject, examined.subjects()))
    };
    let freezes = |revision: &Revision| {
        board.exposure_kinds.is_empty() || board.exposure_kinds.contains(&revision.item.kind())
    };
    examined
        .book()
        .records
        .values()
        .filter(|record| !record.absent)
        .filter_map(|record| {
            let newest = record.newest().filter(|newest| concerns(newest) && freezes(newest))?;
            let reason = newest.item.exposure.clone()?;
            fires(packet, record, &reason).then(|| Exposure {
                evidence: record.id.clone(),
                revision: newest.number,
                reason,
            })
        })
        .collect()
}

fn fires(packet: &Packet, record: &Record, reason: &str) -> bool {
    let same = packet.causes.values().rev().find(|cause| cause.is_of(&record.id) && cause.reason == reason);
    let Some(cause) = same else { return true };
    let Some(cleared) = &cause.cleared else { return false };
    let CauseSource::Detected { revision, .. } = &cause.source else { return true };
    // Since it was cleared it has to have been gone, or to have been another. What went on before whoever cleared it could see.
    let later: Vec<&Revision> = record.revisions.iter().filter(|later| later.number > *revision).collect();
    let as_cleared = later.iter().rposition(|later| later.recorded <= cleared.at).unwrap_or(0);
    later[as_cleared..].iter().any(|later| later.item.exposure.as_deref() != Some(reason))
}
