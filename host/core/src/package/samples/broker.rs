//! The sample story: a service signs in to a legacy broker with a shared credential until the next milestone.
//!
//! Every text that a person, an agent or a source writes goes through `words`, so that the same story can be told by
//! somebody hostile.

use serde_json::{Value, json};

use super::{Story, at, item, person};
use crate::actor::Role;
use crate::book::{StreamReading, SweepReading};
use crate::claim::{Check, ClaimText, Comparison, Expected, Literal, Operand, Query, Test};
use crate::event::{
    ClaimMade, ConditionStated, Decision, Event, FollowUpScheduled, ObjectionAnswered, ObjectionRaised,
    Origin, PassageAccepted, PassageProposed, ReviewVerdict, ReviewerNamed, Section, Topic,
};
use crate::evidence::{Kind, Severity};
use crate::id::{ClaimId, ObjectionId, PassageId};
use crate::package::Package;

/// The words of a draft that nobody accepted. They stand in no export.
pub(crate) const DRAFTED: &str = "This risk is negligible and needs no further attention";

/// The package of the story, in review.
pub(crate) fn broker(words: impl Fn(&str) -> String) -> Package {
    let mut story = Story::opened_for(
        &words("Shared credential to the legacy broker until the March milestone"),
        &words("shared-credential"),
        None,
    );
    let teller = Teller { words: &words };
    teller.evidence(&mut story);
    teller.findings(&mut story);
    teller.people(&mut story);
    let (rotation, rollback, findings) = teller.claims(&mut story);
    teller.language(&mut story, rotation, rollback);
    teller.dissent(&mut story, findings);
    teller.rest(&mut story, rotation);
    story.package(&story.judged())
}

struct Teller<'a, W: Fn(&str) -> String> {
    words: &'a W,
}

