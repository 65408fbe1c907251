//! JSON Pointers (RFC 6901), as text.
//!
//! Three parts read them: citations, fixed members of a request's body, and the places a host blanks in
//! answers. They must agree on what a pointer says, so it is read here, once.
//!
//! Deliberately absent: the URI fragment form (`#/a`), relative pointers, and walking; [`crate::locate`] walks.

use std::borrow::Cow;

/// The longest pointer, in bytes. Real ones stay under 200; the limit keeps citations small.
pub const MAX_POINTER: usize = 4 * 1024;

/// The most reference tokens. OSCAL catalogs, which nest deeply, need 14; each level costs a walk over what it
/// holds, so the limit bounds the work that a hostile document can ask for.
pub const MAX_DEPTH: usize = 64;

/// Why a text is not a JSON Pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPointer {
    #[error("a JSON Pointer is empty or starts with `/` (RFC 6901)")]
    NoSlash,
    #[error("in a JSON Pointer `~` is written `~0` and `/` inside a name `~1` (RFC 6901)")]
    Escape,
    #[error("a JSON Pointer here has at most {MAX_POINTER} bytes and {MAX_DEPTH} steps")]
    TooLong,
}

/// The steps of a pointer, unescaped, outermost first; none for the whole document.
pub fn steps(pointer: &str) -> Result<Vec<Cow<'_, str>>, BadPointer> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    if pointer.len() > MAX_POINTER || pointer.bytes().filter(|byte| *byte == b'/').count() > MAX_DEPTH {
        return Err(BadPointer::TooLong);
    }
    let rest = pointer.strip_prefix('/').ok_or(BadPointer::NoSlash)?;
    rest.split('/').map(unescape).collect()
}

fn unescape(step: &str) -> Result<Cow<'_, str>, BadPointer> {
    if !step.contains('~') {
        return Ok(Cow::Borrowed(step));
    }
    let mut plain = String::with_capacity(step.len());
    let mut rest = step.chars();
    while let Some(character) = rest.next() {
        plain.push(match character {
            '~' => match rest.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(BadPointer::Escape),
            },
            other => other,
        });
    }
    Ok(Cow::Owned(plain))
}

#[cfg(test)]
mod tests {
    use super::{BadPointer, MAX_DEPTH, steps};

    #[test]
    fn steps_are_unescaped() {
        assert_eq!(steps("").unwrap(), Vec::<String>::new());
        assert_eq!(steps("/").unwrap(), [""]);
        assert_eq!(steps("/a~1b/m~0n/~01/0//").unwrap(), ["a/b", "m~n", "~1", "0", "", ""]);
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        assert_eq!(steps("a"), Err(BadPointer::NoSlash));
        assert_eq!(steps("#/a"), Err(BadPointer::NoSlash));
        for bad in ["/~", "/~2", "/a~/b"] {
            assert_eq!(steps(bad), Err(BadPointer::Escape), "{bad}");
        }
        assert!(steps(&"/a".repeat(MAX_DEPTH)).is_ok());
        assert_eq!(steps(&"/a".repeat(MAX_DEPTH + 1)), Err(BadPointer::TooLong));
        assert_eq!(steps(&format!("/{}", "a".repeat(5000))), Err(BadPointer::TooLong));
    }
}
