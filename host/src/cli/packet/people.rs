//! Reviewers, and what must happen after the handoff.

use clap::Args;
use probity_core::event::{Event, FollowUpDone, FollowUpScheduled, ReviewerNamed, ReviewerReleased};
use probity_core::id::{Discipline, FollowUpId, PrincipalId};
use probity_core::instant::Instant;

use super::desk::Desk;
use super::said::{Named, when};
use crate::cli::Exit;

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct NameReviewerArguments {
    #[command(flatten)]
    named: Named,
    /// Who is to review.
    reviewer: PrincipalId,
    /// For which discipline: security, architecture, sre, …
    #[arg(long = "for", value_name = "DISCIPLINE")]
    discipline: Discipline,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct ReleaseReviewerArguments {
    #[command(flatten)]
    named: Named,
    /// Who no longer reviews. Their reviews no longer count; their objections stay.
    reviewer: PrincipalId,
    /// For which discipline.
    #[arg(long = "for", value_name = "DISCIPLINE")]
    discipline: Discipline,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub struct FollowUpArguments {
    #[command(flatten)]
    named: Named,
    /// What must happen after the handoff.
    #[arg(long, value_name = "TEXT")]
    what: String,
    /// Who does it.
    #[arg(long, value_name = "PRINCIPAL")]
    owner: PrincipalId,
    /// Until when: an instant, or a day.
    #[arg(long, value_name = "INSTANT", value_parser = when)]
    due: Instant,
    /// The follow-up of the board policy that this is: post-review.
    #[arg(long, value_name = "NAME")]
    required: Option<String>,
}

#[derive(Debug, Args)]
#[command(allow_missing_positional = true)]
pub struct FollowUpDoneArguments {
    #[command(flatten)]
    named: Named,
    /// The follow-up: follow-up-20.
    follow_up: FollowUpId,
    /// How it went.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

pub async fn name_reviewer(desk: &Desk, arguments: NameReviewerArguments) -> anyhow::Result<Exit> {
    let NameReviewerArguments { named, reviewer, discipline } = arguments;
    desk.append(&named, |_, _| Ok(Event::ReviewerNamed(ReviewerNamed { reviewer, discipline }))).await
}

pub async fn release_reviewer(desk: &Desk, arguments: ReleaseReviewerArguments) -> anyhow::Result<Exit> {
    let ReleaseReviewerArguments { named, reviewer, discipline, reason } = arguments;
    let released = ReviewerReleased { reviewer, discipline, reason };
    desk.append(&named, |_, _| Ok(Event::ReviewerReleased(released))).await
}

pub async fn follow_up(desk: &Desk, arguments: FollowUpArguments) -> anyhow::Result<Exit> {
    let FollowUpArguments { named, what, owner, due, required } = arguments;
    let scheduled = FollowUpScheduled { what, owner, due, required };
    desk.append(&named, |_, _| Ok(Event::FollowUpScheduled(scheduled))).await
}

pub async fn follow_up_done(desk: &Desk, arguments: FollowUpDoneArguments) -> anyhow::Result<Exit> {
    let FollowUpDoneArguments { named, follow_up, note } = arguments;
    desk.append(&named, |_, _| Ok(Event::FollowUpDone(FollowUpDone { follow_up, note }))).await
}
