//! Between a handoff and the board: the submission built again from the ledger, and what the intake did recorded in it; where
//! each filing stands, for people, and taking up one that stopped.
//!
//! Deliberately absent: asking an intake, which is `rounds`'.

use probity_core::canonical::Digest;
use probity_core::decide::host;
use probity_core::event::{Event, IntakeOutcome, IntakeRecorded};
use probity_core::export::{Format, render};
use probity_core::id::PacketId;
use probity_core::intake::{Attachment, Submission};
use probity_core::package::Package;
use probity_core::packet::Packet;
use probity_core::readiness::readiness;

use super::project::notice;
use super::{Appended, Condition, Loaded};
use crate::authz::{Authorized, ReadPackets, WritePackets};
use crate::casework::{Casework, CaseworkError};
use crate::store::handoff::{Filing, FilingState, FilingUpdate};
use crate::store::ledger::Effect;
use crate::store::notices::NewNotice;

/// Why a submission cannot be built as it was handed off.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotRebuilt {
    #[error("the package built again from the ledger is {built}, the one handed off was {filed}")]
    Differs { built: Digest, filed: Digest },
    #[error("the package cannot be built again: {0}")]
    Impossible(String),
    /// It may work later.
    #[error(transparent)]
    Casework(#[from] CaseworkError),
}

impl Casework {
    /// The submission of a filing, built from the ledger through the entry that handed the packet off, with the evidence
    /// as it stood then. It must be the package that was handed off.
    pub(crate) async fn submission(&self, filing: &Filing) -> Result<Submission, NotRebuilt> {
        let package = self.package_through(filing).await?;
        let bytes = package.bytes().map_err(impossible)?;
        let built = Digest::of(&bytes);
        if built != filing.package {
            return Err(NotRebuilt::Differs { built, filed: filing.package });
        }
        let attachment = |format: Format| {
            let bytes = render(format, &package).map_err(impossible)?;
            let name = format!("packet.{}", format.extension());
            Ok::<_, NotRebuilt>(Attachment { name, media_type: format.media_type().to_owned(), bytes })
        };
        let markdown = render(Format::Markdown, &package).map_err(impossible)?;
        Ok(Submission {
            id: filing.submission.clone(),
            title: package.title.clone(),
            text: String::from_utf8(markdown).map_err(impossible)?,
            digest: built,
            attachments: vec![
                attachment(Format::Html)?,
                attachment(Format::Oscal)?,
                Attachment {
                    name: "package.json".to_owned(),
                    media_type: "application/json".to_owned(),
                    bytes,
                },
            ],
        })
    }

    async fn package_through(&self, filing: &Filing) -> Result<Package, NotRebuilt> {
        let mut entries = self.entries(&filing.packet).await?;
        entries.retain(|(entry, _)| entry.seq <= filing.seq);
        let at = match entries.last() {
            Some((entry, _)) if entry.seq == filing.seq => entry.at,
            _ => return Err(NotRebuilt::Impossible(format!("the ledger has no entry {}", filing.seq))),
        };
        let packet = Packet::fold(&entries).map_err(impossible)?;
        let board = self.policies.board_of(&self.blobs, packet.policy).await?;
        let subjects = self.policies.subjects_of(&self.blobs, packet.subjects).await?;
        let loaded = Loaded { entries, packet, board, subjects };
        let book = self.book(&loaded, at).await?;
        let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, at);
        Package::of(&loaded.entries, &loaded.packet, &report, &book, &loaded.board).map_err(impossible)
    }

    /// Records what the intake did with a submission, with what else happens then. `None` when the ledger is past it; then
    /// nothing was written.
    pub(crate) async fn record_intake(
        &self,
        filing: &Filing,
        outcome: IntakeOutcome,
        also: Vec<Effect>,
    ) -> Result<Option<Appended>, CaseworkError> {
        let command =
            Event::IntakeRecorded(IntakeRecorded { submission: filing.submission.clone(), outcome });
        match self.append_as(host(), &filing.packet, Condition::Any, command, also).await {
            Ok(appended) => Ok(Some(appended)),
            Err(CaseworkError::Refused(refusal))
                if ["intake.past", "phase.decided", "phase.withdrawn"].contains(&refusal.code.as_str()) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A notice about a filing; one a submission and kind.
    pub(crate) async fn filing_notice(
        &self,
        filing: &Filing,
        kind: &str,
        text: String,
    ) -> Result<NewNotice, CaseworkError> {
        let loaded = self.load(&filing.packet, None).await?;
        let at = self.store.now().await?.max(loaded.packet.changed);
        let book = self.book(&loaded, at).await?;
        let report = readiness(&loaded.packet, &book, &loaded.board, &loaded.subjects, at);
        let cause = format!("{kind}:{}:{}", filing.submission, filing.attempts);
        Ok(notice(self, &loaded.packet, &report, at, cause, kind, text))
    }

    /// A packet's filings, oldest first: one a handoff.
    pub async fn filing_list(
        &self,
        _: &Authorized<ReadPackets>,
        packet: &PacketId,
    ) -> Result<Vec<Filing>, CaseworkError> {
        self.load(packet, None).await?;
        Ok(self.store.filing_list(packet).await?)
    }

    /// Lets a filing that stopped be tried again, once whoever looked into it has mended the cause. The intake is searched
    /// for the submission first, so nothing is filed twice. Author and owner of the packet may. One that goes on by itself is
    /// left as it is.
    pub async fn filing_again(
        &self,
        permit: &Authorized<WritePackets>,
        packet: &PacketId,
        submission: &str,
    ) -> Result<Filing, CaseworkError> {
        let missing = || CaseworkError::QueueMoved { submission: submission.to_owned(), state: None };
        let packet = self.load(packet, None).await?.packet;
        let filing = self.store.filing_get(submission).await?;
        let filing = filing.filter(|filing| filing.packet == packet.id).ok_or_else(missing)?;
        let caller = permit.caller().actor()?;
        let is_theirs = caller.is_human() && (caller.id == packet.author || caller.id == packet.owner.id);
        if !is_theirs {
            let who = format!("{} (author) or {} (approval owner)", packet.author, packet.owner.id);
            return Err(CaseworkError::Refused(probity_core::decide::Refusal {
                code: "who.not-yours".to_owned(),
                attempted: "filing-again".to_owned(),
                rule: "a handoff that got stuck is taken up again by the packet's author or owner".to_owned(),
                fix: format!("ask {who}"),
                who: Some(who),
            }));
        }
        if !filing.state.has_stopped() {
            return Ok(filing);
        }
        let lease = std::time::Duration::from_secs(60);
        let Some(claimed) = self.store.filing_claim(submission, caller.id.as_str(), lease).await? else {
            return Ok(filing);
        };
        let update = FilingUpdate {
            state: FilingState::Unknown,
            attempts: 0,
            next_attempt: Some(self.store.now().await?),
            problem: claimed.problem.clone(),
            receipt: None,
            keep_lease: false,
        };
        let epoch = claimed.lease.map_or(0, |lease| lease.epoch);
        Ok(self.store.filing_update(submission, epoch, &update).await?)
    }
}

fn impossible(error: impl std::fmt::Display) -> NotRebuilt {
    NotRebuilt::Impossible(error.to_string())
}
