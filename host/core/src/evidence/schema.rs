//! The bodies of evidence, one struct a kind, in the order of `wit/v0_1/schema.wit`.
//!
//! Field docs that only repeat the WIT's are kept short; the WIT file has the full ones.

use serde::{Deserialize, Serialize};

use crate::evidence::Date;
use crate::evidence::leaves::{Leaf, Leaves, closed, no_leaves, record};
use crate::instant::Instant;

// ---- Findings tracker --------------------------------------------------------------------------

closed! {
    pub enum Severity { Critical, High, Medium, Low, Info, Unknown }
}

closed! {
    /// Where a finding stands. An accepted risk is not a mitigated one, whatever the tracker's flags say.
    pub enum FindingState { Open, UnderReview, RiskAccepted, Mitigated, FalsePositive, Duplicate, OutOfScope, Unknown }
}

record! {
    /// A part of the system, as the tracker names it.
    pub struct Component {
        pub name: String,
        pub version: Option<String>,
    }
}

record! {
    /// A weakness somebody or something found.
    pub struct Finding {
        pub severity: Severity,
        pub state: FindingState,
        /// Whether a human or a second tool confirmed it, where the tracker records that.
        pub verified: Option<bool>,
        pub description: String,
        pub impact: Option<String>,
        /// What the tracker proposes to do about it.
        pub mitigation: Option<String>,
        /// The day it was found.
        pub found: Option<Date>,
        pub mitigated_at: Option<Instant>,
        /// When the tracker's own service level wants it closed.
        pub due: Option<Date>,
        /// CWE number.
        pub weakness: Option<u32>,
        /// Names in public lists: `CVE-2026-1234`, `GHSA-…`.
        pub vulnerabilities: Vec<String>,
        pub component: Option<Component>,
        /// A file, a URL or a host inside the system.
        pub location: Option<String>,
        /// Whether it is known to be exploited in the wild.
        pub known_exploited: Option<bool>,
        /// Item ids of the exceptions that cover it, in this connection.
        pub exceptions: Vec<String>,
    }
}

closed! {
    pub enum ExceptionDecision { Accept, Avoid, Mitigate, Fix, Transfer, Unknown }
}

closed! {
    pub enum ExceptionState { Requested, Active, Expired, Withdrawn, Rejected, Unknown }
}

record! {
    /// A risk that somebody accepted, once or still: exception history.
    pub struct Exception {
        pub decision: ExceptionDecision,
        pub state: ExceptionState,
        /// Why, in the words of the source.
        pub rationale: Option<String>,
        /// What was promised in return: compensating controls, conditions.
        pub conditions: Option<String>,
        /// What was recommended instead, if anything.
        pub recommendation: Option<String>,
        /// Who accepted it, as the source writes it. Often free text: not an identity.
        pub accepted_by: Option<String>,
        pub owner: Option<String>,
        pub granted_at: Option<Instant>,
        /// When the source noticed that it had expired.
        pub expired_at: Option<Instant>,
        /// Item ids of the findings it covers, in this connection.
        pub findings: Vec<String>,
        /// Whether the source reopens the findings when it expires.
        pub reopens: Option<bool>,
    }
}

closed! {
    pub enum ReviewOutcome { Effective, Partial, Ineffective, Noted, Unknown }
}

record! {
    /// Somebody looked at a compensating control and wrote down what they saw.
    pub struct ControlReview {
        /// The control, in the source's words.
        pub control: String,
        pub outcome: ReviewOutcome,
        /// What the reviewer wrote, unchanged.
        pub text: String,
        pub reviewer: Option<String>,
        /// The day the review says it was done, where the text or a field says so.
        pub reviewed: Option<Date>,
        /// Item id of the finding it belongs to.
        pub finding: Option<String>,
        pub edited: bool,
    }
}

// ---- Architecture standards --------------------------------------------------------------------

closed! {
    /// What a requirement asks of a packet: to follow a policy, to meet an exception criterion, or to hand
    /// something in.
    pub enum RequirementClass { Policy, Criterion, Submission }
}

closed! {
    pub enum Strength { Must, MustNot, Should, ShouldNot, May, Statement }
}

record! {
    /// The document a requirement stands in.
    pub struct Document {
        /// The path below the mount, or the document's own id.
        pub id: String,
        pub title: String,
        pub version: Option<String>,
        pub status: Option<String>,
        pub owner: Option<String>,
        /// When the document says it last changed.
        pub modified: Option<Instant>,
        /// When it must be reviewed again, by its own words.
        pub review_due: Option<Date>,
    }
}

record! {
    /// A placeholder in a quoted text, and what it stands for.
    pub struct Parameter {
        pub id: String,
        pub label: String,
        pub value: Option<String>,
    }
}

record! {
    /// A policy clause, an exception criterion or a submission requirement, quoted.
    pub struct Requirement {
        pub class: RequirementClass,
        pub document: Document,
        /// The headings above it, outermost first.
        pub section: Vec<String>,
        /// Its stable name inside the document: `ac-1_smt.a.2`, or the heading's anchor.
        pub reference: String,
        /// Exactly the source's text, placeholders included.
        pub text: String,
        /// The text with its placeholders filled in or labelled, where it has any.
        pub resolved: Option<String>,
        pub strength: Strength,
        /// The reference of the requirement it is a part of.
        pub parent: Option<String>,
        pub parameters: Vec<Parameter>,
    }
}

// ---- CI, deployment, ownership -----------------------------------------------------------------

closed! {
    pub enum Outcome { Queued, Running, Succeeded, Failed, Cancelled, Skipped, Unknown }
}

