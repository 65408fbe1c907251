//! Path templates: the only way a request gets its path.
//!
//! A connector declares `/api/v2/findings/{id}/notes/` and gives a value for `id`; the host builds the path.
//! `{x}` stands for exactly one segment, `{x+}` for one or several at the end. Because a value can never add
//! a segment to `{x}`, start a query or climb with `..`, reading the template tells what can be reached.
//!
//! Grammar, below the origin's base URL:
//!
//! ```text
//! path    = 1*( "/" segment ) [ "/" ]  |  "/"
//! segment = 1*( pchar without "%" )  |  "{" name "}"  |  "{" name "+}"   ; "+" only in the last segment
//! name    = a-z *( a-z | 0-9 | "_" | "-" )
//! ```
//!
//! Encoding is strict: in values everything but RFC 3986's unreserved characters is percent-encoded. Slashes,
//! backslashes and controls are refused even encoded, since proxies and servers disagree about them.
//!
//! Deliberately absent: queries, fragments, several placeholders in one segment, regular expressions.

use std::fmt;

use crate::text::{excerpt, is_control};

/// The longest template and the longest expanded path, in bytes. Servers commonly refuse more than 8 KiB.
pub const MAX_PATH: usize = 8 * 1024;

/// A parsed path template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathTemplate {
    segments: Vec<Segment>,
    /// Whether the path ends with `/`.
    slash: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// `{x}`
    One(String),
    /// `{x+}`
    Several(String),
}

/// Why a text is not a path template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("a path starts with `/`")]
    NoSlash,
    #[error("the path is longer than {MAX_PATH} bytes")]
    TooLong,
    #[error("`//` is an empty segment; leave one slash out")]
    EmptySegment,
    #[error("`{0}` climbs out of the path; write the path it leads to")]
    Dots(String),
    #[error(
        "the segment `{0}` has characters a path cannot have; use letters, digits and -._~!$&'()*+,;=:@, and \
         braces only around a whole segment"
    )]
    Segment(String),
    #[error("`{{{0}}}` is not a placeholder; its name is a-z followed by a-z, 0-9, `_` or `-`")]
    Name(String),
    #[error("`{{{0}}}` stands there twice; give each placeholder its own name")]
    Repeated(String),
    #[error("`{{{0}+}}` stands for several segments, so it must be the last one")]
    SeveralNotLast(String),
}

/// Why values do not make a path of a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadValues {
    #[error("the path needs a value for `{0}`")]
    Missing(String),
    #[error("the path has no placeholder `{0}`")]
    Unknown(String),
    #[error("`{0}` is given twice")]
    Repeated(String),
    #[error("the value of `{name}` {problem}: `{value}`")]
    Value { name: String, value: String, problem: BadSegment },
    #[error("the path would be longer than {MAX_PATH} bytes")]
    TooLong,
}

/// Why a value cannot be a segment of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSegment {
    #[error("is empty or has an empty segment")]
    Empty,
    #[error("has a segment `.` or `..`, which would lead elsewhere")]
    Dots,
    #[error("has a `/`; only `{{name+}}` takes several segments")]
    Slash,
    #[error("has a backslash, which some servers read as `/`")]
    Backslash,
    #[error("has a control character")]
    Control,
}

impl PathTemplate {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        if text.len() > MAX_PATH {
            return Err(BadTemplate::TooLong);
        }
        let rest = text.strip_prefix('/').ok_or(BadTemplate::NoSlash)?;
        let (rest, slash) = match rest.strip_suffix('/') {
            _ if rest.is_empty() => return Ok(Self { segments: Vec::new(), slash: true }),
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let segments = rest.split('/').map(parse_segment).collect::<Result<Vec<_>, _>>()?;
        let template = Self { segments, slash };
        template.check_names()?;
        Ok(template)
    }

    fn check_names(&self) -> Result<(), BadTemplate> {
        let last = self.segments.len().saturating_sub(1);
        for (at, segment) in self.segments.iter().enumerate() {
            let Some(name) = segment.name() else { continue };
            if matches!(segment, Segment::Several(_)) && at != last {
                return Err(BadTemplate::SeveralNotLast(name.to_owned()));
            }
            if self.segments[..at].iter().any(|before| before.name() == Some(name)) {
                return Err(BadTemplate::Repeated(name.to_owned()));
            }
        }
        Ok(())
    }

