//! Checks: a typed comparison on what a claim cites.
//!
//! As people write them: `age(/body/last-rotated) <= 30d`, `/body/coverage == 100`, `[1] /body/outcome == "succeeded"` (on the
//! second citation; they are counted from 0). What cannot be compared is not false: it is not evaluated, and
//! says why.
//!
//! Deliberately absent: arithmetic, "and" and "or". A claim that needs two checks is two claims.

mod written;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{self, MAX_SAFE_INTEGER};
use crate::duration;
use crate::evidence::Date;
use crate::instant::Instant;
use crate::pointer;
use crate::text::excerpt;

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

/// What a check came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub holds: bool,
    /// From when on it no longer holds, if nothing else changes. None while it does not hold.
    pub flips: Option<Instant>,
    /// What was found, for a person: `the age is 12d`.
    pub found: String,
}

/// Why a check could not be evaluated, for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotChecked(pub String);

impl Check {
    /// What is wrong with it, whatever it is asked about. Checks that were read as JSON need to be asked; those that
    /// were parsed have been.
    pub fn fault(&self) -> Option<&'static str> {
        let (Operand::Value { pointer } | Operand::Age { pointer }) = &self.left;
        if pointer.is_empty() || pointer::steps(pointer).is_err() {
            return Some("a place is a JSON Pointer (RFC 6901) such as /body/outcome");
        }
        let ordering = !matches!(self.comparison, Comparison::Equal | Comparison::NotEqual);
        match (&self.left, &self.right) {
            (Operand::Age { .. }, Literal::Duration { seconds: 1.. }) if ordering => None,
            (Operand::Age { .. }, Literal::Duration { seconds: 1.. }) => {
                Some("an age is compared with <, <=, > or >=, for it is never exactly a length of time")
            }
            (Operand::Age { .. }, _) => Some("an age is compared with a positive length of time such as 30d"),
            (Operand::Value { .. }, Literal::Duration { .. }) => {
                Some("a length of time is compared with an age: age(/body/last-rotated) <= 30d")
            }
            (Operand::Value { .. }, Literal::Text { .. } | Literal::Flag { .. }) if ordering => {
                Some("texts, true and false are compared with == or !=")
            }
            (Operand::Value { .. }, Literal::Number { value }) if !canonical::is_safe_number(*value) => {
                Some("the number is too large to be told from its neighbours")
            }
            (Operand::Value { .. }, _) => None,
        }
    }

    /// Whether it holds for a piece of evidence, given in its JSON form.
    ///
    /// An age passes a length at one instant: `<=` and `<` hold before it and no longer at it, as with maximum
    /// ages; `>=` and `>` hold from it on. A day is read against the claim: as its start (UTC) where the age must
    /// be small, as its end where it must be large.
    pub fn evaluate(&self, item: &Value, at: Instant) -> Result<Checked, NotChecked> {
        if let Some(fault) = self.fault() {
            return Err(NotChecked(fault.to_owned()));
        }
        match (&self.left, &self.right) {
            (Operand::Age { pointer }, Literal::Duration { seconds }) => {
                let length = Duration::from_secs(u64::from(*seconds));
                self.age(moment(pointer, find(item, pointer)?)?, pointer, length, at)
            }
            (Operand::Age { pointer } | Operand::Value { pointer }, literal) => {
                let value = find(item, pointer)?;
                let holds = self.compare(pointer, value, literal)?;
                let found = format!("the value is {}", excerpt(&value.to_string(), 80));
                Ok(Checked { holds, flips: None, found })
            }
        }
    }

    fn age(
        &self,
        moment: Moment,
        pointer: &str,
        length: Duration,
        at: Instant,
    ) -> Result<Checked, NotChecked> {
        if moment.first > at {
            return Err(NotChecked(format!(
                "`{pointer}` is {}, which has not come yet; compare its clock with the host's",
                moment.first
            )));
        }
        let young = matches!(self.comparison, Comparison::Less | Comparison::AtMost);
        let counted_from = if young { moment.first } else { moment.last };
        let passes = counted_from.plus(length);
        let holds = passes.is_none_or(|passes| at < passes) == young;
        let flips = passes.filter(|_| young && holds);
        let found = format!("the age is {}", duration::about(at.since(counted_from)));
        Ok(Checked { holds, flips, found })
    }

    fn compare(&self, pointer: &str, value: &Value, literal: &Literal) -> Result<bool, NotChecked> {
        let wrong =
            |wanted| NotChecked(format!("`{pointer}` is {}, not {wanted}", excerpt(&value.to_string(), 80)));
        match literal {
            Literal::Number { value: wanted } => {
                let found = number(value).ok_or_else(|| wrong("a number that can be compared"))?;
                Ok(self.comparison.holds(found.partial_cmp(wanted)))
            }
            Literal::Text { value: wanted } => {
                let found = value.as_str().ok_or_else(|| wrong("a text"))?;
                Ok(self.comparison.holds(Some(found.cmp(wanted))))
            }
            Literal::Flag { value: wanted } => {
                let found = value.as_bool().ok_or_else(|| wrong("true or false"))?;
                Ok(self.comparison.holds(Some(found.cmp(wanted))))
            }
            Literal::Instant { value: wanted } => {
                let found = moment(pointer, value)?;
                let first = self.comparison.holds(Some(found.first.cmp(wanted)));
                if first == self.comparison.holds(Some(found.last.cmp(wanted))) {
                    Ok(first)
                } else {
                    Err(NotChecked(format!(
                        "`{pointer}` is only known to the day, and {wanted} is within it"
                    )))
                }
            }
            Literal::Duration { .. } => Err(wrong("a length of time")),
        }
    }
}

impl Comparison {
    fn holds(self, order: Option<std::cmp::Ordering>) -> bool {
        order.is_some_and(|order| match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::More => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        })
    }
}

/// When something was: an instant is its own first and last, a day has many.
struct Moment {
    first: Instant,
    last: Instant,
}

fn find<'a>(item: &'a Value, pointer: &str) -> Result<&'a Value, NotChecked> {
    match item.pointer(pointer) {
        None => Err(NotChecked(format!("there is nothing at `{pointer}`"))),
        Some(Value::Null) => Err(NotChecked(format!("the source does not say: `{pointer}` is null"))),
        Some(value) => Ok(value),
    }
}

fn moment(pointer: &str, value: &Value) -> Result<Moment, NotChecked> {
    let text = value.as_str().unwrap_or_default();
    if let Ok(instant) = text.parse::<Instant>() {
        return Ok(Moment { first: instant, last: instant });
    }
    day(text).ok_or_else(|| {
        NotChecked(format!(
            "`{pointer}` is {}, neither an instant (RFC 3339) nor a day (YYYY-MM-DD)",
            excerpt(&value.to_string(), 80)
        ))
    })
}

fn day(text: &str) -> Option<Moment> {
    let date: Date = text.parse().ok()?;
    let first: Instant = format!("{date}T00:00:00Z").parse().ok()?;
    let last = first.plus(Duration::from_hours(24) - Duration::from_micros(1))?;
    Some(Moment { first, last })
}

/// A number, or the digits that a 64-bit integer travels as.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64().filter(|number| canonical::is_safe_number(*number)),
        Value::String(digits) => {
            let integer: u64 = digits.parse().ok()?;
            #[expect(clippy::cast_precision_loss, reason = "up to 2^53 - 1 it is exact")]
            (integer <= MAX_SAFE_INTEGER).then_some(integer as f64)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
