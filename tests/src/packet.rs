//! Packets to test with: a host with people, their keys and evidence, and the way of a packet from its opening to its
//! handoff, through the use cases, with real signatures. Sample data throughout; every name in here is made up.
//!
//! [`Office::open`] gives the host. A packet is brought to where a test needs it by one of [`Office::in_review`],
//! [`Office::awaiting_signatures`], [`Office::ready`] and [`Office::handed_off`]; whatever else happens goes through
//! [`Office::command`] and [`Office::sign`], as it would over the API.

mod evidence;
mod keys;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use probity::authz::{
    Authorized, Caller, Permission, Principal, PrincipalKind, Principals, Role, TokenHash, WritePackets,
};
use probity::casework::view::ConnectionView;
use probity::casework::{
    Appended, Casework, CaseworkError, Collecting, Opening, Policies, RunRequest, StartError,
};
use probity::clock::Clock;
use probity::store::Store;
use probity::store::blobs::Blobs;
use probity::store::sqlite::SqliteStore;
use probity_core::board::Board;
use probity_core::claim::{Check, Cite, ClaimText, Comparison, Literal, Operand, Test};
use probity_core::connector::Failure;
use probity_core::event::{
    ClaimMade, Command, ConditionStated, Decided, Decision, Event, Origin, PassageAccepted, PassageProposed,
    ReviewVerdict, ReviewerNamed, Section, Terms,
};
use probity_core::evidence::{Item, Kind};
use probity_core::id::{ClaimId, ConnectionId, ConnectionName, EvidenceId, PacketId, PassageId, RunId};
use probity_core::instant::Instant;
use probity_core::readiness::Report;
use probity_core::registry::{KeyChange, Registry};
use probity_core::subject::SubjectMap;
use tempfile::TempDir;

pub use evidence::{finding, requirement, secret};
pub use keys::Key;

/// What the board asks for: little, so that a packet is ready after a few steps.
pub const POLICY: &str = r#"
name = "production-exceptions"
sections = ["summary", "rollback"]
longest-exception = "90d"
risk-ceiling = "high"
intake = "queue"

[max-age]
finding = "14d"
secret = "14d"
requirement = "30d"

[discipline.security]
reviewers = ["imani"]

[discipline.sre]
reviewers = ["lucia"]
"#;

/// When the office opens.
pub const OPENS: &str = "2026-11-22T12:00:00Z";

/// What the packets here are about.
pub const SYSTEM: &str = "service:payments-bridge";
pub const CREDENTIAL: &str = "credential:legacy-broker";

/// The statement by which the owner lets a packet go.
pub const CONDITION: &str = "The shared credential was rotated within 30 days on the day of the handoff";

/// Who is known: name, kind and role. Each has the token [`token`] and, if human, an enrolled [`Key`].
pub const PEOPLE: &[(&str, PrincipalKind, Role)] = &[
    ("maya", PrincipalKind::Human, Role::Author),
    ("noor", PrincipalKind::Human, Role::Author),
    ("omar", PrincipalKind::Human, Role::ApprovalOwner),
    ("petra", PrincipalKind::Human, Role::ApprovalOwner),
    ("imani", PrincipalKind::Human, Role::Reviewer),
    ("lucia", PrincipalKind::Human, Role::Reviewer),
    ("bianca", PrincipalKind::Human, Role::Board),
    ("boris", PrincipalKind::Human, Role::Board),
    ("drafter", PrincipalKind::Agent, Role::Agent),
    ("olga", PrincipalKind::Human, Role::Operator),
];

/// The bearer token of somebody in [`PEOPLE`].
pub fn token(who: &str) -> String {
    format!("token-of-{who}")
}

/// Everybody in [`PEOPLE`].
pub fn principals() -> Principals {
    let known = PEOPLE.iter().map(|(id, kind, role)| Principal {
        id: (*id).to_owned(),
        kind: *kind,
        role: *role,
        token_sha256: TokenHash::of(&token(id)),
    });
    Principals::new(known.collect()).expect("the people here can be told apart")
}

/// A host with people, keys and evidence.
pub struct Office {
    pub casework: Arc<Casework>,
    pub store: Arc<dyn Store>,
    pub blobs: Blobs,
    pub clock: Clock,
    /// The database and the blobs are in here.
    pub folder: Arc<TempDir>,
    connections: BTreeMap<ConnectionName, ConnectionId>,
}