    /// The placeholders' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(Segment::name)
    }

    /// The path with a value for each placeholder, percent-encoded: what goes after the origin's base URL.
    pub fn expand(&self, values: &[(String, String)]) -> Result<String, BadValues> {
        for (at, (name, _)) in values.iter().enumerate() {
            if !self.names().any(|known| known == name) {
                return Err(BadValues::Unknown(excerpt(name, 80)));
            }
            if values[..at].iter().any(|(before, _)| before == name) {
                return Err(BadValues::Repeated(excerpt(name, 80)));
            }
        }
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            let name = match segment {
                Segment::Literal(literal) => {
                    path.push_str(literal);
                    continue;
                }
                Segment::One(name) | Segment::Several(name) => name,
            };
            let (_, value) = values
                .iter()
                .find(|(given, _)| given == name)
                .ok_or_else(|| BadValues::Missing(name.clone()))?;
            segment.encode(value, &mut path).map_err(|problem| BadValues::Value {
                name: name.clone(),
                value: excerpt(value, 80),
                problem,
            })?;
        }
        if self.slash {
            path.push('/');
        }
        if path.len() > MAX_PATH { Err(BadValues::TooLong) } else { Ok(path) }
    }

    /// The values with which the template gives this path (percent-encoded, no query), or `None` when it
    /// does not fit. [`Self::expand`] of them is the same path in the host's own encoding: use that, not
    /// the path that came from outside.
    pub fn matches(&self, path: &str) -> Option<Vec<(String, String)>> {
        if path.len() > MAX_PATH {
            return None;
        }
        let rest = path.strip_prefix('/')?;
        if self.segments.is_empty() {
            return rest.is_empty().then(Vec::new);
        }
        let rest = if self.slash { rest.strip_suffix('/')? } else { rest };
        let mut given = rest.split('/').map(decode);
        let mut values = Vec::new();
        for segment in &self.segments {
            let text = given.next()??;
            match segment {
                Segment::Literal(literal) if *literal == text => {}
                Segment::Literal(_) => return None,
                Segment::One(name) => values.push((name.clone(), text)),
                Segment::Several(name) => {
                    let all = given.by_ref().try_fold(text, |all, next| Some(all + "/" + &next?))?;
                    values.push((name.clone(), all));
                }
            }
        }
        given.next().is_none().then_some(values)
    }
}

impl Segment {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::One(name) | Self::Several(name) => Some(name),
        }
    }

    fn encode(&self, value: &str, path: &mut String) -> Result<(), BadSegment> {
        match self {
            Self::Several(_) => {
                for (at, part) in value.split('/').enumerate() {
                    if at > 0 {
                        path.push('/');
                    }
                    encode(part, path)?;
                }
                Ok(())
            }
            Self::Literal(_) | Self::One(_) => encode(value, path),
        }
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Literal(literal) => write!(f, "/{literal}")?,
                Segment::One(name) => write!(f, "/{{{name}}}")?,
                Segment::Several(name) => write!(f, "/{{{name}+}}")?,
            }
        }
        if self.slash { f.write_str("/") } else { Ok(()) }
    }
}

fn parse_segment(text: &str) -> Result<Segment, BadTemplate> {
    if let Some(inside) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        let (name, several) = match inside.strip_suffix('+') {
            Some(name) => (name, true),
            None => (inside, false),
        };
        if !is_name(name) {
            return Err(BadTemplate::Name(excerpt(inside, 80)));
        }
        let name = name.to_owned();
        return Ok(if several { Segment::Several(name) } else { Segment::One(name) });
    }
    if text.is_empty() {
        return Err(BadTemplate::EmptySegment);
    }
    if is_dots(text) {
        return Err(BadTemplate::Dots(excerpt(text, 80)));
    }
    if !text.bytes().all(is_literal) {
        return Err(BadTemplate::Segment(excerpt(text, 80)));
    }
    Ok(Segment::Literal(text.to_owned()))
}

fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
}

/// `.`, `..`, and both before a `;`: some servers cut path parameters off before they look at dots.
fn is_dots(segment: &str) -> bool {
    matches!(segment.split(';').next(), Some("." | ".."))
}

/// RFC 3986's unreserved characters: those that never need encoding.
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// RFC 3986's `pchar`, without percent-encodings.
const fn is_literal(byte: u8) -> bool {
    is_unreserved(byte)
        || matches!(
            byte,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':' | b'@'
        )
}

fn check_segment(text: &str) -> Result<(), BadSegment> {
    if text.is_empty() {
        return Err(BadSegment::Empty);
    }
    if is_dots(text) {
        return Err(BadSegment::Dots);
    }
    for character in text.chars() {
        match character {
            '/' => return Err(BadSegment::Slash),
            '\\' => return Err(BadSegment::Backslash),
            character if is_control(character) => return Err(BadSegment::Control),
            _ => {}
        }
    }
    Ok(())
}

fn encode(text: &str, path: &mut String) -> Result<(), BadSegment> {
    use fmt::Write as _;
    check_segment(text)?;
    for byte in text.bytes() {
        if is_unreserved(byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
    Ok(())
}

/// One segment of a path from outside, decoded; `None` when it is malformed or could not be a value.
fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            _ if is_literal(byte) => byte,
            _ => return None,
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    check_segment(&text).ok().map(|()| text)
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
