//! Parties and roles: the people of the packet, and the board.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::value::line;
use crate::export::uuid::Names;
use crate::id::PrincipalId;
use crate::package::{FateRow, Package};

/// Everybody the document refers to.
pub struct People<'a> {
    names: &'a Names<'a>,
    persons: BTreeSet<&'a PrincipalId>,
    board: &'a str,
}

impl<'a> People<'a> {
    pub fn of(package: &'a Package, names: &'a Names<'a>) -> Self {
        let ledger = &package.ledger;
        let mut persons = BTreeSet::from([&ledger.author, &ledger.owner.id]);
        persons.extend(ledger.reviewers.iter().map(|row| &row.reviewer));
        persons.extend(ledger.former_reviews.iter().map(|row| &row.by));
        persons.extend(ledger.handoffs.iter().map(|handoff| &handoff.by));
        persons.extend(package.signatures.iter().map(|signed| &signed.by));
        for row in &package.objections {
            persons.insert(&row.raised_by);
            if let FateRow::RiskAccepted { by, .. } = &row.fate {
                persons.insert(by);
            }
            persons.extend(
                row.history.iter().filter(|happening| happening.by_human).map(|happening| &happening.by),
            );
        }
        Self { names, persons, board: &ledger.receiving.board }
    }

    pub fn uuid(&self, person: &PrincipalId) -> String {
        self.names.uuid("party", person)
    }

    /// The board's own UUID: its name is a text that no principal can have.
    pub fn board_uuid(&self) -> String {
        self.names.uuid("board", self.board)
    }

    pub fn actor(&self, person: &PrincipalId) -> Value {
        json!({"type": "party", "actor-uuid": self.uuid(person)})
    }

    /// Who logged something in which role; nobody for what no person did.
    pub fn logged_by(&self, who: &PrincipalId, role: Option<&str>) -> Value {
        if !self.persons.contains(who) {
            return Value::Null;
        }
        json!([{"party-uuid": self.uuid(who), "role-id": role}])
    }

    pub fn parties(&self) -> Vec<Value> {
        let person = |id: &&PrincipalId| json!({"uuid": self.uuid(id), "type": "person", "name": id});
        let mut parties: Vec<_> = self.persons.iter().map(person).collect();
        parties.push(json!({"uuid": self.board_uuid(), "type": "organization", "name": line(self.board)}));
        parties
    }

    pub fn roles(&self) -> Value {
        let role = |id: &str, title: &str| json!({"id": id, "title": title});
        json!([
            role("author", "Author of the packet"),
            role("approval-owner", "Approval owner"),
            role("reviewer", "Reviewer"),
            role("board", "Review board"),
            role("operator", "Operator"),
        ])
    }

    pub fn responsible(&self, package: &Package) -> Vec<Value> {
        let party = |role: &str, uuids: Vec<String>| json!({"role-id": role, "party-uuids": uuids});
        let reviewers: BTreeSet<_> =
            package.ledger.reviewers.iter().map(|row| self.uuid(&row.reviewer)).collect();
        let mut responsible = vec![
            party("author", vec![self.uuid(&package.ledger.author)]),
            party("approval-owner", vec![self.uuid(&package.ledger.owner.id)]),
            party("board", vec![self.board_uuid()]),
        ];
        // A list without anybody is no entry, not an empty one.
        if !reviewers.is_empty() {
            responsible.push(party("reviewer", reviewers.into_iter().collect()));
        }
        responsible
    }
}
