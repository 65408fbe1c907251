//! Projections: a packet as listings show it, and what else goes with an entry.
//!
//! A projection is a cache of the fold and of the verdict at the packet's last entry. It can be made anew from the ledger and the
//! evidence, and a check compares the two ([`Casework::projections_check`]).

use probity_core::book::Book;
use probity_core::canonical::Digest;
use probity_core::event::{Decision, Event, IntakeOutcome};
use probity_core::instant::Instant;
use probity_core::ledger::Entry;
use probity_core::package::Package;
use probity_core::packet::{Handoff, Packet};
use probity_core::readiness::{Report, Verdict, readiness};
use serde::{Deserialize, Serialize};

use super::Loaded;
use crate::casework::{Casework, CaseworkError};
use crate::store::handoff::NewFiling;
use crate::store::ledger::{Effect, PacketRow, Projection};
use crate::store::notices::NewNotice;

/// What a listing shows beside names: counts and instants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    pub verdict: Verdict,
    /// Lines that stood in the way at the last entry.
    pub blockers: usize,
    /// Objections that are not withdrawn.
    pub objections: usize,
    pub drafts: usize,
    pub good_until: Option<Instant>,
    /// The first entry at which everything but the signatures held.
    pub first_awaiting: Option<Instant>,
    /// When the last entry was made.
    pub changed: Instant,
    /// The instant the verdict is of: that of the last entry, or a later one at which the host looked again.
    pub as_of: Instant,
}

/// The projection of a packet at its last entry.
pub(super) fn projection(
    packet: &Packet,
    report: &Report,
    earlier: Option<&PacketRow>,
) -> Result<Projection, CaseworkError> {
    let first_awaiting = earlier
        .and_then(summary_of)
        .and_then(|summary| summary.first_awaiting)
        .or_else(|| report.may_be_signed.then_some(report.instant));
    projected(packet, report, first_awaiting)
}

/// The same packet at a later instant: only what evidence and the clock changed differs.
pub(super) fn looked_at_again(
    packet: &Packet,
    report: &Report,
    earlier: &PacketRow,
) -> Result<Projection, CaseworkError> {
    // What an entry brought about is not brought about by looking.
    projected(packet, report, summary_of(earlier).and_then(|summary| summary.first_awaiting))
}

/// The summary of a row, if it is one of this version.
pub(super) fn summary_of(row: &PacketRow) -> Option<Summary> {
    serde_json::from_str(&row.projection.summary).ok()
}

fn projected(
    packet: &Packet,
    report: &Report,
    first_awaiting: Option<Instant>,
) -> Result<Projection, CaseworkError> {
    let summary = Summary {
        verdict: report.verdict,
        blockers: report.blockers().count(),
        objections: packet.standing_objections().count(),
        drafts: report.drafts.len(),
        good_until: report.good_until,
        first_awaiting,
        changed: packet.changed,
        as_of: report.instant,
    };
    Ok(Projection {
        title: packet.title.clone(),
        state: report.verdict.as_str().to_owned(),
        author: packet.author.to_string(),
        owner: packet.owner.id.to_string(),
        system: packet.terms.system.to_string(),
        expires: Some(packet.terms.expires),
        summary: serde_json::to_string(&summary)
            .map_err(|error| CaseworkError::Unsealed(error.to_string()))?,
    })
}

/// What happens together with an entry: the filing of a handoff, and notices.
pub(super) async fn effects(
    casework: &Casework,
    loaded: &Loaded,
    entry: &Entry,
    report: &Report,
    book: &Book,
) -> Result<Vec<Effect>, CaseworkError> {
    let packet = &loaded.packet;
    let mut effects = Vec::new();
    let mut notify = |cause: String, kind: &str, text: String| {
        effects.push(Effect::Notify(notice(casework, packet, report, entry.at, cause, kind, text)));
    };
    match &entry.event {
        Event::ExposureDetected(event) => {
            notify(format!("escalated:{}:{}", packet.id, entry.seq), "escalated", event.reason.clone());
        }
        Event::ExposureDeclared(event) => {
            notify(format!("escalated:{}:{}", packet.id, entry.seq), "escalated", event.reason.clone());
        }
        Event::IntakeRecorded(event) => {
            if let IntakeOutcome::Bounced { reasons } = &event.outcome {
                let reasons: Vec<_> = reasons.iter().map(|reason| reason.text.as_str()).collect();
                notify(format!("bounced:{}", event.submission), "bounced", reasons.join("; "));
            }
        }
        _ => {}
    }
    if let Some((cause, kind, text)) = signature_wanted(packet, report) {
        notify(cause, kind, text);
    }
    if let Event::Decided(decided) = &entry.event
        && matches!(decided.statement.decides, Decision::PacketHandedOff { .. })
    {
        let package = casework.keep_package(loaded, report, book).await?;
        effects.push(Effect::File(NewFiling {
            submission: Handoff::submission_of(&packet.id, entry.seq),
            intake: loaded.board.intake.clone(),
            package,
            next_attempt: Some(entry.at),
        }));
    }
    Ok(effects)
}

