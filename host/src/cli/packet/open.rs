//! Opening and renewing packets, their terms, and taking them back.

use clap::Args;
use probity_core::event::{AuthorChanged, Event, PacketWithdrawn, Terms, TermsRevised};
use probity_core::id::{PrincipalId, Subject};
use probity_core::instant::Instant;

use super::desk::Desk;
use super::said::{Named, when};
use crate::casework::Opening;
use crate::cli::Exit;

#[derive(Debug, Args)]
pub struct OpenArguments {
    /// What it is called, in one line.
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// What sort of exception it is, in the board's words: shared-credential.
    #[arg(long, value_name = "WORD")]
    exception: String,
    /// The system it is for: service:payments-bridge.
    #[arg(long, value_name = "SUBJECT")]
    system: Subject,
    /// The credential it is about, if it is about one: credential:legacy-broker/shared.
    #[arg(long, value_name = "SUBJECT")]
    credential: Option<Subject>,
    /// When the exception ends: an instant, or a day. There is none without an end.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    expires: Instant,
    /// The approval owner: who will decide. Not you.
    #[arg(long, value_name = "PRINCIPAL")]
    owner: PrincipalId,
}

#[derive(Debug, Args)]
pub struct RenewArguments {
    #[command(flatten)]
    named: Named,
    /// When the new exception ends: an instant, or a day.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    expires: Instant,
    /// The approval owner, if it is somebody else than before.
    #[arg(long, value_name = "PRINCIPAL")]
    owner: Option<PrincipalId>,
    /// What the new packet is called, if it is something else.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

#[derive(Debug, Args)]
pub struct TermsArguments {
    #[command(flatten)]
    named: Named,
    /// The system it is for; as it was, if left out.
    #[arg(long, value_name = "SUBJECT")]
    system: Option<Subject>,
    /// The credential it is about; as it was, if left out.
    #[arg(long, value_name = "SUBJECT", conflicts_with = "no_credential")]
    credential: Option<Subject>,
    /// It is about no credential.
    #[arg(long)]
    no_credential: bool,
    /// When the exception ends; as it was, if left out.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    expires: Option<Instant>,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct ChangeAuthorArguments {
    #[command(flatten)]
    named: Named,
    /// Who prepares it from here on.
    author: PrincipalId,
}

#[derive(Debug, Args)]
pub struct WithdrawPacketArguments {
    #[command(flatten)]
    named: Named,
    /// Why. Nothing follows after this.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

pub async fn open(desk: &Desk, arguments: OpenArguments) -> anyhow::Result<Exit> {
    let OpenArguments { title, exception, system, credential, expires, owner } = arguments;
    let terms = Terms { system, credential, expires };
    let opening = Opening { title, exception, terms, owner, renews: None };
    let permit = desk.caller().await?.authorize()?;
    desk.made(desk.casework.packet_open(&permit, opening).await?)
}

pub async fn renew(desk: &Desk, arguments: RenewArguments) -> anyhow::Result<Exit> {
    let permit = desk.caller().await?.authorize()?;
    let id = desk.find(&arguments.named).await?;
    let packet = desk.packet(&id).await?;
    let opening = Opening {
        title: arguments.title.unwrap_or(packet.title),
        exception: packet.exception,
        terms: Terms { expires: arguments.expires, ..packet.terms },
        owner: arguments.owner.unwrap_or(packet.owner.id),
        renews: Some(id),
    };
    desk.made(desk.casework.packet_open(&permit, opening).await?)
}

pub async fn terms(desk: &Desk, arguments: TermsArguments) -> anyhow::Result<Exit> {
    let TermsArguments { named, system, credential, no_credential, expires } = arguments;
    desk.append(&named, |packet, _| {
        let was = packet.terms.clone();
        let credential = if no_credential { None } else { credential.or(was.credential) };
        let terms = Terms {
            system: system.unwrap_or(was.system),
            credential,
            expires: expires.unwrap_or(was.expires),
        };
        Ok(Event::TermsRevised(TermsRevised { terms }))
    })
    .await
}

pub async fn change_author(desk: &Desk, arguments: ChangeAuthorArguments) -> anyhow::Result<Exit> {
    let ChangeAuthorArguments { named, author } = arguments;
    desk.append(&named, |_, _| Ok(Event::AuthorChanged(AuthorChanged { author }))).await
}

pub async fn withdraw_packet(desk: &Desk, arguments: WithdrawPacketArguments) -> anyhow::Result<Exit> {
    let WithdrawPacketArguments { named, reason } = arguments;
    desk.append(&named, |_, _| Ok(Event::PacketWithdrawn(PacketWithdrawn { reason }))).await
}
