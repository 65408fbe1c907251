//! A world with one packet in it: people with keys, sources that are swept, a clock that is moved by hand.

use std::time::Duration;

use probity_core::actor::{Actor, ActorKind, Role};
use probity_core::board::Board;
use probity_core::book::{Book, Needs, rebuild};
use probity_core::claim::{Cite, ClaimText, Test};
use probity_core::decide::{self, Known, People, Refusal, decide, decide_open, good_until_of};
use probity_core::event::*;
use probity_core::evidence::{Kind, Severity};
use probity_core::id::{ClaimId, EvidenceId, ObjectionId, PacketId, PassageId};
use probity_core::instant::Instant;
use probity_core::ledger::{Entry, Head};
use probity_core::packet::{Handoff, Packet};
use probity_core::readiness::{Report, readiness};
use probity_core::registry::{KeyChange, Registry, RegistryEntry};
use probity_core::run::Mode;
use probity_core::signature::PublicKey;
use probity_core::statement::Statement;
use probity_core::subject::SubjectMap;
use serde_json::Value;

use super::fixture::{Archive, Person, at, finding, requirement, rollback, secret, uuid};

pub const BOARD: &str = r#"
name = "production-exceptions"
sections = ["summary", "residual-risk"]
longest-exception = "120d"
risk-ceiling = "high"

[max-age]
secret = "7d"
rollback-test = "60d"
requirement = "30d"
finding = "7d"

[discipline.security]
reviewers = ["imani", "tess"]

[discipline.sre]
reviewers = ["lucia"]

[requirement-set.criteria]
connection = "standards"
class = "criterion"

[follow-up.post-review]
what = "Look at the exception again"
within = "30d"
"#;

const SERVICE: &str = "service:payments-bridge";
const CREDENTIAL: &str = "credential:legacy-broker/shared";

/// What the sources say, to be swept.
#[derive(Clone)]
pub struct Sources {
    pub rotated: String,
    pub rollback: Option<String>,
    pub requirement: String,
    /// Severity and state of the service's one finding.
    pub finding: (String, String),
    pub exposure: Option<String>,
}

/// A packet and everything around it.
#[derive(Clone)]
pub struct World {
    pub archive: Archive,
    pub people: Vec<Person>,
    pub keys: Registry,
    /// What the keys are the fold of, as far as they were enrolled at the start.
    pub registry: Vec<RegistryEntry>,
    pub board: Board,
    pub subjects: SubjectMap,
    pub entries: Vec<(Entry, Head)>,
    pub now: Instant,
    pub packet: Packet,
    pub sources: Sources,
    /// The first entry at which everything but the signatures held.
    pub first_awaiting: Option<Instant>,
}

pub fn days(count: u64) -> Duration {
    Duration::from_hours(24 * count)
}

pub fn hours(count: u64) -> Duration {
    Duration::from_hours(count)
}

pub fn agent() -> Actor {
    Actor { id: "scribe".parse().unwrap(), kind: ActorKind::Agent, role: Role::Agent }
}

pub fn cite(evidence: &EvidenceId, pointer: &str) -> Cite {
    Cite { evidence: evidence.clone(), revision: None, pointer: pointer.to_owned() }
}

impl World {
    /// The sources were swept once, and the author opened the packet.
    pub fn opened() -> Self {
        let people = [
            ("maya", Role::Author),
            ("dana", Role::ApprovalOwner),
            ("noor", Role::ApprovalOwner),
            ("imani", Role::Reviewer),
            ("lucia", Role::Reviewer),
            ("tess", Role::Reviewer),
            ("omar", Role::Board),
        ]
        .map(|(name, role)| Person::new(name, role, "first"))
        .to_vec();
        let mut keys = Registry::default();
        let enrolled = at("2026-10-01T08:00:00Z");
        let registry = people.iter().map(|person| enrol(&mut keys, person, enrolled)).collect();
        let (board, subjects) = (Board::parse(BOARD).unwrap(), SubjectMap::default());
        let now = at("2026-10-05T08:00:00Z");
        let sources = Sources {
            rotated: "2026-09-20T03:00:00Z".to_owned(),
            rollback: None,
            requirement: "The credential is rotated every 30 days.".to_owned(),
            finding: ("medium".to_owned(), "open".to_owned()),
            exposure: None,
        };
        let opened = PacketOpened {
            title: "Shared broker credential".to_owned(),
            exception: "shared-credential".to_owned(),
            terms: Terms {
                system: SERVICE.parse().unwrap(),
                credential: Some(CREDENTIAL.parse().unwrap()),
                expires: at("2027-01-15T00:00:00Z"),
            },
            owner: "dana".parse().unwrap(),
            board: board.name.clone(),
            policy: board.digest,
            subjects: subjects.digest,
            renews: None,
        };
        let known = known_people(&people);
        let maya = people[0].actor();
        let event = decide_open(&maya, opened, None, &board, &subjects, &known, now).unwrap();
        let id: PacketId = uuid(0xb, 1);
        let entry = Entry::after(None, id, now, maya, event);
        let head = entry.sealed().unwrap().head;
        let packet = Packet::open(&entry, head).unwrap();
        let mut world = Self {
            archive: Archive::default(),
            people,
            keys,
            registry,
            board,
            subjects,
            entries: vec![(entry, head)],
            now,
            packet,
            sources,
            first_awaiting: None,
        };
        world.sweep();
        world.now = now.plus(hours(1)).unwrap();
        world
    }

