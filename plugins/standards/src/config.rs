//! The connection's configuration.

use probity_sdk::prelude::*;
use probity_sdk::{RequirementClass, glob};

/// Which files are read and what they are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Which files are read: `**` for any folders, `*` and `?` within a name. Those ending in `.md` or `.markdown` are
    /// read as Markdown, those in `.json` as OSCAL.
    #[serde(default = "include")]
    pub include: Vec<String>,
    /// Which of these are not read after all.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What the requirements of some files are. The first rule that matches counts; a document's own `class` in its
    /// front matter counts more; without either it is `policy`.
    #[serde(default)]
    pub classes: Vec<ClassRule>,
    /// Subjects of all requirements, for example `service:payments-bridge`, besides those in front matter.
    #[serde(default)]
    pub subjects: Vec<String>,
}

/// What the requirements of matching files are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClassRule {
    /// The files, by their path below the folder.
    pub files: String,
    /// What their requirements are.
    pub class: Class,
}

/// What a requirement asks of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// To follow a rule.
    Policy,
    /// To meet a condition for an exception.
    Criterion,
    /// To hand something in.
    Submission,
}

impl Class {
    /// The class of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "policy" => Self::Policy,
            "criterion" => Self::Criterion,
            "submission" => Self::Submission,
            _ => return None,
        })
    }
}

impl From<Class> for RequirementClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Policy => Self::Policy,
            Class::Criterion => Self::Criterion,
            Class::Submission => Self::Submission,
        }
    }
}

fn include() -> Vec<String> {
    ["**/*.md", "**/*.markdown", "**/*.json"].map(str::to_owned).into()
}

impl Config {
    /// What a schema cannot say.
    pub(crate) fn validate(&self) -> Result<()> {
        if self.include.is_empty() {
            return Err(Failure::config("`include` names no files, so nothing would be read"));
        }
        for subject in &self.subjects {
            if subject.split_once(':').is_none_or(|(of, name)| of.is_empty() || name.trim().is_empty()) {
                return Err(Failure::config(format_args!(
                    "`{subject}` is not a subject: write `type:name`, for example `service:payments-bridge`"
                )));
            }
        }
        Ok(())
    }

    /// Whether a listed file is read.
    pub(crate) fn reads(&self, path: &str) -> bool {
        !self.exclude.iter().any(|pattern| glob(pattern, path))
    }

    /// What the requirements of a file are, as far as the configuration says.
    pub(crate) fn class_of(&self, path: &str) -> Class {
        let rule = self.classes.iter().find(|rule| glob(&rule.files, path));
        rule.map_or(Class::Policy, |rule| rule.class)
    }

    /// The one subject a gap concerns, where there is just one.
    pub(crate) fn sole_subject(&self) -> Option<&str> {
        match self.subjects.as_slice() {
            [subject] => Some(subject),
            _ => None,
        }
    }
}
