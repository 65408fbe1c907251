//! `probity board check`: what a board policy asks, and whether this host can hold packets to it.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use probity_core::board::Board;
use probity_core::duration;
use serde::Serialize;

use super::Exit;
use super::host::{Host, has_store, local};
use super::output::{Output, facts};
use crate::casework::SetStanding;
use crate::config::{BoardFiles, Config, Fault, Invalid};

#[derive(Debug, Subcommand)]
pub enum BoardCommand {
    /// Check a board policy and the subject map: every fault, or what it asks, and what its requirement sets hold now.
    Check(CheckArguments),
}

#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The policy; without it, the one that the configuration names.
    file: Option<PathBuf>,
}

/// A policy as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Checked {
    file: String,
    digest: String,
    name: String,
    sections: Vec<String>,
    disciplines: Vec<Discipline>,
    max_age: Vec<Age>,
    longest_exception: String,
    risk_ceiling: String,
    hardware_keys: bool,
    exposure_kinds: Vec<String>,
    follow_ups: Vec<FollowUp>,
    requirement_sets: Vec<RequirementSet>,
    intake: String,
    /// The digest of the subject map; null when there is no configuration to name one.
    subjects: Option<String>,
    /// What the requirement sets hold now; null when nothing was collected yet.
    standing: Option<Vec<SetStanding>>,
    /// Reviewers it names who are no people this host knows; null when there is no store yet.
    strangers: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Discipline {
    name: String,
    reviewers: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Age {
    kind: String,
    max_age: String,
}

#[derive(Serialize)]
struct FollowUp {
    name: String,
    what: String,
    within: String,
}

#[derive(Serialize)]
struct RequirementSet {
    name: String,
    connection: String,
    document: Option<String>,
    section: Option<String>,
    class: Option<String>,
    key: Vec<String>,
}

pub async fn run(file: &Path, command: &BoardCommand, output: &Output) -> anyhow::Result<Exit> {
    let BoardCommand::Check(CheckArguments { file: policy }) = command;
    // A policy can be written before there is a configuration.
    let config = match policy {
        Some(_) if !file.exists() => None,
        _ => Some(Config::load(file)?),
    };
    let files = match (policy, &config) {
        (Some(policy), config) => BoardFiles::read(policy, config.as_ref().map(Config::wired).as_ref())?,
        (None, Some(Config { board: Some(files), .. })) => files.clone(),
        (None, _) => return Err(unnamed(file).into()),
    };
    let mut checked = checked(&files);
    checked.subjects = config.as_ref().map(|config| config.subjects.0.digest.to_string());
    if let Some(config) = config.filter(has_store) {
        let casework = Host::with(config).await?.casework();
        checked.standing = Some(casework.board_standing(&local()?, &files.board).await?);
        checked.strangers = Some(casework.strangers(&local()?, &files.board).await?);
    }
    output.write(&checked, for_people)?;
    let standing = checked.standing.iter().flatten();
    let holds = standing.map(|set| set.faults.len()).sum::<usize>() == 0;
    let is_known = checked.strangers.as_ref().is_none_or(Vec::is_empty);
    Ok(if holds && is_known { Exit::Done } else { Exit::NotComplete })
}

fn unnamed(file: &Path) -> Invalid {
    let fault = Fault::new("board.policy", "no board policy is named, so no packet can be opened");
    Invalid::one(file, fault.fix("write [board] with policy = \"board.toml\", or name a file to check"))
}

fn checked(BoardFiles { file, board, .. }: &BoardFiles) -> Checked {
    let words = |kinds: &std::collections::BTreeSet<probity_core::evidence::Kind>| {
        kinds.iter().map(|kind| kind.as_str().to_owned()).collect()
    };
    Checked {
        file: file.display().to_string(),
        digest: board.digest.to_string(),
        name: board.name.clone(),
        sections: board.sections.iter().map(|section| section.as_str().to_owned()).collect(),
        disciplines: disciplines(board),
        max_age: board
            .max_age
            .iter()
            .map(|(kind, age)| Age { kind: kind.as_str().to_owned(), max_age: duration::written(*age) })
            .collect(),
        longest_exception: duration::written(board.longest_exception),
        risk_ceiling: board.risk_ceiling.as_str().to_owned(),
        hardware_keys: board.hardware_keys,
        exposure_kinds: words(&board.exposure_kinds),
        follow_ups: board
            .follow_ups
            .iter()
            .map(|(name, asked)| FollowUp {
                name: name.clone(),
                what: asked.what.clone(),
                within: duration::written(asked.within),
            })
            .collect(),
        requirement_sets: requirement_sets(board),
        intake: board.intake.clone(),
        subjects: None,
        standing: None,
        strangers: None,
    }
}

fn disciplines(board: &Board) -> Vec<Discipline> {
    let shown = board.disciplines.iter().map(|(name, reviewers)| Discipline {
        name: name.to_string(),
        reviewers: reviewers.iter().map(ToString::to_string).collect(),
    });
    shown.collect()
}

fn requirement_sets(board: &Board) -> Vec<RequirementSet> {
    let shown = board.requirement_sets.iter().map(|set| RequirementSet {
        name: set.name.clone(),
        connection: set.connection.to_string(),
        document: set.document.clone(),
        section: set.section.clone(),
        class: set.class.map(|class| class.as_str().to_owned()),
        key: set.key.iter().cloned().collect(),
    });
    shown.collect()
}

fn for_people(checked: &Checked) -> String {
    let mut text = format!("{} is a valid board policy\n\n", checked.file);
    text.push_str(&facts(&[
        ("name", checked.name.clone()),
        ("digest", checked.digest.clone()),
        ("sections", checked.sections.join(", ")),
        ("longest exception", checked.longest_exception.clone()),
        ("risk ceiling", checked.risk_ceiling.clone()),
        ("hardware keys", if checked.hardware_keys { "only" } else { "not asked for" }.to_owned()),
        (
            "exposures of",
            if checked.exposure_kinds.is_empty() {
                "every kind".to_owned()
            } else {
                checked.exposure_kinds.join(", ")
            },
        ),
        ("files with", checked.intake.clone()),
        (
            "subject map",
            checked.subjects.clone().unwrap_or_else(|| "not looked at: no configuration".to_owned()),
        ),
    ]));
    for discipline in &checked.disciplines {
        text.push_str(&format!("\ndiscipline {}: {}", discipline.name, discipline.reviewers.join(", ")));
    }
    for age in &checked.max_age {
        text.push_str(&format!("\n{} counts for {}", age.kind, age.max_age));
    }
    for asked in &checked.follow_ups {
        text.push_str(&format!("\nfollow-up {} within {}: {}", asked.name, asked.within, asked.what));
    }
    for set in &checked.requirement_sets {
        text.push_str(&format!("\nrequirement set {}: {}", set.name, ranges_over(set)));
        text.push_str(&stands(set, checked.standing.as_deref()));
    }
    for stranger in checked.strangers.iter().flatten() {
        text.push_str(&format!(
            "\n{stranger} may review, and is no person this host knows: probity principal add"
        ));
    }
    text
}

fn ranges_over(set: &RequirementSet) -> String {
    let parts = [("document", &set.document), ("section", &set.section), ("class", &set.class)];
    let mut text = format!("connection {}", set.connection);
    for (word, part) in parts {
        if let Some(part) = part {
            text.push_str(&format!(", {word} {part}"));
        }
    }
    if !set.key.is_empty() {
        text.push_str(&format!(", key {}", set.key.join(" and ")));
    }
    text
}

fn stands(set: &RequirementSet, standing: Option<&[SetStanding]>) -> String {
    let Some(standing) = standing.and_then(|all| all.iter().find(|one| one.set == set.name)) else {
        return "\n  not looked at: nothing was collected yet".to_owned();
    };
    let mut text = format!("\n  {} to address, {} that nothing can miss", standing.applies, standing.advises);
    for fault in &standing.faults {
        text.push_str(&format!("\n  {}: {}; to clear it, {}", fault.code, fault.reason, fault.clear));
    }
    text
}