    /// A packet that author and owner signed and nothing stands in the way of.
    pub fn ready() -> Self {
        let mut world = Self::reviewable();
        world.review_all();
        world.sign("maya", Decision::ReadinessAccepted);
        world.sign("dana", Decision::ReadinessAccepted);
        world
    }

    /// A packet that is complete: nothing is missing but what people judge.
    pub fn reviewable() -> Self {
        let mut world = Self::opened();
        world.sources.rollback = Some("2026-10-01T09:00:00Z".to_owned());
        world.sweep();
        let rotated = world.claim_rotated();
        let rehearsed = world.claim_rehearsed();
        world.claim_quiet();
        world.write("maya", Section::Summary, &[]);
        world.write("maya", Section::ResidualRisk, &[rotated, rehearsed]);
        for (who, discipline) in [("imani", "security"), ("lucia", "sre")] {
            world.ask("maya", named(who, discipline));
        }
        world.sign("dana", Decision::OwnershipAccepted);
        let condition =
            ConditionStated { text: "The credential is rotated.".to_owned(), claims: vec![rotated] };
        world.ask("dana", Event::ConditionStated(condition));
        world.ask("maya", world.follow_up());
        world
    }

    pub fn follow_up(&self) -> Command {
        Event::FollowUpScheduled(FollowUpScheduled {
            what: "Look at the exception again".to_owned(),
            owner: "maya".parse().unwrap(),
            due: self.now.plus(days(20)).unwrap(),
            required: Some("post-review".to_owned()),
        })
    }

    /// Sweeps every source whole, one hour's work, half an hour before now.
    pub fn sweep(&mut self) {
        let from = self.now.minus(Duration::from_mins(30)).unwrap();
        let (sources, full) = (self.sources.clone(), Mode::Full);
        let later = |minutes| from.plus(Duration::from_mins(minutes)).unwrap();
        self.archive.run(
            "vault",
            "secrets",
            full,
            later(0),
            one(secret("kv", CREDENTIAL, &sources.rotated)),
            &[],
        );
        let tests = sources.rollback.iter().map(|when| rollback("RB-1", SERVICE, when)).collect();
        self.archive.run("ci", "rollbacks", full, later(2), vec![tests], &[]);
        let rotation = requirement("rotation", &sources.requirement, "must");
        self.archive.run("standards", "requirements", full, later(4), one(rotation), &[]);
        let (severity, state) = &sources.finding;
        let mut finding = finding("F-1", SERVICE, severity, state);
        finding["exposure"] = sources.exposure.clone().map_or(Value::Null, Value::String);
        self.archive.run("dojo", "findings", full, later(6), one(finding), &[]);
    }

    pub fn secret(&self) -> EvidenceId {
        self.archive.id("vault", Kind::Secret, "kv")
    }

    pub fn rollback(&self) -> EvidenceId {
        self.archive.id("ci", Kind::RollbackTest, "RB-1")
    }

    pub fn requirement(&self) -> EvidenceId {
        self.archive.id("standards", Kind::Requirement, "rotation")
    }

    pub fn claim_rotated(&mut self) -> ClaimId {
        let claim = ClaimText {
            citations: vec![cite(&self.secret(), "/body/last-rotated")],
            test: Some(Test::Check("age(/body/last-rotated) <= 30d".parse().unwrap())),
            addresses: vec![cite(&self.requirement(), "/body/text")],
            ..text("The credential is rotated every 30 days")
        };
        self.claim("maya", claim)
    }

    pub fn claim_rehearsed(&mut self) -> ClaimId {
        let citations = vec![cite(&self.rollback(), "/body/outcome")];
        self.claim("maya", ClaimText { citations, ..text("A rollback was rehearsed") })
    }

