//! The connection's configuration, and what evidence is about.
//!
//! DefectDojo knows products, components and tags; a packet speaks of services and credentials. What belongs
//! to what is the operator's knowledge, so it is configured here and never guessed from names.

use probity_sdk::prelude::*;

/// Where to look and what the evidence is about.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The product's name, exactly as DefectDojo has it. Without it, everything the token may read is read.
    #[serde(default)]
    pub product: Option<String>,
    /// Subjects of all evidence of this connection, for example `service:payments-bridge`. Where there are none and
    /// no rule matches, evidence is about `product:` and the product's name.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// More subjects for findings of a component or with a tag.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// DefectDojo's address for people, for example `https://dojo.example.org`, to link evidence to its pages.
    #[serde(default)]
    pub web: Option<String>,
    /// How a note begins that reviews a compensating control.
    #[serde(default = "review_prefix")]
    pub review_prefix: String,
    /// Findings asked for at a time.
    #[serde(default = "page_size")]
    #[schemars(range(min = 1, max = 500))]
    pub page_size: u64,
}

/// Findings that have the component and the tag (those that are given) are about the subject, too.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// The component's name, exactly.
    #[serde(default)]
    pub component: Option<String>,
    /// One of the finding's tags, exactly.
    #[serde(default)]
    pub tag: Option<String>,
    /// For example `credential:legacy-broker/shared`.
    pub subject: String,
}

fn review_prefix() -> String {
    "Compensating control:".into()
}

const fn page_size() -> u64 {
    100
}

impl Config {
    /// What a schema cannot say.
    pub(crate) fn validate(&self) -> Result<()> {
        let subjects = self.subjects.iter().chain(self.rules.iter().map(|rule| &rule.subject));
        for subject in subjects {
            let is_one = subject.split_once(':').is_some_and(|(of, name)| {
                !of.is_empty()
                    && of.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                    && !name.is_empty()
                    && name.trim() == name
            });
            if !is_one {
                return Err(Failure::config(format_args!(
                    "`{subject}` is not a subject: write `type:name`, for example `service:payments-bridge`"
                )));
            }
        }
        if self.rules.iter().any(|rule| rule.component.is_none() && rule.tag.is_none()) {
            return Err(Failure::config(
                "a rule needs a `component` or a `tag`; a subject of all evidence goes into `subjects`",
            ));
        }
        if self.page_size == 0 || self.page_size > 500 {
            return Err(Failure::config("`page-size` is a number from 1 to 500"));
        }
        if self.review_prefix.trim().is_empty() {
            return Err(Failure::config("`review-prefix` is what a note begins with; it cannot be empty"));
        }
        Ok(())
    }

    /// What a finding is about.
    pub(crate) fn subjects_of(&self, component: Option<&str>, tags: &[String]) -> Vec<String> {
        let matching = self.rules.iter().filter(|rule| {
            rule.component.as_deref().is_none_or(|wanted| component == Some(wanted))
                && rule.tag.as_ref().is_none_or(|wanted| tags.contains(wanted))
        });
        let mut subjects = self.subjects.clone();
        for rule in matching {
            if !subjects.contains(&rule.subject) {
                subjects.push(rule.subject.clone());
            }
        }
        if subjects.is_empty() {
            subjects.extend(self.product.as_ref().map(|product| format!("product:{product}")));
        }
        subjects
    }

    /// A page of DefectDojo's for people.
    pub(crate) fn page(&self, path: &str) -> Option<String> {
        self.web.as_ref().map(|web| format!("{}/{path}", web.trim_end_matches('/')))
    }
}
