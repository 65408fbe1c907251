//! Cursors: what is carried from one page to the next, as JSON text.
//!
//! A cursor is opaque to the host and outlives the instance that made it, even the connector's version. So it is
//! written as JSON of a type, read back strictly, and one that does not fit is refused with the way out: a full
//! sweep.
//!
//! The shapes of pagination: [`Offset`] with a count or until a short page, [`Link`] for a `next` URL, [`Token`] for
//! a cursor inside the answer. Anything else is a type of the connector's own with [`encode`] and [`decode`].

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Failure, Result};

/// Writes a cursor. A type that cannot be JSON gives an empty one, which the host refuses as not moving.
pub fn encode(cursor: &impl Serialize) -> String {
    serde_json::to_string(cursor).unwrap_or_default()
}

/// Reads a cursor, if there is one.
pub fn decode<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>> {
    cursor.map(serde_json::from_str).transpose().map_err(|error| {
        Failure::internal(format_args!(
            "the cursor was not written by this version of the connector ({error}): start a full sweep"
        ))
    })
}

/// Counts elements: `?offset=200&limit=100`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// Elements before this page.
    pub offset: u64,
    /// Elements asked for.
    pub limit: u64,
}

impl Offset {
    /// The place to read: the cursor's, or the start.
    pub fn start(cursor: Option<&str>, limit: u64) -> Result<Self> {
        Ok(decode(cursor)?.unwrap_or(Self { offset: 0, limit }))
    }

    /// The next place, after a page of so many elements. With a total it ends there; without one it ends at a page
    /// that is shorter than was asked for. A page of nothing ends it always.
    pub fn advance(self, elements: usize, total: Option<u64>) -> Option<Self> {
        let got = u64::try_from(elements).unwrap_or(u64::MAX);
        let offset = self.offset.saturating_add(got);
        let more = match total {
            Some(total) => offset < total,
            None => got >= self.limit,
        };
        (more && got > 0).then_some(Self { offset, ..self })
    }
}

/// Follows links: a `next` URL in the body, or [`Link::next`] of a `Link` header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// As the source gave it; [`Context::follow`](crate::Context::follow) takes path and query of it.
    pub link: String,
}

impl Link {
    /// The link of a page before, if there is one.
    pub fn start(cursor: Option<&str>) -> Result<Option<Self>> {
        decode(cursor)
    }

    /// The target with `rel="next"` in a `Link` header (RFC 8288).
    pub fn next(header: Option<&str>) -> Option<Self> {
        let mut rest = header?;
        while let Some((_, after)) = rest.split_once('<') {
            let (target, after) = after.split_once('>')?;
            // Parameters end where the next target starts.
            let (parameters, next) = match after.find(",<").or_else(|| after.find(", <")) {
                Some(end) => (&after[..end], &after[end..]),
                None => (after, ""),
            };
            let is_next = parameters.split(';').any(|parameter| {
                parameter.split_once('=').is_some_and(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("rel")
                        && value
                            .trim()
                            .trim_matches('"')
                            .split(' ')
                            .any(|rel| rel.eq_ignore_ascii_case("next"))
                })
            });
            if is_next {
                return Some(Self { link: target.to_owned() });
            }
            rest = next;
        }
        None
    }
}

/// A token that the answer carries for the page after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// As the source gave it.
    pub token: String,
}

impl Token {
    /// The token of a page before, if there is one.
    pub fn start(cursor: Option<&str>) -> Result<Option<Self>> {
        decode(cursor)
    }

    /// The token for the next page; an empty one means that there is none.
    pub fn next(token: Option<String>) -> Option<Self> {
        token.filter(|token| !token.is_empty()).map(|token| Self { token })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_ends_at_the_total_or_at_a_short_page_and_never_stands_still() {
        let start = Offset::start(None, 100).unwrap();
        assert_eq!(start.advance(100, Some(250)), Some(Offset { offset: 100, limit: 100 }));
        assert_eq!(start.advance(100, Some(100)), None);
        assert_eq!(start.advance(0, Some(250)), None);
        assert_eq!(start.advance(100, None), Some(Offset { offset: 100, limit: 100 }));
        assert_eq!(start.advance(99, None), None);
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_and_a_foreign_one_is_refused() {
        let cursor = encode(&Offset { offset: 200, limit: 50 });
        assert_eq!(Offset::start(Some(&cursor), 100).unwrap(), Offset { offset: 200, limit: 50 });
        for foreign in ["", "7", r#"{"offset": -1, "limit": 5}"#, r#"{"offset": 1, "limit": 5, "more": 1}"#] {
            assert!(Offset::start(Some(foreign), 100).is_err(), "{foreign}");
        }
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        let header = r#"<https://x.test/a?page=1>; rel="prev", <https://x.test/a?page=3,4>; rel="next", </z>; rel="last""#;
        assert_eq!(Link::next(Some(header)), Some(Link { link: "https://x.test/a?page=3,4".into() }));
        assert_eq!(Link::next(Some(r#"</a?page=2>; title="x"; rel="last next""#)).unwrap().link, "/a?page=2");
        assert_eq!(Link::next(Some(r#"</a>; rel="prev""#)), None);
        assert_eq!(Link::next(Some("garbage < ; rel=next")), None);
        assert_eq!(Link::next(None), None);
    }

    #[test]
    fn an_empty_token_is_the_end() {
        assert_eq!(Token::next(Some(String::new())), None);
        assert_eq!(Token::next(Some("abc".into())), Some(Token { token: "abc".into() }));
    }
}
