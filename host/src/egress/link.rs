//! Links that a source gave, followed only onto the granted origin.
//!
//! Sources build `next` links from the `Host` header, from an internal name, or from whatever a hostile one likes.
//! So a link is data: its path and query are read here by hand, not by a URL parser that would quietly repair
//! backslashes, dots and tabs, and the request is built anew from the endpoint's template. Whatever else is
//! in the link is not used.

use percent_encoding::percent_decode_str;
use probity_core::connector::Method;
use probity_core::text::{excerpt, is_control};

use super::error::EgressError;
use super::policy::{Granted, Origin};

/// A link's length, in bytes.
const MAX_LINK: usize = 8 * 1024;

/// Where a link leads, below the origin.
pub(super) struct Target {
    /// Below the base URL, encoded by the template.
    pub(super) path: String,
    /// Without the endpoint's fixed parameters.
    pub(super) query: Vec<(String, String)>,
    /// Whether the link named another host than the origin's.
    pub(super) elsewhere: bool,
}

/// Reads a link for an endpoint.
pub(super) fn target(granted: &Granted, origin: &Origin, link: &str) -> Result<Target, EgressError> {
    read(granted, origin, link).map_err(|problem| EgressError::Link {
        endpoint: granted.endpoint.id.clone(),
        problem: format!("{problem}: `{}`", excerpt(link, 120)),
    })
}

fn read(granted: &Granted, origin: &Origin, link: &str) -> Result<Target, &'static str> {
    if granted.endpoint.method == Method::Post {
        return Err("only `get` and `head` endpoints have links");
    }
    if link.is_empty() || link.len() > MAX_LINK {
        return Err("it is empty or longer than 8 KiB");
    }
    if link.chars().any(|character| is_control(character) || matches!(character, ' ' | '\\')) {
        return Err("it has spaces, control characters or backslashes");
    }
    let link = link.split('#').next().unwrap_or_default();
    let (place, query) = match link.split_once('?') {
        Some((place, query)) => (place, query),
        None => (link, ""),
    };
    let (authority, path) = split(place)?;
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err("it has a user in front of the host");
    }
    let path = if path.is_empty() { own_path(granted)? } else { expanded(granted, below(origin, path))? };
    let elsewhere = authority.is_some_and(|authority| !is_origin(origin, authority));
    Ok(Target { path, query: without_fixed(granted, parameters(query)?)?, elsewhere })
}

/// The authority, if there is one, and the path, which starts with `/` or is empty.
fn split(place: &str) -> Result<(Option<&str>, &str), &'static str> {
    let lower = place.to_ascii_lowercase();
    let scheme = ["https://", "http://", "//"].into_iter().find(|scheme| lower.starts_with(scheme));
    let Some(scheme) = scheme else {
        return match place {
            "" => Ok((None, "")),
            _ if place.starts_with('/') => Ok((None, place)),
            _ => Err("it is neither a web address nor a path that starts with `/`"),
        };
    };
    let rest = &place[scheme.len()..];
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.is_empty() { Err("it has no host") } else { Ok((Some(authority), path)) }
}

fn is_origin(origin: &Origin, authority: &str) -> bool {
    let own = origin.base.authority();
    authority.eq_ignore_ascii_case(own) || authority.eq_ignore_ascii_case(&format!("{own}:{}", origin.port))
}

/// A link of only a query stays where it is, which is known if the template has nothing to fill in.
fn own_path(granted: &Granted) -> Result<String, &'static str> {
    granted.template.expand(&[]).map_err(|_| "it has no path, and the endpoint's path has placeholders")
}

/// The path below the base URL. A source that knows its own prefix writes it; one behind a proxy that cuts it
/// off does not.
fn below<'a>(origin: &Origin, path: &'a str) -> &'a str {
    match path.strip_prefix(&origin.prefix) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

fn expanded(granted: &Granted, path: &str) -> Result<String, &'static str> {
    let values = granted.template.matches(path).ok_or("its path does not fit the endpoint's template")?;
    granted.template.expand(&values).map_err(|_| "its path does not fit the endpoint's template")
}

fn parameters(query: &str) -> Result<Vec<(String, String)>, &'static str> {
    let decode = |text: &str| -> Result<String, &'static str> {
        let text = text.replace('+', " ");
        let text = percent_decode_str(&text).decode_utf8().map_err(|_| "its query is not UTF-8")?;
        Ok(text.into_owned())
    };
    let members = query.split('&').filter(|member| !member.is_empty());
    members
        .map(|member| {
            let (name, value) = member.split_once('=').unwrap_or((member, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

/// A link repeats the fixed parameters it was answered for; with another value it is refused.
fn without_fixed(
    granted: &Granted,
    parameters: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, &'static str> {
    let mut free = Vec::new();
    for (name, value) in parameters {
        match granted.query.iter().find(|(fixed, _)| *fixed == name) {
            None => free.push((name, value)),
            Some((_, fixed)) if *fixed == value => {}
            Some(_) => return Err("it changes a fixed query parameter"),
        }
    }
    Ok(free)
}
