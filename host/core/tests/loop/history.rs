//! Honest histories by chance: whatever people, agents, sources and boards may do, in any order, as far as each is allowed.
//!
//! Every command goes through the same [`World`] that the other tests tell stories in, so what is refused to people does not happen
//! here either. The same seed gives the same history.

use std::sync::OnceLock;
use std::time::Duration;

use probity_core::board::Board;
use probity_core::bundle::{Documents, SignedCheckpoint};
use probity_core::checkpoint::{Checkpoint, SigningKey};
use probity_core::claim::ClaimText;
use probity_core::event::*;
use probity_core::evidence::Severity;
use probity_core::id::{CauseId, PassageId};
use probity_core::instant::Instant;
use probity_core::ledger::Head;
use probity_core::packet::FateWord;
use probity_core::readiness::Verdict;
use probity_core::registry::{KeyChange, RegistryEntry};
use probity_core::run::Mode;
use serde_json::Value;

use super::fixture::{Person, Shelf, finding, requirement, rollback, secret, uuid};
use super::world::{
    BOARD, World, accepted, approval_of, cite, days, enrol, objection, proposed, received, recorded, remark,
    text,
};

const SERVICE: &str = "service:payments-bridge";

/// Numbers that look like chance: SplitMix64.
#[derive(Clone)]
pub struct Chance(pub u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// One of these.
    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let at = usize::try_from(self.below(all.len() as u64)).unwrap();
        all[at].clone()
    }
}

/// A history as it goes on, with what a store and an operator keep of it.
pub struct History {
    pub world: World,
    pub chance: Chance,
    pub documents: Documents,
    pub policies: Vec<String>,
    /// Ledger checkpoints that left the machine, the oldest first.
    pub checkpoints: Vec<SignedCheckpoint>,
    /// Keys that people got later on.
    later: Vec<Person>,
    /// Findings beside the first: id, severity, state.
    findings: Vec<(String, &'static str, &'static str)>,
}

impl History {
    pub fn begin(seed: u64) -> Self {
        let mut chance = Chance(seed);
        // Telling how a packet became ready takes longer than exporting it, so that is done once.
        static BEGINNINGS: OnceLock<[World; 3]> = OnceLock::new();
        let beginnings = BEGINNINGS.get_or_init(|| [World::opened(), World::reviewable(), World::ready()]);
        let mut world = beginnings[chance.of(&[0, 1, 2, 2, 2])].clone();
        if world.report().verdict == Verdict::Ready && chance.below(2) == 0 {
            let submission = world.hand_off();
            if chance.below(2) == 0 {
                world.ask("probity", recorded(&submission, received()));
            }
        }
        let mut documents = Documents::default();
        documents.add_policy(BOARD);
        documents.add_subjects("");
        let policies = vec![BOARD.to_owned()];
        let mut history = Self {
            world,
            chance,
            documents,
            policies,
            checkpoints: Vec::new(),
            later: Vec::new(),
            findings: Vec::new(),
        };
        history.checkpoint();
        history
    }

    /// What the store has by now.
    pub fn shelf<'a>(&'a self, subjects: &'a [String]) -> Shelf<'a> {
        Shelf {
            packet: &self.world.packet.id,
            archive: &self.world.archive,
            entries: &self.world.entries,
            registry: &self.world.registry,
            policies: &self.policies,
            subjects,
            documents: &self.documents,
        }
    }

    /// What a reader's `allowed_signers` says: every key that anybody ever had.
    pub fn allowed_signers(&self) -> String {
        let people = self.world.people.iter().chain(&self.later);
        people.map(|person| format!("{} {}\n", person.id, person.public_key())).collect()
    }

    pub fn key() -> SigningKey {
        SigningKey::from_seed("sample.example/ledger", &[7; 32]).unwrap()
    }