/// Whose signature is wanted, as cause, kind and text of a notice.
pub(super) fn signature_wanted(packet: &Packet, report: &Report) -> Option<(String, &'static str, String)> {
    (report.verdict == Verdict::AwaitingSignatures).then(|| {
        let who = if report.author_has_accepted() { &packet.owner.id } else { &packet.author };
        let cause = format!("signature:{}:{}:{who}", packet.id, packet.approval_since);
        (cause, "signature-wanted", format!("{who} is asked to accept readiness"))
    })
}

/// A notice about a packet.
pub(super) fn notice(
    casework: &Casework,
    packet: &Packet,
    report: &Report,
    at: Instant,
    cause: String,
    kind: &str,
    text: String,
) -> NewNotice {
    let body = serde_json::json!({
        "kind": kind, "packet": packet.id, "title": packet.title, "entry": packet.head.seq, "at": at, "text": text,
        "verdict": report.verdict, "author": packet.author, "owner": packet.owner.id,
    });
    NewNotice {
        id: casework.clock.uuid().to_string(),
        packet: packet.id.clone(),
        cause,
        kind: kind.to_owned(),
        body: body.to_string(),
        created: at,
        next_attempt: Some(at),
    }
}

impl Casework {
    /// Keeps the package that a handoff files: built from the ledger through its entry, so that whoever builds it again gets
    /// the same bytes.
    async fn keep_package(
        &self,
        loaded: &Loaded,
        report: &Report,
        book: &Book,
    ) -> Result<Digest, CaseworkError> {
        let package = Package::of(&loaded.entries, &loaded.packet, report, book, &loaded.board)
            .map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        let bytes = package.bytes().map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
        Ok(self.blobs.put(&bytes).await?)
    }

    /// Makes every projection anew from its ledger, evaluated at each entry as it was when it was appended. Returns the
    /// packets whose projection differed.
    pub async fn projections_rebuild(&self) -> Result<Vec<probity_core::id::PacketId>, CaseworkError> {
        let mut differed = Vec::new();
        for (id, head) in self.store.heads().await? {
            let kept = self.store.projection_get(&id).await?;
            let made = self.projection_anew(&id, kept.as_ref()).await?;
            if kept.as_ref().map(|row| (&row.projection, row.head)) != Some((&made, head)) {
                differed.push(id.clone());
                self.store.projection_put(&id, head, &made).await?;
            }
        }
        Ok(differed)
    }

    /// Packets whose projection is not the fold of their ledger; nothing is changed.
    pub async fn projections_check(&self) -> Result<Vec<probity_core::id::PacketId>, CaseworkError> {
        let mut differs = Vec::new();
        for (id, head) in self.store.heads().await? {
            let kept = self.store.projection_get(&id).await?;
            let made = self.projection_anew(&id, kept.as_ref()).await?;
            if kept.as_ref().map(|row| (&row.projection, row.head)) != Some((&made, head)) {
                differs.push(id);
            }
        }
        Ok(differs)
    }

    /// The projection made from the ledger: entry by entry, and at the instant the kept one is of, where that is later.
    async fn projection_anew(
        &self,
        id: &probity_core::id::PacketId,
        kept: Option<&PacketRow>,
    ) -> Result<Projection, CaseworkError> {
        let whole = self.load(id, None).await?;
        let as_of = kept.and_then(summary_of).map(|summary| summary.as_of);
        let mut row: Option<PacketRow> = None;
        for upto in 1..=whole.entries.len() {
            let entries = whole.entries[..upto].to_vec();
            let Some((last, head)) = entries.last().cloned() else { continue };
            let packet = Packet::fold(&entries).map_err(|_| CaseworkError::UnknownPacket(id.clone()))?;
            let board = self.policies.board_of(&self.blobs, packet.policy).await?;
            let subjects = self.policies.subjects_of(&self.blobs, packet.subjects).await?;
            let loaded = Loaded { entries, packet, board, subjects };
            let book = self.book(&loaded, last.at).await?;
            let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, last.at);
            let projection = projection(&loaded.packet, &report, row.as_ref())?;
            row = Some(PacketRow { id: id.clone(), head, projection, opened: loaded.packet.opened });
        }
        if let (Some(row), Some(as_of)) = (&mut row, as_of.filter(|as_of| *as_of > whole.packet.changed)) {
            let book = self.book(&whole, as_of).await?;
            let report = readiness(&whole.packet, &book, &whole.board, &whole.subjects, as_of);
            row.projection = looked_at_again(&whole.packet, &report, row)?;
        }
        row.map(|row| row.projection).ok_or_else(|| CaseworkError::UnknownPacket(id.clone()))
    }
}
