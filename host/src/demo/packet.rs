//! The packet of the demonstration: half prepared, with everything in it that a real one has on its first day.
//!
//! The author asks for an exception for the shared credential. Claims rest on evidence that was just collected: one of them on a review
//! that is too old by now, one says more than the findings do. Two reviewers object, an agent drafted words that play
//! the risk down, and nothing is signed. What is left to do is what the README's tour does.
//!
//! The principals are samples; each is called what they are there for. Deliberately absent: keys, and so everything that takes
//! a signature. Nobody but the person at the terminal can make those.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use probity_core::actor::{ActorKind, Role};
use probity_core::claim::{Cite, ClaimText, Query, Test};
use probity_core::event::{
    ClaimMade, Command, Event, ObjectionRaised, Origin, PassageAccepted, PassageProposed, ReviewerNamed, Section, Terms,
    Topic,
};
use probity_core::evidence::{Kind, Severity};
use probity_core::id::{ClaimId, EvidenceId, PacketId, PassageId};

use super::story::write_secret;
use crate::authz::Caller;
use crate::casework::{Casework, EvidenceQuery, Opening, Slice};
use crate::secret::Secret;

/// Who is in the story: a name that says what they are there for, and their role.
pub const PEOPLE: [(&str, ActorKind, Role); 7] = [
    ("author", ActorKind::Human, Role::Author),
    ("owner", ActorKind::Human, Role::ApprovalOwner),
    ("security", ActorKind::Human, Role::Reviewer),
    ("architect", ActorKind::Human, Role::Reviewer),
    ("sre", ActorKind::Human, Role::Reviewer),
    ("board", ActorKind::Human, Role::Board),
    ("drafter", ActorKind::Agent, Role::Agent),
];

/// Adds the people of the story, with a token for each in `tokens/`, and prepares the packet.
pub async fn prepare(casework: &Casework, folder: &Path) -> anyhow::Result<PacketId> {
    let tokens = folder.join("tokens");
    std::fs::create_dir_all(&tokens).with_context(|| format!("cannot make {}", tokens.display()))?;
    let operator = Caller::local();
    for (id, kind, role) in PEOPLE {
        let (_, token) = casework.principal_add(&operator.authorize()?, id, kind, role, true).await?;
        let token = token.ok_or_else(|| anyhow!("no token was made for {id}"))?;
        write_secret(&tokens.join(id), token.expose())?;
    }
    Story { casework, tokens: &tokens }.tell().await
}

/// The steps of the story, each by whom it is up to.
struct Story<'a> {
    casework: &'a Casework,
    tokens: &'a Path,
}

