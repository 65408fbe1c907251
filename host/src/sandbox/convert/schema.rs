//! Items: the common schema from its WIT form to core's, field by field.
//!
//! The macros take both sides apart by name, so a field that is added to either and not to the other does
//! not compile.

use std::fmt;

use probity_core::canonical::{MAX_SAFE_INTEGER, is_safe_number};
use probity_core::evidence as core;
use probity_core::instant::Instant;

use crate::sandbox::bindings::probity::connector::{schema as wit, types};
use crate::sandbox::text;

/// Why a value cannot be one of core's, and in which field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// From the outermost field inwards, as the WIT writes them: `body.versions.0.created`.
    field: String,
    rule: String,
}

impl Fault {
    const fn new(rule: String) -> Self {
        Self { field: String::new(), rule }
    }

    /// The same fault seen from one level further out.
    fn within(mut self, outer: &str) -> Self {
        let outer = outer.replace('_', "-");
        self.field = if self.field.is_empty() { outer } else { format!("{outer}.{}", self.field) };
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "field {}: {}", self.field, self.rule)
    }
}

/// An item, or the first fault in it.
pub(super) fn item(item: wit::Item) -> Result<core::Item, Fault> {
    item.into_core()
}

/// A disposition, or the first fault in it.
pub(super) fn disposition(disposition: wit::Disposition) -> Result<core::Disposition, Fault> {
    disposition.into_core()
}

/// An instant where there may be none; a fault names the field.
pub(super) fn instant(name: &str, text: Option<String>) -> Result<Option<Instant>, Fault> {
    field(name, text)
}

/// A value of the contract that may be one of core's.
trait IntoCore<T> {
    fn into_core(self) -> Result<T, Fault>;
}

/// Converts one field and names it in the fault.
fn field<A: IntoCore<B>, B>(name: &str, value: A) -> Result<B, Fault> {
    value.into_core().map_err(|fault| fault.within(name))
}

macro_rules! same {
    ($($type:ty),*) => {$(
        impl IntoCore<$type> for $type {
            fn into_core(self) -> Result<$type, Fault> {
                Ok(self)
            }
        }
    )*};
}

same!(String, bool, u32, (String, String));

impl IntoCore<u64> for u64 {
    fn into_core(self) -> Result<u64, Fault> {
        if self > MAX_SAFE_INTEGER {
            return Err(Fault::new(format!(
                "{self} is beyond 2^53 and would be mistaken for its neighbours"
            )));
        }
        Ok(self)
    }
}

impl IntoCore<f64> for f64 {
    fn into_core(self) -> Result<f64, Fault> {
        if !is_safe_number(self) {
            return Err(Fault::new(format!("{self} is not a finite number within 2^53")));
        }
        Ok(self)
    }
}

impl IntoCore<Instant> for String {
    /// Stricter than core's parser, which also reads what people type: the contract has one form.
    fn into_core(self) -> Result<Instant, Fault> {
        const LONGEST: usize = "2026-11-22T21:29:09.354959Z".len();
        let fault = || {
            let shown = text::plain(&self, 64);
            Fault::new(format!(
                "`{shown}` is not an instant; write RFC 3339 in UTC with `Z` and at most microseconds"
            ))
        };
        let in_form = self.len() <= LONGEST && self.as_bytes().get(10) == Some(&b'T') && self.ends_with('Z');
        if in_form { self.parse().map_err(|_| fault()) } else { Err(fault()) }
    }
}

impl IntoCore<core::Date> for String {
    fn into_core(self) -> Result<core::Date, Fault> {
        let fault = |_| Fault::new(format!("`{}` is not a date; write YYYY-MM-DD", text::plain(&self, 64)));
        self.parse().map_err(fault)
    }
}

impl<A: IntoCore<B>, B> IntoCore<Option<B>> for Option<A> {
    fn into_core(self) -> Result<Option<B>, Fault> {
        self.map(A::into_core).transpose()
    }
}

impl<A: IntoCore<B>, B> IntoCore<Vec<B>> for Vec<A> {
    fn into_core(self) -> Result<Vec<B>, Fault> {
        self.into_iter().enumerate().map(|(at, value)| field(&at.to_string(), value)).collect()
    }
}

macro_rules! record {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl IntoCore<core::$name> for wit::$name {
            fn into_core(self) -> Result<core::$name, Fault> {
                let Self { $($field),* } = self;
                Ok(core::$name { $($field: field(stringify!($field), $field)?),* })
            }
        }
    };
}

macro_rules! closed {
    ($name:ident { $($case:ident),* $(,)? }) => {
        impl IntoCore<core::$name> for wit::$name {
            fn into_core(self) -> Result<core::$name, Fault> {
                Ok(match self { $(Self::$case => core::$name::$case),* })
            }
        }
    };
}

record!(Item { id, title, summary, url, subjects, source_time, expires, labels, citations, exposure, body });

macro_rules! body {
    ($($case:ident),* $(,)?) => {
        impl IntoCore<core::Body> for wit::Body {
            fn into_core(self) -> Result<core::Body, Fault> {
                Ok(match self { $(Self::$case(body) => core::Body::$case(body.into_core()?)),* })
            }
        }
    };
}

body!(
    Finding,
    Exception,
    ControlReview,
    Requirement,
    PipelineRun,
    Deployment,
    RollbackTest,
    Milestone,
    Ownership,
    Dependency,
    Secret,
    AccessGrant,
    AccessReview,
    Monitoring,
    Disposition,
);

impl IntoCore<core::Citation> for types::Citation {
    fn into_core(self) -> Result<core::Citation, Fault> {
        let locator = match self.locator {
            types::Locator::Whole => core::Locator::Whole,
            types::Locator::Pointer(pointer) => core::Locator::Pointer { pointer },
            types::Locator::Lines(types::LineRange { first, last }) => core::Locator::Lines { first, last },
        };
        Ok(core::Citation { capture: self.capture, locator })
    }
}