    /// The operator takes a checkpoint of all packets, of which this is one.
    fn checkpoint(&mut self) {
        let world = &self.world;
        let other: probity_core::id::PacketId = uuid(0xb, 2);
        let head = Head { seq: 3, digest: probity_core::canonical::Digest::of(b"another packet") };
        let checkpoint = Checkpoint {
            origin: "sample.example/ledger".to_owned(),
            at: world.now,
            registry: world.keys.head(),
            packets: [(world.packet.id.to_string(), world.packet.head), (other.to_string(), head)].into(),
        };
        let (note, key) = (checkpoint.sign(&Self::key()).unwrap(), Self::key().verifier_key().to_string());
        self.checkpoints.push(SignedCheckpoint { note, key });
    }

    /// Something happens, or is refused.
    pub fn step(&mut self) {
        match self.chance.below(28) {
            0 => {
                let hours = self.chance.below(40);
                self.world.wait(Duration::from_hours(hours));
            }
            1 => self.world.wait(days(6)),
            2..=9 => self.sweep(),
            10 => self.expose(),
            11 => self.rename(),
            12 => {
                self.say("maya", remark());
            }
            13 => {
                let (who, severity) = self.chance.of(&[
                    ("imani", Severity::Low),
                    ("lucia", Severity::Medium),
                    ("lucia", Severity::High),
                ]);
                self.say(who, objection(severity));
            }
            14 | 15 => self.settle(),
            16 => self.hold(),
            17 => self.word(),
            18 => self.claim(),
            19 => self.keys(),
            20 => self.policy(),
            21 => self.checkpoint(),
            22 | 23 => {
                for (who, discipline) in [("imani", "security"), ("lucia", "sre")] {
                    self.decide(who, approval_of(discipline));
                }
            }
            24 => {
                self.decide("maya", Decision::ReadinessAccepted);
                self.decide("dana", Decision::ReadinessAccepted);
            }
            25 => {
                let handoff = self.world.handoff();
                self.decide("dana", handoff);
            }
            _ => self.intake(),
        }
    }

    /// What is refused is not said.
    fn say(&mut self, who: &str, command: Command) -> Option<u32> {
        let actor = self.world.actor(who);
        self.world.try_ask(&actor, command).ok()
    }

    fn decide(&mut self, who: &str, decision: Decision) -> Option<u32> {
        self.world.try_sign(who, decision).ok()
    }

    /// A source says something else, and is read; mostly whole, sometimes in part or with gaps.
    fn sweep(&mut self) {
        let began = self.begin_run();
        let full = Mode::Full;
        match self.chance.below(5) {
            0 => {
                if self.chance.below(2) == 0 {
                    self.world.sources.rotated = began.to_string();
                }
                let kept = secret("kv", "credential:legacy-broker/shared", &self.world.sources.rotated);
                self.world.archive.run("vault", "secrets", full, began, vec![vec![kept]], &[]);
            }
            1 => {
                let when = began.minus(days(2)).unwrap().to_string();
                let tests = vec![rollback("RB-1", SERVICE, &when), rollback("RB-2", "service:other", &when)];
                self.world.archive.run("ci", "rollbacks", full, began, vec![tests], &[]);
            }
            2 => {
                let clause = requirement("rotation", &self.world.sources.requirement, "must");
                self.world.archive.run("standards", "requirements", full, began, vec![vec![clause]], &[]);
            }
            _ => self.findings(began),
        }
    }

    /// When a run begins that is over by now. All that was written so far, and whatever was exported, is from before it.
    fn begin_run(&mut self) -> Instant {
        let minutes = 1 + self.chance.below(90);
        self.world.wait(Duration::from_mins(minutes));
        let began = self.world.now;
        // It takes a second for each page and one for its end.
        self.world.wait(Duration::from_mins(1));
        began
    }

