//! What only a person's key brings about: reviews, withdrawals, risk, ownership, readiness, the handoff.

use clap::{ArgGroup, Args};
use probity_core::event::{Decision, ReviewVerdict};
use probity_core::id::{CauseId, Discipline, ObjectionId, PrincipalId};
use probity_core::instant::Instant;

use super::desk::Desk;
use super::said::{Named, read, when};
use super::signing::Signing;
use crate::cli::Exit;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("word").required(true).args(["approve", "abstain"])))]
pub struct ReviewArguments {
    #[command(flatten)]
    named: Named,
    /// The discipline you are named for: security, architecture, sre, …
    #[arg(long = "for", value_name = "DISCIPLINE")]
    discipline: Discipline,
    /// The text is good as it is.
    #[arg(long)]
    approve: bool,
    /// You looked, and do not judge.
    #[arg(long)]
    abstain: bool,
    /// What goes with it; it does not block.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct WithdrawArguments {
    #[command(flatten)]
    named: Named,
    /// The objection, which you raised: objection-12.
    objection: ObjectionId,
    /// Why it no longer stands.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct RiskArguments {
    #[command(flatten)]
    named: Named,
    /// The objection whose risk you carry: objection-12.
    objection: ObjectionId,
    /// Why the risk can be carried.
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present = "rationale_file",
        conflicts_with = "rationale_file"
    )]
    rationale: Option<String>,
    /// The same, from a file.
    #[arg(long, value_name = "FILE")]
    rationale_file: Option<std::path::PathBuf>,
    /// Until when: an instant, or a day.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    expires: Instant,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub struct OwnArguments {
    #[command(flatten)]
    named: Named,
    /// Offer the approval to somebody instead; it stays yours until they take it.
    #[arg(long, value_name = "PRINCIPAL")]
    offer_to: Option<PrincipalId>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct ReplaceOwnerArguments {
    #[command(flatten)]
    named: Named,
    /// Who owns the approval from now on.
    owner: PrincipalId,
    /// Why the owner cannot act.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub struct ResumeArguments {
    #[command(flatten)]
    named: Named,
    /// Where the incident is kept: a number, an address.
    #[arg(long, value_name = "TEXT")]
    incident: String,
    /// How it ended.
    #[arg(long, value_name = "TEXT")]
    outcome: String,
    /// Only this cause; may be given several times. All that are open, if none is named.
    #[arg(long = "cause", value_name = "CAUSE")]
    causes: Vec<CauseId>,
    #[command(flatten)]
    signing: Signing,
}

#[derive(Debug, Args)]
pub struct SignArguments {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    signing: Signing,
}

pub async fn review(desk: &Desk, arguments: ReviewArguments) -> anyhow::Result<Exit> {
    let ReviewArguments { named, discipline, approve, note, signing, .. } = arguments;
    let verdict = if approve { ReviewVerdict::Approve } else { ReviewVerdict::Abstain };
    desk.decide(&named, &signing, |_, _| Ok(Decision::ReviewRecorded { discipline, verdict, note })).await
}

pub async fn withdraw(desk: &Desk, arguments: WithdrawArguments) -> anyhow::Result<Exit> {
    let WithdrawArguments { named, objection, reason, signing } = arguments;
    desk.decide(&named, &signing, |_, _| Ok(Decision::ObjectionWithdrawn { objection, reason })).await
}

pub async fn accept_risk(desk: &Desk, arguments: RiskArguments) -> anyhow::Result<Exit> {
    let RiskArguments { named, objection, rationale, rationale_file, expires, signing } = arguments;
    let rationale = read(rationale, rationale_file.as_deref())?.unwrap_or_default();
    desk.decide(&named, &signing, |_, _| Ok(Decision::RiskAccepted { objection, rationale, expires })).await
}

pub async fn own(desk: &Desk, arguments: OwnArguments) -> anyhow::Result<Exit> {
    let decision = match arguments.offer_to {
        Some(to) => Decision::OwnershipOffered { to },
        None => Decision::OwnershipAccepted,
    };
    desk.decide(&arguments.named, &arguments.signing, |_, _| Ok(decision)).await
}

pub async fn replace_owner(desk: &Desk, arguments: ReplaceOwnerArguments) -> anyhow::Result<Exit> {
    let ReplaceOwnerArguments { named, owner, reason, signing } = arguments;
    desk.decide(&named, &signing, |_, _| Ok(Decision::OwnerReplaced { owner, reason })).await
}

pub async fn resume(desk: &Desk, arguments: ResumeArguments) -> anyhow::Result<Exit> {
    let ResumeArguments { named, incident, outcome, causes, signing } = arguments;
    desk.decide(&named, &signing, |packet, _| {
        let open = || packet.open_causes().map(|cause| cause.id).collect();
        let causes = if causes.is_empty() { open() } else { causes };
        Ok(Decision::LoopResumed { causes, incident, outcome })
    })
    .await
}

pub async fn sign(desk: &Desk, arguments: SignArguments) -> anyhow::Result<Exit> {
    desk.decide(&arguments.named, &arguments.signing, |_, _| Ok(Decision::ReadinessAccepted)).await
}