closed!(Severity { Critical, High, Medium, Low, Info, Unknown });
closed!(FindingState {
    Open,
    UnderReview,
    RiskAccepted,
    Mitigated,
    FalsePositive,
    Duplicate,
    OutOfScope,
    Unknown
});
record!(Component { name, version });
record!(Finding {
    severity,
    state,
    verified,
    description,
    impact,
    mitigation,
    found,
    mitigated_at,
    due,
    weakness,
    vulnerabilities,
    component,
    location,
    known_exploited,
    exceptions,
});

closed!(ExceptionDecision { Accept, Avoid, Mitigate, Fix, Transfer, Unknown });
closed!(ExceptionState { Requested, Active, Expired, Withdrawn, Rejected, Unknown });
record!(Exception {
    decision,
    state,
    rationale,
    conditions,
    recommendation,
    accepted_by,
    owner,
    granted_at,
    expired_at,
    findings,
    reopens,
});

closed!(ReviewOutcome { Effective, Partial, Ineffective, Noted, Unknown });
record!(ControlReview { control, outcome, text, reviewer, reviewed, finding, edited });

closed!(RequirementClass { Policy, Criterion, Submission });
closed!(Strength { Must, MustNot, Should, ShouldNot, May, Statement });
record!(Document { id, title, version, status, owner, modified, review_due });
record!(Parameter { id, label, value });
record!(Requirement { class, document, section, reference, text, resolved, strength, parent, parameters });

closed!(Outcome { Queued, Running, Succeeded, Failed, Cancelled, Skipped, Unknown });
record!(PipelineStep { name, outcome });
record!(PipelineRun { pipeline, number, outcome, revision, branch, trigger, started, finished, steps });
record!(Deployment { environment, outcome, current, revision, version, by, started, finished });
record!(RollbackTest { environment, outcome, from_version, to_version, by, duration_seconds, notes });

closed!(MilestoneState { Planned, InProgress, Blocked, Done, Cancelled, Unknown });
record!(Milestone { state, due, completed, owner, blocked_by, description });
record!(Ownership { owner, role, since, contact });
record!(Dependency { needs, relation, environment });

closed!(SecretVersionState { Current, Previous, Pending, Disabled, Destroyed, Unknown });
record!(SecretVersion { version, state, created });
record!(Secret {
    path,
    engine,
    owner,
    created,
    last_rotated,
    next_rotation,
    rotation_enabled,
    rotation_period_seconds,
    last_used,
    versions,
});

closed!(PrincipalKind { Human, Service, Group, Role, Unknown });
record!(AccessGrant { principal, principal_kind, resource, privileges, via, granted_at, last_used, shared });

closed!(ReviewDecision { Keep, Revoke, NotReviewed, Unknown });
record!(AccessReview { campaign, principal, resource, decision, reviewer, applied, justification });

closed!(MonitoringState { Healthy, Pending, Firing, Silenced, Down, Failing, Unknown });
record!(Monitoring { target, monitor, state, coverage, window_seconds, condition, last_evaluated });

closed!(DispositionState { Queued, Accepted, Bounced, Decided, Unknown });
record!(Disposition { submission, state, reasons, decision, by, at });

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> Result<Instant, Fault> {
        text.to_owned().into_core()
    }

    #[test]
    fn an_instant_has_one_form() {
        assert!(instant("2026-11-22T21:29:09Z").is_ok());
        assert!(instant("2026-11-22T21:29:09.354959Z").is_ok());
        for wrong in [
            "",
            "2026-11-22",
            "2026-11-22T21:29:09",
            "2026-11-22T21:29:09+00:00",
            "2026-11-22 21:29:09Z",
            "2026-11-22t21:29:09z",
            "2026-11-22T21:29:09.3549591Z",
            "2026-13-22T21:29:09Z",
            "20261122T212909Z",
            "-009999-11-22T21:29Z",
        ] {
            assert!(instant(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_fault_names_its_field_as_the_contract_writes_it() {
        let secret = wit::Secret {
            path: "db".into(),
            engine: None,
            owner: None,
            created: None,
            last_rotated: None,
            next_rotation: None,
            rotation_enabled: None,
            rotation_period_seconds: Some(1),
            last_used: None,
            versions: vec![
                wit::SecretVersion {
                    version: "1".into(),
                    state: wit::SecretVersionState::Previous,
                    created: None,
                },
                wit::SecretVersion {
                    version: "2".into(),
                    state: wit::SecretVersionState::Current,
                    created: Some("yester\nday".into()),
                },
            ],
        };
        let fault = field::<_, core::Secret>("body", secret.clone()).unwrap_err();
        assert!(
            fault.to_string().starts_with("field body.versions.1.created: `yester\\u{a}day` is not"),
            "{fault}"
        );
        let many = wit::Secret { versions: vec![], rotation_period_seconds: Some(1 << 53), ..secret };
        assert!(
            field::<_, core::Secret>("body", many)
                .unwrap_err()
                .to_string()
                .starts_with("field body.rotation-period-seconds: 9007199254740992")
        );
    }

    #[test]
    fn numbers_that_cannot_be_hashed_are_faults() {
        for wrong in [f64::NAN, f64::INFINITY, 1e300, -9_007_199_254_740_992.0] {
            assert!(IntoCore::<f64>::into_core(wrong).is_err(), "{wrong}");
        }
        assert_eq!(IntoCore::<f64>::into_core(99.95), Ok(99.95));
        assert_eq!(IntoCore::<u64>::into_core(MAX_SAFE_INTEGER), Ok(MAX_SAFE_INTEGER));
    }
}
