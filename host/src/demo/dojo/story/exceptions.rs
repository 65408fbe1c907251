//! The story's accepted risks: one the packet asks to carry on, one that ran out, one that is about to, one that
//! came in past the API, and two of other services.

use probity_core::instant::Instant;

use super::{APPROVER, Clock, MILESTONE, day, note};
use crate::demo::dojo::tracker::{Decision, RiskAcceptance};

/// All of them.
pub(super) fn all(clock: Clock) -> Vec<RiskAcceptance> {
    vec![
        broker_exception(clock),
        image_exception(clock),
        session_exception(clock),
        cipher_exception(clock),
        receipts_exception(clock),
        queue_exception(clock),
    ]
}

/// What most exceptions share.
fn exception(id: u64, name: &str, findings: &[u64], at: Instant) -> RiskAcceptance {
    RiskAcceptance {
        id,
        name: name.to_owned(),
        recommendation: Decision::Fix,
        recommendation_details: None,
        decision: Decision::Accept,
        decision_details: None,
        accepted_by: Some("sample-security-approver".to_owned()),
        owner: APPROVER,
        expires: None,
        warned: None,
        handled: None,
        reactivates: true,
        created: at,
        updated: at,
        findings: findings.to_vec(),
        notes: Vec::new(),
    }
}

/// The exception the packet asks to carry on.
fn broker_exception(clock: Clock) -> RiskAcceptance {
    RiskAcceptance {
        recommendation: Decision::Mitigate,
        recommendation_details: Some(
            "Give payments-bridge an identity of its own on the new broker.".to_owned(),
        ),
        decision_details: Some(format!(
            "Accepted until the platform hardening milestone on {}. Compensating controls: the broker admits \
             payments-bridge by an IP allow-list, the break-glass account is monitored, and the credential is \
             rotated every 30 days.",
            day(clock.ahead(MILESTONE))
        )),
        expires: Some(clock.ahead(MILESTONE)),
        notes: vec![note(
            41,
            (APPROVER, clock.ago(11)),
            "Accepted for this service only; the other users of the account need exceptions of their own."
                .to_owned(),
        )],
        updated: clock.ago(11),
        ..exception(1, "Shared broker credential until platform hardening", &[1, 2], clock.ago(38))
    }
}

/// Another service's, and expired.
fn image_exception(clock: Clock) -> RiskAcceptance {
    RiskAcceptance {
        decision_details: Some("The image is rebuilt when the vendor publishes the next base.".to_owned()),
        expires: Some(clock.ago(9)),
        warned: Some(clock.ago(19)),
        handled: Some(clock.ago(8)),
        updated: clock.ago(8),
        ..exception(2, "Notification hub base image", &[31], clock.ago(99))
    }
}

/// Another service's, and about to expire.
fn session_exception(clock: Clock) -> RiskAcceptance {
    RiskAcceptance {
        decision_details: Some(
            "Sessions stay long until the new sign-in is out; re-authentication guards payments.".to_owned(),
        ),
        expires: Some(clock.ahead(5)),
        warned: Some(clock.ago(5)),
        updated: clock.ago(5),
        ..exception(3, "Long checkout sessions", &[23], clock.ago(85))
    }
}

/// Put into the database past the API: the finding it names still says that it is active.
fn cipher_exception(clock: Clock) -> RiskAcceptance {
    RiskAcceptance {
        recommendation: Decision::Transfer,
        accepted_by: Some("platform board (imported)".to_owned()),
        expires: Some(clock.ahead(MILESTONE)),
        reactivates: false,
        ..exception(4, "Retired cipher suite on the broker connection", &[3], clock.ago(60))
    }
}

/// Ran out, was noticed, and its finding is open again.
fn receipts_exception(clock: Clock) -> RiskAcceptance {
    RiskAcceptance {
        decision_details: Some("Receipts are read in a process of their own, without network.".to_owned()),
        expires: Some(clock.ago(14)),
        warned: Some(clock.ago(24)),
        handled: Some(clock.ago(13)),
        updated: clock.ago(13),
        ..exception(5, "Receipt reader without a maintainer", &[7], clock.ago(88))
    }
}

/// Holds for five more days.
fn queue_exception(clock: Clock) -> RiskAcceptance {
    RiskAcceptance {
        decision_details: Some(
            "An alert at 10,000 waiting messages; the next release bounds the queue.".to_owned(),
        ),
        expires: Some(clock.ahead(5)),
        warned: Some(clock.ago(5)),
        updated: clock.ago(5),
        ..exception(6, "Unbounded retry queue until the next release", &[6], clock.ago(16))
    }
}