impl<W: Fn(&str) -> String> Teller<'_, W> {
    fn words(&self, text: &str) -> String {
        (self.words)(text)
    }

    fn item(&self, title: &str, source_time: Option<&str>, body: Value) -> Value {
        let mut item = item(&self.words(title), source_time, body);
        item["subjects"] = json!([self.words("service:payments-bridge")]);
        item["url"] = self.words("https://sample.example.org/1").into();
        item
    }

    fn evidence(&self, story: &mut Story) {
        let secret = json!({
            "kind": "secret", "path": self.words("kv/payments/legacy-broker"), "engine": "kv", "owner": null,
            "created": null, "last-rotated": "2026-11-08T02:00:00Z", "next-rotation": null, "rotation-enabled": true,
            "rotation-period-seconds": "2592000", "last-used": null, "versions": [],
        });
        story.collect(
            1,
            "vault",
            self.item("Legacy broker credential", Some("2026-11-08T02:00:00Z"), secret),
        );
        let test = json!({
            "kind": "rollback-test", "environment": "staging", "outcome": "succeeded", "from-version": null,
            "to-version": null, "by": null, "duration-seconds": 840,
            "notes": self.words("Sessions drained in 14 minutes; no message was lost"),
        });
        story.collect(
            2,
            "ci",
            self.item("Rollback of the bridge, October", Some("2026-10-14T15:20:00Z"), test),
        );
        let requirement = json!({
            "kind": "requirement", "class": "criterion",
            "document": {
                "id": "exceptions.md", "title": "Exceptions", "version": null, "status": null, "owner": null,
                "modified": null, "review-due": null,
            },
            "section": ["Shared credentials"], "reference": "shared-credentials",
            "text": self.words("An exception for a shared credential ends with the next hardening milestone"),
            "resolved": null, "strength": "must", "parent": null, "parameters": [],
        });
        story.collect(3, "standards", self.item("Exceptions: shared credentials", None, requirement));
    }

    /// The findings tracker was read completely, too long ago.
    fn findings(&self, story: &mut Story) {
        story.book.streams.push(StreamReading {
            connection: "dojo".parse().unwrap(),
            connection_id: "0197a3c0-0000-7000-8000-00000000c002".parse().unwrap(),
            stream: "findings".parse().unwrap(),
            kinds: vec![Kind::Finding],
            sweep: Some(SweepReading {
                run: "0197a3c0-0000-7000-8000-00000000a002".parse().unwrap(),
                began: at("2026-11-14T05:00:00Z"),
                ended: at("2026-11-14T05:02:00Z"),
                examined: 212,
                listed: 212,
            }),
            gaps: Vec::new(),
            missing: Vec::new(),
        });
    }

    fn people(&self, story: &mut Story) {
        story.sign("grace", Role::ApprovalOwner, Decision::OwnershipAccepted);
        for (reviewer, discipline) in [("lin", "security"), ("kofi", "architecture"), ("sam", "sre")] {
            let named = ReviewerNamed { reviewer: person(reviewer), discipline: discipline.parse().unwrap() };
            story.say("ada", Role::Author, Event::ReviewerNamed(named));
        }
    }

    fn claims(&self, story: &mut Story) -> (ClaimId, ClaimId, ClaimId) {
        let rotated = Test::Check(Check {
            citation: 0,
            left: Operand::Age { pointer: "/body/last-rotated".to_owned() },
            comparison: Comparison::AtMost,
            right: Literal::Duration { seconds: 30 * 86_400 },
        });
        let none_open = Test::Query(Query {
            kind: Kind::Finding,
            states: ["open".to_owned()].into(),
            severities: [Severity::Critical].into(),
            subject: "service:payments-bridge".parse().unwrap(),
            connections: ["dojo".parse().unwrap()].into(),
            expected: Expected::AtMost { count: 0 },
        });
        let rotation = ClaimText {
            text: self.words("The shared credential is rotated at least every 30 days"),
            reasoning: self
                .words("The store records when the value last changed, not only that rotation is enabled."),
            citations: vec![story.cite(1, "/body/last-rotated")],
            test: Some(rotated),
            addresses: vec![story.cite(3, "/body/text")],
        };
        let rollback = ClaimText {
            text: self.words("Rolling back to the broker was tested in October"),
            reasoning: self.words("The run succeeded in staging, with production's session counts."),
            citations: vec![story.cite(2, "/body/outcome"), story.cite(2, "/body/notes")],
            test: None,
            addresses: Vec::new(),
        };
        let findings = ClaimText {
            text: self.words("No critical finding is open on the bridge"),
            reasoning: self.words("Counted over complete runs of the findings tracker."),
            citations: Vec::new(),
            test: Some(none_open),
            addresses: Vec::new(),
        };
        let mut make = |claim| {
            let made = ClaimMade { claim, replaces: None };
            ClaimId(story.say("ada", Role::Author, Event::ClaimMade(made)))
        };
        (make(rotation), make(rollback), make(findings))
    }

    fn language(&self, story: &mut Story, rotation: ClaimId, rollback: ClaimId) {
        let summary = "The payments bridge signs in to the legacy broker with one shared production credential.\n\
                       It cannot be replaced before the March hardening milestone.";
        let id = self.propose(
            story,
            "drafter",
            Section::Summary,
            Origin::Agent,
            "The bridge uses a credential.",
            None,
        );
        self.accept(story, id, Some(summary), &[rotation], false);
        let risk = "Whoever holds the credential can publish as any of four services until it is rotated.";
        let id = self.propose(story, "ada", Section::ResidualRisk, Origin::Human, risk, None);
        self.accept(story, id, None, &[rotation], false);
        let controls = "The credential is kept in the secrets store, read by one workload identity, and rotated monthly.";
        let id = self.propose(story, "drafter", Section::CompensatingControls, Origin::Agent, controls, None);
        self.accept(story, id, None, &[rotation], false);
        let plan =
            "Sessions are drained and the former release is deployed; the broker keeps the former topics.";
        let id = self.propose(story, "ada", Section::Rollback, Origin::Human, plan, None);
        self.accept(story, id, None, &[rollback], false);
        let ends = story.cite(3, "/body/text");
        let quoted = ends.quoted.as_str().unwrap().to_owned();
        let event = PassageProposed {
            section: Section::Expiry,
            text: quoted,
            origin: Origin::Policy,
            quotes: Some(ends),
            objection: None,
            leans_on: Vec::new(),
            replaces: None,
        };
        let id = PassageId(story.say("ada", Role::Author, Event::PassageProposed(event)));
        self.accept(story, id, None, &[], true);
        self.propose(story, "drafter", Section::Monitoring, Origin::Agent, DRAFTED, None);
    }

    fn propose(
        &self,
        story: &mut Story,
        who: &str,
        section: Section,
        origin: Origin,
        text: &str,
        objection: Option<ObjectionId>,
    ) -> PassageId {
        let role = if who == "drafter" { Role::Agent } else { Role::Author };
        let event = PassageProposed {
            section,
            text: self.words(text),
            origin,
            quotes: None,
            objection,
            leans_on: Vec::new(),
            replaces: None,
        };
        PassageId(story.say(who, role, Event::PassageProposed(event)))
    }

    fn accept(
        &self,
        story: &mut Story,
        passage: PassageId,
        text: Option<&str>,
        leans_on: &[ClaimId],
        narrative: bool,
    ) {
        let text = text.map(|text| self.words(text));
        let event = PassageAccepted { passage, text, leans_on: leans_on.to_vec(), narrative };
        story.say("ada", Role::Author, Event::PassageAccepted(event));
    }

    /// Three objections with three fates.
    fn dissent(&self, story: &mut Story, findings: ClaimId) {
        let blast = self.raise(
            story,
            "lin",
            Topic::BlastRadius,
            Severity::High,
            None,
            [
                "One leaked credential lets an attacker publish as four services",
                "Topics are not separated by credential, so the broker cannot tell the services apart.",
                "Topic-level permissions for each service, or a date by which the broker is gone.",
            ],
        );
        let alarms = self.raise(
            story,
            "sam",
            Topic::Monitoring,
            Severity::Medium,
            Some(findings.to_string()),
            [
                "Nobody is paged when the credential is used from a new address",
                "The alert exists and goes to a channel that nobody watches at night.",
                "A page to the on-call engineer, shown to work.",
            ],
        );
        let expiration = self.raise(
            story,
            "kofi",
            Topic::Expiration,
            Severity::Medium,
            None,
            [
                "The milestone has slipped twice, and the exception ends with it",
                "An end that moves is no end.",
                "A date that does not depend on the milestone.",
            ],
        );
        self.answer(
            story,
            "ada",
            Role::Author,
            alarms,
            "The alert pages on-call since 4 November; see the test.",
            true,
        );
        self.answer(story, "drafter", Role::Agent, expiration, DRAFTED, false);
        self.answer(
            story,
            "ada",
            Role::Author,
            blast,
            "Topic permissions come with the new broker, in March.",
            false,
        );
        let reason = self.words("The page arrived within a minute when I tried it.");
        story.sign("sam", Role::Reviewer, Decision::ObjectionWithdrawn { objection: alarms, reason });
        let rationale = self.words("The four services are owned by one team; the window ends in March.");
        let expires = at("2027-01-31T00:00:00Z");
        story.sign(
            "grace",
            Role::ApprovalOwner,
            Decision::RiskAccepted { objection: blast, rationale, expires },
        );
    }

    fn raise(
        &self,
        story: &mut Story,
        who: &str,
        topic: Topic,
        severity: Severity,
        target: Option<String>,
        [issue, rationale, removes]: [&str; 3],
    ) -> ObjectionId {
        let event = ObjectionRaised {
            topic,
            severity,
            issue: self.words(issue),
            target,
            rationale: self.words(rationale),
            removes: self.words(removes),
            remark: None,
        };
        ObjectionId(story.say(who, Role::Reviewer, Event::ObjectionRaised(event)))
    }

    fn answer(
        &self,
        story: &mut Story,
        who: &str,
        role: Role,
        objection: ObjectionId,
        text: &str,
        cites: bool,
    ) {
        let citations = if cites { vec![story.cite(2, "/body/notes")] } else { Vec::new() };
        let event = ObjectionAnswered { objection, text: self.words(text), citations };
        story.say(who, role, Event::ObjectionAnswered(event));
    }

    fn rest(&self, story: &mut Story, rotation: ClaimId) {
        let text = self.words("The credential was rotated within 30 days on the day of the handoff.");
        story.say(
            "grace",
            Role::ApprovalOwner,
            Event::ConditionStated(ConditionStated { text, claims: vec![rotation] }),
        );
        let event = FollowUpScheduled {
            what: self.words("Revoke the shared credential"),
            owner: person("ada"),
            due: at("2027-04-15T00:00:00Z"),
            required: Some("revoke".to_owned()),
        };
        story.say("ada", Role::Author, Event::FollowUpScheduled(event));
        let note = self.words("Tried the page and the rollback.");
        let discipline = "sre".parse().unwrap();
        let verdict = ReviewVerdict::Approve;
        story.sign("sam", Role::Reviewer, Decision::ReviewRecorded { discipline, verdict, note });
    }
}
