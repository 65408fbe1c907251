//! Refusals: what was attempted, the rule, who could, and what to do instead.

use serde::{Deserialize, Serialize};

/// Why something may not happen. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[error("{attempted} is refused: {rule}")]
pub struct Refusal {
    /// A stable code: `who.author-only`.
    pub code: String,
    /// The word of the event.
    pub attempted: String,
    pub rule: String,
    /// Who could, where anybody can.
    pub who: Option<String>,
    /// What to do instead.
    pub fix: String,
}

impl Refusal {
    pub(crate) fn new(
        code: &str,
        attempted: impl Into<String>,
        rule: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            code: code.to_owned(),
            attempted: attempted.into(),
            rule: rule.into(),
            who: None,
            fix: fix.into(),
        }
    }

    /// Says who could.
    #[must_use]
    pub(crate) fn who(mut self, who: impl Into<String>) -> Self {
        self.who = Some(who.into());
        self
    }
}