    pub fn claim_quiet(&mut self) -> ClaimId {
        let query =
            "no finding with state open and severity critical, high on service:payments-bridge in dojo";
        let test = Some(Test::Query(query.parse().unwrap()));
        self.claim("maya", ClaimText { test, ..text("No high finding is open") })
    }

    pub fn claim(&mut self, who: &str, claim: ClaimText<Cite>) -> ClaimId {
        ClaimId(self.ask(who, Event::ClaimMade(ClaimMade { claim, replaces: None })))
    }

    /// Words of the author, accepted at once.
    pub fn write(&mut self, who: &str, section: Section, leans_on: &[ClaimId]) -> PassageId {
        let passage = PassageId(self.ask(who, proposed(section, Origin::Human, leans_on)));
        self.ask("maya", accepted(passage, leans_on));
        passage
    }

    pub fn object(&mut self, who: &str, severity: Severity) -> ObjectionId {
        ObjectionId(self.ask(who, objection(severity)))
    }

    pub fn review_all(&mut self) {
        for (who, discipline) in [("imani", "security"), ("lucia", "sre")] {
            self.sign(who, approval_of(discipline));
        }
    }

    pub fn actor(&self, who: &str) -> Actor {
        match who {
            "scribe" => agent(),
            "probity" => decide::host(),
            name => self.person(name).actor(),
        }
    }

    pub fn person(&self, who: &str) -> &Person {
        self.people
            .iter()
            .find(|person| person.id.as_str() == who)
            .unwrap_or_else(|| panic!("nobody is {who}"))
    }

    fn needs(&self) -> Needs {
        Needs::of(&self.packet, &self.board, &self.subjects)
    }

    pub fn book_at(&self, at: Instant) -> Book {
        rebuild(&self.archive.collected, &self.needs(), at)
    }

    /// The report at an instant, of the packet as it stood then.
    pub fn report_at(&self, at: Instant) -> Report {
        let then: Vec<_> = self.entries.iter().filter(|(entry, _)| entry.at <= at).cloned().collect();
        let packet = Packet::fold(&then).unwrap();
        readiness(&packet, &self.book_at(at), &self.board, &self.subjects, at)
    }

    pub fn report(&self) -> Report {
        readiness(&self.packet, &self.book_at(self.now), &self.board, &self.subjects, self.now)
    }

    /// What follows when an actor asks for something now.
    pub fn decided(&self, actor: &Actor, command: Command) -> Result<Event, Refusal> {
        let mut needs = self.needs();
        // A command may cite what the packet does not rest on yet.
        for id in self.archive.collected.evidence.keys() {
            needs.cited.entry(id.clone()).or_default().extend(1..=9);
        }
        let book = rebuild(&self.archive.collected, &needs, self.now);
        let shown = match &command {
            Event::Decided(decided) => Some(self.book_at(decided.statement.instant)),
            _ => None,
        };
        let people = known_people(&self.people);
        let known = Known {
            packet: &self.packet,
            entries: &self.entries,
            book: &book,
            shown: shown.as_ref(),
            board: &self.board,
            subjects: &self.subjects,
            people: &people,
            keys: &self.keys,
            at: self.now,
        };
        decide(&known, actor, command)
    }

    /// Somebody asks; what follows is appended, and a minute passes.
    pub fn try_ask(&mut self, actor: &Actor, command: Command) -> Result<u32, Refusal> {
        let event = self.decided(actor, command)?;
        if let Event::PolicyAdopted(adopted) = &event {
            assert_eq!(adopted.policy, self.board.digest, "the world's board is the one in force");
        }
        let last = self.entries.last().map(|(_, head)| *head);
        let entry = Entry::after(last.as_ref(), self.packet.id.clone(), self.now, actor.clone(), event);
        let head = entry.sealed().unwrap().head;
        self.packet.apply(&entry, head);
        assert_eq!(self.packet.oddities, [], "what was decided means something");
        self.entries.push((entry, head));
        if self.first_awaiting.is_none() && self.report().may_be_signed {
            self.first_awaiting = Some(self.now);
        }
        self.now = self.now.plus(Duration::from_mins(1)).unwrap();
        Ok(head.seq)
    }

    pub fn ask(&mut self, who: &str, command: Command) -> u32 {
        let (actor, word) = (self.actor(who), command.word());
        self.try_ask(&actor, command)
            .unwrap_or_else(|refusal| panic!("{who} {word}: {refusal} ({})", refusal.code))
    }

