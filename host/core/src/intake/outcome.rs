//! From what a queue says of a submission to what the ledger records.
//!
//! Deliberately absent: whether it is news. The ledger refuses what it is past.

use crate::event::{BounceReason, IntakeOutcome};
use crate::evidence::{Disposition, DispositionState};

/// Words with which boards grant. A decision in other words is recorded as it is, and not as a grant: taking a refusal for a
/// grant would do harm, the other way round a person notices.
const GRANTS: [&str; 5] = ["granted", "grant", "approved", "approve", "accepted"];

/// What the board did, or nothing while it has not acted or the queue does not know.
pub fn outcome(disposition: &Disposition) -> Option<IntakeOutcome> {
    match disposition.state {
        DispositionState::Queued | DispositionState::Unknown => None,
        DispositionState::Accepted => Some(IntakeOutcome::Accepted),
        DispositionState::Bounced => {
            let mut reasons: Vec<_> = disposition
                .reasons
                .iter()
                .filter(|text| !text.trim().is_empty())
                .map(|text| BounceReason { rule: None, text: text.clone() })
                .collect();
            if reasons.is_empty() {
                reasons.push(BounceReason { rule: None, text: "the queue gives no reason".to_owned() });
            }
            Some(IntakeOutcome::Bounced { reasons })
        }
        DispositionState::Decided => {
            let said = disposition.decision.as_deref().map(str::trim).filter(|text| !text.is_empty());
            let decision = said.unwrap_or("decided, the queue does not say how").to_owned();
            let first = decision.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
            let granted = GRANTS.iter().any(|word| first.eq_ignore_ascii_case(word));
            Some(IntakeOutcome::Decided { decision, granted })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disposition(state: DispositionState, decision: Option<&str>, reasons: &[&str]) -> Disposition {
        Disposition {
            submission: "019a:42".to_owned(),
            state,
            reasons: reasons.iter().map(|text| (*text).to_owned()).collect(),
            decision: decision.map(str::to_owned),
            by: None,
            at: None,
        }
    }

    #[test]
    fn nothing_is_recorded_before_the_board_acts() {
        for state in [DispositionState::Queued, DispositionState::Unknown] {
            assert_eq!(outcome(&disposition(state, Some("approved"), &["x"])), None);
        }
    }

    #[test]
    fn a_bounce_has_a_reason_even_where_the_queue_gives_none() {
        for (given, expected) in [(&["too long", " "][..], "too long"), (&[], "the queue gives no reason")] {
            let Some(IntakeOutcome::Bounced { reasons }) =
                outcome(&disposition(DispositionState::Bounced, None, given))
            else {
                panic!("a bounce")
            };
            assert_eq!(reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>(), [expected]);
        }
    }

    #[test]
    fn only_words_that_grant_are_a_grant() {
        for (decision, expected) in [
            (Some("Approved until March"), true),
            (Some("GRANTED, with conditions"), true),
            (Some("not approved"), false),
            (Some("Rejected"), false),
            (Some("approvedly"), false),
            (Some("  "), false),
            (None, false),
        ] {
            let decided = outcome(&disposition(DispositionState::Decided, decision, &[]));
            let Some(IntakeOutcome::Decided { granted, decision: kept }) = decided else {
                panic!("a decision")
            };
            assert_eq!(granted, expected, "{decision:?}");
            assert!(!kept.is_empty());
        }
    }
}
