//! Sample data: a packet as a story, told in ledger entries. Every name and text in here is made up.
//!
//! The entries are appended without asking [`crate::decide`]: a package must show whatever a ledger holds.

mod broker;

use serde_json::{Value, json};

use super::Package;
use crate::actor::{Actor, ActorKind, Role};
use crate::board::Board;
use crate::book::{Book, Record, Revision};
use crate::canonical::Digest;
use crate::claim::{Citation, quote_digest};
use crate::event::{Decided, Decision, Event, PacketOpened, Renewal, Terms};
use crate::evidence::{Item, Locator};
use crate::id::{EvidenceId, PacketId, PrincipalId};
use crate::instant::Instant;
use crate::ledger::{Entry, Head};
use crate::packet::Packet;
use crate::page::CitedPlace;
use crate::readiness::{Report, VERSION, Verdict, readiness};
use crate::signature::Signature;
use crate::statement::{Statement, VERSION as STATEMENT_VERSION};
use crate::subject::SubjectMap;

pub(crate) use broker::{DRAFTED, broker};

/// An SSH signature made once, its key thrown away. It names a key; it is over none of these statements.
const SIGNATURE: &str = "-----BEGIN SSH SIGNATURE-----
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgFND1hHldKYHcvKcEIqZXt6VLUU
ALShtTzR5kLBOMP18AAAAHcHJvYml0eQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQy
NTUxOQAAAEAF+iW1WayYvG7nRNi6GylxiY2le7RmaUoANHh+uxDKCkEq4g2t7FhjDgtEMS
LEgJf6BGlZA2BBv5Q37koLiTwH
-----END SSH SIGNATURE-----
";

/// A packet's story so far.
pub(crate) struct Story {
    pub(crate) entries: Vec<(Entry, Head)>,
    pub(crate) book: Book,
    pub(crate) board: Board,
    now: Instant,
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn person(name: &str) -> PrincipalId {
    format!("{name}@example.org").parse().unwrap()
}

impl Story {
    /// Ada opens a packet whose approval owner is Grace.
    pub(crate) fn opened(title: &str) -> Self {
        Self::opened_for(title, "shared-credential", None)
    }

    /// The same, for another sort of exception, or going on from an earlier packet.
    pub(crate) fn opened_for(title: &str, exception: &str, renews: Option<Renewal>) -> Self {
        let now = at("2026-11-02T09:00:00Z");
        let board = Board::parse(BOARD).unwrap();
        let mut story = Self { entries: Vec::new(), book: Book::default(), board, now };
        let opened = PacketOpened {
            title: title.to_owned(),
            exception: exception.to_owned(),
            terms: Terms {
                system: "service:payments-bridge".parse().unwrap(),
                credential: Some("credential:legacy-broker/shared".parse().unwrap()),
                expires: at("2027-03-31T00:00:00Z"),
            },
            owner: person("grace"),
            board: story.board.name.clone(),
            policy: story.board.digest,
            subjects: SubjectMap::default().digest,
            renews,
        };
        story.say("ada", Role::Author, Event::PacketOpened(opened));
        story
    }

    /// Somebody does something, three hours after the last thing. Returns the entry's number.
    pub(crate) fn say(&mut self, who: &str, role: Role, event: Event) -> u32 {
        self.now = self.now.plus(std::time::Duration::from_hours(3)).unwrap();
        let kind = if role == Role::Agent { ActorKind::Agent } else { ActorKind::Human };
        let actor = Actor { id: person(who), kind, role };
        let packet = self.id();
        let head = self.entries.last().map(|(_, head)| *head);
        let entry = Entry::after(head.as_ref(), packet, self.now, actor, event);
        let head = entry.sealed().unwrap().head;
        self.entries.push((entry, head));
        head.seq
    }

    /// Somebody signs something.
    pub(crate) fn sign(&mut self, who: &str, role: Role, decides: Decision) -> u32 {
        let packet = self.packet();
        let text = packet.text_digest().unwrap();
        let statement = Statement {
            v: STATEMENT_VERSION,
            packet: packet.id.clone(),
            signer: person(who),
            decides,
            text,
            approval: packet.approval_digest_over(text).unwrap(),
            head: packet.head,
            evidence: Vec::new(),
            objections: Vec::new(),
            policy: packet.policy,
            subjects: packet.subjects,
            instant: self.now,
            good_until: Some(at("2026-12-01T00:00:00Z")),
        };
        let signature = match who {
            "grace" => Signature::Passkey {
                credential_id: "c2FtcGxlLWNyZWRlbnRpYWw".to_owned(),
                authenticator_data: String::new(),
                client_data_json: String::new(),
                signature: String::new(),
            },
            _ => Signature::Ssh { armored: SIGNATURE.to_owned() },
        };
        self.say(who, role, Event::Decided(Decided { statement, signature }))
    }

