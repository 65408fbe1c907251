//! Rules 9 and 10: until when it is asked for, and whether author and owner accepted exactly this.

use super::Judge;
use crate::canonical::Digest;
use crate::instant::Instant;
use crate::packet::Acceptance;
use crate::readiness::Rule;

impl Judge<'_> {
    /// 9. The exception expires, within the longest allowed.
    pub(super) fn expiry(&mut self) {
        let (expires, author) = (self.packet.terms.expires, self.author());
        let latest = self.packet.opened.plus(self.board.longest_exception).unwrap_or_else(Instant::latest);
        if expires <= self.at {
            let reason = format!("the exception asked for would have ended on {expires}");
            let line = self.unsatisfied(Rule::Expiry, None, "expiry.past", reason);
            line.since = Some(expires);
            line.clears(&author, "revise the terms");
        } else if expires > latest {
            let reason = format!("it would last until {expires}; the board allows at most {latest}");
            self.unsatisfied(Rule::Expiry, None, "expiry.too-long", reason)
                .clears(&author, "revise the terms");
        } else {
            self.bounds.push(expires);
            self.satisfied(Rule::Expiry, None, format!("the exception ends on {expires}")).until =
                Some(expires);
        }
    }

    /// 10. Author and owner accepted readiness for this approval digest, and it is good still.
    pub(super) fn signatures(&mut self, approval: Digest) {
        for (who, role, acceptance) in [
            (self.author(), "author", self.packet.author_acceptance.clone()),
            (self.owner(), "owner", self.packet.owner_acceptance.clone()),
        ] {
            let subject = Some(role.to_owned());
            let ended = match &acceptance {
                None => {
                    Some(("signature.missing", format!("{who} ({role}) has not accepted readiness"), None))
                }
                Some(acceptance) => self.ended(acceptance, approval, &who),
            };
            match ended {
                None => {
                    let until = acceptance.and_then(|acceptance| acceptance.good_until);
                    let line = self.satisfied(
                        Rule::Signatures,
                        subject,
                        format!("{who} ({role}) accepted readiness"),
                    );
                    line.until = until;
                }
                Some((code, reason, since)) => {
                    let line = self.unsatisfied(Rule::Signatures, subject, code, reason);
                    line.since = since;
                    line.clears(&who, "look at the statement and sign readiness-accepted");
                }
            }
        }
    }

    /// Why an acceptance no longer counts; the difference is named.
    fn ended(
        &self,
        acceptance: &Acceptance,
        approval: Digest,
        who: &str,
    ) -> Option<(&'static str, String, Option<Instant>)> {
        if acceptance.by.as_str() != who {
            return Some((
                "signature.of-another",
                format!("{} accepted readiness, {who} has not", acceptance.by),
                None,
            ));
        }
        let since = || self.packet.approval_changes.iter().filter(|changed| changed.seq > acceptance.seen);
        let changed: Vec<_> =
            since().map(|changed| format!("{} (entry {})", changed.word, changed.seq)).collect();
        if !changed.is_empty() || acceptance.approval != approval {
            let what =
                if changed.is_empty() { "the packet is another".to_owned() } else { changed.join(", ") };
            let ended = since().next().map(|changed| changed.at);
            return Some(("signature.ended", format!("{who}'s signature ended: {what}"), ended));
        }
        match acceptance.good_until {
            Some(until) if until <= self.at => {
                let reason = format!(
                    "{who}'s signature was good until {until}, the earliest bound of the evidence shown"
                );
                Some(("signature.past", reason, Some(until)))
            }
            _ => None,
        }
    }
}
