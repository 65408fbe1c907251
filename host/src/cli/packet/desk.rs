//! A host with a packet at hand: finding it, and asking for something to happen to it.

use std::path::Path;

use anyhow::bail;
use probity_core::canonical::Digest;
use probity_core::event::{Command, Event};
use probity_core::id::{CauseId, ClaimId, FollowUpId, HoldId, ObjectionId, PacketId, PassageId, RemarkId};
use probity_core::packet::Packet;
use probity_core::readiness::Verdict;
use serde::Serialize;

use super::said::Named;
use crate::authz::{Authorized, Caller, WritePackets};
use crate::casework::view::AppendedView;
use crate::casework::{Appended, Casework, PacketQuery, Slice};
use crate::cli::host::{Host, local};
use crate::cli::output::{Output, facts, say, visible};
use crate::cli::{Exit, acting};
use crate::store::ledger::PacketRow;

/// The host of the configuration, and where results go.
pub struct Desk {
    pub host: Host,
    pub casework: Casework,
    pub output: Output,
}

/// What an append did, as the API writes it, with the part it made.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Made {
    #[serde(flatten)]
    appended: AppendedView,
    /// The part of the packet that the entry made: `claim-12`.
    made: Option<String>,
    /// How many things stand in the way right after.
    blockers: usize,
}

impl Desk {
    pub async fn open(file: &Path, output: Output) -> anyhow::Result<Self> {
        let host = Host::open(file).await?;
        let casework = host.casework();
        Ok(Self { host, casework, output })
    }

    /// Who acts.
    pub async fn caller(&self) -> anyhow::Result<Caller> {
        acting::caller(&self.host).await
    }

    /// The packet that is meant.
    pub async fn find(&self, named: &Named) -> anyhow::Result<PacketId> {
        let text = named.packet.as_deref().unwrap_or("-");
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let rows = self.rows().await?;
        let is_meant = |row: &&PacketRow| match text {
            "-" => row.projection.state != Verdict::Withdrawn.as_str(),
            beginning => row.id.as_str().starts_with(beginning),
        };
        let meant: Vec<&PacketRow> = rows.iter().filter(is_meant).collect();
        match (meant.as_slice(), text) {
            ([row], _) => Ok(row.id.clone()),
            ([], "-") => bail!("there is no packet; `probity packet open` opens one"),
            ([], _) => bail!("no packet's id begins with `{text}`; `probity packet list` shows them"),
            (several, _) => bail!(
                "which packet is meant? name one, or set PROBITY_PACKET:{}",
                several
                    .iter()
                    .map(|row| format!("\n  {}  {}", row.id, visible(&row.projection.title)))
                    .collect::<String>()
            ),
        }
    }

    async fn rows(&self) -> anyhow::Result<Vec<PacketRow>> {
        let mut rows = Vec::new();
        let mut slice = Slice::first(Slice::MAX);
        loop {
            let listing = self.casework.packet_list(&local()?, PacketQuery::default(), &slice).await?;
            rows.extend(listing.items);
            match listing.next {
                Some(next) => slice.after = Some(next),
                None => return Ok(rows),
            }
        }
    }

    /// The packet as it stands.
    pub async fn packet(&self, id: &PacketId) -> anyhow::Result<Packet> {
        Ok(self.casework.packet_get(&local()?, id, None).await?)
    }

    /// Asks for something to happen to a packet, on the head that is shown.
    pub async fn append(
        &self,
        named: &Named,
        make: impl FnOnce(&Packet, &Caller) -> anyhow::Result<Command>,
    ) -> anyhow::Result<Exit> {
        let caller = self.caller().await?;
        let id = self.find(named).await?;
        let packet = self.packet(&id).await?;
        let command = make(&packet, &caller)?;
        self.send(&caller.authorize()?, &packet, command).await
    }

    /// Sends a command about a packet that was just read.
    pub async fn send(
        &self,
        permit: &Authorized<WritePackets>,
        packet: &Packet,
        command: Command,
    ) -> anyhow::Result<Exit> {
        let head = packet.head;
        if !self.output.is_json() {
            say(&format!("{} · after entry {} ({})", visible(&packet.title), head.seq, short(&head.digest)));
        }
        let appended = self.casework.packet_append(permit, &packet.id, Some(head.digest), command).await?;
        self.made(appended)
    }

    /// Writes what an append did.
    pub fn made(&self, appended: Appended) -> anyhow::Result<Exit> {
        let made = part(&appended.entry.event, appended.entry.seq);
        let blockers = appended.report.blockers().count();
        self.output.write(&Made { appended: appended.into(), made, blockers }, for_people)?;
        Ok(Exit::Done)
    }
}

fn for_people(made: &Made) -> String {
    let AppendedView { entry, head, verdict } = &made.appended;
    let mut lines = vec![
        ("packet", entry.packet.to_string()),
        ("entry", format!("{} {} by {}", entry.seq, entry.event.word(), entry.actor.id)),
        ("hash", head.digest.to_string()),
        ("verdict", format!("{verdict}, {}", in_the_way(made.blockers))),
    ];
    if let Some(part) = &made.made {
        lines.insert(2, ("made", part.clone()));
    }
    facts(&lines)
}

/// A count of blockers in words.
pub fn in_the_way(blockers: usize) -> String {
    match blockers {
        0 => "nothing stands in the way".to_owned(),
        1 => "1 thing stands in the way".to_owned(),
        many => format!("{many} things stand in the way"),
    }
}

/// The beginning of a digest: enough to compare by eye, never enough to name anything.
pub fn short(digest: &Digest) -> String {
    digest.hex().chars().take(12).collect()
}

/// The part of a packet that an entry made, by its name.
fn part<C>(event: &Event<C>, seq: u32) -> Option<String> {
    Some(match event {
        Event::PassageProposed(_) => PassageId(seq).to_string(),
        Event::ClaimMade(_) => ClaimId(seq).to_string(),
        Event::ObjectionRaised(_) => ObjectionId(seq).to_string(),
        Event::RemarkMade(_) => RemarkId(seq).to_string(),
        Event::HoldPlaced(_) => HoldId(seq).to_string(),
        Event::ExposureDeclared(_) | Event::ExposureDetected(_) => CauseId(seq).to_string(),
        Event::FollowUpScheduled(_) => FollowUpId(seq).to_string(),
        _ => return None,
    })
}
