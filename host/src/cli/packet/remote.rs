//! Readiness over REST: the report worked out here, from what a server gives, trusting it as little as can be.
//!
//! The ledger is checked as a chain, the board policy and the subject map are checked by the digests the ledger names, and the
//! report is made by the same function the server calls. What remains the server's word is the evidence: a bundle
//! and `probity verify` check that as well.

use anyhow::{Context as _, ensure};
use probity_core::board::Board;
use probity_core::book::Book;
use probity_core::canonical::{self, Digest};
use probity_core::id::PacketId;
use probity_core::instant::Instant;
use probity_core::ledger::{self, Entry, Head};
use probity_core::packet::Packet;
use probity_core::readiness::{self, Report};
use probity_core::subject::SubjectMap;
use serde::Deserialize;
use serde_json::Value;

use super::said::Named;
use crate::cli::acting;
use crate::egress::Client;

/// A page of the ledger, as the API writes it.
#[derive(Deserialize)]
struct Page {
    items: Vec<Line>,
    /// Whether more follows. Where it leads is not followed: entries are numbered.
    next: Option<Value>,
}

#[derive(Deserialize)]
struct Line {
    entry: Value,
}

/// The evidence a report rests on, and the instant it stood at.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Stood {
    as_of: Instant,
    book: Book,
}

/// The report and the packet, at an instant or at the server's now.
pub async fn readiness(server: &str, named: &Named, at: Option<Instant>) -> anyhow::Result<(Report, Packet)> {
    let named = named.packet.as_deref().unwrap_or_default();
    let id: PacketId = named.parse().context("with --server, name the packet by its whole id")?;
    let client = Client::new(server, acting::token()?)?;
    let stood: Stood = json(&client, &format!("packets/{id}/evidence"), &instant(at)).await?;
    let mut entries = ledger(&client, &id).await?;
    entries.retain(|(entry, _)| entry.at <= stood.as_of);
    let packet =
        Packet::fold(&entries).map_err(|_| anyhow::anyhow!("packet {id} was not open at {}", stood.as_of))?;
    ensure!(packet.id == id, "the server gave the ledger of packet {} for {id}", packet.id);
    let board = Board::parse(&document(&client, &packet.policy).await?)?;
    let subjects = SubjectMap::parse(&document(&client, &packet.subjects).await?)?;
    let report = readiness::readiness(&packet, &stood.book, &board, &subjects, stood.as_of);
    Ok((report, packet))
}

fn instant(at: Option<Instant>) -> Vec<(&'static str, String)> {
    at.map(|at| ("at", at.to_string())).into_iter().collect()
}

async fn json<T: for<'de> Deserialize<'de>>(
    client: &Client,
    path: &str,
    query: &[(&'static str, String)],
) -> anyhow::Result<T> {
    let bytes = client.get(path, query).await?;
    serde_json::from_slice(&bytes).with_context(|| format!("the server's answer for {path} has another form"))
}

/// The whole ledger, each entry in its hashed form again, held together as a chain.
async fn ledger(client: &Client, id: &PacketId) -> anyhow::Result<Vec<(Entry, Head)>> {
    let mut lines = Vec::new();
    loop {
        let query = [("limit", "500".to_owned()), ("after", lines.len().to_string())];
        let page: Page = json(client, &format!("packets/{id}/ledger"), &query).await?;
        ensure!(
            page.next.is_none() || !page.items.is_empty(),
            "the server says that more follows, and gives nothing"
        );
        for line in page.items {
            lines.push(canonical::bytes(&line.entry)?);
        }
        if page.next.is_none() {
            break;
        }
    }
    ledger::read(lines.iter().map(Vec::as_slice)).with_context(|| format!("the ledger of {id} does not hold"))
}

/// A text the ledger names by its digest, if it is that text.
async fn document(client: &Client, digest: &Digest) -> anyhow::Result<String> {
    let bytes = client.get(&format!("documents/{digest}"), &[]).await?;
    ensure!(Digest::of(&bytes) == *digest, "the server gave another text than {digest}");
    String::from_utf8(bytes).with_context(|| format!("{digest} is no text"))
}