    fn findings(&mut self, began: Instant) {
        let id = format!("F-{}", 2 + self.chance.below(2));
        let severity = self.chance.of(&["low", "medium", "critical"]);
        let state = self.chance.of(&["open", "mitigated"]);
        self.findings.retain(|(known, ..)| *known != id);
        // It changes, or the source returns it no more.
        if self.chance.below(3) > 0 {
            self.findings.push((id, severity, state));
        }
        let (severity, state) = &self.world.sources.finding;
        let mut first = finding("F-1", SERVICE, severity, state);
        first["exposure"] = self.world.sources.exposure.clone().map_or(Value::Null, Value::String);
        let subject = |at: usize| if at.is_multiple_of(2) { "service:other" } else { SERVICE };
        let others = self.findings.iter().enumerate();
        let others: Vec<_> =
            others.map(|(at, (id, severity, state))| finding(id, subject(at), severity, state)).collect();
        let pages = vec![vec![first], others];
        let (mode, gaps): (_, &[Option<&str>]) = match self.chance.below(6) {
            0 => (Mode::Incremental, &[]),
            1 => (Mode::Full, &[Some("service:other")]),
            2 => (Mode::Incremental, &[Some(SERVICE), None]),
            _ => (Mode::Full, &[]),
        };
        self.world.archive.run("dojo", "findings", mode, began, pages, gaps);
    }

    /// An exposure is found, or was dealt with.
    fn expose(&mut self) {
        let open: Vec<CauseId> = self.world.packet.open_causes().map(|cause| cause.id).collect();
        if !open.is_empty() {
            let (incident, outcome) = ("INC-7".to_owned(), "It was revoked.".to_owned());
            self.world.sources.exposure = None;
            self.decide("dana", Decision::LoopResumed { causes: open, incident, outcome });
        } else if self.chance.below(2) == 0 {
            let reason = "a token is in a public place".to_owned();
            self.world.sources.exposure = Some(reason.clone());
            let began = self.begin_run();
            self.findings(began);
            let evidence = self.world.archive.id("dojo", probity_core::evidence::Kind::Finding, "F-1");
            let newest = self.world.archive.collected.revisions[&evidence].last_key_value().unwrap();
            let revision = *newest.0;
            self.say("probity", Event::ExposureDetected(ExposureDetected { evidence, revision, reason }));
        } else {
            let reason = "The token opens a second door.".to_owned();
            self.say("imani", Event::ExposureDeclared(ExposureDeclared { reason, evidence: None }));
        }
    }

    fn rename(&mut self) {
        let name = format!("{}-{}", self.chance.of(&["vault", "ci"]), self.chance.below(100));
        let connection = name.split_once('-').unwrap().0.to_owned();
        self.world.archive.rename(&connection, &name, self.world.now);
        self.world.wait(Duration::from_mins(1));
    }

    /// An objection is answered, withdrawn, or its risk accepted.
    fn settle(&mut self) {
        let open =
            self.world.packet.standing_objections().find(|objection| objection.word() == FateWord::Open);
        let Some((objection, by)) = open.map(|objection| (objection.id, objection.by.to_string())) else {
            return;
        };
        match self.chance.below(3) {
            0 => {
                let citations = vec![cite(&self.world.secret(), "/body/last-rotated")];
                let text = "It is said now.".to_owned();
                self.say("maya", Event::ObjectionAnswered(ObjectionAnswered { objection, text, citations }));
            }
            1 => {
                let reason = "It is shown now.".to_owned();
                self.decide(&by, Decision::ObjectionWithdrawn { objection, reason });
            }
            _ => {
                let expires = self.world.now.plus(days(20)).unwrap();
                let rationale = "Carried until the migration.".to_owned();
                self.decide("dana", Decision::RiskAccepted { objection, rationale, expires });
            }
        }
    }

    fn hold(&mut self) {
        let placed = self.world.packet.holds.values().find(|hold| hold.released.is_none());
        let reason = "The next sweep is awaited.".to_owned();
        match placed.map(|hold| hold.id) {
            Some(hold) => self.say("dana", Event::HoldReleased(HoldReleased { hold, reason })),
            None => self.say("lucia", Event::HoldPlaced(HoldPlaced { reason })),
        };
    }

