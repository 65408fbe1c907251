//! The common schema's types, with a beginning for each: `Finding { severity, ..Finding::default() }`.
//!
//! A default says what the contract says where a source is silent: `none`, `unknown`, an empty list. So an author writes
//! what the source does say, and a field that a later contract adds does not break the connector.

pub use crate::bindings::probity::connector::schema::{
    AccessGrant, AccessReview, Body, Component, ControlReview, Dependency, Deployment, Disposition,
    DispositionState, Document, Exception, ExceptionDecision, ExceptionState, Finding, FindingState, Item,
    Milestone, MilestoneState, Monitoring, MonitoringState, Outcome, Ownership, Parameter, PipelineRun,
    PipelineStep, PrincipalKind, Requirement, RequirementClass, ReviewDecision, ReviewOutcome, RollbackTest,
    Secret, SecretVersion, SecretVersionState, Severity, Strength,
};

/// What an enum says where the source does not.
macro_rules! silent {
    ($($name:ident => $variant:ident),+ $(,)?) => {
        $(impl Default for $name {
            fn default() -> Self {
                Self::$variant
            }
        })+
    };
}

silent! {
    Severity => Unknown,
    FindingState => Unknown,
    ExceptionDecision => Unknown,
    ExceptionState => Unknown,
    ReviewOutcome => Unknown,
    RequirementClass => Policy,
    Strength => Statement,
    Outcome => Unknown,
    MilestoneState => Unknown,
    SecretVersionState => Unknown,
    PrincipalKind => Unknown,
    ReviewDecision => Unknown,
    MonitoringState => Unknown,
    DispositionState => Unknown,
}

/// A record whose every member has a default. The members are listed so that a change of the contract is noticed.
macro_rules! empty {
    ($($name:ident { $($member:ident),+ $(,)? })+) => {
        $(impl Default for $name {
            fn default() -> Self {
                Self { $($member: Default::default()),+ }
            }
        })+
    };
}

empty! {
    Finding {
        severity, state, verified, description, impact, mitigation, found, mitigated_at, due, weakness,
        vulnerabilities, component, location, known_exploited, exceptions,
    }
    Exception {
        decision, state, rationale, conditions, recommendation, accepted_by, owner, granted_at, expired_at,
        findings, reopens,
    }
    ControlReview { control, outcome, text, reviewer, reviewed, finding, edited }
    Document { id, title, version, status, owner, modified, review_due }
    Requirement { class, document, section, reference, text, resolved, strength, parent, parameters }
    PipelineRun { pipeline, number, outcome, revision, branch, trigger, started, finished, steps }
    Deployment { environment, outcome, current, revision, version, by, started, finished }
    RollbackTest { environment, outcome, from_version, to_version, by, duration_seconds, notes }
    Milestone { state, due, completed, owner, blocked_by, description }
    Ownership { owner, role, since, contact }
    Dependency { needs, relation, environment }
    Secret {
        path, engine, owner, created, last_rotated, next_rotation, rotation_enabled, rotation_period_seconds,
        last_used, versions,
    }
    AccessGrant { principal, principal_kind, resource, privileges, via, granted_at, last_used, shared }
    AccessReview { campaign, principal, resource, decision, reviewer, applied, justification }
    Monitoring { target, monitor, state, coverage, window_seconds, condition, last_evaluated }
    Disposition { submission, state, reasons, decision, by, at }
}

/// A body is made of any of its records, and knows its kind.
macro_rules! bodies {
    ($($name:ident),+ $(,)?) => {
        $(impl From<$name> for Body {
            fn from(body: $name) -> Self {
                Self::$name(body)
            }
        })+

        impl Body {
            /// The kind of evidence this is.
            pub const fn kind(&self) -> crate::Kind {
                match self {
                    $(Self::$name(_) => crate::Kind::$name),+
                }
            }
        }
    };
}

bodies! {
    Finding, Exception, ControlReview, Requirement, PipelineRun, Deployment, RollbackTest, Milestone, Ownership,
    Dependency, Secret, AccessGrant, AccessReview, Monitoring, Disposition,
}
