//! Anchors: written ones, and those that forges derive from headings.

use std::collections::HashMap;

/// The anchors of a document's headings, so that a second `Scope` becomes `scope-1`, as on a forge.
#[derive(Default)]
pub(super) struct Anchors(HashMap<String, usize>);

impl Anchors {
    /// The anchor of a heading: the written one, or one made of its text.
    pub(super) fn of(&mut self, written: Option<String>, title: &str) -> String {
        let anchor = written.filter(|anchor| !anchor.is_empty()).unwrap_or_else(|| slug(title));
        let count = self.0.entry(anchor.clone()).or_default();
        *count += 1;
        if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
    }
}

/// Lower case, spaces become dashes, punctuation is dropped.
fn slug(title: &str) -> String {
    let kept = title.trim().chars().filter_map(|character| match character {
        ' ' => Some('-'),
        '-' | '_' => Some(character),
        _ if character.is_alphanumeric() => Some(character),
        _ => None,
    });
    let slug: String = kept.flat_map(char::to_lowercase).collect();
    if slug.is_empty() { "section".into() } else { slug }
}

/// An anchor written behind a clause: `… {#no-sharing}`, also with a colon as in kramdown.
pub(super) fn trailing(text: &str) -> Option<String> {
    let inside = text.trim_end().strip_suffix('}')?;
    let (_, inside) = inside.rsplit_once('{')?;
    let id = inside.strip_prefix(':').unwrap_or(inside).trim().strip_prefix('#')?;
    is_anchor(id).then(|| id.to_owned())
}

/// An anchor in raw HTML: `<a id="no-sharing"></a>`.
pub(super) fn in_html(html: &str) -> Option<String> {
    let tag = html.trim().strip_prefix("<a").filter(|rest| rest.starts_with(char::is_whitespace))?;
    let (_, value) = tag.split_once(" id=").or_else(|| tag.split_once(" name="))?;
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let id = value[1..].split(quote).next()?;
    is_anchor(id).then(|| id.to_owned())
}

fn is_anchor(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 200
        && !id.contains(|bad: char| {
            bad.is_whitespace() || bad.is_control() || matches!(bad, '{' | '}' | '#' | '"' | '<' | '>')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_get_the_anchors_that_forges_give_them() {
        let mut anchors = Anchors::default();
        assert_eq!(anchors.of(None, "Shared credentials (legacy)"), "shared-credentials-legacy");
        assert_eq!(anchors.of(None, "Scope"), "scope");
        assert_eq!(anchors.of(None, "Scope"), "scope-1");
        assert_eq!(anchors.of(None, "Scope"), "scope-2");
        assert_eq!(anchors.of(Some("sec-4".into()), "Scope"), "sec-4");
        assert_eq!(anchors.of(None, "§!"), "section");
        assert_eq!(anchors.of(None, "Größe & Maß"), "größe--maß");
    }

    #[test]
    fn written_anchors_are_found() {
        assert_eq!(trailing("Services MUST … {#no-sharing}"), Some("no-sharing".into()));
        assert_eq!(trailing("Services MUST … {: #no-sharing}\n"), Some("no-sharing".into()));
        assert_eq!(trailing("Use {{ name }}"), None);
        assert_eq!(trailing("Use {#a b}"), None);
        assert_eq!(in_html("<a id=\"x-1\">"), Some("x-1".into()));
        assert_eq!(in_html("<a href='#x'>"), None);
        assert_eq!(in_html("<abbr id=\"x\">"), None);
    }
}