    /// An agent proposes words; the author takes them or does not.
    fn word(&mut self) {
        let section = self.chance.of(&[Section::Summary, Section::Rollback, Section::ResidualRisk]);
        let Some(passage) = self.say("scribe", proposed(section, Origin::Agent, &[])).map(PassageId) else {
            return;
        };
        match self.chance.below(3) {
            0 => self.say("maya", accepted(passage, &[])),
            1 => {
                let note = "Not yet.".to_owned();
                let declined = PassageDeclined { passage, reason: DeclineReason::Premature, note };
                self.say("maya", Event::PassageDeclined(declined))
            }
            _ => None,
        };
    }

    fn claim(&mut self) {
        let cited = cite(&self.world.secret(), "/body/last-rotated");
        let made: Vec<_> = self.world.packet.claims.values().filter(|claim| claim.is_accepted()).collect();
        let last = made.last().map(|claim| claim.id);
        let command = match (self.chance.below(3), last) {
            (0, Some(claim)) => {
                Event::ClaimRetracted(ClaimRetracted { claim, reason: "It says too much.".to_owned() })
            }
            (1, Some(claim)) => {
                let addresses = vec![cite(&self.world.requirement(), "/body/text")];
                Event::ClaimReaffirmed(ClaimReaffirmed { claim, citations: vec![cited], addresses })
            }
            _ => {
                let claim = ClaimText { citations: vec![cited], ..text("It was rotated") };
                Event::ClaimMade(ClaimMade { claim, replaces: None })
            }
        };
        self.say("maya", command);
    }

    /// Somebody gets another key, or a key that somebody got is revoked.
    fn keys(&mut self) {
        let (who, now) = (self.chance.of(&["imani", "lucia", "dana"]), self.world.now);
        let secret = format!("{}th", self.later.len() + 2);
        let revoked = self.later.last().filter(|_| self.chance.below(3) == 0);
        if let Some(person) = revoked {
            let key = probity_core::signature::PublicKey::parse(&person.public_key()).unwrap();
            let (fingerprint, reason) = (key.fingerprint(), "The laptop was lost.".to_owned());
            let change = KeyChange::Revoked { fingerprint, reason };
            let Ok(entry) = self.world.keys.next(now, "operator", change) else { return };
            self.world.keys.apply(&entry);
            self.record(entry);
        } else {
            let person = Person::new(who, self.world.person(who).role, &secret);
            let entry = enrol(&mut self.world.keys, &person, now);
            self.later.push(person);
            self.record(entry);
        }
    }

    fn record(&mut self, entry: RegistryEntry) {
        self.world.registry.push(entry);
        self.world.wait(Duration::from_mins(1));
    }

    fn policy(&mut self) {
        let revised = format!("{BOARD}\n# Read for the {}th time.\n", self.policies.len() + 1);
        let before = std::mem::replace(&mut self.world.board, Board::parse(&revised).unwrap());
        let (policy, subjects) = (self.world.board.digest, self.world.subjects.digest);
        self.documents.add_policy(&revised);
        if self.say("probity", Event::PolicyAdopted(PolicyAdopted { policy, subjects })).is_some() {
            self.policies.push(revised);
        } else {
            self.world.board = before;
        }
    }

    /// The board takes the package up, sends it back or decides, if it has one.
    fn intake(&mut self) {
        let Some(submission) = self.world.packet.handoffs.last().map(|handoff| handoff.submission.clone())
        else {
            return;
        };
        let reasons = vec![BounceReason { rule: None, text: "Say who watches the broker.".to_owned() }];
        let decided = IntakeOutcome::Decided { decision: "Granted.".to_owned(), granted: true };
        let (who, outcome) = match self.chance.below(6) {
            0 | 1 => ("probity", received()),
            2 => ("omar", IntakeOutcome::Accepted),
            3 | 4 => ("omar", IntakeOutcome::Bounced { reasons }),
            _ => ("omar", decided),
        };
        self.say(who, recorded(&submission, outcome));
    }
}
