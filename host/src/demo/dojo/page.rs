//! Pages of a list: `limit`, `offset`, and the envelope around them.

use serde_json::{Map, Value, json};

use super::filter::Query;

/// The server's page when no `limit` is given. There is no upper limit.
const DEFAULT_LIMIT: usize = 25;

/// A window on a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    limit: usize,
    offset: usize,
}

impl Window {
    /// What is not a number counts as not given; a limit of zero, too.
    pub(super) fn of(query: &Query) -> Self {
        let number = |name| query.get(name).and_then(|text| text.parse::<usize>().ok());
        Self {
            limit: number("limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT),
            offset: number("offset").unwrap_or(0),
        }
    }

    /// The part of a list that the window shows.
    pub(super) fn of_list<'l, T>(&self, list: &'l [T]) -> &'l [T] {
        let from = self.offset.min(list.len());
        let to = self.offset.saturating_add(self.limit).min(list.len());
        &list[from..to]
    }

    /// The window's place in the list: `count`, and links to the windows beside it.
    ///
    /// `address` is the list's own absolute address as the client wrote it, host included: the links go
    /// wherever the `Host` header pointed.
    pub(super) fn envelope(&self, address: &str, query: &Query, count: usize) -> Map<String, Value> {
        let after = self.offset.saturating_add(self.limit);
        let next = (after < count).then(|| self.link(address, query, Some(after)));
        let before = self.offset.checked_sub(self.limit).filter(|before| *before > 0);
        let previous = (self.offset > 0).then(|| self.link(address, query, before));
        let mut envelope = Map::new();
        envelope.insert("count".to_owned(), json!(count));
        envelope.insert("next".to_owned(), json!(next));
        envelope.insert("previous".to_owned(), json!(previous));
        envelope
    }

    /// The same request with another offset, its parameters sorted.
    fn link(&self, address: &str, query: &Query, offset: Option<usize>) -> String {
        let kept = query.pairs().filter(|(name, _)| !matches!(*name, "limit" | "offset"));
        let mut pairs: Vec<(String, String)> =
            kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        pairs.push(("limit".to_owned(), self.limit.to_string()));
        pairs.extend(offset.map(|offset| ("offset".to_owned(), offset.to_string())));
        pairs.sort();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("{address}?{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::{Query, Window};

    const ADDRESS: &str = "http://dojo.example/api/v2/findings/";

    #[test]
    fn links_keep_the_filters_and_go_where_the_address_does() {
        let query = Query::parse("o=id&offset=20&limit=10&product_name=a%20b");
        let envelope = Window::of(&query).envelope(ADDRESS, &query, 31);
        assert_eq!(envelope["next"], format!("{ADDRESS}?limit=10&o=id&offset=30&product_name=a+b"));
        assert_eq!(envelope["previous"], format!("{ADDRESS}?limit=10&o=id&offset=10&product_name=a+b"));
    }

    #[test]
    fn the_first_and_the_last_page_have_no_neighbour_beyond() {
        let query = Query::parse("limit=10&offset=10");
        let envelope = Window::of(&query).envelope(ADDRESS, &query, 20);
        assert_eq!(envelope["next"], serde_json::Value::Null);
        assert_eq!(envelope["previous"], format!("{ADDRESS}?limit=10"));
    }

    #[test]
    fn a_window_beyond_the_end_is_empty() {
        let query = Query::parse("limit=18446744073709551615&offset=7");
        assert!(Window::of(&query).of_list(&[1, 2, 3]).is_empty());
        assert_eq!(Window::of(&Query::parse("limit=0&offset=x")), Window { limit: 25, offset: 0 });
    }
}
