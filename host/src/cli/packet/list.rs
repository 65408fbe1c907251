//! `probity packet list`: which packets there are, and how each stands.

use clap::Args;
use probity_core::id::{PacketId, PrincipalId};
use probity_core::instant::Instant;
use probity_core::readiness::Verdict;
use serde::Serialize;

use super::desk::Desk;
use crate::casework::view::PacketRowView;
use crate::casework::{PacketQuery, Slice};
use crate::cli::Exit;
use crate::cli::host::local;
use crate::cli::output::{say, table, visible};

#[derive(Debug, Args)]
pub struct ListArguments {
    /// Only with this verdict: held, in-review, awaiting-signatures, ready, …
    #[arg(long)]
    state: Option<Verdict>,
    /// Only of this author.
    #[arg(long, value_name = "PRINCIPAL")]
    author: Option<PrincipalId>,
    /// Only of this approval owner.
    #[arg(long, value_name = "PRINCIPAL")]
    owner: Option<PrincipalId>,
    /// Only what has all these words in its title, author, owner or system.
    #[arg(long)]
    text: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=i64::from(Slice::MAX)))]
    limit: u32,
    /// Go on after this id, as the listing before said.
    #[arg(long, value_name = "ID")]
    after: Option<PacketId>,
}

/// A page of packets, as the API writes it.
#[derive(Serialize)]
struct Listed {
    items: Vec<PacketRowView>,
    next: Option<String>,
}

pub async fn run(desk: &Desk, arguments: ListArguments) -> anyhow::Result<Exit> {
    let query = PacketQuery {
        state: arguments.state.map(|state| state.as_str().to_owned()),
        author: arguments.author.map(|author| author.to_string()),
        owner: arguments.owner.map(|owner| owner.to_string()),
        text: arguments.text,
    };
    let slice = Slice { limit: arguments.limit, after: arguments.after.map(|id| id.to_string()) };
    let listing = desk.casework.packet_list(&local()?, query, &slice).await?;
    let items = listing.items.into_iter().map(PacketRowView::try_from).collect::<Result<_, _>>()?;
    let listed = Listed { items, next: listing.next };
    desk.output.write(&listed, |listed| rows(&listed.items))?;
    if let Some(next) = listed.next.filter(|_| !desk.output.is_json()) {
        say(&format!("there is more: --after {next}"));
    }
    Ok(Exit::Done)
}

fn rows(items: &[PacketRowView]) -> String {
    if items.is_empty() {
        return "no packet; `probity packet open` opens one".to_owned();
    }
    table(
        &["packet", "verdict", "blockers", "objections", "expires", "owner", "title"],
        items.iter().map(|row| {
            vec![
                row.id.to_string(),
                row.state.to_string(),
                row.blockers.to_string(),
                row.objections.to_string(),
                row.expires.map_or_else(|| "-".to_owned(), day),
                row.owner.clone(),
                visible(&row.title),
            ]
        }),
    )
}

/// The day of an instant: what a table has room for.
fn day(instant: Instant) -> String {
    instant.to_string().chars().take(10).collect()
}
