//! Rules 3 to 5: what the packet says, and whether evidence bears it out.

use std::collections::BTreeSet;

use super::Judge;
use crate::claim::{Examined, Standing};
use crate::event::Section;
use crate::readiness::{Rule, Score};

impl Judge<'_> {
    /// 3. Each required section has human-accepted language.
    pub(super) fn sections(&mut self) {
        let written: BTreeSet<Section> =
            self.packet.accepted_passages().map(|(passage, _)| passage.section).collect();
        let proposed: BTreeSet<Section> = self
            .packet
            .passages
            .values()
            .filter(|passage| passage.is_proposed())
            .map(|passage| passage.section)
            .collect();
        for section in self.board.sections.clone() {
            let subject = Some(section.to_string());
            if written.contains(&section) {
                self.satisfied(Rule::Sections, subject, format!("the section {section} is written"));
                continue;
            }
            let author = self.author();
            let how =
                if proposed.contains(&section) { "accept or decline what is proposed" } else { "write it" };
            let reason = format!("the section {section} has no accepted language");
            self.unsatisfied(Rule::Sections, subject, "section.empty", reason).clears(&author, how);
        }
        let stray = self.packet.accepted_passages().filter_map(|(passage, accepted)| {
            let leans = accepted
                .leans_on
                .iter()
                .find(|id| !self.packet.claims.get(id).is_some_and(|claim| claim.is_accepted()));
            leans.map(|claim| (passage.id, *claim))
        });
        let stray: Vec<_> = stray.collect();
        for (passage, claim) in stray {
            let author = self.author();
            let reason = format!("{passage} leans on {claim}, which is no longer an accepted claim");
            self.unsatisfied(Rule::Sections, Some(passage.to_string()), "section.leans-on-nothing", reason)
                .clears(&author, "accept a passage that replaces it");
        }
    }

    /// 4. There is at least one accepted claim and each is supported.
    pub(super) fn supported(&mut self) {
        let accepted: Vec<_> = self.claims.iter().filter(|claim| claim.accepted).collect();
        let author = self.author();
        if accepted.is_empty() {
            let reason = "the packet makes no claim".to_owned();
            self.unsatisfied(Rule::Claims, None, "claims.none", reason)
                .clears(&author, "make a claim and cite evidence");
        }
        for claim in accepted {
            let subject = Some(claim.claim.to_string());
            if claim.support.standing == Standing::Supported {
                self.bounds.extend(claim.support.until);
                let line = self.satisfied(Rule::Claims, subject, format!("{} is supported", claim.claim));
                line.until = claim.support.until;
                continue;
            }
            for ground in claim.support.grounds.iter().filter(|ground| ground.standing != Standing::Supported)
            {
                let score = if ground.is_error() { Score::Error } else { Score::Unsatisfied };
                let reason = format!("{} is {}: {}", claim.claim, ground.standing, ground.reason);
                let line = self.push(Rule::Claims, score, subject.clone(), &ground.code, reason);
                line.evidence.clone_from(&ground.evidence);
                line.since = ground.since;
                line.clears(&author, &ground.clear);
            }
            if claim.support.grounds.is_empty() {
                let reason = format!("{} rests on nothing", claim.claim);
                self.unsatisfied(Rule::Claims, subject, "claim.rests-on-nothing", reason)
                    .clears(&author, "cite evidence");
            }
        }
    }

    /// 5. Each applicable requirement is addressed by a supported claim; each set has a complete run in date.
    pub(super) fn requirements(&mut self, examined: &Examined<'_>) {
        let author = self.author();
        if self.board.requirement_sets.is_empty() {
            let reason = "the board names no requirements".to_owned();
            self.push(Rule::Requirements, Score::NotApplicable, None, "requirements.none", reason);
        }
        let supported: Vec<_> = self
            .claims
            .iter()
            .filter(|claim| claim.accepted && claim.support.standing == Standing::Supported)
            .filter_map(|claim| self.packet.claims.get(&claim.claim))
            .collect();
        for required in crate::board::requirements(self.board, examined, &supported, self.at) {
            self.bounds.extend(required.until.filter(|_| required.score == Score::Satisfied));
            let line = self.push(
                Rule::Requirements,
                required.score,
                required.subject,
                &required.code,
                required.reason,
            );
            line.evidence = required.evidence;
            line.since = required.since;
            line.until = required.until;
            if line.blocks() {
                line.clears(&author, &required.clear);
            }
        }
    }
}
