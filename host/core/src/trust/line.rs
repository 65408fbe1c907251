//! One line of an `allowed_signers` file (ssh-keygen(1), ALLOWED SIGNERS): principals, options, a key.

use jiff::Timestamp;

use super::BadTrust;
use crate::instant::Instant;
use crate::signature::{BadKey, PublicKey};
use crate::text::excerpt;

#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) line: usize,
    /// Patterns, as OpenSSH separates them: by commas.
    pub(super) principals: String,
    pub(super) namespaces: Option<String>,
    pub(super) valid_after: Option<Instant>,
    pub(super) valid_before: Option<Instant>,
    pub(super) key: PublicKey,
}

pub(super) enum Line {
    /// Blank, or a comment.
    Nothing,
    Signer(Box<Signer>),
    /// A kind of key that cannot sign here.
    Unused(BadKey),
}

#[derive(Default)]
struct Options {
    namespaces: Option<String>,
    valid_after: Option<Instant>,
    valid_before: Option<Instant>,
    cert_authority: bool,
}

pub(super) fn read(line: usize, text: &str) -> Result<Line, BadTrust> {
    let text = text.trim_matches([' ', '\t']);
    if text.is_empty() || text.starts_with('#') {
        return Ok(Line::Nothing);
    }
    let wrong = |why: String| BadTrust::Line { line, why };
    let (principals, rest) = split_word(text).ok_or_else(|| wrong("a quotation has no end".to_owned()))?;
    let principals = unquote(principals).filter(|list| !list.is_empty());
    let principals = principals.ok_or_else(|| wrong("it must begin with principals".to_owned()))?;
    let (first, after) = split_word(rest).ok_or_else(|| wrong("a quotation has no end".to_owned()))?;
    // No kind of key has a `=` in its name, and no option but this one lacks it.
    let is_options = first.contains('=') || first.eq_ignore_ascii_case("cert-authority");
    let (options, key) = if is_options {
        (read_options(first).map_err(wrong)?, PublicKey::parse(after))
    } else {
        (Options::default(), PublicKey::parse(rest))
    };
    if options.cert_authority {
        return Err(BadTrust::CertAuthority(line));
    }
    let Options { namespaces, valid_after, valid_before, .. } = options;
    match key {
        Ok(key) => Ok(Line::Signer(Box::new(Signer {
            line,
            principals,
            namespaces,
            valid_after,
            valid_before,
            key,
        }))),
        Err(unused @ BadKey::UnsupportedKind(_)) => Ok(Line::Unused(unused)),
        Err(bad) => Err(wrong(bad.to_string())),
    }
}

/// The first word, whose quoted parts may hold spaces, and what comes after the spaces behind it.
fn split_word(text: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return Some((&text[..at], text[at..].trim_start_matches([' ', '\t']))),
            _ => {}
        }
    }
    (!quoted).then_some((text, ""))
}

/// A word without the quotation marks around it; none inside are left.
fn unquote(word: &str) -> Option<String> {
    let inner = word.strip_prefix('"').map_or(Some(word), |rest| rest.strip_suffix('"'))?;
    (!inner.contains('"')).then(|| inner.to_owned())
}

fn read_options(word: &str) -> Result<Options, String> {
    let mut options = Options::default();
    for option in split_options(word) {
        let (name, value) =
            option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
        let name = name.to_ascii_lowercase();
        let value = match value {
            None => None,
            Some(value) => Some(
                value
                    .starts_with('"')
                    .then(|| unquote(value))
                    .flatten()
                    .ok_or_else(|| format!("the option {name} needs a value in quotation marks"))?,
            ),
        };
        let doubled = match (name.as_str(), value) {
            ("cert-authority", None) => std::mem::replace(&mut options.cert_authority, true),
            ("namespaces", Some(list)) => options.namespaces.replace(list).is_some(),
            ("valid-after", Some(time)) => options.valid_after.replace(read_time(&time)?).is_some(),
            ("valid-before", Some(time)) => options.valid_before.replace(read_time(&time)?).is_some(),
            _ => {
                let option = excerpt(option, 64);
                return Err(format!(
                    "`{option}` is neither a key nor one of the options namespaces=, valid-after=, valid-before="
                ));
            }
        };
        if doubled {
            return Err(format!("the option {name} is there twice"));
        }
    }
    if let (Some(after), Some(before)) = (options.valid_after, options.valid_before)
        && before <= after
    {
        return Err("valid-before is not later than valid-after".to_owned());
    }
    Ok(options)
}

/// The options of a word; commas inside quotation marks are theirs.
fn split_options(word: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    word.split(move |character| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
}

/// `YYYYMMDD[HHMM[SS]]Z`. OpenSSH reads a time without `Z` in the machine's own zone, which would make the same file mean
/// different things to different readers.
fn read_time(text: &str) -> Result<Instant, String> {
    let rule = || {
        format!(
            "`{}` is no time that means the same everywhere: write YYYYMMDDZ or YYYYMMDDHHMMSSZ (UTC)",
            excerpt(text, 32)
        )
    };
    let digits = text.strip_suffix(['Z', 'z']).ok_or_else(rule)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || ![8, 12, 14].contains(&digits.len()) {
        return Err(rule());
    }
    let padded = format!("{digits:0<14}");
    let (date, time) = padded.split_at(8);
    format!("{}-{}-{}T{}:{}:{}Z", &date[..4], &date[4..6], &date[6..], &time[..2], &time[2..4], &time[4..])
        .parse::<Timestamp>()
        .map(Instant::from)
        .map_err(|_| rule())
}

/// OpenSSH's pattern lists: `*` is any text, `?` one character; a match of a pattern after `!` decides against.
pub(super) fn matches_list(text: &str, list: &str) -> bool {
    let mut matched = false;
    for pattern in list.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if matches(text, pattern) => return false,
            Some(_) => {}
            None => matched |= matches(text, pattern),
        }
    }
    matched
}

/// Linear in the text for each `*`: after a mismatch, only the last `*` is let take one more character.
fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut of) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(of) {
            Some('*') => {
                star = Some((of, at));
                of += 1;
            }
            Some(wanted) if *wanted == '?' || *wanted == text[at] => {
                of += 1;
                at += 1;
            }
            _ => {
                let Some((star_of, star_at)) = star else { return false };
                star = Some((star_of, star_at + 1));
                of = star_of + 1;
                at = star_at + 1;
            }
        }
    }
    pattern[of..].iter().all(|rest| *rest == '*')
}