impl Story<'_> {
    async fn tell(&self) -> anyhow::Result<PacketId> {
        let author = self.caller("author").await?;
        let expires = self.casework.clock.now().plus(Duration::from_hours(120 * 24)).unwrap_or_else(|| self.casework.clock.now());
        let opening = Opening {
            title: "Shared broker credential until platform hardening".to_owned(),
            exception: "shared-credential".to_owned(),
            terms: Terms {
                system: "service:payments-bridge".parse()?,
                credential: Some("credential:legacy-broker/shared".parse()?),
                expires,
            },
            owner: "owner".parse()?,
            renews: None,
        };
        let packet = self.casework.packet_open(&author.authorize()?, opening).await?.packet;
        for (reviewer, discipline) in [("security", "security"), ("architect", "architecture"), ("sre", "sre")] {
            let named = ReviewerNamed { reviewer: reviewer.parse()?, discipline: discipline.parse()? };
            self.does("author", &packet, Event::ReviewerNamed(named)).await?;
        }
        self.claims(&packet).await?;
        self.words(&packet).await?;
        self.dissent(&packet).await?;
        Ok(packet)
    }

    async fn claims(&self, packet: &PacketId) -> anyhow::Result<()> {
        let rotation = self.review("credential rotation").await?;
        let controls = self.requirement("Each compensating control MUST have been reviewed").await?;
        let counted = self.requirement("A control whose last review found it ineffective").await?;
        let claim = claim_of(
            "The rotation of the shared credential was reviewed and found effective",
            "The review was done within the last 30 days by somebody who does not operate the credential.",
        );
        let claim = ClaimText { citations: vec![outcome(rotation)], addresses: vec![controls, counted], ..claim };
        self.claim(packet, claim).await?;

        let monitoring = self.review("break-glass account monitoring").await?;
        let risks = self.requirement("Each risk the clause guards against MUST be met").await?;
        let claim = claim_of("Use of the break-glass account is monitored", "The review looked at the alert and at who receives it.");
        let claim = ClaimText { citations: vec![outcome(monitoring)], addresses: vec![risks], ..claim };
        self.claim(packet, claim).await?;

        let claim = claim_of("No finding of medium severity or worse is open on the service", "Counted over the last complete sweep of the findings tracker.");
        let open: Query = "no finding with state open, under-review and severity critical, high, medium on \
                           service:payments-bridge in dojo"
            .parse()?;
        let addressed = vec![
            self.requirement("A critical finding MUST NOT be open").await?,
            self.requirement("A weakness known to be exploited MUST be mitigated").await?,
            self.requirement("A credential the exception is about MUST NOT have been exposed").await?,
        ];
        let claim = ClaimText { test: Some(Test::Query(open)), addresses: addressed, ..claim };
        self.claim(packet, claim).await?;
        Ok(())
    }

    async fn words(&self, packet: &PacketId) -> anyhow::Result<()> {
        let summary = "The payments bridge signs in to the legacy broker with a credential that other services share. It cannot be \
                       replaced before the platform hardening milestone. We ask to keep it until then, under the controls below.";
        let passage = self.proposes("author", packet, Section::Summary, Origin::Human, summary).await?;
        let accepted = PassageAccepted { passage, text: None, leans_on: Vec::new(), narrative: true };
        self.does("author", packet, Event::PassageAccepted(accepted)).await?;
        let played_down = "The residual risk is negligible: the credential is rotated and all access is monitored.";
        self.proposes("drafter", packet, Section::ResidualRisk, Origin::Agent, played_down).await?;
        Ok(())
    }

    async fn dissent(&self, packet: &PacketId) -> anyhow::Result<()> {
        let rollback = ObjectionRaised {
            topic: Topic::Rollback,
            severity: Severity::Medium,
            issue: "Nobody tried to roll back with the credential that is valid today".to_owned(),
            target: Some("compensating-controls".to_owned()),
            rationale: "The last rollback used the old credential, which is revoked at every rotation.".to_owned(),
            removes: "A date by which a rollback is tested, with an owner".to_owned(),
            remark: None,
        };
        self.does("sre", packet, Event::ObjectionRaised(rollback)).await?;
        let radius = ObjectionRaised {
            topic: Topic::BlastRadius,
            severity: Severity::High,
            issue: "Whoever takes the credential reaches every queue of the broker".to_owned(),
            target: None,
            rationale: "The broker knows one role; the allow-list narrows who can connect, not what they can read.".to_owned(),
            removes: "A role of its own for this service on the broker".to_owned(),
            remark: None,
        };
        self.does("security", packet, Event::ObjectionRaised(radius)).await?;
        Ok(())
    }

    async fn claim(&self, packet: &PacketId, claim: ClaimText<Cite>) -> anyhow::Result<ClaimId> {
        let seq = self.does("author", packet, Event::ClaimMade(ClaimMade { claim, replaces: None })).await?;
        Ok(ClaimId(seq))
    }

    async fn proposes(
        &self,
        who: &str,
        packet: &PacketId,
        section: Section,
        origin: Origin,
        text: &str,
    ) -> anyhow::Result<PassageId> {
        let proposed = PassageProposed {
            section,
            text: text.to_owned(),
            origin,
            quotes: None,
            objection: None,
            leans_on: Vec::new(),
            replaces: None,
        };
        Ok(PassageId(self.does(who, packet, Event::PassageProposed(proposed)).await?))
    }

    /// Asks for something to happen, as one of the story's people, and returns the entry's number.
    async fn does(&self, who: &str, packet: &PacketId, command: Command) -> anyhow::Result<u32> {
        let caller = self.caller(who).await?;
        let seen = self.casework.packet_get(&caller.authorize()?, packet, None).await?.head.digest;
        let appended = self.casework.packet_append(&caller.authorize()?, packet, Some(seen), command).await?;
        Ok(appended.head.seq)
    }

    /// One of the story's people, known by their token like anybody else.
    async fn caller(&self, who: &str) -> anyhow::Result<Caller> {
        let file = self.tokens.join(who);
        let token = Secret::new(std::fs::read_to_string(&file)?.trim().to_owned());
        Ok(self.casework.identify(Some(token.expose())).await?)
    }

    /// The review of a control, by the control's name.
    async fn review(&self, control: &str) -> anyhow::Result<EvidenceId> {
        self.find(Kind::ControlReview, &format!("Review of a control: {control}")).await
    }

    /// A requirement cited by its quoted text, by how the text begins.
    async fn requirement(&self, begins: &str) -> anyhow::Result<Cite> {
        let evidence = self.find(Kind::Requirement, begins).await?;
        Ok(Cite { evidence, revision: None, pointer: "/body/text".to_owned() })
    }

    async fn find(&self, kind: Kind, text: &str) -> anyhow::Result<EvidenceId> {
        let query = EvidenceQuery { kind: Some(kind), ..EvidenceQuery::default() };
        let (found, _) = self.casework.evidence_list(&Caller::local().authorize()?, query, &Slice::first(Slice::MAX)).await?;
        let is_meant = |evidence: &&crate::casework::view::EvidenceView| match &evidence.body {
            probity_core::evidence::Body::Requirement(requirement) => requirement.text.contains(text),
            _ => evidence.title == text,
        };
        let evidence = found.items.iter().find(is_meant);
        Ok(evidence.ok_or_else(|| anyhow!("the sample sources have no {kind} `{text}`"))?.id.clone())
    }
}

fn claim_of(text: &str, reasoning: &str) -> ClaimText<Cite> {
    ClaimText {
        text: text.to_owned(),
        reasoning: reasoning.to_owned(),
        citations: Vec::new(),
        test: None,
        addresses: Vec::new(),
    }
}

/// What a review of a control found.
fn outcome(evidence: EvidenceId) -> Cite {
    Cite { evidence, revision: None, pointer: "/body/outcome".to_owned() }
}
