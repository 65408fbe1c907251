//! `probity packet filings` and `probity packet file-again`: where a package is on its way to the board's intake.

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::desk::Desk;
use super::said::Named;
use crate::casework::CaseworkError;
use crate::casework::view::FilingView;
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::{facts, say, visible};

#[derive(Debug, Args)]
pub struct FilingsArguments {
    #[command(flatten)]
    named: Named,
}

#[derive(Debug, Args)]
pub struct FileAgainArguments {
    #[command(flatten)]
    named: Named,
    /// The submission, as `packet filings` shows it; left out: the last one.
    #[arg(long)]
    submission: Option<String>,
}

/// A packet's filings, as the API writes them.
#[derive(Serialize)]
struct Filings {
    items: Vec<FilingView>,
}

pub async fn list(desk: &Desk, arguments: FilingsArguments) -> anyhow::Result<Exit> {
    let id = desk.find(&arguments.named).await?;
    let filings = desk.casework.filing_list(&local()?, &id).await?;
    let items = filings.into_iter().map(FilingView::try_from).collect::<Result<_, CaseworkError>>()?;
    desk.output.write(&Filings { items }, |filings| for_people(&filings.items))?;
    Ok(Exit::Done)
}

pub async fn again(desk: &Desk, arguments: FileAgainArguments) -> anyhow::Result<Exit> {
    let caller = desk.caller().await?;
    let id = desk.find(&arguments.named).await?;
    let submission = match arguments.submission {
        Some(submission) => submission,
        None => {
            let last = desk.casework.filing_list(&local()?, &id).await?.pop();
            last.context("the packet was not handed off; `probity packet hand-off` does that")?.submission
        }
    };
    let filing = desk.casework.filing_again(&caller.authorize()?, &id, &submission).await?;
    let filing = FilingView::try_from(filing)?;
    desk.output.write(&filing, one)?;
    if !desk.output.is_json() {
        say("the host files it on its next round, after searching the intake for it: `probity serve`");
    }
    Ok(Exit::Done)
}

fn for_people(filings: &[FilingView]) -> String {
    if filings.is_empty() {
        return "nothing was handed off; `probity packet hand-off` does that".to_owned();
    }
    filings.iter().map(one).collect::<Vec<_>>().join("\n\n")
}

fn one(filing: &FilingView) -> String {
    let mut lines = vec![
        ("submission", filing.submission.clone()),
        ("intake", visible(&filing.intake)),
        ("state", format!("{}, after {} attempt(s)", filing.state.as_str(), filing.attempts)),
        ("package", filing.package.to_string()),
    ];
    lines.extend(filing.problem.as_ref().map(|problem| ("problem", visible(problem))));
    lines.extend(filing.reference.as_ref().map(|reference| ("reference", visible(reference))));
    lines.extend(filing.url.as_ref().map(|url| ("url", visible(url))));
    lines.extend(filing.next_attempt.map(|next| ("next looked at", next.to_string())));
    if filing.has_stopped() {
        let fix = "once that is mended, its author or owner takes it up: `probity packet file-again`";
        lines.push(("stopped", fix.to_owned()));
    }
    facts(&lines)
}
