//! Checks as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{BadCheck, Check, Comparison, Literal, Operand};
use crate::duration;
use crate::instant::Instant;
use crate::text::excerpt;

/// Each sign with what it means; those that begin like another stand before it.
const SIGNS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::NotEqual),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

impl FromStr for Check {
    type Err = BadCheck;

    fn from_str(text: &str) -> Result<Self, BadCheck> {
        read(text).map_err(|rule| BadCheck { text: excerpt(text, 200), rule })
    }
}

fn read(text: &str) -> Result<Check, &'static str> {
    let (citation, rest) = citation(text.trim())?;
    let (left, rest) = operand(rest.trim_start())?;
    let rest = rest.trim_start();
    let (sign, comparison) = SIGNS
        .into_iter()
        .find(|(sign, _)| rest.starts_with(sign))
        .ok_or("after the place comes one of ==, !=, <, <=, > and >=")?;
    let right = literal(rest[sign.len()..].trim())?;
    let check = Check { citation, left, comparison, right };
    check.fault().map_or(Ok(check), Err)
}

fn citation(text: &str) -> Result<(u32, &str), &'static str> {
    const RULE: &str = "a citation is named by its number in brackets, counted from 0: [1] for the second";
    let Some(rest) = text.strip_prefix('[') else { return Ok((0, text)) };
    let (number, rest) = rest.split_once(']').ok_or(RULE)?;
    let digits = Some(number).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).map(|number| (number, rest)).ok_or(RULE)
}

fn operand(text: &str) -> Result<(Operand, &str), &'static str> {
    let Some(inside) = text.strip_prefix("age").map(str::trim_start).and_then(|rest| rest.strip_prefix('('))
    else {
        let (pointer, rest) = place(text)?;
        return Ok((Operand::Value { pointer }, rest));
    };
    let (pointer, rest) = place(inside.trim_start())?;
    let rest = rest.trim_start().strip_prefix(')').ok_or("an age is written age(/body/last-rotated)")?;
    Ok((Operand::Age { pointer }, rest))
}

/// A pointer: as it is, or in quotes where it has characters that mean something here.
fn place(text: &str) -> Result<(String, &str), &'static str> {
    if !text.starts_with('"') {
        let end = text.find(is_special).unwrap_or(text.len());
        return Ok((text[..end].to_owned(), &text[end..]));
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match values.next() {
        Some(Ok(pointer)) => Ok((pointer, &text[values.byte_offset()..])),
        _ => Err("a place in quotes is a JSON string"),
    }
}

fn is_special(character: char) -> bool {
    character.is_whitespace() || "\"()<>=!".contains(character)
}

fn literal(text: &str) -> Result<Literal, &'static str> {
    if text.starts_with('"') {
        let value = serde_json::from_str(text).map_err(|_| "a text is a JSON string: \"succeeded\"")?;
        return Ok(Literal::Text { value });
    }
    if let Ok(value) = text.parse::<bool>() {
        return Ok(Literal::Flag { value });
    }
    if let Ok(length) = duration::parse(text) {
        let seconds = u32::try_from(length.as_secs()).map_err(|_| "a length of time is at most a century")?;
        return Ok(Literal::Duration { seconds });
    }
    if let Ok(value) = text.parse::<Instant>() {
        return Ok(Literal::Instant { value });
    }
    serde_json::from_str(text).map(|value| Literal::Number { value }).map_err(|_| {
        "it is compared with a number, a text in quotes, true, false, a length of time (30d) or an instant (RFC 3339)"
    })
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.citation > 0 {
            write!(f, "[{}] ", self.citation)?;
        }
        let sign = SIGNS.iter().find(|(_, comparison)| *comparison == self.comparison);
        write!(f, "{} {} {}", self.left, sign.map_or("", |(sign, _)| *sign), self.right)
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Value { pointer } | Self::Age { pointer }) = self;
        let pointer = if pointer.contains(is_special) { quoted(pointer) } else { pointer.clone() };
        match self {
            Self::Value { .. } => f.write_str(&pointer),
            Self::Age { .. } => write!(f, "age({pointer})"),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { value } => write!(f, "{value}"),
            Self::Text { value } => f.write_str(&quoted(value)),
            Self::Flag { value } => write!(f, "{value}"),
            Self::Duration { seconds } => {
                f.write_str(&duration::written(Duration::from_secs(u64::from(*seconds))))
            }
            Self::Instant { value } => write!(f, "{value}"),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
