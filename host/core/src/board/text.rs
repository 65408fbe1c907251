//! The policy's text: TOML, one section a concern.
//!
//! Unknown keys are refused, because a misspelt rule is a rule that does not hold. Every fault is told at once, with what
//! to write instead. [`SAMPLE`] shows every key.
//!
//! Deliberately absent: defaults for what a board must decide. Only `intake`, `hardware-keys` and `exposure` have one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use serde::Deserialize;

use super::{Board, RequiredFollowUp, RequirementSet};
use crate::canonical::Digest;
use crate::duration;
use crate::event::Section;
use crate::evidence::{Kind, RequirementClass, Severity};
use crate::id::{self, Discipline, PrincipalId};
use crate::text::{excerpt, is_plain_line};

/// A policy with every key there is.
pub const SAMPLE: &str = include_str!("sample.toml");

/// Why a text is no board policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the board policy is not valid and was not taken:\n  {}", faults.join("\n  "))]
pub struct BadBoard {
    /// One line each.
    pub faults: Vec<String>,
}

impl Board {
    /// The policy of a text.
    pub fn parse(text: &str) -> Result<Self, BadBoard> {
        let document: Document =
            toml::from_str(text).map_err(|error| BadBoard { faults: vec![from_toml(text, &error)] })?;
        let mut faults = Faults(Vec::new());
        let board = document.check(Digest::of(text.as_bytes()), &mut faults);
        if faults.0.is_empty() { Ok(board) } else { Err(BadBoard { faults: faults.0 }) }
    }
}

