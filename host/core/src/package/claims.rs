//! Accepted claims, each with the evidence it rests on and how it stands.

use serde::Serialize;

use super::sources::{CitedPlace, Sources};
use crate::claim::{Standing, Test, Why};
use crate::id::{ClaimId, PrincipalId};
use crate::instant::Instant;
use crate::packet::{Claim, ClaimState, Packet};
use crate::readiness::Report;

/// A claim of the packet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ClaimRow {
    pub claim: ClaimId,
    pub text: String,
    pub reasoning: String,
    pub made_by: PrincipalId,
    pub accepted: Instant,
    /// How it stood at the package's instant; none when the report does not speak of it.
    pub standing: Option<Standing>,
    /// Until when it stands so, if nothing else happens.
    pub until: Option<Instant>,
    pub cites: Vec<CitedPlace>,
    pub test: Option<Test>,
    /// The requirements it addresses.
    pub addresses: Vec<CitedPlace>,
    pub grounds: Vec<Ground>,
    /// The condition for handing over rests on it.
    pub carries_condition: bool,
}

/// Why it stands so.
pub type Ground = Why;

pub(super) fn of(packet: &Packet, report: &Report, sources: &mut Sources<'_>) -> Vec<ClaimRow> {
    packet.accepted_claims().map(|claim| row(claim, packet, report, sources)).collect()
}

fn row(claim: &Claim, packet: &Packet, report: &Report, sources: &mut Sources<'_>) -> ClaimRow {
    let support =
        report.claims.iter().find(|reported| reported.claim == claim.id).map(|found| &found.support);
    let accepted = match claim.state {
        ClaimState::Accepted { at } => at,
        _ => claim.made,
    };
    ClaimRow {
        claim: claim.id,
        text: claim.claim.text.clone(),
        reasoning: claim.claim.reasoning.clone(),
        made_by: claim.by.clone(),
        accepted,
        standing: support.map(|support| support.standing),
        until: support.and_then(|support| support.until),
        cites: sources.cite(&claim.claim.citations),
        test: claim.claim.test.clone(),
        addresses: sources.cite(&claim.claim.addresses),
        grounds: support.map(|support| support.grounds.clone()).unwrap_or_default(),
        carries_condition: packet
            .condition
            .as_ref()
            .is_some_and(|condition| condition.claims.contains(&claim.id)),
    }
}
