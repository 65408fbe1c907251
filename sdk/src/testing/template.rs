//! Path templates, as the host reads them.

use std::collections::BTreeMap;

/// A path template: `/api/v2/findings/{id}/notes/`.
pub(super) struct Template<'a>(Vec<Segment<'a>>);

enum Segment<'a> {
    Literal(&'a str),
    One(&'a str),
    Several(&'a str),
}

impl<'a> Template<'a> {
    /// Reads a template, or says what is wrong with it.
    pub(super) fn parse(text: &'a str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!("the path `{text}` must start with /"));
        };
        if text.contains(['?', '#', ' ', '\\']) || text.contains("//") {
            return Err(format!("the path `{text}` must be a path alone, without empty segments"));
        }
        let segments = rest.split('/').map(segment).collect::<Result<Vec<Segment<'a>>, String>>()?;
        if segments.iter().rev().skip(1).any(|segment| matches!(segment, Segment::Several(_))) {
            return Err(format!("the path `{text}` has `{{name+}}` before its last segment"));
        }
        let template = Self(segments);
        let names = template.names();
        if names.iter().enumerate().any(|(at, name)| names[..at].contains(name)) {
            return Err(format!("the path `{text}` names a parameter twice"));
        }
        Ok(template)
    }

    /// The names of its parameters.
    pub(super) fn names(&self) -> Vec<&'a str> {
        self.0
            .iter()
            .filter_map(|segment| match segment {
                Segment::Literal(_) => None,
                Segment::One(name) | Segment::Several(name) => Some(*name),
            })
            .collect()
    }

    /// Whether a value may stand for a parameter.
    pub(super) fn takes(&self, name: &str, value: &str) -> bool {
        let bad = |segment: &str| {
            matches!(segment, "" | "." | "..")
                || segment.contains(['/', '\\'])
                || segment.contains(char::is_control)
        };
        self.0.iter().any(|segment| match segment {
            Segment::One(given) if *given == name => !bad(value),
            Segment::Several(given) if *given == name => !value.split('/').any(bad),
            _ => false,
        })
    }

    /// The path with its parameters filled in and encoded.
    pub(super) fn fill(&self, values: &BTreeMap<String, String>) -> String {
        let value = |name: &str| values.get(name).map_or("", String::as_str);
        let segments = self.0.iter().map(|segment| match segment {
            Segment::Literal(text) => (*text).to_owned(),
            Segment::One(name) => encode(value(name)),
            Segment::Several(name) => value(name).split('/').map(encode).collect::<Vec<_>>().join("/"),
        });
        segments.fold(String::new(), |path, segment| format!("{path}/{segment}"))
    }

    /// The parameters of a path that fits, decoded.
    pub(super) fn fit(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let given: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        fit(&self.0, &given)
    }
}

fn segment(text: &str) -> Result<Segment<'_>, String> {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => {
            let (name, several) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
            let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
            if !name.starts_with(|first: char| first.is_ascii_lowercase()) || !name.bytes().all(plain) {
                return Err(format!("`{{{name}}}` is not a parameter's name"));
            }
            Ok(if several { Segment::Several(name) } else { Segment::One(name) })
        }
        None if text.contains(['{', '}']) => {
            Err(format!("a parameter must be a whole segment, not `{text}`"))
        }
        None => Ok(Segment::Literal(text)),
    }
}

fn fit(template: &[Segment<'_>], given: &[&str]) -> Option<BTreeMap<String, String>> {
    let Some((first, rest)) = template.split_first() else {
        return given.is_empty().then(BTreeMap::new);
    };
    let most = match first {
        Segment::Several(_) => given.len(),
        Segment::Literal(_) | Segment::One(_) => given.len().min(1),
    };
    (1..=most).find_map(|taken| {
        let value = given[..taken].iter().map(|part| decode(part)).collect::<Option<Vec<_>>>()?.join("/");
        match first {
            Segment::Literal(text) if *text != value => None,
            Segment::Literal(_) => fit(rest, &given[taken..]),
            Segment::One(name) | Segment::Several(name) => {
                let mut found = fit(rest, &given[taken..])?;
                found.insert((*name).to_owned(), value);
                Some(found)
            }
        }
    })
}

/// Percent-encodes all but unreserved characters (RFC 3986, 2.3).
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Undoes percent-encoding; `+` is a plus, as in a path.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let hex = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_gives_back_its_parameters() {
        let template = Template::parse("/api/{id}/notes/").unwrap();
        assert_eq!(template.fit("/api/7/notes/").unwrap()["id"], "7");
        assert_eq!(template.fit("/api/a%20b/notes/").unwrap()["id"], "a b");
        assert!(template.fit("/api/7/8/notes/").is_none());
        assert!(template.fit("/api/7/notes").is_none());
        let tree = Template::parse("/plain/{path+}").unwrap();
        assert_eq!(tree.fit("/plain/a/b.md").unwrap()["path"], "a/b.md");
        assert!(tree.takes("path", "a/b") && !tree.takes("path", "a/../b"));
        assert!(template.takes("id", "7") && !template.takes("id", "..") && !template.takes("id", "7/8"));
    }

    #[test]
    fn a_template_that_is_not_one_is_refused() {
        for text in
            ["api", "/api//x", "/api?x=1", "/a{id}", "/{}", "/{a b}", "/{id}/{id}", "/{p+}/x", "/{Id}"]
        {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
