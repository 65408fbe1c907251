//! Checks: a typed comparison on what a claim cites.
use crate::instant::Instant;
use serde::{Deserialize, Serialize};

/// `age(/body/last-rotated) <= 30d`, `/body/coverage == 100`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    /// Which of the claim's citations it looks at, counted from 0: the newest revision of that evidence.
    pub citation: u32,
    pub left: Operand,
    pub comparison: Comparison,
    pub right: Literal,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Operand {
    /// The value at a JSON Pointer into the evidence's JSON form.
    Value { pointer: String },
    /// The time from the instant or day at a JSON Pointer to the instant asked about.
    Age { pointer: String },
}

/// How it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    #[serde(rename = "==")]
    Equal,
    #[serde(rename = "!=")]
    NotEqual,
    #[serde(rename = "<")]
    Less,
    #[serde(rename = "<=")]
    AtMost,
    #[serde(rename = ">")]
    More,
    #[serde(rename = ">=")]
    AtLeast,
}

/// What it is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Literal {
    Number {
        value: f64,
    },
    Text {
        value: String,
    },
    Flag {
        value: bool,
    },
    /// Whole seconds.
    Duration {
        seconds: u32,
    },
    Instant {
        value: Instant,
    },
}

/// Why a text is no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a check: {rule}")]
pub struct BadCheck {
    pub text: String,
    pub rule: &'static str,
}