    /// What a person would be shown, and sign, to decide this now.
    pub fn statement(&self, who: &str, decision: Decision) -> Statement {
        let binds = matches!(decision, Decision::ReadinessAccepted | Decision::PacketHandedOff { .. });
        let good_until = good_until_of(&self.report()).filter(|_| binds);
        Statement::of(&self.packet, who.parse().unwrap(), decision, self.now, good_until).unwrap()
    }

    pub fn signed(&self, who: &str, statement: Statement) -> Command {
        let signature = self.person(who).sign(&statement.bytes().unwrap());
        Event::Decided(Decided { statement, signature })
    }

    pub fn try_sign(&mut self, who: &str, decision: Decision) -> Result<u32, Refusal> {
        let command = self.signed(who, self.statement(who, decision));
        let actor = self.actor(who);
        self.try_ask(&actor, command)
    }

    pub fn sign(&mut self, who: &str, decision: Decision) -> u32 {
        let word = decision.word();
        self.try_sign(who, decision)
            .unwrap_or_else(|refusal| panic!("{who} {word}: {refusal} ({})", refusal.code))
    }

    pub fn handoff(&self) -> Decision {
        let condition = self.packet.condition.as_ref().map_or_else(String::new, |stated| stated.text.clone());
        Decision::PacketHandedOff { report: self.report().digest().unwrap(), condition }
    }

    /// The owner hands off; returns the submission.
    pub fn hand_off(&mut self) -> String {
        let handoff = self.handoff();
        let seq = self.sign("dana", handoff);
        Handoff::submission_of(&self.packet.id, seq)
    }

    pub fn wait(&mut self, time: Duration) {
        self.now = self.now.plus(time).unwrap();
    }
}

pub fn enrol(keys: &mut Registry, person: &Person, when: Instant) -> RegistryEntry {
    let key = PublicKey::parse(&person.public_key()).unwrap();
    let change = KeyChange::Enrolled { principal: person.id.to_string(), key, comment: "sample".to_owned() };
    let entry = keys.next(when, "operator", change).unwrap();
    keys.apply(&entry);
    entry
}

pub fn known_people(people: &[Person]) -> People {
    let human = ActorKind::Human;
    let mut known: People = people
        .iter()
        .map(|person| (person.id.clone(), decide::Person { kind: human, role: person.role }))
        .collect();
    known.insert("scribe".parse().unwrap(), decide::Person { kind: ActorKind::Agent, role: Role::Agent });
    known
}

fn one(item: Value) -> Vec<Vec<Value>> {
    vec![vec![item]]
}

pub fn text(text: &str) -> ClaimText<Cite> {
    let reasoning = "It is what the source says.".to_owned();
    ClaimText { text: text.to_owned(), reasoning, citations: vec![], test: None, addresses: vec![] }
}

pub fn named(who: &str, discipline: &str) -> Command {
    Event::ReviewerNamed(ReviewerNamed {
        reviewer: who.parse().unwrap(),
        discipline: discipline.parse().unwrap(),
    })
}

pub fn proposed(section: Section, origin: Origin, leans_on: &[ClaimId]) -> Command {
    Event::PassageProposed(PassageProposed {
        section,
        text: format!("What is to be said under {section}."),
        origin,
        quotes: None,
        objection: None,
        leans_on: leans_on.to_vec(),
        replaces: None,
    })
}

pub fn accepted(passage: PassageId, leans_on: &[ClaimId]) -> Command {
    let (leans_on, narrative) = (leans_on.to_vec(), leans_on.is_empty());
    Event::PassageAccepted(PassageAccepted { passage, text: None, leans_on, narrative })
}

pub fn objection(severity: Severity) -> Command {
    Event::ObjectionRaised(ObjectionRaised {
        topic: Topic::Rollback,
        severity,
        issue: "Nobody rolled back with the new credential".to_owned(),
        target: None,
        rationale: "The old one is revoked at each rotation.".to_owned(),
        removes: "A rehearsal with the new one".to_owned(),
        remark: None,
    })
}

pub fn approval_of(discipline: &str) -> Decision {
    let note = String::new();
    Decision::ReviewRecorded {
        discipline: discipline.parse().unwrap(),
        verdict: ReviewVerdict::Approve,
        note,
    }
}

pub fn remark() -> Command {
    Event::RemarkMade(RemarkMade { text: "Seen.".to_owned(), target: None })
}

pub fn recorded(submission: &str, outcome: IntakeOutcome) -> Command {
    Event::IntakeRecorded(IntakeRecorded { submission: submission.to_owned(), outcome })
}

pub fn received() -> IntakeOutcome {
    IntakeOutcome::Received { reference: "Q-1".to_owned(), url: None }
}