record! {
    pub struct PipelineStep {
        pub name: String,
        pub outcome: Outcome,
    }
}

record! {
    /// One run of a build or test pipeline.
    pub struct PipelineRun {
        pub pipeline: String,
        /// The source's own number of the run.
        #[serde(with = "crate::canonical::u64_string_option")]
        pub number: Option<u64>,
        pub outcome: Outcome,
        pub revision: Option<String>,
        pub branch: Option<String>,
        pub trigger: Option<String>,
        pub started: Option<Instant>,
        pub finished: Option<Instant>,
        pub steps: Vec<PipelineStep>,
    }
}

record! {
    /// Something was, or is to be, put into an environment.
    pub struct Deployment {
        pub environment: String,
        pub outcome: Outcome,
        /// Whether it is what runs there now, where the source knows.
        pub current: Option<bool>,
        pub revision: Option<String>,
        pub version: Option<String>,
        pub by: Option<String>,
        pub started: Option<Instant>,
        pub finished: Option<Instant>,
    }
}

record! {
    /// Somebody tried whether a change can be taken back.
    pub struct RollbackTest {
        pub environment: String,
        pub outcome: Outcome,
        pub from_version: Option<String>,
        pub to_version: Option<String>,
        pub by: Option<String>,
        pub duration_seconds: Option<u32>,
        pub notes: Option<String>,
    }
}

closed! {
    pub enum MilestoneState { Planned, InProgress, Blocked, Done, Cancelled, Unknown }
}

record! {
    /// A step of a migration.
    pub struct Milestone {
        pub state: MilestoneState,
        pub due: Option<Date>,
        pub completed: Option<Date>,
        pub owner: Option<String>,
        /// What it waits for, in the source's words.
        pub blocked_by: Vec<String>,
        pub description: Option<String>,
    }
}

record! {
    /// Who answers for a subject.
    pub struct Ownership {
        pub owner: String,
        /// `owner`, `on-call`, `maintainer`, … as the source names it.
        pub role: String,
        pub since: Option<Instant>,
        pub contact: Option<String>,
    }
}

record! {
    /// One subject needs another.
    pub struct Dependency {
        /// A subject: `service:legacy-broker`.
        pub needs: String,
        /// How: `runtime`, `data`, `credential`, … as the source names it.
        pub relation: String,
        pub environment: Option<String>,
    }
}

// ---- Secrets and access ------------------------------------------------------------------------

closed! {
    pub enum SecretVersionState { Current, Previous, Pending, Disabled, Destroyed, Unknown }
}

record! {
    pub struct SecretVersion {
        pub version: String,
        pub state: SecretVersionState,
        pub created: Option<Instant>,
    }
}

record! {
    /// What is known about a secret, never the secret: its rotation history above all.
    pub struct Secret {
        /// Where it is kept: a path or a name.
        pub path: String,
        pub engine: Option<String>,
        pub owner: Option<String>,
        pub created: Option<Instant>,
        /// When its value last changed, proven by a version or the store's own record of a rotation; not
        /// "rotation is enabled".
        pub last_rotated: Option<Instant>,
        pub next_rotation: Option<Instant>,
        pub rotation_enabled: Option<bool>,
        #[serde(with = "crate::canonical::u64_string_option")]
        pub rotation_period_seconds: Option<u64>,
        pub last_used: Option<Date>,
        pub versions: Vec<SecretVersion>,
    }
}

closed! {
    pub enum PrincipalKind { Human, Service, Group, Role, Unknown }
}

record! {
    /// Somebody or something may do something.
    pub struct AccessGrant {
        pub principal: String,
        pub principal_kind: PrincipalKind,
        /// What it is on: a path, a resource.
        pub resource: String,
        pub privileges: Vec<String>,
        /// The policy, role or group it comes through.
        pub via: Option<String>,
        pub granted_at: Option<Instant>,
        pub last_used: Option<Instant>,
        /// Whether more than one principal uses the same credential.
        pub shared: Option<bool>,
    }
}

closed! {
    pub enum ReviewDecision { Keep, Revoke, NotReviewed, Unknown }
}

record! {
    /// A periodic review looked at an access and decided.
    pub struct AccessReview {
        pub campaign: String,
        pub principal: String,
        pub resource: String,
        pub decision: ReviewDecision,
        pub reviewer: Option<String>,
        /// Whether the decision was carried out.
        pub applied: Option<bool>,
        pub justification: Option<String>,
    }
}

closed! {
    pub enum MonitoringState { Healthy, Pending, Firing, Silenced, Down, Failing, Unknown }
}

record! {
    /// Something is watched, or ought to be.
    pub struct Monitoring {
        /// What is watched, in the source's words.
        pub target: String,
        /// The rule, check or device that watches it.
        pub monitor: String,
        pub state: MonitoringState,
        /// How much of the time or of the instances is covered, in per cent, where the source can tell.
        #[serde(with = "crate::canonical::number_option")]
    pub coverage: Option<f64>,
        #[serde(with = "crate::canonical::u64_string_option")]
        pub window_seconds: Option<u64>,
        /// The expression or condition, as the source has it.
        pub condition: Option<String>,
        pub last_evaluated: Option<Instant>,
    }
}

// ---- Review-board intake -----------------------------------------------------------------------

closed! {
    pub enum DispositionState { Queued, Accepted, Bounced, Decided, Unknown }
}

record! {
    /// What the board did with a submission.
    pub struct Disposition {
        pub submission: String,
        pub state: DispositionState,
        pub reasons: Vec<String>,
        pub decision: Option<String>,
        pub by: Option<String>,
        pub at: Option<Instant>,
    }
}
