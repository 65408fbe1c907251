//! How a board policy stands to what was collected.

use std::collections::{BTreeMap, BTreeSet};

use probity_core::board::Board;
use probity_core::board::requirement::{RequirementLine, applicable};
use probity_core::book::{Examined, Needs};
use probity_core::evidence::Kind;
use serde::Serialize;

use super::{Casework, CaseworkError};
use crate::authz::{Authorized, ReadEvidence};

/// What a requirement set of a policy comes to now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SetStanding {
    pub set: String,
    /// Requirements that a packet must address.
    pub applies: u32,
    /// Requirements of it that nothing can miss: advice, permission, a statement.
    pub advises: u32,
    /// Why it cannot be relied on, each with what would clear it.
    pub faults: Vec<SetFaultView>,
}

/// Why a set cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct SetFaultView {
    /// A stable code: `requirements.nothing-examined`.
    pub code: String,
    pub reason: String,
    pub clear: String,
}

impl Casework {
    /// How each requirement set of a policy stands now, in the policy's order.
    pub async fn board_standing(
        &self,
        _: &Authorized<ReadEvidence>,
        board: &Board,
    ) -> Result<Vec<SetStanding>, CaseworkError> {
        let mut needs = Needs::default();
        for set in &board.requirement_sets {
            let kinds: &mut BTreeSet<Kind> = needs.kinds.entry(set.connection.clone()).or_default();
            kinds.insert(Kind::Requirement);
        }
        let at = self.store.now().await?;
        let book = self.book_of(&needs, at).await?;
        let examined = Examined::new(&book, self.policies.subjects());
        let mut standing: BTreeMap<&str, SetStanding> = BTreeMap::new();
        let lines = applicable(board, &examined, at);
        for set in &board.requirement_sets {
            let none = SetStanding { set: set.name.clone(), applies: 0, advises: 0, faults: Vec::new() };
            standing.insert(&set.name, none);
        }
        for line in lines {
            let (RequirementLine::Read { set, .. }
            | RequirementLine::Fault { set, .. }
            | RequirementLine::Applies { set, .. }
            | RequirementLine::Advises { set, .. }) = line;
            let Some(standing) = standing.get_mut(set) else { continue };
            match line {
                RequirementLine::Read { .. } => {}
                RequirementLine::Applies { .. } => standing.applies += 1,
                RequirementLine::Advises { .. } => standing.advises += 1,
                RequirementLine::Fault { fault, .. } => standing.faults.push(SetFaultView {
                    code: fault.code.to_owned(),
                    reason: fault.reason,
                    clear: fault.clear,
                }),
            }
        }
        Ok(standing.into_values().collect())
    }

    /// Reviewers that a policy names and nobody is known as, or who are no people.
    pub async fn strangers(
        &self,
        _: &Authorized<ReadEvidence>,
        board: &Board,
    ) -> Result<Vec<String>, CaseworkError> {
        let people = self.people().await?;
        let named: BTreeSet<_> = board.disciplines.values().flatten().collect();
        let is_person =
            |id| people.get(id).is_some_and(|person| person.kind == probity_core::actor::ActorKind::Human);
        Ok(named.into_iter().filter(|id| !is_person(*id)).map(ToString::to_string).collect())
    }
}