/// The text's literal shape. Words are texts here, so that one wrong word does not hide the next.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Document {
    name: Option<String>,
    #[serde(default)]
    sections: Vec<String>,
    longest_exception: Option<String>,
    risk_ceiling: Option<String>,
    #[serde(default)]
    hardware_keys: bool,
    intake: Option<String>,
    #[serde(default)]
    max_age: BTreeMap<String, String>,
    #[serde(default)]
    discipline: BTreeMap<String, DisciplineSection>,
    #[serde(default)]
    follow_up: BTreeMap<String, FollowUpSection>,
    #[serde(default)]
    requirement_set: BTreeMap<String, RequirementSetSection>,
    #[serde(default)]
    exposure: ExposureSection,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DisciplineSection {
    #[serde(default)]
    reviewers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FollowUpSection {
    #[serde(default)]
    what: String,
    within: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementSetSection {
    connection: Option<String>,
    document: Option<String>,
    section: Option<String>,
    class: Option<String>,
    #[serde(default)]
    key: BTreeSet<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ExposureSection {
    #[serde(default)]
    kinds: Vec<String>,
}

/// Faults so far. What cannot be read gets a stand-in, for with a fault no policy comes of it.
struct Faults(Vec<String>);

impl Faults {
    fn tell(&mut self, key: &str, problem: impl Display, fix: impl Display) {
        self.0.push(format!("{key}: {problem}; to mend it, {fix}"));
    }

    /// A word that reads as what it should be, or a fault.
    fn read<T>(&mut self, key: &str, text: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        match read(text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.tell(key, problem, "correct the value");
                None
            }
        }
    }

    /// The same where it must be there.
    fn require<T>(
        &mut self,
        key: &str,
        text: Option<&str>,
        example: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match text {
            Some(text) => self.read(key, text, read),
            None => {
                self.tell(key, "it is missing", format_args!("write {example}"));
                None
            }
        }
    }

    fn read_all<T: Ord>(
        &mut self,
        key: &str,
        texts: &[String],
        read: impl Fn(&str) -> Result<T, String>,
    ) -> BTreeSet<T> {
        let mut all = BTreeSet::new();
        for text in texts {
            let value = self.read(key, text, &read);
            if value.is_some_and(|value| !all.insert(value)) {
                self.tell(key, format_args!("`{}` stands in it twice", excerpt(text, 80)), "take one out");
            }
        }
        all
    }
}

impl Document {
    fn check(self, digest: Digest, faults: &mut Faults) -> Board {
        let sections = faults.read_all("sections", &self.sections, parsed::<Section>);
        if self.sections.is_empty() {
            let example = "write sections = [\"summary\", \"residual-risk\", \"rollback\"]";
            faults.tell("sections", "the board requires no section", example);
        }
        let longest = self.longest_exception.as_deref();
        let longest = faults.require("longest-exception", longest, "longest-exception = \"90d\"", length);
        let ceiling = self.risk_ceiling.as_deref();
        let ceiling = faults.require("risk-ceiling", ceiling, "risk-ceiling = \"high\"", severity);
        Board {
            digest,
            name: faults
                .require("name", self.name.as_deref(), "name = \"exceptions\"", line)
                .unwrap_or_default(),
            sections,
            disciplines: disciplines(self.discipline, faults),
            max_age: max_age(&self.max_age, faults),
            longest_exception: longest.unwrap_or_default(),
            risk_ceiling: ceiling.unwrap_or(Severity::Info),
            exposure_kinds: faults.read_all("exposure.kinds", &self.exposure.kinds, parsed::<Kind>),
            follow_ups: follow_ups(self.follow_up, faults),
            requirement_sets: requirement_sets(self.requirement_set, faults),
            hardware_keys: self.hardware_keys,
            intake: faults
                .read("intake", self.intake.as_deref().unwrap_or("queue"), slug)
                .unwrap_or_default(),
        }
    }
}

fn disciplines(
    sections: BTreeMap<String, DisciplineSection>,
    faults: &mut Faults,
) -> BTreeMap<Discipline, BTreeSet<PrincipalId>> {
    if sections.is_empty() {
        let example = "add [discipline.security] with reviewers = [\"ada\"]";
        faults.tell("discipline", "no discipline reviews packets", example);
    }
    let mut disciplines = BTreeMap::new();
    for (name, section) in sections {
        let key = format!("discipline.{}", excerpt(&name, 80));
        let who = format!("{key}.reviewers");
        if section.reviewers.is_empty() {
            faults.tell(&who, "nobody may review, so no packet could pass", "write reviewers = [\"ada\"]");
        }
        let reviewers = faults.read_all(&who, &section.reviewers, parsed::<PrincipalId>);
        if let Some(discipline) = faults.read(&key, &name, parsed::<Discipline>) {
            disciplines.insert(discipline, reviewers);
        }
    }
    disciplines
}

fn max_age(ages: &BTreeMap<String, String>, faults: &mut Faults) -> BTreeMap<Kind, Duration> {
    if ages.is_empty() {
        let example = "add [max-age] with finding = \"7d\", and a line for each kind that is cited";
        faults.tell("max-age", "no kind of evidence would ever count", example);
    }
    let mut read = BTreeMap::new();
    for (word, age) in ages {
        let key = format!("max-age.{}", excerpt(word, 80));
        let (kind, age) = (faults.read(&key, word, parsed::<Kind>), faults.read(&key, age, length));
        read.extend(kind.zip(age));
    }
    read
}

fn follow_ups(
    sections: BTreeMap<String, FollowUpSection>,
    faults: &mut Faults,
) -> BTreeMap<String, RequiredFollowUp> {
    let mut follow_ups = BTreeMap::new();
    for (name, section) in sections {
        let key = format!("follow-up.{}", excerpt(&name, 80));
        let within = format!("{key}.within");
        let within = faults.require(&within, section.within.as_deref(), "within = \"30d\"", length);
        let what = faults.read(&format!("{key}.what"), &section.what, line);
        let name = faults.read(&key, &name, slug);
        if let (Some(name), Some(what), Some(within)) = (name, what, within) {
            follow_ups.insert(name, RequiredFollowUp { what, within });
        }
    }
    follow_ups
}

/// In order of name. A table of TOML has each name once.
fn requirement_sets(
    sections: BTreeMap<String, RequirementSetSection>,
    faults: &mut Faults,
) -> Vec<RequirementSet> {
    let mut sets = Vec::new();
    for (name, section) in sections {
        let key = format!("requirement-set.{}", excerpt(&name, 80));
        let within = |part: &str| format!("{key}.{part}");
        let connection = section.connection.as_deref();
        let connection =
            faults.require(&within("connection"), connection, "connection = \"standards\"", parsed);
        let class = section.class.and_then(|word| faults.read(&within("class"), &word, class));
        let mut filled = |part: &str, text: &Option<String>| {
            if text.as_deref().is_some_and(|text| text.trim().is_empty()) {
                faults.tell(
                    &within(part),
                    "it is empty and would match nothing",
                    "name one, or take the line out",
                );
            }
        };
        filled("document", &section.document);
        filled("section", &section.section);
        section.key.iter().for_each(|reference| filled("key", &Some(reference.clone())));
        let name = faults.read(&key, &name, slug);
        if let (Some(name), Some(connection)) = (name, connection) {
            let RequirementSetSection { document, section, key, .. } = section;
            sets.push(RequirementSet { name, connection, document, section, class, key });
        }
    }
    sets
}

fn parsed<T: std::str::FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn length(text: &str) -> Result<Duration, String> {
    duration::parse(text).map_err(|error| error.to_string())
}

fn slug(text: &str) -> Result<String, String> {
    let bad =
        || format!("`{}` is not a name: use 1 to 63 of a-z, 0-9 and `-`, not at the ends", excerpt(text, 80));
    id::is_slug(text).then(|| text.to_owned()).ok_or_else(bad)
}

fn line(text: &str) -> Result<String, String> {
    let good = !text.trim().is_empty() && is_plain_line(text);
    good.then(|| text.to_owned()).ok_or_else(|| "it is not one line of visible text".to_owned())
}

/// A ceiling must be a place in the order of severities, which `unknown` is not.
fn severity(text: &str) -> Result<Severity, String> {
    one_of(
        text,
        Severity::ALL.iter().copied().filter(|severity| *severity != Severity::Unknown),
        Severity::as_str,
    )
}

fn class(text: &str) -> Result<RequirementClass, String> {
    one_of(text, RequirementClass::ALL.iter().copied(), RequirementClass::as_str)
}

fn one_of<T: Copy>(
    text: &str,
    all: impl Iterator<Item = T>,
    word: fn(T) -> &'static str,
) -> Result<T, String> {
    let all: Vec<T> = all.collect();
    all.iter().copied().find(|value| word(*value) == text).ok_or_else(|| {
        let words: Vec<_> = all.iter().map(|value| word(*value)).collect();
        format!("`{}` is not one of {}", excerpt(text, 40), words.join(", "))
    })
}

/// A fault from the TOML reader: syntax, a wrong type, or a key that does not exist.
fn from_toml(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1);
    let message = excerpt(error.message().trim(), 400);
    let fix = if message.contains("unknown field") {
        "correct the key's name, or take the line out"
    } else {
        "correct the value"
    };
    let place = line.map_or_else(|| "the text".to_owned(), |line| format!("line {line}"));
    format!("{place}: {message}; to mend it, {fix}")
}

#[cfg(test)]
mod tests;
