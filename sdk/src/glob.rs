//! Globs over paths, with the meaning they have at the files door.

/// Whether a path matches a glob: `**` stands for any folders, also none; `*` and `?` stay within a name.
pub fn glob(pattern: &str, path: &str) -> bool {
    fn folders(pattern: &[&str], path: &[&str]) -> bool {
        match pattern.split_first() {
            None => path.is_empty(),
            Some((&"**", [])) => !path.is_empty(),
            Some((&"**", rest)) => (0..=path.len()).any(|skipped| folders(rest, &path[skipped..])),
            Some((first, rest)) => path.split_first().is_some_and(|(name, below)| {
                within(first.as_bytes(), name.as_bytes()) && folders(rest, below)
            }),
        }
    }
    fn within(pattern: &[u8], name: &[u8]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some((b'*', rest)) => (0..=name.len()).any(|skipped| within(rest, &name[skipped..])),
            Some((b'?', rest)) => name.split_first().is_some_and(|(_, after)| within(rest, after)),
            Some((byte, rest)) => {
                name.split_first().is_some_and(|(first, after)| first == byte && within(rest, after))
            }
        }
    }
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    folders(&pattern, &path)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs_match_names_and_folders() {
        assert!(
            glob("**/*.md", "a.md") && glob("**/*.md", "x/y/a.md") && glob("policies/**", "policies/a/b.md")
        );
        assert!(!glob("*.md", "x/a.md") && !glob("**/*.md", "a.txt") && glob("a?c.md", "abc.md"));
    }
}
