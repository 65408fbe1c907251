//! Text that came out of a component, made fit for a log or a terminal: cut, and control characters
//! written as escapes, so that nobody can forge a line or move a cursor.

use std::fmt::Write as _;

/// `text` with its control characters escaped, at most `max` bytes of it and a mark when it was cut.
pub(super) fn plain(text: &str, max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(max));
    for char in text.chars() {
        let before = out.len();
        if is_unprintable(char) {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", char.escape_unicode());
        } else {
            out.push(char);
        }
        if out.len() > max {
            out.truncate(before);
            out.push('…');
            return out;
        }
    }
    out
}

/// Control characters, line and paragraph separators, and those that change the direction of what follows.
fn is_unprintable(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(plain("a\nb\u{1b}[31m\u{202e}c", 99), "a\\u{a}b\\u{1b}[31m\\u{202e}c");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(plain("äöü", 4), "äö…");
        assert_eq!(plain("äö", 4), "äö");
        assert_eq!(plain("\n\n", 5), "\\u{a}…");
    }
}
