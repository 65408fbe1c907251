//! Text from outside, made safe to show.
//!
//! Characters that nobody sees, or that turn the order of what they see, let a source or a connector say
//! one thing to a person and another to a program. They are written out (`\u{202e}`) instead of dropped,
//! so that a reader notices, and instead of being kept, so that no page, terminal or log is steered by them.
//!
//! Deliberately absent: escaping for HTML, shells or terminals; each edge does its own.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is never shown as itself: controls (C0 with tab and newline, DEL, C1), bidirectional
/// marks, embeddings, overrides and isolates, line and paragraph separators, tags, and characters
/// without width. The zero-width joiner and non-joiner are not hidden: Persian, Indic scripts and emoji are
/// misspelt without them.
pub const fn is_hidden(character: char) -> bool {
    is_control(character)
        || matches!(character,
            '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// C0, DEL and C1.
pub const fn is_control(character: char) -> bool {
    matches!(character, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}')
}

/// Whether a text is one line that shows all it holds.
pub fn is_plain_line(text: &str) -> bool {
    !text.chars().any(is_hidden)
}

/// `http://` or `https://`, a host, and nothing that hides: no user, no spaces, nothing invisible, at most 2,048 bytes.
pub fn is_web_address(text: &str) -> bool {
    let rest = ["https://", "http://"].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let Some(rest) = rest else { return false };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    text.len() <= 2048
        && !authority.is_empty()
        && !authority.contains('@')
        && !text.contains(['\\', '<', '>', '"'])
        && !text.chars().any(|character| character.is_whitespace() || is_hidden(character))
}

/// The text with each hidden character that `keep` does not spare written as `\u{…}`, and how many there were.
pub fn reveal(text: &str, keep: impl Fn(char) -> bool) -> (Cow<'_, str>, usize) {
    let hides = |character: &char| is_hidden(*character) && !keep(*character);
    let hidden = text.chars().filter(hides).count();
    if hidden == 0 {
        return (Cow::Borrowed(text), 0);
    }
    let mut shown = String::with_capacity(text.len() + hidden * 8);
    for character in text.chars() {
        if hides(&character) {
            push_escape(character, &mut shown);
        } else {
            shown.push(character);
        }
    }
    (Cow::Owned(shown), hidden)
}

/// Adds a character as `\u{…}`.
pub(crate) fn push_escape(character: char, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
}

/// The beginning of a text from outside, as it may stand in a message: on one line, nothing hidden, at most
/// `chars` characters of the original.
pub fn excerpt(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        None => reveal(text, |_| false).0.into_owned(),
        Some((end, _)) => format!("{}…", reveal(&text[..end], |_| false).0),
    }
}

/// A count as people write it: `120,000`.
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::{excerpt, is_plain_line, reveal, thousands};

    #[test]
    fn what_nobody_sees_is_written_out() {
        let (shown, hidden) = reveal("a\u{202e}b\u{200b}c\u{7f}\u{85}\n", |character| character == '\n');
        assert_eq!((&*shown, hidden), ("a\\u{202e}b\\u{200b}c\\u{7f}\\u{85}\n", 4));
        for hidden in ["\u{2066}", "\u{2069}", "\u{feff}", "\u{e0041}", "\u{1b}[31m", "\r", "\t"] {
            assert!(!is_plain_line(hidden), "{hidden:?}");
        }
    }

    #[test]
    fn joiners_and_all_scripts_stay() {
        for text in ["می‌خواهم", "👩‍🚀", "naïve — 日本語", "עברית"] {
            assert_eq!(reveal(text, |_| false), (text.into(), 0));
        }
    }

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt("one\ntwo", 80), "one\\u{a}two");
        assert_eq!(excerpt("ééééé", 3), "ééé…");
        assert_eq!(excerpt("abc", 3), "abc");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, 120_000, 1_234_567].map(thousands),
            ["0", "999", "1,000", "120,000", "1,234,567"]
        );
    }
}