impl Office {
    /// A host under [`POLICY`] whose evidence was just collected: a secret rotated two weeks ago and one harmless finding.
    pub async fn open() -> Self {
        Self::under(POLICY).await
    }

    /// The same under another policy.
    pub async fn under(policy: &str) -> Self {
        Self::opened_at(policy, OPENS.parse().expect("an instant")).await
    }

    /// The same, opened at another time.
    pub async fn opened_at(policy: &str, opens: Instant) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a scratch folder"));
        let office = Self::at(folder, Clock::fixed(opens, 7), policy).await;
        office.enrol().await;
        let rotated = opens.minus(Duration::from_hours(14 * 24)).expect("an earlier day");
        office.collect("vault", &[secret(&rotated.to_string(), None)]).await;
        office.collect("tracker", &[finding("finding-1", "low", None)]).await;
        office
    }

    /// The same host after a restart, perhaps under another policy. Whoever holds the one before may go on, as a second
    /// process would.
    pub async fn reopened(&self, policy: &str) -> Self {
        Self::at(Arc::clone(&self.folder), self.clock.clone(), policy).await
    }

    async fn at(folder: Arc<TempDir>, clock: Clock, policy: &str) -> Self {
        let database = folder.path().join("probity.db");
        let store = SqliteStore::open_with_clock(&database, clock.teller()).await.expect("a store");
        let store: Arc<dyn Store> = Arc::new(store);
        let blobs = Blobs::local(&folder.path().join("blobs"), clock.teller()).expect("a blob folder");
        let policies = policies(policy);
        policies.keep(&*store, &blobs).await.expect("the policy is kept");
        let casework = Casework {
            store: store.clone(),
            blobs: blobs.clone(),
            max_ages: BTreeMap::from([(Kind::Finding, Duration::from_hours(24))]),
            collector: Arc::new(Nothing),
            clock: clock.clone(),
            policies: Arc::new(policies),
            principals: principals(),
            gates: Arc::default(),
        };
        let connections = evidence::register(&*store, &clock).await;
        Self { casework: Arc::new(casework), store, blobs, clock, folder, connections }
    }

    async fn enrol(&self) {
        let mut registry = Registry::default();
        for (who, kind, _) in PEOPLE {
            if *kind != PrincipalKind::Human {
                continue;
            }
            let key = Key::of(who).public();
            let change =
                KeyChange::Enrolled { principal: (*who).to_owned(), key, comment: format!("{who}'s laptop") };
            let entry = registry.next(self.clock.now(), "olga", change).expect("a new key");
            let before = registry.head();
            self.store.registry_append(&entry.bytes(), entry.digest(), before).await.expect("it is kept");
            registry.apply(&entry);
        }
    }

    /// Collects these items in a complete full sweep of `vault` (secrets), `tracker` (findings) or `standards`
    /// (requirements); what was there before and is not among them was missing once.
    pub async fn collect(&self, connection: &str, items: &[Item]) {
        let name: ConnectionName = connection.parse().expect("a connection's name");
        let id = &self.connections[&name];
        evidence::sweep(&*self.store, &self.blobs, &self.clock, id, connection, items).await;
    }

    /// The id of the evidence with that title.
    pub async fn evidence(&self, title: &str) -> EvidenceId {
        evidence::id_of(&*self.store, title).await
    }

    /// Somebody, as their token identifies them.
    pub fn caller(&self, who: &str) -> Caller {
        self.casework.principals.identify(Some(&token(who))).expect("somebody of the office")
    }

    /// Permission for somebody; what it is for is told by the type asked for.
    pub fn permit<P: Permission>(&self, who: &str) -> Authorized<P> {
        self.caller(who).authorize().unwrap_or_else(|denied| panic!("{denied}"))
    }

    /// Maya opens a packet that omar is to own, to last 60 days.
    pub async fn open_packet(&self) -> PacketId {
        let opening = Opening {
            title: "Shared credential to the legacy broker".to_owned(),
            exception: "shared-credential".to_owned(),
            terms: Terms {
                system: SYSTEM.parse().expect("a subject"),
                credential: Some(CREDENTIAL.parse().expect("a subject")),
                expires: self.clock.now().plus(Duration::from_hours(60 * 24)).expect("a day to come"),
            },
            owner: "omar".parse().expect("a name"),
            renews: None,
        };
        let opened = self.casework.packet_open(&self.permit("maya"), opening).await;
        self.tick();
        opened.unwrap_or_else(|error| panic!("{error}")).packet
    }

    /// Somebody asks for something to happen, having seen the packet as it is.
    pub async fn try_command(
        &self,
        who: &str,
        packet: &PacketId,
        command: Command,
    ) -> Result<Appended, CaseworkError> {
        let head = self.store.ledger_head(packet).await?.map(|head| head.digest);
        let appended =
            self.casework.packet_append(&self.permit::<WritePackets>(who), packet, head, command).await;
        self.tick();
        appended
    }

    /// The same where it must go well.
    pub async fn command(&self, who: &str, packet: &PacketId, command: Command) -> Appended {
        let word = command.word();
        self.try_command(who, packet, command)
            .await
            .unwrap_or_else(|error| panic!("{who}, {word}: {error}\n{error:?}"))
    }

    /// Somebody asks for a statement, signs it with their key, and sends it.
    pub async fn try_sign(
        &self,
        who: &str,
        packet: &PacketId,
        decide: impl FnOnce(&Report) -> Result<Decision, CaseworkError>,
    ) -> Result<Appended, CaseworkError> {
        let permit = self.permit::<WritePackets>(who);
        let shown = self.casework.packet_statement(&permit, packet, decide).await?;
        let signature = Key::of(who).sign(shown.text.as_bytes());
        let command = Event::Decided(Decided { statement: shown.statement, signature });
        let appended = self.casework.packet_append(&permit, packet, None, command).await;
        self.tick();
        appended
    }

    /// The same where it must go well.
    pub async fn sign(&self, who: &str, packet: &PacketId, decision: Decision) -> Appended {
        let word = decision.word();
        self.try_sign(who, packet, |_| Ok(decision))
            .await
            .unwrap_or_else(|error| panic!("{who}, {word}: {error}\n{error:?}"))
    }

    /// A packet with its text, its claim, its reviewers and its condition; nobody has reviewed or signed for readiness.
    pub async fn in_review(&self) -> PacketId {
        let packet = self.open_packet().await;
        self.sign("omar", &packet, Decision::OwnershipAccepted).await;
        let claim = self.claim(&packet).await;
        for (section, text) in [
            (Section::Summary, "The payments bridge signs in to the legacy broker with a shared credential"),
            (Section::Rollback, "Sessions are drained and the former release is deployed"),
        ] {
            self.passage(&packet, section, text, claim).await;
        }
        for (reviewer, discipline) in [("imani", "security"), ("lucia", "sre")] {
            let named = ReviewerNamed {
                reviewer: reviewer.parse().expect("a name"),
                discipline: discipline.parse().expect("a discipline"),
            };
            self.command("maya", &packet, Event::ReviewerNamed(named)).await;
        }
        let condition = ConditionStated { text: CONDITION.to_owned(), claims: vec![claim] };
        self.command("omar", &packet, Event::ConditionStated(condition)).await;
        packet
    }

    /// The same, with every review: nothing is missing but the signatures.
    pub async fn awaiting_signatures(&self) -> PacketId {
        let packet = self.in_review().await;
        self.review(&packet).await;
        packet
    }

    /// Imani and lucia approve the text as it is.
    pub async fn review(&self, packet: &PacketId) {
        for (reviewer, discipline) in [("imani", "security"), ("lucia", "sre")] {
            let decision = Decision::ReviewRecorded {
                discipline: discipline.parse().expect("a discipline"),
                verdict: ReviewVerdict::Approve,
                note: String::new(),
            };
            self.sign(reviewer, packet, decision).await;
        }
    }

    /// A packet that may be handed off.
    pub async fn ready(&self) -> PacketId {
        let packet = self.awaiting_signatures().await;
        self.accept_readiness(&packet).await;
        packet
    }

    /// Author and owner accept readiness.
    pub async fn accept_readiness(&self, packet: &PacketId) {
        self.sign("maya", packet, Decision::ReadinessAccepted).await;
        self.sign("omar", packet, Decision::ReadinessAccepted).await;
    }

    /// A packet that its owner handed off, and its submission; nothing was filed yet.
    pub async fn handed_off(&self) -> (PacketId, String) {
        let packet = self.ready().await;
        let submission = self.hand_off(&packet).await;
        (packet, submission)
    }

    /// Omar hands a packet off; returns the submission.
    pub async fn hand_off(&self, packet: &PacketId) -> String {
        let decide = |report: &Report| {
            let report = report.digest().map_err(|error| CaseworkError::Unsealed(error.to_string()))?;
            Ok(Decision::PacketHandedOff { report, condition: CONDITION.to_owned() })
        };
        let appended = self.try_sign("omar", packet, decide).await;
        let appended = appended.unwrap_or_else(|error| panic!("packet-handed-off: {error}\n{error:?}"));
        format!("{packet}:{}", appended.entry.seq)
    }

    /// Maya claims that the secret was rotated within 30 days.
    pub async fn claim(&self, packet: &PacketId) -> ClaimId {
        let rotated = Cite {
            evidence: self.evidence("Legacy broker credential").await,
            revision: None,
            pointer: "/body/last-rotated".to_owned(),
        };
        let claim = ClaimText {
            text: "The shared credential was rotated within 30 days".to_owned(),
            reasoning: "The store records when the value last changed".to_owned(),
            citations: vec![rotated],
            test: Some(Test::Check(Check {
                citation: 0,
                left: Operand::Age { pointer: "/body/last-rotated".to_owned() },
                comparison: Comparison::AtMost,
                right: Literal::Duration { seconds: 30 * 86_400 },
            })),
            addresses: Vec::new(),
        };
        let made = self.command("maya", packet, Event::ClaimMade(ClaimMade { claim, replaces: None })).await;
        ClaimId(made.entry.seq)
    }

    /// Maya writes a passage and accepts it.
    pub async fn passage(
        &self,
        packet: &PacketId,
        section: Section,
        text: &str,
        leans_on: ClaimId,
    ) -> PassageId {
        let proposed = PassageProposed {
            section,
            text: text.to_owned(),
            origin: Origin::Human,
            quotes: None,
            objection: None,
            leans_on: vec![leans_on],
            replaces: None,
        };
        let proposed = self.command("maya", packet, Event::PassageProposed(proposed)).await;
        let passage = PassageId(proposed.entry.seq);
        let accepted = PassageAccepted { passage, text: None, leans_on: vec![leans_on], narrative: false };
        self.command("maya", packet, Event::PassageAccepted(accepted)).await;
        passage
    }

    /// The report as of now.
    pub async fn report(&self, packet: &PacketId) -> Report {
        let permit = self.permit("maya");
        self.casework.packet_readiness(&permit, packet, None).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Words of a packet's entries, in order.
    pub async fn words(&self, packet: &PacketId) -> Vec<&'static str> {
        let permit = self.permit("maya");
        let slice = probity::casework::Slice::first(500);
        let ledger = self.casework.packet_ledger(&permit, packet, &slice).await;
        let ledger = ledger.unwrap_or_else(|error| panic!("{error}"));
        ledger.items.iter().map(|record| record.entry.event.word()).collect()
    }

    /// The instant in so many hours.
    pub fn in_hours(&self, hours: u64) -> Instant {
        self.clock.now().plus(Duration::from_hours(hours)).expect("an instant to come")
    }

    /// A second passes after everything that happens.
    fn tick(&self) {
        self.clock.advance(Duration::from_secs(1));
    }
}

/// A policy and the empty subject map, as an operator's files would be read.
pub fn policies(policy: &str) -> Policies {
    let board = Board::parse(policy).unwrap_or_else(|error| panic!("{error}"));
    let subjects = SubjectMap::parse("").unwrap_or_else(|error| panic!("{error}"));
    Policies::new(Some((board, policy.to_owned())), (subjects, String::new()))
}

/// Evidence is put straight into the store, so nothing is collected here.
struct Nothing;

#[async_trait]
impl Collecting for Nothing {
    fn connections(&self) -> Vec<ConnectionView> {
        Vec::new()
    }

    fn connection(&self, _: &ConnectionName) -> Option<ConnectionView> {
        None
    }

    async fn check(&self, _: &ConnectionName) -> Option<Result<Vec<String>, Failure>> {
        None
    }

    async fn start(&self, _: &ConnectionName, _: RunRequest) -> Result<RunId, StartError> {
        Err(StartError::Unknown)
    }
}
