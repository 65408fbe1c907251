//! The connection's configuration: which queue, which custom fields, and what the board's words mean.
//!
//! Every board has statuses and fields of its own. What Request Tracker ships with has a meaning here without any
//! configuration; the rest is the operator's to say and is never guessed from names.

use probity_sdk::prelude::*;

/// Where packages are filed, and how the board's answers are read.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The queue's name, exactly as Request Tracker has it.
    pub queue: String,
    /// The custom field of tickets that holds the submission's id. It must be applied to the queue.
    #[serde(default = "submission_field")]
    pub submission_field: String,
    /// The custom field of tickets that holds the package's digest, as `sha256:` and 64 hexadecimal digits.
    #[serde(default = "digest_field")]
    pub digest_field: String,
    /// The custom field in which the board says why it bounced or decided, one reason a value.
    #[serde(default)]
    pub reasons_field: Option<String>,
    /// The custom field in which the board writes its decision.
    #[serde(default)]
    pub decision_field: Option<String>,
    /// What statuses and values of custom fields mean, the first that applies. After them `new` is queued, `open` and
    /// `stalled` are accepted, `rejected` and `deleted` are bounced, and `resolved` is decided; any other is unknown.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Request Tracker's address for people, for example `https://rt.example.org`, to link to its tickets.
    #[serde(default)]
    pub web: Option<String>,
}

/// What a ticket says that has the status and the custom field's value (those that are given).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// The ticket's status, exactly.
    #[serde(default)]
    pub status: Option<String>,
    /// The name of a custom field.
    #[serde(default)]
    pub field: Option<String>,
    /// One of that field's values, exactly. Without it any value will do.
    #[serde(default)]
    pub value: Option<String>,
    /// Where the submission stands then.
    pub state: State,
}

/// Where a submission stands with the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has looked at it yet.
    Queued,
    /// The board works on it.
    Accepted,
    /// The board sent it back without a decision.
    Bounced,
    /// The board decided.
    Decided,
}

impl From<State> for DispositionState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Accepted => Self::Accepted,
            State::Bounced => Self::Bounced,
            State::Decided => Self::Decided,
        }
    }
}

fn submission_field() -> String {
    "Probity Submission".into()
}

fn digest_field() -> String {
    "Probity Digest".into()
}

impl Config {
    /// What a schema cannot say.
    pub(crate) fn validate(&self) -> Result<()> {
        if self.queue.trim().is_empty() {
            return Err(Failure::config("`queue` is the name of a queue; it cannot be empty"));
        }
        if let Some(name) = self.fields().find(|name| !is_searchable(name)) {
            return Err(Failure::config(format_args!(
                "`{name}` cannot be searched for: the name of a custom field has no braces, quotes or backslashes"
            )));
        }
        if self.submission_field == self.digest_field {
            return Err(Failure::config(
                "`submission-field` and `digest-field` are two different custom fields",
            ));
        }
        for rule in &self.rules {
            if rule.status.is_none() && rule.field.is_none() {
                return Err(Failure::config("a rule needs a `status` or a `field` to look at"));
            }
            if rule.value.is_some() && rule.field.is_none() {
                return Err(Failure::config("a rule with a `value` needs the `field` that has it"));
            }
        }
        if self.web.as_ref().is_some_and(|web| !web.starts_with("https://") && !web.starts_with("http://")) {
            return Err(Failure::config("`web` is an address, for example https://rt.example.org"));
        }
        Ok(())
    }

    /// Every custom field the configuration names: first the two that are written, then those that are read.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        let rules = self.rules.iter().filter_map(|rule| rule.field.as_deref());
        let read = [&self.reasons_field, &self.decision_field].into_iter().filter_map(|name| name.as_deref());
        [self.submission_field.as_str(), self.digest_field.as_str()].into_iter().chain(read).chain(rules)
    }

    /// A ticket's address for people.
    pub(crate) fn page_of(&self, ticket: u64) -> Option<String> {
        let web = self.web.as_deref()?.trim_end_matches('/');
        Some(format!("{web}/Ticket/Display.html?id={ticket}"))
    }
}

fn is_searchable(name: &str) -> bool {
    !name.trim().is_empty() && !name.contains(['{', '}', '\'', '"', '\\']) && !name.contains(char::is_control)
}
