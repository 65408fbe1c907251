//! The review board's two files: what it asks of packets, and what names in sources mean.
//!
//! Both are texts that packets adopt by their digest, so they are read as they stand and kept as they stand. What the policy names, it
//! must be able to find: an intake that is not configured would be noticed on the day of the handoff.
//!
//! Deliberately absent: whether the reviewers it names are known, and whether a requirement set holds anything. Both can
//! change while the host runs; `probity board check` looks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use probity_core::board::Board;
use probity_core::subject::SubjectMap;
use serde::Deserialize;

use super::{Fault, Invalid};

/// The intake that is always there: Probity's own queue.
pub const QUEUE: &str = "queue";

/// A board policy with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardFiles {
    /// Where it was read from, for messages.
    pub file: PathBuf,
    pub board: Board,
    pub text: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct BoardSection {
    policy: Option<PathBuf>,
    subjects: Option<PathBuf>,
}

/// The names that a policy can refer to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wired {
    pub connections: BTreeSet<String>,
    pub intakes: BTreeSet<String>,
}

impl BoardFiles {
    /// Reads a policy from a file and holds it against what is configured, if that is known.
    pub fn read(file: &Path, wired: Option<&Wired>) -> Result<Self, Invalid> {
        let invalid = |faults| Invalid { file: file.to_owned(), faults };
        let text = std::fs::read_to_string(file).map_err(|error| {
            invalid(vec![
                Fault::new("", format!("it cannot be read: {error}")).fix("name a file with a board policy"),
            ])
        })?;
        let board = Board::parse(&text)
            .map_err(|bad| invalid(bad.faults.iter().map(|line| fault(line)).collect()))?;
        let faults = wired.map(|wired| unwired(&board, wired)).unwrap_or_default();
        if faults.is_empty() { Ok(Self { file: file.to_owned(), board, text }) } else { Err(invalid(faults)) }
    }
}

/// A line of the policy's own faults: `key: problem; to mend it, fix`.
fn fault(line: &str) -> Fault {
    let (told, fix) = line.rsplit_once("; to mend it, ").unwrap_or((line, "correct it"));
    let (key, problem) = told.split_once(": ").unwrap_or(("", told));
    Fault::new(key, problem).fix(fix)
}

/// What the policy names and the configuration does not have.
fn unwired(board: &Board, wired: &Wired) -> Vec<Fault> {
    let mut faults = Vec::new();
    if board.intake != QUEUE && !wired.intakes.contains(&board.intake) {
        let intake = &board.intake;
        faults.push(Fault::new("intake", format!("no intake `{intake}` is configured")).fix(format!(
            "add [intake.{intake}] to the configuration, or write intake = \"{QUEUE}\" for Probity's own queue"
        )));
    }
    for set in &board.requirement_sets {
        let connection = set.connection.as_str();
        if !wired.connections.contains(connection) {
            faults.push(
                Fault::new(
                    format!("requirement-set.{}.connection", set.name),
                    format!("no connection `{connection}` is configured"),
                )
                .fix(format!(
                    "add [connection.{connection}] to the configuration, or name one that is there"
                )),
            );
        }
    }
    faults
}

impl BoardSection {
    /// Both files, as far as they can be read. Faults are collected either way.
    pub(super) fn check(
        self,
        base: &Path,
        wired: &Wired,
        faults: &mut Vec<Fault>,
    ) -> (Option<BoardFiles>, (SubjectMap, String)) {
        let board = self.policy.and_then(|policy| {
            BoardFiles::read(&base.join(policy), Some(wired))
                .map_err(|invalid| {
                    faults.extend(invalid.faults.iter().map(|fault| within(&invalid.file, fault)))
                })
                .ok()
        });
        let subjects = self
            .subjects
            .and_then(|file| read_subjects(&base.join(file)).map_err(|fault| faults.push(fault)).ok());
        (board, subjects.unwrap_or_else(|| (SubjectMap::default(), String::new())))
    }
}

/// A fault of the policy as one of the configuration that names it.
fn within(file: &Path, fault: &Fault) -> Fault {
    let key = if fault.key.is_empty() { String::new() } else { format!("{}: ", fault.key) };
    let told = Fault::new("board.policy", format!("{}: {key}{}", file.display(), fault.problem));
    Fault { fix: fault.fix.clone(), ..told }
}

fn read_subjects(file: &Path) -> Result<(SubjectMap, String), Fault> {
    let fault = |problem: String, fix: &str| {
        Fault::new("board.subjects", format!("{}: {problem}", file.display())).fix(fix)
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| fault(format!("it cannot be read: {error}"), "name a file with a subject map"))?;
    let map = SubjectMap::parse(&text).map_err(|bad| {
        fault(bad.to_string(), "write [\"service:payments-bridge\"] with aliases = [\"product:bridge\"]")
    })?;
    Ok((map, text))
}
