//! Remarks, objections and their answers, holds, and immediate exposure.

use std::path::PathBuf;

use clap::Args;
use probity_core::claim::Cite;
use probity_core::event::{
    Event, ExposureDeclared, HoldPlaced, HoldReleased, ObjectionAnswered, ObjectionRaised, RemarkMade, Topic,
};
use probity_core::evidence::Severity;
use probity_core::id::{EvidenceId, HoldId, ObjectionId, RemarkId};

use super::desk::Desk;
use super::said::{Named, Words, cite, read};
use crate::cli::Exit;

#[derive(Debug, Args)]
pub struct RemarkArguments {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    words: Words,
    /// What it is about: claim-7, passage-3, rollback; the packet, if left out.
    #[arg(long, value_name = "PART")]
    about: Option<String>,
}

#[derive(Debug, Args)]
pub struct ObjectArguments {
    #[command(flatten)]
    named: Named,
    /// What it is about: expiration, blast-radius, monitoring, rollback, compensating-control, residual-risk,
    /// evidence-quality or other.
    #[arg(long)]
    topic: Topic,
    /// How bad it would be: info, low, medium, high or critical.
    #[arg(long, value_parser = severity)]
    severity: Severity,
    /// The issue, in a sentence.
    #[arg(long, value_name = "TEXT")]
    issue: String,
    /// Why.
    #[arg(
        long,
        value_name = "TEXT",
        required_unless_present = "rationale_file",
        conflicts_with = "rationale_file"
    )]
    rationale: Option<String>,
    /// The same, from a file.
    #[arg(long, value_name = "FILE")]
    rationale_file: Option<PathBuf>,
    /// What would remove it.
    #[arg(long, value_name = "TEXT")]
    removes: String,
    /// What it is against: claim-7, passage-3, rollback; the packet, if left out.
    #[arg(long, value_name = "PART")]
    about: Option<String>,
    /// The remark of yours that it was before.
    #[arg(long, value_name = "REMARK")]
    remark: Option<RemarkId>,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct AnswerArguments {
    #[command(flatten)]
    named: Named,
    /// The objection: objection-12.
    objection: ObjectionId,
    #[command(flatten)]
    words: Words,
    /// What the answer rests on; may be given several times.
    #[arg(long, value_name = "EVIDENCE:/POINTER", value_parser = cite)]
    cite: Vec<Cite>,
}

#[derive(Debug, Args)]
pub struct HoldArguments {
    #[command(flatten)]
    named: Named,
    /// What has to be known first.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct ReleaseArguments {
    #[command(flatten)]
    named: Named,
    /// The hold: hold-14.
    hold: HoldId,
    /// What is known now.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub struct ExposeArguments {
    #[command(flatten)]
    named: Named,
    /// What is exposed. This freezes the packet until its owner resumes it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The evidence that shows it.
    #[arg(long, value_name = "EVIDENCE")]
    evidence: Option<EvidenceId>,
}

fn severity(text: &str) -> Result<Severity, String> {
    let all = Severity::ALL;
    all.iter().copied().find(|severity| severity.as_str() == text).ok_or_else(|| {
        format!("the severities are {}", all.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", "))
    })
}

pub async fn remark(desk: &Desk, arguments: RemarkArguments) -> anyhow::Result<Exit> {
    let RemarkArguments { named, words, about } = arguments;
    let text = words.read()?;
    desk.append(&named, |_, _| Ok(Event::RemarkMade(RemarkMade { text, target: about }))).await
}

pub async fn object(desk: &Desk, arguments: ObjectArguments) -> anyhow::Result<Exit> {
    let rationale = read(arguments.rationale, arguments.rationale_file.as_deref())?.unwrap_or_default();
    let raised = ObjectionRaised {
        topic: arguments.topic,
        severity: arguments.severity,
        issue: arguments.issue,
        target: arguments.about,
        rationale,
        removes: arguments.removes,
        remark: arguments.remark,
    };
    desk.append(&arguments.named, |_, _| Ok(Event::ObjectionRaised(raised))).await
}

pub async fn answer(desk: &Desk, arguments: AnswerArguments) -> anyhow::Result<Exit> {
    let AnswerArguments { named, objection, words, cite: citations } = arguments;
    let text = words.read()?;
    let answered = ObjectionAnswered { objection, text, citations };
    desk.append(&named, |_, _| Ok(Event::ObjectionAnswered(answered))).await
}

pub async fn hold(desk: &Desk, arguments: HoldArguments) -> anyhow::Result<Exit> {
    let HoldArguments { named, reason } = arguments;
    desk.append(&named, |_, _| Ok(Event::HoldPlaced(HoldPlaced { reason }))).await
}

pub async fn release(desk: &Desk, arguments: ReleaseArguments) -> anyhow::Result<Exit> {
    let ReleaseArguments { named, hold, reason } = arguments;
    desk.append(&named, |_, _| Ok(Event::HoldReleased(HoldReleased { hold, reason }))).await
}

pub async fn expose(desk: &Desk, arguments: ExposeArguments) -> anyhow::Result<Exit> {
    let ExposeArguments { named, reason, evidence } = arguments;
    desk.append(&named, |_, _| Ok(Event::ExposureDeclared(ExposureDeclared { reason, evidence }))).await
}