    /// Evidence is collected.
    pub(crate) fn collect(&mut self, number: u32, connection: &str, item: Value) {
        let item: Item = serde_json::from_value(item).unwrap();
        let id = evidence(number);
        let revision = Revision {
            number: 1,
            content: item.content_hash().unwrap(),
            cited: vec![CitedPlace { capture: Digest::of(&number.to_le_bytes()), locator: Locator::Whole }],
            collected: at("2026-11-20T06:00:00Z"),
            recorded: at("2026-11-20T06:00:04.5Z"),
            run: "0197a3c0-0000-7000-8000-00000000a001".parse().unwrap(),
            component: Digest::of(connection.as_bytes()),
            item,
        };
        let record = Record {
            id: id.clone(),
            connection: connection.parse().unwrap(),
            connection_id: "0197a3c0-0000-7000-8000-00000000c001".parse().unwrap(),
            stream: "all".parse().unwrap(),
            last_seen: at("2026-11-22T06:00:00Z"),
            absent: false,
            revisions: vec![revision],
        };
        self.book.records.insert(id, record);
    }

    /// A citation of the first revision of collected evidence.
    pub(crate) fn cite(&self, number: u32, pointer: &str) -> Citation {
        let record = self.book.get(&evidence(number)).unwrap();
        let revision = record.revision(1).unwrap();
        let quoted = serde_json::to_value(&revision.item).unwrap().pointer(pointer).unwrap().clone();
        Citation {
            evidence: record.id.clone(),
            revision: 1,
            content: revision.content,
            pointer: pointer.to_owned(),
            digest: quote_digest(&quoted).unwrap(),
            quoted,
        }
    }

    pub(crate) fn id(&self) -> PacketId {
        "0197a3c0-0000-7000-8000-000000000001".parse().unwrap()
    }

    pub(crate) fn packet(&self) -> Packet {
        Packet::fold(&self.entries).unwrap()
    }

    /// What the rules say of the story.
    pub(crate) fn judged(&self) -> Report {
        let subjects = SubjectMap::default();
        readiness(&self.packet(), &self.book, &self.board, &subjects, at("2026-11-23T08:30:00Z"))
    }

    /// A report over the story that says this verdict and nothing else.
    pub(crate) fn report(&self, verdict: Verdict) -> Report {
        let packet = self.packet();
        let text = packet.text_digest().unwrap();
        Report {
            v: VERSION,
            packet: packet.id.clone(),
            head: packet.head,
            instant: at("2026-11-23T08:30:00Z"),
            policy: packet.policy,
            subjects: packet.subjects,
            text,
            approval: packet.approval_digest_over(text).unwrap(),
            approval_since: packet.approval_since,
            verdict,
            may_be_signed: false,
            lines: Vec::new(),
            claims: Vec::new(),
            drafts: Vec::new(),
            good_until: None,
        }
    }

    /// The package of the story.
    pub(crate) fn package(&self, report: &Report) -> Package {
        Package::of(&self.entries, &self.packet(), report, &self.book, &self.board).unwrap()
    }

    /// The package of a story that is being reviewed, nothing reported about it.
    pub(crate) fn in_review(&self) -> Package {
        self.package(&self.report(Verdict::InReview))
    }
}

pub(crate) fn evidence(number: u32) -> EvidenceId {
    format!("0197a3c0-0000-7000-8000-0000000e{number:04}").parse().unwrap()
}

const BOARD: &str = r#"
name = "production-exceptions"
sections = ["summary", "residual-risk", "compensating-controls", "rollback", "expiry"]
longest-exception = "180d"
risk-ceiling = "high"
hardware-keys = false
intake = "queue"

[max-age]
finding = "7d"
requirement = "30d"
secret = "7d"
rollback-test = "60d"
ownership = "30d"

[discipline.architecture]
reviewers = ["kofi@example.org"]

[discipline.security]
reviewers = ["lin@example.org"]

[discipline.sre]
reviewers = ["sam@example.org"]

[follow-up.revoke]
what = "Revoke the credential"
within = "150d"
"#;

/// An item with a body, the rest as connectors leave it.
pub(crate) fn item(title: &str, source_time: Option<&str>, body: Value) -> Value {
    json!({
        "id": title, "title": title, "summary": "", "url": "https://sample.example.org/1",
        "subjects": ["service:payments-bridge"], "source-time": source_time, "expires": null, "labels": [],
        "citations": [{"capture": 0, "locator": {"kind": "whole"}}], "exposure": null, "body": body,
    })
}
